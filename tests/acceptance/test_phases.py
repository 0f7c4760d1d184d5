"""`--phase`: from a folder to a database, again and again, and stopped on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from phases.step import Context, Step, StepReport
from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection
from tests.acceptance.conftest import SMALL, Command, contents

Start = Callable[..., subprocess.Popen[str]]


def eventually(question: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def job_states(conn: Connection) -> dict[str, int]:
    return dict(conn.execute("SELECT status, count(*) FROM extraction_jobs GROUP BY status").fetchall())


def many_pdfs(folder: Path, count: int) -> Path:
    """Small PDFs with different words, 30 pages each: long enough in hand to be interrupted."""
    folder.mkdir()
    for number in range(count):
        with pymupdf.open() as document:
            for page in range(30):
                document.new_page().insert_text((72, 72), f"file {number} page {page}")
            document.save(folder / f"{number}.pdf")
    return folder


def test_all_phases_end_with_every_file_in_a_named_state_and_one_json_document(process: Command, files: Path) -> None:
    ran = process("--phase", "all", "--source", str(files), "--json")

    assert ran.status == 0, ran.err
    document = ran.document
    assert document["exit_status"] == 0
    assert [step["step"] for step in document["steps"]][:3] == ["A1", "A2", "A3"]
    assert [step["step"] for step in document["steps"]][-1] == "B7"
    assert {name: result["passed"] for name, result in document["checkpoints"].items()} == {"a": True, "b": True}
    by_status = document["checkpoints"]["b"]["figures"]["files_by_status"]
    assert sum(by_status.values()) == len(SMALL)
    assert by_status == {"extracted": 4, "failed": 2, "duplicate": 1, "unsupported": 2}


def test_a_second_run_changes_no_row(command: Command, conn: Connection, finished: Path) -> None:
    before = contents(conn)
    ran = command("--phase", "all", "--source", str(finished))

    assert ran.status == 0, ran.err
    assert contents(conn) == before


def test_the_screen_says_what_was_done_and_what_comes_next(command: Command, files: Path) -> None:
    ran = command("--phase", "a", "--source", str(files))

    assert "A6  Report how files were linked" in ran.out
    assert "checkpoint a passed" in ran.out
    assert "next: python run_pipeline.py status" in ran.out


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(command: Command, conn: Connection, files: Path) -> None:
    assert command("--phase", "a", "--source", str(files)).status == 0
    (files / "new.pdf").write_bytes((files / SMALL[1]).read_bytes() + b"\n")
    before = contents(conn)
    ran = command("--phase", "all", "--source", str(files), "--dry-run", "--json")

    assert ran.status == 0, ran.err
    steps = {step["step"]: step["figures"] for step in ran.document["steps"]}
    assert steps["A2"]["new"] == 1
    assert steps["B2"]["pdf"] > 0
    assert ran.document["checkpoints"] == {}
    assert contents(conn) == before
    assert conn.execute("SELECT count(*) FROM inventory_runs").fetchone() == (1,)


def test_a_dry_run_on_an_empty_database_says_that_the_schema_comes_first(
        command: Command, empty_url: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", empty_url)
    ran = command("--phase", "all", "--source", str(files), "--dry-run", "--json")

    assert ran.status == 0, ran.err
    assert ran.document["steps"][0]["figures"]["pending"] > 0
    assert ran.document["not_run"][0] == "A2"


def test_a_dry_run_makes_no_database(command: Command, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", "")
    ran = command("--phase", "all", "--source", str(files), "--dry-run")

    assert ran.status == 2
    assert "a dry run makes none" in ran.err
    assert not (tmp_path / "data").exists()


def test_a_trial_run_takes_no_more_files_than_asked_for(command: Command, conn: Connection, files: Path) -> None:
    ran = command("--phase", "all", "--source", str(files), "--limit", "4")

    assert ran.status == 0, ran.err
    assert conn.execute("SELECT count(*) FROM blob_inventory").fetchone() == (4,)


def test_a_step_runs_by_itself_as_a_module(process: Command, finished: Path) -> None:
    ran = process("-m", "phases.B2_queue_jobs", "--json")

    assert ran.status == 0, ran.err
    assert [step["step"] for step in ran.document["steps"]] == ["B2"]


def test_worker_steps_asked_for_together_report_each_for_itself(command: Command, conn: Connection, files: Path) -> None:
    assert command("--phase", "a,B2", "--source", str(files)).status == 0
    ran = command("--phase", "B3,B4", "--source", str(files), "--json")

    assert ran.status == 0, ran.err
    figures = {step["step"]: step["figures"] for step in ran.document["steps"]}
    assert (figures["B3"]["completed"], figures["B3"]["failed"], figures["B4"]["completed"]) == (2, 2, 1)
    assert conn.execute("SELECT count(DISTINCT worker_id) FROM workers").fetchone() == (1,)


# ---- wrong input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "words"), [
    pytest.param(["--phase", "B33"], "did you mean B3?", id="wrong phase"),
    pytest.param(["--phase", "d"], "phase d has no step in this release", id="a phase of a later release"),
    pytest.param([], "say what to do", id="nothing"),
    pytest.param(["--phase", "all"], "--source", id="no source"),
    pytest.param(["--phase", "all", "--source", "/no/such/folder"], "folder does not exist", id="missing source"),
    pytest.param(["--phase", "a", "--workers", "none"], "--workers", id="no number"),
    pytest.param(["--phase", "a", "--wrokers", "2"], "--workers", id="unknown option"),
    pytest.param(["--phase", "a", "status"], "two commands", id="two commands"),
    pytest.param(["statsu"], "statsu", id="unknown command"),
    pytest.param(["--phase", "a", "--config", "/no/such/config.txt"], "config.txt does not exist", id="no config"),
])
def test_wrong_usage_is_one_clear_line_and_status_2(command: Command, arguments: list[str], words: str) -> None:
    ran = command(*arguments)

    assert ran.status == 2
    assert words in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("text", "words"), [
    pytest.param("# a comment\n\nWROKERS=4\n", ["config.txt line 3", "did you mean WORKERS?"], id="unknown key"),
    pytest.param("WORKERS=ten\n", ["config.txt line 1", '"ten"', "WORKERS=4"], id="malformed value"),
    pytest.param("WORKERS\n", ["config.txt line 1", "KEY=VALUE"], id="no equals sign"),
])
def test_a_wrong_settings_file_is_named_with_line_value_and_a_right_example(
        command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: list[str]) -> None:
    monkeypatch.delenv("DRAFTMILL_WORKERS")
    (tmp_path / "config.txt").write_text(text, encoding="utf-8")
    ran = command("--phase", "a", "--config", str(tmp_path / "config.txt"))

    assert ran.status == 2
    assert [word for word in words if word not in ran.err] == []


def test_a_fault_is_one_document_too_where_json_is_asked_for(command: Command) -> None:
    ran = command("--phase", "nothing", "--json")

    assert ran.status == 2
    assert ran.document["exit_status"] == 2
    assert "no phase" in ran.document["error"]


def test_an_empty_folder_fails_the_checkpoint_and_says_why(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = command("--phase", "all", "--source", str(tmp_path / "empty"))

    assert ran.status == 1
    assert "holds no files" in ran.out
    assert "checkpoint a FAILED" in ran.out
    assert "checkpoint b passed" in ran.out  # a failed checkpoint does not stop the rest


def test_a_database_out_of_reach_is_status_3(command: Command, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", "postgresql://user:secret@127.0.0.1:1/none")
    monkeypatch.setenv("DRAFTMILL_DB_WAIT_SECONDS", "0")
    ran = command("--phase", "a", "--source", str(files))

    assert ran.status == 3
    assert "127.0.0.1:1" in ran.err
    assert "secret" not in ran.err


def test_a_database_that_lacks_the_schema_names_the_step_that_makes_it(
        command: Command, empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", empty_url)
    ran = command("--phase", "B2")

    assert ran.status == 2
    assert "--phase A1" in ran.err


@pytest.mark.parametrize(("level", "traceback"), [("INFO", False), ("DEBUG", True)])
def test_a_fault_of_ours_is_status_4_and_its_traceback_a_matter_of_the_log_level(
        command: Command, files: Path, monkeypatch: pytest.MonkeyPatch, level: str, traceback: bool) -> None:
    def broken(step: Step, context: Context) -> StepReport:
        raise KeyError(DEFAULT_TENANT)

    monkeypatch.setattr(Step, "run", broken)
    monkeypatch.setenv("DRAFTMILL_LOG_LEVEL", level)
    ran = command("--phase", "B2")

    assert ran.status == 4
    assert "an error of ours: KeyError at commands/run_phases.py line" in ran.err
    assert ("File " in ran.err) is traceback
    assert DEFAULT_TENANT not in ran.err


# ---- stopping and waiting --------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
def test_ctrl_c_finishes_what_is_in_hand_and_the_same_command_goes_on(
        start: Start, process: Command, conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_WORKERS", "1")
    source = str(many_pdfs(tmp_path / "many", 120))
    assert process("--phase", "a,B2", "--source", source).status == 0
    running = start("--phase", "B3,B8,B7", "--source", source, "--json")
    eventually(lambda: job_states(conn).get("completed", 0) > 0)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)

    assert running.returncode == 130
    assert '"not_run": [\n  "B7"\n ]' in out
    states = job_states(conn)
    assert states.get("processing", 0) == 0
    assert states["pending"] > 0
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs").fetchone() == (0,)
    assert process("--phase", "B3,B8,B7", "--source", source).status == 0
    assert job_states(conn) == {"completed": 3 * 120}  # each with its text and its vectors


def test_wait_goes_on_when_the_checkpoint_of_the_phase_before_has_passed(start: Start, conn: Connection, finished: Path) -> None:
    conn.execute("DELETE FROM checkpoints")
    waiting = start("--phase", "B2", "--wait", "--source", str(finished))
    assert waiting.stderr is not None
    assert "waiting for checkpoint a, which has not been checked yet" in waiting.stderr.readline()
    jobs.record_checkpoint(conn, tenant_id=DEFAULT_TENANT, name="a", passed=True, figures={}, by="test")

    assert waiting.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
def test_ctrl_c_ends_the_wait(start: Start, conn: Connection, finished: Path) -> None:
    conn.execute("DELETE FROM checkpoints")
    waiting = start("--phase", "b", "--wait", "--source", str(finished))
    assert waiting.stderr is not None
    waiting.stderr.readline()
    waiting.send_signal(signal.SIGINT)

    assert waiting.wait(30) == 130


def test_a_paused_type_is_said_and_waited_for(start: Start, command: Command, finished: Path) -> None:
    command("requeue", "--failed")
    command("pause", "pdf")
    waiting = start("--phase", "B3")
    assert waiting.stderr is not None
    assert 'job_type.paused  job_type=pdf until="python run_pipeline.py resume pdf"' in waiting.stderr.readline()
    assert waiting.poll() is None
    command("resume", "pdf")

    assert waiting.wait(30) == 0


# ---- names and files that every old share holds -------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
def test_odd_names_and_loops_and_misnamed_files_all_end_in_a_state(command: Command, samples: Path, tmp_path: Path) -> None:
    drawing = (samples / SMALL[1]).read_bytes()
    folder = tmp_path / "odd"
    deep = Path(*("d" * 100 + str(level) for level in range(10)))
    names = ["with blanks .pdf", "Ümläut 図面.pdf", "line\nbreak.pdf", "escape\x1b[2J.pdf", "-rf.pdf", "100%.pdf",
             "x" * 240 + ".pdf", str(deep / "deep.pdf"), "really a pdf.dxf"]
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(drawing + b"\n%%%d" % number)
    (folder / "empty.pdf").touch()
    (folder / "broken\x1b[2J\n.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    ran = command("--phase", "all", "--source", str(folder), "--json")

    assert ran.status == 0, ran.err
    states = ran.document["checkpoints"]["b"]["figures"]["files_by_status"]
    assert states == {"extracted": len(names), "failed": 1, "unsupported": 1}
    shown = command("status").out
    assert r"broken\x1b[2J\x0a.pdf" in shown
    assert "\x1b" not in shown
    assert command("lineage", "line*break.pdf").status == 0
