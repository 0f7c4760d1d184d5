"""What is still to be done, without reading the whole table: finished jobs cost these questions nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from pipeline.database import Connection

# In the order of the claim index, or a table whose first million jobs are finished would be read up to the first open one.
ANY_OPEN: LiteralString = """
    SELECT EXISTS (
               SELECT FROM unnest(%(types)s::text[]) AS kind (job_type)
               CROSS JOIN LATERAL (SELECT id FROM extraction_jobs WHERE job_type = kind.job_type AND ready
                                   ORDER BY priority DESC, id LIMIT 1) AS job)
        OR EXISTS (SELECT FROM (SELECT job_type FROM extraction_jobs WHERE NOT ready AND available_at IS NOT NULL
                                ORDER BY available_at OFFSET 0) AS job
                   WHERE job_type = ANY (%(types)s))
        OR EXISTS (SELECT FROM running_jobs WHERE job_type = ANY (%(types)s))
"""

OPEN_COUNTS: LiteralString = """
    SELECT kind.job_type,
           (SELECT count(*) FROM extraction_jobs AS job WHERE job.job_type = kind.job_type AND job.ready),
           (SELECT count(*) FROM extraction_jobs AS job
            WHERE job.job_type = kind.job_type AND NOT job.ready AND job.available_at IS NOT NULL),
           (SELECT count(*) FROM running_jobs AS job WHERE job.job_type = kind.job_type)
    FROM job_types AS kind
    WHERE kind.job_type = ANY (%(types)s)
    ORDER BY kind.job_type
"""


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """Jobs of one type that have not ended: to be claimed now, in backoff, and held by workers."""

    ready: int
    backoff: int
    processing: int

    @property
    def total(self) -> int:
        return self.ready + self.backoff + self.processing


def any_open(conn: Connection, job_types: Sequence[str]) -> bool:
    """False where these types are drained: nothing pending (backoff included) and nothing processing anywhere."""
    row = conn.execute(ANY_OPEN, {"types": list(job_types)}).fetchone()
    return bool(row and row[0])


def open_counts(conn: Connection, job_types: Sequence[str]) -> dict[str, OpenJobs]:
    """How many jobs of each type have not ended."""
    rows = conn.execute(OPEN_COUNTS, {"types": list(job_types)})
    return {row[0]: OpenJobs(*row[1:]) for row in rows}
