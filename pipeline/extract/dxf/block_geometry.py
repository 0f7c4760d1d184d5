"""A hash of what a block looks like: the same for the same geometry whatever its name, base point, layers and colours."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ezdxf.math import Matrix44, Vec3

from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text

_MAX_ENTITIES = 20_000  # of one definition, and of all definitions that it inserts: beyond it no hash is given
_MAX_DEPTH = 8
_STEPS = 20_000  # a block's larger side is told apart into so many
# Where one step ends and the next begins: off the places at which people put their coordinates, so that noise of programs
# in the last digits does not tip a coordinate into the next step.
_OFFSET: Final = 0.4871
_TEXTS: Final = frozenset({"TEXT", "ATTDEF", "MTEXT"})

Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Shape:
    """One entity: what it is, its points in order or in the reverse order, and figures that do not move with it.

    numbers  compared as they are; lengths in drawing units, compared in steps
    """

    kind: str
    points: tuple[Vec3, ...]
    numbers: tuple[float, ...] = ()
    lengths: tuple[float, ...] = ()
    text: str = ""


class BlockHasher:
    """Hashes block definitions, those they insert included."""

    def __init__(self, blocks: Any) -> None:
        self._blocks = blocks
        self._known: dict[str, tuple[str | None, Size | None, Vec3]] = {}

    def hash_and_size(self, block: Any) -> tuple[str | None, Size | None]:
        """(hash, (width, height) in drawing units); None for a block without geometry, or with too much of it."""
        content_hash, size, _ = self._hash(block, 0)
        return content_hash, size

    def _hash(self, block: Any, depth: int) -> tuple[str | None, Size | None, Vec3]:
        name = str(block.name).casefold()
        if name in self._known:
            return self._known[name]
        self._known[name] = (None, None, Vec3())  # a block that holds itself ends here
        if depth <= _MAX_DEPTH and len(block) <= _MAX_ENTITIES:
            self._known[name] = self._compute(block, depth)
        return self._known[name]

    def _compute(self, block: Any, depth: int) -> tuple[str | None, Size | None, Vec3]:
        shapes = [shape for entity in block if (shape := self._shape(entity, depth)) is not None]
        if not shapes:
            return None, None, Vec3()
        points = [point for shape in shapes for point in shape.points]
        corner = Vec3(*(min(point[axis] for point in points) for axis in range(3)))
        width, height = (max(point[axis] for point in points) - corner[axis] for axis in range(2))
        longest = max(width, height, *(length for shape in shapes for length in shape.lengths), 1e-9)
        step = 10 ** math.floor(math.log10(longest)) / _STEPS * 10 if math.isfinite(longest) else 1.0
        lines = sorted(_written(shape, corner, step) for shape in shapes)
        digest = hashlib.sha256("\n".join([f"step {step:.6g}", *lines]).encode("utf-8", errors="replace")).hexdigest()
        return digest, (round(width, 6), round(height, 6)), corner

    def _shape(self, entity: Any, depth: int) -> _Shape | None:
        kind = entity.dxftype()
        try:
            if kind == "INSERT":
                return self._insert(entity, depth)
            return _text(entity, kind) if kind in _TEXTS else _geometry(entity, kind)
        except MemoryError:
            raise
        except Exception:  # an entity that ezdxf cannot compute takes no part, in this file as in every other
            return None

    def _insert(self, insert: Any, depth: int) -> _Shape | None:
        inner = self._blocks.get(insert.dxf.get("name", ""))
        if inner is None or inner.block is None:
            return None
        content_hash, _, corner = self._hash(inner, depth + 1)
        if content_hash is None:
            return None
        matrix: Matrix44 = insert.matrix44()
        axes = [matrix.transform_direction(axis) for axis in (Vec3(1, 0), Vec3(0, 1))]
        numbers = tuple(round(value, 4) for axis in axes for value in (axis.x, axis.y))
        array = (float(insert.dxf.get("row_count", 1)), float(insert.dxf.get("column_count", 1)))
        return _Shape("INSERT", (matrix.transform(corner),), (*numbers, *array), text=content_hash)


def _text(entity: Any, kind: str) -> _Shape:
    if kind == "MTEXT":
        return _Shape("TEXT", (Vec3(entity.dxf.insert),), lengths=(float(entity.dxf.char_height),), text=paragraph_text(entity.text))
    text = name_text(entity.dxf.get("tag", "")) if kind == "ATTDEF" else line_text(entity.dxf.get("text", ""))
    return _Shape(kind, (Vec3(entity.dxf.insert),), lengths=(float(entity.dxf.height),), text=text)


def _geometry(entity: Any, kind: str) -> _Shape | None:
    dxf = entity.dxf
    if kind == "LINE":
        return _Shape(kind, (Vec3(dxf.start), Vec3(dxf.end)))
    if kind == "CIRCLE":
        return _Shape(kind, (Vec3(entity.ocs().to_wcs(dxf.center)),), lengths=(float(dxf.radius),))
    if kind == "ARC":
        return _Shape(kind, (entity.start_point, entity.end_point), lengths=(float(dxf.radius),), numbers=(round(_sweep(dxf), 2),))
    if kind == "LWPOLYLINE":
        corners = [(x, y, bulge) for x, y, bulge in entity.get_points("xyb")]
        points = entity.ocs().points_to_wcs(Vec3(x, y, dxf.elevation) for x, y, _ in corners)
        return _polyline(list(points), [bulge for _, _, bulge in corners], is_closed=bool(entity.closed))
    if kind == "POLYLINE":
        if not (entity.is_2d_polyline or entity.is_3d_polyline):
            return _Shape("MESH", tuple(Vec3(vertex.dxf.location) for vertex in entity.vertices))
        bulges = [float(vertex.dxf.get("bulge", 0.0)) for vertex in entity.vertices]
        return _polyline(list(entity.points_in_wcs()), bulges, is_closed=bool(entity.is_closed))
    return _other_geometry(entity, kind)


def _other_geometry(entity: Any, kind: str) -> _Shape | None:
    dxf = entity.dxf
    if kind == "ELLIPSE":
        points = (entity.start_point, Vec3(dxf.center), entity.end_point)
        return _Shape(kind, points, (round(dxf.ratio, 4),), (Vec3(dxf.major_axis).magnitude,))
    if kind == "SPLINE":
        points = entity.control_points if len(entity.control_points) else entity.fit_points
        return _Shape(kind, tuple(Vec3(point) for point in points), (float(dxf.degree),))
    if kind in ("SOLID", "TRACE", "3DFACE"):
        return _Shape("SOLID", tuple(sorted({Vec3(corner).round(9) for corner in entity.wcs_vertices()}, key=lambda one: one.xyz)))
    return _Shape(kind, (Vec3(dxf.location),)) if kind == "POINT" else None


def _polyline(points: Sequence[Vec3], bulges: Sequence[float], *, is_closed: bool) -> _Shape | None:
    """Polylines of the old and the new kind are one kind; sorted bulges are the same from either end."""
    if not points:
        return None
    return _Shape("POLYLINE", tuple(points), (float(is_closed), *sorted(round(abs(bulge), 3) for bulge in bulges)))


def _sweep(dxf: Any) -> float:
    return float(dxf.end_angle - dxf.start_angle) % 360


def _written(shape: _Shape, corner: Vec3, step: float) -> str:
    """A shape as a line of text: its points from the block's corner, in steps; the same in both directions."""
    points = [_steps(point - corner, step) for point in shape.points]
    points = min(points, points[::-1])
    lengths = [math.floor(length / step + _OFFSET) for length in shape.lengths]
    return " ".join(map(str, (shape.kind, *_flat(points), "/", *shape.numbers, "/", *lengths, "/", shape.text)))


def _steps(point: Vec3, step: float) -> tuple[int, int, int]:
    return (math.floor(point.x / step + _OFFSET), math.floor(point.y / step + _OFFSET), math.floor(point.z / step + _OFFSET))


def _flat(points: Iterable[tuple[int, int, int]]) -> Iterator[int]:
    for point in points:
        yield from point
