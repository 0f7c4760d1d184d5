"""A DWG from inventory to stored texts, its converter a script run as a real process by the child."""

from __future__ import annotations

from pathlib import Path

from phases import A2_inventory, B2_queue_jobs, B4_dxf_worker, B8_text_indexer
from phases.step import Context
from pipeline.database import Connection, Database
from pipeline.worker.stop import StopSignal
from tests.factories import settings, write_files
from tests.unit.extract.drawings import dxf_bytes, new_dxf

CONVERTER = "import pathlib, sys\npathlib.Path(sys.argv[2]).write_bytes(pathlib.Path(sys.argv[0]).with_name('made.dxf').read_bytes())\n"


def made_dxf() -> bytes:
    document = new_dxf()
    document.modelspace().add_text("from a DWG", height=2.5)
    return dxf_bytes(document)


def run(database: Database, tmp_path: Path, **overrides: str) -> None:
    context = Context(settings(tmp_path, tmp_path / "files", **overrides), database, StopSignal())
    for step in (A2_inventory, B2_queue_jobs, B4_dxf_worker, B8_text_indexer):
        step.run(context)


def states(conn: Connection) -> list[tuple[str, str, str | None]]:
    return conn.execute("SELECT blob_key, status, status_reason FROM blob_inventory").fetchall()


def test_a_dwg_waits_for_a_converter_and_is_read_once_there_is_one(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"part.dwg": b"AC1032\0\0\0\0\0" + bytes(100)})
    write_files(tmp_path, {"convert.py": CONVERTER, "made.dxf": made_dxf()})
    run(database, tmp_path)
    assert states(conn) == [("part.dwg", "unsupported", "no DWG converter is configured (DWG_CONVERTER)")]

    run(database, tmp_path, dwg_converter=str(tmp_path / "convert.py"))
    assert states(conn) == [("part.dwg", "extracted", None)]
    assert conn.execute("SELECT text FROM document_pages").fetchall() == [("from a DWG",)]
    assert conn.execute("SELECT warnings FROM documents").fetchall() == [(["converted:convert"],)]
