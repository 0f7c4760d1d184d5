"""A line of text that was read from an image: pixels, origin top left, y growing downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.extract.model import BBox
from pipeline.extract.sheet import Point

Image = Any  # a two-dimensional NumPy array of uint8: 0 is ink, 255 is paper


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One run of text on one baseline.

    confidence  mean of its characters' scores, in [0, 1]
    bbox        around its ink
    origin      start of the baseline
    direction   unit vector along which it reads; (1, 0) is upright
    height      of its ink across the direction
    centres     of its characters along the direction, in pixels from the origin; may be empty
    """

    text: str
    confidence: float
    bbox: BBox
    origin: Point
    direction: Point
    height: float
    centres: tuple[float, ...] = ()

    def turned_back(self, turn: int, width: float, height: float) -> OcrLine:
        """The line in the image before it was turned clockwise by `turn` degrees.

        width, height  of the image before turning
        """
        if turn == 0:
            return self
        corners = [_point_back(x, y, turn, width, height) for x in self.bbox[0::2] for y in self.bbox[1::2]]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        along_x, along_y = self.direction
        direction = {90: (along_y, -along_x), 180: (-along_x, -along_y), 270: (-along_y, along_x)}[turn]
        origin = _point_back(*self.origin, turn, width, height)
        return replace(self, bbox=(min(xs), min(ys), max(xs), max(ys)), origin=origin, direction=direction)


@dataclass(frozen=True, slots=True)
class Rule:
    """A long thin straight line along an axis: x0, y0, x1, y1 of its middle."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_vertical(self) -> bool:
        return abs(self.y1 - self.y0) > abs(self.x1 - self.x0)


def _point_back(x: float, y: float, turn: int, width: float, height: float) -> Point:
    return {90: (y, height - x), 180: (width - x, height - y), 270: (width - y, x)}[turn]


def overlap_share(a: BBox, b: BBox) -> float:
    """Area that two boxes share, as a share of the smaller one."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / smaller if smaller > 0 else 0.0


def mean_confidence(lines: Sequence[OcrLine]) -> float | None:
    """Mean over the characters of all lines; None without any."""
    count = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / count, 3) if count else None
