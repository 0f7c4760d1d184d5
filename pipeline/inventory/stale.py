"""Which files need a job: those without a result for their present bytes; or, when asked, those whose result is stale."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

import psycopg

from pipeline import jobs
from pipeline.database import Connection

StaleCounts = dict[str, dict[str, int]]  # job type → reason → files

# Why a result is stale: its file has other bytes by now, it is not there, or reader, model or prompt are others.
STALE = ("bytes", "output", "version", "model", "prompt")

# The newest job of a file and type decides. One that an operator cancelled stays cancelled; one that was cancelled
# because the file was away comes back with the file. What works on another type's results waits until those are complete
# and of the present reader: their completion queues it anyway. A completed job whose output is not there (its file was away
# for a while), or says another document (it moved), is run again.
NEEDED: LiteralString = """
    FROM blob_inventory AS blob
    LEFT JOIN LATERAL (
        SELECT job.status, job.source_version, job.extraction_version, job.model_version, job.prompt_hash, job.error_reason
        FROM extraction_jobs AS job
        WHERE job.blob_id = blob.blob_id AND job.job_type = %(job_type)s AND job.scope = ''
        ORDER BY job.id DESC
        LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT job.status, job.source_version, job.extraction_version
        FROM extraction_jobs AS job
        WHERE job.blob_id = blob.blob_id AND job.job_type = %(after)s AND job.scope = ''
        ORDER BY job.id DESC
        LIMIT 1
    ) AS before ON %(after)s::text IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN newest.status IS NULL THEN 'new'
            WHEN newest.source_version <> blob.source_version THEN 'bytes'
            WHEN newest.status = 'cancelled' THEN CASE WHEN newest.error_reason IS DISTINCT FROM 'operator' THEN 'new' END
            WHEN newest.status = 'completed' AND %(output)s::text IS NOT NULL AND NOT EXISTS (
                SELECT FROM extraction_outputs AS output
                JOIN documents AS document ON (document.tenant_id, document.blob_id) = (blob.tenant_id, blob.blob_id)
                WHERE (output.tenant_id, output.blob_id) = (blob.tenant_id, blob.blob_id) AND output.output_type = %(output)s
                  AND output.superseded_at IS NULL AND output.document_id = document.document_id) THEN 'output'
            WHEN newest.extraction_version <> %(version)s THEN 'version'
            WHEN newest.model_version IS DISTINCT FROM %(model)s THEN 'model'
            WHEN newest.prompt_hash IS DISTINCT FROM %(prompt)s THEN 'prompt'
        END AS reason
    ) AS judged
    WHERE blob.tenant_id = %(tenant_id)s AND blob.mime_type = ANY (%(mime_types)s)
      AND (%(store)s::text IS NULL OR blob.source_store = %(store)s)
      AND blob.status IN ('pending', 'processing', 'extracted', 'failed')
      AND (%(after)s::text IS NULL
           OR (before.status = 'completed' AND before.source_version = blob.source_version
               AND (NOT %(stale)s OR before.extraction_version = %(after_version)s)))
      AND (judged.reason IN ('bytes', 'output') OR judged.reason = ANY (%(reasons)s))
"""

STAGE: LiteralString = """
    INSERT INTO new_jobs (tenant_id, blob_id, job_type, source_version, extraction_version, model_version, prompt_hash, priority,
                          max_attempts)
    SELECT blob.tenant_id, blob.blob_id, %(job_type)s, blob.source_version, %(version)s, %(model)s, %(prompt)s, blob.extraction_priority,
           %(max_attempts)s
""" + NEEDED + """
    ORDER BY blob.extraction_priority DESC, blob.blob_key COLLATE "C"
    LIMIT %(limit)s
"""

COUNT: LiteralString = "SELECT judged.reason, count(*)" + NEEDED + "GROUP BY judged.reason ORDER BY judged.reason"

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
    """What files of some formats need of a job type.

    version  of its reader
    model    that it works with; None where there is none
    prompt   hash of the prompt that it asks with; None where there is none
    after    (job type, version) whose results it works on; None where it reads files
    output   kind of output that it makes, without which its result is not there; None where it makes none
    """

    job_type: str
    mime_types: Sequence[str]
    version: str
    model: str | None = None
    after: tuple[str, str] | None = None
    output: str | None = None
    prompt: str | None = None


def queue_needed(conn: Connection, need: Need, *, tenant_id: str, max_attempts: int, store: str | None = None, stale: bool = False,
                 limit: int | None = None) -> int:
    """Queue jobs for every file that needs one, in one transaction; returns how many.

    store  only files of this store; None: of every store
    stale  only where there was a result, also of another version of the reader, or of another model or prompt; see STALE
    """
    jobs.create_staging(conn)
    conn.execute(STAGE, parameters(need, tenant_id, store, stale) | {"max_attempts": max_attempts, "limit": limit})
    queued = jobs.enqueue_staged(conn, revive=jobs.DONE_BEFORE if need.output else jobs.CANCELLED)
    conn.execute(REFRESH)
    return queued


def heal_statuses(conn: Connection, tenant_id: str) -> int:
    """Derive anew the status of files that are 'processing' without an open job; returns how many changed."""
    row = conn.execute(HEAL, (tenant_id,)).fetchone()
    return int(row[0]) if row else 0


def count_needed(conn: Connection, need: Need, *, tenant_id: str, store: str | None = None, stale: bool = False) -> dict[str, int]:
    """How many files need a job of this type, by reason: 'new', 'bytes' and 'output', or with `stale` those of STALE."""
    return dict(conn.execute(COUNT, parameters(need, tenant_id, store, stale)).fetchall())


def count_stale(conn: Connection, needs: Sequence[Need], *, tenant_id: str, within: timedelta | None = None) -> StaleCounts | None:
    """How many files hold stale results, by job type and reason; None where counting takes longer than `within`. In a transaction.

    A look-up or two for each file and need: half a minute for a million files.
    """
    end = None if within is None else time.monotonic() + within.total_seconds()
    counts: StaleCounts = {}
    try:
        with conn.transaction():
            for need in needs:
                if end is not None:
                    left_ms = max(1, round(1000 * (end - time.monotonic())))
                    conn.execute("SELECT set_config('statement_timeout', %s, true)", (str(left_ms),))
                for reason, count in count_needed(conn, need, tenant_id=tenant_id, stale=True).items():
                    found = counts.setdefault(need.job_type, {})
                    found[reason] = found.get(reason, 0) + count
            if end is not None:
                conn.execute("SET LOCAL statement_timeout TO DEFAULT")
    except psycopg.errors.QueryCanceled:
        return None
    return counts


def parameters(need: Need, tenant_id: str, store: str | None, stale: bool) -> dict[str, Any]:
    after, after_version = need.after or (None, None)
    return {"tenant_id": tenant_id, "job_type": need.job_type, "mime_types": list(need.mime_types), "version": need.version,
            "model": need.model, "prompt": need.prompt, "after": after, "after_version": after_version, "output": need.output,
            "store": store, "stale": stale, "reasons": ["version", "model", "prompt"] if stale else ["new"]}
