"""What becomes of a claimed job: completed, retried, failed, released; and that a zombie changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.jobs import Claim, Failure
from tests.integration.jobs.helpers import OTHER, WORKER, claim, claimed, complete, end_backoff, fail, queue, row, silence


def test_a_completed_job_is_held_by_nobody(conn: Connection) -> None:
    [held] = claimed(conn)
    assert complete(conn, held) == {held.id}
    found = row(conn, held.id)
    assert (found.status, found.claimed_by, found.ready, found.last_error) == ("completed", None, False, None)
    assert found.completed_at is not None


ZOMBIE: list[Callable[[Connection, Claim], object]] = [
    complete, fail, lambda conn, held: jobs.release(conn, [held]), lambda conn, held: jobs.lock_claims(conn, [held]),
    lambda conn, held: jobs.heartbeat(conn, [held], handed_over={held.id}), lambda conn, held: fail(conn, held, "permanent")]


@pytest.mark.parametrize("verb", ZOMBIE, ids=["complete", "fail", "release", "lock_claims", "heartbeat", "fail-for-good"])
@pytest.mark.parametrize("since", ["requeued", "claimed again", "completed by another", "cancelled"])
def test_a_zombie_writes_nothing(conn: Connection, verb: Callable[[Connection, Claim], object], since: str) -> None:
    [zombie] = claimed(conn)
    silence(conn, zombie)
    jobs.requeue_stalled(conn, timeout=timedelta(minutes=5))
    if since == "cancelled":
        jobs.cancel_for_subjects(conn, [zombie.blob_id], "gone")
    if since in ("claimed again", "completed by another"):
        [other] = claim(conn, worker=OTHER)
        if since == "completed by another":
            complete(conn, other)
    before = conn.execute("SELECT job::text, xmin::text FROM extraction_jobs AS job").fetchall()
    assert not verb(conn, zombie)
    assert conn.execute("SELECT job::text, xmin::text FROM extraction_jobs AS job").fetchall() == before
    assert conn.execute("SELECT count(*) FROM extraction_attempts").fetchone() == (0,)


def test_locked_claims_are_exactly_those_still_ours(conn: Connection) -> None:
    first, second, third = claimed(conn, 3)
    jobs.release(conn, [second])
    claim(conn, worker=OTHER)
    assert jobs.lock_claims(conn, [third, second, first]) == {first.id, third.id}
    assert jobs.lock_claims(conn, []) == set()


def test_a_locked_claim_cannot_be_rescued_before_its_results_are_in(conn: Connection, database: Database) -> None:
    [held] = claimed(conn)
    silence(conn, held)
    with database.connect("settling") as settling:
        assert jobs.lock_claims(settling, [held]) == {held.id}
        assert jobs.requeue_stalled(conn, timeout=timedelta(minutes=5)) == []
        assert complete(settling, held) == {held.id}
        settling.commit()
    assert row(conn, held.id).status == "completed"


def test_a_transient_failure_waits_outside_the_claim_index_and_comes_back(conn: Connection) -> None:
    [held] = claimed(conn)
    [ended] = fail(conn, held, error="503 slow down")
    assert (ended.id, ended.blob_id, ended.status) == (held.id, held.blob_id, "pending")
    found = row(conn, held.id)
    assert (found.ready, found.retry_count, found.error_kind, found.error_message) == (False, 1, "transient", "503 slow down")
    assert claim(conn) == []
    assert jobs.wake_ready(conn) == 0
    assert end_backoff(conn) == 1
    assert [again.attempt for again in claim(conn)] == [2]


def test_backoff_is_drawn_by_full_jitter_below_a_minute(conn: Connection) -> None:
    held = claimed(conn, 50, max_attempts=99)
    conn.execute("UPDATE extraction_jobs SET retry_count = 20")
    held = [one._replace(retry_count=20) for one in held]
    jobs.fail(conn, [Failure(one, "transient", "x", "x") for one in held], rng=random.Random(1))
    left = conn.execute("SELECT extract(epoch FROM available_at - now())::float FROM extraction_jobs")
    waits = [seconds for (seconds,) in left]
    assert all(-1 < seconds <= 60 for seconds in waits)
    assert min(waits) < 10
    assert max(waits) > 50


def test_retries_used_up_make_a_dead_letter(conn: Connection) -> None:
    [held] = claimed(conn, max_attempts=3)
    for expected in ("pending", "pending", "failed"):
        assert [ended.status for ended in fail(conn, held)] == [expected]
        end_backoff(conn)
        held = next(iter(claim(conn)), held)
    assert row(conn, held.id).retry_count == 3
    assert not jobs.any_open(conn, ["pdf"])
    history = conn.execute("SELECT attempt, outcome, error, claimed_by FROM extraction_attempts ORDER BY attempt").fetchall()
    assert history == [(number, "transient", "it broke", WORKER) for number in (1, 2, 3)]


def test_a_permanent_failure_is_final_at_once(conn: Connection) -> None:
    [held] = claimed(conn)
    assert [ended.status for ended in fail(conn, held, "permanent", "encrypted")] == ["failed"]
    found = row(conn, held.id)
    assert (found.error_kind, found.last_error, found.ready, found.available_at) == ("permanent", "encrypted", False, None)


def test_poison_runs_alone_once_and_then_fails(conn: Connection) -> None:
    [held] = claimed(conn, max_attempts=5)
    fail(conn, held, "poison")
    [again] = claim(conn)  # at once: no backoff
    assert again.run_alone
    assert [ended.status for ended in fail(conn, again, "poison")] == ["failed"]


def test_a_completed_retry_keeps_its_history_and_clears_its_error(conn: Connection) -> None:
    [held] = claimed(conn)
    fail(conn, held)
    end_backoff(conn)
    complete(conn, *claim(conn))
    found = row(conn, held.id)
    assert (found.status, found.error_kind, found.last_error, found.error_message) == ("completed", None, None, None)
    assert conn.execute("SELECT count(*) FROM extraction_attempts").fetchone() == (1,)


@pytest.mark.parametrize("error", [
    pytest.param("a\x00b", id="nul"), pytest.param("lone \ud800 surrogate", id="surrogate"),
    pytest.param("x" * 50_000, id="long"), pytest.param("\x00" * 5_000, id="nothing left")])
def test_error_text_that_postgres_cannot_store_is_cleaned(conn: Connection, error: str) -> None:
    [held] = claimed(conn)
    fail(conn, held, "permanent", error)
    stored = row(conn, held.id).last_error
    assert "\x00" not in stored
    assert len(stored) <= 2000


def test_several_failures_end_each_in_its_own_way(conn: Connection) -> None:
    held = claimed(conn, 3)
    kinds = {held[2].id: "poison", held[0].id: "permanent", held[1].id: "transient"}
    ended = jobs.fail(conn, [Failure(one, kinds[one.id], "r", kinds[one.id]) for one in reversed(held)], rng=random.Random(3))
    assert {end.id: end.status for end in ended} == {held[0].id: "failed", held[1].id: "pending", held[2].id: "pending"}
    assert {one.id: row(conn, one.id).last_error for one in held} == kinds


def test_a_release_costs_neither_a_retry_nor_the_fence(conn: Connection) -> None:
    held = claimed(conn, 2, handed_over=True)
    assert jobs.release(conn, held) == 2
    found = row(conn, held[0].id)
    assert (found.status, found.ready, found.retry_count, found.attempt, found.handed_over) == ("pending", True, 0, 1, False)
    assert jobs.release(conn, held) == 0
    assert jobs.release(conn, []) == 0


def test_a_heartbeat_renews_the_lease_and_says_what_was_handed_over(conn: Connection) -> None:
    first, second = claimed(conn, 2)
    silence(conn, first, second)
    assert jobs.heartbeat(conn, [first, second], handed_over={second.id}) == 2
    assert jobs.requeue_stalled(conn, timeout=timedelta(minutes=5)) == []
    assert [row(conn, one.id).handed_over for one in (first, second)] == [False, True]
    assert jobs.heartbeat(conn, [], handed_over=set()) == 0


def test_a_heartbeat_does_not_wait_for_a_job_that_is_being_settled(conn: Connection, database: Database) -> None:
    first, second = claimed(conn, 2)
    with database.connect("settling") as settling:
        jobs.lock_claims(settling, [first])
        assert jobs.heartbeat(conn, [first, second], handed_over=set()) == 1


def test_heartbeats_and_completions_touch_no_index(conn: Connection) -> None:
    held = claimed(conn, 40)
    conn.execute("VACUUM extraction_jobs")
    before = _updates(conn)
    for _ in range(5):
        jobs.heartbeat(conn, held, handed_over={one.id for one in held})
    complete(conn, *held)
    updated, hot = (after - early for after, early in zip(_updates(conn), before, strict=True))
    assert updated == 40 * 6
    assert hot >= 0.95 * updated


def _updates(conn: Connection) -> tuple[int, int]:
    with conn.transaction():  # one transaction, so that a pooler gives both statements the same session
        conn.execute("SELECT pg_stat_force_next_flush()")
    with conn.transaction():
        conn.execute("SELECT pg_stat_clear_snapshot()")
        found = conn.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'extraction_jobs'").fetchone()
    assert found is not None
    return found[0], found[1]


def test_replayed_dead_letters_have_all_their_retries_again(conn: Connection) -> None:
    held = claimed(conn, 3)
    queue(conn, 1, job_type="dxf")
    [dxf] = claim(conn, job_type="dxf")
    for one, kind in zip([*held, dxf], ("permanent", "poison", "permanent", "permanent"), strict=True):
        conn.execute("UPDATE extraction_jobs SET retry_count = 2 WHERE id = %s", (one.id,))
        fail(conn, one._replace(retry_count=2), kind)
    assert [end.id for end in jobs.replay_failed(conn, job_type="dxf")] == [dxf.id]
    assert [end.blob_id for end in jobs.replay_failed(conn, subjects=[held[0].blob_id])] == [held[0].blob_id]
    assert {end.id for end in jobs.replay_failed(conn)} == {held[1].id, held[2].id}
    found = row(conn, held[1].id)
    assert (found.status, found.ready, found.retry_count, found.run_alone, found.last_error) == ("pending", True, 0, True, None)
    assert not row(conn, held[2].id).run_alone
    assert len(claim(conn, 9)) == 3


def test_a_superseded_dead_letter_is_not_replayed(conn: Connection) -> None:
    [held] = claimed(conn, source_version="1")
    fail(conn, held, "permanent")
    jobs.enqueue(conn, [jobs.NewJob(held.tenant_id, held.blob_id, "pdf", source_version="2")])
    assert jobs.replay_failed(conn) == []
