"""Commands as a user types them, on a handful of files and a database of the test's own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest

from commands import root
from pipeline.demo import write_sample_files
from tests import conftest as database_fixtures

REPOSITORY = Path(__file__).resolve().parents[2]

# A bit of everything: two groups, a file in two places, and one of each fault.
SMALL = (
    "README.txt", "P-2041 Gearbox/drawings/DM-1001.pdf", "P-2041 Gearbox/cad/DM-1001_revB.dxf",
    "P-2041 Gearbox/drawings/DM-1005.pdf", "P-2077 Conveyor/supplier/DM-1005.pdf",
    "P-2041 Gearbox/cad/DM-1003.step", "P-2041 Gearbox/incoming/DM-1007 damaged.pdf",
    "P-2041 Gearbox/incoming/DM-1004 locked.pdf", "P-2077 Conveyor/incoming/FB-2107.pdf",
)


def _hear_ctrl_c() -> None:
    """A shell script that starts the tests in its background makes them, and their children, deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


hear_ctrl_c = None if sys.platform == "win32" else _hear_ctrl_c


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @cached_property
    def document(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_sample_files(folder)
    return folder


@pytest.fixture
def files(samples: Path, tmp_path: Path) -> Path:
    """The small set in a folder of its own."""
    return copy_small(samples, tmp_path / "files")


def copy_small(samples: Path, folder: Path) -> Path:
    for name in SMALL:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(samples / name, folder / name)
    return folder


def environment(url: str, data_dir: Path) -> dict[str, str]:
    return {"DRAFTMILL_DB_URL": url, "DRAFTMILL_DATA_DIR": str(data_dir), "DRAFTMILL_WORKERS": "2",
            "DRAFTMILL_DB_WAIT_SECONDS": "20", "DRAFTMILL_MIN_FREE_DISK_MB": "1",
            "DRAFTMILL_HEARTBEAT_SECONDS": "0.5"}


@pytest.fixture
def settings_in_environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(database_url, tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(REPOSITORY)


@pytest.fixture
def command(settings_in_environment: None, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs a command in this process, which is fast; its signal handlers and its log set-up are taken back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    log = logging.getLogger()
    before, level = list(log.handlers), log.level

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        status = root.run(arguments)
        found = capsys.readouterr()
        return Ran(status, found.out, found.err)

    yield run
    log.handlers, log.level = before, level
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def process(settings_in_environment: None) -> Command:
    """Runs a command as a process of its own, and waits for its end."""

    def run(*arguments: str) -> Ran:
        done = subprocess.run([sys.executable, *(arguments if arguments[0] == "-m" else ("run_pipeline.py", *arguments))],
                              cwd=REPOSITORY, capture_output=True, encoding="utf-8", timeout=120)
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def start(settings_in_environment: None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command as a process; what still runs at the test's end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        begun = subprocess.Popen([sys.executable, "run_pipeline.py", *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE,
                                 preexec_fn=hear_ctrl_c,  # noqa: PLW1509  nothing here has threads

                                 stderr=subprocess.PIPE, encoding="utf-8")
        started.append(begun)
        return begun

    yield begin
    for begun in started:
        if begun.poll() is None:
            begun.kill()
        begun.communicate()


@pytest.fixture(scope="session")
def finished_template(
        server_url: str, template: str, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Name of a database on which all phases have run, and the folder of its files."""
    folder = copy_small(samples, tmp_path_factory.mktemp("finished") / "files")
    name = f"finished_{uuid.uuid4().hex[:12]}"
    database_fixtures._administer(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    url = database_fixtures._with_database(server_url, name)
    given = {variable: value for variable, value in os.environ.items() if not variable.startswith("DRAFTMILL_")}
    given |= environment(url, folder.parent / "data")
    done = subprocess.run([sys.executable, "run_pipeline.py", "--phase", "all", "--source", str(folder)], cwd=REPOSITORY,
                          env=given, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return name, folder


@pytest.fixture
def direct_url(server_url: str, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """As everywhere, a fresh and migrated database; for tests that ask for `finished`, one on which all phases have run."""
    wanted = request.getfixturevalue("finished_template")[0] if "finished" in request.fixturenames else template
    name = f"t_{uuid.uuid4().hex[:12]}"
    database_fixtures._administer(server_url, "CREATE DATABASE {} TEMPLATE {}", name, wanted)
    yield database_fixtures._with_database(server_url, name)
    database_fixtures._drop(server_url, name)


@pytest.fixture
def finished(finished_template: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """All phases have run on the test's database; returns the folder of its files."""
    monkeypatch.setenv("DRAFTMILL_SOURCE_URL", str(finished_template[1]))
    return finished_template[1]


def contents(conn: psycopg.Connection[Any]) -> dict[str, Any]:
    """What a second run must leave as it is: the rows themselves, by their physical place for the large tables."""
    tables = ("blob_inventory", "extraction_jobs", "document_groups", "document_group_members", "documents", "document_pages",
              "extracted_metadata", "extracted_dimensions", "extracted_annotations", "extracted_materials", "extracted_parameters",
              "extracted_bom_items", "extracted_blocks", "extracted_outlines", "document_records", "document_conflicts")
    found: dict[str, Any] = {}
    for table in tables:
        one = "md5((to_jsonb(t) - 'last_seen_run')::text)"
        columns = f"count(*), md5(string_agg({one}, '' ORDER BY {one}))"
        found[table] = conn.execute(f"SELECT {columns} FROM {table} AS t").fetchone()
    return found
