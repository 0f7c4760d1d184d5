"""Step B7 draws the sheets in a child process, and says so where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutants import queue_files, run_worker
from phases import B7_extraction_report
from phases.step import Context, StepReport
from pipeline.database import Connection, Database
from pipeline.worker.stop import StopSignal
from tests.factories import settings
from tests.unit.extract.drawings import ENGLISH, draw_cells, dxf_bytes, new_dxf, pdf_of


@pytest.fixture
def folder(database: Database, conn: Connection, tmp_path: Path) -> Path:
    """A folder with two sheets, which have been extracted."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "one.pdf").write_bytes(pdf_of([lambda page: draw_cells(page, ENGLISH)]))
    document = new_dxf()
    document.modelspace().add_linear_dim(base=(0, 20), p1=(0, 0), p2=(80, 0)).render()
    (files / "two.dxf").write_bytes(dxf_bytes(document))
    queue_files(conn, files)
    run_worker(database, settings(tmp_path, files, ocr="off"))
    return files


def run(database: Database, tmp_path: Path, files: Path, **overrides: str) -> tuple[StepReport, str]:
    """The step's report, and the page that it wrote."""
    configured = settings(tmp_path, files, **overrides)
    report = B7_extraction_report.run(Context(configured, database, StopSignal()))
    page = configured.report_dir / "quality_page.html"
    return report, page.read_text(encoding="utf-8") if page.exists() else ""


def test_the_page_shows_each_sheet_with_its_picture_and_boxes(database: Database, tmp_path: Path, folder: Path) -> None:
    report, page = run(database, tmp_path, folder)
    assert page.count("<section") == 2
    assert page.count("data:image/png;base64,") == 2
    assert "drawing_number = DM-1042-03" in page
    assert 'class="b0 dimension' in page
    assert report.notes[-1].startswith("look at 2 sheets in ")
    assert list((tmp_path / "data" / "tmp").iterdir()) == []


def test_files_that_are_gone_changed_or_kill_their_reader_are_named_and_the_others_shown(
        database: Database, tmp_path: Path, folder: Path) -> None:
    (folder / "one.pdf").unlink()
    assert "No picture: the file is no longer at its place." in run(database, tmp_path, folder)[1]

    (folder / "one.pdf").write_bytes(b"something else")
    page = run(database, tmp_path, folder)[1]
    assert "No picture: the file has changed since it was read." in page
    assert page.count("data:image/png;base64,") == 1


def test_a_picture_that_takes_too_long_costs_only_itself(
        database: Database, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.worker.pictures.SECONDS", 0.0)
    page = run(database, tmp_path, folder)[1]
    assert page.count("No picture: it cannot be drawn (timeout).") == 2


def test_time_for_all_pictures_is_bounded(
        database: Database, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(B7_extraction_report, "SECONDS", -1.0)
    report, page = run(database, tmp_path, folder)
    assert report.notes[-1].endswith("; 2 more were left out, as time ran short")
    assert "No sheets to show." in page


def test_there_is_no_page_where_none_is_wanted_or_the_files_are_out_of_reach(database: Database, tmp_path: Path, folder: Path) -> None:
    assert run(database, tmp_path, folder, quality_sheets="0")[1] == ""
    report, page = run(database, tmp_path, Path(), source_url="")
    assert report.notes[-1] == "no quality page: its pictures need the files; name the folder with --source"
    assert page == ""
    page = run(database, tmp_path, folder, source_name="elsewhere")[1]
    assert page.count("No picture: it lies in the store main.") == 2
