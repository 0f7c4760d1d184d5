"""The queues that benchmarks/queue.py sets side by side: how each is made, filled and worked off.

Each contender has its own database on the one server. `fill` returns the seconds of queueing alone, `work` is run
in a process of its own, `seconds` is the time from the first claim to the last completion.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from pipeline import jobs, migrations
from pipeline.database import Database
from pipeline.jobs import ClaimCursor, Finished

# Workers of a real machine are started anew, but sixteen fresh interpreters on two cores would take the time.
PROCESSES: Any = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")

RAW_TABLE = """
    CREATE TABLE raw (
        id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        job_type  text        NOT NULL DEFAULT 'pdf',
        priority  integer     NOT NULL DEFAULT 0,
        status    text        NOT NULL DEFAULT 'pending',
        attempt   integer     NOT NULL DEFAULT 0,
        worker    text,
        lease     timestamptz
    ) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 2000,
            autovacuum_vacuum_cost_delay = 0);
    CREATE INDEX ON raw (job_type, priority DESC, id) WHERE status = 'pending';
    CREATE INDEX ON raw (job_type) WHERE status = 'running';
"""
RAW_STEP = """
    WITH finished AS (
        UPDATE raw AS job SET status = 'done', worker = NULL, lease = NULL
        FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS done (id, attempt)
        WHERE job.id = done.id AND job.attempt = done.attempt AND job.status = 'running')
    UPDATE raw AS job SET status = 'running', attempt = job.attempt + 1, worker = %(worker)s, lease = now()
    WHERE job.id = ANY (ARRAY (
        SELECT id FROM raw WHERE job_type = 'pdf' AND status = 'pending'
        ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
    RETURNING job.id, job.attempt
"""
STAGE = """
    INSERT INTO new_jobs (tenant_id, blob_id, job_type, source_version)
    SELECT tenant_id, blob_id, 'pdf', 'v1' FROM blob_inventory
"""


@dataclass(frozen=True)
class Contender(ABC):
    """name as it is printed; batch: jobs a claim."""

    name: str
    batch: int

    @abstractmethod
    def fill(self, url: str, count: int) -> float:
        """Queue `count` jobs; how many seconds that took."""

    @abstractmethod
    def work(self, url: str) -> int:
        """Work until nothing is left; how many jobs this process did."""

    def seconds(self, url: str) -> float | None:  # noqa: ARG002
        """By the queue's own log, which leaves out starting and stopping; None: it keeps none."""
        return None


class Ours(Contender):
    def fill(self, url: str, count: int) -> float:
        migrations.migrate(Database(url))
        with Database(url).connect("benchmark", autocommit=True) as conn:
            conn.execute("INSERT INTO blob_inventory (blob_key, file_name) SELECT n || '.pdf', n || '.pdf'"
                         " FROM generate_series(1, %s::integer) AS n", (count,))
            start = time.perf_counter()
            with conn.transaction():
                jobs.create_staging(conn)
                conn.execute(STAGE)
                jobs.enqueue_staged(conn)
            took = time.perf_counter() - start
            conn.execute("VACUUM ANALYZE extraction_jobs, blob_inventory")
        return took

    def work(self, url: str) -> int:
        cursor, name, done = ClaimCursor(), f"bench/{os.getpid()}", 0
        finished: list[Finished] = []
        with Database(url).connect("benchmark", autocommit=True) as conn:
            while True:
                want = cursor.want("pdf", self.batch)
                claims = jobs.complete_and_claim(conn, finished, [want], worker=name)
                cursor.note(claims)
                done += len(finished)
                if not claims and want.floor == jobs.NO_FLOOR:
                    return done
                finished = [Finished(held.id, held.attempt, 5) for held in claims]


class Raw(Contender):
    """The least that a queue in SQL can be: a bare table, one batched statement a commit, prepared as psycopg does.

    With several claimers the statement may deadlock: it claims before it completes, and a claim may lock rows that
    another worker is completing. It is repeated then, as a bare queue would do.
    """

    def fill(self, url: str, count: int) -> float:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(RAW_TABLE)
            start = time.perf_counter()
            conn.execute("INSERT INTO raw (priority) SELECT 0 FROM generate_series(1, %s::integer)", (count,))
            took = time.perf_counter() - start
            conn.execute("VACUUM ANALYZE raw")
        return took

    def work(self, url: str) -> int:
        done, ids, attempts = 0, [], []
        with psycopg.connect(url, autocommit=True) as conn:
            while True:
                try:
                    rows = conn.execute(RAW_STEP, {"ids": ids, "attempts": attempts, "worker": str(os.getpid()),
                                                   "limit": self.batch}).fetchall()
                except psycopg.errors.DeadlockDetected:
                    continue
                done += len(ids)
                if not rows:
                    return done
                ids, attempts = [row[0] for row in rows], [row[1] for row in rows]


class Procrastinate(Contender):
    """Its worker as it comes: one job at a time. LISTEN is off, which only helps it here."""

    def fill(self, url: str, count: int) -> float:
        from procrastinate.schema import SchemaManager

        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(SchemaManager.get_schema())
        took = asyncio.run(self._defer(url, count))
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE procrastinate_jobs")
        return took

    def _app(self, url: str) -> tuple[Any, Any, list[int]]:
        import procrastinate

        done: list[int] = []
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

        @app.task(name="nothing", queue="q")
        async def nothing(n: int = 0) -> None:
            done.append(n)

        return app, nothing, done

    async def _defer(self, url: str, count: int) -> float:
        app, nothing, _ = self._app(url)
        async with app.open_async():
            start = time.perf_counter()
            for first in range(0, count, 1000):
                await nothing.batch_defer_async(*[{"n": n} for n in range(first, min(first + 1000, count))])
            return time.perf_counter() - start

    def work(self, url: str) -> int:
        logging.disable(logging.CRITICAL)

        async def drain() -> int:
            app, _, done = self._app(url)
            async with app.open_async():
                await app.run_worker_async(queues=["q"], wait=False, listen_notify=False, install_signal_handlers=False)
            return len(done)

        return asyncio.run(drain())

    def seconds(self, url: str) -> float | None:
        return _server_seconds(url, "SELECT extract(epoch FROM max(at) FILTER (WHERE type = 'succeeded')"
                                    " - min(at) FILTER (WHERE type = 'started'))::float FROM procrastinate_events")


class PgQueuer(Contender):
    """With asyncpg, its faster driver."""

    def fill(self, url: str, count: int) -> float:
        took = asyncio.run(self._enqueue(url, count))
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE pgqueuer")
        return took

    async def _enqueue(self, url: str, count: int) -> float:
        import asyncpg
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        async with AsyncpgDriver(await asyncpg.connect(url)) as driver:
            queries = Queries(driver)
            await queries.install()
            start = time.perf_counter()
            for first in range(0, count, 1000):
                size = min(1000, count - first)
                await queries.enqueue(["nothing"] * size, [b"{}"] * size, [0] * size)
            return time.perf_counter() - start

    def work(self, url: str) -> int:
        logging.disable(logging.CRITICAL)

        async def drain() -> int:
            import asyncpg
            from pgqueuer import PgQueuer as Manager
            from pgqueuer.db import AsyncpgDriver
            from pgqueuer.types import QueueExecutionMode

            manager, done = Manager(AsyncpgDriver(await asyncpg.connect(url))), 0

            @manager.entrypoint("nothing")
            async def nothing(_: Any) -> None:
                nonlocal done
                done += 1

            await manager.run(dequeue_timeout=timedelta(seconds=0.05), batch_size=self.batch, mode=QueueExecutionMode.drain)
            return done

        return asyncio.run(drain())

    def seconds(self, url: str) -> float | None:
        return _server_seconds(url, "SELECT extract(epoch FROM max(created) FILTER (WHERE status = 'successful')"
                                    " - min(created) FILTER (WHERE status = 'picked'))::float FROM pgqueuer_log")


@dataclass(frozen=True)
class Rates:
    """Jobs a second, queueing and working off."""

    enqueue: float
    work: float


def measure(contender: Contender, url: str, *, count: int, claimers: int) -> Rates:
    """Fill a fresh database and work it off with so many processes."""
    queueing = contender.fill(url, count)
    barrier, ends = PROCESSES.Barrier(claimers + 1), PROCESSES.SimpleQueue()
    processes = [PROCESSES.Process(target=_run, args=(contender, url, barrier, ends), daemon=True) for _ in range(claimers)]
    for process in processes:
        process.start()
    barrier.wait(120)
    start = time.time()
    got = [ends.get() for _ in processes]
    for process in processes:
        process.join(60)
    done, last = sum(one[0] for one in got), max(one[1] for one in got)
    if done != count:
        raise RuntimeError(f"{contender.name} did {done:,} of {count:,} jobs")
    return Rates(count / queueing, count / (contender.seconds(url) or last - start))


def _run(contender: Contender, url: str, barrier: Any, ends: Any) -> None:
    barrier.wait(120)
    done = 0
    try:
        done = contender.work(url)
    finally:
        ends.put((done, time.time()))


def _server_seconds(url: str, query: Any) -> float:
    with psycopg.connect(url) as conn:
        row = conn.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def known(names: Sequence[str] = ("procrastinate", "pgqueuer", "asyncpg")) -> bool:
    """True where the peers are installed (requirements-dev.txt)."""
    from importlib.util import find_spec

    return all(find_spec(name) for name in names)
