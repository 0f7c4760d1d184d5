"""Views of turned parts: flanges, shafts, bushings, rollers and a gear wheel, with their dimensions."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.demo.flat import cross
from pipeline.demo.shapes import (
    Arc,
    Circle,
    Hatch,
    Item,
    Line,
    LinearDim,
    Note,
    Outline,
    Point,
    RoundDim,
    Text,
    Tolerance,
    View,
    polar,
    rectangle,
)


@dataclass(frozen=True, slots=True)
class Flange:
    """A round flange with a hub behind it; lengths along the axis, all diameters in mm."""

    outer: float
    hub: float
    bore: float
    thickness: float
    length: float
    pitch_circle: float
    hole_count: int
    hole: float
    bore_fit: str = " H7"


def flange_front(part: Flange) -> View:
    """Seen along the axis, origin in the centre."""
    centres = [polar((0, 0), part.pitch_circle / 2, 90 + k * 360 / part.hole_count) for k in range(part.hole_count)]
    holes = [item for c in centres for item in (Circle(c, part.hole / 2), *cross(c, part.hole * 0.8))]
    pitch = polar((0, 0), part.pitch_circle / 2, 225)
    return (
        Circle((0, 0), part.outer / 2),
        Circle((0, 0), part.hub / 2, "hidden"),
        Circle((0, 0), part.bore / 2),
        Circle((0, 0), part.pitch_circle / 2, "centre"),
        *cross((0, 0), part.outer / 2 + 5),
        *holes,
        RoundDim((0, 0), part.outer / 2, (part.outer * 0.45, part.outer * 0.5)),
        RoundDim(centres[1], part.hole / 2, (-34, 22), prefix=f"{part.hole_count}x Ø"),
        Note(pitch, (-28, -24), f"Ø{part.pitch_circle:g} PCD"),
    )


def flange_section(part: Flange, caption: str) -> View:
    """Cut through the axis, hub to the right; origin on the axis at the mounting face."""
    t, length = part.thickness, part.length
    outer, hub, bore = part.outer / 2, part.hub / 2, part.bore / 2
    half: tuple[Point, ...] = ((0, bore), (length, bore), (length, hub), (t, hub), (t, outer), (0, outer))
    mirrored = tuple((x, -y) for x, y in half)
    return (
        Hatch(half),
        Hatch(mirrored),
        Outline(half),
        Outline(mirrored),
        Line((0, -bore), (0, bore)),
        Line((length, -bore), (length, bore)),
        Line((-6, 0), (length + 6, 0), "centre"),
        Text((length / 2, outer + 12), caption, 3.5, "centre", bold=True),
        LinearDim((0, -outer), (t, -outer), -11, tolerance=Tolerance(0.1, -0.1)),
        LinearDim((0, -outer), (length, -hub), -21),
        LinearDim((0, -bore), (0, bore), -13, "v", "Ø", part.bore_fit),
        LinearDim((length, -hub), (length, hub), 13, "v", "Ø", tolerance=Tolerance(0.0, -0.046)),
        Note((t / 2, outer), (16, 6), "Ra 3.2"),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One cylinder of a shaft; `fit` is what follows the diameter (' k6'), a thread replaces it."""

    diameter: float
    length: float
    fit: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Shaft:
    """Steps from left to right; the key seat stands in step `key_step`."""

    steps: tuple[Step, ...]
    chamfer: float
    key_step: int
    key_width: float
    key_length: float


def shaft_side(part: Shaft) -> View:
    """Seen from the side, origin on the axis at the left end; diameters above, lengths below."""
    widest = max(step.diameter for step in part.steps) / 2
    items: list[Item] = []
    x = 0.0
    for index, step in enumerate(part.steps):
        items += _shaft_step(part, step, x, widest)
        if index == part.key_step:
            items += _key_seat(part, x, step)
        x += step.length
    return (
        *items,
        Line((-8, 0), (x + 8, 0), "centre"),
        LinearDim((0, -widest), (x, -widest), -28, tolerance=Tolerance(0.2, -0.2)),
        Note((0, part.steps[0].diameter / 2 - part.chamfer), (-16, 16), f"{part.chamfer:g}x45°"),
    )


def _shaft_step(part: Shaft, step: Step, x: float, widest: float) -> list[Item]:
    radius, end = step.diameter / 2, x + step.length
    items: list[Item] = [
        Outline(_chamfered(x, end, radius, part.chamfer if x == 0 else 0)),
        LinearDim((x, -widest), (end, -widest), -14),
    ]
    middle = x + step.length / 2
    if step.thread:
        inner = radius * 0.9
        thread = [Line((x, inner), (end, inner), "thin"), Line((x, -inner), (end, -inner), "thin")]
        return [*items, *thread, Note((middle, radius), (10, 20), step.thread)]
    return [*items, LinearDim((middle, -radius), (middle, radius), 0, "v", "Ø", step.fit)]


def _chamfered(x: float, end: float, radius: float, cut: float) -> tuple[Point, ...]:
    if not cut:
        return rectangle(x, -radius, end - x, 2 * radius)
    return (
        (x, cut - radius),
        (x + cut, -radius),
        (end, -radius),
        (end, radius),
        (x + cut, radius),
        (x, radius - cut),
    )


def _key_seat(part: Shaft, x: float, step: Step) -> list[Item]:
    """The seat lies right of the diameter's dimension line, so that both can be read."""
    r = part.key_width / 2
    left = x + step.length / 2 + 5 + r
    right = left + part.key_length - 2 * r
    return [
        Line((left, r), (right, r)),
        Line((left, -r), (right, -r)),
        Arc((left, 0), r, 90, 270),
        Arc((right, 0), r, 270, 450),
        Note((right, r), (16, 34), f"{part.key_width:g} P9 x {part.key_length:g}"),
    ]


@dataclass(frozen=True, slots=True)
class Bushing:
    outer: float
    bore: float
    length: float


def bushing_section(part: Bushing) -> View:
    """Cut through the axis, origin on the axis at the left face."""
    outer, bore, length = part.outer / 2, part.bore / 2, part.length
    wall = rectangle(0, bore, length, outer - bore)
    lower = rectangle(0, -outer, length, outer - bore)
    return (
        Hatch(wall),
        Hatch(lower),
        Outline(rectangle(0, -outer, length, part.outer)),
        Line((0, bore), (length, bore)),
        Line((0, -bore), (length, -bore)),
        Line((-3, 0), (length + 3, 0), "centre"),
        LinearDim((0, -outer), (length, -outer), -12, tolerance=Tolerance(0.0, -0.1)),
        LinearDim((0, -bore), (0, bore), -10, "v", "Ø", " H7"),
        LinearDim((0, -outer), (0, outer), -20, "v", "Ø", " h9"),
        Note((length, outer - 0.5), (10, 14), "2x 0,5x45°"),
    )


def bushing_end(part: Bushing) -> View:
    """Seen along the axis; carries no dimensions, the section has them all."""
    return (
        Circle((0, 0), part.outer / 2),
        Circle((0, 0), part.bore / 2),
        *cross((0, 0), part.outer / 2 + 2),
    )


@dataclass(frozen=True, slots=True)
class Roller:
    """A conveyor roller: a tube on a shaft that stands out at both ends."""

    tube: float
    wall: float
    tube_length: float
    shaft: float
    shaft_length: float


def roller_side(part: Roller) -> View:
    """Upper half cut, lower half from outside; origin on the axis at the tube's left end."""
    length, radius, inner, axle = part.tube_length, part.tube / 2, part.tube / 2 - part.wall, part.shaft / 2
    over = (part.shaft_length - length) / 2
    cap = part.shaft * 0.9
    caps = (rectangle(0, axle, cap, inner - axle), rectangle(length - cap, axle, cap, inner - axle))
    wall = rectangle(0, inner, length, part.wall)
    return (
        Hatch(wall),
        *(Hatch(points, 135) for points in caps),
        Outline(wall),
        *(Outline(points) for points in caps),
        Outline(((0, 0), (0, -radius), (length, -radius), (length, 0)), closed=False),
        Line((0, axle), (length, axle)),
        Outline(((0, -axle), (-over, -axle), (-over, axle), (0, axle)), closed=False),
        Outline(((length, -axle), (length + over, -axle), (length + over, axle), (length, axle)), closed=False),
        Line((-over - 12, 0), (length + over + 12, 0), "centre"),
        LinearDim((0, -radius), (length, -radius), -12, tolerance=Tolerance(0.5, -0.5)),
        LinearDim((-over, -axle), (length + over, -axle), -40, tolerance=Tolerance(0.0, -1.0)),
        LinearDim((-over, -axle), (-over, axle), -14, "v", "Ø", " h9"),
        LinearDim((length, -radius), (length, radius), over / 2 + 16, "v", "Ø"),
        Note((length * 0.6, radius), (12, 14), f"t = {part.wall:g}"),
        Note((-over, 0), (-6, 26), "M10 x 20 tief"),
    )


@dataclass(frozen=True, slots=True)
class Gear:
    """A spur gear: `module` mm times `teeth` is its pitch diameter."""

    module: float
    teeth: int
    bore: float


def gear_front(part: Gear) -> View:
    """Seen along the axis, teeth as straight-sided trapezia (the drawing is of a blank with its cut)."""
    pitch = part.module * part.teeth / 2
    tip, root = pitch + part.module, pitch - 1.25 * part.module
    step = 360 / part.teeth
    teeth = tuple(
        polar((0, 0), radius, (index + share) * step)
        for index in range(part.teeth)
        for radius, share in ((root, -0.32), (tip, -0.14), (tip, 0.14), (root, 0.32))
    )
    return (
        Outline(teeth),
        Circle((0, 0), pitch, "centre"),
        Circle((0, 0), part.bore / 2),
        Circle((0, 0), part.bore * 0.8),
        *cross((0, 0), tip + 4),
        RoundDim((0, 0), tip, (38, 46), tolerance=Tolerance(0.0, -0.1)),
        RoundDim((0, 0), part.bore / 2, (40, -46), suffix=" H7"),
        Note(polar((0, 0), pitch, 150), (-14, 30), f"m = {part.module:g}  z = {part.teeth}"),
    )
