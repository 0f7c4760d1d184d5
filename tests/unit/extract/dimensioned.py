"""Dimensions as drawing programs put them on a page, drawn with PyMuPDF for the tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pipeline.extract.model import Annotation, Dimension
from pipeline.extract.pdf import read_pdf
from tests.unit.extract.drawings import pdf_of

Draw = Callable[[Any], None]


def dimensions_of(*drawn: Draw, rotation: int = 0) -> dict[str, Dimension]:
    """The dimensions that are read from a page with all of this on it, by their text."""
    return {found.raw_text: found for found in _read(drawn, rotation).dimensions}


def annotations_of(*drawn: Draw) -> list[Annotation]:
    """The annotations of a page with all of this on it."""
    return list(_read(drawn, 0).annotations)


def _read(drawn: tuple[Draw, ...], rotation: int) -> Any:
    def draw(page: Any) -> None:
        for one in drawn:
            one(page)

    return read_pdf(pdf_of([draw], rotation=rotation))


def line_between(x0: float, y0: float, x1: float, y1: float) -> Draw:
    """A dimension line with a filled arrowhead at either end, pointing outwards."""

    def draw(page: Any) -> None:
        page.draw_line((x0, y0), (x1, y1), width=0.5)
        arrow(x0, y0, x1, y1)(page)
        arrow(x1, y1, x0, y0)(page)

    return draw


def arrow(x: float, y: float, from_x: float, from_y: float, *, length: float = 8, width: float = 2.5) -> Draw:
    """A filled arrowhead whose tip is (x, y), seen from (from_x, from_y)."""

    def draw(page: Any) -> None:
        away = math.hypot(from_x - x, from_y - y)
        dx, dy = (from_x - x) / away, (from_y - y) / away
        base_x, base_y = x + length * dx, y + length * dy
        left = (base_x - dy * width / 2, base_y + dx * width / 2)
        right = (base_x + dy * width / 2, base_y - dx * width / 2)
        page.draw_polyline([(x, y), left, right], fill=(0, 0, 0), closePath=True, width=0.2)

    return draw


def text(x: float, y: float, written: str, *, size: float = 10, rotate: int = 0) -> Draw:
    """Text whose baseline starts at (x, y)."""
    return lambda page: page.insert_text((x, y), written, fontsize=size, rotate=rotate)


def dimension(x: float, y: float, written: str, *, length: float = 120) -> Draw:
    """A horizontal dimension line with its text over the middle."""

    def draw(page: Any) -> None:
        line_between(x, y, x + length, y)(page)
        text(x + length / 2 - 15, y - 3, written)(page)

    return draw


def drawn_diameter(x: float, y: float, *, size: float = 10) -> Draw:
    """A Ø drawn as a ring with a slash, its left end at x, standing on the baseline y."""

    def draw(page: Any) -> None:
        radius = 0.33 * size
        middle = (x + radius, y - 0.36 * size)
        page.draw_circle(middle, radius, width=0.4)
        page.draw_line((middle[0] - 0.2 * size, middle[1] + 0.46 * size), (middle[0] + 0.2 * size, middle[1] - 0.46 * size), width=0.4)

    return draw


def box(x0: float, y0: float, x1: float, y1: float) -> Draw:
    """Four lines around something."""

    def draw(page: Any) -> None:
        for start, end in (((x0, y0), (x1, y0)), ((x1, y0), (x1, y1)), ((x1, y1), (x0, y1)), ((x0, y1), (x0, y0))):
            page.draw_line(start, end, width=0.5)

    return draw


def lines(*ends: tuple[float, float, float, float]) -> Draw:
    """Straight lines."""

    def draw(page: Any) -> None:
        for x0, y0, x1, y1 in ends:
            page.draw_line((x0, y0), (x1, y1), width=0.5)

    return draw
