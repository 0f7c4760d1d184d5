"""DXFs that no title block explains: flat patterns for the laser, and layouts made of blocks."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ezdxf.document import Drawing as DxfDocument
from ezdxf.filemanagement import new
from ezdxf.layouts.blocklayout import BlockLayout

from pipeline.demo.dxf import fixed_meta_data, register_classes
from pipeline.demo.flat import Plate, SidePlate
from pipeline.demo.shapes import Point

CUT = "CUT"


@dataclass(frozen=True, slots=True)
class Component:
    """A block of a layout: its name there, who draws it, where it stands, and the attributes of its insertions."""

    name: str
    draw: Callable[[BlockLayout], None]
    places: Sequence[Point]
    attributes: dict[str, str]


def flat_plate(plate: Plate, *, short: float = 0.0) -> bytes:
    """The plate as the laser cuts it: contour with round corners, corner holes, bore and core holes; mm.

    short  so much less high than drawn, as a pattern of an older state is
    """
    document = _document()
    space, height = document.modelspace(), plate.height - short
    bulge, r, w = 0.41421356, plate.corner, plate.width  # a quarter circle
    contour = [(r, 0, 0), (w - r, 0, bulge), (w, r, 0), (w, height - r, bulge), (w - r, height, 0), (r, height, bulge),
               (0, height - r, 0), (0, r, bulge)]
    space.add_lwpolyline(contour, format="xyb", close=True, dxfattribs={"layer": CUT})
    for x, y in plate.hole_centres:
        space.add_circle((x, min(y, height - plate.margin)), plate.hole / 2, {"layer": CUT})
    middle = (plate.width / 2, height / 2)
    space.add_circle(middle, plate.bore / 2, {"layer": CUT})
    for side in (-0.5, 0.5):
        space.add_circle((middle[0] + side * plate.thread_pitch, middle[1]), plate.thread_hole / 2, {"layer": CUT})
    return _bytes(document)


def flat_side(part: SidePlate) -> bytes:
    """The side plate as the laser cuts it: single lines and arcs that meet at their ends, as exporters write them; mm."""
    document = _document()
    space = document.modelspace()
    w, h, cut = part.length, part.height, part.cut
    corners = ((0.0, 0.0), (w, 0.0), (w, h - cut), (w - cut, h), (cut, h), (0.0, h - cut))
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        space.add_line(start, end, {"layer": CUT})
    half, r = (part.slot_length - part.slot_width) / 2, part.slot_width / 2
    for x in (w / 2 + k * part.slot_pitch for k in (-1, 0, 1)):
        y = h / 4
        space.add_line((x - half, y + r), (x + half, y + r), {"layer": CUT})
        space.add_line((x - half, y - r), (x + half, y - r), {"layer": CUT})
        space.add_arc((x - half, y), r, 90, 270, dxfattribs={"layer": CUT})
        space.add_arc((x + half, y), r, 270, 90, dxfattribs={"layer": CUT})
    space.add_circle((w - 2 * cut, h / 2), part.bearing / 2, {"layer": CUT})
    space.add_circle((cut * 1.5, h / 2), part.hole / 2, {"layer": CUT})
    return _bytes(document)


def layout(components: Sequence[Component]) -> bytes:
    """A plan in which each component is a block, inserted wherever it stands; mm."""
    document = _document()
    for component in components:
        block = document.blocks.new(component.name)
        component.draw(block)
        for k, tag in enumerate(component.attributes):
            block.add_attdef(tag, (0, -8.0 * (k + 1)), dxfattribs={"height": 5, "flags": 1})
        for place in component.places:
            insert = document.modelspace().add_blockref(component.name, place)
            insert.add_auto_attribs(component.attributes)
    return _bytes(document)


def screw_m8(block: BlockLayout) -> None:
    """A socket head screw from above: the same geometry under whatever name a draughtsman gave it."""
    block.add_circle((0, 0), 6.5)
    block.add_circle((0, 0), 4.0)
    block.add_lwpolyline([(3.46, 0), (1.73, 3), (-1.73, 3), (-3.46, 0), (-1.73, -3), (1.73, -3)], close=True)


def roller(block: BlockLayout) -> None:
    """A roller from above: tube and the two ends of its axle."""
    block.add_lwpolyline([(-250, -44.5), (250, -44.5), (250, 44.5), (-250, 44.5)], close=True)
    for x in (-280.0, 250.0):
        block.add_lwpolyline([(x, -10), (x + 30, -10), (x + 30, 10), (x, 10)], close=True)


def _document() -> DxfDocument:
    with fixed_meta_data():
        document = new("R2010", units=4)
    document.header["$INSUNITS"] = 4
    document.header["$MEASUREMENT"] = 1
    document.layers.add(CUT, color=1)
    return document


def _bytes(document: DxfDocument) -> bytes:
    with fixed_meta_data():
        register_classes(document)
        text = io.StringIO(newline="\n")
        document.write(text)
    return text.getvalue().encode(document.output_encoding, errors="dxfreplace")
