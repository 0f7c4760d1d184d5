"""The image of a sheet before it is read: contrast, ruled lines taken out, pieces cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from pipeline.extract.ocr.lines import Image, Rule

INK = 160  # darker than this counts as drawn
_RANGE = 155  # greys between black and white after stretching
_FAINT_RANGE = 110  # the same for scans, whose print may be as light as 70 % white
_PAPER_MARGIN = 10  # below the paper's own grey all is drawn
_GAP_IN_TEXT = 0.1  # of a crop's height, as between an i and its dot
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
    """The image without long thin lines along its axes, and those lines; strokes of letters that cross them stay."""
    length, width = round(_RULE_LENGTH * dpi), max(3, round(_RULE_WIDTH * dpi))
    ink = (image < INK).astype(np.uint8)
    result = image.copy()
    rules: list[Rule] = []
    for across in (0, 1):
        mask = _long_runs(ink, length, width, across)
        rules.extend(_rules(mask, across))
        grown = cv2.dilate(mask, _bar(3, across))  # the soft edges of its strokes
        rest = ink & (1 - grown)
        touching = cv2.dilate(rest, _bar(5, across)) & grown
        crossing = cv2.morphologyEx(rest | touching, cv2.MORPH_CLOSE, _bar(width, across)) & grown
        result[(grown == 1) & (crossing == 0)] = 255
    return result, rules


def _bar(size: int, across: int) -> Image:
    """A kernel one pixel wide: upright for horizontal lines (across=0), lying for vertical ones."""
    return np.ones((size, 1) if across == 0 else (1, size), np.uint8)


def _long_runs(ink: Image, length: int, width: int, across: int) -> Image:
    runs: Any = cv2.morphologyEx(ink, cv2.MORPH_OPEN, _bar(length, 1 - across))
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, _bar(width, across))
    flat: Image = runs & (1 - thick)
    return flat


def _rules(mask: Image, across: int) -> Iterator[Rule]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for x, y, width, height, _ in stats[1:].tolist():
        if across == 0:
            yield Rule(x, y + height / 2, x + width, y + height / 2)
        else:
            yield Rule(x + width / 2, y, x + width / 2, y + height)


def tiles(image: Image, side: int, overlap: int) -> Iterator[tuple[int, int, Image]]:
    """(x, y, part) of parts of at most `side` pixels that cover the image; parts without ink are left out."""
    height, width = image.shape
    for y in _starts(height, side, overlap):
        for x in _starts(width, side, overlap):
            part = image[y : y + side, x : x + side]
            if (part < INK).any():
                yield x, y, part


def _starts(total: int, side: int, overlap: int) -> Sequence[int]:
    if total <= side:
        return [0]
    count = -(-(total - overlap) // (side - overlap))
    return [round(index * (total - side) / (count - 1)) for index in range(count)]


def turned(image: Image, degrees: int) -> Image:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -(degrees // 90)))


def ink_extent(image: Image) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 around the ink of a line of text, however faint, without lines above or below; None on blank paper."""
    ink = _ink(image)
    top, bottom = _main_run(ink.any(axis=1), round(_GAP_IN_TEXT * image.shape[0]))
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
