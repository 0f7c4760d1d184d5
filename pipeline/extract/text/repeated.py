"""What pages repeat: running heads, feet and page numbers. They stay in the page record and go out of the chunks.

Only the first and last lines of pages are looked at, and what stands in their margins. A line is repeated where neighbouring
pages bear the same one in the same place, its free-standing numbers the same or counting with the pages. Numbers in codes
('DM-1001') count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pipeline.extract.model import Block

_FEWEST_PAGES = 3
_FIRST_LINES = 3
_LAST_LINES = 3
_LONGEST_LINE = 200
_NEAR_PAGES = 2
_IN_STEP = 0.7  # of neighbouring occurrences
_MARGIN = 0.09  # of the page's height
_SAME_PLACE = 0.03  # of the page's height
_SAME_SIZE = 0.15  # of the letters' height: a title that later pages repeat as a running head is larger
_LONE_NUMBER = "1:#"
_FAR = 200  # a counter that far from the page's number needs to be called a page
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,5}(?![\w-]|[.,]\d)|(?<![^\W\d_])(?<=\d-)\d{1,4}(?![\w-])")
_ROMAN = re.compile(r"m{0,3}(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})")
_LONGEST_ROMAN = 8
_ROMAN_VALUES = {"m": 1000, "d": 500, "c": 100, "l": 50, "x": 10, "v": 5, "i": 1}
_PAGE_WORD = re.compile(r"\b(?:page|p|seite|s|pagina|página|pág|side|sida|sivu|strona|strana|blatt|sheet|feuille|лист)\b", re.IGNORECASE)
_KNOWN = frozenset({"header", "footer"})
_EDITED = frozenset({"text", "list", "caption"})

_LinesOf = Callable[[str, int], list[tuple[int, str]]]


class _Line(NamedTuple):
    """A line at a page's edge.

    numbers    the free-standing numbers in it
    top, size  of its block: a share of the page's height, and points; None where unknown
    """

    page: int
    block: int
    line: int
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
        groups: dict[str, list[tuple[int, int, int, str]]] = {}
        for page in pages:
            for block, line, text in _edge_lines(blocks[page], heights[page]):
                groups.setdefault(_masked(text), []).append((page, block, line, text))
        for key, places in groups.items():
            if len(places) < _FEWEST_PAGES:
                continue
            for found in _repeated(key, [_line(*place, blocks, heights) for place in places]):
                self._dropped.setdefault((found.page, found.block), set()).add(found.line)

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


def _line(page: int, block: int, line: int, text: str, blocks: Sequence[Sequence[Block]], heights: Sequence[float | None]) -> _Line:
    box, height = blocks[page][block].bbox, heights[page]
    return _Line(page, block, line, _numbers(text), box[1] / height if box and height else None, blocks[page][block].size)


def _edge_lines(blocks: Sequence[Block], height: float | None) -> dict[tuple[int, int, str], None]:
    """(block, line, text) of what may be a page's running head or foot."""
    places = _ends(blocks, range(len(blocks)), _FIRST_LINES, _first_lines)
    places += _ends(blocks, range(len(blocks) - 1, -1, -1), _LAST_LINES, _last_lines)
    if height:
        places += _margins(blocks, height)
    return dict.fromkeys(places)


def _ends(blocks: Sequence[Block], order: Sequence[int], wanted: int, lines_of: _LinesOf) -> list[tuple[int, int, str]]:
    """(block, line, text) of the first or last lines of a page."""
    found: list[tuple[int, int, str]] = []
    for index in order:
        block = blocks[index]
        if block.kind in _KNOWN:
            continue
        if block.kind == "heading":
            wanted -= 1
            continue
        if block.kind not in _EDITED or wanted <= 0:
            break
        lines = lines_of(block.text, wanted)
        found += [(index, number, text.strip()) for number, text in lines if len(text) <= _LONGEST_LINE and not text.isspace() and text]
        wanted -= len(lines)
    return found


def _first_lines(text: str, wanted: int) -> list[tuple[int, str]]:
    return list(enumerate(text.split("\n", wanted)[:wanted]))


def _last_lines(text: str, wanted: int) -> list[tuple[int, str]]:
    """The last lines with their numbers, counted from the first of the text."""
    lines = text.rsplit("\n", wanted)
    first = text.count("\n") + 1 - min(wanted, len(lines))
    return list(enumerate(lines[-wanted:], first))


def _margins(blocks: Sequence[Block], height: float) -> Iterator[tuple[int, int, str]]:
    """(block, line, text) of what stands in the upper and lower margin, wherever the reading order has it."""
    for index, block in enumerate(blocks):
        box = block.bbox
        if box and (box[3] <= _MARGIN * height or box[1] >= (1 - _MARGIN) * height) and block.kind in _EDITED:
            lines = block.text.split("\n")
            if len(lines) <= _LAST_LINES:
                found = ((index, number, line.strip()) for number, line in enumerate(lines) if len(line) <= _LONGEST_LINE)
                yield from (place for place in found if place[2])


def _masked(text: str) -> str:
    """A line with its free-standing numbers masked, and how many they are; the same for a page number on the left or right."""
    if _DIGIT.search(text):
        masked, count = _NUMBER.subn("#", " ".join(text.split()))
        return f"{count}:{masked[2:]} #" if masked[:2] == "# " else f"{count}:{masked}"
    return _LONE_NUMBER if len(text) < _LONGEST_ROMAN and _ROMAN.fullmatch(text) else text


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers that `_masked` masks, in its order."""
    if _DIGIT.search(text):
        joined = " ".join(text.split())
        found = [int(number) for number in _NUMBER.findall(joined)]
        return tuple(found[1:] + found[:1] if _NUMBER.sub("#", joined, count=1)[:2] == "# " else found)
    return (_roman(text),) if len(text) < _LONGEST_ROMAN and _ROMAN.fullmatch(text) else ()


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))


def _repeated(key: str, lines: Sequence[_Line]) -> Sequence[_Line]:
    """Those of the lines with one key that are a running head or foot."""
    lines = _in_one_place(lines)
    if len(lines) < _FEWEST_PAGES or not _is_dense(lines):
        return []
    if key == _LONE_NUMBER:
        return lines if _counts(key, lines, 0) else []
    columns = range(len(lines[0].numbers))
    return lines if all(_is_same(lines, column) or _counts(key, lines, column) for column in columns) else []


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


def _is_same(lines: Sequence[_Line], column: int) -> bool:
    same = sum(before.numbers[column] == after.numbers[column] for before, after in pairwise(lines))
    return same >= _IN_STEP * (len(lines) - 1)


def _counts(key: str, lines: Sequence[_Line], column: int) -> bool:
    """Whether a number grows as the pages do."""
    steps = sum(after.numbers[column] - before.numbers[column] == after.page - before.page > 0 for before, after in pairwise(lines))
    if steps < _IN_STEP * (len(lines) - 1):
        return False
    is_near = abs(lines[0].numbers[column] - lines[0].page) <= _FAR
    return is_near or not any(map(str.isalpha, key)) or _PAGE_WORD.search(key) is not None
