"""Chunks into tables: the document's text, its outputs, one row a chunk; the version before gives way in the same transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from pipeline.database import Connection
from pipeline.extract.text.indexing import IndexedFile
from pipeline.extract.text.model import Chunk, ChunkedDocument, TextDocument
from pipeline.extract.text.record import chunk_id, search_text
from pipeline.store.drawings import INSERT_DOCUMENT, MARK_PARTIAL
from pipeline.store.item import NewOutput, StoreItem
from pipeline.store.pages import COPY_PAGES, page_row
from pipeline.store.results import OUTPUT_STORE, discard_chunks, discard_read
from pipeline.store.rows import clean_row, compact_json, copy_rows
from pipeline.text import clean_text

CHUNK_LINES = "chunk_jsonl"
DOCUMENT_RECORD = "document_json"
SCHEMA_VERSION = "1.0"

# The files that have an older version, of their pages or their chunks.
OLDER: LiteralString = """
    SELECT blob.blob_id,
           EXISTS (SELECT FROM documents AS one WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)),
           EXISTS (SELECT FROM extraction_outputs AS one
                   WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id) AND one.superseded_at IS NULL)
    FROM blob_inventory AS blob
    WHERE blob.blob_id = ANY (%s)
"""

COPY_OUTPUTS: LiteralString = """
    COPY extraction_outputs (output_id, tenant_id, job_id, blob_id, document_id, attempt, output_store, output_blob_key, output_type,
                             chunk_count, size_bytes, content_hash_sha256, schema_version) FROM STDIN
"""

COPY_TEXTS: LiteralString = """
    COPY document_texts (tenant_id, blob_id, job_id, text, text_sha256, char_count, language, page_starts, warnings) FROM STDIN
"""

COPY_CHUNKS: LiteralString = """
    COPY chunk_index (output_id, tenant_id, blob_id, document_id, file_name, chunk_sequence, chunk_id, title, page_start, page_end,
                      section_path, content_offset_start, content_offset_end, char_count, language, confidence, warnings,
                      search_text) FROM STDIN
"""

COUNT_CHUNKS: LiteralString = """
    UPDATE extraction_jobs AS job SET chunk_count = made.chunks
    FROM unnest(%s::bigint[], %s::integer[]) AS made (id, chunks)
    WHERE job.id = made.id
"""


class ChunkRows(NamedTuple):
    """One document as rows without their keys, and the files to publish.

    document, pages  None where the document's pages were in the database already
    """

    document: tuple[Any, ...] | None
    pages: list[tuple[Any, ...]] | None
    partial: bool
    file_name: str
    text: tuple[Any, ...]
    chunks: list[tuple[Any, ...]]
    outputs: tuple[NewOutput, ...]


def chunk_rows(indexed: IndexedFile) -> ChunkRows:
    """The rows of a document that has been cut into chunks."""
    chunked, document = indexed.chunked, indexed.chunked.document
    count = len(chunked.chunks)
    outputs = (NewOutput(CHUNK_LINES, "jsonl", indexed.lines, count), NewOutput(DOCUMENT_RECORD, "document.json", indexed.record, count))
    return ChunkRows(
        _document_row(document) if indexed.is_read else None,
        [page_row(page) for page in document.pages] if indexed.is_read else None,
        document.partial,
        indexed.source.file_name,
        _text_row(chunked),
        [_chunk_row(chunk, chunked, indexed.source.document_id) for chunk in chunked.chunks],
        outputs,
    )


def store_chunks(conn: Connection, items: Sequence[StoreItem]) -> None:
    """Make these the current chunks of their documents. Each result is a ChunkRows; its outputs are written already."""
    read = [item for item in items if item.result.document is not None]
    older = conn.execute(OLDER, ([item.blob_id for item in items],)).fetchall()
    known = {blob_id for blob_id, has_document, _ in older if has_document}
    discard_read(conn, [item.blob_id for item in read if item.blob_id in known])
    discard_chunks(conn, [blob_id for blob_id, _, has_output in older if has_output])
    _store_read(conn, read)
    outputs = {item.blob_id: uuid4() for item in items}
    copy_rows(conn, COPY_OUTPUTS, [row for item in items for row in _output_rows(item, outputs[item.blob_id])])
    copy_rows(conn, COPY_TEXTS, [(item.tenant_id, item.blob_id, item.job_id, *item.result.text) for item in items])
    copy_rows(conn, COPY_CHUNKS, [(outputs[item.blob_id], item.tenant_id, item.blob_id, item.document_id, item.result.file_name, *row)
                                  for item in items for row in item.result.chunks])
    conn.execute(COUNT_CHUNKS, ([item.job_id.int for item in items], [len(item.result.chunks) for item in items]))


def _store_read(conn: Connection, items: Sequence[StoreItem]) -> None:
    """What was read out of the files themselves: their documents and pages."""
    if not items:
        return
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_DOCUMENT, [
            (item.document_id, item.tenant_id, item.blob_id, item.job_id, *item.result.document) for item in items])
    copy_rows(conn, COPY_PAGES, [(item.tenant_id, item.blob_id, item.job_id, *row) for item in items for row in item.result.pages])
    conn.execute(MARK_PARTIAL, ([item.blob_id for item in items], [item.result.partial for item in items]))


def _output_rows(item: StoreItem, chunk_output: UUID) -> list[tuple[Any, ...]]:
    return [(chunk_output if output.output_type == CHUNK_LINES else uuid4(), item.tenant_id, item.job_id, item.blob_id, item.document_id,
             item.attempt, OUTPUT_STORE, output.key, output.output_type, output.chunk_count, output.size, output.sha256, SCHEMA_VERSION)
            for output in item.outputs]


def _document_row(document: TextDocument) -> tuple[Any, ...]:
    return clean_row((document.kind, document.title, len(document.pages), any(page.has_text_layer for page in document.pages),
                      compact_json(document.properties), [clean_text(warning) for warning in document.warnings]))


def _text_row(chunked: ChunkedDocument) -> tuple[Any, ...]:
    return (chunked.text, hashlib.sha256(chunked.text.encode()).hexdigest(), len(chunked.text), chunked.language,
            json.dumps(chunked.page_starts), list(chunked.warnings))


def _chunk_row(chunk: Chunk, chunked: ChunkedDocument, document_id: str) -> tuple[Any, ...]:
    return (chunk.sequence, chunk_id(document_id, chunk.sequence), chunked.document.title, chunk.page_start, chunk.page_end,
            list(chunk.section_path), chunk.start, chunk.stop, len(chunk.text), chunk.language, round(chunk.confidence, 2),
            list(chunk.warnings), search_text(chunked.document.title, chunk.section_path, chunk.text))
