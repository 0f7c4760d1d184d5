"""Two engines' readings of one sheet made one: where they differ, the surer one; what only one saw, if it is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.ocr.lines import OcrLine, overlap_share

_SAME_PLACE = 0.4  # share of the smaller box
_LIKE_HEIGHT = 2.0
_DISCOUNT = 0.9  # Tesseract's scores are the bolder ones
_ALONE = 0.75  # confidence from which what only the second engine saw is believed
_AGREED = 0.5  # of the doubt that goes when both read the same


def vote(first: Sequence[OcrLine], second: Sequence[OcrLine]) -> list[OcrLine]:
    """The lines of the first engine, corrected and completed by the second's."""
    result = list(first)
    for rival in second:
        places = [index for index, line in enumerate(result) if overlap_share(line.bbox, rival.bbox) > _SAME_PLACE]
        if not places:
            if rival.confidence * _DISCOUNT >= _ALONE and len(rival.text) > 1:
                result.append(rival)
            continue
        if len(places) == 1:
            index = places[0]
            result[index] = _better(result[index], rival)
    return result


def _better(line: OcrLine, rival: OcrLine) -> OcrLine:
    if _plain(line.text) == _plain(rival.text):
        return replace(line, confidence=line.confidence + _AGREED * (1 - line.confidence))
    is_comparable = line.height < _LIKE_HEIGHT * rival.height and rival.height < _LIKE_HEIGHT * line.height
    is_as_long = len(_plain(rival.text)) >= len(_plain(line.text))
    if is_comparable and is_as_long and rival.confidence * _DISCOUNT > line.confidence and line.direction[0] > 0.9:
        return rival
    return line


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
