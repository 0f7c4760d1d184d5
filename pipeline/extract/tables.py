"""Ruled tables on a sheet: columns from the cells of a header, rows from the cells below or above it.

A table is found from its header, whose texts the caller knows. Rows lie below the header or, in lists that grow upwards,
above it; either way they are given from the header outwards. Lengths are in the sheet's unit; y grows downwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pipeline.extract.grid import Cell, Grid, union
from pipeline.extract.model import BBox
from pipeline.extract.sheet import TextLine

MAX_ROWS = 10_000
_MAX_PARTS = 20  # cells over which one text may run
_MAX_HEADER_HEIGHT = 10.0  # of the header's cells, in heights of its text: a taller cell is a view
_TALL_ROW = 2.6  # in text heights: such a row may hold several lines, or several rows that no rule divides


@dataclass(frozen=True, slots=True)
class Column:
    """A column, from its left to its right edge."""

    header: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a text for each column ('' where empty) and the pieces that make it up."""

    cells: tuple[str, ...]
    pieces: tuple[TextLine, ...]

    @property
    def box(self) -> BBox:
        return union([piece.bbox for piece in self.pieces])


@dataclass(frozen=True, slots=True)
class Table:
    """Columns from left to right, rows from the header outwards; the region covers header and rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    region: BBox
    is_ruled: bool
    grows_up: bool


class Pieces:
    """The texts of a sheet, ready to be asked for those in a band."""

    def __init__(self, pieces: Sequence[TextLine]) -> None:
        self._pieces = sorted(pieces, key=lambda piece: piece.middle)
        self._middles = [piece.middle for piece in self._pieces]

    def between(self, top: float, bottom: float) -> list[TextLine]:
        """Those whose middle lies in the band, from top to bottom."""
        return self._pieces[bisect_left(self._middles, top) : bisect_left(self._middles, bottom)]

    def outwards(self, start: float, *, up: bool) -> list[TextLine]:
        """Those below `start`, or above it, the nearest first."""
        position = bisect_left(self._middles, start)
        return self._pieces[:position][::-1] if up else self._pieces[position:]


def ruled_tables(header: Sequence[TextLine], pieces: Pieces, grid: Grid) -> Iterator[Table]:
    """The table whose header cells hold these texts, read downwards and upwards; none where they are not ruled."""
    height = max(piece.height for piece in header)
    pad = max(3 * grid.tolerance, 0.35 * height)
    cells = [cell for piece in header if _is_header_cell(cell := grid.cell_at(start_of(piece), piece.middle), height)]
    if len({round((cell.left or 0.0) / pad) for cell in cells}) < 2:
        return
    top = max(cell.box()[1] for cell in cells)
    bottom = min(cell.box()[3] for cell in cells)
    if bottom - top < 0.5 * height:
        return
    edges = _header_edges(cells, (top + bottom) / 2, grid, pad, pieces)
    columns = tuple(
        Column(cell_text([piece for piece in pieces.between(top, bottom) if left - pad <= start_of(piece) < right]), left, right)
        for left, right in edges
    )
    for up in (False, True):
        start = min(cell.box()[1] for cell in cells) if up else max(cell.box()[3] for cell in cells)
        yield _with_ruled_rows(columns, start, (top, bottom), pieces, grid, pad, height, up=up)


def continued_ruled(columns: Sequence[Column], first: TextLine, pieces: Pieces, grid: Grid) -> Table | None:
    """The rows of a table that goes on from another sheet without a header, from the cell of its first text down."""
    height = first.height
    pad = max(3 * grid.tolerance, 0.35 * height)
    cell = grid.cell_at(start_of(first), first.middle)
    if cell.top is None:
        return None
    band = (cell.top, cell.top)
    return _with_ruled_rows(tuple(columns), cell.top, band, pieces, grid, pad, height, up=False)


def cut_at_rules(piece: TextLine, grid: Grid) -> list[TextLine]:
    """The parts of a text that lie in cells side by side, cut at the blank nearest to the rule between them."""
    parts: list[TextLine] = []
    rest = piece
    while len(parts) < _MAX_PARTS and " " in rest.text:
        x0, y0, x1, y1 = rest.bbox
        right = grid.cell_at(x0 + min(rest.height, x1 - x0) / 2, rest.middle).right
        if right is None or not x0 + 0.3 * rest.height < right < x1 - 0.3 * rest.height:
            break
        share = (right - x0) / (x1 - x0)
        blanks = [index for index, character in enumerate(rest.text) if character == " "]
        at = min(blanks, key=lambda index: abs(index / len(rest.text) - share))
        parts.append(replace(rest, text=rest.text[:at], bbox=(x0, y0, right, y1)))
        rest = replace(rest, text=rest.text[at + 1 :], bbox=(right, y0, x1, y1))
    return [*parts, rest]


def start_of(piece: TextLine) -> float:
    """A place inside the cell where a text begins, which may be too long for it."""
    x0, _, x1, _ = piece.bbox
    return x0 + min((x1 - x0) / 2, piece.height)


def _is_header_cell(cell: Cell, height: float) -> bool:
    if not cell.is_closed:
        return False
    _, top, _, bottom = cell.box()
    return bottom - top <= _MAX_HEADER_HEIGHT * height


def _header_edges(cells: Sequence[Cell], middle: float, grid: Grid, pad: float, pieces: Pieces) -> list[tuple[float, float]]:
    """(left, right) of the header's cells: all between the known ones, and further ones on either side that hold text."""
    first = min((cell.box() for cell in cells), key=lambda box: box[0])
    last = max(cell.box()[2] for cell in cells)
    edges = [(first[0], first[2])]
    while len(edges) < 40:  # a wider table is none
        cell = grid.cell_at(edges[-1][1] + pad, middle)
        left, top, right, bottom = cell.box()
        if not cell.is_closed or not top < middle < bottom or bottom - top > 3 * (first[3] - first[1]):
            break
        if right > last + pad and not _holds_text(cell, pieces):
            break
        edges.append((left, right))
    while len(edges) < 40:
        cell = grid.cell_at(edges[0][0] - pad, middle)
        left, top, right, bottom = cell.box()
        if not cell.is_closed or bottom - top > 3 * (first[3] - first[1]) or not _holds_text(cell, pieces):
            break
        edges.insert(0, (left, right))
    return edges


def _holds_text(cell: Cell, pieces: Pieces) -> bool:
    left, top, right, bottom = cell.box()
    return any(left <= start_of(piece) <= right for piece in pieces.between(top, bottom))


def _with_ruled_rows(
    columns: tuple[Column, ...],
    start: float,
    band: tuple[float, float],
    pieces: Pieces,
    grid: Grid,
    pad: float,
    height: float,
    *,
    up: bool,
) -> Table:
    left, right = columns[0].left, columns[-1].right
    rows: list[Row] = []
    edge = start
    for top, bottom in _row_bands(columns, start, grid, pad, up=up):
        inside = [piece for piece in pieces.between(top, bottom) if left - pad <= start_of(piece) <= right + pad]
        edge = top if up else bottom
        if not inside:
            continue
        if bottom - top > _TALL_ROW * height:
            rows.extend(_split_tall(columns, inside, pad, up=up))
        else:
            rows.append(make_row(columns, inside, pad))
    region = (left, min(edge, band[0]), right, max(edge, band[1]))
    return Table(columns, tuple(rows), region, is_ruled=True, grows_up=up)


def _row_bands(columns: Sequence[Column], start: float, grid: Grid, pad: float, *, up: bool) -> Iterator[tuple[float, float]]:
    """(top, bottom) of each row from the header outwards, as long as the columns' edges go on."""
    at = start
    for _ in range(MAX_ROWS):
        probe = at - pad if up else at + pad
        matching = [cell for column in columns if _fits(cell := grid.cell_at((column.left + column.right) / 2, probe), column, pad)]
        if 2 * len(matching) < len(columns) and not _spans_all(columns, probe, grid, pad):
            return
        if not matching:
            matching = [grid.cell_at((columns[0].left + columns[0].right) / 2, probe)]
        boxes = [cell.box() for cell in matching]
        end = max(box[1] for box in boxes) if up else min(box[3] for box in boxes)
        yield (end, at) if up else (at, end)
        at = end


def _fits(cell: Cell, column: Column, pad: float) -> bool:
    if not cell.is_closed:
        return False
    left, _, right, _ = cell.box()
    return abs(left - column.left) <= 1.5 * pad and abs(right - column.right) <= 1.5 * pad


def _spans_all(columns: Sequence[Column], probe: float, grid: Grid, pad: float) -> bool:
    """Whether one cell runs across all columns: the heading of a section."""
    cell = grid.cell_at((columns[0].left + columns[0].right) / 2, probe)
    if not cell.is_closed:
        return False
    left, top, right, bottom = cell.box()
    is_flat = bottom - top < 0.5 * (right - left)
    return is_flat and abs(left - columns[0].left) <= 1.5 * pad and abs(right - columns[-1].right) <= 1.5 * pad


def make_row(columns: Sequence[Column], pieces: Sequence[TextLine], pad: float) -> Row:
    """The pieces in their columns."""
    texts: list[list[TextLine]] = [[] for _ in columns]
    for piece in pieces:
        texts[column_of(columns, piece, pad)].append(piece)
    return Row(tuple(cell_text(cell) for cell in texts), tuple(pieces))


def column_of(columns: Sequence[Column], piece: TextLine, pad: float) -> int:
    """The index of the column in which a text begins."""
    at = start_of(piece)
    for index, column in enumerate(columns):
        if at < column.right - 0.2 * pad:
            return index
    return len(columns) - 1


def cell_text(pieces: Sequence[TextLine]) -> str:
    """The pieces of one cell as one text, in reading order; pieces that touch are one word."""
    if len(pieces) == 1:
        return pieces[0].text.strip()
    lines = text_rows(pieces)
    return " ".join(_joined(line) for line in lines)


def _joined(line: Sequence[TextLine]) -> str:
    text, end = "", None
    for piece in sorted(line, key=lambda piece: piece.bbox[0]):
        if end is not None and piece.bbox[0] - end > 0.12 * piece.height:
            text += " "
        text += piece.text.strip()
        end = piece.bbox[2]
    return text


def text_rows(pieces: Sequence[TextLine]) -> list[list[TextLine]]:
    """Pieces that stand side by side, from top to bottom."""
    rows: list[list[TextLine]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if rows and piece.middle - rows[-1][0].middle < 0.5 * min(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _split_tall(columns: Sequence[Column], inside: Sequence[TextLine], pad: float, *, up: bool) -> list[Row]:
    """One row of several lines, or, where two columns of short texts go on side by side, several rows."""
    lines = text_rows(inside)
    full = [index for index, line in enumerate(lines) if len({column_of(columns, piece, pad) for piece in line}) >= min(3, len(columns))]
    if len(full) < 2:
        return [make_row(columns, inside, pad)]
    groups = around_anchors(lines, full)
    rows = [make_row(columns, [piece for line in group for piece in line], pad) for group in groups]
    return rows[::-1] if up else rows


def around_anchors(lines: Sequence[list[TextLine]], anchors: Sequence[int]) -> list[list[list[TextLine]]]:
    """Each line with the nearest anchor line; one that is as near to two goes with the upper."""
    groups: dict[int, list[list[TextLine]]] = {anchor: [] for anchor in anchors}
    for index, line in enumerate(lines):
        groups[index if index in groups else min(anchors, key=partial(_distance, lines, line))].append(line)
    return [groups[anchor] for anchor in anchors]


def _distance(lines: Sequence[list[TextLine]], line: list[TextLine], anchor: int) -> tuple[float, int]:
    return round(abs(lines[anchor][0].middle - line[0].middle), 1), anchor
