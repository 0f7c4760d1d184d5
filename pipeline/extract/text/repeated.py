"""What pages repeat: running heads, feet and page numbers. They stay in the page record and go out of the chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.extract.model import Block
from pipeline.extract.text.model import TextDocument


class RepeatedLines:
    """The running heads and feet of one document."""

    def __init__(self, document: TextDocument, sheets: Sequence[bool]) -> None:
        self._lines: dict[int, frozenset[str]] = {}

    def without(self, page: int, blocks: Iterable[Block]) -> Iterator[Block]:
        """The page's blocks without its running head and foot."""
        lines = self._lines.get(page)
        for block in blocks:
            if block.kind not in {"header", "footer"}:
                yield block
