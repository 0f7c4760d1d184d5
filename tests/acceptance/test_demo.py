"""`demo`: the first command that a newcomer types."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from pipeline.database import Connection
from pipeline.embedded import EmbeddedServer
from tests.acceptance.conftest import Command, contents
from tests.conftest import discard

Start = Callable[..., subprocess.Popen[str]]


def test_the_demo_ends_well_and_shows_what_it_found_and_what_to_type_next(process: Command, tmp_path: Path) -> None:
    ran = process("demo", "--folder", str(tmp_path / "samples"))

    assert ran.status == 0, ran.err
    for words in ("Bearing flange", "EN-GJL-250", "42CrMo4+QT", "DM-1007 damaged.pdf", "encrypted", "same bytes as",
                  "PDF says S355J2+N, DXF says S235JR", "120 × 79 mm", "checkpoint a passed",
                  "checkpoint b passed", "python run_pipeline.py --phase all --source"):
        assert words in ran.out
    assert "Traceback" not in ran.err


def test_a_second_demo_changes_no_row_and_finds_the_same(command: Command, conn: Connection, tmp_path: Path) -> None:
    first = command("demo", "--folder", str(tmp_path / "samples"), "--json")
    assert first.status == 0, first.err
    before = contents(conn)
    second = command("demo", "--folder", str(tmp_path / "samples"), "--json")

    assert second.status == 0, second.err
    assert contents(conn) == before
    for changing in ("seconds", "steps"):
        assert first.document.pop(changing) != second.document.pop(changing)
    for ran in (first, second):  # checkpoint a is judged before B11 joins groups by what stands inside their files
        for joined in ("document_groups", "groups_to_review"):
            del ran.document["checkpoints"]["a"]["figures"][joined]
    assert first.document == second.document
    assert sum(first.document["files_by_status"].values()) == first.document["sample_files"]


def test_every_bad_file_ends_in_a_named_state(command: Command, tmp_path: Path) -> None:
    document = command("demo", "--folder", str(tmp_path / "samples"), "--json").document

    fates = {bad["blob_key"].rsplit("/", 1)[-1]: bad["failed_because"] or bad["status"] for bad in document["bad_files"]}
    assert fates == {"DM-1007 damaged.pdf": "corrupt", "DM-1004 locked.pdf": "encrypted", "DM-1005.pdf": "duplicate",
                     "FB-2107.pdf": "unsupported", "FB-2103.dxf": "duplicate", "FB-2102 repair.dxf": "extracted"}


def test_the_demo_keeps_its_hands_off_files_of_another_store_that_wait(
        command: Command, conn: Connection, files: Path, tmp_path: Path) -> None:
    assert command("--phase", "a", "--source", str(files)).status == 0
    ran = command("demo", "--folder", str(tmp_path / "samples"))

    assert ran.status == 2
    assert "files of your own wait" in ran.err
    assert conn.execute("SELECT count(*) FROM extraction_jobs").fetchone() == (0,)


def test_a_folder_that_cannot_be_written_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    ran = command("demo", "--folder", str(tmp_path / "file" / "below"))

    assert ran.status == 2
    assert "--folder" in ran.err


@pytest.mark.direct
def test_the_demo_brings_its_own_database_which_db_url_names_and_db_stop_stops(
        process: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", "")
    try:
        assert process("demo", "--json").status == 0
        url = process("db-url").out.strip()
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT count(*) > 30 FROM blob_inventory").fetchone() == (True,)
    finally:
        stopped = process("db-stop")
    assert stopped.out.startswith("stopped the database of")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=3)
    discard(EmbeddedServer(tmp_path / "data"))


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_on_a_terminal_progress_goes_to_standard_error_and_json_stays_alone(
        settings_in_environment: None, tmp_path: Path) -> None:
    import os
    import pty

    (tmp_path / "empty").mkdir()
    master, slave = pty.openpty()
    command = [sys.executable, "run_pipeline.py", "--phase", "a", "--source", str(tmp_path / "empty"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, encoding="utf-8") as running:
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end has gone
            while part := os.read(master, 4096):
                shown += part
        out = running.communicate(timeout=60)[0]
    os.close(master)

    assert running.returncode == 1  # an empty folder
    assert json.loads(out)["exit_status"] == 1
    assert b"A6  Report" in shown
