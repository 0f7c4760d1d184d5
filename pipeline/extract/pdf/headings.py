"""Headings, and what repeats at the top and bottom of pages, judged over the whole document.

A heading is set larger or bolder than the body text, bears a section number, or stands in the document's outline. Levels come
from the outline where it names the headings, else from their styles: the larger the letters, the higher the level.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.extract.grid import union
from pipeline.extract.model import Block
from pipeline.extract.pdf.layout import PageLayout

_MAX_LETTERS, _MAX_LINES = 160, 3  # of a heading
_LARGER = 1.12  # than the body text, in font sizes, that a heading is
_NOT_SMALLER = 0.95
_MAX_LEVEL = 6
_EDGE_SHARE = 0.12  # of a page's height, in which headers and footers stand
_EDGE_BLOCKS = 3  # looked at, at either end of a page
_REPEATS, _REPEAT_SHARE = 3, 0.4  # pages on which a text stands at the same place that is a header; their share of all
_PLACE = 6.0  # points within which it stands at the same place
_SECTION = re.compile(
    r"^(?:(?:§|Chapter|Kapitel|Section|Abschnitt|Appendix|Anhang|Annex|Part|Teil)\s+)?"
    r"(\d{1,2}(?:\.\d{1,3}){0,5}|[A-Z](?:\.\d{1,3}){1,4})\.?\s+(\S.*)"
)
_LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|(?:\s\.){4,}")
_CAPTION = re.compile(r"^(?:Fig(?:ure|\.)?|Abb(?:ildung|\.)?|Tab(?:le|elle|\.)?|Table|Bild)\s*\d", re.IGNORECASE)
_SENTENCE_END = (".", ";", "。", "；")
_PAGE_AT_END = re.compile(r"\s(\d{1,4})$")
_CONTENTS = 3  # candidates that end in rising numbers, from which a page is a table of contents
_MAX_BOLD, _BOLD_SHARE = 8, 0.25  # headings of a page that are bold alone, and their share of its blocks: more are labels of a form
_NEAR = 0.5  # font sizes between the lines of one heading
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]")


class _Style(NamedTuple):
    """How a heading is set; sorted from the highest."""

    size: float
    is_bold: bool
    depth: int


class _Candidate(NamedTuple):
    page: int
    block: int
    style: _Style
    level: int | None  # of the outline


Outline = dict[int, dict[str, int]]  # page number → title in its bare form → level


def with_headings(
    layouts: Sequence[PageLayout], numbers: Sequence[int], heights: Sequence[float], toc: Sequence[Sequence[object]]
) -> list[tuple[Block, ...]]:
    """The blocks of each page, with headings, headers and footers marked as such; nothing changes in a document without prose.

    numbers  of the pages, 1-based
    heights  of the pages in points, as displayed
    toc      entries of the outline: level, title, page number
    """
    if not any(layout.is_prose for layout in layouts):
        return [layout.blocks for layout in layouts]
    blocks = [list(layout.blocks) for layout in layouts]
    body = _body_style(layouts)
    _mark_repeats(blocks, layouts, heights, body)
    outline = outline_of(toc)
    found = [
        candidate
        for index, layout in enumerate(layouts)
        if not layout.is_sheet
        for candidate in _candidates(index, blocks[index], layout.bold, body, outline.get(numbers[index], {}))
    ]
    levels = _levels(found)
    for one in found:
        block = blocks[one.page][one.block]
        blocks[one.page][one.block] = replace(block, kind="heading", level=one.level or levels[one.style])
    return [tuple(_joined(page)) for page in blocks]


def _joined(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, the lines of one heading as one."""
    before: Block | None = None
    for block in blocks:
        if before is not None and _is_one_heading(before, block):
            before = replace(before, text=f"{before.text}\n{block.text}", bbox=union([one.bbox for one in (before, block) if one.bbox]))
            continue
        if before is not None:
            yield before
        before = block
    if before is not None:
        yield before


def _is_one_heading(above: Block, below: Block) -> bool:
    """Whether a heading goes on in the next block: close below it and set alike, without a number of its own."""
    if not (above.kind == below.kind == "heading" and (above.level, above.size) == (below.level, below.size)):
        return False
    if above.bbox is None or below.bbox is None or _depth(below.text) or len(above.text) + len(below.text) > _MAX_LETTERS:
        return False
    return -0.5 * (above.size or 0.0) <= below.bbox[1] - above.bbox[3] <= _NEAR * (above.size or 0.0)


def outline_of(toc: Sequence[Sequence[object]]) -> Outline:
    """The outline's titles by page; a title counts on the pages beside its own, too, for destinations are often off by one."""
    result: Outline = defaultdict(dict)
    for level, title, page, *_ in toc:
        if isinstance(level, int) and isinstance(page, int) and (bare := _bare(str(title))):
            result[page][bare] = min(level, _MAX_LEVEL)
            for beside in (page - 1, page + 1):
                result[beside].setdefault(bare, min(level, _MAX_LEVEL))
    return dict(result)


def _bare(text: str) -> str:
    """A title without its number, blanks and case."""
    match = _SECTION.match(" ".join(text.split()))
    return "".join((match[2] if match else text).split()).casefold()


def _mark_repeats(blocks: list[list[Block]], layouts: Sequence[PageLayout], heights: Sequence[float], body: _Style) -> None:
    """Mark what stands at the same place of many pages with the same words, numbers aside."""
    places: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
    pages = sum(not layout.is_sheet for layout in layouts)
    for page, (own, layout) in enumerate(zip(blocks, layouts, strict=True)):
        if not layout.is_sheet:
            for index, kind, at in _edges(own, heights[page]):
                masked = _DIGITS.sub("#", own[index].text)
                if "#" in masked and _LETTERS.search(masked) and (own[index].size or 0.0) > _LARGER * body.size:
                    continue  # 'Section 12' at the top of each page is a heading
                places[kind, masked, round(at / _PLACE)].append((page, index))
    for (kind, _, _), found in places.items():
        if len({page for page, _ in found}) >= max(_REPEATS, _REPEAT_SHARE * pages):
            for page, index in found:
                blocks[page][index] = replace(blocks[page][index], kind=kind)


def _edges(blocks: Sequence[Block], height: float) -> Iterator[tuple[int, str, float]]:
    """(index, kind, place) of the blocks at the top and at the bottom of a page that may be its header or footer."""
    placed = [(block.bbox, index) for index, block in enumerate(blocks) if block.bbox is not None and block.kind == "text"]
    for (_, y0, _, y1), index in sorted(placed, key=lambda one: one[0][1])[:_EDGE_BLOCKS]:
        if y1 <= _EDGE_SHARE * height:
            yield index, "header", y0
    for (_, y0, _, _), index in sorted(placed, key=lambda one: -one[0][3])[:_EDGE_BLOCKS]:
        if y0 >= (1 - _EDGE_SHARE) * height:
            yield index, "footer", y0


def _body_style(layouts: Sequence[PageLayout]) -> _Style:
    """Size and weight of most of the letters on pages of prose."""
    letters: Counter[_Style] = Counter()
    for layout in layouts:
        if layout.is_prose:
            for block, bold in zip(layout.blocks, layout.bold, strict=True):
                if block.kind in ("text", "list"):
                    letters[_Style(round(block.size or 0.0, 1), bold, 0)] += len(block.text)
    return max(letters, key=lambda style: (letters[style], style), default=_Style(0.0, False, 0))


def _candidates(page: int, blocks: Sequence[Block], bold: Sequence[bool], body: _Style, outline: dict[str, int]) -> Iterator[_Candidate]:
    """The blocks of a page that are set like headings, entries of a table of contents and labels of a form left out."""
    found = list(_set_apart(page, blocks, bold, body, outline))
    if _lists_contents([blocks[one.block].text for one in found]):
        found = [one for one in found if not _PAGE_AT_END.search(blocks[one.block].text)]
    plain = [one for one in found if one.level is None and one.style.depth == 1 and one.style.size < _LARGER * body.size]
    if len(plain) > max(_MAX_BOLD, _BOLD_SHARE * len(blocks)):
        found = [one for one in found if one not in plain]
    yield from found


def _lists_contents(texts: Sequence[str]) -> bool:
    """Whether headings end in page numbers that rise."""
    numbers = [int(match[1]) for text in texts if (match := _PAGE_AT_END.search(text))]
    return len(numbers) >= _CONTENTS and numbers == sorted(numbers)


def _set_apart(page: int, blocks: Sequence[Block], bold: Sequence[bool], body: _Style, outline: dict[str, int]) -> Iterator[_Candidate]:
    for index, block in enumerate(blocks):
        if block.kind not in ("text", "list") or not _may_be_heading(block.text):
            continue
        level = outline.get(_bare(block.text))
        depth = _depth(block.text)
        if level is not None or _stands_out(block, bold[index], depth, body, index + 1 < len(blocks)):
            yield _Candidate(page, index, _Style(_rounded(block.size or 0.0), bold[index], max(1, depth)), level)


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _may_be_heading(text: str) -> bool:
    if len(text) > _MAX_LETTERS or text.count("\n") >= _MAX_LINES or _LEADERS.search(text) or _CAPTION.match(text):
        return False
    letters = len(_LETTERS.findall(text))
    return letters >= 2 and letters >= 0.4 * len("".join(text.split()))


def _depth(text: str) -> int:
    """How deep a heading's section number goes; 0 without one."""
    match = _SECTION.match(text)
    return match[1].count(".") + 1 if match else 0


def _stands_out(block: Block, is_bold: bool, depth: int, body: _Style, has_text_below: bool) -> bool:
    """Whether a block is set as a heading is: larger, or bold, or numbered like a section and alone."""
    size = block.size or 0.0
    if not has_text_below or size < _NOT_SMALLER * body.size or (block.text.count("\n") > 1 and size < _LARGER * body.size):
        return False
    ends_sentence = block.text.rstrip().endswith(_SENTENCE_END)
    if size >= _LARGER * body.size:
        return not ends_sentence or depth > 0
    if ends_sentence and depth == 0:
        return False
    if depth == 0 and (block.kind == "list" or block.text.endswith((":", ","))):
        return False
    return (is_bold and not body.is_bold) or (depth >= 2 and _is_title(block.text))


def _is_title(text: str) -> bool:
    """Whether a numbered line reads like a title: short, and begun with a capital letter."""
    match = _SECTION.match(text)
    return match is not None and "\n" not in text and len(text) <= 80 and match[2][0].isupper() and not text.endswith((".", ":", ";", ","))


def _levels(found: Sequence[_Candidate]) -> dict[_Style, int]:
    """A level for each style: the outline's where it names headings of that style, else by rank among the styles."""
    told: dict[_Style, Counter[int]] = defaultdict(Counter)
    for one in found:
        told[one.style][one.level or 0] += 1
    styles = sorted(told, key=lambda style: (-style.size, not style.is_bold, style.depth))
    known = {style: counts.most_common(1)[0][0] for style, counts in told.items()}
    levels: dict[_Style, int] = {}
    above: _Style | None = None
    for style in styles:
        level = known[style]
        if not level:
            level = 1 if above is None else levels[above] + 1
        levels[style] = min(level, _MAX_LEVEL)
        above = style
    return levels
