"""Tables that no lines rule: columns from the gaps between texts, rows from the texts of one column.

Lengths are in the sheet's unit; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.extract.grid import union
from pipeline.extract.sheet import TextLine
from pipeline.extract.tables import MAX_ROWS, Column, Pieces, Row, Table, around_anchors, column_of, make_row

_MAX_GAP = 3.0  # between the rows of an open table, in line pitches
_NEAR = 6.0  # how far beside the known headers another may stand, in text heights
_BINS = 2000  # across a table, to find the gaps between its columns


def open_tables(header: Sequence[TextLine], pieces: Pieces, key_columns: Sequence[str]) -> Iterator[Table]:
    """The table under, and the one over, header texts that no rules surround.

    key_columns  headers of which a row has at least one text; lines without are continuations
    """
    height = max(piece.height for piece in header)
    top, bottom = min(piece.bbox[1] for piece in header), max(piece.bbox[3] for piece in header)
    heads, left, right = _neighbours(header, pieces.between(top, bottom), height)
    for up in (False, True):
        lines = _open_lines(pieces.outwards(top if up else bottom, up=up), left, right, height, top if up else bottom)
        if not lines:
            continue
        columns = _open_columns(heads, lines)
        keys = {index for index, column in enumerate(columns) if column.header in key_columns}
        rows = _open_rows(columns, lines, keys, height)
        if rows:
            boxes = [row.box for row in rows]
            yield Table(columns, tuple(rows), union([*boxes, *(head.bbox for head in heads)]), is_ruled=False, grows_up=up)


def continued_open(columns: Sequence[Column], first: TextLine, pieces: Pieces, key_columns: Sequence[str]) -> Table | None:
    """The rows of an open table that goes on from another sheet without a header, from its first text down."""
    left, right, height = columns[0].left, columns[-1].right, first.height
    lines = _open_lines(pieces.outwards(first.bbox[1], up=False), left, right, height, first.bbox[1])
    keys = {index for index, column in enumerate(columns) if column.header in key_columns}
    rows = _open_rows(columns, lines, keys, height)
    if not rows:
        return None
    return Table(tuple(columns), tuple(rows), union([row.box for row in rows]), is_ruled=False, grows_up=False)


def _neighbours(header: Sequence[TextLine], band: Sequence[TextLine], height: float) -> tuple[list[TextLine], float, float]:
    """The header's texts and those between and beside them on the same line, as one text for each column; then how far to the
    left and to the right the table's texts may begin. A text that comes again heads another table beside this one.
    """
    known = sorted(header, key=lambda piece: piece.bbox[0])
    others = [piece for piece in band if not any(_touch(piece, one) for one in known)]
    row = sorted([*known, *others], key=lambda piece: piece.bbox[0])
    first, last = row.index(known[0]), row.index(known[-1])
    texts = {piece.text for piece in row[first : last + 1]}
    while first > 0 and row[first].bbox[0] - row[first - 1].bbox[2] <= _NEAR * height and row[first - 1].text not in texts:
        first -= 1
    while last + 1 < len(row) and row[last + 1].bbox[0] - row[last].bbox[2] <= _NEAR * height and row[last + 1].text not in texts:
        last += 1
    left, right = row[first].bbox[0] - 2 * height, row[last].bbox[2] + 2 * _NEAR * height
    if first > 0:
        left = max(left, row[first - 1].bbox[2])
    if last + 1 < len(row):
        right = min(right, row[last + 1].bbox[0] - 0.5 * height)
    return row[first : last + 1], left, right


def _touch(a: TextLine, b: TextLine) -> bool:
    """Whether two texts lie over one another: one of them was read as part of the other."""
    return a.bbox[0] < b.bbox[2] and b.bbox[0] < a.bbox[2]


def _open_lines(outwards: Sequence[TextLine], left: float, right: float, height: float, edge: float) -> list[list[TextLine]]:
    """Lines of text from the header outwards until a wide gap, or a text that belongs to no table."""
    inside = [piece for piece in outwards if piece.bbox[0] >= left and piece.bbox[0] <= right]
    pitch = 0.0
    result: list[list[TextLine]] = []
    for line in _runs(inside):
        gap = abs(line[0].middle - edge)
        if gap > _MAX_GAP * (pitch or 1.5 * height) or any(piece.bbox[2] > right + 4 * height for piece in line):
            break
        pitch = max(min(pitch, gap), 1.2 * height) if pitch else max(gap, 1.2 * height)
        result.append(line)
        edge = line[0].middle
        if len(result) >= MAX_ROWS:
            break
    return result


def _runs(pieces: Sequence[TextLine]) -> Iterator[list[TextLine]]:
    """Pieces that stand side by side, in the order given."""
    line: list[TextLine] = []
    for piece in pieces:
        if line and abs(piece.middle - line[0].middle) >= 0.5 * min(piece.height, line[0].height):
            yield line
            line = []
        line.append(piece)
    if line:
        yield line


def _open_columns(heads: Sequence[TextLine], lines: Sequence[Sequence[TextLine]]) -> tuple[Column, ...]:
    """Columns parted where the fewest texts stand between two headers, in the middle of the widest such gap."""
    boxes = [piece.bbox for line in lines if len(line) > 1 for piece in line] + [head.bbox for head in heads]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    width = max((right - left) / _BINS, 1e-9)
    cover = [0] * (_BINS + 2)
    for box in boxes:
        cover[int((box[0] - left) / width)] += 1
        cover[int((box[2] - left) / width) + 1] -= 1
    for index in range(1, len(cover)):
        cover[index] += cover[index - 1]
    cuts = [left]
    for before, after in pairwise(heads):
        start, end = int((before.bbox[0] - left) / width) + 1, int((after.bbox[2] - left) / width)
        cuts.append(left + width * _widest_low(cover, start, max(end, start + 1)))
    cuts.append(right)
    return tuple(Column(head.text.strip(), cuts[index], cuts[index + 1]) for index, head in enumerate(heads))


def _widest_low(cover: Sequence[int], start: int, end: int) -> float:
    """The middle of the longest run of the lowest values."""
    low = min(cover[start:end])
    best, run_start = (0, start), None
    for index in range(start, end + 1):
        if index < end and cover[index] == low:
            run_start = index if run_start is None else run_start
        elif run_start is not None:
            best = max(best, (index - run_start, run_start), key=lambda run: run[0])
            run_start = None
    return best[1] + best[0] / 2


def _open_rows(columns: Sequence[Column], lines: Sequence[list[TextLine]], keys: set[int], height: float) -> list[Row]:
    """Each line with a text in a key column is a row; other lines go with the nearest."""
    pad = 0.0
    anchors = [index for index, line in enumerate(lines) if {column_of(columns, piece, pad) for piece in line} & keys]
    if not anchors:
        return []
    groups = around_anchors(lines, anchors)
    kept = [
        [line for line in group if abs(line[0].middle - lines[anchor][0].middle) <= _MAX_GAP * 1.5 * height]
        for anchor, group in zip(anchors, groups, strict=True)
    ]
    return [make_row(columns, [piece for line in group for piece in line], pad) for group in kept]
