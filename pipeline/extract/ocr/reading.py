"""Read one page's image with the engines at hand: resolution, direction, mending, and the two engines' vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.extract.grid import Line
from pipeline.extract.ocr.assemble import in_points, make_sheet, ruled_lines
from pipeline.extract.ocr.engines import Engine
from pipeline.extract.ocr.lines import Image, OcrLine
from pipeline.extract.ocr.raster import SheetImage, short_rules, stretch
from pipeline.extract.ocr.repair import mended, only_text
from pipeline.extract.ocr.rows import joined, parted
from pipeline.extract.ocr.tesseract import TesseractEngine, TesseractFailed
from pipeline.extract.ocr.vote import vote
from pipeline.extract.sheet import Frame, Sheet

USUAL_DPI = 200.0
_LEAST_DPI = 72.0
_MAX_PIXELS = 60_000_000  # A0 at 170 dpi; one byte each, and some copies

Render = Callable[[float], Image]  # the displayed page at so many pixels an inch: grey, 0 is black


def read_image(
    render: Render,
    engines: Sequence[Engine],
    page_number: int,
    size: tuple[float, float],
    *,
    is_scan: bool = False,
    dpi: float | None = None,
) -> tuple[Sheet, tuple[Line, ...]]:
    """The sheet that OCR makes of a page, and its ruled lines in the reading frame.

    size     (width, height) of the displayed page in points
    is_scan  whether it is an image of paper, whose print may be faint
    dpi      resolution; None: chosen, and raised for small print
    """
    first = min(dpi or USUAL_DPI, _highest_dpi(size))

    def at(resolution: float) -> Image | None:
        return stretch(render(resolution), is_scan=is_scan) if resolution <= 1.01 * _highest_dpi(size) else None

    image = SheetImage(stretch(render(first), is_scan=is_scan), first, at if dpi is None else None)
    lines, turn = _read(image, engines)
    frame = Frame(turn, *size)
    placed = in_points(lines, first, frame.matrix)
    rules = ruled_lines(image.rules, first, frame.matrix)
    texts = joined(only_text(parted(placed, rules)), rules)
    scale = first / 72.0
    boxes = [(scale * x0, scale * y0, scale * x1, scale * y1) for x0, y0, x1, y1 in (frame.displayed(text.bbox) for text in texts)]
    short = ruled_lines(short_rules(image.clean, first, boxes), first, frame.matrix)
    return make_sheet(mended(texts), page_number, frame), rules + short


def _highest_dpi(size: tuple[float, float]) -> float:
    area = max(1.0, size[0] * size[1]) / 72.0**2  # square inches
    return max(_LEAST_DPI, float((_MAX_PIXELS / area) ** 0.5))


def _read(image: SheetImage, engines: Sequence[Engine]) -> tuple[list[OcrLine], int]:
    leading, *others = engines
    lines, turn = leading.read(image)
    for other in others:
        lines = _voted(lines, turn, image, other)
    return lines, turn


def _voted(lines: list[OcrLine], turn: int, image: SheetImage, other: Engine) -> list[OcrLine]:
    """The lines after a second engine's look; what stops that engine costs only its vote."""
    try:
        if isinstance(other, TesseractEngine):
            height, width = image.image.shape
            seen = [line.turned_back(turn, width, height) for line in other.read_upright(image.turned(turn) if turn else image)]
        else:
            seen, _ = other.read(image)
    except TesseractFailed:
        return lines
    return vote(lines, seen)
