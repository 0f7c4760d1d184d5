"""Claim, heartbeat, complete, fail, release: the hot statements of the queue.

Rules that keep them right:
- every write after the claim names `attempt` and `claimed_by IS NOT NULL`: whoever lost the claim writes nothing.
  (A CHECK makes that the same as status = 'processing', which would tempt the planner into the index of running
  jobs: while a snapshot is held open that one is full of dead rows.)
- every write of a live job sets claimed_by and heartbeat together (a CHECK says so);
- rows are locked in id order, heartbeat and rescue skip locked rows: no deadlock, no queueing up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, LiteralString

from pipeline.database import Connection
from pipeline.jobs.model import Claim, Ended, Failure, Finished, JobType, Want
from pipeline.jobs.outcome import decide

CHANNEL = "draftmill_jobs"
ERROR_LENGTH = 2000

# ANY (ARRAY (…)) runs the inner query once and keeps its plan; IN (…) went to 271 ms at a million rows. LATERAL gives
# each type its own ordered walk of the index and its own quota: CAD cannot starve PDFs. Three ranges, pulled one after
# the other until the quota is full: priorities above the floor first, so that an upload never waits behind bulk work.
CLAIM: LiteralString = """
    UPDATE extraction_jobs AS job
    SET status = 'processing', attempt = job.attempt + 1, claimed_by = %(worker)s, handed_over = false,
        claimed_at = statement_timestamp(), started_at = statement_timestamp(), heartbeat = statement_timestamp()
    WHERE job.id = ANY (ARRAY (
        SELECT picked.id
        FROM unnest(%(types)s::text[], %(limits)s::integer[], %(floor_priorities)s::integer[], %(floor_ids)s::bigint[])
                 AS want (job_type, quota, floor_priority, floor_id)
        JOIN job_types AS kind ON kind.job_type = want.job_type AND NOT kind.paused
                              AND (kind.max_concurrent IS NULL OR kind.job_type = %(capped)s)
        CROSS JOIN LATERAL (
            SELECT ranges.id
            FROM (
                SELECT id FROM (
                    SELECT id FROM extraction_jobs
                    WHERE job_type = want.job_type AND status = 'pending' AND ready AND priority > want.floor_priority
                    ORDER BY priority DESC, id LIMIT want.quota FOR UPDATE SKIP LOCKED) AS above
                UNION ALL
                SELECT id FROM (
                    SELECT id FROM extraction_jobs
                    WHERE job_type = want.job_type AND status = 'pending' AND ready AND priority = want.floor_priority
                      AND id > want.floor_id
                    ORDER BY priority DESC, id LIMIT want.quota FOR UPDATE SKIP LOCKED) AS beside
                UNION ALL
                SELECT id FROM (
                    SELECT id FROM extraction_jobs
                    WHERE job_type = want.job_type AND status = 'pending' AND ready AND priority < want.floor_priority
                    ORDER BY priority DESC, id LIMIT want.quota FOR UPDATE SKIP LOCKED) AS below
            ) AS ranges
            LIMIT want.quota
        ) AS picked
    ))
    RETURNING job.id, job.attempt, job.tenant_id, job.blob_id, job.job_type, job.priority, job.retry_count, job.max_attempts,
              job.run_alone, job.source_version
"""

COMPLETE: LiteralString = """
    UPDATE extraction_jobs AS job
    SET status = 'completed', completed_at = statement_timestamp(), claimed_by = NULL, heartbeat = NULL,
        processing_time_ms = done.duration_ms, error_kind = NULL, error_reason = NULL, last_error = NULL
    FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(durations)s::integer[]) AS done (id, attempt, duration_ms)
    WHERE job.id = ANY (%(ids)s) AND job.id = done.id AND job.attempt = done.attempt AND job.claimed_by IS NOT NULL
    RETURNING job.id
"""

# One statement, one commit: what counts on a remote database.
COMPLETE_AND_CLAIM: LiteralString = "WITH finished AS (" + COMPLETE + ")" + CLAIM

LOCK_CLAIMS: LiteralString = """
    SELECT job.id
    FROM extraction_jobs AS job
    JOIN unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
      ON job.id = held.id AND job.attempt = held.attempt
    WHERE job.id = ANY (%(ids)s) AND job.claimed_by IS NOT NULL
    ORDER BY job.id
    FOR UPDATE OF job
"""

FAIL: LiteralString = """
    WITH failure AS (
        SELECT *
        FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(kinds)s::text[], %(reasons)s::text[], %(errors)s::text[],
                    %(final)s::boolean[], %(delays)s::interval[], %(alone)s::boolean[])
                 AS f (id, attempt, kind, reason, error, final, delay, run_alone)
    ),
    held AS (
        SELECT job.id, job.tenant_id, job.claimed_by, job.started_at, failure.attempt, failure.kind, failure.reason, failure.error,
               failure.final, failure.delay, failure.run_alone
        FROM extraction_jobs AS job JOIN failure ON job.id = failure.id AND job.attempt = failure.attempt
        WHERE job.id = ANY (%(ids)s) AND job.claimed_by IS NOT NULL
        ORDER BY job.id
        FOR UPDATE OF job
    ),
    history AS (
        INSERT INTO extraction_attempts (tenant_id, id, attempt, outcome, error, error_reason, claimed_by, started_at)
        SELECT tenant_id, id, attempt, kind, error, reason, claimed_by, started_at FROM held
    )
    UPDATE extraction_jobs AS job
    SET status = CASE WHEN held.final THEN 'failed' ELSE 'pending' END,
        ready = held.final OR held.delay <= interval '0',
        available_at = statement_timestamp() + held.delay,
        completed_at = CASE WHEN held.final THEN statement_timestamp() END,
        retry_count = job.retry_count + 1, run_alone = held.run_alone,
        error_kind = held.kind, error_reason = held.reason, last_error = held.error,
        claimed_by = NULL, heartbeat = NULL, handed_over = false
    FROM held
    WHERE job.id = held.id
    RETURNING job.id, job.blob_id, job.status
"""

# Back to the queue as if never taken; the attempt stays spent, or the fence would have a hole.
RELEASE: LiteralString = """
    UPDATE extraction_jobs AS job
    SET status = 'pending', claimed_by = NULL, heartbeat = NULL, handed_over = false
    FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
    WHERE job.id = ANY (%(ids)s) AND job.id = held.id AND job.attempt = held.attempt AND job.claimed_by IS NOT NULL
"""

# No index holds heartbeat or handed_over, and pages keep room: the update is HOT. Rows that are locked are being
# completed or rescued at this moment, and waiting for them could stop the beat of all the others.
HEARTBEAT: LiteralString = """
    UPDATE extraction_jobs AS job
    SET heartbeat = statement_timestamp(), handed_over = alive.handed_over
    FROM (
        SELECT live.id, held.handed_over
        FROM extraction_jobs AS live
        JOIN unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(handed)s::boolean[]) AS held (id, attempt, handed_over)
          ON live.id = held.id AND live.attempt = held.attempt
        WHERE live.id = ANY (%(ids)s) AND live.claimed_by IS NOT NULL
        FOR UPDATE OF live SKIP LOCKED
    ) AS alive
    WHERE job.id = alive.id
"""

WAKE_READY: LiteralString = """
    UPDATE extraction_jobs
    SET ready = true
    WHERE id = ANY (ARRAY (
        SELECT id FROM extraction_jobs
        WHERE status = 'pending' AND NOT ready AND available_at <= statement_timestamp()
        ORDER BY available_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ))
"""


def claim(conn: Connection, wants: Sequence[Want], *, worker: str) -> list[Claim]:
    """Take up to `limit` ready jobs of each type, highest priority first, then oldest; at most one taker each.

    Types that are paused give nothing. A capped type never has more than its cap in `processing`.
    """
    capped = _caps(conn, wants) if wants else {}
    claims = _claim(conn, [want for want in wants if want.job_type not in capped], worker)
    for want in (want for want in wants if want.job_type in capped):
        claims += _claim_capped(conn, want, worker)
    return claims


def complete_and_claim(conn: Connection, finished: Sequence[Finished], wants: Sequence[Want], *, worker: str) -> list[Claim]:
    """Complete one batch and claim the next in one statement; capped types are claimed after it.

    Call it only for finished jobs whose claims are locked or whose loss may be ignored: it does not tell.
    """
    capped = _caps(conn, wants) if wants else {}
    free = [want for want in wants if want.job_type not in capped]
    rows = conn.execute(COMPLETE_AND_CLAIM, _finished(finished) | _wanted(free, worker)).fetchall()
    claims = [Claim(*row) for row in rows]
    for want in (want for want in wants if want.job_type in capped):
        claims += _claim_capped(conn, want, worker)
    return claims


def lock_claims(conn: Connection, claims: Sequence[Claim]) -> set[int]:
    """Ids of those claims that are still ours, locked until the transaction ends: store results for these alone."""
    rows = conn.execute(LOCK_CLAIMS, {"ids": [c.id for c in claims], "attempts": [c.attempt for c in claims]})
    return {row[0] for row in rows}


def complete(conn: Connection, finished: Sequence[Finished]) -> set[int]:
    """Mark jobs completed; returns the ids that were still ours."""
    return {row[0] for row in conn.execute(COMPLETE, _finished(finished))}


def fail(conn: Connection, failures: Sequence[Failure], *, rng: random.Random) -> list[Ended]:
    """Record failed attempts and send each job where `decide` says; jobs no longer ours are left alone."""
    if not failures:
        return []
    decisions = [decide(f.kind, retry_count=f.claim.retry_count, max_attempts=f.claim.max_attempts,
                        run_alone=f.claim.run_alone, rng=rng) for f in failures]
    rows = conn.execute(FAIL, {
        "ids": [f.claim.id for f in failures], "attempts": [f.claim.attempt for f in failures],
        "kinds": [f.kind for f in failures], "reasons": [f.reason for f in failures],
        "errors": [clean_text(f.error)[:ERROR_LENGTH] for f in failures],
        "final": [d.final for d in decisions], "delays": [d.delay for d in decisions], "alone": [d.run_alone for d in decisions],
    }).fetchall()
    return [Ended(*row) for row in rows]


def release(conn: Connection, claims: Sequence[Claim]) -> int:
    """Give claims back unharmed: neither retry_count nor attempt moves. Returns how many were still ours."""
    if not claims:
        return 0
    return conn.execute(RELEASE, {"ids": [c.id for c in claims], "attempts": [c.attempt for c in claims]}).rowcount


def heartbeat(conn: Connection, claims: Sequence[Claim], *, handed_over: set[int]) -> int:
    """Renew the leases of these claims in one statement; `handed_over` are the ids that a child has begun on."""
    if not claims:
        return 0
    return conn.execute(HEARTBEAT, {
        "ids": [c.id for c in claims], "attempts": [c.attempt for c in claims],
        "handed": [c.id in handed_over for c in claims]}).rowcount


def wake_ready(conn: Connection, *, limit: int = 10_000) -> int:
    """Put jobs whose backoff is over back into the claim index."""
    return conn.execute(WAKE_READY, {"limit": limit}).rowcount


def job_types(conn: Connection) -> dict[str, JobType]:
    """Every job type with what operators set for it."""
    rows = conn.execute("SELECT job_type, paused, max_concurrent, timeout_seconds, memory_mb FROM job_types ORDER BY job_type")
    return {row[0]: JobType(*row) for row in rows}


def clean_text(text: str) -> str:
    """What PostgreSQL can store: no NUL, no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _caps(conn: Connection, wants: Sequence[Want]) -> dict[str, int]:
    rows = conn.execute("SELECT job_type, max_concurrent FROM job_types WHERE max_concurrent IS NOT NULL AND job_type = ANY (%s)",
                        ([want.job_type for want in wants],))
    return dict(rows.fetchall())


def _claim(conn: Connection, wants: Sequence[Want], worker: str) -> list[Claim]:
    if not wants:
        return []
    return [Claim(*row) for row in conn.execute(CLAIM, _wanted(wants, worker))]


def _claim_capped(conn: Connection, want: Want, worker: str) -> list[Claim]:
    """Lock the type's row, count in the NEXT statement (a new snapshot), claim what is left of the cap.

    NO KEY UPDATE: enqueueing, which only refers to the row, need not wait.
    """
    row = conn.execute("SELECT max_concurrent FROM job_types WHERE job_type = %s FOR NO KEY UPDATE", (want.job_type,)).fetchone()
    if row is None or row[0] is None:
        return _claim(conn, [want], worker)
    counted = conn.execute("SELECT count(*) FROM extraction_jobs WHERE job_type = %s AND status = 'processing'", (want.job_type,))
    free = int(row[0]) - int((counted.fetchone() or (0,))[0])
    if free <= 0:
        return []
    parameters = _wanted([Want(want.job_type, min(want.limit, free), want.floor)], worker, capped=want.job_type)
    return [Claim(*found) for found in conn.execute(CLAIM, parameters)]


def _wanted(wants: Sequence[Want], worker: str, capped: str | None = None) -> dict[str, Any]:
    return {
        "worker": worker, "capped": capped, "types": [want.job_type for want in wants], "limits": [want.limit for want in wants],
        "floor_priorities": [want.floor[0] for want in wants], "floor_ids": [want.floor[1] for want in wants]}


def _finished(finished: Sequence[Finished]) -> dict[str, Any]:
    return {"ids": [f.id for f in finished], "attempts": [f.attempt for f in finished],
            "durations": [f.duration_ms for f in finished]}

