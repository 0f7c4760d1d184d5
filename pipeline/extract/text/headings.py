"""Which blocks are headings, and of what level: as the reader says; else by the height of the letters; else by their numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.extract.model import Block

LONGEST = 200  # characters; a longer 'heading' is a paragraph set large
LEVELS = 6
_LONGEST_GUESSED = 120
_LARGER = 1.15  # than the body's letters
_SMALL_SHARE = 0.2  # of a document's characters: what is set large more often is no heading
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?[ \t]+(?=\S)")
_SENTENCE_END = ".,;:!?。、"
_LEADER = re.compile(r"[.\s]\d+$")  # 'Scope ..... 5' in a table of contents
_FEWEST_NUMBERED = 2

Place = tuple[int, int]  # page, block
Numbers = tuple[int, ...]


class Headings:
    """The headings of one document. blocks: of each page; drawing sheets have none but those that their reader names."""

    def __init__(self, blocks: Sequence[Sequence[Block]], sheets: Sequence[bool]) -> None:
        self._levels: dict[Place, int] = {}
        self._sizes: dict[float, int] = {}
        if any(block.kind == "heading" for page in blocks for block in page):
            self._sizes = _ranked({_rounded(block) for page in blocks for block in page if block.kind == "heading" and not block.level})
            return
        plain = [(page, index, block) for page, is_sheet in enumerate(sheets) if not is_sheet
                 for index, block in enumerate(blocks[page]) if block.kind == "text"]  # fmt: skip
        self._levels = _by_size(plain) or _by_number(plain)

    def level_of(self, page: int, index: int, block: Block) -> int | None:
        """1 is the highest; None where the block is no heading."""
        if block.kind == "heading":
            if not 0 < len(block.text) <= LONGEST:
                return None
            return min(max(1, block.level), LEVELS) if block.level else self._sizes.get(_rounded(block), 1)
        return self._levels.get((page, index))


def _rounded(block: Block) -> float:
    return round(2 * (block.size or 0.0)) / 2


def _ranked(sizes: set[float]) -> dict[float, int]:
    return {size: min(rank, LEVELS) for rank, size in enumerate(sorted(sizes, reverse=True), 1)}


def _by_size(plain: Sequence[tuple[int, int, Block]]) -> dict[Place, int]:
    """Short blocks in larger letters than the body's; none where the sizes are unknown or much of the text is set large."""
    weights: Counter[float] = Counter()
    for _, _, block in plain:
        if block.size:
            weights[_rounded(block)] += len(block.text)
    if not weights:
        return {}
    body = min(weights, key=lambda size: (-weights[size], size))
    found = {(page, index): _rounded(block) for page, index, block in plain if _rounded(block) >= _LARGER * body and _is_short(block.text)}
    if sum(weights[size] for size in set(found.values())) > _SMALL_SHARE * sum(weights.values()):
        return {}
    ranks = _ranked(set(found.values()))
    return {place: ranks[size] for place, size in found.items()}


def _is_short(text: str) -> bool:
    text = text.strip()
    return len(text) <= _LONGEST_GUESSED and text.count("\n") < 2 and any(map(str.isalpha, text)) and text[-1] not in _SENTENCE_END


def _by_number(plain: Sequence[tuple[int, int, Block]]) -> dict[Place, int]:
    """'1 Scope', '1.1 Terms', …: lines by themselves whose numbers follow each other as those of headings do."""
    candidates = [(position, numbers) for position, (_, _, block) in enumerate(plain) if (numbers := _numbers(block.text))]
    accepted: dict[Place, int] = {}
    last: Numbers = ()
    for position, numbers in _without_lists(candidates):
        if numbers in _expected(last):
            page, index, _ = plain[position]
            accepted[page, index] = len(numbers)
            last = numbers
    return accepted if len(accepted) >= _FEWEST_NUMBERED else {}


def _numbers(text: str) -> Numbers | None:
    if not text[:1].isdigit() or len(text) > _LONGEST_GUESSED or "\n" in text.strip():
        return None
    found = _NUMBERED.match(text)
    if found is None:
        return None
    title = text[found.end() :].strip()
    if not (title[:1].isalpha() and not title[0].islower()) or title[-1] in _SENTENCE_END or _LEADER.search(title):
        return None
    return tuple(map(int, found.group(1).split("."))) if sum(map(str.isalpha, title)) >= 2 else None


def _without_lists(candidates: Sequence[tuple[int, Numbers]]) -> Iterator[tuple[int, Numbers]]:
    """Without single numbers that stand right below each other: those number a list."""
    single = {position for position, numbers in candidates if len(numbers) == 1}
    for position, numbers in candidates:
        if len(numbers) > 1 or not ({position - 1, position + 1} & single):
            yield position, numbers


def _expected(last: Numbers) -> set[Numbers]:
    """What may come after a heading's number: its first child, or the next of it or of one above it."""
    if not last:
        return {(0,), (1,), (1, 1)}
    return {(*last, 1), (*last, 0), *((*last[: depth - 1], last[depth - 1] + 1) for depth in range(1, len(last) + 1))}
