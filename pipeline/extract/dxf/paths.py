"""Lines, arcs and curves as paths: points close enough for lengths and areas, with the exact length where there is one.

All in drawing units, y upwards, as the file has them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ezdxf.math import Matrix44, Vec3

from pipeline.extract.dxf.sheets import Placed
from pipeline.extract.model import BBox

Point = tuple[float, float]

PATH_TYPES: Final = frozenset({"LINE", "ARC", "CIRCLE", "ELLIPSE", "LWPOLYLINE", "POLYLINE", "SPLINE"})
_ARC_STEP: Final = math.radians(30)
_PLACED_ARC_STEP: Final = math.radians(3)  # of a block that may stand turned: the points farthest out are others there
_QUARTER: Final = math.pi / 2
_CURVE_POINTS = 48  # of an ellipse or spline


@dataclass(frozen=True, slots=True)
class Path:
    """One entity's path.

    points     along it, first and last being its own ends; a closed one ends where it begins
    length     exact for straight lines and arcs, along the points for other curves
    bulge      area between the points' chords and the path, positive where the path turns left
    is_closed  True where the entity says so or ends where it begins
    """

    points: tuple[Point, ...]
    length: float
    bulge: float
    box: BBox
    is_closed: bool
    handle: str | None
    layer: str


def path_of(placed: Placed) -> Path | None:
    """The path of a placed entity; None where it has no extent or is a mesh."""
    entity, kind = placed.entity, placed.entity.dxftype()
    if kind == "POLYLINE" and not (entity.is_2d_polyline or entity.is_3d_polyline):
        return None
    pieces = list(_pieces(entity, kind, _ARC_STEP if placed.matrix is None else _PLACED_ARC_STEP))
    points = [point for at, piece in enumerate(pieces) for point in (piece.points if at == 0 else piece.points[1:])]
    length, bulge = sum(piece.length for piece in pieces), sum(piece.bulge for piece in pieces)
    placed_points = _in_plane(entity, kind, points, placed.matrix)
    if placed.matrix is not None or placed_points != points:
        scale = _scale(placed.matrix)
        turned = -1.0 if _mirrors(entity, placed.matrix) else 1.0
        length, bulge = (length * scale, bulge * scale * scale * turned) if scale else (_length(placed_points), 0.0)
    if len(placed_points) < 2 or not math.isfinite(length) or length <= 0:
        return None
    is_closed = kind == "CIRCLE" or math.dist(placed_points[0], placed_points[-1]) <= 1e-9 * length
    return Path(tuple(placed_points), length, bulge, box_of(placed_points), is_closed, placed.handle, placed.layer)


def box_of(points: Sequence[Point]) -> BBox:
    """(x_min, y_min, x_max, y_max)"""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class _Piece:
    points: list[Point]
    length: float
    bulge: float = 0.0


def _pieces(entity: Any, kind: str, arc_step: float) -> Iterator[_Piece]:
    if kind == "LINE":
        yield _chord(Vec3(entity.dxf.start), Vec3(entity.dxf.end))
    elif kind == "ARC":
        start, end = math.radians(entity.dxf.start_angle), math.radians(entity.dxf.end_angle)
        yield _arc(Vec3(entity.dxf.center), float(entity.dxf.radius), start, (end - start) % math.tau or math.tau, arc_step)
    elif kind == "CIRCLE":
        yield _arc(Vec3(entity.dxf.center), abs(float(entity.dxf.radius)), 0.0, math.tau, arc_step)
    elif kind == "LWPOLYLINE":
        yield from _polyline([(x, y, bulge) for x, y, bulge in entity.get_points("xyb")], is_closed=bool(entity.closed), arc_step=arc_step)
    elif kind == "POLYLINE":
        corners = [(*Vec3(vertex.dxf.location).vec2, float(vertex.dxf.get("bulge", 0.0))) for vertex in entity.vertices
                   if not vertex.is_spline_frame_point]
        yield from _polyline(corners, is_closed=bool(entity.is_closed), arc_step=arc_step)
    else:
        yield from _curve(entity, kind)


def _chord(start: Vec3, end: Vec3) -> _Piece:
    points = [(start.x, start.y), (end.x, end.y)]
    return _Piece(points, math.dist(*points))


def _arc(center: Vec3, radius: float, start: float, sweep: float, arc_step: float) -> _Piece:
    """Points of a circle's arc, those farthest left, right, up and down among them: its box is exact.

    sweep  rad, negative turns clockwise
    """
    count = max(2, math.ceil(abs(sweep) / arc_step))
    turn = math.copysign(1.0, sweep)
    turns = [abs(sweep) * step / count for step in range(1, count)]
    first = (-start * turn) % _QUARTER
    turns.extend(first + _QUARTER * quarter for quarter in range(4) if 1e-6 < first + _QUARTER * quarter < abs(sweep) - 1e-6)
    turns.sort()
    turns = [0.0, *turns, abs(sweep)]
    points = [(center.x + radius * math.cos(start + turn * angle), center.y + radius * math.sin(start + turn * angle)) for angle in turns]
    if abs(abs(sweep) - math.tau) < 1e-12:
        points[-1] = points[0]
    segments = sum(step - math.sin(step) for step in (end - begin for begin, end in pairwise(turns)))
    return _Piece(points, abs(radius * sweep), turn * radius * radius / 2 * segments)


def _polyline(corners: Sequence[tuple[float, float, float]], *, is_closed: bool, arc_step: float) -> Iterator[_Piece]:
    ring = [*corners, corners[0]] if is_closed and corners else list(corners)
    for (x0, y0, bulge), (x1, y1, _) in pairwise(ring):
        if (x0, y0) == (x1, y1):
            continue
        is_arc = abs(bulge) > 1e-9
        yield _bulged(Vec3(x0, y0), Vec3(x1, y1), bulge, arc_step) if is_arc else _chord(Vec3(x0, y0), Vec3(x1, y1))


def _bulged(start: Vec3, end: Vec3, bulge: float, arc_step: float) -> _Piece:
    """The arc of a polyline: bulge is the tangent of a quarter of its sweep."""
    sweep = 4 * math.atan(bulge)
    radius = (end - start).magnitude / (2 * math.sin(abs(sweep) / 2))
    to_center = (end - start).orthogonal(ccw=bulge > 0).normalize(radius * math.cos(abs(sweep) / 2))
    center = start.lerp(end) + to_center
    piece = _arc(center, radius, math.atan2(start.y - center.y, start.x - center.x), sweep, arc_step)
    return _Piece([(start.x, start.y), *piece.points[1:-1], (end.x, end.y)], piece.length, piece.bulge)


def _curve(entity: Any, kind: str) -> Iterator[_Piece]:
    if kind == "ELLIPSE":
        sweep = (entity.dxf.end_param - entity.dxf.start_param) % math.tau or math.tau
        params = [entity.dxf.start_param + sweep * step / _CURVE_POINTS for step in range(_CURVE_POINTS + 1)]
        points = [(point.x, point.y) for point in entity.vertices(params)]
    else:
        tool = entity.construction_tool()
        points = [(point.x, point.y) for point in tool.approximate(max(_CURVE_POINTS, 4 * len(entity.control_points)))]
    yield _Piece(points, _length(points))


def _length(points: Sequence[Point]) -> float:
    return sum(math.dist(*pair) for pair in pairwise(points))


def _in_plane(entity: Any, kind: str, points: list[Point], matrix: Matrix44 | None) -> list[Point]:
    """The points where they are drawn: out of the entity's own coordinate system, through the blocks around it."""
    has_own_system = kind in ("ARC", "CIRCLE", "LWPOLYLINE") or (kind == "POLYLINE" and entity.is_2d_polyline)
    if has_own_system and entity.dxf.hasattr("extrusion") and not Vec3(entity.dxf.extrusion).isclose((0, 0, 1)):
        points = [(point.x, point.y) for point in entity.ocs().points_to_wcs(Vec3(x, y) for x, y in points)]
    if matrix is None:
        return points
    return [(point.x, point.y) for point in matrix.transform_vertices(Vec3(x, y) for x, y in points)]


def _mirrors(entity: Any, matrix: Matrix44 | None) -> bool:
    turns = Vec3(entity.dxf.get("extrusion", (0, 0, 1))).z < 0 if entity.dxf.is_supported("extrusion") else False
    if matrix is not None:
        x, y = matrix.transform_direction(Vec3(1, 0)), matrix.transform_direction(Vec3(0, 1))
        turns ^= x.x * y.y - x.y * y.x < 0
    return turns


def _scale(matrix: Matrix44 | None) -> float:
    """How much longer a block's insertion makes all lengths; 0 where it depends on their direction."""
    if matrix is None:
        return 1.0
    across, along = matrix.transform_direction(Vec3(1, 0)).magnitude, matrix.transform_direction(Vec3(0, 1)).magnitude
    return across if math.isclose(across, along, rel_tol=1e-9) else 0.0
