"""`export` and `sweep` as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.database import Connection
from pipeline.storage.folder_sink import FolderSink
from tests.acceptance.conftest import Command
from tests.outputs import held_jobs, key_of, lines_of, make


@pytest.fixture
def sink(tmp_path: Path) -> FolderSink:
    """Where the commands look: DATA_DIR/outputs."""
    return FolderSink(tmp_path / "data" / "outputs")


def test_export_and_sweep_without_any_outputs(command: Command, conn: Connection, tmp_path: Path) -> None:
    ran = command("export", "chunks", "--out", str(tmp_path / "chunks"))
    assert (ran.status, ran.err) == (0, "")
    assert "nothing new" in ran.out
    ran = command("sweep")
    assert (ran.status, ran.err) == (0, "")
    assert "0 outputs" in ran.out


def test_export_says_what_it_wrote_and_goes_on_next_time(command: Command, conn: Connection, sink: FolderSink, tmp_path: Path) -> None:
    for job in held_jobs(conn, 2):
        make(conn, sink, job)
    ran = command("export", "chunks", "--json")
    assert ran.status == 0
    folder = tmp_path / "data" / "exports" / "chunks"
    assert ran.document["folder"] == str(folder)
    assert (ran.document["export"]["rows"], ran.document["export"]["documents"]) == (4, 2)
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["cursor"] == ran.document["cursor"]
    assert command("export", "chunks", "--json").document["export"] is None
    added, = held_jobs(conn)
    make(conn, sink, added)
    assert "2 chunks of 1 documents in 1 files" in command("export", "chunks").out


def test_a_stream_ends_with_the_cursor_for_the_next_one(process: Command, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    make(conn, sink, held, ["one", "zwei ü\nand more"])
    ran = process("export", "chunks", "--out", "-")
    assert ran.status == 0
    assert ran.out.encode() == lines_of(held, ["one", "zwei ü\nand more"])
    cursor = ran.err.split("--since ")[1].strip()
    ran = process("export", "chunks", "--out", "-", "--since", cursor)
    assert (ran.status, ran.out) == (0, "")


@pytest.mark.parametrize(("arguments", "said"), [
    (["--since", "yesterday"], "neither a date"), (["--out", "-", "--json"], "JSON lines and nothing else"),
    (["--out", "-", "--format", "csv"], "JSON lines and nothing else"), (["--tenant", "me"], "UUID"), (["--format", "xml"], "xml")])
def test_wrong_options_are_said(command: Command, conn: Connection, arguments: list[str], said: str) -> None:
    ran = command("export", "chunks", *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_sweep_names_what_is_missing_and_its_mend(command: Command, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 2)
    lost, _ = (make(conn, sink, job) for job in held)
    sink.delete([lost])

    ran = command("sweep", "--dry-run")
    assert ran.status == 1
    assert lost in ran.out
    assert "sweep --mend" in ran.out
    ran = command("export", "chunks")
    assert ran.status == 3
    assert lost in ran.err

    ran = command("sweep", "--mend")
    assert ran.status == 0
    assert "1 files will be read again" in ran.out
    assert command("sweep").status == 0
    assert command("export", "chunks", "--json").document["export"]["documents"] == 1


def test_sweep_in_json(command: Command, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    sink.put(key_of(held), b"{}\n")
    found = command("sweep", "--json").document
    assert (found["listed"], found["kept_open"], found["orphans"], found["dry_run"]) == (1, 1, 0, False)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_an_export_killed_by_the_system_goes_on(start: Callable[..., subprocess.Popen[str]], command: Command, conn: Connection,
                                                sink: FolderSink, tmp_path: Path) -> None:
    held = held_jobs(conn, 40)
    for job in held:
        make(conn, sink, job)
    folder = tmp_path / "chunks"
    running = start("export", "chunks", "--out", str(folder), "--rows", "2")
    deadline = time.monotonic() + 60
    while not (folder / "part-000005.jsonl").exists() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert command("export", "chunks", "--out", str(folder), "--rows", "2").status == 0
    parts = sorted(folder.glob("part-*.jsonl"))
    assert b"".join(path.read_bytes() for path in parts) == b"".join(lines_of(job, ["one", "two"]) for job in held)
    assert not [name for name in os.listdir(folder) if "partial" in name or name.endswith(".tmp")]
