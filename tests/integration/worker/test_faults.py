"""Kill anything while it runs: nothing is lost, nothing is doubled, and the rows are those of an undisturbed run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pipeline import migrations
from pipeline.database import Connection, Database
from pipeline.demo import write_sample_files
from pipeline.embedded import EmbeddedServer
from tests.conftest import discard
from tests.factories import SLOW, add_files, job_states, make_worker, results, settings, write_files

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGSTOP are POSIX")


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PDFs to read: the demo's good ones, three times under different names and with different bytes."""
    made, folder = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("drawings")
    good = [made / sample.path for sample in write_sample_files(made) if sample.kind == "pdf"]
    for copy in range(3):
        for path in good:
            (folder / f"{copy} {path.name}").write_bytes(path.read_bytes() + b"\n% copy " + str(copy).encode())
    return folder


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Yard:
    """Starts worker processes on one database and one folder."""

    def __init__(self, database_url: str, tmp_path: Path, source: Path, processes: list[subprocess.Popen[str]]) -> None:
        self.url, self.tmp_path, self.source, self.processes = database_url, tmp_path, source, processes

    def start(self, *, handler: str = "slow", embedded: bool = False, **overrides: str) -> subprocess.Popen[str]:
        number = len(self.processes)
        configured: dict[str, Any] = {
            "data_dir": str(self.tmp_path / ("data" if embedded else f"data{number}")), "source_url": str(self.source), "workers": "2",
            "heartbeat_seconds": "0.2", "stall_timeout_seconds": "3", "min_free_disk_mb": "1", "claim_batch": "8"}
        request = {"settings": configured | overrides, "handler": handler, "url": self.url, "embedded": embedded}
        process = subprocess.Popen([sys.executable, "-m", "tests.worker_process", json.dumps(request)], cwd=ROOT, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    @staticmethod
    def finish(process: subprocess.Popen[str], timeout: float = 60) -> dict[str, Any]:
        out, errors = process.communicate(timeout=timeout)
        assert process.returncode == 0, errors
        tally: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
        return tally


@pytest.fixture
def yard(database_url: str, tmp_path: Path, drawings: Path, processes: list[subprocess.Popen[str]]) -> Yard:
    return Yard(database_url, tmp_path, drawings, processes)


@pytest.fixture(scope="session")
def undisturbed(server_url: str, template: str, drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """The rows of a run that nobody disturbed."""
    name = "undisturbed_run"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
    database = Database(server_url.rsplit("/", 1)[0] + "/" + name)
    folder = tmp_path_factory.mktemp("undisturbed")
    with database.connect("test", autocommit=True) as conn:
        queued = add_files(conn, drawings)
        assert make_worker(database, settings(folder, drawings), handler=SLOW).run().completed == queued
        return results(conn)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


def completed(conn: Connection) -> int:
    return job_states(conn).get("completed", 0)


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Spawned children that work; not multiprocessing's own resource tracker."""
    return [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


def assert_all_done_once(conn: Connection, expected: list[tuple[Any, ...]], files: int) -> None:
    assert job_states(conn) == {"completed": files}
    assert conn.execute("SELECT count(*) FROM extraction_jobs WHERE claimed_by IS NOT NULL").fetchone() == (0,)
    assert results(conn) == expected


def test_a_killed_child_costs_at_most_its_own_file_an_attempt(
        conn: Connection, yard: Yard, drawings: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    files = add_files(conn, drawings)
    process = yard.start()
    for killed in (1, 2):
        wait_for(lambda: completed(conn) >= 5 * killed and len(children_of(process)) == 2, "work in progress")  # noqa: B023
        children_of(process)[0].kill()

    assert yard.finish(process)["completed"] == files
    assert_all_done_once(conn, undisturbed, files)
    assert (conn.execute("SELECT sum(retry_count) FROM extraction_jobs").fetchone() or (0,))[0] <= 2


def test_a_killed_parent_loses_nothing_and_its_innocent_jobs_no_retry(
        conn: Connection, yard: Yard, drawings: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    files = add_files(conn, drawings)
    process = yard.start()
    wait_for(lambda: completed(conn) >= 5, "work in progress")
    orphans = children_of(process)
    process.kill()
    process.wait()
    wait_for(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in orphans),
             "the children of a killed parent end", 10)
    held = conn.execute("SELECT count(*) FROM extraction_jobs WHERE status = 'processing'").fetchone()
    assert held is not None
    assert held[0] > 0

    yard.finish(yard.start())

    assert_all_done_once(conn, undisturbed, files)
    counted = conn.execute("SELECT count(*) FROM extraction_jobs WHERE retry_count > 0").fetchone()
    assert counted is not None
    assert counted[0] <= 2  # what its two children had in hand, at most
    assert conn.execute("SELECT count(*) FROM workers WHERE state = 'lost'").fetchone() == (1,)


def test_a_worker_paused_past_its_lease_writes_nothing_when_it_wakes(
        conn: Connection, yard: Yard, drawings: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    files = add_files(conn, drawings)
    sleeper = yard.start()
    wait_for(lambda: completed(conn) >= 5, "work in progress")
    os.kill(sleeper.pid, signal.SIGSTOP)
    other = yard.start()
    wait_for(lambda: completed(conn) == files, "the other worker does the rest", 60)
    stamps = conn.execute("SELECT id, attempt, completed_at FROM extraction_jobs ORDER BY id").fetchall()
    os.kill(sleeper.pid, signal.SIGCONT)

    yard.finish(other)
    yard.finish(sleeper)

    assert_all_done_once(conn, undisturbed, files)
    assert conn.execute("SELECT id, attempt, completed_at FROM extraction_jobs ORDER BY id").fetchall() == stamps


@pytest.mark.parametrize("parents", [2, 4])
def test_parents_side_by_side_process_no_file_twice(
        conn: Connection, yard: Yard, drawings: Path, undisturbed: list[tuple[Any, ...]], parents: int) -> None:
    files = add_files(conn, drawings)
    tallies = [yard.finish(process) for process in [yard.start(workers="1") for _ in range(parents)]]

    assert sum(tally["completed"] for tally in tallies) == files
    assert_all_done_once(conn, undisturbed, files)
    assert conn.execute("SELECT max(attempt), max(retry_count) FROM extraction_jobs").fetchone() == (1, 0)


def test_ctrl_c_finishes_what_is_in_hand_and_releases_the_rest(
        conn: Connection, yard: Yard, drawings: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    files = add_files(conn, drawings)
    process = yard.start()
    wait_for(lambda: completed(conn) >= 3, "work in progress")
    process.send_signal(signal.SIGINT)

    tally = yard.finish(process)
    assert 0 < tally["completed"] < files
    assert job_states(conn) == {"completed": tally["completed"], "pending": files - tally["completed"]}
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs").fetchone() == (0,)
    assert conn.execute("SELECT state FROM workers").fetchone() == ("stopped",)

    yard.finish(yard.start())
    assert_all_done_once(conn, undisturbed, files)


def test_a_second_ctrl_c_stops_now_and_gives_everything_back(conn: Connection, yard: Yard, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {f"{number}.pdf": "sleep 30" for number in range(4)})
    yard.source = tmp_path / "files"
    add_files(conn, yard.source)
    process = yard.start(handler="obey")
    wait_for(lambda: conn.execute("SELECT count(*) FROM extraction_jobs WHERE handed_over").fetchone() == (2,), "two are being read")
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)

    yard.finish(process, timeout=10)
    assert job_states(conn) == {"pending": 4}
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs").fetchone() == (0,)


def test_an_operator_drains_a_machine_in_sql(conn: Connection, yard: Yard, drawings: Path) -> None:
    files = add_files(conn, drawings)
    process = yard.start()
    wait_for(lambda: completed(conn) >= 3, "work in progress")
    conn.execute("UPDATE workers SET drain = true")

    tally = yard.finish(process)
    assert tally["completed"] < files
    assert job_states(conn).get("processing", 0) == 0


def test_a_forgotten_transaction_on_the_registry_does_not_stop_the_leases(
        database: Database, conn: Connection, tmp_path: Path, direct_url: str) -> None:
    write_files(tmp_path / "files", {f"{number}.pdf": "sleep 5" for number in range(2)})
    add_files(conn, tmp_path / "files")
    worker = make_worker(database, settings(tmp_path, tmp_path / "files"))
    running = threading.Thread(target=worker.run)
    running.start()
    wait_for(lambda: conn.execute("SELECT count(*) FROM extraction_jobs WHERE handed_over").fetchone() == (2,), "two are being read")

    with psycopg.connect(direct_url) as operator:
        operator.execute("UPDATE workers SET drain = false")
        locked = conn.execute("SELECT clock_timestamp()").fetchone()
        wait_for(lambda: conn.execute("SELECT min(heartbeat) > %s + interval '1 second' FROM extraction_jobs"
                                      " WHERE claimed_by IS NOT NULL", locked).fetchone() == (True,), "beats go on", 4)
        operator.rollback()
    running.join()

    assert job_states(conn) == {"completed": 2}
    assert conn.execute("SELECT max(attempt), max(retry_count) FROM extraction_jobs").fetchone() == (1, 0)


@pytest.mark.direct
def test_a_killed_postgres_in_mid_run_loses_nothing(
        tmp_path: Path, drawings: Path, processes: list[subprocess.Popen[str]], undisturbed: list[tuple[Any, ...]]) -> None:
    server = EmbeddedServer(tmp_path / "data")
    database = Database("", embedded=server, wait=timedelta(seconds=60))
    migrations.migrate(database)
    with database.connect("test", autocommit=True) as conn:
        files = add_files(conn, drawings)
        process = Yard("", tmp_path, drawings, processes).start(embedded=True, stall_timeout_seconds="20")
        wait_for(lambda: completed(conn) >= 5, "work in progress")
        pid = server.postmaster_pid()
        assert pid is not None
        for victim in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            victim.kill()

    Yard.finish(process, timeout=90)

    with database.connect("test", autocommit=True) as conn:
        assert_all_done_once(conn, undisturbed, files)
    discard(server)


@pytest.mark.direct
def test_a_database_that_is_away_longer_than_the_lease_makes_the_worker_let_go_and_begin_anew(
        tmp_path: Path, drawings: Path, processes: list[subprocess.Popen[str]], undisturbed: list[tuple[Any, ...]]) -> None:
    server = EmbeddedServer(tmp_path / "data")
    database = Database("", embedded=server, wait=timedelta(seconds=60))
    migrations.migrate(database)
    with database.connect("test", autocommit=True) as conn:
        files = add_files(conn, drawings)
        process = Yard("", tmp_path, drawings, processes).start(embedded=True)
        wait_for(lambda: completed(conn) >= 5, "work in progress")
        pid = server.postmaster_pid()
    assert pid is not None
    group = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for pause in (psutil.Process.suspend, psutil.Process.resume):
        for member in group:
            with contextlib.suppress(psutil.NoSuchProcess):  # an autovacuum worker that has just ended
                pause(member)
        if pause is psutil.Process.suspend:
            time.sleep(4)

    Yard.finish(process, timeout=90)

    with database.connect("test", autocommit=True) as conn:
        assert_all_done_once(conn, undisturbed, files)
    discard(server)
