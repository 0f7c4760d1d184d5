"""Items onto a PDF canvas: outlines, hatches, and dimensions with extension lines, arrows and tolerances."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.demo.canvas import Canvas, text_width
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
    NumberStyle,
    OrdinateDim,
    Outline,
    Point,
    RoundDim,
    Stroke,
    Style,
    Text,
    limits,
    main_text,
    polar,
)
from pipeline.demo.spec import DrawingSpec

TEXT = 2.5  # mm, capitals of dimension texts
STACKED = 1.7  # mm, capitals of stacked deviations
ARROW = 2.8
GAP = 0.8  # between object and extension line, and between dimension line and text
HATCH_STEP = 2.5


@dataclass(frozen=True, slots=True)
class Placement:
    """From model units to mm on the sheet."""

    canvas: Canvas
    numbers: NumberStyle
    at: Point
    factor: float

    def point(self, point: Point) -> Point:
        return (self.at[0] + point[0] * self.factor, self.at[1] + point[1] * self.factor)


def draw_items(canvas: Canvas, items: Iterable[Item], spec: DrawingSpec, *, at: Point = (0, 0), factor: float = 1.0) -> None:
    """Draw items whose origin lies `at` mm on the sheet; factor: mm on paper for one of their units."""
    place = Placement(canvas, spec.numbers, at, factor)
    for item in sorted(items, key=lambda item: isinstance(item, Dim | Note)):
        _draw(place, item)  # dimensions last: their texts mask what lies below


def _draw(place: Placement, item: Item) -> None:
    match item:
        case Text(at, text, height, align, bold):
            place.canvas.text(place.point(at), text, height, align=align, bold=bold)
        case LinearDim():
            _linear(place, item)
        case RoundDim():
            _round(place, item)
        case AngleDim():
            _angle(place, item)
        case OrdinateDim():
            _ordinate(place, item)
        case Note():
            _note(place, item)
        case _:
            _stroke(place, item)


def _stroke(place: Placement, item: Stroke) -> None:
    match item:
        case Line(a, b, style):
            place.canvas.path([place.point(a), place.point(b)], style)
        case Circle(centre, radius, style):
            place.canvas.circle(place.point(centre), radius * place.factor, style)
        case Arc(centre, radius, start, end, style):
            _arc(place, place.point(centre), radius * place.factor, start, end, style)
        case Outline(points, closed, style):
            place.canvas.path([place.point(point) for point in points], style, closed=closed)
        case Hatch(points, slope):
            for line in hatch_lines([place.point(point) for point in points], slope):
                place.canvas.path(list(line), "thin")


def _arc(place: Placement, centre: Point, radius: float, start: float, end: float, style: Style) -> None:
    count = max(8, math.ceil((end - start) / 6))
    angles = [start + (end - start) * k / count for k in range(count + 1)]
    place.canvas.path([polar(centre, radius, angle) for angle in angles], style)


def hatch_lines(points: list[Point], slope: int) -> list[tuple[Point, Point]]:
    """Parallel lines inside a polygon (even-odd rule), HATCH_STEP mm apart, at 45 or 135 degrees."""
    sign = -1 if slope == 45 else 1
    levels = [y + sign * x for x, y in points]  # a line of this slope keeps y + sign * x
    step = HATCH_STEP * math.sqrt(2)
    first = math.floor(min(levels) / step) + 1
    lines: list[tuple[Point, Point]] = []
    for k in range(first, math.ceil(max(levels) / step)):
        cuts = sorted(_cuts(points, levels, k * step))
        lines += zip(cuts[::2], cuts[1::2], strict=False)
    return lines


def _cuts(points: list[Point], levels: list[float], level: float) -> list[Point]:
    cuts: list[Point] = []
    for k, (x, y) in enumerate(points):
        before, after = levels[k - 1] - level, levels[k] - level
        if (before < 0) != (after < 0):
            share = before / (before - after)
            start = points[k - 1]
            cuts.append((start[0] + share * (x - start[0]), start[1] + share * (y - start[1])))
    return cuts


def _linear(place: Placement, dim: LinearDim) -> None:
    a, b = place.point(dim.a), place.point(dim.b)
    angle = {"h": 0.0, "v": 90.0, "aligned": math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))}[dim.axis]
    along = polar((0, 0), 1, angle)
    away = (1.0, 0.0) if dim.axis == "v" else polar((0, 0), 1, angle + 90)
    first = (a[0] + away[0] * dim.offset, a[1] + away[1] * dim.offset)
    reach = (b[0] - a[0]) * along[0] + (b[1] - a[1]) * along[1]
    second = (first[0] + along[0] * reach, first[1] + along[1] * reach)
    for start, end in ((a, first), (b, second)):
        _extension(place, start, end)
    if reach < 0:
        first, second = second, first
    _dimension_line(place, dim, first, second, angle)


def _extension(place: Placement, start: Point, end: Point) -> None:
    length = math.dist(start, end)
    if length <= GAP:
        return
    unit = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    begin = (start[0] + unit[0] * GAP, start[1] + unit[1] * GAP)
    stop = (end[0] + unit[0] * 2, end[1] + unit[1] * 2)
    place.canvas.path([begin, stop], "thin")


def _dimension_line(place: Placement, dim: Dim, first: Point, second: Point, angle: float) -> None:
    """The line with its arrows: inside where they and the text have room, else outside, the text beyond."""
    length = math.dist(first, second)
    width = _label_width(place, dim)
    roomy = length >= 2 * ARROW + 2
    if roomy:
        place.canvas.path([first, second], "thin")
        _arrow(place, first, angle + 180)
        _arrow(place, second, angle)
    else:
        place.canvas.path([polar(first, -2 * ARROW, angle), polar(second, 2 * ARROW, angle)], "thin")
        _arrow(place, first, angle)
        _arrow(place, second, angle + 180)
    if width <= length - 2:
        middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        start = polar(middle, -width / 2, angle)
    else:
        clear = 1.0 if roomy else 2 * ARROW
        beyond = angle == 0  # a level text goes left of its line, an upright one above it
        start = polar(first, -width - clear, angle) if beyond else polar(second, clear, angle)
        place.canvas.path([first, start] if beyond else [second, polar(start, width, angle)], "thin")
    _label(place, dim, polar(start, GAP, angle + 90), angle)


def _label_width(place: Placement, dim: Dim) -> float:
    stacked = limits(dim, place.numbers)
    extra = max(text_width(text, STACKED) for text in stacked) + 1 if stacked else 0
    return text_width(main_text(dim, place.numbers), TEXT) + extra


def _label(place: Placement, dim: Dim, at: Point, angle: float = 0) -> None:
    """The text of a dimension, starting at its lower left corner; deviations stand behind it, stacked."""
    text = main_text(dim, place.numbers)
    _mask(place, at, _label_width(place, dim), angle)
    place.canvas.text(at, text, TEXT, angle=angle)
    stacked = limits(dim, place.numbers)
    if not stacked:
        return
    behind = polar(at, text_width(text, TEXT) + 0.8, angle)
    for deviation, lift in zip(stacked, (1.9, -0.5), strict=True):
        place.canvas.text(polar(behind, lift, angle + 90), deviation, STACKED, angle=angle)


def _mask(place: Placement, at: Point, width: float, angle: float) -> None:
    """White behind a text, so that no line crosses it."""
    right, top = polar(at, width, angle), polar(at, TEXT, angle + 90)
    opposite = (right[0] + top[0] - at[0], right[1] + top[1] - at[1])
    place.canvas.filled([at, right, opposite, top], white=True)


def _arrow(place: Placement, tip: Point, angle: float) -> None:
    """A slim filled head whose tip points along `angle`."""
    place.canvas.filled([tip, polar(tip, ARROW, angle + 180 - 9), polar(tip, ARROW, angle + 180 + 9)])


def _round(place: Placement, dim: RoundDim) -> None:
    centre = place.point(dim.centre)
    elbow = (centre[0] + dim.at[0], centre[1] + dim.at[1])
    angle = math.degrees(math.atan2(dim.at[1], dim.at[0]))
    side = -1 if dim.through else 1
    tip = polar(centre, side * dim.radius * place.factor, angle)
    _arrow(place, tip, angle + 180)
    place.canvas.path([tip, elbow], "thin")
    _label(place, dim, _shelf(place, elbow, _label_width(place, dim), to_right=dim.at[0] >= 0))


def _shelf(place: Placement, elbow: Point, width: float, *, to_right: bool) -> Point:
    """A level line for a text `width` mm wide; gives the text's lower left corner."""
    left = elbow[0] if to_right else elbow[0] - width - 1
    place.canvas.path([(left, elbow[1]), (left + width + 1, elbow[1])], "thin")
    return (left + 0.5, elbow[1] + GAP)


def _angle(place: Placement, dim: AngleDim) -> None:
    vertex = place.point(dim.vertex)
    _arc(place, vertex, dim.radius, dim.start, dim.end, "thin")
    first, second = polar(vertex, dim.radius, dim.start), polar(vertex, dim.radius, dim.end)
    bend = math.degrees(ARROW / dim.radius) / 2  # the chord of an arrow leans by half its angle
    _arrow(place, first, dim.start - 90 + bend)
    _arrow(place, second, dim.end + 90 - bend)
    middle = (dim.start + dim.end) / 2
    width = _label_width(place, dim)
    x, y = polar(vertex, dim.radius + 2 + width / 2, middle)
    _label(place, dim, (x - width / 2, y - TEXT / 2))


def _ordinate(place: Placement, dim: OrdinateDim) -> None:
    point = place.point(dim.point)
    end = (point[0] + dim.at[0], point[1] + dim.at[1])
    _extension(place, point, end)
    if dim.axis == "y":
        _label(place, dim, (end[0] + 1, end[1] + GAP))
        return
    _label(place, dim, (end[0] - GAP, end[1] + 0.5), 90)


def _note(place: Placement, note: Note) -> None:
    tip = place.point(note.tip)
    elbow = (tip[0] + note.at[0], tip[1] + note.at[1])
    angle = math.degrees(math.atan2(note.at[1], note.at[0]))
    place.canvas.path([tip, elbow], "thin")
    _arrow(place, tip, angle + 180)
    if note.ring:
        centre = polar(elbow, 4, angle)
        place.canvas.circle(centre, 4, "thin")
        place.canvas.text((centre[0], centre[1] - 1.5), note.text, 3.0, align="centre")
        return
    at = _shelf(place, elbow, text_width(note.text, TEXT), to_right=note.at[0] >= 0)
    place.canvas.text(at, note.text, TEXT)
