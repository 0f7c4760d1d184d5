"""Dimensions drawn as strokes beside a text layer: stroke fonts come as lines where the title block is text.

What tells digits from hatching, holes and centre marks: marks of one height in rows, the same height in many rows, on a page
with dimension lines, where the text layer has fewer numbers than there are such rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.strokes import BoolArray, FloatArray, IntArray, batches
from pipeline.extract.sheet import Sheet

_LEAST_LINES, _LEAST_ROWS = 2, 4  # with arrowheads; of digits of one height
_HEIGHT = (2.5, 16.0)  # points: of digits
_MAX_SPANS = 300  # of a text layer that may lack the dimensions
_MAX_MARKS = 1200  # beyond, a page is a picture
_MAX_PIECES = 40  # of a mark
_GAP = 0.35  # of its longer side, around each mark, within which its neighbour stands
_MARKS = (2, 24)  # in one row
_SAME = 0.06  # by which heights of one font differ
_FULL = 0.35  # share of a row's marks that are as high as digits: dots, dashes and the parts of signs are not
_OF_ROW = 0.6  # of a row's height, with tails and brackets, that a digit has at least
_SLIM = (0.05, 1.0)  # mean width of a row's digits by their height: neither lines side by side nor wider than digits
_NUMBER = re.compile(r"^[(\sØRM±]*\d[\d.,]*[\s°)]*(?:[±+\-/xX×HhGg].*)?$")


def has_drawn_dimensions(sheet: Sheet, paths: PagePaths) -> bool:
    """Whether most numbers of a page with dimension lines are strokes. sheet: its text layer."""
    if len(sheet.spans) > _MAX_SPANS or not paths.drawings or len(paths.surroundings.arrowed_lines) < _LEAST_LINES:
        return False
    numbers = sum(_NUMBER.match(span.text) is not None for span in sheet.spans)
    return drawn_rows(sheet, paths) >= max(_LEAST_ROWS, numbers)


def drawn_rows(sheet: Sheet, paths: PagePaths) -> int:
    """How many rows of digit-like marks of one height there are outside the text layer."""
    marks = _marks(sheet, paths)
    if not _LEAST_ROWS * _MARKS[0] <= len(marks) <= _MAX_MARKS:
        return 0
    heights = np.array([height for group in _groups(marks) if (height := _digit_height(marks[group]))])
    return max((int((np.abs(heights / height - 1) <= _SAME).sum()) for height in heights), default=0)


def _marks(sheet: Sheet, paths: PagePaths) -> FloatArray:
    """(n, 4) boxes of marks no larger than digits; arrowheads, and what stands on text, left out."""
    strokes = paths.strokes
    if not len(strokes.chains):
        return np.empty((0, 4))
    boxes: FloatArray = strokes.chain_boxes
    extent = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    fits = (extent >= _HEIGHT[0] / 4) & (extent <= _HEIGHT[1]) & (strokes.chains[:, 1] - strokes.chains[:, 0] < _MAX_PIECES)
    boxes = np.asarray(boxes[fits])
    if not _LEAST_ROWS * _MARKS[0] <= len(boxes) <= 2 * _MAX_MARKS:
        return boxes
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    kept = np.ones(len(boxes), dtype=bool)
    for texts in batches(np.array([span.bbox for span in sheet.spans]).reshape(-1, 4), len(boxes)):
        kept &= _are_outside(middles, middles, texts).all(axis=0)
    for tips in batches(strokes.tips, len(boxes)):
        kept &= _are_outside(boxes[:, :2] - 0.3, boxes[:, 2:] + 0.3, np.hstack((tips, tips))).all(axis=0)
    return np.asarray(boxes[kept])


def _are_outside(low: FloatArray, high: FloatArray, others: FloatArray) -> BoolArray:
    """Which boxes (columns) have nothing in common with which of the (n, 4) others (rows)."""
    return np.asarray(((high < others[:, None, :2]) | (low > others[:, None, 2:])).any(axis=2))


def _groups(boxes: FloatArray) -> Iterator[IntArray]:
    """Indices of the marks of each group of neighbours, groups that may be rows of digits."""
    margin = _GAP * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)[:, None]
    low, high = boxes[:, :2] - margin, boxes[:, 2:] + margin
    is_near = (low[:, None, 0] <= high[None, :, 0]) & (low[:, None, 1] <= high[None, :, 1])
    group = list(range(len(boxes)))
    for one, other in zip(*(side.tolist() for side in np.nonzero(np.triu(is_near & is_near.T, 1))), strict=True):
        a, b = _root(group, one), _root(group, other)
        group[max(a, b)] = min(a, b)
    roots = np.array([_root(group, index) for index in range(len(group))])
    for root in np.unique(roots).tolist():
        members = np.flatnonzero(roots == root)
        if _MARKS[0] <= len(members) <= _MARKS[1]:
            yield members


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        group[index] = group[group[index]]
        index = group[index]
    return index


def _digit_height(boxes: FloatArray) -> float:
    """The height of the digits that a group of marks can be, set upright or reading upwards; 0 where it can be none."""
    extent = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    across = int(extent[1] < extent[0])  # 1: upright
    sizes = boxes[:, 2:] - boxes[:, :2]
    heights = sizes[sizes[:, across] >= max(_HEIGHT[0], _OF_ROW * float(extent[across])), across]
    if len(heights) < _MARKS[0]:
        return 0.0
    alike = np.abs(heights[None, :] / heights[:, None] - 1) <= _SAME
    height = float(heights[alike.sum(axis=1).argmax()])
    is_full = np.abs(sizes[:, across] / height - 1) <= _SAME
    if is_full.sum() < max(_MARKS[0], _FULL * len(boxes)):
        return 0.0
    width = float(sizes[is_full, 1 - across].mean()) / height
    return height if _SLIM[0] <= width <= _SLIM[1] else 0.0
