"""Which files need a job: those without a result for their present bytes, and, when asked, those of older readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from pipeline import jobs
from pipeline.database import Connection

# The newest job of a file and type decides. One that an operator cancelled stays cancelled; one that was cancelled
# because the file was away comes back with the file.
NEEDED: LiteralString = """
    FROM blob_inventory AS blob
    LEFT JOIN LATERAL (
        SELECT job.status, job.source_version, job.extraction_version, job.error_reason
        FROM extraction_jobs AS job
        WHERE job.blob_id = blob.blob_id AND job.job_type = %(job_type)s AND job.scope = ''
        ORDER BY job.id DESC
        LIMIT 1
    ) AS newest ON true
    WHERE blob.tenant_id = %(tenant_id)s AND blob.mime_type = ANY (%(mime_types)s)
      AND (%(store)s::text IS NULL OR blob.source_store = %(store)s)
      AND blob.status IN ('pending', 'processing', 'extracted', 'failed')
      AND (newest.status IS NULL
           OR newest.source_version <> blob.source_version
           OR (newest.status = 'cancelled' AND newest.error_reason IS DISTINCT FROM 'operator')
           OR (%(stale)s AND newest.extraction_version <> %(version)s))
"""

STAGE: LiteralString = """
    INSERT INTO new_jobs (tenant_id, blob_id, job_type, source_version, extraction_version, priority, max_attempts)
    SELECT blob.tenant_id, blob.blob_id, %(job_type)s, blob.source_version, %(version)s, blob.extraction_priority, %(max_attempts)s
""" + NEEDED + """
    ORDER BY blob.extraction_priority DESC, blob.blob_key COLLATE "C"
    LIMIT %(limit)s
"""

COUNT: LiteralString = "SELECT count(*)" + NEEDED

REFRESH: LiteralString = "SELECT refresh_blob_status(coalesce(array_agg(DISTINCT blob_id), '{}')) FROM new_jobs"


# 'processing' follows from an open job; after SQL by hand it may be left without one.
HEAL: LiteralString = """
    SELECT refresh_blob_status(coalesce(array_agg(blob.blob_id), '{}'))
    FROM blob_inventory AS blob
    WHERE blob.tenant_id = %s AND blob.status = 'processing'
      AND NOT EXISTS (SELECT FROM extraction_jobs AS job
                      WHERE job.blob_id = blob.blob_id AND job.status IN ('pending', 'processing'))
"""


@dataclass(frozen=True)
class Need:
    """A job type, the formats it reads and the version of its reader."""

    job_type: str
    mime_types: Sequence[str]
    version: str


def queue_needed(conn: Connection, need: Need, *, tenant_id: str, max_attempts: int, store: str | None = None, stale: bool = False,
                 limit: int | None = None) -> int:
    """Queue jobs for every file that needs one, in one transaction; returns how many.

    store  only files of this store; None: of every store
    stale  also where the result is of another version of the reader
    """
    jobs.create_staging(conn)
    conn.execute(STAGE, _parameters(need, tenant_id, store, stale) | {"max_attempts": max_attempts, "limit": limit})
    queued = jobs.enqueue_staged(conn)
    conn.execute(REFRESH)
    return queued


def heal_statuses(conn: Connection, tenant_id: str) -> int:
    """Derive anew the status of files that are 'processing' without an open job; returns how many changed."""
    row = conn.execute(HEAL, (tenant_id,)).fetchone()
    return int(row[0]) if row else 0


def count_needed(conn: Connection, need: Need, *, tenant_id: str, store: str | None = None, stale: bool = False) -> int:
    """How many files need a job of this type."""
    row = conn.execute(COUNT, _parameters(need, tenant_id, store, stale)).fetchone()
    return int(row[0]) if row else 0


def _parameters(need: Need, tenant_id: str, store: str | None, stale: bool) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "job_type": need.job_type, "mime_types": list(need.mime_types), "version": need.version,
            "store": store, "stale": stale}
