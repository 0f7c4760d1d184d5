"""Pieces of text on one baseline: joined where they are one line, parted where two numbers merely stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.extract.grid import Line, union
from pipeline.extract.ocr.lines import OcrLine

_WORD = re.compile(r"\S+")
_Wall = tuple[float, float, float]  # x, from y, to y
_NUMBER = re.compile(r"^[ØRrMm]?\d+(?:[.,]\d+)?(?:mm)?$")
_PARTED = 0.45  # heights of blank between two numbers that are two dimensions
_FAR = 1.6  # heights of blank between any two words that are two texts
_TOUCHING = 1.15  # heights of blank between two pieces of one line: the space of a stroke font
_LIKE = 1.35  # ratio of heights up to which two pieces may be one line
_UPRIGHT = 0.99
_LAID, _RAISED = 270, 90  # turns that lay a rising line level, and raise it again


def parted(lines: Sequence[OcrLine], rules: Sequence[Line]) -> list[OcrLine]:
    """Each line in pieces where words stand far apart, or numbers at all: '49 56.5' by two dimension lines is two.

    rules  along the axes: at a space in an upright line, a rule is the border of two cells
    """
    walls = _walls(rules)
    return [piece for line in lines for piece in _pieces(line, walls)]


def _walls(rules: Sequence[Line]) -> list[_Wall]:
    return [(x0, min(y0, y1), max(y0, y1)) for x0, y0, x1, y1 in rules if abs(y1 - y0) > abs(x1 - x0)]


def _pieces(line: OcrLine, walls: Sequence[_Wall]) -> Iterator[OcrLine]:
    words = list(_WORD.finditer(line.text))
    if len(words) < 2 or len(line.centres) != len(line.text):
        yield line
        return
    pitch = _pitch(line)
    begin = 0
    for index, (before, after) in enumerate(pairwise(words), 1):
        gap = line.centres[after.start()] - line.centres[before.end() - 1] - pitch
        are_numbers = _NUMBER.match(before[0]) and _NUMBER.match(after[0])
        is_far = gap > (_PARTED if are_numbers else _FAR) * line.height
        if is_far or _is_walled(line, line.centres[before.end() - 1], line.centres[after.start()], walls):
            yield _piece(line, words[begin].start(), words[index - 1].end())
            begin = index
    yield line if begin == 0 else _piece(line, words[begin].start(), words[-1].end())


def _is_walled(line: OcrLine, start: float, end: float, walls: Sequence[_Wall]) -> bool:
    """Whether a rule crosses an upright line between two of its characters."""
    if line.direction[0] <= _UPRIGHT:
        return False
    x, (_, y0, _, y1) = line.origin[0], line.bbox
    return any(x + start < at < x + end and low <= y0 and y1 <= high for at, low, high in walls)


def _pitch(line: OcrLine) -> float:
    """Usual distance between neighbouring characters of a word."""
    gaps = [b - a for (a, b), (one, two) in zip(pairwise(line.centres), pairwise(line.text), strict=True) if " " not in (one, two)]
    return median(gaps) if gaps else 0.6 * line.height


def _piece(line: OcrLine, start: int, end: int) -> OcrLine:
    """The part of a line from one character to another, with its place by the characters' centres."""
    centres, half = line.centres[start:end], _pitch(line) / 2
    length = _length(line)
    low = 0.0 if start == 0 else max(0.0, centres[0] - half)
    high = length if end == len(line.text) else min(length, centres[-1] + half)
    along_x, along_y = line.direction
    x, y = line.origin
    origin = (x + along_x * low, y + along_y * low)
    down_x, down_y = -along_y, along_x
    far = (x + along_x * high - down_x * line.height, y + along_y * high - down_y * line.height)
    bbox = (min(origin[0], far[0]), min(origin[1], far[1]), max(origin[0], far[0]), max(origin[1], far[1]))
    return replace(line, text=line.text[start:end], bbox=bbox, origin=origin, centres=tuple(at - low for at in centres))


def _length(line: OcrLine) -> float:
    x0, y0, x1, y1 = line.bbox
    return (x1 - x0) * abs(line.direction[0]) + (y1 - y0) * abs(line.direction[1])


def joined(lines: Sequence[OcrLine], rules: Sequence[Line]) -> list[OcrLine]:
    """The lines, pieces that touch on one row made one where no rule stands between.

    lines  upright ones and those that read upwards are joined
    rules  along the axes
    """
    upright = [line for line in lines if line.direction[0] > _UPRIGHT]
    rising = [line.turned_back(_LAID, 0.0, 0.0) for line in lines if line.direction[1] < -_UPRIGHT]
    others = [line for line in lines if max(line.direction[0], -line.direction[1]) <= _UPRIGHT]
    walls = _walls(rules)
    floors = [(-y0, min(x0, x1), max(x0, x1)) for x0, y0, x1, y1 in rules if abs(y1 - y0) <= abs(x1 - x0)]
    raised = [line.turned_back(_RAISED, 0.0, 0.0) for line in _rows(rising, floors)]
    return others + _rows(upright, walls) + raised


def _rows(lines: Sequence[OcrLine], walls: Sequence[_Wall]) -> list[OcrLine]:
    """Upright lines, joined along each row from left to right."""
    rows: list[OcrLine] = []
    for line in sorted(lines, key=lambda line: line.bbox[0]):
        mate = next((row for row in reversed(rows) if _touches(row, line, walls)), None)
        if mate is None:
            rows.append(line)
        else:
            rows[rows.index(mate)] = _join(mate, line)
    return rows


def _touches(before: OcrLine, after: OcrLine, walls: Sequence[_Wall]) -> bool:
    height = min(before.height, after.height)
    if max(before.height, after.height) > _LIKE * height:
        return False
    gap = after.bbox[0] - before.bbox[2]
    shared = min(before.bbox[3], after.bbox[3]) - max(before.bbox[1], after.bbox[1])
    if not -0.3 * height < gap < _TOUCHING * height or shared < 0.7 * height:
        return False
    if _NUMBER.match(before.text.rpartition(" ")[2]) and _NUMBER.match(after.text.partition(" ")[0]):
        return False
    middle = (after.bbox[1] + after.bbox[3]) / 2
    return not any(before.bbox[2] - 1 <= x <= after.bbox[0] + 1 and low <= middle <= high for x, low, high in walls)


def _join(before: OcrLine, after: OcrLine) -> OcrLine:
    offset = after.origin[0] - before.origin[0]
    space = (after.bbox[0] + before.bbox[2]) / 2 - before.origin[0]
    count = len(before.text) + len(after.text)
    return OcrLine(
        text=f"{before.text} {after.text}",
        confidence=(before.confidence * len(before.text) + after.confidence * len(after.text)) / count,
        bbox=union([before.bbox, after.bbox]),
        origin=before.origin,
        direction=before.direction,
        height=max(before.height, after.height),
        centres=(*before.centres, space, *(at + offset for at in after.centres)),
    )
