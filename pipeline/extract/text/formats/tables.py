"""Rows of cells into blocks: what stands above a table, its header, its rows.

A table's text has a line a row and tabs between its cells. Columns that are empty throughout are left out. An empty corner stands as
'-', for a text cannot begin with a tab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.extract.normalise import clean_line

Row = Sequence[str]

_VALUE = re.compile(
    r"[-+(]?[€$£]?\s?\d[\d.,'\s]*(?:[eE][-+]?\d+)?\s?[%€$£)]?"
    r"|\d{4}-\d\d-\d\d(?:T[\d:.]+)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|TRUE|FALSE"
)
_LONGEST_HEADER = 80  # characters of a cell that names a column
_LOOKED_AT = 50  # rows below a header that say what its columns hold
_NAMED = 0.6  # share of the columns in use that a header names
_MAX_ROWS_ABOVE = 10  # lines above the header that are no part of a table


@dataclass(frozen=True, slots=True)
class Piece:
    """Text above or between tables (kind 'text') or a table; rows of cells, those of a table all of one width."""

    kind: str
    text: str
    header_rows: int = 0


def table_text(rows: Iterable[Row]) -> str:
    """Rows of cells as the text of a table; cells are brought onto one line."""
    lines = ["\t".join(clean_line(cell) for cell in row).rstrip("\t") for row in rows]
    if lines and lines[0].startswith("\t"):
        lines[0] = f"-{lines[0]}"
    return "\n".join(line for line in lines if line)


def pieces(rows: Iterable[Row]) -> list[Piece]:
    """A sheet of cells as blocks: parted at empty rows, lone cells above a table as text, header rows counted."""
    found: list[Piece] = []
    region: _Region | None = None
    for group in _groups(rows):
        if region is not None and region.goes_on_in(group):
            region.rows.extend(group)
            continue
        if region is not None:
            found.extend(_region_pieces(region.rows))
        region = _Region(group)
    return [*found, *(_region_pieces(region.rows) if region is not None else ())]


def header_rows(rows: Sequence[Row]) -> int:
    """How many of the first rows name the columns: 1 where the first one holds short, differing words and something stands below."""
    if len(rows) < 2:
        return 0
    first, below = rows[0], rows[1 : _LOOKED_AT + 1]
    named = [cell for cell in first if cell]
    if len(named) < 2 or any(_VALUE.fullmatch(cell) or len(cell) > _LONGEST_HEADER for cell in named):
        return 0
    if len(set(named)) < 0.8 * len(named):
        return 0
    used = [column for column in range(len(first)) if any(_has(row, column) for row in below)]
    headed = [column for column, cell in enumerate(first) if cell]
    full = sum(1 for row in below if 2 * sum(_has(row, column) for column in headed) > len(headed))
    return 1 if 2 * full >= len(below) and sum(1 for column in used if first[column]) >= _NAMED * len(used) else 0


def _has(row: Row, column: int) -> bool:
    return column < len(row) and bool(row[column])


def _groups(rows: Iterable[Row]) -> Iterator[list[list[str]]]:
    group: list[list[str]] = []
    for row in rows:
        cells = [clean_line(cell) if cell else "" for cell in row]
        if any(cells):
            group.append(cells)
        elif group:
            yield group
            group = []
    if group:
        yield group


class _Region:
    """Rows that belong together. Empty rows may stand within a table that has a header."""

    def __init__(self, rows: list[list[str]]) -> None:
        self.rows = rows
        self._columns = _used(rows)
        self._is_headed = header_rows(_without_lead(rows)[1]) > 0

    def goes_on_in(self, below: Sequence[Row]) -> bool:
        """Whether rows after an empty one are more of the same table: the same columns, no header of their own."""
        if not self._is_headed or header_rows(below):
            return False
        columns = _used(below)
        return columns <= self._columns and len(columns) >= max(2, len(self._columns) // 2)


def _used(rows: Sequence[Row]) -> set[int]:
    return {column for row in rows for column, cell in enumerate(row) if cell}


def _without_lead(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """(the rows with one cell each above a table, the table)."""
    count = 0
    while count < min(len(rows), _MAX_ROWS_ABOVE) and sum(1 for cell in rows[count] if cell) == 1:
        count += 1
    return rows[:count], rows[count:]


def _region_pieces(rows: Sequence[Row]) -> Iterator[Piece]:
    columns = sorted(_used(rows))
    if not columns:
        return
    if len(columns) == 1:
        yield Piece("text", "\n".join(row[columns[0]] for row in rows))
        return
    lead, table = _without_lead(rows)
    if lead:
        yield Piece("text", "\n".join(cell for row in lead for cell in row if cell))
    if table:
        columns = sorted(_used(table))
        kept = [[row[column] if column < len(row) else "" for column in columns] for row in table]
        yield Piece("table", table_text(kept), header_rows(kept))
