"""Step A2 as the pipeline runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from phases.A2_inventory import run
from phases.step import Context
from pipeline.config import Settings
from pipeline.database import Connection, Database
from pipeline.errors import ConfigError
from pipeline.worker.stop import StopSignal


def context(database: Database, tmp_path: Path, source: Path | str, **options: Any) -> Context:
    settings = Settings.load(None, {}, source_url=str(source), data_dir=str(tmp_path / "source" / "data"))
    return Context(settings, database, StopSignal(), **options)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "data").mkdir(parents=True)
    return folder


def test_files_are_synced_and_linked_and_our_own_data_is_left_out(
        database: Database, conn: Connection, tmp_path: Path, source: Path) -> None:
    (source / "1234 Bracket.pdf").write_bytes(b"%PDF-1.4\n")
    (source / "1234 Bracket.dxf").write_bytes(b"0\nSECTION\n2\nHEADER\n")
    (source / "data" / "embedded.pdf").write_bytes(b"%PDF-1.4\nours")
    report = run(context(database, tmp_path, source))
    assert report.figures["new"] == 2
    assert conn.execute("SELECT count(*), count(DISTINCT group_id) FROM document_group_members").fetchone() == (2, 1)


def test_a_renamed_file_is_linked_by_its_new_name(database: Database, conn: Connection, tmp_path: Path, source: Path) -> None:
    (source / "1234.pdf").write_bytes(b"%PDF-1.4\n")
    (source / "5678.dxf").write_bytes(b"0\nSECTION\n2\nHEADER\n")
    run(context(database, tmp_path, source))
    (source / "1234.pdf").rename(source / "5678.pdf")
    assert run(context(database, tmp_path, source)).figures["moved"] == 1
    assert conn.execute("SELECT count(*), count(DISTINCT group_id) FROM document_group_members").fetchone() == (2, 1)


def test_an_empty_folder_is_said_to_be_empty(database: Database, tmp_path: Path, source: Path) -> None:
    report = run(context(database, tmp_path, source))
    assert report.figures["files"] == 0
    assert any("holds no files" in note for note in report.notes)


def test_without_a_source_and_an_inventory_there_is_nothing_to_read(database: Database, tmp_path: Path, source: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to read: name a folder with --source"):
        run(context(database, tmp_path, ""))


def test_without_a_source_the_known_files_are_linked(database: Database, tmp_path: Path, source: Path) -> None:
    (source / "a.pdf").write_bytes(b"%PDF-1.4\n")
    run(context(database, tmp_path, source))
    report = run(context(database, tmp_path, ""))
    assert "linking" in report.figures
    assert any("no source named" in note for note in report.notes)


def test_a_dry_run_changes_nothing(database: Database, conn: Connection, tmp_path: Path, source: Path) -> None:
    (source / "a.pdf").write_bytes(b"%PDF-1.4\n")
    assert run(context(database, tmp_path, source, dry_run=True)).figures["new"] == 1
    assert conn.execute("SELECT count(*) FROM blob_inventory").fetchone() == (0,)
