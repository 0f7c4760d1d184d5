"""Blocks of pages as pieces: prose with its lines joined, lines that stay lines, headings with levels, tables with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.model import Block, Page
from pipeline.extract.text.headings import Headings
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.normalise import join_hyphens, normalise_characters, shorten_blanks, word_after, word_before
from pipeline.extract.text.repeated import RepeatedLines

DRAWN_KINDS = frozenset({"pdf", "dxf", "image"})  # formats that may be drawings: their pages are looked at for it
_SHEET_LINE = 25  # mean characters a line under which a page of these is taken as a drawing sheet
_LABEL = 60  # characters: a shorter block of a sheet is a label, not prose
_PROSE_LINE = 30  # mean characters a line from which a block of several lines is prose
_PROSE_BLOCK = 40  # characters from which a block of one line is prose
_PROSE_LETTERS = 0.5
_SAMPLE = 80  # characters looked at for the share of letters
_SHORT_LAST_LINE = 0.7  # of the widest: a line that ends a sentence before that ends a paragraph
_ITEM = re.compile(r"(?:[-–—•*▪◦‣·●○■□]|\(?\d{1,2}[.)]|\(?[a-zA-Z]\)) ")
_CJK = re.compile("[\u3000-\u9fff\uff00-\uffef]")  # no blanks between words; two columns wide


class Piece(NamedTuple):
    """Normalised text of one kind.

    page         index into the document's pages
    kind         'prose', 'lines', 'heading', 'table', 'code'
    level        of a heading, 1 the highest; 0 elsewhere
    header_rows  of a table: how many of its first lines name the columns
    """

    page: int
    kind: str
    text: str
    level: int = 0
    header_rows: int = 0


def pieces_of(document: TextDocument, sheets: Sequence[bool]) -> Iterator[Piece]:
    """All that the pages say in reading order, without what they repeat of others. sheets: which pages are drawing sheets."""
    blocks = [blocks_of(page) for page in document.pages]
    repeated = RepeatedLines(blocks, sheets, [page.height for page in document.pages])
    headings = Headings(blocks, sheets)
    hyphenated = hyphenated_words(document.pages)
    for page, is_drawn in enumerate(sheets):
        if is_drawn:
            yield from _sheet_pieces(page, blocks[page], hyphenated)
            continue
        for index, block in repeated.without(page):
            level = headings.level_of(page, index, block)
            yield from _plain(page, block, hyphenated) if level is None else _heading(page, block, level)


def blocks_of(page: Page) -> tuple[Block, ...]:
    """The page's blocks; its paragraphs where the reader gave none."""
    if page.blocks:
        return page.blocks
    return tuple(Block(text) for text in shorten_blanks(normalise_characters(page.text), keep_tabs=True).split("\n\n"))


def is_sheet(kind: str, page: Page) -> bool:
    """Whether a page is a drawing sheet: labels, not sentences. Its order says little and its repetitions are content."""
    if kind not in DRAWN_KINDS:
        return False
    text = page.text
    lines = text.count("\n") + 1
    wide = len(_CJK.findall(text)) if not text.isascii() else 0
    return kind == "dxf" or (len(text) + wide) / lines < _SHEET_LINE


def hyphenated_words(pages: Iterable[Page]) -> frozenset[str]:
    """Pairs of words written with a hyphen within a line, in lower case; nothing is looked for where no line ends in one."""
    texts = [page.text for page in pages]
    if not any("-\n" in text or "\u2010\n" in text for text in texts):
        return frozenset()
    words: set[str] = set()
    for text in texts:
        for before, after in pairwise(text.replace("\u2010", "-").split("-")):
            if before[-1:].isalpha() and after[:1].isalpha():
                words.add(f"{word_before(before, len(before))}-{word_after(after, 0)}".lower())
    return frozenset(words)


def is_prose(text: str) -> bool:
    """Whether line breaks in a block say nothing: long lines that are mostly letters."""
    lines = text.count("\n") + 1
    length = len(text) + (0 if text.isascii() else len(_CJK.findall(text)))
    if lines == 1:
        return length >= _PROSE_BLOCK
    sample = text[:_SAMPLE]
    return length / lines >= _PROSE_LINE and sum(map(str.isalpha, sample)) >= _PROSE_LETTERS * len(sample)


def join_prose_lines(text: str) -> str:
    """Paragraphs on a line each: breaks within become spaces, breaks before items and after a paragraph's end stay."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    widest = max(map(len, lines))
    parts = [lines[0]]
    for before, line in pairwise(lines):
        parts.append(_joint(before, line, widest))
        parts.append(line)
    return "".join(parts)


def _joint(before: str, line: str, widest: int) -> str:
    if not before or not line or _ITEM.match(line):
        return "\n"
    last = before[-1]
    if last in ".:;!?。！？" and len(before) < _SHORT_LAST_LINE * widest:
        return "\n"
    if last in "-\u2010" and before[-2:-1].isalnum() and line[0].isalnum() and not line[0].islower():
        return ""  # 'DM-' '1001', 'Zug-' 'Prüfung'
    return "" if not last.isascii() and not line[0].isascii() and _CJK.match(last) and _CJK.match(line[0]) else " "


def _sheet_pieces(index: int, blocks: Iterable[Block], hyphenated: frozenset[str]) -> Iterator[Piece]:
    """Labels run together, a line each; a note that is prose and a table stand by themselves."""
    labels: list[str] = []
    for block in blocks:
        text = block.text
        if block.kind == "text" and (len(text) < _LABEL or not is_prose(text)):
            labels.append(text)
            continue
        yield from _labels(index, labels)
        labels = []
        yield from _plain(index, block, hyphenated)
    yield from _labels(index, labels)


def _labels(index: int, labels: list[str]) -> Iterator[Piece]:
    text = shorten_blanks(normalise_characters("\n".join(labels)))
    if text:
        yield Piece(index, "lines", text.replace("\n\n", "\n"))


def _heading(index: int, block: Block, level: int) -> Iterator[Piece]:
    text = " ".join(normalise_characters(block.text).split())
    if text:
        yield Piece(index, "heading", text, level)


def _plain(index: int, block: Block, hyphenated: frozenset[str]) -> Iterator[Piece]:
    if block.kind in {"header", "footer"}:
        return
    if block.kind == "table":
        yield from _table(index, block)
        return
    if block.kind == "code":
        text = normalise_characters(block.text).strip("\n").rstrip()
        kind = "code"
    else:
        text = shorten_blanks(normalise_characters(block.text))
        kind = "prose" if is_prose(text) else "lines"
    if kind == "prose":
        text = join_prose_lines(join_hyphens(text, hyphenated))
    if text.strip():
        yield Piece(index, kind, text)


def _table(index: int, block: Block) -> Iterator[Piece]:
    """A line a row, cells parted by bars; rows without any text are left out."""
    text = shorten_blanks(normalise_characters(block.text), keep_tabs=True)
    lines = re.sub(" *\t *", "\t", text).split("\n") if "\t" in text else text.split("\n")
    headers = sum(1 for line in lines[: block.header_rows] if line.strip())
    rows = [" ".join(line.replace("\t", " | ").split()) if "\t\t" in line or line[:1] == "\t" or line[-1:] == "\t"
            else line.replace("\t", " | ") for line in lines if line.strip()]  # fmt: skip
    if rows:
        yield Piece(index, "table", "\n".join(rows), 0, headers)
