"""Workbooks: a page a sheet, which begins with the sheet's name; values as they are shown, formulas by the results that were saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.extract.errors import CorruptFile, UnsupportedFormat
from pipeline.extract.text.formats.archive import Archive, PartDamaged, opened
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.facts import read_facts
from pipeline.extract.text.formats.markup import END, START, TEXT, Event, whole
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.tables import pieces
from pipeline.extract.text.formats.xlsx_values import Look, Merge, column_of, merge_of, read_looks, shown
from pipeline.extract.text.model import TextDocument

_MAX_SHEETS: Final = 5000
_MAX_MERGES: Final = 100_000
_MAX_FILLED: Final = 2_000_000  # rows of a sheet that cells merged downwards are looked for in
_SPARE: Final = 2  # shared texts kept, in times of the text that a document may have: many stand in cells more than once


@dataclass(frozen=True, slots=True)
class _SheetEntry:
    name: str
    part: str
    is_hidden: bool


@dataclass
class _Book:
    """What a workbook's sheets have in common."""

    archive: Archive
    builder: TextBuilder
    texts: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    from_1904: bool = False
    without_values: int = 0  # formulas whose results were not saved


@dataclass(slots=True)
class _Cell:
    column: int = 0
    kind: str = "n"
    look: int = 0
    has_formula: bool = False
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """A row's cells that hold something, by column."""

    number: int
    cells: dict[int, str] = field(default_factory=dict)


def read_xlsx(raw: Raw) -> TextDocument:
    """The text of a workbook; raises an ExtractionError where it cannot be read at all."""
    builder = TextBuilder("xlsx", raw.options)
    with opened(raw.data, "a workbook") as archive:
        main = archive.main_part("xl/workbook.xml")
        if main.endswith(".bin") or (main not in archive and "xl/workbook.bin" in archive):
            raise UnsupportedFormat("a binary workbook (XLSB): save it as .xlsx")
        if archive.is_other(main, "workbook"):
            raise CorruptFile("the archive holds no workbook: give it its right extension, or replace the file")
        read_facts(archive, builder)
        book = _Book(archive, builder)
        sheets = _sheets(book, main)
        _read_parts(book, main)
        readable = [_read_sheet(book, sheet) for sheet in sheets]
        if not any(readable):
            raise CorruptFile("none of the workbook's sheets can be read: open it in Excel and save it again, or replace the file")
    _report(book, sheets)
    return builder.document()


def _report(book: _Book, sheets: list[_SheetEntry]) -> None:
    hidden = [sheet.name for sheet in sheets if sheet.is_hidden]
    book.builder.set_names("sheets", [sheet.name for sheet in sheets])
    book.builder.set_names("hidden_sheets", hidden)
    for name in hidden[:20]:
        book.builder.warn(f"hidden_sheet:{name[:100]}")
    if book.without_values:
        book.builder.warn(f"formulas_without_values:{book.without_values}", partial=True)


def _sheets(book: _Book, main: str) -> list[_SheetEntry]:
    relations = book.archive.relations(main)
    found: list[_SheetEntry] = []
    try:
        for kind, name, attributes in book.archive.events(main):
            if kind == START and name == "sheet" and len(found) < _MAX_SHEETS:
                of, part = relations.get(attributes.get("r:id", ""), ("", ""))
                if of == "worksheet":
                    found.append(_SheetEntry(attributes.get("name", ""), part, attributes.get("state", "visible") != "visible"))
            elif kind == START and name == "workbookPr":
                book.from_1904 = attributes.get("date1904") in ("1", "true")
    except PartDamaged:
        book.builder.warn("workbook_damaged", partial=True)
    if not found:  # the list is gone: the sheets may still be there
        found = [_SheetEntry(part.rpartition("/")[2].removesuffix(".xml"), part, False)
                 for part in book.archive.names("xl/worksheets/") if part.endswith(".xml")]
    return found


def _read_parts(book: _Book, main: str) -> None:
    """The texts and looks that cells refer to."""
    for of, part in book.archive.relations(main).values():
        try:
            if of == "sharedStrings":
                _read_texts(book, part)
            elif of == "styles":
                book.looks = read_looks(book.archive.events(part))
        except PartDamaged:
            book.builder.warn(f"{of}_damaged", partial=True)


def _read_texts(book: _Book, part: str) -> None:
    room = _SPARE * book.builder.options.text_max_chars
    text: list[str] = []
    in_text, phonetic = False, 0
    for kind, name, _attributes in book.archive.events(part):
        if kind == TEXT:
            if in_text and not phonetic:
                text.append(name)
        elif name == "t":
            in_text = kind == START
        elif name == "rPh":  # how to pronounce it
            phonetic += 1 if kind == START else -1
        elif name == "si" and kind == END:
            book.texts.append("".join(text))
            text.clear()
            room -= len(book.texts[-1]) + 1
            if room < 0:
                book.builder.warn("truncated", partial=True)
                return


def _read_sheet(book: _Book, sheet: _SheetEntry) -> bool:
    """One sheet as a page; returns whether it was read to its end, or anything in it."""
    builder = book.builder
    if builder.is_full:
        return True
    rows: list[_Row] = []
    reader = _Rows(book)
    is_whole = True
    try:
        for row in reader.read(book.archive.events(sheet.part)):
            rows.append(row)
    except PartDamaged:
        builder.warn(f"sheet_damaged:{sheet.name[:100]}", partial=True)
        is_whole = False
    builder.add(sheet.name, "heading", level=1)
    _fill_down(rows, reader.merges)
    for piece in pieces(_grid(rows)):
        builder.add(piece.text, piece.kind, header_rows=piece.header_rows)
    builder.end_page(even_if_empty=True)
    return is_whole or bool(rows)


class _Rows:
    """Reads a sheet's rows that hold something, and what is merged in it; no more than the document has room for."""

    def __init__(self, book: _Book) -> None:
        self.merges: list[Merge] = []
        self._book = book
        self._row = _Row(0)
        self._cell = _Cell()
        self._in_value = False
        self._room = book.builder.room

    def read(self, events: Iterator[Event]) -> Iterator[_Row]:
        for kind, name, attributes in events:
            if kind == START:
                self._start(name, attributes)
            elif kind == TEXT:
                if self._in_value:
                    self._cell.pieces.append(name)
            else:
                self._in_value = False
                if name == "c":
                    self._room -= _take(self._book, self._row, self._cell) + 1
                elif name == "row" and self._row.cells:
                    yield self._row
                if self._room < 0:
                    yield self._row
                    self._book.builder.warn("truncated", partial=True)
                    return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._in_value = name in ("v", "t")
        if name == "c":
            self._cell = _cell(attributes, self._cell.column)
        elif name == "f":
            self._cell.has_formula = True
        elif name == "row":
            self._row, self._cell = _Row(whole(attributes.get("r"), self._row.number + 1)), _Cell()
        elif name == "mergeCell" and len(self.merges) < _MAX_MERGES:
            self.merges.extend(merge_of(attributes.get("ref", "")))


def _cell(attributes: dict[str, str], column: int) -> _Cell:
    return _Cell(column_of(attributes.get("r", ""), column + 1), attributes.get("t", "n"), whole(attributes.get("s")))


def _take(book: _Book, row: _Row, cell: _Cell) -> int:
    """Put a cell's value into its row; returns how many characters it has."""
    value = "".join(cell.pieces)
    if cell.kind == "s":
        at = whole(value, len(book.texts))
        value = book.texts[at] if at < len(book.texts) else ""
    elif cell.kind in ("n", ""):
        value = shown(value, book.looks[cell.look] if cell.look < len(book.looks) else Look.PLAIN, from_1904=book.from_1904)
    elif cell.kind == "b":
        value = "TRUE" if value.strip() in ("1", "true") else "FALSE"
    if value.strip():
        row.cells[cell.column] = value
    elif cell.has_formula and not cell.pieces and cell.kind != "str":
        book.without_values += 1
    return len(value)


def _fill_down(rows: list[_Row], merges: list[Merge]) -> None:
    """Give each row of a cell that was merged downwards its value, so that every row can be read alone."""
    by_number = {row.number: row for row in rows}
    left = _MAX_FILLED
    for merge in merges:
        first = by_number.get(merge.first_row)
        value = first.cells.get(merge.column) if first is not None else None
        left -= merge.last_row - merge.first_row
        if value is None or left < 0:
            continue
        for number in range(merge.first_row + 1, merge.last_row + 1):
            row = by_number.get(number)
            if row is not None:
                row.cells.setdefault(merge.column, value)


def _grid(rows: list[_Row]) -> Iterator[list[str]]:
    """Rows of cells without the columns that no row uses; one empty row where the sheet has any number of them."""
    columns = sorted({column for row in rows for column in row.cells})
    previous: int | None = None
    for row in rows:
        if previous is not None and row.number > previous + 1:
            yield []
        previous = row.number
        yield [row.cells.get(column, "") for column in columns]
