"""Documents of text blocks for the tests of chunking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.extract.model import Block, Page
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import ChunkedDocument, SourceFile, TextDocument

SOURCE = SourceFile(
    document_id="0b6a7a1e-5a53-5c1d-9d4f-0d9e3f1f6c11",
    source_uri="file:///drawings/manual.pdf",
    file_name="manual.pdf",
    mime_type="application/pdf",
    size_bytes=1234,
    byte_hash_sha256="ab" * 32,
    extraction_version="2026-11-28",
    extracted_at="2026-11-28T10:00:00Z",
)


def page(number: int, *blocks: Block | str, height: float | None = None, **facts: object) -> Page:
    whole = tuple(Block(block) if isinstance(block, str) else block for block in blocks)
    made = Page(number, "\n".join(block.text for block in whole), "text_layer", height=height, blocks=whole)
    return replace(made, **facts)  # type: ignore[arg-type]


def document(*pages: Page, kind: str = "docx", title: str | None = None, warnings: Iterable[str] = ()) -> TextDocument:
    return TextDocument(kind, pages, title, warnings=tuple(warnings))


def chunked(*blocks: Block | str, kind: str = "docx", **options: object) -> ChunkedDocument:
    """One page of blocks, chunked."""
    return chunk_document(document(page(1, *blocks), kind=kind), with_options(**options))


def with_options(**options: object) -> ReadOptions:
    return replace(DEFAULT_OPTIONS, **options)  # type: ignore[arg-type]


def heading(text: str, level: int = 1) -> Block:
    return Block(text, kind="heading", level=level)


def table(*rows: str, header_rows: int = 1) -> Block:
    return Block("\n".join(rows), kind="table", header_rows=header_rows)


def sentences(count: int, word: str = "shaft") -> str:
    return " ".join(f"The {word} number {number} is ground after it was hardened in oil." for number in range(1, count + 1))
