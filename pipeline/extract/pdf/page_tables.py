"""The tables of a page of prose, found without knowing their headers: cells between rules, or columns of short texts.

Lengths are in points of the reading frame; y grows downwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.extract.grid import Grid, union
from pipeline.extract.model import BBox
from pipeline.extract.pdf.parts import Part, TableText
from pipeline.extract.sheet import ShownLine

_MAX_LINES = 4000
_TABULAR_LINES, _TABULAR_SHARE = (12, 1400), 0.6  # texts of a page without prose that may be a table; share of them side by side
_TOUCH = 2.5  # points between the edges of neighbouring cells: a rule is as wide
_MAX_CELL = 0.45  # of the page's height, in a cell; larger ones are frames
_LEAST_ROWS, _LEAST_COLUMNS, _LEAST_CELLS = 2, 2, 4
_MAX_CELL_LINES = 12  # of text in a cell; more is a column of text
_FULL_ROW = 0.75  # of the columns in use, that are filled in a printed row of its own
_FILLED = 0.4  # share of a table's cells that hold text
_OPEN_ROWS = {2: 4, 3: 3}  # rows that make columns without rules a table, by their number; 3 for more
_OPEN_GAP = 0.9  # font sizes between open columns
_SHORT = 32  # characters of the typical cell of an open table
_WORDY = 24  # characters of the typical cell of a column of words, of which there is one: more are columns of prose
_LONG = 42  # characters of the typical cell of its widest column
_PITCH = 2.6  # font sizes between the rows of an open table
_NUMBER = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table and the lines it is made of."""

    box: BBox
    text: TableText
    lines: tuple[ShownLine, ...]

    @property
    def part(self) -> Part:
        return Part(self.lines, self.box, self.text)


def is_tabular(lines: Sequence[ShownLine]) -> bool:
    """Whether most texts of a page stand side by side, and at edges that others share: worth looking for tables."""
    upright = [line for line in lines if line.is_upright]
    if not _TABULAR_LINES[0] <= len(upright) <= _TABULAR_LINES[1] or len(upright) < 0.9 * len(lines):
        return False
    edges = Counter(round(edge / _TOUCH) for line in upright for edge in (line.box[0], -line.box[2]))
    shared = sum(max(edges[round(line.box[0] / _TOUCH)], edges[round(-line.box[2] / _TOUCH)]) >= 3 for line in upright)
    beside = sum(len(row) for row in _printed_rows(upright) if len(row) > 1)
    return min(shared, beside) >= _TABULAR_SHARE * len(upright)


def prose_tables(lines: Sequence[ShownLine], grid: Callable[[], Grid], height: float) -> list[FoundTable]:
    """The tables among the lines of a page. height: of the page."""
    upright = [line for line in lines if line.is_upright]
    if not 4 <= len(upright) <= _MAX_LINES:
        return []
    ruled = list(_ruled(upright, grid(), height))
    taken = {id(line) for table in ruled for line in table.lines}
    return [*ruled, *_open([line for line in upright if id(line) not in taken])]


def _ruled(lines: Sequence[ShownLine], grid: Grid, height: float) -> Iterator[FoundTable]:
    """Groups of neighbouring closed cells with text in them."""
    cells: dict[BBox, list[ShownLine]] = {}
    for line in lines:
        box = _cell_around(line, grid)
        if box is not None and box[3] - box[1] <= _MAX_CELL * height:
            cells.setdefault(box, []).append(line)
    cells = {box: inside for box, inside in cells.items() if len(inside) <= _MAX_CELL_LINES}
    for boxes in _neighbours(list(cells)):
        found = _table_of({box: cells[box] for box in boxes})
        if found is not None:
            yield found


def _cell_around(line: ShownLine, grid: Grid) -> BBox | None:
    """The cell in which a line begins; one that is open to a side ends where the rule over it does."""
    x0, y0, x1, y1 = line.box
    x = x0 + min(line.size, x1 - x0) / 2
    cell = grid.cell_at(x, (y0 + y1) / 2)
    if cell.is_closed:
        return cell.box()
    if cell.top is None or cell.bottom is None or (cell.left is None and cell.right is None):
        return None
    reach = grid.reach(x, cell.top)
    if reach is None:
        return None
    left = reach[0] if cell.left is None else cell.left
    return left, cell.top, reach[1] if cell.right is None else cell.right, cell.bottom


def _neighbours(boxes: Sequence[BBox]) -> list[list[BBox]]:
    """The cells in groups of those that touch one another."""
    groups: list[list[BBox]] = []
    group_of: dict[BBox, list[BBox]] = {}
    reaching: list[BBox] = []  # cells that end no higher than the next one begins: it can touch no others
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        reaching = [other for other in reaching if box[1] - other[3] <= _TOUCH]
        touched = {id(group_of[other]) for other in reaching if _touch(box, other)}
        merged = [other for group in groups if id(group) in touched for other in group] + [box]
        groups = [group for group in groups if id(group) not in touched] + [merged]
        group_of.update(dict.fromkeys(merged, merged))
        reaching.append(box)
    return groups


def _touch(a: BBox, b: BBox) -> bool:
    apart = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
    return max(apart) <= _TOUCH and min(apart) < -_TOUCH


def _table_of(cells: dict[BBox, list[ShownLine]]) -> FoundTable | None:
    """Cells as rows and columns; None where they are too few, or not side by side and one below the other."""
    lefts, tops = _edges([box[0] for box in cells]), _edges([box[1] for box in cells])
    if len(tops) < _LEAST_ROWS or len(lefts) < _LEAST_COLUMNS or len(cells) < max(_LEAST_CELLS, _FILLED * len(lefts) * len(tops)):
        return None
    bands: list[list[tuple[int, ShownLine]]] = [[] for _ in tops]
    for box, lines in cells.items():
        bands[_position(tops, box[1])].extend((_position(lefts, box[0]), line) for line in lines)
    rows = [row for band in bands for row in _rows_of(band, len(lefts))]
    used = tuple(line for lines in cells.values() for line in lines)
    return FoundTable(union([line.box for line in used]), TableText(table_text(rows), _header_rows(rows)), used)


def _rows_of(band: Sequence[tuple[int, ShownLine]], count: int) -> Iterator[list[str]]:
    """The cells between two rules as one row, or as several where full printed rows stand one below the other."""
    column = {id(line): at for at, line in band}
    printed = _printed_rows([line for _, line in band])
    filled = [len({column[id(line)] for line in row}) for row in printed]
    least = max(2, _FULL_ROW * max(filled, default=0))
    several = sum(number >= least for number in filled) > 1
    cells = [""] * count
    for row, number in zip(printed, filled, strict=True):
        if several and number >= least and any(cells):
            yield cells
            cells = [""] * count
        for line in row:
            at = column[id(line)]
            cells[at] = f"{cells[at]} {line.text}".strip()
    yield cells


def _edges(positions: Sequence[float]) -> list[float]:
    """The positions, those closer than a rule taken as one."""
    result: list[float] = []
    for position in sorted(positions):
        if not result or position - result[-1] > _TOUCH:
            result.append(position)
    return result


def _position(edges: Sequence[float], at: float) -> int:
    return max(0, bisect_right(edges, at + 0.01) - 1)


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """A line a row, tabs between cells; empty cells at a row's end and empty rows left out."""
    lines = ("\t".join(" ".join(cell.split()) for cell in row).rstrip("\t") for row in rows)
    return "\n".join(line for line in lines if line)


def _header_rows(rows: Sequence[Sequence[str]]) -> int:
    """1 where the first row names columns: it is full, says no numbers, and the rows below do."""
    first, below = rows[0], rows[1:]
    if sum(map(bool, first)) < max(2, 0.7 * len(first)) or any(_has_number(cell) for cell in first):
        return 0
    return int(any(_has_number(cell) for row in below for cell in row) or len(set(first)) == len(first))


def _has_number(cell: str) -> bool:
    return sum(one in _NUMBER for one in cell) * 2 > len(cell)


def _open(lines: Sequence[ShownLine]) -> Iterator[FoundTable]:
    """Runs of printed rows with several short texts that stand in the same columns."""
    run: list[list[ShownLine]] = []
    for row in _printed_rows(lines):
        if run and not _follows(run[-1], row):
            yield from _open_table(run)
            run = []
        if len(row) > 1 or (run and _is_aligned(run, row[0])):
            run.append(row)
        else:
            yield from _open_table(run)
            run = []
    yield from _open_table(run)


def _printed_rows(lines: Sequence[ShownLine]) -> list[list[ShownLine]]:
    rows: list[list[ShownLine]] = []
    for line in sorted(lines, key=lambda line: (line.box[1] + line.box[3]) / 2):
        if rows and abs(_middle(rows[-1][0]) - _middle(line)) < 0.4 * min(line.size, rows[-1][0].size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _middle(line: ShownLine) -> float:
    return (line.box[1] + line.box[3]) / 2


def _follows(above: Sequence[ShownLine], below: Sequence[ShownLine]) -> bool:
    return _middle(below[0]) - _middle(above[0]) <= _PITCH * max(above[0].size, below[0].size)


def _is_aligned(run: Sequence[Sequence[ShownLine]], line: ShownLine) -> bool:
    """Whether a lone text stands under a cell of the row above: a cell's second line, or a row with one cell."""
    return len(line.text) <= 3 * _SHORT and any(abs(line.box[0] - cell.box[0]) < line.size for cell in run[-1])


def _open_table(run: Sequence[Sequence[ShownLine]]) -> Iterator[FoundTable]:
    while run and len(run[-1]) == 1:
        run = run[:-1]
    if len(run) < min(_OPEN_ROWS.values()):
        return
    lines = [line for row in run for line in row]
    columns = _columns(lines)
    several = sum(len({_column(columns, line) for line in row}) > 1 for row in run)
    if len(columns) < 2 or several < max(_OPEN_ROWS.get(len(columns), 3), 0.7 * len(run)) or not _are_cells(lines, columns):
        return
    rows: list[list[str]] = []
    for row in run:
        cells = [""] * len(columns)
        for line in row:
            at = _column(columns, line)
            cells[at] = f"{cells[at]} {line.text}".strip()
        rows.append(cells)
    yield FoundTable(union([line.box for line in lines]), TableText(table_text(rows), _header_rows(rows)), tuple(lines))


def _are_cells(lines: Sequence[ShownLine], columns: Sequence[float]) -> bool:
    """Whether texts are cells rather than the lines of columns of prose."""
    lengths: list[list[int]] = [[] for _ in columns]
    for line in lines:
        lengths[_column(columns, line)].append(len(line.text))
    typical = [median(own) for own in lengths if own]
    return median(len(line.text) for line in lines) <= _SHORT and max(typical) <= _LONG and sum(one >= _WORDY for one in typical) <= 1


def _columns(lines: Sequence[ShownLine]) -> list[float]:
    """The left edges of columns: stretches of x that texts cover without a gap."""
    spans = sorted((line.box[0], line.box[2], line.size) for line in lines)
    starts = [spans[0][0]]
    end = spans[0][1]
    for (_, _, size), (x0, x1, _) in pairwise([spans[0], *spans]):
        if x0 - end > _OPEN_GAP * size:
            starts.append(x0)
        end = max(end, x1)
    return starts


def _column(columns: Sequence[float], line: ShownLine) -> int:
    return _position(columns, line.box[0])
