"""Single characters that the detection of text overlooks: the '6' over a dimension line, the '1' in a table's cell.

What has the height of the sheet's digits, stands alone and belongs to no text is worth reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

import cv2
import numpy as np

from pipeline.extract.model import BBox
from pipeline.extract.ocr.boxes import Candidate
from pipeline.extract.ocr.lines import Image, OcrLine, overlap_share

_MAX_GLYPHS = 80
_MAX_COMPONENTS = 20_000
_INK = 230  # thin print of a scan is broken where less counts
_LOWER, _HIGHER = 0.85, 1.2  # of the height of the sheet's smaller and larger digits
_NARROW, _WIDE = 0.2, 1.1  # width by height
_ALONE = 0.5  # heights beside it without anything of its own size: letters that touch belong to a picture
_MARGIN = 0.35  # heights of paper around a crop


def loose_glyphs(clean: Image, lines: Sequence[OcrLine], taken: Sequence[BBox]) -> list[Candidate]:
    """Candidates for characters that no text contains.

    clean  the upright sheet without rules
    taken  boxes that were read already
    """
    heights = [line.height for line in lines if line.direction[0] > 0.9 and line.confidence > 0.9 and line.text[:1].isdigit()]
    if len(heights) < 2:
        return []
    lower, usual, upper = quantiles(heights, n=4)
    count, _, stats, _ = cv2.connectedComponentsWithStats((clean < _INK).astype(np.uint8), connectivity=8)
    if count > _MAX_COMPONENTS:
        return []
    x, y, width, height = (stats[1:, column].astype(float) for column in range(4))
    fits = (height >= _LOWER * lower) & (height <= _HIGHER * upper) & (width >= _NARROW * height) & (width <= _WIDE * height)
    is_sizeable = (height >= 0.4 * lower) & (height <= 2 * upper) & (width <= 2 * upper)
    found: list[Candidate] = []
    for index in np.flatnonzero(fits)[: 10 * _MAX_GLYPHS]:
        bbox = (x[index], y[index], x[index] + width[index], y[index] + height[index])
        near = _ALONE * usual
        around = is_sizeable & (x < bbox[2] + near) & (x + width > bbox[0] - near) & (y < bbox[3]) & (y + height > bbox[1])
        if around.sum() > 1 or any(overlap_share(bbox, other) > 0.3 for other in taken):
            continue
        margin = _MARGIN * usual
        found.append(Candidate((max(0.0, bbox[0] - margin), max(0.0, bbox[1] - margin), bbox[2] + margin, bbox[3] + margin)))
    return found[:_MAX_GLYPHS]
