"""Which results are stale, as it is counted and as it is queued: the same files, and no others."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.inventory.stale import Need, count_needed, count_stale, queue_needed
from pipeline.inventory.stale_work import StaleWork, mean_durations, requeue_stale

NEED = Need("pdf", ("application/pdf",), "pdf-2", model="m", prompt="p")
TEXT = Need("text", ("application/pdf",), "text-1", after=("pdf", "pdf-2"))

# name, job's status, its source version (the file's is 'now'), extraction version, model, prompt
FILES = [
    ("fresh", "completed", "now", "pdf-2", "m", "p"),
    ("bytes", "completed", "before", "pdf-2", "m", "p"),
    ("version", "completed", "now", "pdf-1", "m", "p"),
    ("failed", "failed", "now", "pdf-1", "m", "p"),
    ("model", "completed", "now", "pdf-2", "other", "p"),
    ("prompt", "completed", "now", "pdf-2", "m", None),
    ("new", None, None, None, None, None),
]


@pytest.fixture
def files(conn: Connection) -> Connection:
    for name, status, source, version, model, prompt in FILES:
        blob = uuid4()
        conn.execute("INSERT INTO blob_inventory (blob_id, blob_key, file_name, mime_type, size_bytes, source_version, status) "
                     "VALUES (%s, %s, %s, 'application/pdf', 10, 'now', %s)", (blob, name, name, "extracted" if status else "pending"))
        if status:
            conn.execute("INSERT INTO extraction_jobs (blob_id, job_type, status, source_version, extraction_version, model_version, "
                         "prompt_hash, completed_at, processing_time_ms, last_error) "
                         "VALUES (%s, 'pdf', %s, %s, %s, %s, %s, now(), 100, %s)",
                         (blob, status, source, version, model, prompt, "broken" if status == "failed" else None))
    return conn


def waiting(conn: Connection) -> set[str]:
    return {name for (name,) in conn.execute(
        "SELECT file_name FROM extraction_jobs JOIN blob_inventory USING (blob_id) WHERE extraction_jobs.status = 'pending'")}


def test_each_reason_is_counted_and_a_file_without_a_result_is_not_stale(files: Connection) -> None:
    assert count_needed(files, NEED, tenant_id=DEFAULT_TENANT, stale=True) == {"bytes": 1, "version": 2, "model": 1, "prompt": 1}
    assert count_needed(files, NEED, tenant_id=DEFAULT_TENANT) == {"bytes": 1, "new": 1}


def test_requeueing_queues_just_what_was_counted_and_only_once(files: Connection) -> None:
    with files.transaction():
        dry = requeue_stale(files, NEED, tenant_id=DEFAULT_TENANT, max_attempts=3, dry_run=True)
    assert waiting(files) == set()
    with files.transaction():
        assert requeue_stale(files, NEED, tenant_id=DEFAULT_TENANT, max_attempts=3) == dry
    assert waiting(files) == {"bytes", "version", "failed", "model", "prompt"}
    assert StaleWork("pdf", "version", 2, 20, 0) in dry
    with files.transaction():
        assert requeue_stale(files, NEED, tenant_id=DEFAULT_TENANT, max_attempts=3) == []


def test_what_works_on_older_results_is_not_stale_before_those_are_of_the_present_version(files: Connection) -> None:
    files.execute("INSERT INTO extraction_jobs (blob_id, job_type, status, source_version, extraction_version, completed_at) "
                  "SELECT blob_id, 'text', 'completed', 'now', 'text-0', now() FROM blob_inventory WHERE status = 'extracted'")
    assert count_needed(files, TEXT, tenant_id=DEFAULT_TENANT, stale=True) == {"version": 3}  # fresh, model, prompt
    with files.transaction():
        (work,) = requeue_stale(files, TEXT, tenant_id=DEFAULT_TENANT, max_attempts=3)
    assert (work.jobs, work.bytes_read) == (3, 0)


def test_a_job_that_an_operator_cancelled_stays_cancelled_whatever_its_version(files: Connection) -> None:
    files.execute("UPDATE extraction_jobs SET status = 'cancelled', error_reason = 'operator' WHERE extraction_version = 'pdf-1'")
    assert "version" not in count_needed(files, NEED, tenant_id=DEFAULT_TENANT, stale=True)


def test_queueing_what_is_needed_leaves_older_versions_alone(files: Connection) -> None:
    with files.transaction():
        queue_needed(files, NEED, tenant_id=DEFAULT_TENANT, max_attempts=3)
    assert waiting(files) == {"bytes", "new"}


def test_counting_gives_up_when_its_time_is_over_and_leaves_the_transaction_whole(files: Connection) -> None:
    assert count_stale(files, [NEED], tenant_id=DEFAULT_TENANT, within=timedelta(seconds=20)) == {
        "pdf": {"bytes": 1, "version": 2, "model": 1, "prompt": 1}}
    with files.transaction():
        files.execute("LOCK TABLE blob_inventory IN ROW SHARE MODE")
        slow = Need("pdf", ("application/pdf",) * 10, "pdf-2")
        many = [slow] * 5000
        assert count_stale(files, many, tenant_id=DEFAULT_TENANT, within=timedelta(milliseconds=20)) is None
        assert files.execute("SELECT 1").fetchone() == (1,)


def test_the_mean_duration_is_that_of_completed_jobs(files: Connection) -> None:
    files.execute("UPDATE extraction_jobs SET processing_time_ms = 9000 WHERE status = 'failed'")
    assert mean_durations(files) == {"pdf": 100.0}
