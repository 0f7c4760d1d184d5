"""A file's results as a whole: taking them away when its bytes change, and along when it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.store.item import document_id

OUTPUT_STORE = "extracted-chunks"  # logical name: OUTPUT_URL says where it lies

# Documents first, and those in one order: steps that change what was read do so too, and never wait for each other in a circle.
DISCARD_READ: tuple[LiteralString, ...] = (
    "SELECT FROM documents WHERE blob_id = ANY (%s) ORDER BY blob_id FOR UPDATE",
    "DELETE FROM documents WHERE blob_id = ANY (%s)",
    "DELETE FROM document_pages WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_metadata WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_dimensions WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_annotations WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_materials WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_parameters WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_bom_items WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_blocks WHERE blob_id = ANY (%s)",
    "DELETE FROM extracted_outlines WHERE blob_id = ANY (%s)",
)

# The files of superseded outputs stay until they are swept.
DISCARD_CHUNKS: tuple[LiteralString, ...] = (
    """DELETE FROM chunk_index AS chunk USING blob_inventory AS blob
       WHERE blob.blob_id = ANY (%s) AND (chunk.tenant_id, chunk.blob_id) = (blob.tenant_id, blob.blob_id)""",
    """DELETE FROM document_texts AS whole USING blob_inventory AS blob
       WHERE blob.blob_id = ANY (%s) AND (whole.tenant_id, whole.blob_id) = (blob.tenant_id, blob.blob_id)""",
    """UPDATE extraction_outputs AS output SET superseded_at = now() FROM blob_inventory AS blob
       WHERE blob.blob_id = ANY (%s) AND (output.tenant_id, output.blob_id) = (blob.tenant_id, blob.blob_id)
         AND output.superseded_at IS NULL""",
)

DOCUMENTS: LiteralString = """
    SELECT blob.blob_id, blob.tenant_id, blob.source_store, blob.blob_key
    FROM documents JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.blob_id = ANY (%s)
"""

RENAME: LiteralString = """
    UPDATE documents SET document_id = renamed.document_id, updated_at = now()
    FROM unnest(%s::uuid[], %s::uuid[]) AS renamed (blob_id, document_id)
    WHERE documents.blob_id = renamed.blob_id
"""


def discard_results(conn: Connection, blobs: Sequence[UUID]) -> None:
    """Delete what was read out of these files, and what was made of it: it was of other bytes."""
    discard_read(conn, blobs)
    discard_chunks(conn, blobs)


def discard_read(conn: Connection, blobs: Sequence[UUID]) -> None:
    """Delete what was read out of these files; the chunks of the old reading stay until there are new ones."""
    if blobs:
        for statement in DISCARD_READ:
            conn.execute(statement, (list(blobs),))


def discard_chunks(conn: Connection, blobs: Sequence[UUID]) -> None:
    """Take these files out of search, and call their outputs superseded."""
    if blobs:
        for statement in DISCARD_CHUNKS:
            conn.execute(statement, (list(blobs),))


def rename_documents(conn: Connection, blobs: Sequence[UUID]) -> None:
    """Give the documents of moved files the ids of their new places."""
    rows = conn.execute(DOCUMENTS, (list(blobs),)).fetchall() if blobs else []
    if not rows:
        return
    ids = [row[0] for row in rows]
    # Two files may have changed places: first out of each other's way.
    conn.execute("UPDATE documents SET document_id = gen_random_uuid() WHERE blob_id = ANY (%s)", (ids,))
    conn.execute(RENAME, (ids, [document_id(*row[1:]) for row in rows]))
