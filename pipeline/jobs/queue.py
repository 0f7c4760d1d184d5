"""Claim, heartbeat, complete, fail, release: the hot statements of the queue.

Rules that keep them right:
- every write after the claim names `attempt` and `claimed_by IS NOT NULL`: whoever lost the claim writes nothing.
  (A CHECK makes that the same as status = 'processing'.)
- `ready` is true for jobs that may be claimed and for no others; completing touches no indexed column (HOT);
- every write of a live job sets claimed_by and heartbeat together (a CHECK says so);
- rows are locked in id order, heartbeat and rescue skip locked rows: no deadlock, no queueing up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, LiteralString

from pipeline.database import Connection
from pipeline.jobs.model import NO_FLOOR, Claim, Ended, Failure, Finished, JobType, Want
from pipeline.jobs.outcome import decide
from pipeline.text import clean_text

CHANNEL = "draftmill_jobs"
ERROR_LENGTH = 2000

# The statements themselves are in sql/migrations/0003_jobs.sql: there each session plans them once, through any pooler.
COMPLETE: LiteralString = "SELECT * FROM complete_jobs(%(ids)s::bigint[], %(attempts)s::integer[], %(durations)s::integer[])"

# One statement, one commit: what counts on a remote database.
COMPLETE_AND_CLAIM: LiteralString = """
    SELECT * FROM complete_and_claim(
        %(ids)s::bigint[], %(attempts)s::integer[], %(durations)s::integer[],
        %(worker)s, %(types)s::text[], %(limits)s::integer[], %(floor_priorities)s::integer[], %(floor_ids)s::bigint[])
"""

# LATERAL … FOR UPDATE cannot be turned into another join: one look-up by key for each id, locked in the order given.
LOCK_CLAIMS: LiteralString = """
    SELECT job.id
    FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
    CROSS JOIN LATERAL (
        SELECT id FROM extraction_jobs
        WHERE id = held.id AND attempt = held.attempt AND claimed_by IS NOT NULL
        FOR UPDATE
    ) AS job
"""

FAIL: LiteralString = """
    WITH failure AS (
        SELECT *
        FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(kinds)s::text[], %(reasons)s::text[], %(errors)s::text[],
                    %(final)s::boolean[], %(delays)s::interval[], %(alone)s::boolean[])
                 AS f (id, attempt, kind, reason, error, final, delay, run_alone)
    ),
    held AS (
        SELECT job.id, job.tenant_id, job.claimed_by, job.started_at, failure.attempt, failure.kind, failure.reason,
               failure.error, failure.final, failure.delay, failure.run_alone
        FROM failure
        CROSS JOIN LATERAL (
            SELECT id, tenant_id, claimed_by, started_at FROM extraction_jobs
            WHERE id = failure.id AND attempt = failure.attempt AND claimed_by IS NOT NULL
            FOR UPDATE
        ) AS job
    ),
    history AS (
        INSERT INTO extraction_attempts (tenant_id, id, attempt, outcome, error, error_reason, claimed_by, started_at)
        SELECT tenant_id, id, attempt, kind, error, reason, claimed_by, started_at FROM held
    )
    UPDATE extraction_jobs AS job
    SET status = CASE WHEN held.final THEN 'failed' ELSE 'pending' END,
        ready = NOT held.final AND held.delay <= interval '0',
        available_at = CASE WHEN NOT held.final THEN statement_timestamp() + held.delay END,
        completed_at = CASE WHEN held.final THEN statement_timestamp() END,
        retry_count = job.retry_count + 1, run_alone = held.run_alone,
        error_kind = held.kind, error_reason = held.reason, last_error = held.error,
        error_message = held.error, claimed_by = NULL, heartbeat = NULL, handed_over = false
    FROM held
    WHERE job.id = held.id AND job.id = ANY (%(ids)s)
    RETURNING job.id, job.blob_id, job.status
"""

# Back to the queue as if never taken; the attempt stays spent, or the fence would have a hole.
RELEASE: LiteralString = """
    UPDATE extraction_jobs
    SET status = 'pending', ready = %(delay)s::interval <= interval '0', available_at = statement_timestamp() + %(delay)s::interval,
        claimed_by = NULL, heartbeat = NULL, handed_over = false
    WHERE id = ANY (ARRAY (
        SELECT job.id
        FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
        CROSS JOIN LATERAL (
            SELECT id FROM extraction_jobs
            WHERE id = held.id AND attempt = held.attempt AND claimed_by IS NOT NULL
            FOR UPDATE
        ) AS job
    ))
"""

CANCEL_CLAIMS: LiteralString = """
    UPDATE extraction_jobs AS job
    SET status = 'cancelled', completed_at = statement_timestamp(), claimed_by = NULL, heartbeat = NULL, handed_over = false,
        error_reason = %(reason)s, last_error = %(reason)s, error_message = %(reason)s
    FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
    WHERE job.id = held.id AND job.attempt = held.attempt AND job.claimed_by IS NOT NULL AND job.id = ANY (%(ids)s)
"""

# What a commit claimed whose answer was lost with the connection: ours, and unknown to us.
RELEASE_UNKNOWN: LiteralString = """
    UPDATE extraction_jobs
    SET status = 'pending', ready = true, available_at = statement_timestamp(), claimed_by = NULL, heartbeat = NULL,
        handed_over = false
    WHERE id = ANY (ARRAY (
        SELECT job.id
        FROM job_claims AS batch
        CROSS JOIN LATERAL unnest(batch.job_ids) AS held (id)
        CROSS JOIN LATERAL (
            SELECT id FROM extraction_jobs
            WHERE id = held.id AND claimed_by = %(worker)s AND NOT id = ANY (%(known)s::bigint[])
            FOR UPDATE
        ) AS job
        WHERE batch.claimed_by = %(worker)s
    ))
"""

# No index holds heartbeat or handed_over, and pages keep room: the update is HOT. Rows that are locked are being
# completed or rescued at this moment, and waiting for them could stop the beat of all the others.
HEARTBEAT: LiteralString = """
    UPDATE extraction_jobs
    SET heartbeat = statement_timestamp(), handed_over = (id = ANY (%(handed)s::bigint[]))
    WHERE id = ANY (ARRAY (
        SELECT job.id
        FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held (id, attempt)
        CROSS JOIN LATERAL (
            SELECT id FROM extraction_jobs
            WHERE id = held.id AND attempt = held.attempt AND claimed_by IS NOT NULL
            FOR UPDATE SKIP LOCKED
        ) AS job
    ))
"""

WAKE_READY: LiteralString = """
    UPDATE extraction_jobs
    SET ready = true
    WHERE id = ANY (ARRAY (
        SELECT id FROM extraction_jobs
        WHERE NOT ready AND available_at <= statement_timestamp() AND status = 'pending'
        ORDER BY available_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ))
"""


def claim(conn: Connection, wants: Sequence[Want], *, worker: str) -> list[Claim]:
    """Take up to `limit` ready jobs of each type, highest priority first, then oldest; at most one taker each.

    Types that are paused give nothing. A capped type never has more than its cap in `processing`.
    """
    return complete_and_claim(conn, (), wants, worker=worker)


def complete_and_claim(conn: Connection, finished: Sequence[Finished], wants: Sequence[Want], *, worker: str) -> list[Claim]:
    """Complete one batch and claim the next in one statement.

    Call it only for finished jobs whose claims are locked or whose loss may be ignored: it does not tell.
    """
    rows = conn.execute(COMPLETE_AND_CLAIM, _finished(finished) | _wanted(wants, worker))
    claims = sorted(map(Claim._make, rows), key=attrgetter("id"))
    claims.sort(key=attrgetter("priority"), reverse=True)  # stable: oldest first within a priority
    return claims


def lock_claims(conn: Connection, claims: Sequence[Claim]) -> set[int]:
    """Ids of those claims that are still ours, locked until the transaction ends: store results for these alone."""
    return {row[0] for row in conn.execute(LOCK_CLAIMS, _held(claims))}


def complete(conn: Connection, finished: Sequence[Finished]) -> set[int]:
    """Mark jobs completed; returns the ids that were still ours."""
    return {row[0] for row in conn.execute(COMPLETE, _finished(finished))}


def fail(conn: Connection, failures: Sequence[Failure], *, rng: random.Random) -> list[Ended]:
    """Record failed attempts and send each job where `decide` says; jobs no longer ours are left alone."""
    if not failures:
        return []
    failures = sorted(failures, key=lambda failure: failure.claim.id)
    decisions = [decide(f.kind, retry_count=f.claim.retry_count, max_attempts=f.claim.max_attempts,
                        run_alone=f.claim.run_alone, rng=rng) for f in failures]
    rows = conn.execute(FAIL, {
        "ids": [f.claim.id for f in failures], "attempts": [f.claim.attempt for f in failures],
        "kinds": [f.kind for f in failures], "reasons": [f.reason for f in failures],
        "errors": [clean_text(f.error)[:ERROR_LENGTH] for f in failures],
        "final": [d.final for d in decisions], "delays": [d.delay for d in decisions], "alone": [d.run_alone for d in decisions],
    }).fetchall()
    return [Ended(*row) for row in rows]


def release(conn: Connection, claims: Sequence[Claim], *, delay: timedelta = timedelta(0)) -> int:
    """Give claims back unharmed: neither retry_count nor attempt moves. Returns how many were still ours.

    delay  nobody may claim them before it is over
    """
    if not claims:
        return 0
    return conn.execute(RELEASE, _held(claims) | {"delay": delay}).rowcount


def cancel_claims(conn: Connection, claims: Sequence[Claim], reason: str) -> int:
    """Take claimed jobs out of the queue for good: their input is no longer wanted. Returns how many were still ours."""
    if not claims:
        return 0
    return conn.execute(CANCEL_CLAIMS, _held(claims) | {"reason": reason}).rowcount


def release_unknown(conn: Connection, *, worker: str, known: Sequence[int]) -> int:
    """Give back what this worker holds without knowing it (a commit whose answer was lost). Returns how many."""
    return conn.execute(RELEASE_UNKNOWN, {"worker": worker, "known": list(known)}).rowcount


def heartbeat(conn: Connection, claims: Sequence[Claim], *, handed_over: set[int]) -> int:
    """Renew the leases of these claims in one statement; `handed_over` are the ids that a child has begun on."""
    if not claims:
        return 0
    return conn.execute(HEARTBEAT, _held(claims) | {"handed": list(handed_over)}).rowcount


def wake_ready(conn: Connection, *, limit: int = 10_000) -> int:
    """Put jobs whose backoff is over back into the claim index."""
    return conn.execute(WAKE_READY, {"limit": limit}).rowcount


def job_types(conn: Connection) -> dict[str, JobType]:
    """Every job type with what operators set for it."""
    rows = conn.execute("SELECT job_type, paused, max_concurrent, timeout_seconds, memory_mb FROM job_types ORDER BY job_type")
    return {row[0]: JobType(*row) for row in rows}


def _wanted(wants: Sequence[Want], worker: str) -> dict[str, Any]:
    floors = [(None, None) if want.floor == NO_FLOOR else want.floor for want in wants]
    return {
        "worker": worker, "types": [want.job_type for want in wants], "limits": [want.limit for want in wants],
        "floor_priorities": [floor[0] for floor in floors], "floor_ids": [floor[1] for floor in floors]}


def _held(claims: Sequence[Claim]) -> dict[str, Any]:
    """In id order: whoever locks several jobs locks them so, and never waits in a circle."""
    claims = sorted(claims, key=attrgetter("id"))
    return {"ids": [claim.id for claim in claims], "attempts": [claim.attempt for claim in claims]}


def _finished(finished: Sequence[Finished]) -> dict[str, Any]:
    finished = sorted(finished, key=attrgetter("id"))
    return {"ids": [done.id for done in finished], "attempts": [done.attempt for done in finished],
            "durations": [done.duration_ms for done in finished]}
