"""Scans through the real worker: the engine loads within a child's limits and the settings reach it."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from pipeline.database import Connection, Database
from pipeline.worker.handlers import HANDLERS
from tests.factories import add_files, make_worker, settings, write_files


def scan(text: str) -> bytes:
    written = pymupdf.open()
    written.new_page(width=300, height=150).insert_text((40, 80), text, fontsize=20)
    copy = pymupdf.open()
    page = copy.new_page(width=300, height=150)
    page.insert_image(page.rect, pixmap=written[0].get_pixmap(dpi=200))
    return bytes(copy.tobytes())


@pytest.mark.parametrize(("mode", "expected"), [("auto", ("ocr", "FRONT PANEL", False)), ("off", ("none", "", False))])
def test_a_scan_is_read_within_the_limits_of_a_job(
        database: Database, conn: Connection, tmp_path: Path, mode: str, expected: tuple[str, str, bool]) -> None:
    folder = tmp_path / "files"
    write_files(folder, {"scan.pdf": scan("FRONT PANEL")})
    add_files(conn, folder)
    configured = settings(tmp_path, folder, ocr=mode, stall_timeout_seconds="60", workers="1")
    assert make_worker(database, configured, handler=HANDLERS["pdf"]).run().completed == 1
    row = conn.execute("SELECT method, text, partial FROM document_pages JOIN blob_inventory USING (blob_id)").fetchone()
    assert row == expected
