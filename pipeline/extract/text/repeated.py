"""What pages repeat: running heads, feet and page numbers. They stay in the page record and go out of the chunks.

Only the first and last lines of pages are looked at, and what stands in their margins. A line is repeated where neighbouring
pages bear the same one in the same place, its free-standing numbers the same or counting with the pages. Numbers in codes
('DM-1001') count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pipeline.extract.model import Block

_FEWEST_PAGES = 3
_FIRST_LINES = 3
_LAST_LINES = 4
_LONGEST_LINE = 200
_NEAR_PAGES = 2
_IN_STEP = 0.7  # of neighbouring occurrences
_MARGIN = 0.09  # of the page's height
_SAME_PLACE = 0.03  # of the page's height
_SAME_SIZE = 0.15  # of the letters' height: a title that later pages repeat as a running head is larger
_LONE_NUMBER = "1:#"
_FAR = 200  # a counter that far from the page's number needs to be called a page
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,5}(?![\w-]|[.,]\d)|(?<![^\W\d_])(?<=\d-)\d{1,4}(?![\w-])")
_ROMAN = re.compile(r"m{0,3}(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})")
_ROMAN_VALUES = {"m": 1000, "d": 500, "c": 100, "l": 50, "x": 10, "v": 5, "i": 1}
_PAGE_WORD = re.compile(r"\b(?:page|p|seite|s|pagina|página|pág|side|sida|sivu|strona|strana|blatt|sheet|feuille|лист)\b", re.IGNORECASE)
_KNOWN = frozenset({"header", "footer"})
_EDITED = frozenset({"text", "heading", "list", "caption"})


class _Line(NamedTuple):
    """A line at a page's edge. key: how many free-standing numbers it has and its text with these masked."""

    page: int
    block: int
    line: int
    key: str
    numbers: tuple[int, ...]
    top: float | None
    size: float | None


class RepeatedLines:
    """The running heads and feet of one document, of those of its pages that are not drawing sheets.

    blocks   of each page
    heights  of each page, in the unit of the blocks' boxes; None where unknown
    """

    def __init__(self, blocks: Sequence[Sequence[Block]], sheets: Sequence[bool], heights: Sequence[float | None]) -> None:
        self._blocks = blocks
        self._dropped: dict[tuple[int, int], set[int]] = {}
        pages = [page for page, is_sheet in enumerate(sheets) if not is_sheet]
        if len(pages) < _FEWEST_PAGES:
            return
        groups: dict[str, list[_Line]] = {}
        for page in pages:
            for line in _edge_lines(page, blocks[page], heights[page]):
                groups.setdefault(line.key, []).append(line)
        for lines in groups.values():
            for line in _repeated(lines):
                self._dropped.setdefault((line.page, line.block), set()).add(line.line)

    def without(self, page: int) -> Iterator[tuple[int, Block]]:
        """(index, block) of a page without its running head and foot."""
        for index, block in enumerate(self._blocks[page]):
            if block.kind in _KNOWN:
                continue
            dropped = self._dropped.get((page, index))
            if dropped is None:
                yield index, block
                continue
            kept = "\n".join(line for number, line in enumerate(block.text.split("\n")) if number not in dropped)
            if kept.strip():
                yield index, Block(kept, block.bbox, block.kind, block.level, block.size)


def _edge_lines(page: int, blocks: Sequence[Block], height: float | None) -> list[_Line]:
    places = [*_ends(blocks, range(len(blocks)), _FIRST_LINES, is_first=True)]
    places += _ends(blocks, range(len(blocks) - 1, -1, -1), _LAST_LINES, is_first=False)
    places += _margins(blocks, height) if height else ()
    result = []
    for index, number, text in dict.fromkeys(places):
        key, numbers = _masked(text)
        box = blocks[index].bbox
        top = box[1] / height + number * 0.001 if box and height else None
        result.append(_Line(page, index, number, key, numbers, top, blocks[index].size))
    return result


def _ends(blocks: Sequence[Block], order: Sequence[int], wanted: int, *, is_first: bool) -> Iterator[tuple[int, int, str]]:
    """(block, line, text) of the first or last lines of a page."""
    for index in order:
        block = blocks[index]
        if block.kind in _KNOWN:
            continue
        if block.kind not in _EDITED:
            return
        lines = list(enumerate(block.text.split("\n", wanted) if is_first else _last_lines(block.text)))
        for number, text in lines if is_first else reversed(lines):
            if text.strip() and len(text) <= _LONGEST_LINE:
                yield index, number, text.strip()
            wanted -= 1
            if wanted <= 0:
                return


def _margins(blocks: Sequence[Block], height: float) -> Iterator[tuple[int, int, str]]:
    """(block, line, text) of what stands in the upper and lower margin, wherever the reading order has it."""
    for index, block in enumerate(blocks):
        box = block.bbox
        if box and (box[3] <= _MARGIN * height or box[1] >= (1 - _MARGIN) * height) and block.kind in _EDITED:
            lines = block.text.split("\n")
            if len(lines) <= _LAST_LINES:
                found = ((index, number, line.strip()) for number, line in enumerate(lines) if len(line) <= _LONGEST_LINE)
                yield from (place for place in found if place[2])


def _last_lines(text: str) -> list[str]:
    """All lines of a block, numbered from its first; those before the last few are not looked at and left empty."""
    count = text.count("\n") - _LAST_LINES
    return [""] * (count + 1) + text.rsplit("\n", _LAST_LINES)[1:] if count >= 0 else text.split("\n")


def _masked(text: str) -> tuple[str, tuple[int, ...]]:
    words = text.split()
    if len(words) == 1 and _ROMAN.fullmatch(text) and text:
        return _LONE_NUMBER, (_roman(text),)
    joined = " ".join(words).casefold()
    numbers = tuple(int(number) for number in _NUMBER.findall(joined))
    return f"{len(numbers)}:{_NUMBER.sub('#', joined)}", numbers


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))


def _repeated(lines: Sequence[_Line]) -> Sequence[_Line]:
    """Those of the lines with one key that are a running head or foot."""
    lines = _in_one_place(lines)
    if len(lines) < _FEWEST_PAGES or not _is_dense(lines):
        return []
    if lines[0].key == _LONE_NUMBER:
        return lines if _counts(lines, 0) else []
    return lines if all(_is_counter_or_same(lines, column) for column in range(len(lines[0].numbers))) else []


def _in_one_place(lines: Sequence[_Line]) -> Sequence[_Line]:
    tops = [line.top for line in lines if line.top is not None]
    sizes = [line.size for line in lines if line.size]
    top, size = (median(tops) if tops else 0.0), (median(sizes) if sizes else 0.0)
    return [line for line in lines if (line.top is None or abs(line.top - top) <= _SAME_PLACE)
            and (not line.size or abs(line.size - size) <= _SAME_SIZE * size)]  # fmt: skip


def _is_dense(lines: Sequence[_Line]) -> bool:
    """On three pages that follow each other, or of which every second follows: heads may differ by chapter, and left from right."""
    run = 1
    for before, after in pairwise(sorted({line.page for line in lines})):
        run = run + 1 if after - before <= _NEAR_PAGES else 1
        if run >= _FEWEST_PAGES:
            return True
    return False


def _is_counter_or_same(lines: Sequence[_Line], column: int) -> bool:
    same = sum(before.numbers[column] == after.numbers[column] for before, after in pairwise(lines))
    return same >= _IN_STEP * (len(lines) - 1) or _counts(lines, column)


def _counts(lines: Sequence[_Line], column: int) -> bool:
    """Whether a number grows as the pages do."""
    steps = sum(after.numbers[column] - before.numbers[column] == after.page - before.page > 0 for before, after in pairwise(lines))
    if steps < _IN_STEP * (len(lines) - 1):
        return False
    key = lines[0].key
    is_near = abs(lines[0].numbers[column] - lines[0].page) <= _FAR
    return is_near or not any(map(str.isalpha, key)) or _PAGE_WORD.search(key) is not None
