"""Blocks of pages as pieces: prose with its lines joined, lines that stay lines, headings with levels, tables with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.extract.model import Block, Page
from pipeline.extract.text.frame_marks import is_frame_mark
from pipeline.extract.text.headings import Headings
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.normalise import join_hyphens, normalise_characters, shorten_blanks
from pipeline.extract.text.repeated import RepeatedLines

DRAWN_KINDS = frozenset({"pdf", "dxf", "image"})  # formats that may be drawings: their pages are looked at for it
_SHEET_LINE = 25  # mean characters a line under which a page of these is taken as a drawing sheet
_LABEL = 60  # characters: a shorter block of a sheet is a label, not prose
_PROSE_LINE = 30  # mean characters a line from which a block of several lines is prose
_PROSE_BLOCK = 40  # characters from which a block of one line is prose
_FIGURE = re.compile(r"[0-9.|_+]")
_MOST_FIGURES = 0.4  # share of these in prose
_WORDS_FROM = 300_000  # characters of a document: what is written often stands there
_NARROW = 4000  # characters: a longer text is prose without counting its ideographs
_SAMPLE = 40  # characters looked at for that
_SHORT_LAST_LINE = 0.7  # of the widest: a line that ends a sentence before that ends a paragraph
_ITEM = re.compile(r"(?:[-–—•*▪◦‣·●○■□]|\(?\d{1,2}[.)]|\(?[a-zA-Z]\)) ")
_CELL_BLANKS = re.compile(r" *\t *")
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
    words = words_of(document.pages)
    for page, is_drawn in enumerate(sheets):
        if is_drawn:
            shown = [block for block in blocks[page] if not is_frame_mark(block, document.pages[page])]
            yield from _sheet_pieces(page, shown, words)
            continue
        for index, block in repeated.without(page):
            level = headings.level_of(page, index, block)
            yield from _plain(page, block, words) if level is None else _heading(page, block, level)


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
    can_be_wide = len(text) < lines * _SHEET_LINE <= 2 * len(text) and not text.isascii()
    wide = len(_CJK.findall(text)) if can_be_wide else 0
    return kind == "dxf" or (len(text) + wide) / lines < _SHEET_LINE


def words_of(pages: Iterable[Page]) -> frozenset[str]:
    """The words of a document's beginning, marks at their ends included; none where no line ends in a hyphen."""
    texts = [page.text for page in pages]
    if not any("-\n" in text or "\u2010\n" in text for text in texts):
        return frozenset()
    words: set[str] = set()
    left = _WORDS_FROM
    for text in texts:
        words.update(text[:left].split())
        left -= len(text)
        if left <= 0:
            break
    return frozenset(words)


def is_prose(text: str) -> bool:
    """Whether line breaks in a block say nothing: long lines, the last aside, that are not mostly figures or leaders."""
    breaks = text.count("\n")
    if not breaks:
        return len(text) >= _PROSE_BLOCK or len(text) + _ideographs(text) >= _PROSE_BLOCK
    body = text.rfind("\n")
    if body < _PROSE_LINE * breaks and body + _ideographs(text) < _PROSE_LINE * breaks:
        return False
    sample = text[:_SAMPLE]
    return not _FIGURE.search(sample) or len(_FIGURE.findall(sample)) <= _MOST_FIGURES * len(sample)


def _ideographs(text: str) -> int:
    """Characters that are twice as wide as letters."""
    return 0 if text.isascii() or len(text) > _NARROW else len(_CJK.findall(text))


def join_prose_lines(text: str) -> str:
    """Paragraphs on a line each: breaks within become spaces, breaks before items and after a paragraph's end stay."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    widest = max(map(len, lines))
    before = lines[0]
    parts = [before]
    for line in lines[1:]:
        is_within = before[-1:].islower() and line[:1].islower() and line[1:2] != ")"  # most breaks: no need to look further
        parts += (" " if is_within else _joint(before, line, widest), line)
        before = line
    return "".join(parts)


def _joint(before: str, line: str, widest: int) -> str:
    if not before or not line or _ITEM.match(line):
        return "\n"
    last = before[-1]
    if last in ".:;!?。！？" and len(before) < _SHORT_LAST_LINE * widest:
        return "\n"
    if last == "/" and "://" in before:
        return ""
    if last in "-\u2010\u2013" and before[-2:-1].isalnum() and line[0].isalnum() and not line[0].islower():
        return ""  # 'DM-' '1001', 'Zug-' 'Prüfung'
    return "" if not last.isascii() and not line[0].isascii() and _CJK.match(last) and _CJK.match(line[0]) else " "


def _sheet_pieces(index: int, blocks: Iterable[Block], words: frozenset[str]) -> Iterator[Piece]:
    """Labels run together, a line each; a note that is prose and a table stand by themselves."""
    labels: list[str] = []
    for block in blocks:
        text = block.text
        if block.kind == "text" and (len(text) < _LABEL or not is_prose(text)):
            labels.append(text)
            continue
        yield from _labels(index, labels)
        labels = []
        yield from _plain(index, block, words)
    yield from _labels(index, labels)


def _labels(index: int, labels: list[str]) -> Iterator[Piece]:
    text = shorten_blanks(normalise_characters("\n".join(labels)))
    if text:
        yield Piece(index, "lines", text.replace("\n\n", "\n"))


def _heading(index: int, block: Block, level: int) -> Iterator[Piece]:
    text = " ".join(normalise_characters(block.text).split())
    if text:
        yield Piece(index, "heading", text, level)


def _plain(index: int, block: Block, words: frozenset[str]) -> Iterator[Piece]:
    if block.kind in {"header", "footer"}:
        return
    if block.kind == "table":
        yield from _table(index, block)
        return
    if block.kind == "code":
        text = normalise_characters(block.text).strip()
        kind = "code"
    else:
        text = shorten_blanks(normalise_characters(block.text))
        kind = "prose" if is_prose(text) else "lines"
    if kind == "prose":
        text = join_prose_lines(join_hyphens(text, words))
    if text.strip():
        yield Piece(index, kind, text)


def _table(index: int, block: Block) -> Iterator[Piece]:
    """A line a row, cells parted by bars; rows without any text are left out."""
    text = shorten_blanks(normalise_characters(block.text), keep_tabs=True)
    if " \t" in text or "\t " in text:
        text = _CELL_BLANKS.sub("\t", text)
    headers = sum(1 for line in text.split("\n", block.header_rows)[: block.header_rows] if line.strip())
    has_empty_cells = "\t\t" in text or "\t\n" in text or "\n\t" in text or text[:1] == "\t" or text[-1:] == "\t"
    text = text.replace("\t", " | ")
    rows = [shorten_blanks(line) if has_empty_cells else line for line in text.split("\n") if line.strip(" |")]
    if rows:
        yield Piece(index, "table", "\n".join(rows), 0, headers)
