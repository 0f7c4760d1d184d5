"""The ruled lines of a page: what frames the cells of its title block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.extract.grid import Grid, Line, make_grid, rectangle_edges

_MAX_CONTENT_BYTES = 2_500_000  # some 15,000 paths, a third of a second; denser pages are outlines of text
_MAX_ITEMS = 120_000
_MIN_LENGTH = 7.0  # points: the short side of a small cell
_TOLERANCE = 0.75  # points


def read_grid(page: Any) -> Grid:
    """The rules of a PyMuPDF page in displayed coordinates; none where it is too dense to be worth it."""
    if len(page.read_contents()) > _MAX_CONTENT_BYTES:
        return make_grid((), min_length=_MIN_LENGTH, tolerance=_TOLERANCE)
    matrix = page.rotation_matrix
    return make_grid(_lines(page, tuple(matrix)), min_length=_MIN_LENGTH, tolerance=_TOLERANCE)


def _lines(page: Any, matrix: tuple[float, ...]) -> Iterator[Line]:
    seen = 0
    for path in page.get_cdrawings():
        seen += len(path["items"])
        if seen > _MAX_ITEMS:
            return
        for item in path["items"]:
            for x0, y0, x1, y1 in _edges(item):
                yield *_turn(matrix, x0, y0), *_turn(matrix, x1, y1)


def _edges(item: tuple[Any, ...]) -> tuple[Line, ...]:
    """The straight lines of a path item; a thin filled rectangle comes as its two long sides, close together."""
    if item[0] == "l":
        return ((*item[1], *item[2]),)
    if item[0] == "re":
        return rectangle_edges(*item[1])
    if item[0] == "qu":
        upper_left, upper_right, lower_left, lower_right = item[1]
        return (
            (*upper_left, *upper_right),
            (*upper_right, *lower_right),
            (*lower_right, *lower_left),
            (*lower_left, *upper_left),
        )
    return ()


def _turn(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
