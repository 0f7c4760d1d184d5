"""Which contour lies in which: parts with their holes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.extract.dxf.contours import Contour
from pipeline.extract.dxf.paths import Point
from pipeline.extract.model import BBox

_CELLS_ACROSS = 100


@dataclass(slots=True)
class Part:
    """An outer contour and the inner ones that are cut out of it."""

    outer: Contour
    inner: list[Contour] = field(default_factory=list)


def nest(contours: Sequence[Contour]) -> list[Part]:
    """Outer contours with those directly inside them; what lies within a hole is a part again."""
    ordered = sorted(contours, key=lambda contour: -contour.area)
    parts: list[Part] = []
    around = _Around(ordered)
    depths: dict[int, tuple[int, Part]] = {}
    for contour in ordered:
        outer = next((one for one in around.at(contour.points[0]) if _holds(one, contour)), None)
        depth, part = depths[id(outer)] if outer is not None else (-1, None)
        if part is None or depth % 2:
            part = Part(contour)
            parts.append(part)
        else:
            part.inner.append(contour)
        depths[id(contour)] = (depth + 1, part)
        around.add(contour)
    return parts


def is_within(point: Point, parts: Sequence[Part]) -> bool:
    """Whether a point lies within the outer contour of one of the parts."""
    return any(_covers(part.outer.box, point) and _is_inside(point, part.outer.points) for part in parts)


class _Around:
    """Finds the contours whose boxes may hold a point, the smallest first: a perforated sheet has thousands of them."""

    def __init__(self, contours: Sequence[Contour]) -> None:
        self._left = min((one.box[0] for one in contours), default=0.0)
        self._low = min((one.box[1] for one in contours), default=0.0)
        width = max((one.box[2] for one in contours), default=0.0) - self._left
        height = max((one.box[3] for one in contours), default=0.0) - self._low
        self._cell = max(width, height, 1e-9) / _CELLS_ACROSS
        self._cells: dict[tuple[int, int], list[Contour]] = defaultdict(list)

    def add(self, contour: Contour) -> None:
        (left, low), (right, high) = self._place(contour.box[:2]), self._place(contour.box[2:])
        for column in range(left, right + 1):
            for row in range(low, high + 1):
                self._cells[column, row].append(contour)

    def at(self, point: Point) -> Iterator[Contour]:
        return reversed(self._cells.get(self._place(point), []))

    def _place(self, point: Point) -> tuple[int, int]:
        return int((point[0] - self._left) / self._cell), int((point[1] - self._low) / self._cell)


def _holds(outer: Contour, inner: Contour) -> bool:
    within_box = _covers(outer.box, inner.box[:2]) and _covers(outer.box, inner.box[2:])
    return within_box and _is_inside(inner.points[0], outer.points)


def _covers(box: BBox, point: Point) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _is_inside(point: Point, ring: Sequence[Point]) -> bool:
    """Counts how often a ray to the right crosses the ring."""
    x, y = point
    inside = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
        x0, y0 = x1, y1
    return inside
