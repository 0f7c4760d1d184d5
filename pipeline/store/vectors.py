"""Vectors of chunks into chunk_index, beside the text they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from pipeline.database import Connection
from pipeline.store.item import StoreItem

# Only chunks of the output that is current now: a newer one is embedded by a job of its own.
STORE: LiteralString = """
    UPDATE chunk_index AS chunk SET embedding = made.vector::halfvec, embedding_model = made.model
    FROM unnest(%(tenants)s::uuid[], %(blobs)s::uuid[], %(sequences)s::integer[], %(vectors)s::text[], %(models)s::text[])
         AS made (tenant_id, blob_id, sequence, vector, model)
    WHERE (chunk.tenant_id, chunk.blob_id, chunk.chunk_sequence) = (made.tenant_id, made.blob_id, made.sequence)
"""


# The job may have been queued for another model, before the setting changed.
NAME_MODEL: LiteralString = """
    UPDATE extraction_jobs AS job SET model_version = made.model
    FROM unnest(%s::bigint[], %s::text[]) AS made (id, model)
    WHERE job.id = made.id AND job.model_version IS DISTINCT FROM made.model
"""


class VectorRows(NamedTuple):
    """The vectors of one document's chunks: (sequence, vector as pgvector writes it) of one model."""

    model: str
    vectors: list[tuple[int, str]]


def vector_rows(embedded: tuple[str, list[tuple[int, str]]]) -> VectorRows:
    """What the reader gave, as rows."""
    return VectorRows(*embedded)


def store_vectors(conn: Connection, items: Sequence[StoreItem]) -> None:
    """Write the vectors of these documents. Each result is a VectorRows."""
    rows = [(item, sequence, vector) for item in items for sequence, vector in item.result.vectors]
    if rows:
        conn.execute(STORE, {
            "tenants": [item.tenant_id for item, _, _ in rows], "blobs": [item.blob_id for item, _, _ in rows],
            "sequences": [sequence for _, sequence, _ in rows], "vectors": [vector for _, _, vector in rows],
            "models": [item.result.model for item, _, _ in rows]})
    conn.execute(NAME_MODEL, ([item.job_id.int for item in items], [item.result.model for item in items]))
