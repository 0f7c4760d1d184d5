"""The part of a line that a value takes up: 'Part Nr.: 1501-D' has its number in the right half.

Where each letter stands is not known here, only how long the line is; widths of letters are estimated, and the box is a
little wider than the estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.extract.model import BBox, MetadataField, Place
from pipeline.extract.sheet import Frame, TextLine
from pipeline.extract.title_block.texts import Size

_NARROW = frozenset("iljtfrI1.,:;'|!()[]/- ")
_WIDE = frozenset("MWmw@%©")
_MARGIN = 0.8  # on either side, in heights of the line
_SAME = 0.1  # points by which two places of one box may differ


def with_parts(fields: Iterable[MetadataField], lines: Sequence[TextLine], size: Size) -> list[MetadataField]:
    """The fields, each that is only a part of its line with the box of that part."""
    line_at = {line.place: line for line in lines}
    return [_with_part(field, line_at.get(field.place), size) for field in fields]


def _with_part(field: MetadataField, line: TextLine | None, size: Size) -> MetadataField:
    if line is None or line.place.bbox is None or len(field.value) >= len(line.text):
        return field
    start = line.text.rfind(field.value)
    if start < 0:
        return field
    box = part_of(line, start, start + len(field.value))
    return replace(field, place=_place(box, line, size))


def part_of(line: TextLine, start: int, stop: int) -> BBox:
    """The box of the characters `start` to `stop` of a line, in the reading frame."""
    widths = [_width(character) for character in line.text]
    total = sum(widths) or 1.0
    x0, y0, x1, y1 = line.bbox
    margin = _MARGIN * line.height
    left = x0 + (x1 - x0) * sum(widths[:start]) / total - margin
    right = x0 + (x1 - x0) * sum(widths[:stop]) / total + margin
    return (max(left, x0) if start else x0), y0, (min(right, x1) if stop < len(line.text) else x1), y1


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.55
    if character in _WIDE:
        return 1.6
    return 1.8 if ord(character) >= 0x3000 else 1.25 if character.isupper() else 1.0


def _place(box: BBox, line: TextLine, size: Size) -> Place:
    """The place of a part of a line, turned as the line's own place is."""
    shown = line.place.bbox
    for turn in (0, 90, 180, 270):
        frame = Frame(turn, *(size if turn in (0, 180) else size[::-1]))
        if shown is not None and all(abs(a - b) < _SAME for a, b in zip(frame.displayed(line.bbox), shown, strict=True)):
            return replace(line.place, bbox=frame.displayed(box))
    return line.place
