"""Putting work into the queue: idempotent, set-based, newer input superseding older.

Few jobs:      enqueue(conn, [NewJob(…)])
A million:     create_staging(conn)
               conn.execute("INSERT INTO new_jobs (…) SELECT … FROM blob_inventory …")
               enqueue_staged(conn)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.jobs.queue import CHANNEL

STAGING: LiteralString = """
    CREATE TEMP TABLE new_jobs (
        tenant_id           uuid    NOT NULL,
        blob_id             uuid    NOT NULL,
        job_type            text    NOT NULL,
        source_version      text    NOT NULL DEFAULT '',
        extraction_version  text    NOT NULL DEFAULT '',
        model_version       text,
        prompt_hash         text,
        scope               text    NOT NULL DEFAULT '',
        priority            integer NOT NULL DEFAULT 0,
        max_attempts        integer NOT NULL DEFAULT 3,
        correlation_id      text
    ) ON COMMIT DROP
"""

# A key that was superseded and is wanted again (the old bytes came back): its old row makes room for a new one, so
# that "the newest row counts" stays true.
DROP_SUPERSEDED: LiteralString = """
    DELETE FROM extraction_jobs AS old
    USING new_jobs AS new
    WHERE old.blob_id = new.blob_id AND old.job_type = new.job_type AND old.scope = new.scope
      AND old.source_version = new.source_version AND old.extraction_version = new.extraction_version
      AND old.model_version IS NOT DISTINCT FROM new.model_version AND old.prompt_hash IS NOT DISTINCT FROM new.prompt_hash
      AND old.status <> 'processing'
      AND EXISTS (SELECT FROM extraction_jobs AS newer
                  WHERE newer.blob_id = old.blob_id AND newer.job_type = old.job_type AND newer.scope = old.scope
                    AND newer.id > old.id)
"""

# A row with the same key whose state is among `revive` comes back to life; any other row with that key stays as it is.
# ctid order keeps the order in which the caller staged.
INSERT: LiteralString = """
    inserted AS (
        INSERT INTO extraction_jobs AS job (tenant_id, blob_id, job_type, source_version, extraction_version, model_version,
                                            prompt_hash, scope, priority, max_attempts, correlation_id)
        SELECT tenant_id, blob_id, job_type, source_version, extraction_version, model_version, prompt_hash, scope, priority,
               max_attempts, correlation_id
        FROM new_jobs
        ON CONFLICT (blob_id, job_type, input_key) DO UPDATE
            SET status = 'pending', ready = true, available_at = now(), queued_at = now(), completed_at = NULL, retry_count = 0,
                run_alone = false, error_kind = NULL, error_reason = NULL, last_error = NULL, error_message = NULL,
                claimed_by = NULL, heartbeat = NULL, handed_over = false, priority = excluded.priority
            WHERE job.status = ANY (%(revive)s)
        RETURNING job.id, job.blob_id, job.job_type, job.scope
    ),
    open AS (
        SELECT old.id, inserted.id AS newer
        FROM inserted JOIN extraction_jobs AS old ON old.blob_id = inserted.blob_id AND old.job_type = inserted.job_type
                                                 AND old.scope = inserted.scope AND old.id < inserted.id
        WHERE old.status IN ('pending', 'processing')
        ORDER BY old.id
        FOR UPDATE OF old
    ),
    superseded AS (
        UPDATE extraction_jobs AS old
        SET status = 'cancelled', ready = false, available_at = NULL, completed_at = now(), claimed_by = NULL, heartbeat = NULL,
            handed_over = false, error_reason = 'superseded', last_error = 'superseded by job ' || open.newer,
            error_message = 'superseded by job ' || open.newer
        FROM open
        WHERE old.id = open.id
    )
    SELECT count(*) FROM inserted
"""

# Few jobs in a transaction that does other work: a temporary table each time would bloat the catalogue.
FEW: LiteralString = """
    WITH new_jobs AS (
        SELECT *
        FROM unnest(%(tenant_id)s::uuid[], %(blob_id)s::uuid[], %(job_type)s::text[], %(source_version)s::text[],
                    %(extraction_version)s::text[], %(model_version)s::text[], %(prompt_hash)s::text[], %(scope)s::text[],
                    %(priority)s::integer[], %(max_attempts)s::integer[], %(correlation_id)s::text[])
             AS new (tenant_id, blob_id, job_type, source_version, extraction_version, model_version, prompt_hash, scope, priority,
                     max_attempts, correlation_id)
        ORDER BY blob_id, job_type
    )
"""

CANCEL: LiteralString = """
    UPDATE extraction_jobs
    SET status = 'cancelled', ready = false, available_at = NULL, completed_at = now(), claimed_by = NULL, heartbeat = NULL,
        handed_over = false, error_reason = %(reason)s, last_error = %(reason)s, error_message = %(reason)s
    WHERE id = ANY (ARRAY (
        SELECT id FROM extraction_jobs
        WHERE blob_id = ANY (%(subjects)s) AND status IN ('pending', 'processing')
        ORDER BY id
        FOR UPDATE
    ))
"""


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to queue. The same input queued twice is one job; changed input supersedes it."""

    tenant_id: UUID
    blob_id: UUID
    job_type: str
    source_version: str = ""
    extraction_version: str = ""
    model_version: str | None = None
    prompt_hash: str | None = None
    scope: str = ""
    priority: int = 0
    max_attempts: int = 3
    correlation_id: str | None = None


CANCELLED = ("cancelled",)  # a job that was called off is wanted again
DONE_BEFORE = ("cancelled", "completed")  # what it had made is no longer there
INPUT_CHANGED = ("cancelled", "completed", "failed", "processing")  # what it works on is new: whoever has it in hand loses it


def enqueue(conn: Connection, jobs: Sequence[NewJob], *, revive: Sequence[str] = CANCELLED) -> int:
    """Queue these jobs; returns how many are new (or brought back).

    revive  states in which a job of the same input is run again
    """
    if not jobs:
        return 0
    with conn.transaction():
        create_staging(conn)
        with conn.cursor().copy("COPY new_jobs FROM STDIN") as copy:
            for job in jobs:
                copy.write_row([getattr(job, column) for column in NewJob.__slots__])  # the columns of new_jobs, in order
        return enqueue_staged(conn, revive=revive)


def create_staging(conn: Connection) -> None:
    """The temporary table `new_jobs`, gone at the transaction's end: fill it, then call enqueue_staged."""
    conn.execute("DROP TABLE IF EXISTS pg_temp.new_jobs")
    conn.execute(STAGING)


def enqueue_staged(conn: Connection, *, revive: Sequence[str] = CANCELLED) -> int:
    """Queue what stands in `new_jobs` in one statement, and wake the workers once; `revive` as for enqueue."""
    conn.execute("ANALYZE new_jobs")
    conn.execute(DROP_SUPERSEDED)
    return _queued(conn, conn.execute("WITH" + INSERT, {"revive": list(revive)}).fetchone())


def enqueue_few(conn: Connection, jobs: Sequence[NewJob], *, revive: Sequence[str] = CANCELLED) -> int:
    """As enqueue, in two statements without a temporary table: for what one settlement brings about."""
    if not jobs:
        return 0
    values = {column: [getattr(job, column) for job in jobs] for column in NewJob.__slots__}
    conn.execute(FEW + DROP_SUPERSEDED, values)
    return _queued(conn, conn.execute(FEW + "," + INSERT, values | {"revive": list(revive)}).fetchone())


def _queued(conn: Connection, row: tuple[int] | None) -> int:
    queued = int(row[0]) if row else 0
    if queued:
        conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
    return queued


def cancel_for_subjects(conn: Connection, subjects: Sequence[UUID], reason: str) -> int:
    """Cancel the open jobs of these subjects; a worker that holds one finds its claim lost. Returns how many."""
    if not subjects:
        return 0
    return conn.execute(CANCEL, {"subjects": list(subjects), "reason": reason}).rowcount
