"""What jobs work on that no file holds: pages and chunks that earlier jobs stored.

A loader takes the claims of one job type and says for each what its child gets: bytes, an outcome where there is nothing
to do, or nothing, where the job reads its file as others do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import LiteralString
from urllib.parse import quote
from uuid import UUID

from pipeline.config import Settings
from pipeline.database import Connection
from pipeline.extract.text.model import SourceFile
from pipeline.jobs import Claim
from pipeline.store.item import document_id
from pipeline.worker.fetch import Blob
from pipeline.worker.outcomes import Obsolete, Outcome

Input = bytes | Outcome | None

# As JSON text: the server writes it, and the parent only hands it on. A page's text stands in its blocks where it has any.
PAGES: LiteralString = """
    SELECT document.blob_id, json_build_object(
        'kind', document.kind, 'title', document.title, 'stated_title', document.properties ->> 'title',
        'warnings', document.warnings, 'partial', blob.partial,
        'pages', (SELECT json_agg(json_build_object(
                      'page_number', page.page_number, 'text', CASE WHEN page.blocks = '[]' THEN page.text ELSE '' END,
                      'method', page.method, 'confidence', page.confidence, 'has_text_layer', page.has_text_layer,
                      'width', page.width, 'height', page.height, 'rotation', page.rotation, 'blocks', page.blocks)
                      ORDER BY page.page_number)
                  FROM document_pages AS page
                  WHERE (page.tenant_id, page.blob_id) = (document.tenant_id, document.blob_id)))::text
    FROM blob_inventory AS blob
    JOIN documents AS document ON (document.tenant_id, document.blob_id) = (blob.tenant_id, blob.blob_id)
    WHERE blob.blob_id = ANY (%s) AND EXISTS (SELECT FROM document_pages AS page
                  WHERE (page.tenant_id, page.blob_id) = (document.tenant_id, document.blob_id))
"""

CHUNKS: LiteralString = """
    SELECT chunk.blob_id, json_agg(json_build_array(chunk.chunk_sequence, chunk.search_text) ORDER BY chunk.chunk_sequence)::text
    FROM blob_inventory AS blob
    JOIN chunk_index AS chunk ON (chunk.tenant_id, chunk.blob_id) = (blob.tenant_id, blob.blob_id)
    WHERE blob.blob_id = ANY (%s)
    GROUP BY chunk.blob_id
"""


def load_pages(conn: Connection, claims: Sequence[Claim], blobs: Mapping[UUID, Blob], _settings: Settings, *,
               read_by_others: frozenset[str]) -> dict[int, Input]:
    """The pages of files whose format another job type reads; None for the rest, which are read from their files.

    read_by_others  those formats
    """
    stored = [claim for claim in claims if blobs[claim.blob_id].mime_type in read_by_others]
    pages: dict[UUID, str] = dict(conn.execute(PAGES, ([claim.blob_id for claim in stored],)).fetchall()) if stored else {}
    # Without pages there is nothing to do: reading the file stores some, and queues this job again.
    return {claim.id: pages[claim.blob_id].encode() if claim.blob_id in pages else Obsolete(claim) for claim in stored}


def load_chunks(conn: Connection, claims: Sequence[Claim], _blobs: Mapping[UUID, Blob], _settings: Settings) -> dict[int, Input]:
    """The chunks to embed; none where the document has none."""
    chunks: dict[UUID, str] = dict(conn.execute(CHUNKS, ([claim.blob_id for claim in claims],)).fetchall())
    return {claim.id: chunks.get(claim.blob_id, "[]").encode() for claim in claims}


def source_of(blob: Blob, _settings: Settings, version: str) -> tuple[SourceFile]:
    """What a chunk record says of the file; its place by the store's logical name, for machines mount it in different ones."""
    place = quote(f"{blob.source_store}/{blob.blob_key}", safe="/~!$&'()*+,;=:@%-._")  # keys have their odd bytes encoded already
    return (SourceFile(
        document_id=str(document_id(blob.tenant_id, blob.source_store, blob.blob_key)),
        source_uri=f"blob://{place}",
        file_name=blob.file_name,
        mime_type=blob.mime_type or "application/octet-stream",
        size_bytes=blob.size_bytes or 0,
        byte_hash_sha256=blob.byte_hash_sha256 or "",
        extraction_version=version,
        extracted_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        etag=blob.etag,
    ),)


def spec_of(_blob: Blob, settings: Settings, _version: str) -> tuple[str, str]:
    """Which model, and the key of its endpoint."""
    return settings.embedding_model, settings.embedding_api_key
