"""Taking back what silent machines hold."""

from __future__ import annotations

from datetime import timedelta

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.jobs.rescue import STALLS_THAT_COUNT
from tests.integration.jobs.helpers import LEASE, OTHER, WORKER, claim, claimed, complete, queue, rescue, row, silence


def test_jobs_of_a_silent_machine_go_back_to_the_queue(conn: Connection) -> None:
    [held] = claimed(conn)
    silence(conn, held)
    assert [(end.id, end.blob_id, end.status) for end in rescue(conn)] == [(held.id, held.blob_id, "pending")]
    assert [again.attempt for again in claim(conn, worker=OTHER)] == [2]


def test_jobs_of_a_live_machine_stay(conn: Connection) -> None:
    claimed(conn, 3)
    assert rescue(conn) == []


def test_a_job_that_no_child_had_begun_loses_no_retry(conn: Connection) -> None:
    innocent, begun = claimed(conn, 2)
    jobs.heartbeat(conn, [innocent, begun], handed_over={begun.id})
    silence(conn, innocent, begun)
    rescue(conn)
    assert (row(conn, innocent.id).retry_count, row(conn, innocent.id).last_error) == (0, None)
    found = row(conn, begun.id)
    assert (found.retry_count, found.error_kind, found.error_reason, found.run_alone) == (1, "poison", "stalled", False)
    assert "vm1" in found.last_error
    assert found.error_message == found.last_error
    assert conn.execute("SELECT id, outcome FROM extraction_attempts").fetchall() == [(begun.id, "stalled")]


def test_the_second_counted_stall_runs_alone_and_the_last_is_a_dead_letter(conn: Connection) -> None:
    [held] = claimed(conn, max_attempts=3)
    alone: list[bool] = []
    ends: list[str] = []
    for _ in range(3):
        jobs.heartbeat(conn, [held], handed_over={held.id})
        silence(conn, held)
        ends += [end.status for end in rescue(conn)]
        alone.append(row(conn, held.id).run_alone)
        held = next(iter(claim(conn)), held)
    assert ends == ["pending", "pending", "failed"]
    assert alone == [False, True, True]
    assert not jobs.any_open(conn, ["pdf"])


def test_the_tenth_stall_counts_even_if_no_child_had_begun(conn: Connection) -> None:
    [held] = claimed(conn)
    counted = []
    for _ in range(STALLS_THAT_COUNT):
        silence(conn, held)
        rescue(conn)
        counted.append(row(conn, held.id).retry_count)
        [held] = claim(conn)
    assert counted == [0] * (STALLS_THAT_COUNT - 1) + [1]


def test_releases_are_no_stalls(conn: Connection) -> None:
    [held] = claimed(conn)
    for _ in range(STALLS_THAT_COUNT + 2):
        jobs.release(conn, [held])
        [held] = claim(conn)
    silence(conn, held)
    rescue(conn)
    assert row(conn, held.id).retry_count == 0


def test_what_a_lost_answer_left_claimed_is_given_back(conn: Connection) -> None:
    known, unknown = claimed(conn, 1)[0], claimed(conn, 1)[0]
    assert jobs.release_unknown(conn, worker=WORKER, known=[known.id]) == 1
    assert (row(conn, known.id).status, row(conn, unknown.id).status) == ("processing", "pending")
    assert jobs.release_unknown(conn, worker=OTHER, known=[]) == 0


def test_a_cancelled_claim_is_gone_for_its_holder_alone(conn: Connection) -> None:
    [held] = claimed(conn)
    assert jobs.cancel_claims(conn, [held._replace(attempt=9)], "superseded") == 0
    assert jobs.cancel_claims(conn, [held], "superseded") == 1
    assert (row(conn, held.id).status, row(conn, held.id).error_reason) == ("cancelled", "superseded")
    assert complete(conn, held) == set()


def test_two_rescuers_at_once_take_each_job_once(conn: Connection, database: Database) -> None:
    held = claimed(conn, 6, handed_over=True)
    silence(conn, *held)
    with database.connect("one") as one, database.connect("two") as two:
        first = jobs.requeue_stalled(one, timeout=LEASE, limit=4)
        second = jobs.requeue_stalled(two, timeout=LEASE)
        one.commit()
        two.commit()
    assert len(first) == 4
    assert {end.id for end in first + second} == {one.id for one in held}
    assert len(first) + len(second) == 6
    assert {row(conn, one.id).retry_count for one in held} == {1}


def test_a_job_being_completed_is_not_rescued(conn: Connection, database: Database) -> None:
    [held] = claimed(conn)
    silence(conn, held)
    with database.connect("settling") as settling:
        complete(settling, held)
        assert rescue(conn) == []
        settling.commit()
    assert rescue(conn) == []
    assert row(conn, held.id).status == "completed"


def test_a_job_claimed_again_by_the_same_worker_is_rescued_once(conn: Connection) -> None:
    [held] = claimed(conn)
    jobs.release(conn, [held])
    [held] = claim(conn)
    silence(conn, held)
    assert [end.id for end in rescue(conn)] == [held.id]
    assert rescue(conn) == []


def test_claims_are_forgotten_once_none_of_their_jobs_is_held(conn: Connection) -> None:
    first = claimed(conn, 2)
    second = claimed(conn, 2)
    complete(conn, *first, second[0])
    conn.execute("UPDATE job_claims SET claimed_at = now() - interval '1 minute'")
    rescue(conn)
    assert conn.execute("SELECT job_ids FROM job_claims").fetchall() == [([one.id for one in second],)]
    assert [found for (found,) in conn.execute("SELECT id FROM running_jobs")] == [second[1].id]


def test_a_running_job_without_a_claim_is_adopted_when_an_operator_asks(conn: Connection) -> None:
    [held] = claimed(conn)
    silence(conn, held)
    conn.execute("TRUNCATE job_claims")
    assert rescue(conn) == []
    assert [end.id for end in jobs.requeue_stalled(conn, timeout=LEASE, adopt=True)] == [held.id]


def test_workers_that_fell_silent_are_marked_lost_and_return_with_their_next_beat(conn: Connection) -> None:
    jobs.register_worker(conn, worker_id=WORKER, machine="vm1", pid=1, job_types=["pdf"], children=2, release="0.1.0")
    conn.execute("UPDATE workers SET last_seen = now() - interval '10 minutes'")
    jobs.requeue_stalled(conn, timeout=timedelta(minutes=5))
    assert conn.execute("SELECT state FROM workers").fetchone() == ("lost",)
    assert jobs.Beat(WORKER, done=1, failed=0).send(conn) is False
    assert conn.execute("SELECT state, jobs_done FROM workers").fetchone() == ("running", 1)


def test_a_rescue_on_an_empty_database_does_nothing(conn: Connection) -> None:
    assert rescue(conn) == []
    queue(conn, 3)
    assert rescue(conn) == []
