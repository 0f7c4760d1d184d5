"""The flow of an HTML page into blocks.

A table whose cells hold tables or headings is there for the layout: its cells are read as text, one after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.markup import whole
from pipeline.extract.text.formats.tables import header_rows, table_text

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
# Elements that begin and end on lines of their own.
_BLOCKS: Final = frozenset({
    "p", "div", "section", "article", "main", "aside", "header", "footer", "address", "blockquote", "figure", "form", "fieldset", "dl",
    "dt", "dd", "details", "summary", "center", "hr", "body", "hgroup", "search", "legend", "caption", "figcaption"})
_CAPTIONS: Final = frozenset({"caption", "figcaption"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MAX_CELLS: Final = 1_000_000  # of one table
_MAX_SPAN: Final = 100
_MAX_ROW_SPAN: Final = 65_534  # as in browsers


@dataclass(slots=True)
class _Table:
    """A table being collected; a layout table only remembers that it is one."""

    rows: list[list[str]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)  # whether a row has header cells alone
    is_layout: bool = False
    in_head: bool = False
    in_cell: bool = False
    span: int = 1
    row_span: int = 1
    covered: dict[int, int] = field(default_factory=dict)  # column → the row at which a cell from above ends there
    cells: int = 0

    def add(self, text: str) -> None:
        """A cell, in the first column that none from above reaches into."""
        row, number = self.rows[-1], len(self.rows) - 1
        while self.covered.get(len(row), 0) > number and self.cells <= _MAX_CELLS:
            row.append("")
            self.cells += 1
        if self.cells <= _MAX_CELLS:
            if self.row_span > 1:
                self.covered |= dict.fromkeys(range(len(row), len(row) + self.span), number + self.row_span)
            row.extend([text, *[""] * (self.span - 1)])
        self.cells += self.span


class Flow:
    """Takes elements as they begin and end, and adds blocks to a builder."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._pieces: list[str] = []
        self._tables: list[_Table] = []
        self._lists: list[int | None] = []  # count of an ordered list, None for another
        self._items: list[str] = []  # of the outermost list
        self._mark = ""
        self._pre = 0
        self._heading = 0
        self._kind = "text"

    def enter(self, tag: str, node: Any) -> None:
        """An element begins, or a text stands here."""
        if tag == "-text":
            text = node.text_content or ""
            self._pieces.append(text if self._pre else _BLANKS.sub(" ", text))
        elif tag in ("br", "hr"):
            self._pieces.append("\n")
        elif tag == "img":
            self._pieces.append(f" {(node.attributes.get('alt') or '')[:500]} ")
        elif tag in ("table", "tr", "td", "th", "thead"):
            self._enter_table(tag, node)
        elif tag in ("ul", "ol", "li", "menu"):
            self._enter_list(tag)
        elif tag == "pre":
            self._flush()
            self._pre += 1
        elif tag in _HEADINGS:
            self._enter_heading(tag)
        elif tag in _BLOCKS:
            self._break()
            self._kind = "caption" if tag in _CAPTIONS else self._kind

    def leave(self, tag: str) -> None:
        """An element ends."""
        if tag in ("table", "tr", "td", "th", "thead"):
            self._leave_table(tag)
        elif tag in ("ul", "ol", "li", "menu"):
            self._leave_list(tag)
        elif tag == "pre":
            self._flush("code")
            self._pre = max(0, self._pre - 1)
        elif tag in _HEADINGS:
            self._flush("heading")
            self._heading = 0
        elif tag in _BLOCKS:
            self._break()
            self._kind = "text"

    def finish(self) -> None:
        """The page ends: what is open is closed."""
        while self._tables:
            self._leave_table("table")
        while self._lists:
            self._leave_list("ul")
        self._flush()

    @property
    def _collecting(self) -> _Table | None:
        """The table whose cells are being collected."""
        return self._tables[-1] if self._tables and not self._tables[-1].is_layout else None

    def _text(self) -> str:
        text = "".join(self._pieces)
        self._pieces = []
        return text if self._pre else "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")

    def _break(self) -> None:
        """A block ends here; within a cell or a list item, the line does."""
        if self._collecting is not None or self._lists or self._heading:
            if self._pieces and self._pieces[-1] != "\n":
                self._pieces.append("\n")
        else:
            self._flush()

    def _flush(self, kind: str | None = None) -> None:
        if self._collecting is not None:
            return
        if self._lists and kind != "heading":
            self._end_item()
            return
        text = self._text()
        if not text.strip():
            return
        if kind == "heading" and self._heading:
            self._builder.add(" ".join(text.split()), "heading", level=self._heading)
        else:
            self._builder.add(text, "code" if self._pre else self._kind)

    def _enter_heading(self, tag: str) -> None:
        if self._collecting is not None:
            self._make_layout()
        if self._lists:
            self._end_item()
            self._add_list()
        self._flush()
        self._heading = _HEADINGS[tag]

    def _enter_list(self, tag: str) -> None:
        if self._collecting is not None:
            self._break()
            return
        if tag == "li":
            self._end_item()
            count = self._lists[-1] if self._lists else None
            if self._lists and count is not None:
                self._lists[-1] = count + 1
                self._mark = f"{count + 1}."
            else:
                self._mark = "•"
            return
        if self._lists:
            self._end_item()
        else:
            self._flush()
        self._lists.append(0 if tag == "ol" else None)

    def _leave_list(self, tag: str) -> None:
        if self._collecting is not None:
            self._break()
        elif tag == "li":
            self._end_item()
        elif self._lists:
            self._end_item()
            self._lists.pop()
            if not self._lists:
                self._add_list()

    def _end_item(self) -> None:
        text = self._text().strip()
        if not text:
            return
        self._items.append(f"{self._mark} {text}" if self._mark else text)
        self._mark = ""
        if not self._lists:
            self._add_list()

    def _add_list(self) -> None:
        if self._items:
            self._builder.add("\n".join(self._items), "list")
        self._items = []

    def _enter_table(self, tag: str, node: Any) -> None:
        if tag == "table":
            if self._collecting is not None:
                self._make_layout()
            self._flush()
            self._add_list()
            self._tables.append(_Table())
            return
        table = self._collecting
        if table is None:
            self._break()
        elif tag == "thead":
            table.in_head = True
        elif tag == "tr":
            table.rows.append([])
            table.heads.append(True)
        else:
            self._enter_cell(table, tag, node)

    def _enter_cell(self, table: _Table, tag: str, node: Any) -> None:
        self._pieces = []
        table.in_cell = True
        if not table.rows:
            table.rows.append([])
            table.heads.append(True)
        if tag == "td" and not table.in_head:
            table.heads[-1] = False
        table.span = min(whole(node.attributes.get("colspan"), 1) or 1, _MAX_SPAN)
        table.row_span = min(whole(node.attributes.get("rowspan"), 1) or 1, _MAX_ROW_SPAN)

    def _leave_table(self, tag: str) -> None:
        if tag == "table":
            self._end_table()
            return
        table = self._collecting
        if table is None:
            self._break()
        elif tag == "thead":
            table.in_head = False
        elif tag in ("td", "th") and table.in_cell:
            table.add(self._text())
            table.in_cell = False

    def _end_table(self) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if table.is_layout:
            self._break()
            self._tables.pop()
            return
        self._pieces = []
        self._tables.pop()
        rows = [(row, head) for row, head in zip(table.rows, table.heads, strict=True) if any(cell.strip() for cell in row)]
        if self._collecting is not None or not rows:
            return
        cells = [row for row, _ in rows]
        if len(cells) == 1 or max(map(len, cells)) == 1:  # a frame around some text
            for cell in (cell for row in cells for cell in row):
                self._builder.add(cell)
            return
        headed = next((at for at, (_, head) in enumerate(rows) if not head), 0)
        self._builder.add(table_text(cells), "table", header_rows=min(headed, len(cells) - 1) or header_rows(cells))

    def _make_layout(self) -> None:
        """The table holds a table or a heading: what its cells hold is text."""
        table = self._tables[-1]
        pieces = self._pieces
        for cell in (cell for row in table.rows for cell in row):
            self._builder.add(cell)
        table.is_layout, table.rows, table.heads = True, [], []
        self._pieces = pieces
        self._flush()
