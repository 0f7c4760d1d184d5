"""Closed contours: paths joined where their ends meet. Of a net of lines, the outline around each connected part."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.extract.dxf.paths import Path, Point, box_of
from pipeline.extract.model import BBox

_ROUND_CORNERS = 12  # a circle drawn as a polygon has at least these


@dataclass(frozen=True, slots=True)
class Contour:
    """A closed contour, drawing units.

    points    its corners and points on its curves, the last not repeating the first
    diameter  of a circle, None for other shapes
    """

    points: tuple[Point, ...]
    length: float
    area: float
    box: BBox
    handle: str | None
    layer: str
    diameter: float | None = None

    @property
    def size(self) -> tuple[float, float]:
        return self.box[2] - self.box[0], self.box[3] - self.box[1]


def find_contours(paths: Sequence[Path], tolerance: float) -> tuple[list[Contour], list[Path]]:
    """(closed contours, paths that belong to none).

    tolerance  largest gap between ends that are meant to meet
    """
    closed = [path for path in paths if path.is_closed]
    contours = [found for path in closed if (found := _contour([(path, False)])) is not None]
    ends = _Ends(tolerance)
    arcs = [_Arc(path, ends.node(path.points[0]), ends.node(path.points[-1])) for path in paths if not path.is_closed]
    arcs = _without_doubles([arc for arc in arcs if arc.start != arc.end or arc.path.length > 4 * tolerance])
    used: set[int] = set()
    for part in _parts(_without_loose_ends(arcs)):
        for ring in _rings(part):
            found = _contour([(arc.path, backwards) for arc, backwards in ring])
            if found is not None:
                contours.append(found)
                used.update(id(arc) for arc, _ in ring)
    return _without_copies(contours, tolerance), [arc.path for arc in arcs if id(arc) not in used]


@dataclass(frozen=True, slots=True, eq=False)
class _Arc:
    path: Path
    start: int
    end: int


_Step = tuple[_Arc, bool]  # an arc, and whether it is walked backwards


class _Ends:
    """Numbers points so that those within the tolerance of each other share a number."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._cells: dict[tuple[int, int], list[tuple[Point, int]]] = defaultdict(list)
        self._count = 0

    def node(self, point: Point) -> int:
        column, row = math.floor(point[0] / self._tolerance), math.floor(point[1] / self._tolerance)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                for known, number in self._cells.get((x, y), ()):
                    if math.dist(known, point) <= self._tolerance:
                        return number
        self._count += 1
        self._cells[column, row].append((point, self._count))
        return self._count


def _without_doubles(arcs: Iterable[_Arc]) -> list[_Arc]:
    """Of arcs drawn twice, one."""
    kept: dict[tuple[int, int, float], _Arc] = {}
    for arc in arcs:
        kept.setdefault((min(arc.start, arc.end), max(arc.start, arc.end), float(f"{arc.path.length:.5g}")), arc)
    return list(kept.values())


def _without_loose_ends(arcs: list[_Arc]) -> list[_Arc]:
    """Only what lies between two other arcs can be part of a ring."""
    at: dict[int, list[_Arc]] = defaultdict(list)
    for arc in arcs:
        at[arc.start].append(arc)
        at[arc.end].append(arc)
    left = {node: len(here) for node, here in at.items()}
    loose = [node for node, count in left.items() if count == 1]
    gone: set[int] = set()
    while loose:
        node = loose.pop()
        for arc in at[node]:
            if id(arc) not in gone:
                gone.add(id(arc))
                other = arc.end if arc.start == node else arc.start
                left[other] -= 1
                if left[other] == 1:
                    loose.append(other)
    return [arc for arc in arcs if id(arc) not in gone]


def _parts(arcs: Sequence[_Arc]) -> list[list[_Arc]]:
    """Connected arcs together, in drawing order."""
    leader: dict[int, int] = {}

    def find(node: int) -> int:
        while leader.setdefault(node, node) != node:
            leader[node] = node = leader[leader[node]]
        return node

    for arc in arcs:
        leader[find(arc.start)] = find(arc.end)
    parts: dict[int, list[_Arc]] = defaultdict(list)
    for arc in arcs:
        parts[find(arc.start)].append(arc)
    return list(parts.values())


def _rings(part: Sequence[_Arc]) -> list[list[_Step]]:
    """The ring that the arcs form, or the outermost one where several meet in a point.

    Walks on the plane's faces: at each node take the next arc clockwise from where one came; the outer face is the one that is
    walked clockwise round everything.
    """
    leaving: dict[int, list[tuple[float, _Arc, bool]]] = defaultdict(list)
    for arc in part:
        leaving[arc.start].append((_direction(arc.path.points), arc, False))
        leaving[arc.end].append((_direction(arc.path.points[::-1]), arc, True))
    order = {node: sorted(here, key=lambda one: one[0]) for node, here in leaving.items()}
    place = {(id(arc), back): (node, at) for node, here in order.items() for at, (_, arc, back) in enumerate(here)}
    seen: set[tuple[int, bool]] = set()
    best: list[_Step] = []
    least = 0.0
    for arc in part:
        for back in (False, True):
            ring = _face(arc, back, order, place, seen)
            area = _ring_area(ring)
            if area < least:
                best, least = ring, area
    is_simple = all(len(here) == 2 for here in order.values())
    return [best] if best and (is_simple or _passes_once(best)) else []


def _face(
    arc: _Arc, back: bool, order: dict[int, list[tuple[float, _Arc, bool]]], place: dict[tuple[int, bool], tuple[int, int]],
    seen: set[tuple[int, bool]],
) -> list[_Step]:
    ring: list[_Step] = []
    while (id(arc), back) not in seen:
        seen.add((id(arc), back))
        ring.append((arc, back))
        node, at = place[id(arc), not back]
        _, arc, back = order[node][at - 1]
    return ring


def _passes_once(ring: Sequence[_Step]) -> bool:
    """Whether no arc is walked in both directions, as a bridge between two rings would be."""
    return len({id(arc) for arc, _ in ring}) == len(ring)


def _direction(points: Sequence[Point]) -> float:
    (x0, y0), (x1, y1) = points[0], points[1]
    return math.atan2(y1 - y0, x1 - x0)


def _ring_area(ring: Sequence[_Step]) -> float:
    return _area([point for arc, back in ring for point in (arc.path.points[::-1] if back else arc.path.points)[:-1]])


def _contour(steps: Sequence[tuple[Path, bool]]) -> Contour | None:
    points = [point for path, back in steps for point in (path.points[::-1] if back else path.points)[:-1]]
    if len(points) < 3:
        return None
    bulge = sum(-path.bulge if back else path.bulge for path, back in steps)
    area = abs(_area(points) + bulge)
    length = sum(path.length for path, _ in steps)
    if area <= 1e-9 * length * length:
        return None
    box = box_of(points)
    return Contour(tuple(points), length, area, box, steps[0][0].handle, steps[0][0].layer, _diameter(points, length, box))


def _area(points: Sequence[Point]) -> float:
    """Signed: positive counter-clockwise."""
    if len(points) < 3:
        return 0.0
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*points, points[0]])) / 2


def _diameter(points: Sequence[Point], length: float, box: BBox) -> float | None:
    """Of a circle, however it is drawn: all points equally far from the middle."""
    width, height = box[2] - box[0], box[3] - box[1]
    if len(points) < _ROUND_CORNERS or not math.isclose(width, height, rel_tol=0.02):
        return None
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    radii = [math.dist(point, middle) for point in points]
    if max(radii) - min(radii) > 0.01 * max(radii):
        return None
    return length / math.pi


def _without_copies(contours: Sequence[Contour], tolerance: float) -> list[Contour]:
    """Of contours that lie exactly on each other, one."""
    kept: dict[tuple[int, ...], Contour] = {}
    for contour in contours:
        key = (*(round(edge / (2 * tolerance)) for edge in contour.box), round(contour.area / max(contour.length * tolerance, 1e-300)))
        kept.setdefault(key, contour)
    return list(kept.values())
