"""The flow of a Word document's part: paragraphs and tables as they come, tracked deletions and hidden text left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.extract.text.formats.docx_styles import outline_level
from pipeline.extract.text.formats.markup import END, START, TEXT, Event, whole

# What is not part of the text as it stands: deletions, the older of two forms, former properties, and what a field computes itself from.
_SKIPPED: Final = frozenset({
    "del", "moveFrom", "Fallback", "pPrChange", "rPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange", "instrText",
    "delText", "delInstrText", "binData", "rt"})
_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_OFF: Final = ("0", "false", "off")
_SEPARATORS: Final = ("separator", "continuationSeparator", "continuationNotice")  # notes that are lines, not texts
# Signs of the font Symbol that technical text uses, by their places in it.
_SYMBOLS: Final = dict(zip(
    (0x22, 0x24, 0x44, 0x46, 0x47, 0x4C, 0x50, 0x53, 0x57, 0x61, 0x62, 0x64, 0x65, 0x66, 0x67, 0x68, 0x6C, 0x6D, 0x70, 0x71, 0x72, 0x73,
     0x74, 0x77, 0xA3, 0xA5, 0xAE, 0xB0, 0xB1, 0xB3, 0xB4, 0xB7, 0xB9, 0xBB, 0xC6, 0xD0, 0xD6, 0xE5),
    "∀∃ΔΦΓΛΠΣΩαβδεφγηλμπθρστω≤∞→°±≥×•≠≈∅∠√∑", strict=True))


@dataclass(slots=True)
class Item:
    """A paragraph, or a table where it has rows.

    level            of a heading as the paragraph itself says: 0 for none; None where only its style says
    numbering        id of its own numbering, and its level; None where only its style says
    """

    text: str = ""
    style: str | None = None
    level: int | None = None
    numbering: str | None = None
    numbering_level: int | None = None
    rows: list[list[str]] = field(default_factory=list)
    header_rows: int = 0


@dataclass(slots=True)
class _Paragraph:
    item: Item = field(default_factory=Item)
    pieces: list[str] = field(default_factory=list)
    after: list[Item] = field(default_factory=list)  # what text boxes in it hold


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    header_rows: int = 0
    row: list[str] = field(default_factory=list)
    is_header: bool = False
    is_deleted: bool = False
    span: int = 1
    is_continued: bool = False


@dataclass(slots=True)
class _Frame:
    """Something that holds paragraphs: the part itself, a cell, a text box. kind: 'body', 'cell', 'box'."""

    kind: str
    items: list[Item] = field(default_factory=list)


class Body:
    """Reads one part.

    note     'footnote' or 'endnote' where the part is a list of those
    numbers  the document's notes in the order in which its text refers to them
    """

    def __init__(self, *, note: str | None = None, numbers: dict[str, int] | None = None) -> None:
        self._note = note
        self._numbers = {} if numbers is None else numbers
        self._frames = [_Frame("body")]
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._path: list[str] = []  # open elements within the innermost run or properties that matter
        self._skip = 0
        self._is_text = self._is_hidden = False
        self._label = ""

    def items(self, events: Iterable[Event]) -> Iterator[Item]:
        """The paragraphs and tables, each as soon as it is complete."""
        body = self._frames[0]
        for kind, name, attributes in events:
            if self._skip:
                self._skip += (kind == START) - (kind == END)
            elif kind == TEXT:
                if self._is_text and not self._is_hidden and self._paragraphs:
                    self._paragraphs[-1].pieces.append(name)
            elif kind == START:
                self._start(name, attributes)
            else:
                self._end(name)
                if body.items and len(self._frames) == 1:
                    yield from body.items
                    body.items.clear()

    def rest(self) -> Iterator[Item]:
        """What is complete of a part that broke off, the table and the paragraph in which it did included."""
        self._skip = 0
        while len(self._frames) > 1 or self._paragraphs or self._tables:
            if self._paragraphs and self._paragraphs[-1].pieces:
                self._end("p")
            elif self._paragraphs:
                self._paragraphs.pop()
            elif len(self._frames) > 1 and self._frames[-1].kind == "box":
                self._frames[-2].items.extend(self._frames.pop().items)
            elif self._tables:
                for name in ("tc", "tr", "tbl") if len(self._frames) > 1 else ("tr", "tbl"):
                    self._end(name)
            else:
                self._frames.pop()
        yield from self._frames[0].items

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _SKIPPED:
            self._skip_from(name)
        elif name in ("t", "tab", "br", "cr", "noBreakHyphen", "ptab", "sym", "r", "vanish"):
            self._start_run(name, attributes)
        elif name == "p":
            self._paragraphs.append(_Paragraph())
            self._is_hidden = False
        elif name in ("tbl", "tr", "tc", "trPr", "tblHeader", "gridBefore", "gridSpan", "vMerge"):
            self._start_table(name, attributes)
        elif name == "txbxContent":
            self._frames.append(_Frame("box"))
        elif self._paragraphs:
            self._start_properties(name, attributes)
        elif name == self._note:
            self._start_note(name, attributes)

    def _skip_from(self, name: str) -> None:
        if name == "del" and self._tables and self._path[-1:] == ["trPr"]:
            self._tables[-1].is_deleted = True
        self._skip = 1

    def _start_run(self, name: str, attributes: dict[str, str]) -> None:
        if not self._paragraphs:
            return
        if name == "t":
            self._is_text = True
        elif name == "r":
            self._is_hidden = False
        elif name == "vanish":
            self._is_hidden = "r" in self._path and attributes.get("val", "1") not in _OFF
        elif name == "sym":
            self._paragraphs[-1].pieces.append(_symbol(attributes))
        elif "tabs" not in self._path:  # tab stops among a paragraph's properties have the same name
            self._paragraphs[-1].pieces.append(_BREAKS[name])
        if name == "r":
            self._path.append(name)

    def _start_properties(self, name: str, attributes: dict[str, str]) -> None:
        item, value = self._paragraphs[-1].item, attributes.get("val")
        if name in ("tabs", "pPr"):
            self._path.append(name)
        elif name == "pStyle":
            item.style = value
        elif name == "outlineLvl":
            item.level = outline_level(value)
        elif name == "numId":
            item.numbering = value
        elif name == "ilvl":
            item.numbering_level = whole(value)
        elif name in ("footnoteReference", "endnoteReference") and attributes.get("id"):
            self._paragraphs[-1].pieces.append(self._number(name.removesuffix("Reference"), attributes))

    def _start_note(self, name: str, attributes: dict[str, str]) -> None:
        if attributes.get("type") in _SEPARATORS:
            self._skip = 1
        else:
            self._label = f"{self._number(name, attributes)} "

    def _number(self, note: str, attributes: dict[str, str]) -> str:
        key = f"{note} {attributes.get('id', '')}"
        return f"[{self._numbers.setdefault(key, len(self._numbers) + 1)}]"

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._tables.append(_Table())
            return
        if not self._tables:
            return
        table = self._tables[-1]
        if name == "tr":
            table.row, table.is_header, table.is_deleted = [], False, False
        elif name == "trPr":
            self._path.append(name)
        elif name == "tc":
            table.span, table.is_continued = 1, False
            self._frames.append(_Frame("cell"))
        elif name == "tblHeader":
            table.is_header = attributes.get("val", "1") not in _OFF
        elif name == "gridSpan":
            table.span = _columns(attributes) or 1
        elif name == "gridBefore":
            table.row.extend([""] * _columns(attributes))
        elif name == "vMerge":
            table.is_continued = attributes.get("val") != "restart"

    def _end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif self._path and self._path[-1] == name:
            self._path.pop()
        elif name == "p" and self._paragraphs:
            self._end_paragraph()
        elif name == "txbxContent" and len(self._frames) > 1:
            box = self._frames.pop()
            (self._paragraphs[-1].after if self._paragraphs else self._frames[-1].items).extend(box.items)
        elif name in ("tc", "tr", "tbl") and self._tables:
            self._end_table(name)

    def _end_paragraph(self) -> None:
        paragraph = self._paragraphs.pop()
        paragraph.item.text = self._label + "".join(paragraph.pieces)
        self._label = "" if paragraph.pieces else self._label
        self._frames[-1].items.append(paragraph.item)
        self._frames[-1].items.extend(paragraph.after)
        self._is_hidden = False

    def _end_table(self, name: str) -> None:
        table = self._tables[-1]
        if name == "tc":
            if self._frames[-1].kind == "cell":
                items = self._frames.pop().items
                text = _above(table) if table.is_continued else " ".join(_flat(item) for item in items).strip()
                table.row.extend([text, *[""] * (table.span - 1)])
        elif name == "tr":
            if table.row and not table.is_deleted:
                table.header_rows += table.is_header and table.header_rows == len(table.rows)
                table.rows.append(table.row)
            table.row = []
        else:
            self._tables.pop()
            if any(cell for row in table.rows for cell in row):
                self._frames[-1].items.append(Item(rows=table.rows, header_rows=table.header_rows))


def _columns(attributes: dict[str, str]) -> int:
    return min(whole(attributes.get("val")), 100)


def _above(table: _Table) -> str:
    """What stands in the cell that goes on in the next one, so that every row can be read alone."""
    column = len(table.row)
    return table.rows[-1][column] if table.rows and column < len(table.rows[-1]) else ""


def _flat(item: Item) -> str:
    """An item within a cell as a run of text."""
    return " ".join(cell for row in item.rows for cell in row if cell) if item.rows else item.text


def _symbol(attributes: dict[str, str]) -> str:
    """A character given by its place in a font: what the font Symbol has there, or nothing where only the font knows."""
    try:
        code = int(attributes.get("char", ""), 16)
    except ValueError:
        return ""
    if attributes.get("font") == "Symbol":
        return _SYMBOLS.get(code & 0xFF, "")
    return chr(code) if 0x20 <= code < 0xD800 else ""
