"""What it means to do stale results again: how many jobs for which reasons, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from pipeline import jobs
from pipeline.database import Connection
from pipeline.inventory.stale import NEEDED, REFRESH, Need, parameters

CREATE_NEEDED: LiteralString = """
    CREATE TEMP TABLE needed_files ON COMMIT DROP AS
    SELECT blob.tenant_id, blob.blob_id, blob.source_version, blob.extraction_priority, blob.size_bytes, judged.reason
""" + NEEDED + """
    ORDER BY blob.extraction_priority DESC, blob.blob_key COLLATE "C"
"""

COUNT: LiteralString = "SELECT reason, count(*), coalesce(sum(size_bytes), 0)::bigint FROM needed_files GROUP BY reason ORDER BY reason"

# What an embedding model would be given; the chunks are those of the old reading.
COUNT_CHARS: LiteralString = """
    SELECT needed.reason, sum(chunk.char_count)::bigint
    FROM needed_files AS needed
    JOIN chunk_index AS chunk ON (chunk.tenant_id, chunk.blob_id) = (needed.tenant_id, needed.blob_id)
    GROUP BY needed.reason
"""

STAGE: LiteralString = """
    INSERT INTO new_jobs (tenant_id, blob_id, job_type, source_version, extraction_version, model_version, prompt_hash, priority,
                          max_attempts)
    SELECT tenant_id, blob_id, %(job_type)s, source_version, %(version)s, %(model)s, %(prompt)s, extraction_priority, %(max_attempts)s
    FROM needed_files
"""

MEAN_MS: LiteralString = """
    SELECT job_type, avg(processing_time_ms)::float8
    FROM extraction_jobs
    WHERE status = 'completed' AND processing_time_ms IS NOT NULL
    GROUP BY job_type
"""


@dataclass(frozen=True)
class StaleWork:
    """Jobs of one type that are to be done again for one reason.

    bytes_read   of the files that they read; 0 where they work on what is in the database
    chunk_chars  characters in the chunks of these files; 0 where nobody asked
    """

    job_type: str
    reason: str
    jobs: int
    bytes_read: int
    chunk_chars: int


def requeue_stale(conn: Connection, need: Need, *, tenant_id: str, max_attempts: int, count_chars: bool = False,
                  dry_run: bool = False) -> list[StaleWork]:
    """Queue jobs for the files whose result is stale, and only those, in one transaction; returns what they are.

    count_chars  count what an embedding model would be given, too: it reads the sizes of all their chunks
    dry_run      queue nothing
    """
    conn.execute("DROP TABLE IF EXISTS pg_temp.needed_files")
    values = parameters(need, tenant_id, None, stale=True)
    conn.execute(CREATE_NEEDED, values)
    chars: dict[str, int] = {}
    if count_chars:
        conn.execute("ANALYZE needed_files")
        chars = dict(conn.execute(COUNT_CHARS).fetchall())
    work = [StaleWork(need.job_type, reason, count, 0 if need.after else size, chars.get(reason, 0))
            for reason, count, size in conn.execute(COUNT).fetchall()]
    if work and not dry_run:
        _queue(conn, need, values | {"max_attempts": max_attempts})
    return work


def _queue(conn: Connection, need: Need, values: dict[str, Any]) -> None:
    jobs.create_staging(conn)
    conn.execute(STAGE, values)
    jobs.enqueue_staged(conn, revive=jobs.DONE_BEFORE if need.output else jobs.CANCELLED)
    conn.execute(REFRESH)


def mean_durations(conn: Connection) -> dict[str, float]:
    """Milliseconds that a child took for a job, by type, on average; types of which none was completed are missing."""
    return dict(conn.execute(MEAN_MS).fetchall())
