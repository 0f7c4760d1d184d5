"""Pages of any document: text with its hash, and its blocks; read once, used by every later step."""

from __future__ import annotations

import hashlib
from typing import Any, LiteralString

from pipeline.extract.model import Block, Page
from pipeline.store.rows import clean_row, compact_json
from pipeline.text import clean_text

COPY_PAGES: LiteralString = """
    COPY document_pages (tenant_id, blob_id, job_id, page_number, text, text_sha256, char_count, method, confidence,
                         has_text_layer, width, height, rotation, blocks) FROM STDIN
"""


def page_row(page: Page) -> tuple[Any, ...]:
    """The page in the column order of COPY_PAGES, after the three key columns."""
    text = clean_text(page.text)
    blocks = compact_json([_block_json(block) for block in page.blocks])
    return clean_row((page.page_number, text, hashlib.sha256(text.encode()).hexdigest(), len(text), page.method, page.confidence,
                      page.has_text_layer, page.width, page.height, page.rotation, blocks))


def _block_json(block: Block) -> dict[str, Any]:
    """Text and box always, the rest where it says something."""
    told: dict[str, Any] = {"text": block.text, "bbox": [round(edge, 2) for edge in block.bbox] if block.bbox else None}
    if block.kind != "text":
        told["kind"] = block.kind
    for name in ("level", "size", "header_rows"):
        if value := getattr(block, name):
            told[name] = value
    return told
