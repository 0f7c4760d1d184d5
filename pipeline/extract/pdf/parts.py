"""The parts of a page before they become blocks: stretches of lines, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pipeline.extract.grid import union
from pipeline.extract.model import BBox
from pipeline.extract.sheet import ShownLine

_LONG = 28  # characters of a line of running text
_WIDE, _LONG_WIDE = 0x2E80, 12  # code point from which scripts have wide characters; how many make a line of running text
_PROSE_SHARE = 0.45  # of a page's characters, in long lines
_LEAST_PROSE = 150  # characters in long lines
_SAME_SIZE = 1.12  # ratio of font sizes within one paragraph
_PITCH = (0.6, 1.55)  # font sizes from one line of a paragraph to the next
_DOUBLE, _LEAST_PITCHES = 2.3, 5  # font sizes from line to line with double spacing; pairs of lines from which that is known
_INDENT = (-2.5, 0.8)  # font sizes by which a line may begin before or behind the paragraph that it goes on
_FULL = 0.75  # of a paragraph's width, that a line has which another follows
_BULLET = re.compile("^[•‣◦▪▫●○■□–—·∙⁃➢➤✓✔\uf0b7\uf0a7\\-*](?:\\s|$)")
_MARK = re.compile(r"^(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(?(?:[A-Z]|[IVX]{1,5})\)|\[\d{1,3}\])\s+\S")
_LONE_MARK = re.compile("^(?:[•‣◦▪▫●○■□–—·∙⁃➢➤✓✔\uf0b7\uf0a7]|\\(?(?:\\d{1,3}|[a-zA-Z])[.)])$")


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as text: a line a row, tabs between cells."""

    text: str
    header_rows: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of lines that belong together, or a table made of them; box in the reading frame."""

    lines: tuple[ShownLine, ...]
    box: BBox
    table: TableText | None = None

    @property
    def is_list(self) -> bool:
        """Whether it begins like an item of a list."""
        return self.table is None and starts_item(self.lines[0].text)


def part_of(lines: Sequence[ShownLine]) -> Part:
    return Part(tuple(lines), union([line.box for line in lines]))


def starts_item(text: str) -> bool:
    """Whether a line begins with a bullet, a number or a letter of a list."""
    return _BULLET.match(text) is not None or _MARK.match(text) is not None


def is_prose(lines: Iterable[ShownLine]) -> bool:
    """Whether most of a page's text stands in lines of running text."""
    total = long = 0
    for line in lines:
        total += len(line.text)
        if _is_long(line.text):
            long += len(line.text)
    return long >= _LEAST_PROSE and long >= _PROSE_SHARE * total


def _is_long(text: str) -> bool:
    if len(text) >= _LONG:
        return text.count(" ") >= 3 and sum(map(str.isalpha, text)) >= 0.55 * len(text)
    return len(text) >= _LONG_WIDE and sum(ord(one) >= _WIDE for one in text) >= _LONG_WIDE


def paragraphs(parts: Sequence[Part]) -> list[Part]:
    """The parts of a page of prose as paragraphs, headings and list items, in the order given."""
    cut = [piece for part in parts for piece in (_cut(part) if part.table is None else [part])]
    most = _widest_pitch(cut)
    result: list[Part] = []
    for part in cut:
        if result and _goes_on(result[-1], part, most):
            result[-1] = part_of([*result[-1].lines, *part.lines])
        else:
            result.append(part)
    return result


def _cut(part: Part) -> Iterator[Part]:
    """A part cut where the font changes from line to line, and before each item of a list."""
    run: list[ShownLine] = []
    before: ShownLine | None = None
    for row in _rows(part.lines):
        line = _whole(row)
        if before is not None and (not _same_style(before, line) or starts_item(line.text)):
            yield part_of(run)
            run = []
        run.append(line)
        before = line
    if run:
        yield part_of(run)


def in_rows(part: Part) -> Part:
    """A part with the pieces of each printed row from left to right."""
    if part.table is not None or len(part.lines) < 2:
        return part
    return replace(part, lines=tuple(piece for row in _rows(part.lines) for piece in row))


def _rows(lines: Sequence[ShownLine]) -> Iterator[list[ShownLine]]:
    """Pieces of one printed row together, from left to right, whatever order the file has them in."""
    row = [lines[0]]
    for before, after in pairwise(lines):
        if not (before.is_upright and after.is_upright and _shares_row(before.box, after.box)):
            yield sorted(row, key=lambda piece: piece.box[0])
            row = []
        row.append(after)
    yield sorted(row, key=lambda piece: piece.box[0])


def _whole(row: Sequence[ShownLine]) -> ShownLine:
    """The pieces of a printed row as one line."""
    if len(row) == 1:
        return row[0]
    longest = max(row, key=lambda piece: len(piece.text))
    return replace(
        longest,
        text=" ".join(piece.text for piece in row),
        bbox=union([piece.bbox for piece in row]),
        box=union([piece.box for piece in row]),
        is_bold=all(piece.is_bold for piece in row),
    )


def _same_style(a: ShownLine, b: ShownLine) -> bool:
    low, high = sorted((a.size, b.size))
    return high <= _SAME_SIZE * low and a.is_bold == b.is_bold and a.is_upright == b.is_upright


def _widest_pitch(parts: Sequence[Part]) -> float:
    """The largest pitch of the lines of one paragraph, in font sizes: larger where a page is set with double spacing, line by line."""
    single = [part.lines[0] for part in parts if part.table is None and len(part.lines) == 1]
    if 2 * len(single) < len(parts):
        return _PITCH[1]
    pitches = [(below.box[3] - above.box[3]) / max(above.size, 1.0) for above, below in pairwise(single)]
    usual = [pitch for pitch in pitches if _PITCH[0] <= pitch <= _DOUBLE]
    return max(_PITCH[1], 1.05 * median(usual)) if len(usual) >= _LEAST_PITCHES else _PITCH[1]


def _goes_on(above: Part, below: Part, most: float) -> bool:
    """Whether a part is the next line of the one above, which the file wrote by itself, or what a lone bullet marks."""
    if above.table is not None or below.table is not None:
        return False
    last, first = above.lines[-1], below.lines[0]
    if len(above.lines) == 1 and _LONE_MARK.match(last.text):
        return _shares_row(last.box, first.box) and last.box[0] < first.box[0]
    if not (last.is_upright and _same_style(last, first)) or below.is_list:
        return False
    pitch, indent = (first.box[3] - last.box[3]) / max(last.size, 1.0), (first.box[0] - above.box[0]) / max(last.size, 1.0)
    is_near = _PITCH[0] <= pitch <= most and _INDENT[0] <= indent <= _INDENT[1]
    return is_near and last.box[2] - last.box[0] >= _FULL * (max(above.box[2], below.box[2]) - above.box[0])


def _shares_row(a: BBox, b: BBox) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.6 * min(a[3] - a[1], b[3] - b[1])
