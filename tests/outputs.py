"""Outputs as jobs make them: a file written, then registered in the transaction that completes the job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.jobs import Claim, Finished
from pipeline.storage.sink import Sink
from pipeline.store.chunks import CHUNK_LINES, SCHEMA_VERSION
from pipeline.store.item import document_id
from pipeline.store.results import OUTPUT_STORE, discard_chunks
from tests.integration.jobs.helpers import claim, queue

INSERT = """
    INSERT INTO extraction_outputs (tenant_id, job_id, blob_id, document_id, attempt, output_store, output_blob_key, output_type,
                                    chunk_count, size_bytes, content_hash_sha256, schema_version)
    SELECT tenant_id, job_id, blob_id, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM extraction_jobs WHERE id = %s
"""


def key_of(held: Claim, suffix: str = "jsonl") -> str:
    return f"{held.blob_id}/{held.id}.{held.attempt}.{suffix}"


def held_jobs(conn: Connection, count: int = 1) -> list[Claim]:
    queue(conn, count, job_type="text")
    return claim(conn, count, job_type="text")


def document_of(held: Claim) -> UUID:
    return document_id(UUID(DEFAULT_TENANT), "main", str(held.blob_id))


def lines_of(held: Claim, texts: Sequence[str]) -> bytes:
    """Chunk records as the schema has them."""
    return b"".join(json.dumps(record(held, number, text), ensure_ascii=False).encode() + b"\n" for number, text in enumerate(texts, 1))


def record(held: Claim, number: int, text: str) -> dict[str, Any]:
    document = str(document_of(held))
    return {
        "schemaVersion": SCHEMA_VERSION, "extractionVersion": "text-1", "documentId": document, "chunkId": f"{document}:{number:06d}",
        "source": {"sourceUri": f"file:///srv/{held.blob_id}.pdf", "fileName": "a, \"b\".pdf", "mimeType": "application/pdf",
                   "sizeBytes": 123, "etag": None, "byteHashSha256": "0" * 64},
        "provenance": {"pageStart": number, "pageEnd": number + 1, "sectionPath": ["Contract", "Payment > Terms"],
                       "contentOffsetStart": 0, "contentOffsetEnd": len(text)},
        "content": {"title": None, "chunkText": text, "searchText": f"Contract\n{text}", "language": "en"},
        "quality": {"confidence": 0.75, "warnings": ["ocr"]},
        "timestamps": {"extractedAt": "2026-01-10T19:21:00Z"},
    }


def register(conn: Connection, held: Claim, data: bytes, *, key: str | None = None, output_type: str = CHUNK_LINES) -> None:
    """The rows of an output; the document's older ones are superseded."""
    discard_chunks(conn, [held.blob_id])
    conn.execute(INSERT, (document_of(held), held.attempt, OUTPUT_STORE, key or key_of(held), output_type, data.count(b"\n"), len(data),
                          hashlib.sha256(data).hexdigest(), SCHEMA_VERSION, held.id))


def finish(conn: Connection, held: Claim, data: bytes) -> bool:
    """Register and complete, if the job is still held with this attempt: what a worker's transaction does."""
    with conn.transaction() as transaction:
        register(conn, held, data)
        if jobs.complete(conn, [Finished(held.id, held.attempt, 1)]):
            return True
        raise psycopg.Rollback(transaction)
    return False


def make(conn: Connection, sink: Sink, held: Claim, texts: Sequence[str] = ("one", "two")) -> str:
    """A finished job with its output; the key."""
    data = lines_of(held, texts)
    sink.put(key_of(held), data)
    assert finish(conn, held, data)
    return key_of(held)


def again(conn: Connection, held: Claim) -> Claim:
    """The same job, held once more."""
    conn.execute("UPDATE extraction_jobs SET status = 'pending', ready = true, available_at = now() WHERE id = %s", (held.id,))
    newer, = claim(conn, 1, job_type="text")
    assert newer.id == held.id
    return newer


def supersede(conn: Connection, key: str, ago: timedelta) -> None:
    conn.execute("UPDATE extraction_outputs SET superseded_at = now() - %s WHERE output_blob_key = %s", (ago, key))
