"""What `status` counts."""

from __future__ import annotations

from datetime import timedelta

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.jobs import NewJob
from pipeline.observe import status
from tests.integration.jobs.helpers import TENANT, claim, fail, queue


def read(conn: Connection) -> status.Status:
    return status.read(conn, tenant_id=DEFAULT_TENANT, silent_after=timedelta(minutes=1))


def failed(found: status.Status) -> tuple[int, dict[str, int], list[int]]:
    [kind] = [kind for kind in found.types if kind.job_type == "pdf"]
    return kind.failed, found.failed_by_reason, [failure.job_id for failure in found.last_failures]


def test_a_dead_letter_counts_until_a_newer_job_does_its_work(conn: Connection) -> None:
    [blob] = queue(conn, extraction_version="pdf-1")
    [first] = claim(conn)
    fail(conn, first, "permanent")
    assert failed(read(conn)) == (1, {"reason": 1}, [first.id])
    jobs.enqueue(conn, [NewJob(TENANT, blob, "pdf", extraction_version="pdf-2")])
    assert failed(read(conn)) == (0, {}, [])
    [second] = claim(conn)
    fail(conn, second, "permanent")
    assert failed(read(conn)) == (1, {"reason": 1}, [second.id])
