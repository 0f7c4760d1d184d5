"""What a drawing is made of: lines, texts and dimensions, as plain data that PDF and DXF both render.

Coordinates are in model units (mm or inch), y up. Offsets that only say where a dimension stands are in mm on
paper, so that the same dimension is legible at 1:1 and at 1:10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Style = Literal["outline", "hidden", "centre", "thin"]
Align = Literal["left", "centre", "right"]
Axis = Literal["h", "v", "aligned"]


@dataclass(frozen=True, slots=True)
class Line:
    a: Point
    b: Point
    style: Style = "outline"


@dataclass(frozen=True, slots=True)
class Circle:
    centre: Point
    radius: float
    style: Style = "outline"


@dataclass(frozen=True, slots=True)
class Arc:
    """start, end  degrees, drawn counter-clockwise from start to end"""

    centre: Point
    radius: float
    start: float
    end: float
    style: Style = "outline"


@dataclass(frozen=True, slots=True)
class Outline:
    """A polyline; `closed` joins its last point to its first."""

    points: tuple[Point, ...]
    closed: bool = True
    style: Style = "outline"


@dataclass(frozen=True, slots=True)
class Hatch:
    """A cut face. slope is 45 or 135 degrees, so that neighbouring parts can be told apart."""

    points: tuple[Point, ...]
    slope: Literal[45, 135] = 45


@dataclass(frozen=True, slots=True)
class Text:
    """height  mm on paper, of the capitals"""

    at: Point
    text: str
    height: float = 3.0
    align: Align = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Tolerance:
    """plus, minus  signed, in the unit of the drawing"""

    plus: float
    minus: float


@dataclass(frozen=True, slots=True)
class LinearDim:
    """A length between two points; its line stands `offset` mm (paper) from `a`.

    axis 'h' measures x, 'v' measures y, 'aligned' the distance; offset is along +y, +x or the left normal.
    """

    a: Point
    b: Point
    offset: float
    axis: Axis = "h"
    prefix: str = ""
    suffix: str = ""
    tolerance: Tolerance | None = None

    @property
    def value(self) -> float:
        if self.axis == "h":
            return abs(self.b[0] - self.a[0])
        if self.axis == "v":
            return abs(self.b[1] - self.a[1])
        return math.dist(self.a, self.b)


@dataclass(frozen=True, slots=True)
class RoundDim:
    """A diameter or radius with a leader to a shelf that stands `at` mm (paper) from the centre.

    through  the arrow touches the far side: for an inner bend radius, seen from within
    """

    centre: Point
    radius: float
    at: Point
    kind: Literal["diameter", "radius"] = "diameter"
    prefix: str = "Ø"
    suffix: str = ""
    tolerance: Tolerance | None = None
    through: bool = False

    @property
    def value(self) -> float:
        return self.radius if self.kind == "radius" else 2 * self.radius


@dataclass(frozen=True, slots=True)
class AngleDim:
    """The angle at `vertex` from `start` to `end` degrees; its arc has `radius` mm on paper."""

    vertex: Point
    start: float
    end: float
    radius: float
    prefix: str = ""
    suffix: str = "°"
    tolerance: Tolerance | None = None

    @property
    def value(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class OrdinateDim:
    """A distance from a common origin; the text stands `at` mm (paper) from the point."""

    origin: Point
    point: Point
    at: Point
    axis: Literal["x", "y"]
    prefix: str = ""
    suffix: str = ""
    tolerance: Tolerance | None = None

    @property
    def value(self) -> float:
        index = 0 if self.axis == "x" else 1
        return abs(self.point[index] - self.origin[index])


@dataclass(frozen=True, slots=True)
class Note:
    """A text on a shelf, `at` mm (paper) from the tip that its arrow touches; a ring makes it a balloon."""

    tip: Point
    at: Point
    text: str
    ring: bool = False


Dim = LinearDim | RoundDim | AngleDim | OrdinateDim
Stroke = Line | Circle | Arc | Outline | Hatch
Item = Stroke | Text | Dim | Note
View = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written: metric `12.5`, German `12,5`, inch `.500`."""

    decimals: int = 3
    separator: str = "."
    keep_trailing: bool = False
    keep_leading: bool = True

    def show(self, value: float) -> str:
        text = f"{value:.{self.decimals}f}"
        if not self.keep_trailing and "." in text:
            text = text.rstrip("0").rstrip(".")
        if not self.keep_leading and text.startswith("0."):
            text = text[1:]
        return text.replace(".", self.separator)


METRIC = NumberStyle()
GERMAN = NumberStyle(separator=",")
INCH = NumberStyle(keep_trailing=True, keep_leading=False)


def main_text(dim: Dim, numbers: NumberStyle) -> str:
    """The dimension as shown, an asymmetric tolerance aside (`limits` gives that)."""
    text = f"{dim.prefix}{numbers.show(dim.value)}{dim.suffix}"
    if dim.tolerance is None or limits(dim, numbers):
        return text
    return f"{text} ±{numbers.show(dim.tolerance.plus)}"


def limits(dim: Dim, numbers: NumberStyle) -> tuple[str, str] | None:
    """The upper and lower deviation to be stacked, or None where one `±` says it."""
    tolerance = dim.tolerance
    if tolerance is None or tolerance.plus == -tolerance.minus:
        return None
    return _deviation(tolerance.plus, numbers), _deviation(tolerance.minus, numbers)


def _deviation(value: float, numbers: NumberStyle) -> str:
    if value == 0:
        return "0"
    return ("+" if value > 0 else "-") + numbers.show(abs(value))


def polar(centre: Point, radius: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))


def rectangle(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
