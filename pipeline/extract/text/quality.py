"""How far a chunk's text can be trusted, and why not further."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.model import Page
from pipeline.extract.text.model import TextDocument

_BY_METHOD = {"ocr": 0.7}  # where a reader states no confidence; text that a file holds as text is taken as right
_GARBLED_BELOW = 0.9  # share of legible characters
_OF_ALL_CHUNKS = frozenset({"encoding_guessed", "recovered"})  # of the document's warnings


def page_confidence(page: Page) -> float:
    """The confidence of a page's text, in [0, 1]."""
    confidence = page.confidence if page.confidence is not None else _BY_METHOD.get(page.method, 1.0)
    return min(1.0, max(0.0, confidence))


def page_warnings(page: Page) -> tuple[str, ...]:
    """What casts doubt on a page's text: 'ocr', 'garbled_text_layer'."""
    found = ["ocr"] if "ocr" in page.method else []
    if page.method == "text_layer" and page_confidence(page) < _GARBLED_BELOW:
        found.append("garbled_text_layer")
    return tuple(found)


def document_warnings(document: TextDocument) -> tuple[str, ...]:
    """What casts doubt on all of a document's text, as words without counts."""
    words = {warning.partition(":")[0] for warning in document.warnings}
    return tuple(sorted(words & _OF_ALL_CHUNKS))


def weighted(confidences: Sequence[tuple[int, float]]) -> float:
    """The mean of (length, confidence), to two decimals."""
    total = sum(length for length, _ in confidences)
    if not total:
        return 1.0
    return round(sum(length * confidence for length, confidence in confidences) / total, 2)
