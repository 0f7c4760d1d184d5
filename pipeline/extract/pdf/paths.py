"""The vector paths of a page, read once: the ruled lines of its tables, and whatever else is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from pipeline.extract.grid import Grid, Line, make_grid, rectangle_edges
from pipeline.extract.pdf.contents import is_longer
from pipeline.extract.pdf.strokes import Strokes, lines_only, read_strokes, without_letters
from pipeline.extract.pdf.surroundings import Surroundings
from pipeline.extract.sheet import Frame, Matrix, Span, combine, transform_point

_MAX_CONTENT_BYTES = 2_500_000  # some 15,000 paths, a third of a second; denser pages are outlines of text
_MOST_CONTENT_BYTES = 50_000_000  # images included; more is a bomb
_MAX_ITEMS = 120_000
_INLINE_IMAGE = re.compile(rb"\sBI\s.{0,400}?[\s>]ID\s.*?\sEI(?=\s|$)", re.DOTALL)
_MIN_LENGTH = 7.0  # points: the short side of a small cell
_IMAGE_COVER = 0.5  # share of the page
_TOLERANCE = 0.75  # points
_LETTER = 1.1  # font sizes: the longest stroke of a letter
_LETTER_HEIGHT = (1.5, 16.0)  # points: height of an outlined word
_LETTER_PIECES, _LEAST_PIECES = 12, 8  # of an outlined letter, on average and at least
_LETTER_WIDTH = 0.3  # of its height, at least
_MAX_LETTER_PATHS = 5000
_OUTLINED = 100  # letters that make a page's words outlines
_STEM = 10.0  # points: where words are outlines, a shorter bar is an 'l' or an 'I'


class PagePaths:
    """The paths of a PyMuPDF page; nothing is read before it is asked for."""

    def __init__(self, page: Any, frame: Frame, ruled: Sequence[Line] = (), texts: Sequence[Span] = ()) -> None:
        """Both in the reading frame.

        ruled  lines seen in the page's image, for pages whose lines are no paths
        texts  what OCR read: the short lines within are strokes of its letters
        """
        self._page = page
        self._ruled = ruled
        self._texts = [(*text.bbox, _LETTER * text.size) for text in texts]
        self.matrix: Matrix = combine(tuple(page.rotation_matrix), frame.matrix)
        """From the coordinates of `drawings` to the reading frame."""

    @cached_property
    def is_dense(self) -> bool:
        """Whether there is too much to be worth reading; images that stand in the content itself do not count."""
        if not is_longer(self._page, _MAX_CONTENT_BYTES):
            return False
        if is_longer(self._page, _MOST_CONTENT_BYTES):
            return True
        content = self._page.read_contents()
        return len(content) - sum(len(image) for image in _INLINE_IMAGE.findall(content)) > _MAX_CONTENT_BYTES

    @cached_property
    def drawings(self) -> list[dict[str, Any]]:
        """MuPDF's paths in the file's own coordinates; none where the page is dense."""
        return [] if self.is_dense else self._page.get_cdrawings()

    @cached_property
    def has_outlined_words(self) -> bool:
        """Whether words are drawn as filled outlines: text that became curves on export."""
        letters = accumulate(outlined_letters(path) for path in self.drawings[:_MAX_LETTER_PATHS])
        return any(count >= _OUTLINED for count in letters)

    @cached_property
    def is_image(self) -> bool:
        """Whether the page is an image, as a scan is, even where a text layer lies over it."""
        if self.drawings or self.is_dense:
            return False
        page = self._page.rect
        return any(abs(page & info["bbox"]) > _IMAGE_COVER * abs(page) for info in self._page.get_image_info())

    @cached_property
    def grid(self) -> Grid:
        """The axis-parallel rules, in the reading frame."""
        return make_grid(self.lines(), min_length=_MIN_LENGTH, tolerance=_TOLERANCE)

    @cached_property
    def strokes(self) -> Strokes:
        """Lines, arrowheads, rings and small marks, in the reading frame."""
        strokes = read_strokes(self.drawings, self.matrix) if self.drawings else lines_only(self._ruled)
        return without_letters(strokes, self._texts) if self._texts else strokes

    @cached_property
    def surroundings(self) -> Surroundings:
        """The same, ready to be asked what stands around a text."""
        return Surroundings(self.strokes)

    def lines(self) -> Iterator[Line]:
        """Every straight line that may be a rule, of every path that is no outlined letter, in the reading frame, up to a bound."""
        if not self.drawings:
            yield from self._ruled
        seen = 0
        for path in self.drawings:
            seen += len(path["items"])
            if seen > _MAX_ITEMS:
                return
            if outlined_letters(path) or (_is_stem(path) and self.has_outlined_words):
                continue
            for x0, y0, x1, y1 in _rules(path["items"]):
                line = *transform_point(self.matrix, x0, y0), *transform_point(self.matrix, x1, y1)
                if not (self._texts and self._is_of_letter(line)):
                    yield line

    def _is_of_letter(self, line: Line) -> bool:
        x0, y0, x1, y1 = line
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        if max(right - left, bottom - top) < _MIN_LENGTH:
            return False  # no rule of a table either way
        return any(
            a <= left and right <= c and b <= top and bottom <= d and max(right - left, bottom - top) <= longest
            for a, b, c, d, longest in self._texts)


def outlined_letters(path: dict[str, Any]) -> float:
    """About how many letters a filled path is; none where it has no size of a word, or hardly a curve."""
    items = path["items"]
    if "f" not in path["type"] or len(items) < _LEAST_PIECES:
        return 0
    x0, y0, x1, y1 = path["rect"]
    height, width = sorted((x1 - x0, y1 - y0))
    if not _LETTER_HEIGHT[0] <= height <= _LETTER_HEIGHT[1] or [item[0] for item in items].count("c") < len(items) / 4:
        return 0
    return float(min(len(items) / _LETTER_PIECES, max(1.0, width / (_LETTER_WIDTH * height))))


def _is_stem(path: dict[str, Any]) -> bool:
    x0, y0, x1, y1 = path["rect"]
    return "f" in path["type"] and max(x1 - x0, y1 - y0) < _STEM


def _rules(items: Sequence[tuple[Any, ...]]) -> Iterator[Line]:
    """The lines of path items that run along an axis and are no shorter than a rule, give or take; pages turn by quarters only."""
    least, most = 0.99 * _MIN_LENGTH, 1.01 * _TOLERANCE
    for item in items:
        if item[0] == "l":  # by far the most, so nothing is made of those that are no rule
            (x0, y0), (x1, y1) = item[1], item[2]
            width, height = abs(x1 - x0), abs(y1 - y0)
            if (height <= most and width >= least) or (width <= most and height >= least):
                yield x0, y0, x1, y1
        elif item[0] != "c":
            yield from _edges(item)


def _edges(item: tuple[Any, ...]) -> tuple[Line, ...]:
    """The sides of a rectangle or quadrilateral; a thin filled one comes as its two long sides, close together."""
    if item[0] == "re":
        return rectangle_edges(*item[1])
    upper_left, upper_right, lower_left, lower_right = item[1]
    return (
        (*upper_left, *upper_right),
        (*upper_right, *lower_right),
        (*lower_right, *lower_left),
        (*lower_left, *upper_left),
    )
