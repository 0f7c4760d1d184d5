"""Files and jobs for the tests of the queue, and a look at their rows."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.jobs import Claim, Failure, Finished, NewJob, Want

TENANT = UUID(DEFAULT_TENANT)
WORKER = "vm1/6a1f"
OTHER = "vm2/77c0"
LEASE = timedelta(minutes=5)
COLUMNS = ("id, blob_id, status, ready, attempt, retry_count, run_alone, handed_over, error_kind, error_reason, last_error,"
           " error_message, claimed_by, completed_at, available_at, priority, input_key, job_id")


def add_blobs(conn: Connection, count: int) -> list[UUID]:
    rows = conn.execute(
        "INSERT INTO blob_inventory (blob_key, file_name) SELECT gen_random_uuid() || '.pdf', n || '.pdf'"
        " FROM generate_series(1, %s) AS n RETURNING blob_id", (count,))
    return [row[0] for row in rows]


def queue(conn: Connection, count: int = 1, *, job_type: str = "pdf", **fields: Any) -> list[UUID]:
    """New files with a job each; their blob ids."""
    blobs = add_blobs(conn, count)
    jobs.enqueue(conn, [NewJob(TENANT, blob, job_type, **fields) for blob in blobs])
    return blobs


def claim(conn: Connection, limit: int = 1, *, job_type: str = "pdf", worker: str = WORKER) -> list[Claim]:
    return jobs.claim(conn, [Want(job_type, limit)], worker=worker)


def claimed(conn: Connection, count: int = 1, *, handed_over: bool = False, **fields: Any) -> list[Claim]:
    """New jobs that WORKER holds."""
    queue(conn, count, **fields)
    claims = claim(conn, count)
    if handed_over:
        jobs.heartbeat(conn, claims, handed_over={held.id for held in claims})
    return claims


def fail(conn: Connection, held: Claim, kind: str = "transient", error: str = "it broke") -> list[jobs.Ended]:
    return jobs.fail(conn, [Failure(held, kind, "reason", error)], rng=random.Random(7))


def complete(conn: Connection, *claims: Claim) -> set[int]:
    return jobs.complete(conn, [Finished(held.id, held.attempt, 12) for held in claims])


def silence(conn: Connection, *claims: Claim, minutes: int = 10) -> None:
    """As if the machine that holds these had not been heard of for so long."""
    conn.execute("UPDATE extraction_jobs SET heartbeat = now() - %s WHERE id = ANY (%s)",
                 (timedelta(minutes=minutes), [held.id for held in claims]))


def rescue(conn: Connection) -> list[jobs.Ended]:
    return jobs.requeue_stalled(conn, timeout=LEASE)


def end_backoff(conn: Connection) -> int:
    conn.execute("UPDATE extraction_jobs SET available_at = now() - interval '1 s' WHERE NOT ready AND available_at IS NOT NULL")
    return jobs.wake_ready(conn)


def row(conn: Connection, job_id: int) -> SimpleNamespace:
    cursor = conn.execute(f"SELECT {COLUMNS} FROM extraction_jobs WHERE id = %s", (job_id,))  # type: ignore[arg-type]
    found = cursor.fetchone()
    assert found is not None
    assert cursor.description is not None
    return SimpleNamespace(**dict(zip((column.name for column in cursor.description), found, strict=True)))


def statuses(conn: Connection) -> dict[str, int]:
    return dict(conn.execute("SELECT status, count(*) FROM extraction_jobs GROUP BY status").fetchall())
