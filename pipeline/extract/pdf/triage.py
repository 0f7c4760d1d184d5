"""What a page is, before it is read: text, a scan, text drawn as lines, both, a text layer that says nothing, or blank."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pipeline.extract.pdf.drawn_text import has_drawn_dimensions
from pipeline.extract.pdf.garbled import is_garbled
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.sheet import Sheet

_ENOUGH_WORDS, _ENOUGH_LETTERS = 5, 20  # of a text layer that is a page's text
_STAMP_WORDS = 15  # up to which the words on a scan are a stamp of the archive
_SCAN_COVER, _STAMPED_COVER = 0.3, 0.8  # share of the page under images
_DRAWN_TEXT = 40  # small strokes that can be ten characters
_DRAWN_BESIDE_TEXT = 250  # small strokes where the page has some words
_SMALL = 24.0  # points: strokes of letters are shorter
_MAX_PATHS = 5000
_OUTLINED_WORDS = 60  # up to which the rest of a page's text may have become outlines on export


class PageKind(StrEnum):
    """How the text of a page can be had."""

    TEXT_LAYER = "text_layer"
    SCAN = "scan"
    VECTOR = "vector"
    MIXED = "mixed"
    GARBLED = "garbled"
    BLANK = "blank"


OCR_KINDS = frozenset({PageKind.SCAN, PageKind.VECTOR, PageKind.MIXED, PageKind.GARBLED})


def triage(page: Any, sheet: Sheet, paths: PagePaths) -> PageKind:
    """What a PyMuPDF page is. sheet: its text layer; a hidden text layer over a scan counts as any other.

    A page is mixed whose title block is text, but whose dimensions are drawn in a stroke font.
    """
    kind = _kind_by_text(page, sheet, paths)
    return PageKind.MIXED if kind is PageKind.TEXT_LAYER and has_drawn_dimensions(sheet, paths) else kind


def _kind_by_text(page: Any, sheet: Sheet, paths: PagePaths) -> PageKind:
    words = sheet.text.split()
    if sheet.has_text and is_garbled(sheet.text, sheet.confidence):
        return PageKind.GARBLED
    if _ENOUGH_WORDS <= len(words) <= _OUTLINED_WORDS and paths.has_outlined_words:
        return PageKind.VECTOR
    if len(words) > _STAMP_WORDS:
        return PageKind.TEXT_LAYER
    cover = _image_cover(page)
    letters = sum(character.isalnum() for character in sheet.text)
    if len(words) >= _ENOUGH_WORDS and letters >= _ENOUGH_LETTERS:
        return PageKind.SCAN if cover > _STAMPED_COVER else PageKind.TEXT_LAYER
    if cover > _SCAN_COVER:
        return PageKind.SCAN
    if _has_drawn_text(paths, _DRAWN_BESIDE_TEXT if letters else _DRAWN_TEXT):
        return PageKind.VECTOR
    return PageKind.TEXT_LAYER if sheet.has_text else PageKind.BLANK


def _image_cover(page: Any) -> float:
    """Share of the page's area under its images; scanners cut a page into strips, so they are added up."""
    area = max(1.0, abs(page.rect))
    return float(min(1.0, sum(abs(page.rect & info["bbox"]) for info in page.get_image_info()) / area))


def _has_drawn_text(paths: PagePaths, least: int) -> bool:
    """Whether there are enough small strokes for letters to be among them."""
    if paths.is_dense:
        return True
    count = 0
    for path in paths.drawings[:_MAX_PATHS]:
        x0, y0, x1, y1 = path["rect"]
        if max(x1 - x0, y1 - y0) < _SMALL:
            count += len(path["items"])
        else:
            count += sum(_is_small(item) for item in path["items"])
        if count >= least:
            return True
    return False


def _is_small(item: tuple[Any, ...]) -> bool:
    if item[0] not in ("l", "c"):
        return False
    (x0, y0), (x1, y1) = item[1], item[-1]
    return bool(abs(x1 - x0) < _SMALL and abs(y1 - y0) < _SMALL)
