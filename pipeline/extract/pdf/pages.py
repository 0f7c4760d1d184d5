"""A page's text as it is displayed: upright lines, blocks in reading order, boxes as the viewer sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pymupdf

from pipeline.extract.grid import union
from pipeline.extract.model import BBox, Block, Place
from pipeline.extract.normalise import clean_line, join_lines, legible_share
from pipeline.extract.sheet import (
    Frame,
    Matrix,
    Point,
    Sheet,
    ShownLine,
    Span,
    TextLine,
    combine,
    reading_turn,
    transform_box,
    transform_point,
)

_mupdf: Any = pymupdf  # annotated in parts only
_FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES  # images would be decoded for nothing
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_UPRIGHT = 0.99  # cosine between a line's direction and the page's horizontal
_IN_ORDER = 0.6  # share of neighbouring blocks that must follow each other for the file's order to be kept
_SPLIT_GAP = 3.0  # in line heights: text set further apart than this belongs to two lines
_BOLD_FLAG = 16  # of MuPDF's spans
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|cmbx|bx\d", re.IGNORECASE)


def read_sheet(page: Any, page_number: int) -> Sheet:
    """The text layer of a PyMuPDF page, turned with the page."""
    matrix: Matrix = tuple(page.rotation_matrix)
    with _plain_colours():
        blocks_found = page.get_text("dict", flags=_FLAGS)["blocks"]
    raw_groups = [block["lines"] for block in blocks_found if block.get("lines")]
    frame = _frame(page, raw_groups, matrix)
    upright = _upright_direction(matrix, frame)
    groups = [lines for raw in raw_groups if (lines := [line for one in raw for line in _displayed_lines(one, matrix, upright, frame)])]
    groups = _in_reading_order(groups)
    blocks = tuple(Block(block_text(lines), union([line.bbox for line in lines]), size=main_size(lines)) for lines in groups)
    text = join_lines(block.text for block in blocks)
    upright_lines = tuple(_text_line(line, page_number) for lines in groups for line in lines if line.is_upright)
    return Sheet(
        page_number=page_number,
        frame=frame,
        text=text,
        blocks=blocks,
        spans=tuple(_spans(raw_groups, combine(matrix, frame.matrix))),
        lines=upright_lines,
        method="text_layer" if any(map(str.isalnum, text)) else "none",
        confidence=legible_share(text),
        groups=tuple(tuple(lines) for lines in groups),
    )


@contextmanager
def _plain_colours() -> Iterator[None]:
    """Colours converted without the file's profiles, whose loading takes a fifth of the time; what text is coloured is not asked."""
    _mupdf.TOOLS.set_icc(False)
    try:
        yield
    finally:
        _mupdf.TOOLS.set_icc(True)


def _frame(page: Any, raw_groups: Sequence[Sequence[dict[str, Any]]], matrix: Matrix) -> Frame:
    runs = (
        (_direction(line["dir"], matrix), sum(sum(map(str.isalnum, span["text"])) for span in line["spans"]))
        for lines in raw_groups
        for line in lines
    )
    return Frame(reading_turn(runs), page.rect.width, page.rect.height)


def _upright_direction(matrix: Matrix, frame: Frame) -> Point:
    """The direction, in the file's own coordinates, of text that reads upright."""
    a, _, c, *_ = combine(matrix, frame.matrix)
    return a, c


def _direction(along: Point, matrix: Matrix) -> Point:
    a, b, c, d, _, _ = matrix
    return a * along[0] + c * along[1], b * along[0] + d * along[1]


def _text_line(line: ShownLine, page_number: int) -> TextLine:
    return TextLine(line.text, line.box, Place(page_number, line.bbox))


def _spans(raw_groups: Sequence[Sequence[dict[str, Any]]], matrix: Matrix) -> Iterator[Span]:
    is_plain = matrix == _IDENTITY
    for lines in raw_groups:
        for line in lines:
            direction = line["dir"] if is_plain else _direction(line["dir"], matrix)
            for span in line["spans"]:
                text = span["text"]
                if text and not text.isspace():
                    box, origin = span["bbox"], span["origin"]
                    if not is_plain:
                        box, origin = transform_box(matrix, box), transform_point(matrix, *origin)
                    yield Span(text, box, origin, direction, span["size"], span["font"])


def _displayed_lines(raw: dict[str, Any], matrix: Matrix, upright: Point, frame: Frame) -> list[ShownLine]:
    """One line of MuPDF's, cut where spans stand far apart, in displayed coordinates."""
    along_x, along_y = raw["dir"]
    is_upright = along_x * upright[0] + along_y * upright[1] > _UPRIGHT
    result: list[ShownLine] = []
    for spans in _cut(raw["spans"], is_along_x=abs(along_x) > _UPRIGHT):
        text = clean_line("".join(span["text"] for span in spans))
        if text:
            box = spans[0]["bbox"] if len(spans) == 1 else union([span["bbox"] for span in spans])
            x0, y0, x1, y1 = box if matrix == _IDENTITY else transform_box(matrix, box)
            bbox = (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))
            main = spans[0] if len(spans) == 1 else max(spans, key=lambda span: len(span["text"].strip()))
            turned = bbox if frame.turn == 0 else transform_box(frame.matrix, bbox)
            result.append(ShownLine(text, bbox, turned, main["size"], _are_bold(spans), is_upright))
    return result


def _are_bold(spans: Sequence[dict[str, Any]]) -> bool:
    return all(_is_bold(span["flags"], span["font"]) for span in spans if not span["text"].isspace())


@lru_cache(maxsize=256)
def _is_bold(flags: int, font: str) -> bool:
    return bool(flags & _BOLD_FLAG) or _BOLD_NAME.search(font) is not None


def main_size(lines: Sequence[ShownLine]) -> float:
    """The font size of most of the letters, in points with one decimal."""
    if len(lines) == 1:
        return round(lines[0].size, 1)
    letters: dict[float, int] = {}
    for line in lines:
        size = round(line.size, 1)
        letters[size] = letters.get(size, 0) + len(line.text)
    return max(letters, key=lambda size: letters[size])


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


def block_text(lines: Sequence[ShownLine]) -> str:
    """The lines one below the other; pieces of one printed row stay on one line."""
    rows: list[str] = []
    previous: ShownLine | None = None
    for line in lines:
        if previous is not None and continues_row(previous, line):
            rows[-1] = f"{rows[-1]} {line.text}"
        else:
            rows.append(line.text)
        previous = line
    return "\n".join(rows)


def continues_row(before: ShownLine, after: ShownLine) -> bool:
    """Whether a piece stands on the printed row of the one before, to its right."""
    if not (before.is_upright and after.is_upright) or after.box[0] < before.box[2] - 1:
        return False
    shared = min(before.box[3], after.box[3]) - max(before.box[1], after.box[1])
    return shared > 0.6 * min(before.box[3] - before.box[1], after.box[3] - after.box[1])


def _in_reading_order(groups: list[list[ShownLine]]) -> list[list[ShownLine]]:
    """The file's own order where it runs down the page, else rows from top to bottom.

    Writers of prose put it down in reading order, columns included; drawing programs in any order.
    """
    boxes = [union([line.box for line in lines]) for lines in groups]
    follows = sum(_follows(before, after) for before, after in pairwise(boxes))
    least = 1 if len(groups) == 2 else _IN_ORDER * (len(groups) - 1)
    if follows >= least:
        return groups
    order = sorted(range(len(groups)), key=lambda index: (round(boxes[index][1] / 4), boxes[index][0], boxes[index][1]))
    return [groups[index] for index in order]


def _follows(before: BBox, after: BBox) -> bool:
    """Whether a block stands below another, beside it to the right, or at the top of a further column."""
    slack = 2.0
    return after[1] >= before[3] - slack or (after[0] >= before[2] - slack and after[1] <= before[3])
