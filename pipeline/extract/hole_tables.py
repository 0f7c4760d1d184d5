"""Tables of holes: each cell as a named value, such as 'A1 SIZE' = 'Ø5 THRU'."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pipeline.extract.grid import Grid
from pipeline.extract.labels import normal_form
from pipeline.extract.model import Parameter
from pipeline.extract.normalise import clean_line
from pipeline.extract.parameters import read_amount
from pipeline.extract.sheet import TextLine, joined_place
from pipeline.extract.tables import Pieces, Table, ruled_tables, text_rows

_DICTIONARY = Path(__file__).parent / "data" / "parameters.toml"
_CONFIDENCE = 0.8
_MAX_TAG = 8  # characters of a hole's name: A1, 12, H-3
_MAX_HEADER = 20
_DIAMETER_SIGN = "ø"


@cache
def _load() -> tuple[frozenset[str], frozenset[str]]:
    """(headers of the column that names the hole, headers of the others), in their normal form."""
    with _DICTIONARY.open("rb") as file:
        section = tomllib.load(file)["hole_table"]
    tags, columns = (frozenset(_key(text) for text in section[name]) for name in ("tag", "columns"))
    return tags, columns


def _key(text: str) -> str:
    return normal_form(text) or (_DIAMETER_SIGN if _DIAMETER_SIGN in text.casefold() else "")


def hole_headers(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """The rows of texts that head a table of holes."""
    tags, columns = _load()
    headers = tags | columns
    known = [line for line in lines if len(line.text) <= _MAX_HEADER and _key(line.text) in headers]
    if len(known) < 3:
        return []
    rows = text_rows(known)
    return [row for row in rows if len(row) >= 3 and any(_key(line.text) in tags for line in row) and _columns_in(row) >= 2]


def _columns_in(row: Sequence[TextLine]) -> int:
    _, columns = _load()
    return len({_key(line.text) for line in row} & columns)


def find_hole_tables(headers: Sequence[Sequence[TextLine]], lines: Sequence[TextLine], grid: Grid) -> Iterator[Parameter]:
    """The cells of the tables under, or over, these headers; a table without ruled cells gives none."""
    for table in hole_tables(headers, lines, grid):
        yield from _cells(table)


def hole_tables(headers: Sequence[Sequence[TextLine]], lines: Sequence[TextLine], grid: Grid) -> Iterator[Table]:
    """The tables under, or over, these headers; none without ruled cells."""
    index = Pieces(lines)
    for header in headers:
        tables = [table for table in ruled_tables(header, index, grid) if _is_hole_table(table)]
        if tables:
            yield max(tables, key=lambda table: len(table.rows))


def _is_hole_table(table: Table) -> bool:
    """Whether each row names one hole, briefly, and no two rows the same."""
    position = _tag_position(table)
    if position is None:
        return False
    names = [row.cells[position] for row in table.rows if row.cells[position]]
    return bool(names) and len(set(names)) == len(names) and all(len(name) <= _MAX_TAG for name in names)


def _tag_position(table: Table) -> int | None:
    tags, _ = _load()
    return next((index for index, column in enumerate(table.columns) if _key(column.header) in tags), None)


def _cells(table: Table) -> Iterator[Parameter]:
    position = _tag_position(table)
    for row in table.rows:
        name = row.cells[position] if position is not None else ""
        for column, cell in zip(table.columns, row.cells, strict=True):
            if not name or not cell or not column.header or cell == name:
                continue
            amount = read_amount(cell)
            number, unit = (amount.number, amount.unit) if amount is not None else (None, None)
            place = joined_place([piece.place for piece in row.pieces])
            raw = clean_line(" ".join(piece.text for piece in sorted(row.pieces, key=lambda piece: piece.bbox[0])))
            yield Parameter(clean_line(f"{name} {column.header}"), cell, raw, place, "hole_table", _CONFIDENCE, "table", number, unit)
