"""Random verbs from several workers at once: no deadlock, no lost job, each completed once by its newest holder."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.jobs import Claim, ClaimCursor, Failure, Finished
from tests.integration.jobs.helpers import queue

SECONDS = 4.0
LEASE = timedelta(milliseconds=150)


class Clerk(threading.Thread):
    """One worker that does everything a worker does, in random order, and sometimes falls silent."""

    def __init__(self, database: Database, number: int, done: list[tuple[int, int]]) -> None:
        super().__init__()
        self.rng = random.Random(number)
        self.name = f"vm{number}/x"
        self.database, self.done = database, done
        self.error: Exception | None = None
        self.held: list[Claim] = []
        self.cursor = ClaimCursor(full_look_every=timedelta(milliseconds=200))

    def run(self) -> None:
        deadline = time.monotonic() + SECONDS
        try:
            with self.database.connect(self.name, autocommit=True) as conn:
                while time.monotonic() < deadline:
                    with conn.transaction():
                        finished = self.step(conn)
                    self.done += finished
        except Exception as exc:
            self.error = exc

    def step(self, conn: Connection) -> list[tuple[int, int]]:
        verb = self.rng.choices(["claim", "settle", "fused", "fail", "release", "beat", "rescue", "silent", "cap"],
                                [5, 4, 6, 2, 1, 3, 3, 1, 1])[0]
        some = self.rng.sample(self.held, self.rng.randint(0, len(self.held)))
        rest = [held for held in self.held if held not in some]
        if verb == "claim":
            self.held += self.claim(conn, [])
        elif verb == "settle":
            ours = jobs.lock_claims(conn, some)
            self.held = rest
            return self.complete(conn, [held for held in some if held.id in ours])
        elif verb == "fused":
            ours = jobs.lock_claims(conn, some)
            mine = [held for held in some if held.id in ours]
            self.held = rest + self.claim(conn, mine)
            return [(held.id, held.attempt) for held in mine]
        elif verb == "fail":
            kinds = ["transient", "poison"]
            jobs.fail(conn, [Failure(held, self.rng.choice(kinds), "x", "x") for held in some], rng=self.rng)
            self.held = rest
        elif verb == "release":
            jobs.release(conn, some)
            self.held = rest
        elif verb == "beat":
            jobs.heartbeat(conn, self.held, handed_over={held.id for held in some})
        elif verb == "rescue":
            jobs.requeue_stalled(conn, timeout=LEASE)
            jobs.wake_ready(conn)
        elif verb == "cap":
            jobs.cap(conn, "dxf", self.rng.choice([None, 3]))
        else:
            self.held = rest  # as if the process had died: nobody beats for these any more
        return []

    def claim(self, conn: Connection, finished: list[Claim]) -> list[Claim]:
        wants = [self.cursor.want(name, self.rng.randint(1, 8)) for name in self.rng.sample(["pdf", "dxf"], 2)]
        claims = jobs.complete_and_claim(conn, [Finished(held.id, held.attempt) for held in finished], wants, worker=self.name)
        self.cursor.note(claims)
        return claims

    def complete(self, conn: Connection, claims: list[Claim]) -> list[tuple[int, int]]:
        ours = jobs.complete(conn, [Finished(held.id, held.attempt) for held in claims])
        assert ours == {held.id for held in claims}  # locked, so nobody took them since
        return [(held.id, held.attempt) for held in claims]


@pytest.mark.parametrize("seed", [1, 2])
def test_concurrent_random_verbs_complete_each_job_once(conn: Connection, database: Database, seed: int) -> None:
    queue(conn, 400, max_attempts=1000)
    queue(conn, 400, job_type="dxf", max_attempts=1000)
    done: list[tuple[int, int]] = []
    clerks = [Clerk(database, 10 * seed + number, done) for number in range(4)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join(60)
    assert [clerk.error for clerk in clerks] == [None] * 4

    jobs.cap(conn, "dxf", None)
    survivor = Clerk(database, 99, done)
    while jobs.any_open(conn, ["pdf", "dxf"]):  # one worker is left and does the rest
        conn.execute("UPDATE extraction_jobs SET available_at = now() WHERE NOT ready AND available_at IS NOT NULL")
        jobs.wake_ready(conn)
        time.sleep(LEASE.total_seconds())
        jobs.requeue_stalled(conn, timeout=LEASE)
        while claims := survivor.claim(conn, []):
            done += survivor.complete(conn, claims)

    rows = conn.execute("SELECT id, attempt FROM extraction_jobs WHERE status = 'completed'").fetchall()
    failed = conn.execute("SELECT count(*) FROM extraction_jobs WHERE status = 'failed'").fetchone()
    assert sorted(done) == sorted(rows)
    assert not [job for job, times in Counter(job for job, _ in done).items() if times > 1]
    assert failed is not None
    assert len(rows) + failed[0] == 800
    assert conn.execute("SELECT count(*) FROM running_jobs").fetchone() == (0,)
