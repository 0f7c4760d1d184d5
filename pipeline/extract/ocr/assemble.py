"""A Sheet of what OCR read, in the form that a text layer has."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from pipeline.extract.grid import Line, union
from pipeline.extract.model import BBox, Block, Place
from pipeline.extract.normalise import clean_line, join_lines
from pipeline.extract.ocr.lines import OcrLine, Rule, mean_confidence
from pipeline.extract.sheet import Frame, Matrix, Sheet, ShownLine, Span, TextLine, transform_box

_UPRIGHT = 0.99
_ASCENT, _DESCENT = 0.95, 0.25  # of a text's box above and below its baseline, in font sizes, as text layers have it
_HIGH = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt0123456789Ø±°ÄÖÜ")
_DEEP = frozenset("gjpqyQ,;()[]{}/|_§")
_CAPITAL, _SMALL, _TAIL, _SLASH = 0.72, 0.53, 0.2, 0.95  # heights in font sizes
_NEAR = 0.9  # heights between two lines of one block
_LIKE = 1.5  # ratio of heights up to which two lines may be of one block


def make_sheet(lines: Sequence[OcrLine], page_number: int, frame: Frame) -> Sheet:
    """The sheet of a page. lines: upright in the reading frame where they are upright, points, in any order."""
    ordered = sorted(lines, key=lambda line: (round(line.bbox[1] / 4), line.bbox[0]))
    spans = tuple(_span(line) for line in ordered)
    upright = tuple(_text_line(span, page_number, frame) for span in spans if span.direction[0] > _UPRIGHT)
    groups = _groups(spans, frame)
    blocks = tuple(block_of(group) for group in groups)
    text = join_lines(block.text for block in blocks)
    return Sheet(
        page_number=page_number,
        frame=frame,
        text=text,
        blocks=blocks,
        spans=spans,
        lines=upright,
        method="ocr" if any(one.isalnum() for one in text) else "none",
        confidence=mean_confidence(ordered),
        groups=groups,
    )


def _span(line: OcrLine) -> Span:
    size = font_size(line.text, line.height)
    return Span(clean_line(line.text), _box(line, size), line.origin, line.direction, round(size, 2), "", round(line.confidence, 3))


def font_size(text: str, ink_height: float) -> float:
    """Font size, in the unit of the height of a text's ink."""
    if any(ord(one) > 0x2E80 for one in text):
        return ink_height / _SLASH
    above = _CAPITAL if any(one in _HIGH for one in text) else _SMALL
    below = _TAIL if any(one in _DEEP for one in text) else 0.0
    return ink_height / (_SLASH if "Ø" in text and below == 0.0 else above + below)


def _box(line: OcrLine, size: float) -> BBox:
    """The box of an upright line as high as its font, so that it compares with a text layer's; others' ink."""
    x0, y0, x1, y1 = line.bbox
    if line.direction[0] <= _UPRIGHT:
        return line.bbox
    tail = _TAIL * size if any(one in _DEEP for one in line.text) else 0.0
    baseline = y1 - tail
    return x0, min(y0, baseline - _ASCENT * size), x1, max(y1, baseline + _DESCENT * size)


def _text_line(span: Span, page_number: int, frame: Frame) -> TextLine:
    return TextLine(span.text, span.bbox, Place(page_number, frame.displayed(span.bbox)))


def _groups(spans: Sequence[Span], frame: Frame) -> tuple[tuple[ShownLine, ...], ...]:
    """Lines set close below each other, in reading order."""
    groups: list[list[Span]] = []
    for span in spans:
        mate = next((group for group in reversed(groups) if _continues(group[-1], span)), None)
        if mate is None:
            groups.append([span])
        else:
            mate.append(span)
    return tuple(shown_lines(group, frame) for group in groups)


def shown_lines(spans: Sequence[Span], frame: Frame) -> tuple[ShownLine, ...]:
    """Spans as lines of one block and of one size: heights of ink differ from line to line of the same font."""
    size = round(median(span.size for span in spans), 1)
    return tuple(
        ShownLine(span.text, frame.displayed(span.bbox), span.bbox, size, is_upright=span.direction[0] > _UPRIGHT) for span in spans)


def block_of(lines: Sequence[ShownLine]) -> Block:
    return Block("\n".join(line.text for line in lines), union([line.bbox for line in lines]), size=lines[0].size)


def _continues(above: Span, below: Span) -> bool:
    if above.direction[0] <= _UPRIGHT or below.direction[0] <= _UPRIGHT:
        return False
    if max(above.size, below.size) > _LIKE * min(above.size, below.size):
        return False
    gap = below.bbox[1] - above.bbox[3]
    starts_alike = abs(below.bbox[0] - above.bbox[0]) < 2 * above.size
    return starts_alike and -0.5 * above.size < gap < _NEAR * above.size


def in_points(lines: Sequence[OcrLine], dpi: float, matrix: Matrix) -> list[OcrLine]:
    """Lines of pixels of the displayed page as points of the reading frame. matrix: from displayed to reading frame."""
    scale = 72.0 / dpi
    a, b, c, d, e, f = matrix
    result: list[OcrLine] = []
    for line in lines:
        x, y = line.origin[0] * scale, line.origin[1] * scale
        along_x, along_y = line.direction
        x0, y0, x1, y1 = line.bbox
        box = (x0 * scale, y0 * scale, x1 * scale, y1 * scale)
        result.append(OcrLine(
            text=line.text,
            confidence=line.confidence,
            bbox=transform_box(matrix, box),
            origin=(a * x + c * y + e, b * x + d * y + f),
            direction=(a * along_x + c * along_y, b * along_x + d * along_y),
            height=line.height * scale,
            centres=tuple(at * scale for at in line.centres),
        ))
    return result


def ruled_lines(rules: Sequence[Rule], dpi: float, matrix: Matrix) -> tuple[Line, ...]:
    """Rules of pixels of the displayed page as lines of the reading frame."""
    scale = 72.0 / dpi
    a, b, c, d, e, f = matrix
    return tuple(
        (a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f)
        for x0, y0, x1, y1 in ((rule.x0 * scale, rule.y0 * scale, rule.x1 * scale, rule.y1 * scale) for rule in rules)
    )
