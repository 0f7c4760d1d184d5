"""Taking back what silent machines hold, and giving dead letters another chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.jobs.model import Ended
from pipeline.jobs.queue import CHANNEL

# A machine that fell silent so often while holding a job is no bad luck, even where it died each time before it could
# say that a child had begun.
STALLS_THAT_COUNT = 10

# A stall counts as a failure only where a child had begun: the machine's other jobs are innocent. The second counted
# stall makes the job run alone, the last allowed one makes it a dead letter.
REQUEUE_STALLED: LiteralString = """
    WITH stalled AS (
        SELECT job.*
        FROM job_claims AS batch
        CROSS JOIN LATERAL unnest(batch.job_ids) AS held (id)
        CROSS JOIN LATERAL (
            SELECT id, tenant_id, attempt, claimed_by, started_at, heartbeat,
                   'its machine (' || split_part(claimed_by, '/', 1) || ') fell silent while working on it' AS error,
                   handed_over OR stall_count + 1 >= %(stalls_that_count)s AS counted,
                   (handed_over OR stall_count + 1 >= %(stalls_that_count)s) AND retry_count + 1 >= max_attempts AS last
            FROM extraction_jobs
            WHERE id = held.id AND claimed_by = batch.claimed_by AND heartbeat < statement_timestamp() - %(timeout)s::interval
            FOR UPDATE SKIP LOCKED
        ) AS job
        LIMIT %(limit)s
    ),
    history AS (
        INSERT INTO extraction_attempts (tenant_id, id, attempt, outcome, error, error_reason, claimed_by, started_at)
        SELECT tenant_id, id, attempt, 'stalled', 'no heartbeat since ' || heartbeat, 'stalled', claimed_by, started_at
        FROM stalled
        WHERE counted
        ON CONFLICT DO NOTHING
    )
    UPDATE extraction_jobs AS job
    SET status = CASE WHEN stalled.last THEN 'failed' ELSE 'pending' END,
        ready = NOT stalled.last,
        available_at = CASE WHEN NOT stalled.last THEN statement_timestamp() END,
        completed_at = CASE WHEN stalled.last THEN statement_timestamp() END,
        retry_count = job.retry_count + stalled.counted::integer, stall_count = job.stall_count + 1,
        run_alone = job.run_alone OR (stalled.counted AND job.retry_count > 0),
        error_kind = CASE WHEN stalled.counted THEN 'poison' ELSE job.error_kind END,
        error_reason = CASE WHEN stalled.counted THEN 'stalled' ELSE job.error_reason END,
        last_error = CASE WHEN stalled.counted THEN stalled.error ELSE job.last_error END,
        error_message = CASE WHEN stalled.counted THEN stalled.error ELSE job.last_error END,
        claimed_by = NULL, heartbeat = NULL, handed_over = false
    FROM stalled
    WHERE job.id = stalled.id AND job.id = ANY (ARRAY (SELECT id FROM stalled))
    RETURNING job.id, job.blob_id, job.status
"""

# A claim's jobs have mostly ended by then, so that each claim is looked through once or twice.
FORGET_AFTER = timedelta(seconds=10)

ADOPT: LiteralString = """
    INSERT INTO job_claims (job_type, claimed_at, claimed_by, job_ids)
    SELECT job_type, min(heartbeat), claimed_by, array_agg(id)
    FROM extraction_jobs AS job
    WHERE status = 'processing'
      AND NOT EXISTS (SELECT FROM job_claims AS batch WHERE batch.claimed_by = job.claimed_by AND job.id = ANY (batch.job_ids))
    GROUP BY job_type, claimed_by
"""

MARK_LOST: LiteralString = """
    UPDATE workers SET state = 'lost'
    WHERE worker_id = ANY (ARRAY (
        SELECT worker_id FROM workers
        WHERE state IN ('running', 'draining') AND last_seen < statement_timestamp() - %(timeout)s::interval
        FOR UPDATE SKIP LOCKED
    ))
"""

REPLAY: LiteralString = """
    UPDATE extraction_jobs
    SET status = 'pending', ready = true, available_at = now(), queued_at = now(), completed_at = NULL, retry_count = 0, stall_count = 0,
        run_alone = (error_kind IS NOT DISTINCT FROM 'poison'), error_kind = NULL, error_reason = NULL, last_error = NULL,
        error_message = NULL
    WHERE id = ANY (ARRAY (
        SELECT job.id FROM extraction_jobs AS job
        WHERE job.status = 'failed'
          AND (%(job_type)s::text IS NULL OR job.job_type = %(job_type)s)
          AND (%(subjects)s::uuid[] IS NULL OR job.blob_id = ANY (%(subjects)s))
          AND NOT EXISTS (SELECT FROM extraction_jobs AS newer
                          WHERE newer.blob_id = job.blob_id AND newer.job_type = job.job_type AND newer.scope = job.scope
                            AND newer.id > job.id)
        ORDER BY job.id
        FOR UPDATE
    ))
    RETURNING id, blob_id, status
"""


def requeue_stalled(conn: Connection, *, timeout: timedelta, limit: int = 10_000, adopt: bool = False) -> list[Ended]:
    """Hand jobs whose heartbeat is older than `timeout` back to the queue; safe from every machine at once.

    Also marks the workers that fell silent as lost, and forgets the claims that have ended.
    adopt  look through the whole table for running jobs that no claim knows of (set by hand, restored from a
           dump): for operators, too slow for every few seconds
    Returns what left `processing`, dead letters included.
    """
    if adopt:
        conn.execute(ADOPT)
    conn.execute("SELECT forget_ended_claims(older_than => %s)", (FORGET_AFTER,))
    conn.execute(MARK_LOST, {"timeout": timeout})
    rows = conn.execute(REQUEUE_STALLED, {"timeout": timeout, "limit": limit, "stalls_that_count": STALLS_THAT_COUNT})
    return [Ended(*row) for row in rows]


def replay_failed(conn: Connection, *, job_type: str | None = None, subjects: Sequence[UUID] | None = None) -> list[Ended]:
    """Give dead letters a fresh set of retries; those that killed their process run alone. Superseded ones stay."""
    rows = conn.execute(REPLAY, {"job_type": job_type, "subjects": None if subjects is None else list(subjects)}).fetchall()
    if rows:
        conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
    return [Ended(*row) for row in rows]
