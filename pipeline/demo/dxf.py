"""DXF bytes of a drawing: the same sheet in model space at full size, with real DIMENSION entities.

Model space holds the part 1:1 in its own unit; frame, tables and title block stand around it, enlarged by the
inverse of the drawing's scale, as draughtsmen do who plot from model space.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ezdxf import options  # type: ignore[attr-defined]  # public, but not listed in its __all__
from ezdxf.document import Drawing as DxfDocument
from ezdxf.entities.dimstyleoverride import DimStyleOverride
from ezdxf.enums import TextEntityAlignment
from ezdxf.filemanagement import new
from ezdxf.layouts.base import BaseLayout
from ezdxf.math import Vec2

from pipeline.demo.layout import block_corner, surroundings, title_cells
from pipeline.demo.shapes import (
    AngleDim,
    Arc,
    Circle,
    Dim,
    Hatch,
    Item,
    Line,
    LinearDim,
    Note,
    OrdinateDim,
    Outline,
    Point,
    RoundDim,
    Style,
    Text,
)
from pipeline.demo.spec import DrawingSpec

BLOCK_NAME = "TITLE_BLOCK"
DIM_STYLE = "DRAFT"
LAYERS: dict[str, tuple[int, str]] = {  # colour, line type
    "OUTLINE": (7, "CONTINUOUS"),
    "HIDDEN": (3, "DASHED"),
    "CENTER": (1, "CENTER"),
    "THIN": (8, "CONTINUOUS"),
    "HATCH": (8, "CONTINUOUS"),
    "DIMENSIONS": (2, "CONTINUOUS"),
    "TEXT": (7, "CONTINUOUS"),
    "TITLE": (7, "CONTINUOUS"),
}
STYLE_LAYER: dict[Style, str] = {"outline": "OUTLINE", "hidden": "HIDDEN", "centre": "CENTER", "thin": "THIN"}
ALIGNMENT = {
    "left": TextEntityAlignment.LEFT,
    "centre": TextEntityAlignment.CENTER,
    "right": TextEntityAlignment.RIGHT,
}


def dxf_bytes(spec: DrawingSpec, *, sheet: int = 1, version: str = "R2010") -> bytes:
    """One sheet of the drawing as a text DXF of the given release: 'R2000' or later."""
    with fixed_meta_data():
        document = new(version, setup=("linetypes",), units=1 if spec.unit == "in" else 4)
        _prepare(document, spec)
        target = _Sheet(document.modelspace(), spec.paper_per_unit)
        target.draw(surroundings(spec), (0, 0), 1 / spec.paper_per_unit)
        for placed in spec.sheets[sheet - 1]:
            target.draw(placed.view, placed.at, 1)
        _insert_title_block(document, spec, sheet)
        register_classes(document)
        text = io.StringIO(newline="\n")
        document.write(text)
    return text.getvalue().encode(document.output_encoding, errors="dxfreplace")


@contextmanager
def fixed_meta_data() -> Iterator[None]:
    """ezdxf stamps time and a fresh GUID into each file, unless told not to."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before


def register_classes(document: DxfDocument) -> None:
    """Fill the CLASSES section in order: ezdxf would walk a set, whose order differs from process to process."""
    for name in sorted(document.entitydb.dxf_types_in_use()):
        document.classes.add_class(name)


def _prepare(document: DxfDocument, spec: DrawingSpec) -> None:
    """Header, layers and the dimension style."""
    document.header["$INSUNITS"] = 1 if spec.unit == "in" else 4
    document.header["$MEASUREMENT"] = 0 if spec.unit == "in" else 1
    document.header["$LTSCALE"] = 1 / spec.paper_per_unit
    for name, (colour, line_type) in LAYERS.items():
        document.layers.add(name, color=colour, linetype=line_type)
    style = document.dimstyles.duplicate_entry("Standard", DIM_STYLE)
    style.dxf.dimscale = 1 / spec.paper_per_unit
    style.dxf.dimtxt, style.dxf.dimasz, style.dxf.dimexo, style.dxf.dimexe = 2.5, 2.8, 0.8, 2.0
    style.dxf.dimgap, style.dxf.dimtad = 0.8, 1
    style.dxf.dimtix, style.dxf.dimtofl = 0, 1
    style.dxf.dimdec = style.dxf.dimtdec = spec.numbers.decimals
    style.dxf.dimzin = 4 if spec.unit == "in" else 8  # drop leading zeros, or trailing ones
    style.dxf.dimdsep = ord(spec.numbers.separator)
    style.dxf.dimtzin = style.dxf.dimzin
    style.dxf.dimtfac, style.dxf.dimtolj = 0.7, 1
    style.dxf.dimtih, style.dxf.dimtoh = 0, 0


def _insert_title_block(document: DxfDocument, spec: DrawingSpec, sheet: int) -> None:
    """The title block as one INSERT whose attributes carry the fields."""
    block = document.blocks.new(BLOCK_NAME)
    cells = title_cells(spec, sheet)
    for cell in cells:
        label, value = cell.label_text, cell.value_text
        target = _Sheet(block, 1.0)
        target.draw((*cell.lines, label), (0, 0), 1)
        block.add_attdef(cell.key.upper(), value.at, dxfattribs={"height": value.height, "layer": "TITLE"})
    factor = 1 / spec.paper_per_unit
    x, y = block_corner(spec)
    insert = document.modelspace().add_blockref(
        BLOCK_NAME,
        (x * factor, y * factor),
        dxfattribs={"xscale": factor, "yscale": factor, "zscale": factor},
    )
    insert.dxf.layer = "TITLE"
    insert.add_auto_attribs({cell.key.upper(): cell.value for cell in cells})


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a view lies in model space: origin, and model units for one of its units."""

    origin: Point
    factor: float

    def point(self, point: Point) -> Vec2:
        return Vec2(self.origin[0] + point[0] * self.factor, self.origin[1] + point[1] * self.factor)


class _Sheet:
    """Adds items to a layout. paper: mm on paper for one unit of the layout."""

    def __init__(self, layout: BaseLayout, paper: float) -> None:
        self._layout = layout
        self._paper = paper

    def draw(self, items: Iterable[Item], at: Point, factor: float) -> None:
        """Add items whose origin lies `at` mm on the sheet; factor: layout units for one of theirs."""
        frame = _Frame((at[0] / self._paper, at[1] / self._paper), factor)
        for item in items:
            if isinstance(item, Dim):
                self._dimension(frame, item)
            else:
                self._shape(frame, item)

    def _shape(self, frame: _Frame, item: Item) -> None:
        layout = self._layout
        match item:
            case Line(a, b, style):
                layout.add_line(frame.point(a), frame.point(b), {"layer": STYLE_LAYER[style]})
            case Circle(centre, radius, style):
                layout.add_circle(frame.point(centre), radius * frame.factor, {"layer": STYLE_LAYER[style]})
            case Arc(centre, radius, start, end, style):
                attributes = {"layer": STYLE_LAYER[style]}
                layout.add_arc(frame.point(centre), radius * frame.factor, start, end, dxfattribs=attributes)
            case Outline(points, closed, style):
                self._polyline([frame.point(point) for point in points], closed, STYLE_LAYER[style])
            case Hatch(points, slope):
                self._hatch([frame.point(point) for point in points], slope)
            case Text(at, text, height, align, _):
                self._text(frame.point(at), text, height, ALIGNMENT[align])
            case Note():
                self._note(frame, item)

    def _polyline(self, points: list[Vec2], closed: bool, layer: str) -> None:
        self._layout.add_lwpolyline(points, close=closed, dxfattribs={"layer": layer})

    def _hatch(self, points: list[Vec2], slope: int) -> None:
        hatch = self._layout.add_hatch(dxfattribs={"layer": "HATCH"})
        hatch.set_pattern_fill("ANSI31", scale=0.8 / self._paper, angle=slope - 45)
        hatch.paths.add_polyline_path(points, is_closed=True)

    def _text(self, at: Vec2, text: str, height: float, align: TextEntityAlignment) -> None:
        entity = self._layout.add_text(text, height=height / self._paper, dxfattribs={"layer": "TEXT"})
        entity.set_placement(at, align=align)

    def _note(self, frame: _Frame, note: Note) -> None:
        tip = frame.point(note.tip)
        elbow = tip + Vec2(note.at) / self._paper
        self._polyline([tip, elbow], False, "DIMENSIONS")
        if note.ring:
            centre = elbow + Vec2(note.at).normalize(4 / self._paper)
            self._layout.add_circle(centre, 4 / self._paper, {"layer": "DIMENSIONS"})
            self._text(centre - Vec2(0, 1.5 / self._paper), note.text, 3.0, ALIGNMENT["centre"])
            return
        align = ALIGNMENT["left" if note.at[0] >= 0 else "right"]
        self._text(elbow + Vec2(0, 0.8 / self._paper), note.text, 2.5, align)

    def _dimension(self, frame: _Frame, dim: Dim) -> None:
        """The DIMENSION entity with its block; `<>` in its text stands for the measured value."""
        attributes = {"layer": "DIMENSIONS"}
        override = _add_dimension(self._layout, frame, dim, self._paper, attributes)
        if dim.tolerance is not None:
            override.set_tolerance(dim.tolerance.plus, -dim.tolerance.minus)
        override.render()


def _add_dimension(layout: BaseLayout, frame: _Frame, dim: Dim, paper: float, attributes: dict[str, str]) -> DimStyleOverride:
    common: dict[str, Any] = {"dimstyle": DIM_STYLE, "text": _template(dim), "dxfattribs": attributes}
    match dim:
        case LinearDim(a, b, offset, axis):
            first, second = frame.point(a), frame.point(b)
            if axis == "aligned":
                return layout.add_aligned_dim(first, second, offset / paper, **common)
            base = first + (Vec2(offset, 0) if axis == "v" else Vec2(0, offset)) / paper
            return layout.add_linear_dim(base, first, second, angle=90 if axis == "v" else 0, **common)
        case RoundDim():
            return _add_round_dimension(layout, frame, dim, paper, common)
        case AngleDim(vertex, start, end, radius):
            return layout.add_angular_dim_cra(frame.point(vertex), radius / paper, start, end, 0, **common)
        case OrdinateDim(origin, point, at, axis):
            add = layout.add_ordinate_x_dim if axis == "x" else layout.add_ordinate_y_dim
            return add(frame.point(point), Vec2(at) / paper, origin=frame.point(origin), **common)


def _add_round_dimension(
    layout: BaseLayout, frame: _Frame, dim: RoundDim, paper: float, common: dict[str, Any]
) -> DimStyleOverride:
    """A diameter or radius with its level text outside, on a leader."""
    centre = frame.point(dim.centre)
    add = layout.add_radius_dim if dim.kind == "radius" else layout.add_diameter_dim
    outside = {"dimtmove": 1, "dimtoh": 1, "dimtad": 0, "dimtofl": 0}
    location = centre + Vec2(dim.at) / paper
    return add(centre, radius=dim.radius * frame.factor, location=location, override=outside, **common)


def _template(dim: Dim) -> str:
    """The text with `<>` for the measured value, which brings its own Ø, R or degree sign."""
    if isinstance(dim, AngleDim):
        return "<>"
    prefix = dim.prefix.removesuffix("Ø").removesuffix("R") if isinstance(dim, RoundDim) else dim.prefix
    return f"{prefix}<>{dim.suffix}"
