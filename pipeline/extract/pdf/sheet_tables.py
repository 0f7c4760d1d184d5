"""Tables that the readers of lists found, as text, with the printed lines that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.extract.grid import Grid
from pipeline.extract.model import BBox
from pipeline.extract.pdf.page_tables import FoundTable, table_text
from pipeline.extract.pdf.parts import TableText
from pipeline.extract.sheet import Sheet, ShownLine, TextLine
from pipeline.extract.tables import Pieces, Table, ruled_tables
from pipeline.extract.title_block.revisions import revision_headers

_MAX_LINES = 20_000
_MAX_HEADERS = 6  # of revision tables tried on one sheet
_SLACK = 2.0  # points around a table's region


def sheet_tables(sheet: Sheet, found: Sequence[Table], grid: Callable[[], Grid]) -> list[FoundTable]:
    """The tables of a sheet, each text in one of them at most. found: parts lists and tables of holes."""
    if len(sheet.lines) > _MAX_LINES:
        return []
    tables = [*found, *revision_tables(sheet.lines, grid)]
    if not tables:
        return []
    free = [line for group in sheet.groups for line in group if line.is_upright]
    result: list[FoundTable] = []
    for table in tables:
        made = with_lines(table, free)
        if made is not None:
            taken = {id(line) for line in made.lines}
            free = [line for line in free if id(line) not in taken]
            result.append(made)
    return result


def revision_tables(lines: Sequence[TextLine], grid: Callable[[], Grid]) -> list[Table]:
    """The ruled tables of revisions, each the longer of its readings downwards and upwards."""
    headers = revision_headers(lines)[:_MAX_HEADERS]
    if not headers:
        return []
    index, rules = Pieces(lines), grid()
    result: list[Table] = []
    for header in headers:
        if any(_is_inside(header[0].bbox, table.region) for table in result):
            continue
        tables = [table for table in ruled_tables(header, index, rules) if table.rows and _is_table(table)]
        result.extend(sorted(tables, key=lambda table: -len(table.rows))[:1])
    return result


def _is_table(table: Table) -> bool:
    """Whether rows have texts in more than one column, as entries have."""
    return any(sum(map(bool, row.cells)) > 1 for row in table.rows)


def rows_of(table: Table) -> list[Sequence[str]]:
    """The header's texts, then the rows from the header outwards."""
    return [[column.header for column in table.columns], *(row.cells for row in table.rows)]


def with_lines(table: Table, lines: Sequence[ShownLine]) -> FoundTable | None:
    """A table with the lines in its region whose words it has; what else stands there stays beside it."""
    rows = rows_of(table)
    text = table_text(rows)
    words = {_compact("".join(row)) for row in rows} | {_compact(cell) for row in rows for cell in row}
    used = tuple(line for line in lines if _is_inside(line.box, table.region) and _is_part(_compact(line.text), words))
    return FoundTable(table.region, TableText(text, int(any(rows[0]))), used) if used else None


def _compact(text: str) -> str:
    return "".join(text.split())


def _is_part(text: str, words: set[str]) -> bool:
    return text in words or any(text in word for word in words)


def _is_inside(box: BBox, region: BBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return region[0] - _SLACK <= x <= region[2] + _SLACK and region[1] - _SLACK <= y <= region[3] + _SLACK
