"""Pages that an earlier job read, as a text document: nothing is parsed, and no OCR is done, twice."""

from __future__ import annotations

import json
import re
from typing import Any

from pipeline.extract.model import Block, Page
from pipeline.extract.normalise import join_lines
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.structure import is_sheet

# What programs write as a title where nobody gave one: their own names, file names, codes.
_NO_TITLE = re.compile(
    r"microsoft \w+ - |untitled|unbenannt|sans titre|power ?point|new output\b|printerjob\b|.*_|.*\.\w{1,5}$|(?=\S*[\d-])\S+$"
    r"|(?:document|dokument|layout|sheet|slide|folie|page|seite)\W*\d*$", re.IGNORECASE)


def stored_document(data: bytes) -> TextDocument:
    """The document of these pages.

    data  UTF-8 JSON: {"kind", "title", "stated_title", "warnings", "partial", "pages": [the columns of document_pages]}, pages with
          their blocks; a page's text may be left out where it has blocks, for they are its lines. stated_title: what the file's
          information says
    """
    stored = json.loads(data)
    pages = tuple(_page(page) for page in stored["pages"])
    return TextDocument(
        kind=stored["kind"],
        pages=pages,
        title=stored["title"] or _stated_title(stored["stated_title"], stored["kind"], pages),
        warnings=tuple(stored["warnings"]),
        partial=stored["partial"],
    )


def _stated_title(title: str | None, kind: str, pages: tuple[Page, ...]) -> str | None:
    """The title that a written document states; those of drawings are often copied from another drawing."""
    if not title or is_sheet(kind, pages[0]) or _NO_TITLE.match(title.strip()):
        return None
    return title


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
