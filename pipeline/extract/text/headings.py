"""Which blocks are headings, and of what level."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.model import Block
from pipeline.extract.text.model import TextDocument

LONGEST = 200  # characters; a longer 'heading' is a paragraph set large


class Headings:
    """The headings of one document."""

    def __init__(self, document: TextDocument, sheets: Sequence[bool]) -> None:
        pass

    def level_of(self, block: Block) -> int | None:
        """1 is the highest; None where the block is no heading."""
        if block.kind == "heading" and len(block.text) <= LONGEST:
            return block.level or 1
        return None
