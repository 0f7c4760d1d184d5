"""Where the work stands: the figures behind `run_pipeline.py status`.

    status = read(conn, tenant_id=DEFAULT_TENANT, silent_after=timedelta(seconds=60))

One pass over the jobs, index scans for the rest; all tenants' jobs are counted, as one queue serves them all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from pipeline import jobs
from pipeline.database import Connection
from pipeline.observe.checkpoints import INPUT_FAULT_REASONS, NAMES

RATE_WINDOW = timedelta(minutes=5)
FAILURES_SHOWN = 6
WORKERS_SHOWN = 20

# span_s: what part of the window there was work in, so that a rate is right from the first seconds on.
JOBS: LiteralString = """
    WITH bounds AS (SELECT now() - %(window)s::interval AS window_start),
    counted AS (
        SELECT job_type,
               count(*) FILTER (WHERE status = 'pending' AND ready) AS pending,
               count(*) FILTER (WHERE status = 'pending' AND NOT ready) AS backoff,
               count(*) FILTER (WHERE status = 'processing') AS processing,
               count(*) FILTER (WHERE status = 'completed') AS completed,
               count(*) FILTER (WHERE status = 'failed') AS failed,
               count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
               count(*) FILTER (WHERE status IN ('completed', 'failed') AND completed_at > window_start) AS recent,
               min(started_at) FILTER (WHERE status IN ('completed', 'failed') AND completed_at > window_start) AS since
        FROM extraction_jobs, bounds
        GROUP BY job_type
    ),
    superseded AS (
        SELECT job_type, count(*) AS failed_before
        FROM extraction_jobs AS job
        WHERE status = 'failed'
          AND EXISTS (SELECT FROM extraction_jobs AS newer
                      WHERE newer.blob_id = job.blob_id AND newer.job_type = job.job_type AND newer.scope = job.scope
                        AND newer.id > job.id)
        GROUP BY job_type
    )
    SELECT kind.job_type, kind.phase, kind.paused, kind.max_concurrent,
           coalesce(pending, 0), coalesce(backoff, 0), coalesce(processing, 0), coalesce(completed, 0),
           coalesce(failed, 0) - coalesce(failed_before, 0), coalesce(cancelled, 0), coalesce(recent, 0),
           extract(epoch FROM least(%(window)s::interval, now() - since))::float8
    FROM job_types AS kind
    LEFT JOIN counted USING (job_type)
    LEFT JOIN superseded USING (job_type)
    ORDER BY kind.phase, kind.job_type
"""

WORKERS: LiteralString = """
    SELECT worker.worker_id, worker.machine, worker.pid, worker.children, worker.job_types, worker.state,
           worker.state IN ('running', 'draining') AND worker.last_seen < now() - %(silent_after)s::interval AS silent,
           extract(epoch FROM now() - worker.last_seen)::float8, extract(epoch FROM now() - worker.started_at)::float8,
           worker.jobs_done, worker.jobs_failed, coalesce(held.jobs, 0), worker.note
    FROM workers AS worker
    LEFT JOIN (SELECT claimed_by, count(*) AS jobs FROM running_jobs GROUP BY claimed_by) AS held
        ON held.claimed_by = worker.worker_id
    WHERE worker.state IN ('running', 'draining') OR worker.last_seen > now() - interval '10 minutes'
    ORDER BY worker.state NOT IN ('running', 'draining'), worker.machine, worker.started_at DESC
    LIMIT %(limit)s
"""

FILES: LiteralString = "SELECT status, count(*) FROM blob_inventory GROUP BY status ORDER BY count(*) DESC, status"

# Dead letters that `requeue --failed` would take: a newer job of the same work has the say of what became of its file.
FAILED_BY_REASON: LiteralString = """
    SELECT coalesce(error_reason, 'unknown'), count(*)
    FROM extraction_jobs AS job
    WHERE status = 'failed' AND error_kind IS NOT NULL
      AND NOT EXISTS (SELECT FROM extraction_jobs AS newer
                      WHERE newer.blob_id = job.blob_id AND newer.job_type = job.job_type AND newer.scope = job.scope
                        AND newer.id > job.id)
    GROUP BY 1
    ORDER BY count(*) DESC, 1
"""

LAST_FAILURES: LiteralString = """
    SELECT job.id, job.job_type, coalesce(job.error_reason, 'unknown'), blob.blob_key,
           extract(epoch FROM now() - job.completed_at)::float8, job.last_error
    FROM (SELECT *
          FROM extraction_jobs AS ended
          WHERE status = 'failed' AND error_kind IS NOT NULL
            AND NOT EXISTS (SELECT FROM extraction_jobs AS newer
                            WHERE newer.blob_id = ended.blob_id AND newer.job_type = ended.job_type AND newer.scope = ended.scope
                              AND newer.id > ended.id)
          ORDER BY completed_at DESC, id DESC
          LIMIT %s) AS job
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    ORDER BY job.completed_at DESC, job.id DESC
"""


@dataclass(frozen=True)
class TypeStatus:
    """One job type. per_minute: completed and failed over the last minutes; eta_seconds: None where nothing moves."""

    job_type: str
    phase: str
    paused: bool
    max_concurrent: int | None
    pending: int
    backoff: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    per_minute: float
    eta_seconds: float | None

    @property
    def open(self) -> int:
        return self.pending + self.backoff + self.processing

    @property
    def total(self) -> int:
        return self.open + self.completed + self.failed


@dataclass(frozen=True)
class WorkerStatus:
    """One worker; silent: it lives by its own account, but has not been heard of."""

    worker_id: str
    machine: str
    pid: int
    children: int
    job_types: list[str]
    state: str
    silent: bool
    last_seen_seconds: float
    up_seconds: float
    jobs_done: int
    jobs_failed: int
    in_hand: int
    note: str | None


@dataclass(frozen=True)
class CheckpointStatus:
    """passed: None where the latest look at the source was not checked yet."""

    name: str
    passed: bool | None
    checked_at: datetime | None = None
    checked_by: str | None = None


@dataclass(frozen=True)
class LastFailure:
    """A dead letter. input_fault: the file, not the machine, is to blame."""

    job_id: int
    job_type: str
    reason: str
    file: str
    age_seconds: float
    error: str

    @property
    def input_fault(self) -> bool:
        return self.reason in INPUT_FAULT_REASONS


@dataclass(frozen=True)
class Status:
    """stale: files whose results are out of date, by job type and reason; None where nobody counted them."""

    at: datetime
    types: list[TypeStatus]
    workers: list[WorkerStatus]
    checkpoints: list[CheckpointStatus]
    files: dict[str, int]
    failed_by_reason: dict[str, int]
    last_failures: list[LastFailure]
    stale: dict[str, dict[str, int]] | None = None

    @property
    def file_count(self) -> int:
        return sum(self.files.values())

    @property
    def open_jobs(self) -> int:
        return sum(kind.open for kind in self.types)

    @property
    def per_minute(self) -> float:
        return sum(kind.per_minute for kind in self.types)

    @property
    def eta_seconds(self) -> float | None:
        """For all types together, as they share the machines; paused types are left out."""
        left = sum(kind.open for kind in self.types if not kind.paused)
        return 60 * left / self.per_minute if self.per_minute and left else None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        document = asdict(self)
        document["files"] = {"total": self.file_count, "by_status": self.files}
        document["total"] = {"open_jobs": self.open_jobs, "per_minute": round(self.per_minute, 1),
                             "eta_seconds": self.eta_seconds}
        return document


def read(conn: Connection, *, tenant_id: str, silent_after: timedelta) -> Status:
    """Look once; `silent_after` says when a worker that gives no sign is called silent."""
    row = conn.execute("SELECT now()").fetchone()
    assert row is not None
    types = [_type(*found) for found in conn.execute(JOBS, {"window": RATE_WINDOW})]
    phases = {kind.phase.lower() for kind in types if kind.total}
    return Status(
        at=row[0],
        types=types,
        workers=[WorkerStatus(*found) for found in conn.execute(WORKERS, {"silent_after": silent_after, "limit": WORKERS_SHOWN})],
        checkpoints=[_checkpoint(conn, tenant_id, name) for name in NAMES if name == "a" or name in phases],
        files=dict(conn.execute(FILES).fetchall()),
        failed_by_reason=dict(conn.execute(FAILED_BY_REASON).fetchall()),
        last_failures=[LastFailure(*found) for found in conn.execute(LAST_FAILURES, (FAILURES_SHOWN,))])


def _type(job_type: str, phase: str, paused: bool, cap: int | None, pending: int, backoff: int, processing: int, completed: int,
          failed: int, cancelled: int, recent: int, span_s: float | None) -> TypeStatus:
    per_minute = 60 * recent / max(span_s, 1.0) if span_s else 0.0
    left = pending + backoff + processing
    eta = 60 * left / per_minute if per_minute and left and not paused else None
    return TypeStatus(job_type, phase, paused, cap, pending, backoff, processing, completed, failed, cancelled,
                      round(per_minute, 1), None if eta is None else round(eta))


def _checkpoint(conn: Connection, tenant_id: str, name: str) -> CheckpointStatus:
    found = jobs.latest_checkpoint(conn, tenant_id=tenant_id, name=name)
    return CheckpointStatus(name, found.passed, found.checked_at, found.checked_by) if found else CheckpointStatus(name, None)
