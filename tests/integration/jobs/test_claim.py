"""Claiming: one taker each, in order, fenced; quotas, caps, pauses, floors."""

from __future__ import annotations

import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.errors import ConfigError
from pipeline.jobs import ClaimCursor, Finished, Want
from tests.integration.jobs.helpers import OTHER, WORKER, claim, claimed, complete, fail, queue, row, statuses


def test_a_claim_takes_the_oldest_jobs_of_the_highest_priority(conn: Connection) -> None:
    bulk = queue(conn, 3)
    upload = queue(conn, 1, priority=100)
    assert [held.blob_id for held in claim(conn, 3)] == [*upload, *bulk[:2]]


def test_a_claim_says_who_holds_the_job_and_under_which_attempt(conn: Connection) -> None:
    [held] = claimed(conn, source_version="etag-1")
    found = row(conn, held.id)
    assert (found.status, found.claimed_by, found.attempt, found.ready) == ("processing", WORKER, 1, False)
    assert (held.attempt, held.source_version, held.job_id) == (1, "etag-1", found.job_id)


def test_claim_skips_jobs_locked_by_another_worker(conn: Connection, database: Database) -> None:
    blobs = queue(conn, 4)
    with database.connect("other") as other:
        first = claim(other, 2, worker=OTHER)  # not committed
        second = claim(conn, 4)
        other.commit()
    assert [held.blob_id for held in first] == blobs[:2]
    assert [held.blob_id for held in second] == blobs[2:]


def test_a_rolled_back_claim_leaves_the_job_and_no_trace(conn: Connection, database: Database) -> None:
    queue(conn)
    with database.connect("other") as other:
        claim(other, worker=OTHER)
        other.rollback()
    assert conn.execute("SELECT count(*) FROM job_claims").fetchone() == (0,)
    assert [held.attempt for held in claim(conn)] == [1]


def test_an_empty_queue_gives_nothing(conn: Connection) -> None:
    assert claim(conn, 5) == []
    assert jobs.claim(conn, [], worker=WORKER) == []
    assert jobs.claim(conn, [Want("no-such-type", 5)], worker=WORKER) == []


def test_the_attempt_rises_with_each_claim_and_is_never_given_back(conn: Connection) -> None:
    [held] = claimed(conn)
    seen = [held.attempt]
    for _ in range(3):
        jobs.release(conn, [held])
        assert row(conn, held.id).attempt == held.attempt
        [held] = claim(conn)
        seen.append(held.attempt)
    assert seen == [1, 2, 3, 4]


def test_a_backlog_of_one_type_does_not_starve_another(conn: Connection) -> None:
    queue(conn, 50, job_type="cad", priority=10)
    queue(conn, 3)
    got = jobs.claim(conn, [Want("cad", 4), Want("pdf", 4)], worker=WORKER)
    assert [held.job_type for held in got].count("cad") == 4
    assert [held.job_type for held in got].count("pdf") == 3


def test_completing_and_claiming_happen_in_one_statement(conn: Connection) -> None:
    held = claimed(conn, 2)
    queue(conn, 3)
    got = jobs.complete_and_claim(conn, [Finished(one.id, one.attempt, 7) for one in held], [Want("pdf", 5)], worker=WORKER)
    assert len(got) == 3
    assert statuses(conn) == {"completed": 2, "processing": 3}
    assert conn.execute("SELECT sum(processing_time_ms) FROM extraction_jobs").fetchone() == (14,)


def test_complete_and_claim_leaves_alone_what_is_no_longer_held(conn: Connection) -> None:
    [held] = claimed(conn)
    jobs.release(conn, [held])
    [again] = claim(conn, worker=OTHER)
    jobs.complete_and_claim(conn, [Finished(held.id, held.attempt)], [Want("pdf", 1)], worker=WORKER)
    assert row(conn, held.id).claimed_by == OTHER
    assert complete(conn, again) == {held.id}


# ---- caps, pauses ---------------------------------------------------------------------------------------------------


def test_a_cap_holds_over_all_workers(conn: Connection) -> None:
    queue(conn, 30)
    jobs.cap(conn, "pdf", 20)
    assert len(claim(conn, 15)) == 15
    assert len(claim(conn, 15, worker=OTHER)) == 5
    assert claim(conn, 15) == []


def test_two_claimers_at_nineteen_of_twenty_never_both_take_the_last_place(conn: Connection, database: Database) -> None:
    queue(conn, 30)
    jobs.cap(conn, "pdf", 20)
    assert len(claim(conn, 19)) == 19
    with database.connect("one") as one, database.connect("two") as two:
        assert len(claim(one, 5)) == 1  # holds the type's row until it commits
        two.execute("SET LOCAL lock_timeout = '200ms'")
        with pytest.raises(Exception, match="lock timeout"):
            claim(two, 5, worker=OTHER)  # waits: it has not counted yet
        two.rollback()
        one.commit()
        assert claim(two, 5, worker=OTHER) == []
    assert statuses(conn)["processing"] == 20


def test_a_claimer_that_waited_for_the_cap_counts_what_the_other_took(conn: Connection, database: Database) -> None:
    """The snapshot of the count must be younger than the lock: two threads, ordered by what the server says."""
    import threading

    queue(conn, 30)
    jobs.cap(conn, "pdf", 20)
    assert len(claim(conn, 19)) == 19
    got: list[int] = []
    with database.connect("one") as one, database.connect("two") as two:
        assert len(claim(one, 5)) == 1
        pid = two.execute("SELECT pg_backend_pid()").fetchone()
        waiting = threading.Thread(target=lambda: got.append(len(claim(two, 5, worker=OTHER))))
        waiting.start()
        while conn.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", pid).fetchone() != ("Lock",):
            assert waiting.is_alive(), "it did not wait"
        one.commit()
        waiting.join(20)
        two.commit()
    assert got == [0]


def test_enqueueing_does_not_wait_for_a_capped_claim(conn: Connection, database: Database) -> None:
    queue(conn)
    jobs.cap(conn, "pdf", 20)
    with database.connect("one") as one:
        claim(one)
        conn.execute("SET lock_timeout = '2s'")
        queue(conn)
        conn.execute("RESET lock_timeout")


def test_a_place_under_the_cap_is_free_again_once_its_job_ends(conn: Connection) -> None:
    queue(conn, 10)
    jobs.cap(conn, "pdf", 4)
    done, failed, back, held = claim(conn, 10)
    assert claim(conn, 10) == []
    complete(conn, done)
    fail(conn, failed, "permanent")
    jobs.release(conn, [back])
    assert len(claim(conn, 10, worker=OTHER)) == 3
    assert row(conn, held.id).claimed_by == WORKER


def test_a_capped_batch_completed_in_the_same_statement_frees_its_places(conn: Connection) -> None:
    queue(conn, 10)
    jobs.cap(conn, "pdf", 3)
    held = claim(conn, 10)
    again = jobs.complete_and_claim(conn, [Finished(one.id, one.attempt) for one in held], [Want("pdf", 10)], worker=WORKER)
    assert len(again) == 3


def test_lifting_the_cap_lets_everything_through(conn: Connection) -> None:
    queue(conn, 10)
    jobs.cap(conn, "pdf", 2)
    assert len(claim(conn, 10)) == 2
    jobs.cap(conn, "pdf", None)
    assert len(claim(conn, 10)) == 8


def test_a_paused_type_gives_nothing_until_it_is_resumed(conn: Connection) -> None:
    queue(conn, 2)
    queue(conn, 1, job_type="dxf")
    jobs.pause(conn, "pdf")
    assert [held.job_type for held in jobs.claim(conn, [Want("pdf", 9), Want("dxf", 9)], worker=WORKER)] == ["dxf"]
    jobs.resume(conn, "pdf")
    assert len(claim(conn, 9)) == 2


def test_a_mistyped_job_type_is_answered_with_the_near_one(conn: Connection) -> None:
    with pytest.raises(ConfigError, match="did you mean pdf"):
        jobs.pause(conn, "pfd")


# ---- floors ---------------------------------------------------------------------------------------------------------


def test_an_upload_does_not_wait_behind_bulk_work_even_with_a_floor(conn: Connection) -> None:
    queue(conn, 10)
    bulk = claim(conn, 4)
    [upload] = queue(conn, 1, priority=100)
    got = jobs.claim(conn, [Want("pdf", 3, floor=(0, bulk[-1].id))], worker=WORKER)
    assert got[0].blob_id == upload
    assert [held.id for held in got[1:]] == [bulk[-1].id + 1, bulk[-1].id + 2]


def test_a_floor_passes_over_older_jobs_of_its_priority_and_goes_on_below(conn: Connection) -> None:
    queue(conn, 2)
    [low] = queue(conn, 1, priority=-5)
    [second] = claim(conn, 2)[1:]
    jobs.release(conn, [second])
    got = jobs.claim(conn, [Want("pdf", 9, floor=(0, second.id))], worker=WORKER)
    assert [held.blob_id for held in got] == [low]
    assert [held.id for held in claim(conn, 9)] == [second.id]  # a full look


def test_a_cursor_finds_every_job_of_a_mixed_queue(conn: Connection) -> None:
    for priority in (0, 7, -3, 0, 7):
        queue(conn, 23, priority=priority)
    cursor = ClaimCursor()
    seen: list[int] = []
    for number in range(200):
        got = jobs.claim(conn, [cursor.want("pdf", 5)], worker=WORKER)
        cursor.note(got)
        keep = got if number % 3 else got[1:]
        jobs.release(conn, [held for held in got if held not in keep])
        seen += complete(conn, *keep)
        if number == 10:
            queue(conn, 5, priority=50)
    assert len(seen) == len(set(seen)) == 5 * 23 + 5


def test_open_jobs_are_counted_by_what_they_wait_for(conn: Connection) -> None:
    assert not jobs.any_open(conn, ["pdf"])
    running, broken, done = claimed(conn, 3)
    queue(conn, 2)
    complete(conn, done)
    fail(conn, broken)
    assert jobs.open_counts(conn, ["pdf", "cad"]) == {"cad": jobs.OpenJobs(0, 0, 0), "pdf": jobs.OpenJobs(2, 1, 1)}
    assert jobs.any_open(conn, ["pdf"])
    assert not jobs.any_open(conn, ["cad"])
    complete(conn, running, *claim(conn, 9))
    assert jobs.any_open(conn, ["pdf"])  # one in backoff
