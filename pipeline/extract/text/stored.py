"""Pages that an earlier job read, as a text document: nothing is parsed, and no OCR is done, twice."""

from __future__ import annotations

import json
from typing import Any

from pipeline.extract.model import Block, Page
from pipeline.extract.normalise import join_lines
from pipeline.extract.text.model import TextDocument


def stored_document(data: bytes) -> TextDocument:
    """The document of these pages.

    data  UTF-8 JSON: {"kind", "title", "warnings", "partial", "pages": [the columns of document_pages], each with its blocks};
          a page's text may be left out where it has blocks, for they are its lines
    """
    stored = json.loads(data)
    return TextDocument(
        kind=stored["kind"],
        pages=tuple(_page(page) for page in stored["pages"]),
        title=stored["title"] or None,
        warnings=tuple(stored["warnings"]),
        partial=stored["partial"],
    )


def _page(page: dict[str, Any]) -> Page:
    blocks = tuple(_block(block) for block in page["blocks"])
    return Page(
        page_number=page["page_number"],
        text=page["text"] or join_lines(block.text for block in blocks),
        method=page["method"],
        width=page["width"],
        height=page["height"],
        rotation=page["rotation"],
        has_text_layer=page["has_text_layer"],
        confidence=page["confidence"],
        blocks=blocks,
    )


def _block(block: dict[str, Any]) -> Block:
    bbox = block.get("bbox")
    return Block(
        text=block["text"],
        bbox=(bbox[0], bbox[1], bbox[2], bbox[3]) if bbox else None,
        kind=block.get("kind", "text"),
        level=block.get("level"),
        size=block.get("size"),
        header_rows=block.get("header_rows", 0),
    )
