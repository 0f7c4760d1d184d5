"""Drawing on one PDF page in mm, origin at the lower left corner of the page as displayed, y up."""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF is annotated only in part.

from __future__ import annotations

from functools import cache

import pymupdf

from pipeline.demo.shapes import Align, Point, Style

POINTS_PER_MM = 72 / 25.4
CAP_HEIGHT = 0.718  # of Helvetica, as a share of its font size
LINE_WIDTH_MM: dict[Style, float] = {"outline": 0.5, "hidden": 0.25, "centre": 0.18, "thin": 0.18}
DASHES: dict[Style, str | None] = {
    "outline": None,
    "hidden": "[5 3] 0",
    "centre": "[12 3 2 3] 0",
    "thin": None,
}


class Canvas:
    """Collects strokes and texts for a page; `commit` writes them as one content stream."""

    def __init__(self, page: pymupdf.Page) -> None:
        self._shape = page.new_shape()
        self._turn = page.rotation
        self._to_page = page.derotation_matrix
        self._height = page.rect.height

    def commit(self) -> None:
        self._shape.commit()

    def path(self, points: list[Point], style: Style, *, closed: bool = False) -> None:
        """A polyline through `points`."""
        self._shape.draw_polyline([self._point(point) for point in points])
        self._stroke(style, closed=closed)

    def circle(self, centre: Point, radius: float, style: Style) -> None:
        self._shape.draw_circle(self._point(centre), radius * POINTS_PER_MM)
        self._stroke(style)

    def filled(self, points: list[Point], *, white: bool = False) -> None:
        """A solid polygon without an edge: an arrow head, or the white behind a text."""
        self._shape.draw_polyline([self._point(point) for point in points])
        self._shape.finish(width=0, color=None, fill=(1, 1, 1) if white else (0, 0, 0), closePath=True)

    def text(
        self,
        at: Point,
        text: str,
        height: float,
        *,
        angle: float = 0,
        align: Align = "left",
        bold: bool = False,
    ) -> None:
        """A line of text. height: mm of the capitals; angle: degrees counter-clockwise as displayed."""
        size = height / CAP_HEIGHT * POINTS_PER_MM
        font = "hebo" if bold else "helv"
        anchor = self._point(at)
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        start = anchor - pymupdf.Point(share * _font(font).text_length(text, size), 0)
        turn = pymupdf.Matrix(angle + self._turn)
        self._shape.insert_text(start, text, fontsize=size, fontname=font, morph=(anchor, turn))

    def _stroke(self, style: Style, *, closed: bool = False) -> None:
        width = LINE_WIDTH_MM[style] * POINTS_PER_MM
        self._shape.finish(width=width, dashes=DASHES[style], closePath=closed, color=(0, 0, 0))

    def _point(self, point: Point) -> pymupdf.Point:
        shown = pymupdf.Point(point[0] * POINTS_PER_MM, self._height - point[1] * POINTS_PER_MM)
        return pymupdf.Point(shown * self._to_page)


def text_width(text: str, height: float) -> float:
    """Width in mm of a line whose capitals are `height` mm high."""
    return float(_font("helv").text_length(text, height / CAP_HEIGHT))


@cache
def _font(name: str) -> pymupdf.Font:
    """The font's metrics. (PyMuPDF's get_text_length is short for texts with an Ø or a ±.)"""
    return pymupdf.Font(name)
