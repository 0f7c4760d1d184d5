"""`worker --sync-every`: files that come, change, move and go while it runs end right without any command."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from pipeline.database import Connection
from tests.acceptance.conftest import Command
from tests.acceptance.test_phases import eventually

Start = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops one process with SIGTERM")

SENTENCE = "The gearbox housing is bolted to the frame with eight hexagon head screws. "


def drawing(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), words)
        document.save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for number in range(4):
        drawing(root / f"{number}.pdf", f"drawing number {number}")
    (root / "notes.txt").write_text(SENTENCE * 3, encoding="utf-8")
    return root


def states(conn: Connection) -> dict[str, str]:
    return dict(conn.execute("SELECT blob_key, status FROM blob_inventory").fetchall())


def chunks(conn: Connection, key: str) -> str:
    rows = conn.execute("SELECT search_text FROM chunk_index JOIN blob_inventory USING (tenant_id, blob_id) WHERE blob_key = %s", (key,))
    return " ".join(text for (text,) in rows)


def become(conn: Connection, wanted: dict[str, str]) -> None:
    deadline = time.monotonic() + 60
    while states(conn) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert states(conn) == wanted


def test_files_that_come_change_move_and_go_end_right_without_any_command(start: Start, conn: Connection, folder: Path) -> None:
    working = start("worker", "--sync-every", "1s", "--source", str(folder))
    names = ["0.pdf", "1.pdf", "2.pdf", "3.pdf", "notes.txt"]
    become(conn, dict.fromkeys(names, "extracted"))

    drawing(folder / "sub" / "new.pdf", "a new drawing")
    (folder / "notes.txt").write_text("Tighten all screws crosswise. " * 4, encoding="utf-8")
    (folder / "1.pdf").rename(folder / "sub" / "moved.pdf")
    (folder / "2.pdf").unlink()
    become(conn, {"0.pdf": "extracted", "sub/moved.pdf": "extracted", "2.pdf": "deleted", "3.pdf": "extracted",
                  "sub/new.pdf": "extracted", "notes.txt": "extracted"})
    eventually(lambda: "crosswise" in chunks(conn, "notes.txt") and "a new drawing" in chunks(conn, "sub/new.pdf"))
    assert "hexagon" not in chunks(conn, "notes.txt")
    assert chunks(conn, "2.pdf") == ""

    working.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert working.wait(30) == 0
    assert time.monotonic() - began < 10


def test_refused_deletions_and_a_source_that_goes_away_are_logged_and_the_schedule_goes_on(
        start: Start, conn: Connection, folder: Path) -> None:
    working = start("worker", "--sync-every", "1s", "--source", str(folder))
    said = heard(working)
    names = ["0.pdf", "1.pdf", "2.pdf", "3.pdf", "notes.txt"]
    become(conn, dict.fromkeys(names, "extracted"))

    away = folder.with_name("away")
    folder.rename(away)
    folder.mkdir()
    eventually(lambda: refused(conn) == 5)
    folder.rmdir()
    eventually(lambda: any("inventory.sync_failed" in line for line in said))
    away.rename(folder)
    drawing(folder / "new.pdf", "a new drawing")
    become(conn, dict.fromkeys([*names, "new.pdf"], "extracted"))

    working.send_signal(signal.SIGTERM)
    assert working.wait(30) == 0
    assert any("inventory.deletions_refused" in line for line in said)


def heard(process: subprocess.Popen[str]) -> list[str]:
    """The lines of its log, as they come."""
    assert process.stderr is not None
    lines: list[str] = []
    threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True).start()
    return lines


def refused(conn: Connection) -> int:
    row = conn.execute("SELECT max((figures ->> 'deletions_refused')::integer) FROM inventory_runs").fetchone()
    return int(row[0] or 0) if row else 0


def runs(conn: Connection) -> int:
    row = conn.execute("SELECT coalesce(max(run_id), 0) FROM inventory_runs").fetchone()
    return int(row[0]) if row else 0


def test_two_workers_with_a_schedule_look_no_more_often_than_one(start: Start, conn: Connection, folder: Path) -> None:
    for _ in range(2):
        start("worker", "--sync-every", "2s", "--source", str(folder))
    eventually(lambda: runs(conn) >= 5, seconds=60)
    gaps = conn.execute("SELECT extract(epoch FROM started_at - lag(started_at) OVER (ORDER BY run_id))::float8 AS gap, "
                        "started_at < lag(finished_at) OVER (ORDER BY run_id) AS overlap FROM inventory_runs").fetchall()
    assert min(gap for gap, _ in gaps if gap is not None) > 1.9  # a transaction begins a little before it looks
    assert not any(overlap for _, overlap in gaps)


def test_a_span_that_is_none_is_refused_with_an_example(command: Command, folder: Path) -> None:
    ran = command("worker", "--sync-every", "soon", "--source", str(folder))

    assert ran.status == 2
    assert "write 30s, 15m, 1h, or seconds" in ran.err
