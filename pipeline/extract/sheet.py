"""One sheet as its readers see it: text with places, whether it came from a text layer, OCR or DXF entities.

Two systems of coordinates meet here. The *page* is what a viewer shows: PDF points, origin top left, y growing
downwards; every bbox that leaves the readers is in it. The *reading frame* is the page turned until its text is
upright, for some drawings lie on their side; all geometry inside the readers is in that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.extract.grid import union
from pipeline.extract.model import BBox, Block, Place

Matrix = tuple[float, float, float, float, float, float]  # a, b, c, d, e, f as in PDF: x' = ax + cy + e, y' = bx + dy + f
Point = tuple[float, float]

_MIN_SHARE = 0.6  # of the characters that must run in another direction for the sheet to count as turned


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page is turned to be read.

    turn           degrees clockwise by which the displayed page is turned: 0, 90, 180, 270
    width, height  of the displayed page, before turning
    """

    turn: int
    width: float
    height: float

    @property
    def size(self) -> tuple[float, float]:
        """(width, height) of the reading frame."""
        return (self.width, self.height) if self.turn in (0, 180) else (self.height, self.width)

    @property
    def matrix(self) -> Matrix:
        """From displayed coordinates to the reading frame."""
        return {
            0: (1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
            90: (0.0, 1.0, -1.0, 0.0, self.height, 0.0),
            180: (-1.0, 0.0, 0.0, -1.0, self.width, self.height),
            270: (0.0, -1.0, 1.0, 0.0, 0.0, self.width),
        }[self.turn]

    def displayed(self, box: BBox) -> BBox:
        """A box of the reading frame as the viewer shows it, in hundredths of a point."""
        x0, y0, x1, y1 = box
        if self.turn == 90:
            x0, y0, x1, y1 = y0, self.height - x1, y1, self.height - x0
        elif self.turn == 180:
            x0, y0, x1, y1 = self.width - x1, self.height - y1, self.width - x0, self.height - y0
        elif self.turn == 270:
            x0, y0, x1, y1 = self.width - y1, x0, self.width - y0, x1
        return round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of one font on one baseline, in the reading frame.

    origin      start of the baseline
    direction   unit vector along which the text reads; (1, 0) is upright, (0, -1) reads upwards
    size        font size in points
    confidence  of OCR, in [0, 1]; None for text that the file itself holds
    """

    text: str
    bbox: BBox
    origin: Point
    direction: Point
    size: float
    font: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One printed line, or a piece of it that stands apart, as blocks are made of them.

    bbox        in displayed coordinates
    box         the same in the reading frame
    size        font size of most of its letters, in points
    is_upright  in the reading frame
    """

    text: str
    bbox: BBox
    box: BBox
    size: float
    is_bold: bool = False
    is_upright: bool = True


@dataclass(frozen=True, slots=True)
class TextLine:
    """One upright line of text: bbox in the reading frame, place as it is reported."""

    text: str
    bbox: BBox
    place: Place

    @property
    def height(self) -> float:
        return self.bbox[3] - self.bbox[1]

    @property
    def middle(self) -> float:
        return (self.bbox[1] + self.bbox[3]) / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of one page.

    text, blocks  everything in reading order; blocks' boxes are in displayed coordinates
    spans         every run of text, whatever its direction, in the reading frame
    lines         the upright lines, in the reading frame
    method        'text_layer', 'ocr', 'dxf_text', 'none'
    confidence    share of the text that can be trusted, in [0, 1]; None where there is none
    groups        the lines of each block, in the blocks' order
    """

    page_number: int
    frame: Frame
    text: str
    blocks: tuple[Block, ...]
    spans: tuple[Span, ...]
    lines: tuple[TextLine, ...]
    method: str
    confidence: float | None
    groups: tuple[tuple[ShownLine, ...], ...] = ()

    @property
    def has_text(self) -> bool:
        return self.method != "none"

    @property
    def size(self) -> tuple[float, float]:
        """(width, height) of the reading frame."""
        return self.frame.size

    def place(self, box: BBox) -> Place:
        """The place of a box of the reading frame, as it is reported."""
        return Place(self.page_number, self.frame.displayed(box))


def joined_place(places: Sequence[Place]) -> Place:
    """The place of a value that several texts make up: the first one's, with the box around all."""
    first = places[0]
    boxes = [place.bbox for place in places if place.bbox is not None]
    return Place(first.page_number, union(boxes) if boxes else None, first.entity_handle, first.layer)


def combine(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies `first`, `then` the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def transform_point(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def transform_box(matrix: Matrix, box: BBox) -> BBox:
    """The box around the four transformed corners of a box."""
    corners = [transform_point(matrix, x, y) for x in box[0::2] for y in box[1::2]]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def reading_turn(runs: Iterable[tuple[Point, int]]) -> int:
    """Degrees clockwise that make most of a page's text upright.

    runs  (direction as displayed, number of letters and digits) of each run of text
    """
    counts = {0: 0, 90: 0, 180: 0, 270: 0}
    total = 0
    for (along_x, along_y), count in runs:
        total += count
        if along_x > 0.9:
            counts[0] += count
        elif along_y < -0.9:
            counts[90] += count
        elif along_x < -0.9:
            counts[180] += count
        elif along_y > 0.9:
            counts[270] += count
    turn = max(counts, key=lambda degrees: counts[degrees])
    return turn if counts[turn] > _MIN_SHARE * total else 0
