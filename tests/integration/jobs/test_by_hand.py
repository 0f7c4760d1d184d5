"""SQL that an operator types at night: whatever it leaves out, no job is lost."""

from __future__ import annotations

import pytest

from pipeline import jobs
from pipeline.database import Connection
from tests.integration.jobs.helpers import claim, claimed, complete, fail, queue, rescue, row


@pytest.mark.parametrize("settled", ["completed", "failed", "processing"])
def test_setting_a_job_to_pending_queues_it_again(conn: Connection, settled: str) -> None:
    [held] = claimed(conn)
    if settled == "completed":
        complete(conn, held)
    if settled == "failed":
        fail(conn, held, "permanent")
    conn.execute("UPDATE extraction_jobs SET status = 'pending' WHERE id = %s", (held.id,))

    [again] = claim(conn)
    assert (again.id, again.attempt) == (held.id, held.attempt + 1)
    assert complete(conn, held) == set()  # whoever held it before writes nothing


def test_the_requirements_own_requeue_statement_works(conn: Connection) -> None:
    [held] = claimed(conn)
    conn.execute("UPDATE extraction_jobs SET status = 'pending', claimed_by = NULL, claimed_at = NULL, heartbeat = NULL,"
                 " retry_count = retry_count + 1, last_error = 'Worker timeout' WHERE id = %s", (held.id,))

    found = row(conn, held.id)
    assert (found.status, found.ready, found.error_message) == ("pending", True, "Worker timeout")
    assert len(claim(conn)) == 1


def test_setting_a_job_to_pending_does_not_end_its_backoff_when_it_is_told_to_wait(conn: Connection) -> None:
    [held] = claimed(conn)
    conn.execute("UPDATE extraction_jobs SET status = 'pending', ready = false, available_at = now() + interval '1 hour'"
                 " WHERE id = %s", (held.id,))
    assert claim(conn) == []


@pytest.mark.parametrize("how", ["inserted", "updated"])
def test_a_job_set_to_processing_by_hand_is_known_to_the_rescue(conn: Connection, how: str) -> None:
    queue(conn)
    if how == "updated":
        conn.execute("UPDATE extraction_jobs SET status = 'processing', claimed_by = 'ghost/1', heartbeat = now() - interval '1 hour'")
    else:
        conn.execute("DELETE FROM extraction_jobs")
        conn.execute("INSERT INTO extraction_jobs (blob_id, job_type, status, claimed_by, heartbeat)"
                     " SELECT blob_id, 'pdf', 'processing', 'ghost/1', now() - interval '1 hour' FROM blob_inventory")
    assert claim(conn) == []

    assert [end.status for end in rescue(conn)] == ["pending"]
    assert len(claim(conn)) == 1


def test_cancelling_by_hand_takes_the_job_from_its_worker(conn: Connection) -> None:
    [held] = claimed(conn)
    conn.execute("UPDATE extraction_jobs SET status = 'cancelled' WHERE id = %s", (held.id,))

    assert complete(conn, held) == set()
    assert row(conn, held.id).claimed_by is None
    assert claim(conn) == []


def test_an_error_written_by_hand_shows_under_both_names(conn: Connection) -> None:
    queue(conn)
    conn.execute("UPDATE extraction_jobs SET last_error = 'looked at by hand'")
    assert conn.execute("SELECT error_message FROM extraction_jobs").fetchone() == ("looked at by hand",)


def test_a_dead_letter_made_by_hand_can_be_replayed(conn: Connection) -> None:
    queue(conn)
    conn.execute("UPDATE extraction_jobs SET status = 'failed', last_error = 'by an operator'")

    assert [end.status for end in jobs.replay_failed(conn)] == ["pending"]
    assert len(claim(conn)) == 1
