"""SVG: its title, its descriptions and the texts that it draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.extract.errors import CorruptFile
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.markup import END, START, MarkupError, events
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

_PIECE: Final = 65_536
_TEXTS: Final = frozenset({"text", "title", "desc", "p", "div"})


def read_svg(raw: Raw) -> TextDocument:
    """The texts of an SVG drawing in the order in which they stand in the file; raises CorruptFile where there is no XML."""
    builder = TextBuilder("text", raw.options)
    found = _Texts(builder)
    try:
        found.read(raw.data)
    except MarkupError as error:
        builder.warn("damaged", partial=True)
        if not found.elements:
            raise CorruptFile("the SVG is no XML: open it in the program that made it and save it again") from error
    return builder.document()


class _Texts:
    """The texts of a drawing. elements: how many began."""

    def __init__(self, builder: TextBuilder) -> None:
        self.elements = 0
        self._builder = builder
        self._path: list[str] = []
        self._pieces: list[str] = []
        self._room = builder.room

    def read(self, data: bytes) -> None:
        for kind, name, _attributes in events(_pieces(data), allow_doctype=True):
            if kind == START:
                self._start(name)
            elif kind == END:
                self._end(name)
            elif self._path:
                self._pieces.append(name)
                self._room -= len(name)
            if self._builder.is_full or self._room < -_PIECE:
                self._builder.truncate()
                return

    def _start(self, name: str) -> None:
        self.elements += 1
        if name in _TEXTS:
            self._path.append(name)
        elif name == "tspan":  # a line of its own more often than not
            self._pieces.append(" ")

    def _end(self, name: str) -> None:
        if not self._path or self._path[-1] != name:
            return
        self._path.pop()
        text = " ".join("".join(self._pieces).split())
        if self._path:
            return
        self._pieces = []
        if name == "title" and self._builder.title is None:
            self._builder.title = text
            self._builder.add(text, "heading", level=1)
        else:
            self._builder.add(text)


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
