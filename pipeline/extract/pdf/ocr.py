"""Pages without usable text, read by OCR within the bounds that a file has: pages, time, and what the engines can take."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

import pymupdf

from pipeline.extract.grid import Line
from pipeline.extract.normalise import join_lines
from pipeline.extract.ocr.assemble import block_of, shown_lines
from pipeline.extract.ocr.budget import OcrBudget
from pipeline.extract.ocr.engines import Engine, engines_for
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.triage import OCR_KINDS, PageKind, triage
from pipeline.extract.sheet import Sheet, Span

_SURE_BESIDE, _SURE_ALONE = 0.85, 0.98  # confidence of what is believed beside a text layer; of a single character

_GARBLED = 0.1  # confidence of text that says something else than the page shows

log = logging.getLogger(__name__)

_mupdf: Any = pymupdf  # annotated in parts only


@dataclass
class OcrReader:
    """OCR of one file's pages.

    read, left_out, failed  page numbers: read by OCR; not looked at because a bound was reached; given up on
    garbled                 those whose text layer says something else than the page shows, read by OCR or not
    """

    options: ReadOptions
    read: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    _engines: list[Engine] | None = None

    def __post_init__(self) -> None:
        self._budget = OcrBudget(self.options)

    def sheet_and_paths(self, page: Any, sheet: Sheet) -> tuple[Sheet, PagePaths]:
        """The page's text and paths: as they are where the text layer serves, else by OCR."""
        paths = PagePaths(page, sheet.frame)
        kind = triage(page, sheet, paths)
        if kind is PageKind.GARBLED:
            self.garbled.append(sheet.page_number)
            sheet = replace(sheet, confidence=min(sheet.confidence or 0.0, _GARBLED))
        if kind not in OCR_KINDS or self.options.ocr == "off" or not self._is_within_bounds(sheet.page_number):
            return sheet, paths
        try:
            with self._budget.spent():
                found, rules = self._read(page, sheet, kind)
        except MemoryError:
            raise
        except Exception as error:  # an engine's fault costs the page its text, not the file its other findings
            log.warning("ocr.failed", extra={"page_number": sheet.page_number, "error": type(error).__name__})
            self.failed.append(sheet.page_number)
            return sheet, paths
        self.read.append(sheet.page_number)
        return found, PagePaths(page, found.frame, rules, [span for span in found.spans if _is_surely_read(span)])

    def warnings(self) -> list[str]:
        """What became of the pages, as stable words."""
        counts = (("ocr", self.read), ("ocr_left_out", self.left_out), ("ocr_failed", self.failed),
                  ("garbled_text_layer", self.garbled))
        return [f"{word}:{len(pages)}" for word, pages in counts if pages]

    @property
    def is_partial(self) -> bool:
        """Whether pages stayed without the text that OCR would have given."""
        return bool(self.left_out or self.failed)

    def _is_within_bounds(self, page_number: int) -> bool:
        if self._budget.allows(len(self.read)):
            return True
        self.left_out.append(page_number)
        return False

    def _read(self, page: Any, sheet: Sheet, kind: PageKind) -> tuple[Sheet, tuple[Line, ...]]:
        from pipeline.extract.ocr.reading import read_image  # lazy: brings OpenCV

        if self._engines is None:
            self._engines = engines_for(self.options)
        size = (page.rect.width, page.rect.height)
        found, rules = read_image(
            lambda dpi: _render(page, dpi, in_colour=kind in (PageKind.VECTOR, PageKind.MIXED)),
            self._engines,
            sheet.page_number,
            size,
            is_scan=kind is PageKind.SCAN,
            dpi=self.options.ocr_dpi,
        )
        if kind is PageKind.GARBLED or not sheet.has_text:
            return found, rules
        is_mixed = kind is PageKind.MIXED
        return _with_text_layer(_beside(found, sheet) if is_mixed else found, sheet, layer_counts=is_mixed), rules


def _render(page: Any, dpi: float, *, in_colour: bool) -> Any:
    """The displayed page in greys. in_colour: what is drawn in any colour, yellow too, becomes dark."""
    import numpy as np

    colours = _mupdf.csRGB if in_colour else _mupdf.csGRAY
    pixmap = page.get_pixmap(matrix=_mupdf.Matrix(dpi / 72, dpi / 72), colorspace=colours, alpha=False)
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    if not in_colour:
        return np.ascontiguousarray(rows[:, : pixmap.width])
    return rows[:, : 3 * pixmap.width].reshape(pixmap.height, pixmap.width, 3).min(axis=2)


def _beside(found: Sheet, layer: Sheet) -> Sheet:
    """What OCR read surely, and nothing that holds words of the text layer, too; for dimensions, not for the title block."""
    middles = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in (span.bbox for span in layer.spans)]
    spans = tuple(
        span
        for span in found.spans
        if (span.confidence or 0.0) >= _SURE_BESIDE
        and not any(span.bbox[0] <= x <= span.bbox[2] and span.bbox[1] <= y <= span.bbox[3] for x, y in middles)
    )
    return replace(found, spans=spans, lines=())


def _with_text_layer(found: Sheet, layer: Sheet, *, layer_counts: bool = False) -> Sheet:
    """What OCR read, and in its place the words that the file itself holds; these alone where they read another way, if they count."""
    if found.frame != layer.frame or not found.has_text:
        return found if found.has_text and not layer_counts else layer
    spans = (*layer.spans, *(span for span in found.spans if not _stands_on_any(span, layer.spans)))
    kept = {span.bbox for span in spans}
    lines = (*layer.lines, *(line for line in found.lines if line.bbox in kept))
    upright = {line.bbox for line in found.lines}
    others = [span for span in spans[len(layer.spans) :] if span.bbox not in upright]
    read = [span for span in spans[len(layer.spans) :] if span.bbox in upright] + others
    groups = [shown_lines([span], found.frame) for span in read]
    blocks = (*layer.blocks, *(block_of(lines) for lines in groups))
    text = join_lines(block.text for block in blocks)
    return replace(found, spans=spans, lines=lines, blocks=blocks, text=text, groups=(*layer.groups, *groups))


def _is_surely_read(span: Span) -> bool:
    """Whether OCR read a span that is letters: a lone character may be an arrowhead on its line."""
    return span.confidence is not None and (len(span.text.strip()) > 1 or span.confidence >= _SURE_ALONE)


def _stands_on_any(span: Span, others: tuple[Span, ...]) -> bool:
    x, y = (span.bbox[0] + span.bbox[2]) / 2, (span.bbox[1] + span.bbox[3]) / 2
    return any(other.bbox[0] <= x <= other.bbox[2] and other.bbox[1] <= y <= other.bbox[3] for other in others)
