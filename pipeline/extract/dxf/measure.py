"""What a DIMENSION entity measures, from its own points: ezdxf's figure is wrong for some kinds."""

from __future__ import annotations

import math
from typing import Any, Final

from ezdxf.math import Vec2

LINEAR, ALIGNED, ANGULAR, DIAMETER, RADIUS, ANGULAR_3P, ORDINATE = range(7)
ARC_LENGTH: Final = 8
KINDS: Final = {
    LINEAR: "linear",
    ALIGNED: "aligned",
    ANGULAR: "angle",
    DIAMETER: "diameter",
    RADIUS: "radius",
    ANGULAR_3P: "angle",
    ORDINATE: "ordinate",
    ARC_LENGTH: "arc_length",
}
_X_ORDINATE: Final = 64


def dimension_type(dimension: Any) -> int:
    """The type without its flags; ARC_DIMENSION and LARGE_RADIAL_DIMENSION are entities of their own."""
    kind = dimension.dxftype()
    if kind == "ARC_DIMENSION":
        return ARC_LENGTH
    if kind == "LARGE_RADIAL_DIMENSION":
        return RADIUS
    return int(dimension.dxf.get("dimtype", 0)) & 7


def recorded(dimension: Any, kind: int) -> float | None:
    """Group 42, in drawing units or degrees; writers that do not measure leave it at -1, 0 or out."""
    value = dimension.dxf.get("actual_measurement")
    if value is None or not math.isfinite(value) or value <= 0:
        return None
    return math.degrees(value) if kind in (ANGULAR, ANGULAR_3P) else float(value)


def measured(dimension: Any, kind: int) -> float | None:
    """The dimension's own geometry, in drawing units or degrees; None where points are missing."""
    point = _Points(dimension)
    if dimension.dxftype() == "LARGE_RADIAL_DIMENSION":
        return float((point("chord_point") - point("defpoint")).magnitude)
    if kind == LINEAR:
        direction = Vec2.from_deg_angle(dimension.dxf.get("angle", 0.0))
        return float(abs((point("defpoint3") - point("defpoint2")).dot(direction)))
    if kind == ALIGNED:
        return float((point("defpoint3") - point("defpoint2")).magnitude)
    if kind in (DIAMETER, RADIUS):
        return float((point("defpoint4") - point("defpoint")).magnitude)
    if kind == ANGULAR:
        return _angle_of_lines(dimension, point)
    if kind == ANGULAR_3P:
        return _angle_at_vertex(point)
    if kind == ORDINATE:
        return _ordinate(dimension, point)
    return None


class _Points:
    """The definition points of a dimension, by ezdxf's names, in the plane."""

    def __init__(self, dimension: Any) -> None:
        self._dxf = dimension.dxf

    def __call__(self, name: str) -> Vec2:
        return Vec2(self._dxf.get(name, (0.0, 0.0, 0.0)))


def _ordinate(dimension: Any, point: _Points) -> float:
    offset = (point("defpoint2") - point("defpoint")).rotate_deg(dimension.dxf.get("horizontal_direction", 0.0))
    is_x = bool(int(dimension.dxf.get("dimtype", 0)) & _X_ORDINATE)
    return float(abs(offset.x if is_x else offset.y))


def _angle_of_lines(dimension: Any, point: _Points) -> float | None:
    """The angle between two lines on the side where the dimension's arc stands."""
    first = point("defpoint3") - point("defpoint2")
    second = point("defpoint") - point("defpoint4")
    if first.magnitude == 0 or second.magnitude == 0:
        return None
    cross = first.det(second)
    if abs(cross) < 1e-12 * first.magnitude * second.magnitude:
        return None
    apex = point("defpoint2") + first * ((point("defpoint4") - point("defpoint2")).det(second) / cross)
    towards = (point("defpoint5") if dimension.dxf.hasattr("defpoint5") else point("defpoint")) - apex
    rays = sorted(angle % 360 for angle in (_deg(first), _deg(-first), _deg(second), _deg(-second)))
    at = _deg(towards) % 360
    for low, high in zip(rays, [*rays[1:], rays[0] + 360], strict=True):
        if low <= at <= high or low <= at + 360 <= high:
            return high - low
    return None


def _angle_at_vertex(point: _Points) -> float | None:
    vertex = point("defpoint4")
    start, end, arc = (point(name) - vertex for name in ("defpoint2", "defpoint3", "defpoint"))
    if start.magnitude == 0 or end.magnitude == 0:
        return None
    sweep = (_deg(end) - _deg(start)) % 360
    at = (_deg(arc) - _deg(start)) % 360
    return sweep if at <= sweep else 360 - sweep


def _deg(vector: Vec2) -> float:
    return math.degrees(math.atan2(vector.y, vector.x))
