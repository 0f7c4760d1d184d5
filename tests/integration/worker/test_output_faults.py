"""Kill a worker between writing outputs and committing them: no row without its file, no file that the sweep does not find."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.inventory.stale import queue_needed
from pipeline.inventory.sync import sync
from pipeline.outputs.names import parse_key
from pipeline.outputs.sweep import sweep_outputs
from pipeline.storage import open_source
from pipeline.storage.folder_sink import FolderSink
from pipeline.worker.handlers import needs, readable_mime_types
from pipeline.worker.stop import StopSignal
from tests.factories import settings, write_files

ROOT = Path(__file__).resolve().parents[3]
FILES = {f"note {number}.md": f"# Note {number}\n\nThe bearing number {number} is greased every month." for number in range(6)}


class Yard:
    """One folder of notes, one output folder, and workers that can be held and killed."""

    def __init__(self, database: Database, url: str, tmp_path: Path) -> None:
        self.database, self.url = database, url
        self.settings = settings(tmp_path, tmp_path / "files")
        self.sink = FolderSink(self.settings.data_dir / "outputs")
        self.processes: list[subprocess.Popen[str]] = []
        write_files(tmp_path / "files", FILES)

    def queue(self, conn: Connection) -> None:
        sync(self.database, open_source(self.settings.source_url), tenant_id=DEFAULT_TENANT, store="main",
             readable=readable_mime_types(self.settings), stop=StopSignal())
        with conn.transaction():
            for need in needs(self.settings):
                queue_needed(conn, need, tenant_id=DEFAULT_TENANT, max_attempts=3)

    def start(self, *, hold: str = "") -> subprocess.Popen[str]:
        request = {"settings": given(self.settings), "url": self.url, "hold": hold}
        process = subprocess.Popen([sys.executable, "-m", "tests.outputs_process", json.dumps(request)], cwd=ROOT, text=True,
                                   encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    def run_and_kill(self, hold: str) -> None:
        process = self.start(hold=hold)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        process.kill()
        process.communicate()

    def run_to_the_end(self) -> dict[str, Any]:
        process = self.start()
        out, errors = process.communicate(timeout=90)
        assert process.returncode == 0, errors
        tally: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
        return tally

    def files(self) -> set[str]:
        return {entry.key for entry in self.sink.list()}

    def sweep(self) -> int:
        return sweep_outputs(self.database, self.sink, keep_superseded=timedelta(days=30)).orphans


def given(configured: Settings) -> dict[str, str]:
    return {"data_dir": str(configured.data_dir), "source_url": configured.source_url, "workers": "2", "heartbeat_seconds": "0.2",
            "stall_timeout_seconds": "3", "min_free_disk_mb": "1"}


def registered(conn: Connection) -> set[str]:
    return {row[0] for row in conn.execute("SELECT output_blob_key FROM extraction_outputs")}


@pytest.fixture
def yard(database: Database, database_url: str, tmp_path: Path) -> Iterator[Yard]:
    made = Yard(database, database_url, tmp_path)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("hold", ["half", "written"])
def test_outputs_of_a_worker_that_was_killed_before_its_commit_are_swept_and_all_files_are_done_once(
        yard: Yard, conn: Connection, hold: str) -> None:
    yard.queue(conn)
    yard.run_and_kill(hold)
    written = yard.files()
    assert written
    assert registered(conn) <= written, "a row is without its file"

    yard.run_to_the_end()

    assert dict(conn.execute("SELECT status, count(*) FROM extraction_jobs WHERE job_type = 'text' GROUP BY status").fetchall()) == {
        "completed": len(FILES)}
    assert registered(conn) <= yard.files(), "a row is without its file"
    orphans = yard.files() - registered(conn)
    assert orphans
    assert all(name is not None and name.attempt == 1 for name in map(parse_key, orphans))
    assert yard.sweep() == len(orphans)
    assert yard.files() == registered(conn)
    assert conn.execute("SELECT count(*), count(DISTINCT blob_id) FROM chunk_index").fetchone() == (len(FILES), len(FILES))


def test_a_sweep_while_a_worker_holds_written_outputs_leaves_them_for_its_commit(yard: Yard, conn: Connection) -> None:
    yard.queue(conn)
    process = yard.start(hold="written")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"

    assert yard.sweep() == 0

    assert yard.files()
    process.kill()
