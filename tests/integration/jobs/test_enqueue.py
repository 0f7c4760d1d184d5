"""Queueing: idempotent, superseding, set-based, one NOTIFY a batch."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import psycopg
import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.jobs import NewJob
from tests.integration.jobs.helpers import TENANT, add_blobs, claim, complete, fail, queue, row, statuses


def job(blob: UUID, version: str = "1", **fields: Any) -> NewJob:
    return NewJob(TENANT, blob, "pdf", source_version=version, **fields)


def test_queueing_twice_is_one_job(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    assert jobs.enqueue(conn, [job(blob)]) == 1
    assert jobs.enqueue(conn, [job(blob)]) == 0
    assert statuses(conn) == {"pending": 1}
    assert jobs.enqueue(conn, []) == 0


def test_a_finished_job_is_not_queued_again(conn: Connection) -> None:
    done, dead = add_blobs(conn, 2)
    jobs.enqueue(conn, [job(done), job(dead)])
    first, second = claim(conn, 2)
    complete(conn, first)
    fail(conn, second, "permanent")
    assert jobs.enqueue(conn, [job(done), job(dead)]) == 0
    assert statuses(conn) == {"completed": 1, "failed": 1}


def test_what_the_result_depends_on_makes_another_job_and_nothing_else_does(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    jobs.enqueue(conn, [job(blob)])
    assert jobs.enqueue(conn, [job(blob, priority=9, correlation_id="upload-1", max_attempts=7)]) == 0
    for change in ({"extraction_version": "2"}, {"model_version": "m"}, {"prompt_hash": "p"}, {"scope": "project"}):
        assert jobs.enqueue(conn, [job(blob, **change)]) == 1, change


def test_the_keys_of_a_row_are_those_of_its_columns(conn: Connection) -> None:
    queue(conn, source_version="v", extraction_version="e", scope="s")
    [held] = claim(conn)
    found = row(conn, held.id)
    assert found.job_id == UUID(int=held.id) == held.job_id
    assert found.input_key == UUID(hashlib.md5(b"v\x1fe\x1f\x1f\x1fs", usedforsecurity=False).hexdigest())


def test_changed_bytes_supersede_the_waiting_job(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    jobs.enqueue(conn, [job(blob, "1")])
    assert jobs.enqueue(conn, [job(blob, "2")]) == 1
    assert statuses(conn) == {"cancelled": 1, "pending": 1}
    assert [held.source_version for held in claim(conn, 5)] == ["2"]


def test_the_worker_of_a_superseded_job_loses_its_claim(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    jobs.enqueue(conn, [job(blob, "1")])
    [held] = claim(conn)
    jobs.enqueue(conn, [job(blob, "2")])
    assert jobs.lock_claims(conn, [held]) == set()
    assert complete(conn, held) == set()
    found = row(conn, held.id)
    assert (found.status, found.error_reason, found.claimed_by) == ("cancelled", "superseded", None)


def test_another_scope_supersedes_nothing(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    jobs.enqueue(conn, [job(blob, scope="project-1"), job(blob, scope="project-2")])
    assert statuses(conn) == {"pending": 2}


def test_bytes_that_come_back_are_worked_on_again(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    for version, attempts in (("A", [1]), ("B", [1]), ("A", [1])):
        assert jobs.enqueue(conn, [job(blob, version)]) == 1
        held = claim(conn, 5)
        assert [(one.source_version, one.attempt) for one in held] == [(version, attempts[0])]
        complete(conn, *held)
    newest = conn.execute("SELECT source_version FROM extraction_jobs ORDER BY id DESC LIMIT 1").fetchone()
    assert newest == ("A",)


def test_bytes_that_come_back_before_anybody_worked_supersede_the_others(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    for version in ("A", "B", "A"):
        jobs.enqueue(conn, [job(blob, version)])
    assert [held.source_version for held in claim(conn, 5)] == ["A"]


def test_a_cancelled_job_comes_back_with_all_its_retries(conn: Connection) -> None:
    [blob] = queue(conn, source_version="1")
    [held] = claim(conn)
    fail(conn, held)
    assert jobs.cancel_for_subjects(conn, [blob], "gone") == 1
    assert not jobs.any_open(conn, ["pdf"])
    assert jobs.enqueue(conn, [job(blob, "1")]) == 1
    found = row(conn, held.id)
    assert (found.status, found.ready, found.retry_count, found.last_error, found.attempt) == ("pending", True, 0, None, 1)
    assert [again.attempt for again in claim(conn)] == [2]


def test_cancelling_ends_open_jobs_and_no_others(conn: Connection) -> None:
    waiting, running, done = queue(conn, 3)
    held = {one.blob_id: one for one in claim(conn, 3)}
    jobs.release(conn, [held[waiting]])
    complete(conn, held[done])
    assert jobs.cancel_for_subjects(conn, [waiting, running, done], "gone") == 2
    assert jobs.lock_claims(conn, [held[running]]) == set()
    assert statuses(conn) == {"cancelled": 2, "completed": 1}
    assert jobs.cancel_for_subjects(conn, [], "gone") == 0


def test_the_order_in_which_jobs_are_staged_is_the_order_in_which_they_are_claimed(conn: Connection) -> None:
    blobs = sorted(add_blobs(conn, 20), key=lambda blob: blob.bytes[::-1])
    jobs.enqueue(conn, [job(blob) for blob in blobs])
    assert [held.blob_id for held in claim(conn, 20)] == blobs


def test_two_machines_queueing_the_same_files_at_once_make_one_job_each(conn: Connection, database: Database) -> None:
    blobs = add_blobs(conn, 5)
    with database.connect("one") as one:
        assert jobs.enqueue(one, [job(blob) for blob in blobs[:3]]) == 3
        conn.execute("SELECT 1")
        one.commit()
    assert jobs.enqueue(conn, [job(blob) for blob in blobs]) == 2
    assert statuses(conn) == {"pending": 5}


def test_a_job_for_a_file_of_another_tenant_is_refused(conn: Connection) -> None:
    [blob] = add_blobs(conn, 1)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        jobs.enqueue(conn, [NewJob(UUID(int=99), blob, "pdf")])


@pytest.mark.slow
def test_a_hundred_thousand_jobs_are_queued_in_one_statement(conn: Connection) -> None:
    add_blobs(conn, 100_000)
    for expected in (100_000, 0):
        with conn.transaction():
            jobs.create_staging(conn)
            conn.execute(
                "INSERT INTO new_jobs (tenant_id, blob_id, job_type) SELECT tenant_id, blob_id, 'pdf' FROM blob_inventory")
            assert jobs.enqueue_staged(conn) == expected
    assert len(claim(conn, 200)) == 200


@pytest.mark.direct
def test_a_batch_wakes_listeners_once(conn: Connection, database: Database) -> None:
    with database.connect("listener", autocommit=True) as listener:
        listener.execute(f"LISTEN {jobs.queue.CHANNEL}")
        queue(conn, 500)
        assert len(list(listener.notifies(timeout=0.5))) == 1
        with conn.transaction():
            queue(conn, 5)
            queue(conn, 5)
        assert len(list(listener.notifies(timeout=0.5))) == 1
