"""Where a file's results came from: source → jobs with their attempts → outputs → chunks and rows."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row

from pipeline.database import Connection

Rows = list[dict[str, Any]]

FILE: LiteralString = """
    SELECT blob_id, source_store, blob_key, status, status_reason, partial, mime_type, size_bytes, source_version,
           source_modified_at, byte_hash_sha256, duplicate_of, moved_from, discovered_at, last_seen_run
    FROM blob_inventory
    WHERE blob_id = %s
"""

# Every place where the same content lies; the first bears the rows.
PLACES: LiteralString = """
    SELECT blob_id, source_store, blob_key, status
    FROM blob_inventory
    WHERE blob_id = %(bearer)s OR duplicate_of = %(bearer)s
    ORDER BY blob_id <> %(bearer)s, blob_key COLLATE "C"
"""

GROUP: LiteralString = """
    SELECT grouped.group_key, grouped.project_code, member.method, round(member.confidence::numeric, 2)::float8 AS confidence,
           grouped.needs_review, grouped.review_reason, grouped.member_count, coalesce(record.conflict_count, 0) AS contradictions
    FROM document_group_members AS member
    JOIN document_groups AS grouped USING (tenant_id, group_id)
    LEFT JOIN document_records AS record USING (tenant_id, group_id)
    WHERE member.blob_id = %s
"""

JOBS: LiteralString = """
    SELECT id, job_id, job_type, status, attempt, retry_count, source_version, extraction_version, model_version, scope, priority,
           error_kind, error_reason, last_error, claimed_by, processing_time_ms, queued_at, started_at, completed_at,
           row_number() OVER (PARTITION BY job_type, scope ORDER BY id DESC) = 1 AS current
    FROM extraction_jobs
    WHERE blob_id = %s
    ORDER BY id
"""

ATTEMPTS: LiteralString = """
    SELECT id, attempt, outcome, error_reason, error, claimed_by, started_at, ended_at
    FROM extraction_attempts
    WHERE id = ANY (%s)
    ORDER BY id, attempt
"""

OUTPUTS: LiteralString = """
    SELECT output.output_id, output.job_id, output.output_type, output.output_store, output.output_blob_key, output.chunk_count,
           output.size_bytes, output.content_hash_sha256, output.schema_version, output.attempt, output.created_at, output.superseded_at,
           output.superseded_at IS NULL AS current
    FROM extraction_outputs AS output
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.blob_id = %s
    ORDER BY output.created_at, output.output_id
"""

# What looks at the source made of the file: new ones have no row of their own.
CHANGES: LiteralString = """
    SELECT 'new' AS change, run.run_id, blob.discovered_at AS changed_at, NULL AS moved_from
    FROM blob_inventory AS blob JOIN inventory_runs AS run ON run.run_id = blob.discovered_in_run
    WHERE blob.blob_id = %(blob)s
    UNION ALL
    (SELECT note.change, note.run_id, note.changed_at, note.moved_from
     FROM inventory_changes AS note JOIN blob_inventory AS blob USING (tenant_id, blob_id)
     WHERE blob.blob_id = %(blob)s
     ORDER BY note.change_id DESC
     LIMIT 20)
    ORDER BY changed_at
"""

TEXT: LiteralString = """
    SELECT whole.job_id, whole.text_sha256, whole.char_count, whole.language, whole.warnings
    FROM document_texts AS whole JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.blob_id = %s
"""

CHUNKS: LiteralString = """
    SELECT chunk.output_id, chunk.chunk_id, chunk.chunk_sequence, chunk.page_start, chunk.page_end, chunk.section_path,
           chunk.content_offset_start, chunk.content_offset_end, chunk.char_count, chunk.language, chunk.confidence::float8 AS confidence,
           chunk.warnings, chunk.embedding_model
    FROM chunk_index AS chunk JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.blob_id = %(bearer)s
    ORDER BY chunk.chunk_sequence
    LIMIT %(limit)s
"""

# The tenant is taken from the file, so that each count is an index look-up.
ROWS: LiteralString = """
    SELECT (SELECT count(*) FROM documents AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS documents,
           (SELECT count(*) FROM document_pages AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS pages,
           (SELECT count(*) FROM extracted_metadata AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS fields,
           (SELECT count(*) FROM extracted_dimensions AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS dimensions,
           (SELECT count(*) FROM extracted_annotations AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS annotations,
           (SELECT count(*) FROM extracted_materials AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS materials,
           (SELECT count(*) FROM extracted_parameters AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS parameters,
           (SELECT count(*) FROM extracted_bom_items AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS bom_rows,
           (SELECT count(*) FROM extracted_blocks AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS blocks,
           (SELECT count(*) FROM extracted_outlines AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS outlines,
           (SELECT count(*) FROM cad_models AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS cad_models,
           (SELECT count(*) FROM document_texts AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS texts,
           (SELECT count(*) FROM chunk_index AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS chunks,
           (SELECT count(embedding_model) FROM chunk_index AS one
            WHERE (one.tenant_id, one.blob_id) = (blob.tenant_id, blob.blob_id)) AS vectors
    FROM blob_inventory AS blob
    WHERE blob.blob_id = %s
"""

FIELDS: LiteralString = """
    SELECT found.page_number, found.field, found.value, found.method, round(found.confidence::numeric, 2)::float8 AS confidence
    FROM extracted_metadata AS found
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.blob_id = %s
    ORDER BY found.page_number, found.field
"""


def read(conn: Connection, blob_id: UUID, *, chunks: int | None = None) -> dict[str, Any]:
    """Everything that leads from this file to its rows. A duplicate's rows are those of the file that bears them.

    chunks  so many of its chunks, the first; None: all
    """
    file = _rows(conn, FILE, blob_id)[0]
    bearer = file["duplicate_of"] or blob_id
    jobs = _rows(conn, JOBS, bearer)
    attempts = _rows(conn, ATTEMPTS, [job["id"] for job in jobs])
    for job in jobs:
        job["failed_attempts"] = [attempt for attempt in attempts if attempt["id"] == job["id"]]
    return {
        "file": file,
        "places": _rows(conn, PLACES, {"bearer": bearer}),
        "changes": _rows(conn, CHANGES, {"blob": blob_id}),
        "group": next(iter(_rows(conn, GROUP, blob_id)), None),
        "jobs": jobs,
        "outputs": _rows(conn, OUTPUTS, bearer),
        "text": next(iter(_rows(conn, TEXT, bearer)), None),
        "chunks": _rows(conn, CHUNKS, {"bearer": bearer, "limit": chunks}),
        "rows": _rows(conn, ROWS, bearer)[0],
        "fields": _rows(conn, FIELDS, bearer),
    }


def _rows(conn: Connection, query: LiteralString, parameter: Any) -> Rows:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameter if isinstance(parameter, dict) else (parameter,)).fetchall()
