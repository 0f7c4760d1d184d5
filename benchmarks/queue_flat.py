"""What a claim costs as the table grows, ages and is held by a snapshot: the second half of benchmarks/queue.py."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from pipeline import jobs, migrations
from pipeline.database import Connection, Database
from pipeline.jobs import ClaimCursor, Finished

BATCH = 50
CLAIMS = 40
SMALL = 10_000

# Many jobs on few files: the files are not what is measured.
FILL = """
    WITH blob AS (SELECT blob_id, row_number() OVER () AS number FROM blob_inventory)
    INSERT INTO extraction_jobs (blob_id, job_type, source_version, ready, available_at)
    SELECT blob_id, 'pdf', clock_timestamp() || ' ' || n, NOT %(waiting)s::boolean, now() + interval '1 day'
    FROM generate_series(1, %(count)s::integer) AS n JOIN blob ON number = 1 + n %% 100
"""


@dataclass(frozen=True)
class Sizes:
    pending: int
    passed: int
    backoff: int
    held: int
    rounds: int


FULL = Sizes(pending=5_000_000, passed=1_000_000, backoff=100_000, held=100_000, rounds=5)
QUICK = Sizes(pending=100_000, passed=20_000, backoff=10_000, held=20_000, rounds=3)


class Table:
    """One queue and the worker that claims from it."""

    def __init__(self, url: str) -> None:
        migrations.migrate(Database(url))
        self.conn: Connection = Database(url).connect("benchmark", autocommit=True)
        self.conn.execute("INSERT INTO blob_inventory (blob_key, file_name) SELECT n, n FROM generate_series(1, 100) AS n")
        self.cursor = ClaimCursor()
        self.finished: list[Finished] = []

    def fill(self, count: int, *, waiting: bool = False) -> None:
        self.conn.execute(FILL, {"count": count, "waiting": waiting})

    def step(self, batch: int) -> int:
        claims = jobs.complete_and_claim(self.conn, self.finished, [self.cursor.want("pdf", batch)], worker="bench/flat")
        self.cursor.note(claims)
        self.finished = [Finished(held.id, held.attempt, 5) for held in claims]
        return len(claims)

    def times(self) -> list[float]:
        """Milliseconds of CLAIMS claims of BATCH jobs, the completion of the batch before included."""
        took = []
        for _ in range(CLAIMS):
            start = time.perf_counter()
            self.step(BATCH)
            took.append((time.perf_counter() - start) * 1e3)
        return took

    def renew(self) -> None:
        """Back to SMALL pending jobs and none else."""
        self.conn.execute("TRUNCATE extraction_jobs, job_claims CASCADE")
        self.cursor, self.finished = ClaimCursor(), []
        self.fill(SMALL)

    def pass_through(self, count: int) -> None:
        passed = 0
        while passed < count:
            passed += self.step(500)


def measure(url: Callable[[str], str], sizes: Sizes, say: Callable[[str], None]) -> list[dict[str, object]]:
    """Rows of the case, its median claim in ms and its ratio to SMALL pending rows measured between the same claims."""
    small, big = Table(url("flat_small")), Table(url("flat_big"))
    rows: list[dict[str, object]] = []

    def compare(case: str, limit: float) -> None:
        here: list[float] = []
        there: list[float] = []
        for _ in range(sizes.rounds):
            small.renew()
            small.times()
            small.renew()
            there += small.times()
            here += big.times()
        ratio = statistics.median(here) / statistics.median(there)
        rows.append({"case": case, "ms": round(statistics.median(here), 3), "ms_small": round(statistics.median(there), 3),
                     "ratio": round(ratio, 2), "limit": limit})
        say(f"  {case:62s} {statistics.median(here):7.2f} ms   {statistics.median(there):7.2f} ms   {ratio:5.2f}x")

    big.fill(sizes.pending)
    compare(f"{sizes.pending:,} pending", 1.5)
    big.fill(sizes.backoff, waiting=True)
    compare(f"and {sizes.backoff:,} in backoff", 1.5)
    big.pass_through(sizes.passed)
    compare(f"and {sizes.passed:,} jobs gone through", 1.5)
    with _snapshot(url("flat_big")):
        big.pass_through(sizes.held)
        compare(f"and {sizes.held:,} more under a snapshot held open", 2.0)
    small.conn.close()
    big.conn.close()
    return rows


def _snapshot(url: str) -> Connection:
    """A transaction that sees the table as it is now, for as long as the connection is open."""
    conn = psycopg.connect(url)
    conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    conn.execute("SELECT count(*) FROM job_types")
    return conn
