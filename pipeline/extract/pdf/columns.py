"""The order in which the parts of a page of prose are read: column by column, whatever order the file has them in.

A gutter is where many printed rows have a gap and long text at both sides of it. Text that crosses it parts the page into bands,
each of which is read down its left side, then down its right; either side may have gutters of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from pipeline.extract.model import BBox
from pipeline.extract.pdf.parts import Part, part_of
from pipeline.extract.sheet import ShownLine

_MAX_LINES = 4000  # of one page; more are no prose
_MAX_DEPTH = 4  # of gutters within gutters: sixteen columns
_LEAST_ROWS = 3  # with a gap at the same place
_LEAST_GAP = 0.7  # of the font size
_LEAST_LETTERS = 14  # of the typical line beside a gutter; shorter ones are labels, or cells
_LEAST_WIDE = 6  # the same in scripts of wide characters
_WIDE = 0x2E80  # code point from which scripts have wide characters
_SIDE_SHARE = 0.08  # of the text, that either side of a gutter holds at least
_SLACK = 2.0  # points


def in_columns(parts: Sequence[Part]) -> list[Part]:
    """The parts in reading order; the order given where there is one column."""
    if sum(len(part.lines) for part in parts) > _MAX_LINES:
        return list(parts)
    return _ordered(list(parts), 0)


def _ordered(parts: list[Part], depth: int) -> list[Part]:
    gutter = _gutter(parts) if depth < _MAX_DEPTH else None
    if gutter is None:
        return parts if depth == 0 else sorted(parts, key=lambda part: (part.box[1], part.box[0]))
    result: list[Part] = []
    band: list[Part] = []
    split = (piece for part in parts for piece in _split(part, gutter))
    for part in sorted(split, key=lambda part: (part.box[1], part.box[0])):
        if _crosses(part.box, gutter):
            result.extend(_band(band, gutter, depth))
            result.append(part)
            band = []
        else:
            band.append(part)
    return [*result, *_band(band, gutter, depth)]


def _band(parts: Sequence[Part], gutter: float, depth: int) -> list[Part]:
    left = [part for part in parts if part.box[2] <= gutter + _SLACK]
    right = [part for part in parts if part.box[2] > gutter + _SLACK]
    return [*_ordered(left, depth + 1), *_ordered(right, depth + 1)]


def _crosses(box: BBox, gutter: float) -> bool:
    return box[0] < gutter - _SLACK and box[2] > gutter + _SLACK


def _split(part: Part, gutter: float) -> Iterable[Part]:
    """A part cut into its runs of lines at the left, at the right and across the gutter."""
    if part.table is not None or not _crosses(part.box, gutter):
        return [part]

    result: list[Part] = []
    sides: dict[int, list[ShownLine]] = {}
    for line in part.lines:
        side = 0 if _crosses(line.box, gutter) else 1 if line.box[2] <= gutter + _SLACK else 2
        if sides and (side == 0) != (0 in sides):
            result.extend(part_of(lines) for lines in sides.values())
            sides = {}
        sides.setdefault(side, []).append(line)
    return [*result, *(part_of(lines) for lines in sides.values())]


def _gutter(parts: Sequence[Part]) -> float | None:
    """Where most printed rows have a gap between long texts; None for one column."""
    lines = [line for part in parts if part.table is None for line in part.lines if line.is_upright]
    if len(lines) < 2 * _LEAST_ROWS:
        return None
    gaps = _gaps(lines)
    if len(gaps) < _LEAST_ROWS:
        return None
    middle = _deepest(gaps)
    beside = [gap for gap in gaps if gap[0] - _SLACK <= middle <= gap[1] + _SLACK]
    return middle if len(beside) >= _LEAST_ROWS and _parts_columns(lines, middle) else None


def _gaps(lines: Sequence[ShownLine]) -> list[tuple[float, float]]:
    """(end of a line, start of the next one to its right) on one printed row."""
    rows = sorted(lines, key=lambda line: line.box[1])
    tops = [line.box[1] for line in rows]
    tallest = max(line.box[3] - line.box[1] for line in rows)
    gaps: list[tuple[float, float]] = []
    for line in rows:
        x1, y0, y1 = line.box[2], line.box[1], line.box[3]
        near = rows[bisect_left(tops, y0 - tallest) : bisect_right(tops, y1)]
        after = [other.box[0] for other in near if other.box[0] >= x1 and _shares_row(line.box, other.box)]
        if after and min(after) - x1 >= _LEAST_GAP * line.size:
            gaps.append((x1, min(after)))
    return gaps


def _shares_row(a: BBox, b: BBox) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.4 * min(a[3] - a[1], b[3] - b[1])


def _deepest(gaps: Sequence[tuple[float, float]]) -> float:
    """The middle of the stretch that lies in the most gaps."""
    events = sorted([(start, 1) for start, _ in gaps] + [(end, -1) for _, end in gaps], key=lambda event: (event[0], -event[1]))
    depth, best, result = 0, 0, 0.0
    for index, (at, step) in enumerate(events):
        depth += step
        if depth > best:
            best, result = depth, (at + events[index + 1][0]) / 2
    return result


def _parts_columns(lines: Sequence[ShownLine], gutter: float) -> bool:
    """Whether running text stands at both sides, side by side."""
    left = [line for line in lines if line.box[2] <= gutter + _SLACK]
    right = [line for line in lines if line.box[0] >= gutter - _SLACK]
    if min(len(left), len(right)) < _LEAST_ROWS:
        return False
    letters = [sum(len(line.text) for line in side) for side in (left, right, lines)]
    if min(letters[:2]) < _SIDE_SHARE * letters[2]:
        return False
    return all(_is_running(side) for side in (left, right))


def _is_running(lines: Sequence[ShownLine]) -> bool:
    return 2 * sum(_is_long(line.text) for line in lines) >= len(lines)


def _is_long(text: str) -> bool:
    return len(text) >= _LEAST_LETTERS or sum(ord(one) >= _WIDE for one in text) >= _LEAST_WIDE
