"""The hot statements on a million rows: along their indexes, whatever the statistics say.

Counted rather than explained: PostgreSQL's own counters say what the very statements (those inside functions too)
read, under the plans that they really got.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.jobs import Claim, Failure, Finished, Want
from pipeline.jobs import queue as statements
from tests.conftest import _administer, _with_database
from tests.integration.jobs.helpers import LEASE, WORKER, silence

pytestmark = [pytest.mark.slow, pytest.mark.direct]

ROWS = 1_000_000
BATCH = 50

# Straight into the table: what is measured here are plans, not queueing. Few blobs, or they would take the time.
FILL = """
    WITH blob AS (
             INSERT INTO blob_inventory (blob_key, file_name) SELECT n, n FROM generate_series(1, 100) AS n RETURNING blob_id),
         numbered AS (SELECT blob_id, row_number() OVER () AS number FROM blob)
    INSERT INTO extraction_jobs (blob_id, job_type, source_version, status, ready, available_at, error_kind, last_error)
    SELECT blob_id, CASE WHEN n %% 5 = 0 THEN 'dxf' ELSE 'pdf' END, n::text,
           CASE WHEN n %% 20 < 10 THEN 'completed' WHEN n %% 20 = 10 THEN 'failed' ELSE 'pending' END, n %% 20 > 11,
           CASE WHEN n %% 20 > 10 THEN now() + interval '1 hour' END,
           CASE WHEN n %% 20 = 10 THEN 'permanent' END, CASE WHEN n %% 20 = 10 THEN 'corrupt' END
    FROM generate_series(1, %(rows)s) AS n JOIN numbered ON number = 1 + n %% 100
"""
READ = """
    SELECT seq_scan, seq_tup_read, coalesce(idx_tup_fetch, 0)
    FROM pg_stat_xact_user_tables WHERE relname = 'extraction_jobs'
"""


def warm_up(conn: Connection) -> None:
    """What a worker does before the work comes: its session plans every statement on a table that is still empty."""
    for _ in range(7):
        jobs.claim(conn, [Want("pdf", BATCH), Want("dxf", BATCH, floor=(0, 5))], worker=WORKER)
        jobs.complete(conn, [Finished(1, 1)])


@pytest.fixture(scope="module")
def filled(server_url: str, template: str) -> Iterator[Connection]:
    """A connection to a database with a million jobs, opened, analysed and warmed up while it was empty."""
    name = f"plans_{uuid4().hex[:12]}"
    _administer(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    with Database(_with_database(server_url, name)).connect("plans", autocommit=True) as conn:
        conn.execute("ALTER TABLE extraction_jobs SET (autovacuum_enabled = off)")
        conn.execute("ALTER TABLE extraction_jobs DROP CONSTRAINT extraction_jobs_blob_fk")  # a third of the time to fill it
        conn.execute("ANALYZE")
        warm_up(conn)
        conn.execute(FILL, {"rows": ROWS})
        yield conn
    _administer(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="module", params=["stale statistics", "true statistics"])
def big(request: pytest.FixtureRequest, filled: Connection) -> Connection:
    if request.param == "true statistics":
        filled.execute("ANALYZE extraction_jobs")
    return filled


@pytest.fixture(params=["auto", "force_generic_plan"])
def conn(big: Connection, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """One transaction, rolled back: each case finds the same table."""
    with big.transaction(force_rollback=True):
        big.execute(f"SET LOCAL plan_cache_mode = {request.param}")
        yield big


def rows_read(conn: Connection, work: Callable[[], Any]) -> int:
    """How many rows of extraction_jobs `work` fetched; fails if it read the table from end to end."""
    before = conn.execute(READ).fetchone()
    work()
    after = conn.execute(READ).fetchone()
    assert before is not None
    assert after is not None
    scans, read, fetched = (later - earlier for later, earlier in zip(after, before, strict=True))
    assert (scans, read) == (0, 0), "sequential scan"
    return int(fetched)


def take(conn: Connection, count: int = BATCH) -> list[Claim]:
    claims = jobs.claim(conn, [Want("pdf", count)], worker=WORKER)
    assert len(claims) == count
    return claims


@pytest.mark.parametrize("floor", [statements.NO_FLOOR, (0, ROWS // 2)], ids=["full look", "from a floor"])
def test_a_claim_reads_what_it_takes(conn: Connection, floor: tuple[int, int]) -> None:
    wants = [Want("pdf", BATCH, floor=floor), Want("dxf", BATCH, floor=floor)]
    assert rows_read(conn, partial(jobs.claim, conn, wants, worker=WORKER)) <= 3 * 2 * BATCH


@pytest.mark.parametrize("job_type", ["pdf", "cad"])
def test_a_look_that_finds_nothing_reads_nothing(conn: Connection, job_type: str) -> None:
    wants = [Want(job_type, BATCH, floor=(0, ROWS - 1 if job_type == "pdf" else 7))]
    assert rows_read(conn, partial(jobs.claim, conn, wants, worker=WORKER)) <= 5


def test_a_capped_claim_counts_what_runs_and_nothing_else(conn: Connection) -> None:
    take(conn)
    jobs.cap(conn, "pdf", 2 * BATCH)
    assert rows_read(conn, partial(take, conn)) <= 6 * BATCH


def test_completing_and_claiming_read_what_they_change(conn: Connection) -> None:
    done = [Finished(held.id, held.attempt) for held in take(conn)]
    wants = [Want("pdf", BATCH)]
    assert rows_read(conn, lambda: jobs.complete_and_claim(conn, done, wants, worker=WORKER)) <= 4 * BATCH


@pytest.mark.parametrize("verb", [
    pytest.param(jobs.lock_claims, id="lock_claims"),
    pytest.param(lambda conn, held: jobs.complete(conn, [Finished(one.id, one.attempt) for one in held]), id="complete"),
    pytest.param(lambda conn, held: jobs.heartbeat(conn, held, handed_over={held[0].id}), id="heartbeat"),
    pytest.param(jobs.release, id="release"),
    pytest.param(lambda conn, held: jobs.fail(conn, [Failure(one, "transient", "x", "x") for one in held], rng=random.Random(1)),
                 id="fail"),
    pytest.param(lambda conn, held: jobs.cancel_for_subjects(conn, [], "gone"), id="cancel nothing"),
])
def test_a_verb_reads_its_own_jobs(conn: Connection, verb: Callable[[Connection, list[Claim]], Any]) -> None:
    held = take(conn)
    assert rows_read(conn, lambda: verb(conn, held)) <= 3 * BATCH


def test_waking_reads_the_jobs_whose_time_has_come(conn: Connection) -> None:
    held = take(conn)
    jobs.fail(conn, [Failure(one, "transient", "x", "x") for one in held], rng=random.Random(1))
    ids = [one.id for one in held]
    conn.execute("UPDATE extraction_jobs SET available_at = now() - interval '1 s' WHERE id = ANY (%s)", (ids,))
    assert rows_read(conn, partial(jobs.wake_ready, conn)) <= 3 * BATCH


def test_rescue_reads_what_runs(conn: Connection) -> None:
    held = take(conn)
    silence(conn, *held[:10])
    assert rows_read(conn, lambda: jobs.requeue_stalled(conn, timeout=LEASE)) <= 6 * BATCH


def test_a_rescue_with_thousands_of_ended_claims_reads_them_once(conn: Connection) -> None:
    for _ in range(40):
        jobs.complete(conn, [Finished(held.id, held.attempt) for held in take(conn, 100)])
    conn.execute("UPDATE job_claims SET claimed_at = now() - interval '10 minutes'")
    assert rows_read(conn, lambda: jobs.requeue_stalled(conn, timeout=LEASE)) <= 3 * 4000
    assert rows_read(conn, lambda: jobs.requeue_stalled(conn, timeout=LEASE)) <= 10


def test_asking_whether_anything_is_open_reads_little(conn: Connection) -> None:
    assert rows_read(conn, lambda: jobs.any_open(conn, ["pdf", "dxf"])) <= 5


def test_a_claim_on_a_million_rows_takes_milliseconds(conn: Connection) -> None:
    took = []
    for _ in range(9):
        start = conn.execute("SELECT clock_timestamp()").fetchone()
        take(conn)
        end = conn.execute("SELECT clock_timestamp()").fetchone()
        assert start is not None
        assert end is not None
        took.append(end[0] - start[0])
    assert sorted(took)[4] < timedelta(milliseconds=50)
