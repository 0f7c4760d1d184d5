"""A file's results as a whole: taking them away when its bytes change, and along when it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.store.item import document_id

# Documents first, and those in one order: steps that change what was read do so too, and never wait for each other in a circle.
DISCARD: tuple[LiteralString, ...] = (
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
    """Delete what was read out of these files: it was of other bytes."""
    if blobs:
        for statement in DISCARD:
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
