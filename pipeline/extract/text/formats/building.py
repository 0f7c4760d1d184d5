"""Blocks into pages into a document, within the characters and blocks that one document may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.extract.model import Block, Json, Page
from pipeline.extract.normalise import clean_line, clean_text
from pipeline.extract.options import ReadOptions
from pipeline.extract.text.model import TextDocument

MAX_BLOCKS = 200_000  # a document of one-letter paragraphs would otherwise cost far more than its text
_MAX_PROPERTY = 2000  # characters of one property
_MAX_LISTED = 1000  # names in a property that is a list


@dataclass
class TextBuilder:
    """Collects the blocks of one document.

    method      of its pages: 'docx', 'html', …
    confidence  of its text, in [0, 1]
    is_full     nothing more is taken: a reader may stop
    """

    kind: str
    options: ReadOptions
    method: str = ""
    confidence: float = 1.0
    title: str | None = None
    partial: bool = False
    is_full: bool = False
    properties: dict[str, Json] = field(default_factory=dict)
    _warnings: list[str] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _left: int = 0  # characters
    _count: int = 0  # blocks

    def __post_init__(self) -> None:
        self.method = self.method or self.kind
        self._left = self.options.text_max_chars

    def add(self, text: str, kind: str = "text", *, level: int | None = None, header_rows: int = 0) -> None:
        """One block; nothing where it holds no text, its beginning where no more has room."""
        if self.is_full:
            return
        text = clean_text(text[: 4 * self._left + 1000])
        if not text:
            return
        if len(text) > self._left or self._count >= MAX_BLOCKS:
            text = "" if self._count >= MAX_BLOCKS else cut(text, self._left)
            self.truncate()
        if text:
            self._left -= len(text) + 1
            self._count += 1
            self._blocks.append(Block(text, kind=kind, level=level, header_rows=header_rows))

    def add_block(self, block: Block) -> None:
        """A block that another reader made."""
        self.add(block.text, block.kind, level=block.level, header_rows=block.header_rows)

    @property
    def room(self) -> int:
        """Characters that may still be added."""
        return 0 if self.is_full else max(0, self._left)

    def truncate(self) -> None:
        """Take nothing more, and say so."""
        self.is_full = True
        self.warn("truncated", partial=True)

    def end_page(self, *, even_if_empty: bool = False) -> None:
        """Close the page that the blocks since the last one make up."""
        if self._blocks or even_if_empty:
            text = "\n".join(block.text for block in self._blocks)
            method = self.method if text else "none"
            confidence = self.confidence if text else None
            self._pages.append(Page(len(self._pages) + 1, text, method, confidence=confidence, blocks=tuple(self._blocks)))
            self._blocks = []

    def add_page(self, page: Page) -> None:
        """A page that is finished; what goes beyond the document's characters is left out."""
        if self.is_full:
            return
        self._left -= len(page.text)
        if self._left < 0:
            self.truncate()
            return
        self._pages.append(page)

    def warn(self, word: str, *, partial: bool = False) -> None:
        """Note once what was done or left out; partial: something of the file is missing."""
        if word not in self._warnings:
            self._warnings.append(word)
        self.partial = self.partial or partial

    def set(self, name: str, value: str | int | None) -> None:
        """A property of the file, where it has one."""
        if isinstance(value, str):
            value = clean_line(value[:_MAX_PROPERTY])
        if value not in (None, ""):
            self.properties[name] = value

    def set_names(self, name: str, values: Iterable[str]) -> None:
        """A property that is a list of names."""
        names: list[Json] = [line for value in values if (line := clean_line(value[:_MAX_PROPERTY]))]
        if names:
            self.properties[name] = names[:_MAX_LISTED]

    def document(self) -> TextDocument:
        """What was collected; the last page is closed."""
        self.end_page(even_if_empty=not self._pages)
        title = clean_line((self.title or "")[:_MAX_PROPERTY]) or None
        return TextDocument(self.kind, tuple(self._pages), title, self.properties, tuple(self._warnings), self.partial)


def cut(text: str, limit: int) -> str:
    """The first characters of a text, at most `limit`, without half a line or, in one long line, half a word."""
    if len(text) <= limit:
        return text
    head = text[: max(0, limit)]
    at = max(head.rfind("\n", limit // 2), -1)
    if at < 0:
        at = head.rfind(" ", limit // 2)
    return (head[:at] if at > 0 else head).rstrip()
