"""What an operator types while work goes on, and after it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import jobs
from pipeline.database import Connection
from pipeline.jobs import Want
from pipeline.worker.handlers import HANDLERS
from tests.acceptance.conftest import SMALL, Command, contents
from tests.acceptance.test_phases import eventually, job_states

Start = Callable[..., subprocess.Popen[str]]


def add_worker(conn: Connection, machine: str) -> None:
    jobs.register_worker(conn, worker_id=f"{machine}/1", machine=machine, pid=1, job_types=["pdf"], children=2, release="test")


# ---- status ------------------------------------------------------------------------------------------------------


def test_status_shows_jobs_files_checkpoints_and_the_dead_letters(command: Command, finished: Path) -> None:
    ran = command("status")

    assert ran.status == 0, ran.err
    for words in ("nothing is open", f"{len(SMALL)} files", "extracted 4", "a passed", "b passed", "corrupt 1, encrypted 1",
                  "DM-1004 locked.pdf", "next: python run_pipeline.py lineage"):
        assert words in ran.out


def test_the_figures_of_status_are_one_json_document_and_add_up(command: Command, finished: Path) -> None:
    document = command("status", "--json").document

    assert document["files"]["total"] == sum(document["files"]["by_status"].values()) == len(SMALL)
    pdf = next(kind for kind in document["types"] if kind["job_type"] == "pdf")
    assert (pdf["completed"], pdf["failed"], pdf["pending"]) == (2, 2, 0)
    assert document["failed_by_reason"] == {"corrupt": 1, "encrypted": 1}
    assert {check["name"]: check["passed"] for check in document["checkpoints"]} == {"a": True, "b": True}


def test_status_of_an_empty_database_names_the_first_command(command: Command) -> None:
    ran = command("status")

    assert "no jobs yet" in ran.out
    assert "next: python run_pipeline.py --phase all --source" in ran.out


def test_status_tells_a_silent_worker_from_one_that_works(command: Command, conn: Connection) -> None:
    add_worker(conn, "vm1")
    add_worker(conn, "vm2")
    conn.execute("UPDATE workers SET last_seen = now() - interval '2 minutes' WHERE machine = 'vm2'")
    lines = {line.split()[0]: line for line in command("status").out.splitlines() if line.startswith("vm")}

    assert "running" in lines["vm1"]
    assert "silent" in lines["vm2"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
def test_watching_through_a_pipe_gives_lines_and_ctrl_c_ends_it_well(start: Start, command: Command, finished: Path) -> None:
    watching = start("status", "--watch")
    assert watching.stdout is not None
    assert "completed 11  failed 2" in watching.stdout.readline()
    command("requeue", "--failed")
    assert "open 2" in watching.stdout.readline()
    watching.send_signal(signal.SIGINT)

    assert watching.wait(20) == 0


# ---- requeue -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "count"), [
    pytest.param(["--failed"], 2, id="all dead letters"),
    pytest.param(["--job-type", "pdf"], 2, id="of a type"),
    pytest.param(["--failed", "--job-type", "dxf"], 0, id="of a type without any"),
    pytest.param(["--file", "DM-1004 locked.pdf"], 1, id="of a file"),
    pytest.param(["--file", "*/incoming/*.pdf"], 2, id="of a pattern"),
    pytest.param(["--file", "DM-1001.pdf"], 0, id="of a file that is well"),
    pytest.param(["--stale"], 0, id="nothing is stale"),
    pytest.param(["--stalled"], 0, id="nothing is stalled"),
])
def test_requeue_takes_what_was_asked_for_and_a_dry_run_counts_the_same(
        command: Command, conn: Connection, finished: Path, arguments: list[str], count: int) -> None:
    before = contents(conn)
    dry = command("requeue", *arguments, "--dry-run", "--json")
    assert dry.document["total"] == count
    assert contents(conn) == before

    assert command("requeue", *arguments, "--json").document["total"] == count
    assert job_states(conn).get("pending", 0) == count
    waiting = conn.execute("SELECT count(*) FROM blob_inventory WHERE status = 'processing'").fetchone()
    assert waiting == (count,)


def test_requeue_stale_queues_what_an_older_reader_gave(
        command: Command, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, "dxf", replace(HANDLERS["dxf"], version="newer"))
    ran = command("requeue", "--stale", "--json")

    assert ran.document["requeued"]["dxf"] == 1
    assert ran.document["total"] == 1


def test_requeue_stalled_takes_back_what_a_silent_machine_holds(command: Command, conn: Connection, finished: Path) -> None:
    command("requeue", "--file", "DM-1004 locked.pdf")
    with conn.transaction():
        held = jobs.claim(conn, [Want("pdf", 5)], worker="vm9/1")
    conn.execute("UPDATE extraction_jobs SET heartbeat = now() - interval '1 hour' WHERE id = %s", (held[0].id,))
    conn.execute("UPDATE job_claims SET claimed_at = now() - interval '1 hour'")
    ran = command("requeue", "--stalled", "--json")

    assert ran.document["total"] == 1
    found = conn.execute("SELECT status, retry_count FROM extraction_jobs WHERE id = %s", (held[0].id,)).fetchone()
    assert found == ("pending", 0)


@pytest.mark.parametrize("arguments", [
    pytest.param([], id="nothing said"),
    pytest.param(["--failed", "--stale"], id="two things said"),
    pytest.param(["--stalled", "--file", "x"], id="stalled of a file"),
    pytest.param(["--failed", "--job-type", "pfd"], id="unknown type"),
    pytest.param(["--file", "no such file"], id="unknown file"),
])
def test_requeue_refuses_what_it_cannot_do(command: Command, arguments: list[str]) -> None:
    ran = command("requeue", *arguments)

    assert ran.status == 2
    assert ran.err.count("\n") == 1


# ---- pause, cap, drain -------------------------------------------------------------------------------------------


def test_a_paused_type_is_shown_and_resumed(command: Command, conn: Connection) -> None:
    assert command("pause", "pdf").status == 0
    assert conn.execute("SELECT paused FROM job_types WHERE job_type = 'pdf'").fetchone() == (True,)
    assert "paused" in command("status").out
    assert command("resume", "pdf").status == 0
    assert conn.execute("SELECT paused FROM job_types WHERE job_type = 'pdf'").fetchone() == (False,)


def test_a_cap_is_set_and_lifted(command: Command, conn: Connection) -> None:
    assert command("cap", "dxf", "20").status == 0
    assert conn.execute("SELECT max_concurrent FROM job_types WHERE job_type = 'dxf'").fetchone() == (20,)
    assert "cap 20" in command("status").out
    assert command("cap", "dxf", "none").status == 0
    assert conn.execute("SELECT max_concurrent FROM job_types WHERE job_type = 'dxf'").fetchone() == (None,)


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_cap_that_is_none_is_refused(command: Command, number: str) -> None:
    assert command("cap", "--", "dxf", number).status == 2


@pytest.mark.parametrize("arguments", [["pause", "pfd"], ["resume", "pfd"], ["cap", "pfd", "3"]])
def test_an_unknown_type_is_met_with_the_near_one(command: Command, arguments: list[str]) -> None:
    ran = command(*arguments)

    assert ran.status == 2
    assert "did you mean pdf?" in ran.err


def test_drain_asks_the_workers_of_a_machine_and_names_the_machines_otherwise(command: Command, conn: Connection) -> None:
    add_worker(conn, "vm1")
    assert "vm1" in command("drain", "vm7").err
    assert command("drain", "vm1").status == 0
    assert conn.execute("SELECT drain FROM workers").fetchone() == (True,)


# ---- lineage -----------------------------------------------------------------------------------------------------


def test_lineage_leads_from_a_file_to_its_rows(command: Command, finished: Path) -> None:
    ran = command("lineage", "DM-1001.pdf")

    for words in ("P-2041 Gearbox/drawings/DM-1001.pdf", "extracted", "job ", "pdf-3", "1 pages", "drawing_number"):
        assert words in ran.out


def test_lineage_of_a_file_in_two_places_shows_both(command: Command, conn: Connection, finished: Path) -> None:
    blob = conn.execute("SELECT blob_id FROM blob_inventory WHERE status = 'duplicate'").fetchone()
    assert blob is not None
    document = command("lineage", str(blob[0]), "--json").document

    assert [place["status"] for place in document["places"]] == ["extracted", "duplicate"]
    assert document["rows"]["pages"] == 1
    assert document["rows"].keys() >= {"fields", "dimensions", "annotations", "materials", "parameters", "bom_rows", "blocks", "outlines"}
    assert document["rows"]["materials"] == 1
    assert document["jobs"][0]["status"] == "completed"


def test_lineage_of_a_dead_letter_says_why(command: Command, finished: Path) -> None:
    ran = command("lineage", "DM-1004 locked.pdf")

    assert "encrypted" in ran.out
    assert "password" in ran.out


def test_show_tells_everything_that_was_read_with_its_place(command: Command, finished: Path) -> None:
    ran = command("show", "DM-1001.pdf")

    for words in ("P-2041 Gearbox/drawings/DM-1001.pdf", "PDF, 1 pages", "drawing_number", "DM-1001", "dimensions", "page 1 [",
                  "record of group"):
        assert words in ran.out
    document = command("show", "DM-1001.pdf", "--json").document
    assert {row["field"] for row in document["fields"]} >= {"drawing_number", "title", "revision"}
    assert all(len(row["bbox"]) == 4 for row in document["fields"] + document["dimensions"])
    assert document["record"]["drawing_number"] == "DM-1001"
    assert document["record"]["fields"]["drawing_number"]["source"]["file"].startswith("P-2041 Gearbox/")


def test_show_leaves_out_what_is_too_much_and_says_so(command: Command, finished: Path) -> None:
    short, full = command("show", "DM-1001.pdf", "--rows", "2").out, command("show", "DM-1001.pdf", "--rows", "0").out

    assert "more; --rows 0 shows all" in short
    assert "more; --rows 0" not in full
    assert len(full.splitlines()) > len(short.splitlines())


def test_show_of_a_duplicate_shows_the_values_of_the_file_that_bears_them(command: Command, conn: Connection, finished: Path) -> None:
    blob = conn.execute("SELECT blob_id FROM blob_inventory WHERE status = 'duplicate'").fetchone()
    assert blob is not None
    assert command("show", str(blob[0]), "--json").document["fields"]


def test_show_of_an_unread_file_says_so(command: Command, finished: Path) -> None:
    assert "nothing was read out of it" in command("show", "DM-1004 locked.pdf").out


def test_several_files_of_one_name_are_listed(command: Command, finished: Path) -> None:
    ran = command("lineage", "DM-1005.pdf")

    assert "several files match" in ran.out
    assert ran.out.count("DM-1005.pdf") == 2


def test_a_file_that_is_not_there_is_wrong_usage(command: Command, finished: Path) -> None:
    assert command("lineage", "nothing.pdf").status == 2


# ---- the long-running worker, the database itself ----------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGTERM to one process")
@pytest.mark.parametrize("end", ["signal", "drain"])
def test_a_worker_takes_what_is_queued_later_and_ends_well_when_asked(
        start: Start, command: Command, conn: Connection, finished: Path, end: str) -> None:
    working = start("worker", "--job-types", "pdf")
    eventually(lambda: conn.execute("SELECT count(*) FROM workers WHERE state = 'running'").fetchone() == (1,))
    command("requeue", "--failed")
    eventually(lambda: job_states(conn).get("failed") == 2)
    if end == "signal":
        working.send_signal(signal.SIGTERM)
    else:
        command("drain", socket.gethostname())

    assert working.wait(40) == 0
    assert conn.execute("SELECT count(*) FROM workers WHERE state = 'stopped'").fetchone() != (0,)


def test_a_worker_for_an_unknown_type_is_refused(command: Command, finished: Path) -> None:
    assert command("worker", "--job-types", "pfd").status == 2


def test_db_url_prints_the_url_and_nothing_else(command: Command, database_url: str) -> None:
    assert command("db-url").out == database_url + "\n"


def test_db_stop_leaves_a_server_of_ones_own_alone(command: Command) -> None:
    ran = command("db-stop")

    assert ran.status == 0
    assert "left running" in ran.out
