"""XML as a run of events, in constant memory: no tree, no network, no DTD, no entity ever expanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.parsers import expat

from pipeline.extract.errors import BombFile

START, END, TEXT = 1, 2, 3
Event = tuple[int, str, dict[str, str]]  # kind; local name, or the text; attributes by local name, 'r:…' where they name a relationship

MAX_DEPTH: Final = 5000  # elements within each other
MAX_TOKEN: Final = 8_000_000  # bytes of one tag or comment; expat looks at it anew with each piece that comes
_SEPARATOR: Final = "\n"  # stands in no name
_RELATIONS: Final = "officeDocument"  # in the namespaces of ids that lead to other parts, which end in 'relationships'
_NONE: Final[dict[str, str]] = {}  # shared by all events without attributes: nobody writes into it
_MAX_NAMES: Final = 10_000  # names remembered: hostile markup has a new one each time


class MarkupError(Exception):
    """The XML is damaged from here on; what came before it counts."""


def whole(value: str | None, otherwise: int = 0) -> int:
    """A whole number of an attribute, not below 0; anything else, and what has more digits than any count, is `otherwise`."""
    return int(value) if value is not None and value.isdecimal() and len(value) <= 9 else otherwise


def events(pieces: Iterable[bytes], *, allow_doctype: bool = False) -> Iterator[Event]:
    """The elements and texts of an XML document that comes in pieces; parameters and errors as for `batches`."""
    for batch in batches(pieces, allow_doctype=allow_doctype):
        yield from batch


def batches(pieces: Iterable[bytes], *, allow_doctype: bool = False) -> Iterator[list[Event]]:
    """The events of each piece of an XML document.

    allow_doctype  for formats whose files have one, such as SVG. Entities that it declares are left out, not expanded

    Raises MarkupError where the XML breaks off, BombFile for a document type where there must be none.
    """
    found: list[Event] = []
    parser = _parser(found, allow_doctype)
    silent = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            silent = 0 if found else silent + len(piece)
            if silent > MAX_TOKEN:
                raise ValueError("a tag or comment without an end")
            yield found.copy()
            found.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an encoding that Python does not know
        yield found
        raise MarkupError(str(error)) from error
    yield found


class _Names(dict[str, str]):
    """Names without their namespaces, each worked out once."""

    def __missing__(self, name: str) -> str:
        space, _, last = name.rpartition(_SEPARATOR)
        result = f"r:{last}" if _RELATIONS in space and space.endswith("relationships") else last
        if len(self) >= _MAX_NAMES:
            self.clear()
        self[name] = result
        return result


def _parser(found: list[Event], allow_doctype: bool) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.buffer_size = 65_536
    names = _Names()
    add = found.append
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        add((START, names[name], {names[key]: value for key, value in attributes.items()} if attributes else _NONE))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        add((END, names[name], _NONE))

    def text(data: str) -> None:
        add((TEXT, data, _NONE))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    if allow_doctype:
        parser.DefaultHandler = _leave_out  # with it set, expat hands entities over as they are written
    else:
        parser.StartDoctypeDeclHandler = _refuse
    return parser


def _leave_out(_data: str) -> None:
    pass


def _refuse(*_declaration: object) -> None:
    raise BombFile("a part of the file declares a document type, from which entities grow: no Office program writes one")
