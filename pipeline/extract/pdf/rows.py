"""Rows of text along any direction: spans of one baseline merged, stacked pairs read as a tolerance, a fit or two limits.

A row has its own frame: u runs along the baseline, v across it, downwards for a reader. Lengths are points.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.grid import union
from pipeline.extract.model import BBox
from pipeline.extract.normalise import clean_line
from pipeline.extract.sheet import Point, Span

ASCENT = 0.75  # of the font size: height of capitals and digits
_BLANK = 0.28  # of the font size: width of a blank
_SAME_BASELINE = 0.3  # of the font size: signs are often set a little higher than their number
_WORD_GAP, _JOINT_GAP = 0.14, 1.0  # of the font size: where a blank stands, and how far apart a symbol and its number may be
_NUMBER_GAP = 0.5  # two numbers, or a word and a number, this far apart are two
_MAX_SIZE_RATIO = 1.7
_STACK_STEP = (0.5, 1.65)  # of the font size: from one line of a stacked pair to the other
_HEAD_STEP = 1.2  # where the lower line runs on from the main text
_LIMIT_STEP = 1.08  # two limits stand closer than two ordinates
_MAX_STACKED = 24  # characters of a row that may be part of a stacked pair

_ENDS_BY_ITSELF = re.compile(r"\d$|[^\W\d_]{3}$")
_SIGNED = re.compile(r"^[+\-−]\s?\d*(?:[.,]?\d+)\s?°?$|^0(?:[.,]0+)?\s?°?$")
_FIT = re.compile(r"^(?:[A-HJ-NPR-Z]{1,2}|[a-hj-npr-z]{1,2})(?:1[0-8]|[1-9])$")
_LIMIT = re.compile(r"^\d*[.,]\d+\s?°?$")
_FIT_AHEAD = re.compile(r"^(?P<fit>[A-Za-z]{1,2}\d{1,2}) (?P<upper>[+\-−]\s?\d*[.,]?\d+)$")  # 'H7 +0.012' over '0'
_PREFIX_ONLY = re.compile(r"^(?:\d{1,3}\s?[x×X]\s?)?(?:S?[ØR])?$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A span or a drawn symbol in the frame of its row; `v` is the baseline."""

    text: str
    u0: float
    u1: float
    v: float
    size: float
    box: BBox
    is_symbol: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Text that reads as one.

    direction  unit vector along the baseline
    top        the v of the upper edge: that of the upper line where two are stacked
    box        around all of it, in the reading frame
    """

    text: str
    direction: Point
    size: float
    u0: float
    u1: float
    v: float
    top: float
    box: BBox
    font: str
    pieces: tuple[Piece, ...]
    confidence: float | None = None

    @property
    def width(self) -> float:
        return self.u1 - self.u0

    @property
    def middle(self) -> Point:
        """The centre of the text in the reading frame."""
        u, v = (self.u0 + self.u1) / 2, (self.top + self.v) / 2
        (x, y) = self.direction
        return u * x - v * y, u * y + v * x

    def local(self, x: float, y: float) -> Point:
        """(u, v) of a point of the reading frame."""
        along, across = self.direction
        return x * along + y * across, -x * across + y * along


Entry = tuple[Point, Piece, str, float | None]  # direction, piece, font, confidence of OCR


def local_piece(span: Span) -> Piece:
    """A span in the frame of its direction, the blanks at its ends left out."""
    x, y = span.direction
    origin_u, v = span.origin[0] * x + span.origin[1] * y, -span.origin[0] * y + span.origin[1] * x
    length = _length(span)
    text = span.text
    leading, trailing = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    blank = min(_BLANK * span.size, length / max(len(text), 1))
    return Piece(text, origin_u + leading * blank, origin_u + length - trailing * blank, v, span.size, span.bbox)


def _length(span: Span) -> float:
    """How far a span runs along its baseline, from its box, its origin and its direction."""
    x, y = span.direction
    x0, y0, x1, y1 = span.bbox
    if abs(x) > 0.99:
        return x1 - x0
    if abs(y) > 0.99:
        return y1 - y0
    # Behind its origin the box shows how far the letters rise or sink; the other axis shows by how much they overhang the end.
    behind_x, ahead_x = (span.origin[0] - x0, x1 - span.origin[0]) if x >= 0 else (x1 - span.origin[0], span.origin[0] - x0)
    behind_y, ahead_y = (span.origin[1] - y0, y1 - span.origin[1]) if y >= 0 else (y1 - span.origin[1], span.origin[1] - y0)
    x, y = abs(x), abs(y)
    length = (ahead_x - behind_y * y / x) / x if x >= y else (ahead_y - behind_x * x / y) / y
    return max(0.0, length)


def build_rows(pieces: Iterable[Entry]) -> list[Row]:
    """The rows of (direction, piece, font, confidence), stacked pairs merged."""
    by_direction: dict[tuple[float, float], list[Entry]] = defaultdict(list)
    for entry in pieces:
        by_direction[round(entry[0][0], 2), round(entry[0][1], 2)].append(entry)
    rows: list[Row] = []
    for entries in by_direction.values():
        rows.extend(_stacked([_row(group) for group in _baselines(entries)]))
    return rows


def _baselines(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Groups of pieces that follow each other on one baseline."""
    entries = sorted(entries, key=lambda entry: entry[1].v)
    line: list[Entry] = []
    for entry in entries:
        if line and entry[1].v - line[-1][1].v > _SAME_BASELINE * min(entry[1].size, line[-1][1].size):
            yield from _runs(line)
            line = []
        line.append(entry)
    yield from _runs(line)


def _runs(line: list[Entry]) -> Iterator[list[Entry]]:
    run: list[Entry] = []
    for entry in sorted(line, key=lambda entry: entry[1].u0):
        if run and not _follows(run[-1][1], entry[1]):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _follows(before: Piece, after: Piece) -> bool:
    small, large = sorted((before.size, after.size))
    if large > _MAX_SIZE_RATIO * small:
        return False
    gap = after.u0 - before.u1
    is_apart = after.text.lstrip()[:1].isdigit() and _ENDS_BY_ITSELF.search(before.text.rstrip()) is not None
    allowed = _NUMBER_GAP if is_apart else _JOINT_GAP
    return -0.6 * large <= gap <= allowed * large


def _row(group: Sequence[Entry]) -> Row:
    pieces = tuple(piece for _, piece, _, _ in group)
    size = max((piece.size for piece in pieces if not piece.is_symbol), default=pieces[0].size)
    baselines = [piece.v for piece in pieces if not piece.is_symbol] or [pieces[0].v]
    v = sum(baselines) / len(baselines)
    confidences = [confidence for _, _, _, confidence in group if confidence is not None]
    return Row(
        text=_text(pieces),
        direction=group[0][0],
        size=size,
        u0=pieces[0].u0,
        u1=max(piece.u1 for piece in pieces),
        v=v,
        top=v - ASCENT * size,
        box=union([piece.box for piece in pieces]),
        font=next((font for _, piece, font, _ in group if not piece.is_symbol), ""),
        pieces=pieces,
        confidence=min(confidences, default=None),
    )


def row_of(pieces: Sequence[Piece], whole: Row) -> Row:
    """A row of some of the pieces of another."""
    return _row([(whole.direction, piece, whole.font, whole.confidence) for piece in pieces])


def _text(pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    previous: Piece | None = None
    for piece in pieces:
        if previous is not None and piece.u0 - previous.u1 > _WORD_GAP * piece.size and not _is_tight(previous):
            parts.append(" ")
        parts.append(piece.text)
        previous = piece
    return clean_line("".join(parts))


def _is_tight(before: Piece) -> bool:
    """Whether a symbol belongs to what follows it: 'Ø 11,00' is written 'Ø11,00', '+ 0.1' is '+0.1'."""
    return before.text.strip()[-1:] in ("Ø", "+", "-", "±")


def _stacked(rows: list[Row]) -> list[Row]:
    """The rows with every stacked pair merged into what it belongs to."""
    rows = sorted(rows, key=lambda row: row.v)
    used: set[int] = set()
    merged: list[Row] = []
    for upper_index, upper in enumerate(rows):
        if upper_index in used or len(upper.text) > _MAX_STACKED or not _may_stack(upper.text):
            continue
        found = _partner(rows, upper_index, used)
        if found is None:
            continue
        lower_index, main_index, text = found
        parts = [upper, rows[lower_index], *([rows[main_index]] if main_index is not None else [])]
        used.update((upper_index, lower_index), () if main_index is None else (main_index,))
        merged.append(_joined(parts, text))
    return [row for index, row in enumerate(rows) if index not in used] + merged


def _may_stack(text: str) -> bool:
    return bool(_SIGNED.match(text) or _FIT.match(text) or _LIMIT.match(text) or _FIT_AHEAD.match(text))


def _partner(rows: Sequence[Row], upper_index: int, used: set[int]) -> tuple[int, int | None, str] | None:
    """(lower row, main row to the left, whole text) for an upper row of a pair."""
    upper = rows[upper_index]
    for lower_index in range(upper_index + 1, len(rows)):
        lower = rows[lower_index]
        step = lower.v - upper.v
        if step > _STACK_STEP[1] * upper.size:
            return None
        if lower_index in used or step < _STACK_STEP[0] * upper.size or len(lower.text) > _MAX_STACKED:
            continue
        whole = _pair_with_head(upper, lower) if step <= _HEAD_STEP * upper.size else None
        if whole is not None:
            return lower_index, None, whole
        if not _is_pair(upper.text, lower.text) or not _aligned(_behind_fit(upper), lower.u0, lower.u1):
            continue
        main_index = _main(rows, upper_index, lower_index, used)
        pair = f"{upper.text}/{lower.text}"
        if main_index is not None:
            head = rows[main_index].text
            return lower_index, main_index, f"{head}{pair}" if _PREFIX_ONLY.match(head) else f"{head} {pair}"
        if _are_limits(upper.text, lower.text) and step <= _LIMIT_STEP * upper.size:
            return lower_index, None, pair
    return None


def _behind_fit(row: Row) -> Row:
    """The deviation of 'H7 +0.012', where it stands; any other row as it is."""
    ahead = _FIT_AHEAD.match(row.text)
    return row if ahead is None else replace(row, u0=row.u1 - row.width * len(ahead["upper"]) / len(row.text))


def _is_pair(upper: str, lower: str) -> bool:
    ahead = _FIT_AHEAD.match(upper)
    if ahead is not None:
        return _FIT.match(ahead["fit"]) is not None and _SIGNED.match(lower) is not None
    if _SIGNED.match(upper) and _SIGNED.match(lower):
        return upper[:1] in "+-−" or lower[:1] in "+-−"
    return bool(_FIT.match(upper) and _FIT.match(lower)) or _are_limits(upper, lower)


def _are_limits(upper: str, lower: str) -> bool:
    if not (_LIMIT.match(upper) and _LIMIT.match(lower)):
        return False
    first, second = (float(text.rstrip("° ").replace(",", ".")) for text in (upper, lower))
    return first != second and max(first, second) <= 1.7 * min(first, second)


def _pair_with_head(upper: Row, lower: Row) -> str | None:
    """'6.60' and '+0.40' over '-0.10', where the lower line runs on from the main text; 'Ø' before two limits likewise."""
    head, _, tail = lower.text.rpartition(" ")
    if not head:
        match = re.match(r"^(?P<head>(?:\d{1,3}[x×X]\s?)?S?[ØR])(?P<tail>[\d.,]+°?)$", lower.text)
        if match is None:
            return None
        head, tail = match["head"], match["tail"]
    if not _is_pair(upper.text, tail):
        return None
    is_limit = _are_limits(upper.text, tail)
    if is_limit and not _PREFIX_ONLY.match(head):
        return None
    width = lower.width * len(tail) / max(len(lower.text), 1)
    if not _aligned(upper, lower.u1 - width, lower.u1):
        return None
    return f"{head}{upper.text}/{tail}" if is_limit else f"{head} {upper.text}/{tail}"


def _aligned(upper: Row, u0: float, u1: float) -> bool:
    slack = upper.size
    return (abs(upper.u0 - u0) <= 0.8 * slack or abs(upper.u1 - u1) <= 0.5 * slack) and min(upper.u1, u1) > max(upper.u0, u0)


def _main(rows: Sequence[Row], upper_index: int, lower_index: int, used: set[int]) -> int | None:
    """The row to the left of a pair, at half its height, that the pair belongs to."""
    upper, lower = rows[upper_index], rows[lower_index]
    left = min(upper.u0, lower.u0)
    for index in range(max(0, upper_index - 12), min(len(rows), lower_index + 12)):
        row = rows[index]
        if index in used or index in (upper_index, lower_index) or len(row.text) > _MAX_STACKED:
            continue
        reach = 0.45 * max(row.size, upper.size)
        is_beside = upper.v - reach <= row.v <= lower.v + reach and -0.5 * row.size <= left - row.u1 <= 1.3 * row.size
        if is_beside and re.search(r"[\dØRS]$|°$", row.text):
            return index
    return None


def _joined(parts: Sequence[Row], text: str) -> Row:
    upper, lower = parts[0], parts[1]
    main = max(parts, key=lambda row: row.size)
    confidences = [row.confidence for row in parts if row.confidence is not None]
    return replace(
        main,
        text=clean_line(text),
        u0=min(row.u0 for row in parts),
        u1=max(row.u1 for row in parts),
        v=max(lower.v, *(row.v for row in parts)),
        top=min(upper.top, *(row.top for row in parts)),
        box=union([row.box for row in parts]),
        pieces=tuple(piece for row in parts for piece in row.pieces),
        confidence=min(confidences, default=None),
    )


def rotation(direction: Point) -> float:
    """Degrees by which a direction points downwards from the horizontal, in (-180, 180]."""
    return math.degrees(math.atan2(direction[1], direction[0]))
