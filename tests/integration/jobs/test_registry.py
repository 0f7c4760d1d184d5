"""Workers, drain flags, checkpoints."""

from __future__ import annotations

import pytest

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.errors import ConfigError
from pipeline.jobs import Beat


def register(conn: Connection, worker_id: str) -> None:
    jobs.register_worker(conn, worker_id=worker_id, machine=worker_id.split("/")[0], pid=4711, job_types=["pdf", "dxf"],
                         children=4, release="0.1.0")


def test_a_worker_is_seen_from_its_start_to_its_stop(conn: Connection) -> None:
    register(conn, "vm1/a")
    assert Beat("vm1/a", done=12, failed=1, note="disk nearly full").send(conn) is False
    seen = conn.execute("SELECT state, jobs_done, jobs_failed, note FROM workers").fetchone()
    assert seen == ("running", 12, 1, "disk nearly full")
    jobs.stop_worker(conn, "vm1/a")
    assert conn.execute("SELECT state, note, stopped_at IS NOT NULL FROM workers").fetchone() == ("stopped", None, True)


def test_draining_a_machine_asks_each_of_its_workers(conn: Connection) -> None:
    for name in ("vm1/a", "vm1/b", "vm2/c"):
        register(conn, name)
    assert jobs.drain_machine(conn, "vm1") == 2
    assert [Beat(name, 0, 0).send(conn) for name in ("vm1/a", "vm1/b", "vm2/c")] == [True, True, False]
    assert conn.execute("SELECT state FROM workers ORDER BY worker_id").fetchall() == [("draining",), ("draining",), ("running",)]


def test_an_operator_may_set_the_drain_flag_in_sql(conn: Connection) -> None:
    register(conn, "vm1/a")
    conn.execute("UPDATE workers SET drain = true")
    assert Beat("vm1/a", 0, 0).send(conn) is True


def test_draining_an_unknown_machine_names_those_that_work(conn: Connection) -> None:
    with pytest.raises(ConfigError, match="no worker runs anywhere"):
        jobs.drain_machine(conn, "vm9")
    register(conn, "vm1/a")
    register(conn, "vm2/b")
    jobs.stop_worker(conn, "vm2/b")
    with pytest.raises(ConfigError, match=r"workers run on: vm1$"):
        jobs.drain_machine(conn, "vm2")


def test_a_checkpoint_belongs_to_the_latest_look_at_the_source(conn: Connection) -> None:
    def look() -> None:
        conn.execute("INSERT INTO inventory_runs (source_store, source_url, machine, finished_at)"
                     " VALUES ('main', 'file:///x', 'vm1', now())")

    def passed() -> bool | None:
        found = jobs.latest_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a")
        return found.passed if found else None

    assert passed() is None
    look()
    jobs.record_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a", passed=False, figures={"groups": 0}, by="vm1")
    assert passed() is False
    jobs.record_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a", passed=True, figures={"groups": 7}, by="vm1")
    assert passed() is True
    look()
    assert passed() is None
    assert conn.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)


def test_a_checkpoint_before_any_look_is_kept_once(conn: Connection) -> None:
    for passed in (False, True):
        jobs.record_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a", passed=passed, figures={}, by="vm1")
    found = jobs.latest_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a")
    assert found is not None
    assert (found.passed, found.inventory_run) == (True, None)


def test_job_types_say_what_operators_set(conn: Connection) -> None:
    jobs.cap(conn, "cad", 20)
    jobs.pause(conn, "dxf")
    kinds = jobs.job_types(conn)
    assert (kinds["cad"].max_concurrent, kinds["dxf"].paused, kinds["pdf"].paused) == (20, True, False)
