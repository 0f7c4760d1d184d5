"""The image of a sheet before it is read: contrast, ruled lines taken out, pieces cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from pipeline.extract.model import BBox
from pipeline.extract.ocr.lines import Image, Rule

INK = 160  # darker than this counts as drawn
_LINE_INK = 222  # the same for lines, which a scanner leaves paler than print
_SHORT_RULE = 0.15  # inches: a line that says something of the text beside it
_RANGE = 155  # greys between black and white after stretching
_FAINT_RANGE = 110  # the same for scans, whose print may be as light as 70 % white
_PAPER_MARGIN = 10  # below the paper's own grey all is drawn
_MAX_SHORT_RULES = 3000  # each way; more are hatching
_AROUND = 4  # pixels beside a line in which its crossings are looked for
_GAP_IN_TEXT = 0.1  # of a crop's height, as between an i and its dot
_LEAST_ROW, _ROW_MARGIN = 0.3, 0.3  # of a crop's height, of its print's
_LEAST_OF_ROW = 0.06  # of a text's length, inked in each row of high characters
_FAINT = 225  # lighter than this is paper
_RULE_LENGTH = 0.4  # inches: longer than the strokes of a drawing's letters
_RULE_WIDTH = 0.065  # inches: thicker is an area, not a rule


class SheetImage:
    """The image of a sheet as the engines read it.

    image  black on white
    clean  the same without rules
    rules  what was taken out
    dpi    pixels an inch
    """

    def __init__(self, image: Image, dpi: float, render: Callable[[float], Image | None] | None = None, turn: int = 0) -> None:
        """render: gives the image, before turning it by `turn`, at another resolution; None where that is too much"""
        self.image = image
        self.dpi = dpi
        self.turn = turn
        self.clean, self.rules = take_out_rules(image, dpi)
        self._render = render

    def turned(self, degrees: int) -> SheetImage:
        """The sheet turned clockwise."""
        return SheetImage(turned(self.image, degrees), self.dpi, self._render, (self.turn + degrees) % 360)

    def finer(self, times: float) -> SheetImage | None:
        """The sheet at so many times the resolution; None where there is no such image."""
        image = self._render(times * self.dpi) if self._render is not None else None
        if image is None:
            return None
        return SheetImage(turned(image, self.turn), times * self.dpi, self._render, self.turn)


def stretch(grey: Image, *, is_scan: bool = False) -> Image:
    """Paper white and light print black, whatever the scanner made of them; white drawings on black are inverted."""
    counts = np.bincount(grey.ravel()[:: max(1, grey.size // 1_000_000)], minlength=256)
    paper = int(counts.argmax())
    if paper < 80 and counts[:128].sum() > 0.6 * counts.sum():
        return stretch(255 - grey, is_scan=is_scan)
    white = max(120, min(245, paper - _PAPER_MARGIN))
    span = _FAINT_RANGE if is_scan else _RANGE
    table = np.clip((np.arange(256) - (white - span)) * 255 / span, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(table[grey])


def take_out_rules(image: Image, dpi: float) -> tuple[Image, list[Rule]]:
    """The image without long thin lines along its axes, and those lines; what crosses or touches them stays."""
    length, width = round(_RULE_LENGTH * dpi), max(3, round(_RULE_WIDTH * dpi))
    ink = (image < _LINE_INK).astype(np.uint8)
    result = image.copy()
    rules = list(_erased(ink, result, length, width, is_level=True))
    rules.extend(_erased(ink.T, result.T, length, width, is_level=False))
    return result, rules


def without_level_lines(image: Image, length: int) -> Image:
    """The image without level lines of at least so many pixels: the shelf of a leader under slanted text."""
    result = image.copy()
    for _ in _erased((image < _LINE_INK).astype(np.uint8), result, length, max(3, image.shape[0] // 6), is_level=True):
        pass
    return result


def short_rules(image: Image, dpi: float, texts: Sequence[BBox]) -> list[Rule]:
    """Thin lines along the axes that are shorter than rules, such as dimension lines; strokes of texts left out."""
    width = max(3, round(_RULE_WIDTH * dpi))
    ink = (image < _LINE_INK).astype(np.uint8)
    for x0, y0, x1, y1 in texts:
        ink[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = 0
    found: list[Rule] = []
    for plane, is_level in ((ink, True), (np.ascontiguousarray(ink.T), False)):
        mask = _long_runs(plane, round(_SHORT_RULE * dpi), width)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        found.extend(_rule(*box, is_level=is_level) for box in stats[1 : _MAX_SHORT_RULES + 1, :4].tolist())
    return found


def _rule(x: float, y: float, wide: float, high: float, *, is_level: bool) -> Rule:
    """The middle of a line's box, in an image (is_level) or its transpose."""
    middle = y + high / 2
    return Rule(x, middle, x + wide, middle) if is_level else Rule(middle, x, middle, x + wide)


def _erased(ink: Image, result: Image, length: int, width: int, *, is_level: bool) -> Iterator[Rule]:
    """The level lines of an image or its transpose; each is wiped out of `result`."""
    mask = _long_runs(np.ascontiguousarray(ink), length, width)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for x, y, wide, high, _ in stats[1:].tolist():
        _wipe(ink, result, (x, y, wide, high))
        yield _rule(x, y, wide, high, is_level=is_level)


def _long_runs(ink: Image, length: int, width: int) -> Image:
    """Where ink runs level for at least `length` pixels and is thinner than `width`."""
    runs: Any = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length | 1), np.uint8))  # odd: an even one shifts the result
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((width | 1, 1), np.uint8))
    flat: Image = runs & (1 - thick)
    return flat


def _wipe(ink: Image, result: Image, box: tuple[int, int, int, int]) -> None:
    """Whiten a level line, except in columns where the ink on it is thicker than the line: something crosses it there."""
    x, y, wide, high = box
    top, bottom = max(0, y - _AROUND), min(ink.shape[0], y + high + _AROUND)
    strip = ink[top:bottom, x : x + wide]
    on_line = strip[y - top : y - top + high].max(axis=0)
    above = np.minimum.accumulate(strip[: y - top][::-1], axis=0).sum(axis=0) * on_line
    below = np.minimum.accumulate(strip[y - top + high :], axis=0).sum(axis=0) * on_line
    thickness = strip[y - top : y - top + high].sum(axis=0) + above + below
    usual = np.median(thickness)
    plain = thickness <= usual + 1
    first, last = max(0, y - 1), min(ink.shape[0], y + high + 1)  # the soft edges of its stroke
    part = result[first:last, x : x + wide]
    part[:, plain] = 255


def tiles(image: Image, side: int, overlap: int) -> Iterator[tuple[int, int, Image]]:
    """(x, y, part) of parts of at most `side` pixels that cover the image; parts without ink are left out."""
    height, width = image.shape
    for top, bottom in _bands(height, side, overlap):
        for left, right in _bands(width, side, overlap):
            part = image[top:bottom, left:right]
            if (part < INK).any():
                yield left, top, part


def _bands(total: int, side: int, overlap: int) -> Sequence[tuple[int, int]]:
    """Starts and ends of equal parts that overlap: as few as there can be."""
    if total <= side:
        return [(0, total)]
    count = -(-(total - overlap) // (side - overlap))
    length = -(-(total + (count - 1) * overlap) // count)
    starts = [round(index * (total - length) / (count - 1)) for index in range(count)]
    return [(start, start + length) for start in starts]


def turned(image: Image, degrees: int) -> Image:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -(degrees // 90)))


def one_row(crop: Image) -> Image:
    """A text's crop cut to its one row of print, with a margin: the feet of the text above are not its accents."""
    top, bottom = _main_run(_ink(crop).any(axis=1), round(_GAP_IN_TEXT * crop.shape[0]))
    if bottom - top < _LEAST_ROW * crop.shape[0]:
        return crop
    margin = round(_ROW_MARGIN * (bottom - top))
    first, last = max(0, top - margin), min(crop.shape[0], bottom + margin)
    row = crop[first:last].copy()
    row[: max(0, top - first - 1)] = 255
    row[bottom - first + 1 :] = 255
    return row


def ink_extent(image: Image, first: int, last: int, *, is_high: bool) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 around the ink of a line of text, however faint, without lines above or below; None on blank paper.

    first, last  columns between which there is text
    is_high      whether all its characters are about as high, as digits and capitals are: rows with hardly any ink at its
                 upper and lower edge are then ends of lines
    """
    ink = _ink(image)
    ink[:, :first] = False
    ink[:, last:] = False
    inked = ink.sum(axis=1)
    top, bottom = _main_run(inked > 0, round(_GAP_IN_TEXT * image.shape[0]))
    if is_high:
        full = np.flatnonzero(inked[top:bottom] > _LEAST_OF_ROW * (last - first))
        top, bottom = (top + int(full[0]), top + int(full[-1]) + 1) if full.size else (top, bottom)
    columns = np.flatnonzero(ink[top:bottom].any(axis=0))
    if columns.size == 0:
        return None
    return int(columns[0]), top, int(columns[-1]) + 1, bottom


def _main_run(filled: Any, gap: int) -> tuple[int, int]:
    """Start and end of the longest run of filled rows, gaps of up to `gap` rows counted as filled; (0, 0) without any."""
    rows = np.flatnonzero(filled)
    if rows.size == 0:
        return 0, 0
    breaks = np.flatnonzero(np.diff(rows) > gap + 1)
    starts, ends = rows[np.r_[0, breaks + 1]], rows[np.r_[breaks, rows.size - 1]] + 1
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest])


def _ink(crop: Image) -> Any:
    """Where a text's crop is inked, however faint its print; nowhere on blank paper."""
    darkest = int(crop.min())
    return crop < (max(INK, (darkest + 255) // 2) if darkest <= _FAINT else 0)


def without_stubs(crop: Image) -> Image:
    """A text's crop without the ends of lines that run into it from its edges."""
    height, width = crop.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_ink(crop).astype(np.uint8), connectivity=8)
    stubs = [index for index in range(1, count) if _is_stub(tuple(stats[index][:4].tolist()), width, height)]
    if not stubs or len(stubs) == count - 1:
        return crop
    mask = cv2.dilate(np.isin(labels, stubs).astype(np.uint8), np.ones((3, 3), np.uint8))
    result = crop.copy()
    result[(mask == 1) & ~np.isin(labels, [index for index in range(1, count) if index not in stubs])] = 255
    return result


def _is_stub(component: tuple[int, ...], width: int, height: int) -> bool:
    """Whether a component is the end of a line: flat at the left or right edge, or narrow at the upper or lower one."""
    x, y, wide, high = component
    at_side = x <= 1 or x + wide >= width - 1
    at_end = y <= 1 or y + high >= height - 1
    return (at_side and high <= 0.18 * height) or (at_end and wide <= 0.12 * height and high < 0.6 * height)
