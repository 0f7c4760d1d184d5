"""Presentations: a page a slide, its title first, shapes as they are read, tables, diagrams, and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.extract.errors import CorruptFile
from pipeline.extract.text.formats.archive import Archive, PartDamaged, opened
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.facts import read_facts
from pipeline.extract.text.formats.markup import END, START, TEXT, Event
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.tables import header_rows, table_text
from pipeline.extract.text.model import TextDocument

_MAX_SLIDES: Final = 10_000
_MAX_SHAPES: Final = 20_000  # of one slide
_TITLES: Final = ("title", "ctrTitle")
_FOOTERS: Final = ("ftr", "dt", "sldNum", "hdr")
_BODIES: Final = ("body", "obj", "")


@dataclass(slots=True)
class _Shape:
    """One shape. role: what placeholder it is, None for a free one; top, left: in its group or on the slide, in EMU."""

    role: str | None = None
    top: int | None = None
    left: int | None = None
    paragraphs: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    has_header: bool = False
    diagram: str = ""  # relationship of a diagram's texts
    members: list[_Shape] | None = None  # of a group

    @property
    def place(self) -> tuple[int, int]:
        """Where it is read: rows of shapes from the top, each from the left. Placeholders without a place come first."""
        return (self.top if self.top is not None else -1, self.left or 0)


def read_pptx(raw: Raw) -> TextDocument:
    """The text of a presentation; raises an ExtractionError where it cannot be read at all."""
    builder = TextBuilder("pptx", raw.options)
    with opened(raw.data, "a presentation") as archive:
        main = archive.main_part("ppt/presentation.xml")
        if archive.is_other(main, "presentation"):
            raise CorruptFile("the archive holds no presentation: give it its right extension, or replace the file")
        read_facts(archive, builder)
        parts = _slides(archive, main)
        whole = [_read_slide(archive, part, builder) for part in parts if not builder.is_full]
        if not any(whole) and builder.room == builder.options.text_max_chars and parts:
            raise CorruptFile("none of the slides can be read: open the file in PowerPoint and save it again, or replace it")
    builder.properties["slides"] = len(parts)
    return builder.document()


def _slides(archive: Archive, main: str) -> list[str]:
    """The slides' parts in their order; by their names where the order is lost."""
    relations = archive.relations(main)
    found: list[str] = []
    try:
        for kind, name, attributes in archive.events(main):
            if kind == START and name == "sldId" and attributes.get("r:id") in relations:
                found.append(relations[attributes["r:id"]][1])
    except PartDamaged:
        found = []
    if not found:
        parts = [part for part in archive.names("ppt/slides/slide") if part.endswith(".xml")]
        found = sorted(parts, key=lambda part: (len(part), part))
    return found[:_MAX_SLIDES]


def _read_slide(archive: Archive, part: str, builder: TextBuilder) -> bool:
    """One slide as a page; returns whether it was read to its end."""
    relations = archive.relations(part)
    reader = _SlideReader(builder.room)
    is_whole = reader.read(archive, part)
    if not is_whole:
        builder.warn("slide_damaged", partial=True)
    if reader.is_hidden:
        builder.warn("hidden_slides")
    shapes = list(_in_order(reader.shapes))
    for shape in (*[one for one in shapes if one.role in _TITLES], *[one for one in shapes if one.role not in _TITLES]):
        _add(shape, builder)
        if shape.diagram in relations:
            _add_diagram(archive, relations[shape.diagram][1], builder)
    for path in (path for of, path in relations.values() if of == "notesSlide"):
        notes = _SlideReader(builder.room)
        if not notes.read(archive, path):
            builder.warn("notes_damaged", partial=True)
        for shape in notes.shapes:
            if shape.role == "body":
                builder.add("\n".join(shape.paragraphs))
    builder.end_page(even_if_empty=True)
    return is_whole


def _in_order(shapes: Iterable[_Shape]) -> Iterator[_Shape]:
    """Shapes as they are read, members of a group together."""
    for shape in sorted(shapes, key=lambda shape: shape.place):
        if shape.members is None:
            yield shape
        else:
            yield from _in_order(shape.members)


def _add(shape: _Shape, builder: TextBuilder) -> None:
    if shape.rows:
        headed = 1 if shape.has_header and len(shape.rows) > 1 else header_rows(shape.rows)
        builder.add(table_text(shape.rows), "table", header_rows=headed)
    paragraphs = [text for text in shape.paragraphs if text.strip()]
    if not paragraphs:
        return
    if shape.role in _TITLES:
        builder.add(" ".join(" ".join(paragraphs).split()), "heading", level=1)
    elif shape.role in _FOOTERS:
        builder.add("\n".join(paragraphs), "footer")
    else:
        is_list = shape.role in _BODIES and len(paragraphs) > 1
        builder.add("\n".join(paragraphs), "list" if is_list else "text")


def _add_diagram(archive: Archive, part: str, builder: TextBuilder) -> None:
    reader = _SlideReader(builder.room)
    if not reader.read(archive, part):
        builder.warn("diagram_damaged", partial=True)
    builder.add("\n".join(text for text in reader.loose if text.strip()), "list")


class _SlideReader:
    """Reads the shapes of one slide, of one page of notes, or the texts of a diagram."""

    def __init__(self, room: int) -> None:
        self._room = 3 * room + 1000  # characters, blanks between elements among them
        self.shapes: list[_Shape] = []
        self.loose: list[str] = []  # paragraphs that stand in no shape
        self.is_hidden = False
        self._groups: list[_Shape] = []
        self._shape: _Shape | None = None
        self._count = 0
        self._pieces: list[str] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._is_text = False
        self._skip = 0

    def read(self, archive: Archive, part: str) -> bool:
        """Read a part; returns whether it was whole."""
        try:
            for event in archive.events(part):
                self._take(event)
                self._room -= len(event[1]) if event[0] == TEXT else 0
                if self._count > _MAX_SHAPES or self._room < 0:
                    return False
        except PartDamaged:
            return False
        return True

    def _take(self, event: Event) -> None:
        kind, name, attributes = event
        if self._skip:
            self._skip += (kind == START) - (kind == END)
        elif kind == TEXT:
            if self._is_text:
                self._pieces.append(name)
        elif kind == END:
            self._end(name)
        elif name == "Fallback":  # of a shape in another, older form
            self._skip = 1
        elif name in ("sp", "graphicFrame", "grpSp", "cxnSp", "pic"):
            self._start_shape(name)
        elif name in ("t", "br", "p", "tc", "tr"):
            self._start_text(name, attributes)
        elif name == "sld":
            self.is_hidden = attributes.get("show") in ("0", "false")
        else:
            self._start_property(name, attributes)

    def _start_shape(self, name: str) -> None:
        shape = _Shape(members=[] if name == "grpSp" else None)
        holder = self._groups[-1].members if self._groups else None
        (self.shapes if holder is None else holder).append(shape)
        self._count += 1
        if name == "grpSp":
            self._groups.append(shape)
        else:
            self._shape = shape

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._is_text = True
        elif name == "br":
            self._pieces.append("\n")
        elif name == "p":
            self._pieces = []
        elif name == "tr":
            self._row = []
        else:
            self._cell = []
            if self._row is not None and (attributes.get("hMerge") or attributes.get("vMerge")):
                self._row.append("")
                self._cell, self._skip = None, 1

    def _start_property(self, name: str, attributes: dict[str, str]) -> None:
        shape = self._shape or (self._groups[-1] if self._groups else None)
        if shape is None:
            return
        if name == "ph":
            shape.role = attributes.get("type", "")
        elif name == "off" and shape.top is None:
            shape.top, shape.left = _whole(attributes.get("y")), _whole(attributes.get("x"))
        elif name == "tblPr":
            shape.has_header = attributes.get("firstRow") in ("1", "true")
        elif name == "relIds":
            shape.diagram = attributes.get("r:dm", "")

    def _end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "p":
            self._end_paragraph("".join(self._pieces))
        elif name == "tc" and self._row is not None and self._cell is not None:
            self._row.append(" ".join(self._cell))
            self._cell = None
        elif name == "tr" and self._row is not None:
            if self._shape is not None and any(self._row):
                self._shape.rows.append(self._row)
            self._row = None
        elif name == "grpSp" and self._groups:
            self._groups.pop()
        elif name in ("sp", "graphicFrame", "cxnSp", "pic"):
            self._shape = None

    def _end_paragraph(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)
        else:
            (self.loose if self._shape is None else self._shape.paragraphs).append(text)
        self._pieces = []


def _whole(value: str | None) -> int | None:
    try:
        return int((value or "")[:12])  # may be negative
    except ValueError:
        return None
