"""Ruled lines on a sheet, and the cell around a point: what a title block is made of.

Lengths are in the sheet's own unit (PDF points, or drawing units for DXF); y grows downwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.extract.model import BBox

Segment = tuple[float, float, float]  # position across the line, start along it, end along it
Line = tuple[float, float, float, float]  # x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class Cell:
    """The four rules nearest to a point; None on a side where there is none."""

    left: float | None
    top: float | None
    right: float | None
    bottom: float | None

    @property
    def is_closed(self) -> bool:
        return None not in (self.left, self.top, self.right, self.bottom)

    def box(self) -> tuple[float, float, float, float]:
        """(x_min, y_min, x_max, y_max); infinite on open sides."""
        infinite = float("inf")
        return (
            -infinite if self.left is None else self.left,
            -infinite if self.top is None else self.top,
            infinite if self.right is None else self.right,
            infinite if self.bottom is None else self.bottom,
        )


class Grid:
    """The horizontal and vertical rules of one sheet, ready to be asked for cells."""

    def __init__(self, horizontal: Iterable[Segment], vertical: Iterable[Segment], *, tolerance: float) -> None:
        self.tolerance = tolerance
        self._horizontal = sorted(horizontal)
        self._vertical = sorted(vertical)
        self._ys = [segment[0] for segment in self._horizontal]
        self._xs = [segment[0] for segment in self._vertical]
        self._reach_x = [self._reach(segment) for segment in self._horizontal]
        self._reach_y = [self._reach(segment) for segment in self._vertical]

    def cell_at(self, x: float, y: float) -> Cell:
        """The cell around a point, found by casting rays to the nearest rule in four directions."""
        left, right = _nearest(self._xs, self._reach_y, x, y)
        top, bottom = _nearest(self._ys, self._reach_x, y, x)
        return Cell(left, top, right, bottom)

    def verticals(self, left: float, right: float, y: float) -> list[float]:
        """Positions of the vertical rules that cross height `y` between two others, from the left."""
        start, stop = bisect_left(self._xs, left), bisect_left(self._xs, right)
        return [segment[0] for segment in self._vertical[start:stop] if self._spans(segment, y)]

    def reach(self, x: float, y: float) -> tuple[float, float] | None:
        """From where to where the horizontal rule at height `y` over `x` runs; None where there is none."""
        start, stop = bisect_left(self._ys, y - self.tolerance), bisect_left(self._ys, y + self.tolerance)
        found = [segment for segment in self._horizontal[start : stop + 1] if self._spans(segment, x)]
        return (min(one[1] for one in found), max(one[2] for one in found)) if found else None

    def _spans(self, segment: Segment, along: float) -> bool:
        start, end = self._reach(segment)
        return start <= along <= end

    def _reach(self, segment: Segment) -> tuple[float, float]:
        return segment[1] - self.tolerance, segment[2] + self.tolerance


def _nearest(
    positions: Sequence[float], reaches: Sequence[tuple[float, float]], at: float, along: float
) -> tuple[float | None, float | None]:
    """Positions of the nearest segments before and after `at` that reach over `along`."""
    middle = bisect_left(positions, at)
    before = after = None
    for index in range(middle - 1, -1, -1):  # thousands of rules may lie on the way: no call for each
        start, end = reaches[index]
        if start <= along <= end:
            before = positions[index]
            break
    for index in range(middle, len(positions)):
        start, end = reaches[index]
        if start <= along <= end:
            after = positions[index]
            break
    return before, after


def make_grid(lines: Iterable[Line], *, min_length: float, tolerance: float) -> Grid:
    """A grid of those lines that run along an axis and are at least `min_length` long."""
    horizontal: list[Segment] = []
    vertical: list[Segment] = []
    for x0, y0, x1, y1 in lines:
        width, height = abs(x1 - x0), abs(y1 - y0)
        if width >= min_length and height <= tolerance:
            horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif height >= min_length and width <= tolerance:
            vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    return Grid(horizontal, vertical, tolerance=tolerance)


def union(boxes: Sequence[BBox]) -> BBox:
    """The smallest box around all of one or more boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def rectangle_edges(x0: float, y0: float, x1: float, y1: float) -> tuple[Line, Line, Line, Line]:
    """The four sides of a rectangle."""
    return (x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)
