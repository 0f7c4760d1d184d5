"""A page's text as it is displayed: upright lines, blocks in reading order, boxes as the viewer sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pymupdf

from pipeline.extract.grid import union
from pipeline.extract.model import BBox, Block, Place
from pipeline.extract.normalise import clean_line, join_lines, legible_share
from pipeline.extract.title_block import TextLine

_FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES  # images would be decoded for nothing
_UPRIGHT = 0.99  # cosine between a line's direction and the page's horizontal
_IN_ORDER = 0.6  # share of neighbouring blocks that must follow each other for the file's order to be kept
_SPLIT_GAP = 3.0  # in line heights: text set further apart than this belongs to two lines


@dataclass(frozen=True, slots=True)
class SheetText:
    """The text of one page.

    lines    upright lines only, the input of title block and dimensions
    legible  share of the characters that mean something outside their font, in [0, 1]
    """

    text: str
    blocks: tuple[Block, ...]
    lines: tuple[TextLine, ...]
    has_text: bool
    legible: float | None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    bbox: BBox
    is_upright: bool


def read_sheet_text(page: Any, page_number: int) -> SheetText:
    """The text of a PyMuPDF page, turned with the page."""
    matrix = page.rotation_matrix
    groups: list[list[_Line]] = []
    for block in page.get_text("dict", flags=_FLAGS)["blocks"]:
        lines = [line for raw in block.get("lines", ()) for line in _displayed_lines(raw, matrix)]
        if lines:
            groups.append(lines)
    groups = _in_reading_order(groups)
    blocks = tuple(Block(_block_text(lines), _union(lines)) for lines in groups)
    text = join_lines(block.text for block in blocks)
    upright = tuple(
        TextLine(line.text, line.bbox, Place(page_number, line.bbox)) for lines in groups for line in lines if line.is_upright
    )
    return SheetText(text, blocks, upright, any(c.isalnum() for c in text), legible_share(text))


def _displayed_lines(raw: dict[str, Any], matrix: Any) -> list[_Line]:
    """One line of MuPDF's, cut where spans stand far apart, in displayed coordinates."""
    along_x, along_y = raw["dir"]
    is_upright = matrix.a * along_x + matrix.c * along_y > _UPRIGHT
    result: list[_Line] = []
    for spans in _cut(raw["spans"], is_along_x=abs(raw["dir"][0]) > _UPRIGHT):
        text = clean_line("".join(span["text"] for span in spans))
        if text:
            box = spans[0]["bbox"] if len(spans) == 1 else union([span["bbox"] for span in spans])
            result.append(_Line(text, _turned(box, matrix), is_upright))
    return result


def _cut(spans: Sequence[dict[str, Any]], *, is_along_x: bool) -> list[list[dict[str, Any]]]:
    if len(spans) < 2 or not is_along_x:
        return [list(spans)]
    pieces = [[spans[0]]]
    for before, after in pairwise(spans):
        gap = after["bbox"][0] - before["bbox"][2]
        if gap > _SPLIT_GAP * max(after["size"], 1.0):
            pieces.append([])
        pieces[-1].append(after)
    return pieces


def _turned(box: BBox, matrix: Any) -> BBox:
    """A box of the unrotated page in displayed coordinates, in hundredths of a point."""
    if matrix.a == 1 and matrix.e == 0 == matrix.f:  # not turned
        return round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2)
    xs = [matrix.a * x + matrix.c * y + matrix.e for x in box[0::2] for y in box[1::2]]
    ys = [matrix.b * x + matrix.d * y + matrix.f for x in box[0::2] for y in box[1::2]]
    return round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2)


def _union(lines: Sequence[_Line]) -> BBox:
    return union([line.bbox for line in lines])


def _block_text(lines: Sequence[_Line]) -> str:
    """The lines one below the other; pieces of one printed row stay on one line."""
    rows: list[str] = []
    previous: _Line | None = None
    for line in lines:
        if previous is not None and _continues_row(previous, line):
            rows[-1] = f"{rows[-1]} {line.text}"
        else:
            rows.append(line.text)
        previous = line
    return "\n".join(rows)


def _continues_row(before: _Line, after: _Line) -> bool:
    if not (before.is_upright and after.is_upright) or after.bbox[0] < before.bbox[2] - 1:
        return False
    shared = min(before.bbox[3], after.bbox[3]) - max(before.bbox[1], after.bbox[1])
    return shared > 0.6 * min(before.bbox[3] - before.bbox[1], after.bbox[3] - after.bbox[1])


def _in_reading_order(groups: list[list[_Line]]) -> list[list[_Line]]:
    """The file's own order where it runs down the page, else rows from top to bottom.

    Writers of prose put it down in reading order, columns included; drawing programs in any order.
    """
    if len(groups) < 3:
        return sorted(groups, key=_row_key) if len(groups) == 2 and not _follows(*groups) else groups
    follows = sum(_follows(before, after) for before, after in pairwise(groups))
    if follows >= _IN_ORDER * (len(groups) - 1):
        return groups
    return sorted(groups, key=_row_key)


def _row_key(lines: Sequence[_Line]) -> tuple[float, float, float]:
    x0, y0, _, _ = _union(lines)
    return round(y0 / 4), x0, y0


def _follows(before: Sequence[_Line], after: Sequence[_Line]) -> bool:
    """Whether a block stands below another, beside it to the right, or at the top of a further column."""
    a, b = _union(before), _union(after)
    slack = 2.0
    return b[1] >= a[3] - slack or (b[0] >= a[2] - slack and b[1] <= a[3])
