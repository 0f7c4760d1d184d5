"""Closed outer contours with their holes: flat patterns and plates, with what a laser shop asks for.

A drawing sheet is full of closed contours that are no parts: frames, cells, views. So nothing is reported where a layout has a
frame, a title block or many loose lines, and little is trusted where it has dimensions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pipeline.extract.dxf.contours import Contour, find_contours
from pipeline.extract.dxf.nesting import Part, is_within, nest
from pipeline.extract.dxf.paths import PATH_TYPES, Path, path_of
from pipeline.extract.dxf.sheets import LayoutWalker, Placed
from pipeline.extract.dxf.units import DrawingUnit, unit_of_parts
from pipeline.extract.model import BBox, Json, Outline, Place

_MAX_PATHS = 20_000  # of one layout: beyond it is no part but a map or a plant
_MAX_OUTLINES = 500
_FARTHEST = 1e12  # coordinate in drawing units: beyond it there are no thousandths left, and areas overflow
_LEAST_SIDE_MM = 2.0
_SURE, _UNIT_UNKNOWN, _DIMENSIONED = 0.9, 0.2, 0.3  # taken off the first by the others
_LOOSE_SHARE = 0.2  # of all length
_FEW_TEXTS = 8  # a layout with more texts than that, and than one a part, is a drawing or a form; so is a dimensioned one
_MAX_DIMENSIONED_PARTS = 3  # with dimensions, more contours than that are views
_MAX_DIMENSIONED_PATHS = 2_000
_SHEETS_MM: Final = tuple(
    (float(long), float(short)) for long, short in (
        (1189, 841), (841, 594), (594, 420), (420, 297), (297, 210), (210, 148),
        (279.4, 215.9), (431.8, 279.4), (558.8, 431.8), (863.6, 558.8), (1117.6, 863.6), (355.6, 215.9),
        (304.8, 228.6), (457.2, 304.8), (609.6, 457.2), (914.4, 609.6), (1219.2, 914.4)))
_MARGINS_MM: Final = (5.0, 60.0)  # by how much a frame is smaller than its sheet, both sides together
_UNCUT = ("CENTER", "CENTRE", "MITTE", "HIDDEN", "VERDECKT", "DASH", "STRICH", "PHANTOM", "DOT", "DIVIDE", "BORDER")


@dataclass(frozen=True, slots=True)
class Outlines:
    """What closed contours a layout has.

    found    the parts, in mm
    extents  (width, height) in drawing units of everything that is drawn in full lines; None where that is no part
    unit     of the drawing, as its parts were measured; None where there are none
    """

    found: tuple[Outline, ...] = ()
    extents: tuple[float, float] | None = None
    unit: DrawingUnit | None = None


def read_outlines(
    layout: Any, walker: LayoutWalker, page_number: int, unit: DrawingUnit, *, is_sheet: bool, text_count: int, is_dimensioned: bool
) -> Outlines:
    """The parts drawn in a layout, largest first.

    unit            of the drawing; where it is unknown or makes no sense, millimetres are taken with less confidence
    is_sheet        whether the layout has a title block
    is_dimensioned  whether the file has dimensions or, on another layout, a title block
    """
    if is_sheet or (is_dimensioned and text_count > _FEW_TEXTS):
        return Outlines()
    limit = _MAX_DIMENSIONED_PATHS if is_dimensioned else _MAX_PATHS
    placed = list(islice(_drawn(layout, walker), limit + 1))
    if not placed or len(placed) > limit or text_count > max(_FEW_TEXTS, len(placed)):
        return Outlines()
    paths = _paths(placed)
    if not paths:
        return Outlines()
    box = _union(paths)
    extents = round(box[2] - box[0], 6), round(box[3] - box[1], 6)
    size = max(extents)
    if size <= 0:
        return Outlines()
    unit = unit_of_parts(unit, extents)
    contours, loose = find_contours(paths, _tolerance(size, unit.in_mm))
    scale = unit.in_mm or 1.0
    if _has_frame(contours, extents, scale, is_bare=not text_count and not loose):
        return Outlines(extents=extents)
    parts = [part for part in nest(contours) if min(part.outer.size) * scale >= _LEAST_SIDE_MM]
    if _is_drawing(parts, text_count, is_dimensioned=is_dimensioned) or _is_view(paths, loose, parts):
        return Outlines(extents=extents)
    confidence = round(_SURE - _UNIT_UNKNOWN * (unit.name is None) - _DIMENSIONED * is_dimensioned, 2)
    found = tuple(_outline(part, page_number, scale, confidence) for part in parts[:_MAX_OUTLINES])
    return Outlines(found, extents, unit if found else None)


def _is_drawing(parts: Sequence[Part], text_count: int, *, is_dimensioned: bool) -> bool:
    """Whether there are more contours than a dimensioned part has, or more texts than labels: bare rectangles are text frames."""
    labels = sum(bool(part.inner) or not _is_rectangle(part.outer) for part in parts)
    return text_count > max(_FEW_TEXTS, labels) or (is_dimensioned and len(parts) > _MAX_DIMENSIONED_PARTS)


def _is_view(paths: Sequence[Path], loose: Sequence[Path], parts: Sequence[Part]) -> bool:
    """Whether many lines are neither an outline nor, as engravings and bends are, within one."""
    room = _LOOSE_SHARE * sum(path.length for path in paths)
    for path in loose:
        room -= 0.0 if is_within(path.points[0], parts) else path.length
        if room < 0:
            return True
    return False


def _drawn(layout: Any, walker: LayoutWalker) -> Iterator[Placed]:
    """What may be cut: lines and curves in full lines on layers that show."""
    for placed in walker.walk(layout, PATH_TYPES, unfold_tables=False):
        if not walker.line_type(placed.entity, placed.layer).upper().startswith(_UNCUT):
            yield placed


def _paths(placed: Iterable[Placed]) -> list[Path]:
    paths: list[Path] = []
    for one in placed:
        try:
            path = path_of(one)
        except MemoryError:
            raise
        except Exception:  # a curve that cannot be computed is left out; contours without it stay open
            continue
        if path is not None and max(map(abs, path.box)) <= _FARTHEST:
            paths.append(path)
    return paths


def _tolerance(size: float, unit_mm: float | None) -> float:
    """Ends meet within a fiftieth of a millimetre, but never within more than a thousandth of the whole drawing."""
    return min(0.02 / (unit_mm or 1.0), size / 1000) or 1e-9


def _union(paths: Sequence[Path]) -> BBox:
    boxes = [path.box for path in paths]
    return (min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes))


def _has_frame(contours: Iterable[Contour], extents: tuple[float, float], scale: float, *, is_bare: bool) -> bool:
    """Whether a rectangle of a paper size, or of one with its margins off, holds the drawing.

    is_bare  nothing but closed contours is drawn: then a rectangle is taken for a plate
    """
    if is_bare:
        return False
    sizes = [contour.size for contour in sorted(contours, key=lambda contour: -contour.area)[:2] if _is_rectangle(contour)]
    return _is_paper(extents, scale, with_margins=False) or any(_is_paper(size, scale, with_margins=True) for size in sizes)


def _is_paper(size: tuple[float, float], scale: float, *, with_margins: bool) -> bool:
    long, short = sorted((side * scale for side in size), reverse=True)
    low, high = _MARGINS_MM
    return any(
        (abs(long - sheet[0]) < 0.6 and abs(short - sheet[1]) < 0.6)
        or (with_margins and low <= sheet[0] - long <= high and low <= sheet[1] - short <= high)
        for sheet in _SHEETS_MM
    )


def _is_rectangle(contour: Contour) -> bool:
    width, height = contour.size
    return math.isclose(contour.area, width * height, rel_tol=1e-4)


def _outline(part: Part, page_number: int, scale: float, confidence: float) -> Outline:
    width, height = part.outer.size
    diameters = Counter(round(inner.diameter * scale, 2) for inner in part.inner if inner.diameter is not None)
    holes: tuple[dict[str, Json], ...] = tuple({"diameter": diameter, "count": diameters[diameter]} for diameter in sorted(diameters))
    return Outline(
        place=Place(page_number, None, part.outer.handle, part.outer.layer),
        method="closed_contour",
        confidence=confidence,
        width_mm=round(width * scale, 4),
        height_mm=round(height * scale, 4),
        cut_length_mm=round(sum(one.length for one in (part.outer, *part.inner)) * scale, 3),
        area_mm2=round((part.outer.area - sum(inner.area for inner in part.inner)) * scale * scale, 3),
        inner_count=len(part.inner),
        holes=holes,
    )
