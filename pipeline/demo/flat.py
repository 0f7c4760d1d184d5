"""Views of flat parts: plates and brackets. Each function gives the dimensioned view, origin bottom left."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.demo.shapes import (
    AngleDim,
    Arc,
    Circle,
    Line,
    LinearDim,
    Note,
    OrdinateDim,
    Outline,
    Point,
    RoundDim,
    Tolerance,
    View,
    polar,
    rectangle,
)

HOLE_TOLERANCE = Tolerance(0.1, -0.1)


@dataclass(frozen=True, slots=True)
class Plate:
    """A rectangular plate with rounded corners, four corner holes and a bore in the middle.

    margin         distance of the hole centres from the edges
    thread         size of the two tapped holes beside the bore ('M8'), spaced thread_pitch
    unit           length of 1 mm in the plate's unit: 1, or 1 / 25.4 for inch
    """

    width: float
    height: float
    thickness: float
    corner: float
    margin: float
    hole: float
    bore: float
    bore_fit: str = " H7"
    thread: str = "M8"
    thread_hole: float = 6.8
    thread_pitch: float = 100.0
    tolerance: Tolerance | None = HOLE_TOLERANCE
    unit: float = 1.0

    @property
    def hole_centres(self) -> tuple[Point, ...]:
        return rectangle(self.margin, self.margin, self.width - 2 * self.margin, self.height - 2 * self.margin)

    @property
    def middle(self) -> Point:
        return (self.width / 2, self.height / 2)


def plate_front(plate: Plate) -> View:
    """The plate from above, with all its dimensions but the thickness."""
    low_left, low_right, _, top_left = plate.hole_centres
    reach = plate.bore / 2 / plate.unit + 12
    return (
        *rounded_rectangle(plate.width, plate.height, plate.corner),
        *_holes(plate),
        LinearDim((0, 0), (plate.width, 0), -20),
        LinearDim(low_left, low_right, -_clear(plate, 11), tolerance=plate.tolerance),
        LinearDim((0, 0), (0, plate.height), -20, "v"),
        LinearDim(low_left, top_left, -_clear(plate, 11), "v", tolerance=plate.tolerance),
        RoundDim(plate.hole_centres[2], plate.hole / 2, (14, 22), prefix="4x Ø"),
        RoundDim(plate.middle, plate.bore / 2, (0.8 * reach, -0.6 * reach), suffix=plate.bore_fit),
        RoundDim(
            (plate.width - plate.corner, plate.corner),
            plate.corner,
            (14 + plate.corner / plate.unit, -9),
            "radius",
            "R",
        ),
        *_threads(plate),
    )


def plate_edge(plate: Plate) -> View:
    """The plate from the side: only its thickness is dimensioned."""
    width, half = plate.thickness, plate.bore / 2
    middle = plate.height / 2
    return (
        Outline(rectangle(0, 0, width, plate.height)),
        Line((0, middle + half), (width, middle + half), "hidden"),
        Line((0, middle - half), (width, middle - half), "hidden"),
        Line((-4 * plate.unit, middle), (width + 4 * plate.unit, middle), "centre"),
        LinearDim((0, 0), (width, 0), -11),
    )


def _clear(plate: Plate, paper: float) -> float:
    """The offset from a hole's centre that puts a dimension line `paper` mm outside the edge (at 1:1)."""
    return paper + plate.margin / plate.unit


def _holes(plate: Plate) -> View:
    items: list[Circle | Line] = [
        Circle(plate.middle, plate.bore / 2),
        *cross(plate.middle, plate.bore * 0.62),
    ]
    for centre in plate.hole_centres:
        items += [Circle(centre, plate.hole / 2), *cross(centre, plate.hole * 0.9)]
    return tuple(items)


def _threads(plate: Plate) -> View:
    x, y = plate.middle
    half = plate.thread_pitch / 2
    core = plate.thread_hole / 2
    items: list[Circle | Arc | Line] = []
    for centre in ((x - half, y), (x + half, y)):
        items += [Circle(centre, core), Arc(centre, core * 1.18, 20, 290, "thin"), *cross(centre, core * 2)]
    left = (x - half, y)
    return (
        *items,
        Note(polar(left, core, 120), (4, 22), f"2x {plate.thread}"),
        LinearDim(left, (x + half, y), plate.height / 2 / plate.unit + 9),
    )


def rounded_rectangle(width: float, height: float, radius: float) -> View:
    w, h, r = width, height, radius
    return (
        Line((r, 0), (w - r, 0)),
        Arc((w - r, r), r, 270, 360),
        Line((w, r), (w, h - r)),
        Arc((w - r, h - r), r, 0, 90),
        Line((w - r, h), (r, h)),
        Arc((r, h - r), r, 90, 180),
        Line((0, h - r), (0, r)),
        Arc((r, r), r, 180, 270),
    )


def cross(centre: Point, reach: float) -> tuple[Line, Line]:
    """Centre lines through a hole, `reach` to each side."""
    x, y = centre
    return (Line((x - reach, y), (x + reach, y), "centre"), Line((x, y - reach), (x, y + reach), "centre"))


@dataclass(frozen=True, slots=True)
class SidePlate:
    """A long sheet-metal side with two corners cut at 45 degrees, slots and round holes."""

    length: float
    height: float
    cut: float
    slot_width: float
    slot_length: float
    slot_pitch: float
    hole: float
    bearing: float


def side_plate(part: SidePlate) -> View:
    """The side plate flat, dimensioned from its left edge; ordinates for the slots."""
    w, h, cut = part.length, part.height, part.cut
    outline = ((0, 0), (w, 0), (w, h - cut), (w - cut, h), (cut, h), (0, h - cut))
    first = (w / 2 - part.slot_pitch, h / 4)
    slots = [(w / 2 + k * part.slot_pitch, h / 4) for k in (-1, 0, 1)]
    bearing = (w - 2 * cut, h / 2)
    hole = (cut * 1.5, h / 2)
    return (
        Outline(outline),
        *(item for centre in slots for item in _slot(centre, part.slot_length, part.slot_width)),
        *(OrdinateDim((0, 0), centre, (0, -40), "x") for centre in slots),
        Circle(bearing, part.bearing / 2),
        *cross(bearing, part.bearing * 0.65),
        Circle(hole, part.hole / 2),
        *cross(hole, part.hole),
        LinearDim((0, 0), (w, 0), -42, tolerance=Tolerance(0.5, -0.5)),
        LinearDim((0, 0), (0, h - cut), -10, "v"),
        LinearDim((0, 0), (0, h), -20, "v"),
        LinearDim((cut, h), (w - cut, h), 12),
        LinearDim((bearing[0], 0), (bearing[0], h / 2), (w - bearing[0]) / 2 + 12, "v"),
        AngleDim((w, h - cut), 90, 135, 22),
        Line((w, h - cut), (w, h + 4), "thin"),
        RoundDim(bearing, part.bearing / 2, (-34, 26), suffix=" H8"),
        RoundDim(hole, part.hole / 2, (18, 12)),
        Note(
            (first[0] + part.slot_length / 2, first[1] + part.slot_width / 2),
            (12, 14),
            f"3x {part.slot_width:g} x {part.slot_length:g}",
        ),
    )


def _slot(centre: Point, length: float, width: float) -> View:
    x, y = centre
    half, r = (length - width) / 2, width / 2
    return (
        Line((x - half, y + r), (x + half, y + r)),
        Line((x - half, y - r), (x + half, y - r)),
        Arc((x - half, y), r, 90, 270),
        Arc((x + half, y), r, 270, 450),
        *cross(centre, half + width),
    )


@dataclass(frozen=True, slots=True)
class Bracket:
    """An angle bracket, bent from sheet: `base` and `upright` are outer lengths, `bend` the inner radius,
    `hole_edge` from the upper edge to the hole centres.
    """

    base: float
    upright: float
    thickness: float
    bend: float
    width: float
    hole: float
    hole_pitch: float
    gusset: float
    hole_edge: float = 18.0


def bracket_side(part: Bracket) -> View:
    """The L from the side, with its bend radius, thickness and the 45 degree gusset."""
    b, u, t, r = part.base, part.upright, part.thickness, part.bend
    g = t + part.gusset
    return (
        Line((r + t, 0), (b, 0)),
        Line((b, 0), (b, t)),
        Line((b, t), (t + r, t)),
        Arc((t + r, t + r), r, 180, 270),
        Line((t, t + r), (t, u)),
        Line((t, u), (0, u)),
        Line((0, u), (0, r + t)),
        Arc((t + r, t + r), t + r, 180, 270),
        Line((g, t), (t, g)),
        LinearDim((0, 0), (b, 0), -18),
        LinearDim((0, 0), (0, u), -14, "v", tolerance=Tolerance(0.2, -0.2)),
        LinearDim((b, 0), (b, t), 10, "v"),
        RoundDim((t + r, t + r), r, (20, 30), "radius", "R", through=True),
        AngleDim((g, t), 135, 180, 15),
        LinearDim((t, t), (g, t), -9 - t),
    )


def bracket_front(part: Bracket) -> View:
    """The upright leg from the front, with its two holes."""
    w, u, p = part.width, part.upright, part.hole_pitch
    y = u - part.hole_edge
    left, right = ((w - p) / 2, y), ((w + p) / 2, y)
    return (
        Outline(rectangle(0, 0, w, u)),
        Line((0, part.thickness), (w, part.thickness), "hidden"),
        *(item for c in (left, right) for item in (Circle(c, part.hole / 2), *cross(c, part.hole))),
        LinearDim((0, 0), (w, 0), -14),
        LinearDim(left, right, u - y + 9, tolerance=Tolerance(0.1, -0.1)),
        LinearDim((w, 0), (w, y), 10, "v"),
        RoundDim(left, part.hole / 2, (12, -16), prefix="2x Ø"),
    )
