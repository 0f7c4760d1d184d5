"""What becomes of a file's results when the file changes or moves."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.inventory.stale import heal_statuses
from pipeline.inventory.sync import sync
from pipeline.storage import open_source
from pipeline.store.item import document_id
from pipeline.worker.stop import StopSignal
from tests.factories import OBEY, make_worker, queue, settings, write_files

READABLE = {"text/plain"}


def look(database: Database, folder: Path) -> None:
    sync(database, open_source(str(folder)), tenant_id=DEFAULT_TENANT, store="main", readable=READABLE, stop=StopSignal())


def work(database: Database, conn: Connection, tmp_path: Path) -> None:
    look(database, tmp_path / "files")
    queue(conn, OBEY, "text/plain")
    make_worker(database, settings(tmp_path, tmp_path / "files")).run()


def texts(conn: Connection) -> dict[str, str]:
    return dict(conn.execute("SELECT blob_key, text FROM document_pages JOIN blob_inventory USING (blob_id)").fetchall())


def test_changed_bytes_take_the_old_results_away(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.txt": "first words", "b.txt": "others"})
    work(database, conn, tmp_path)
    write_files(tmp_path / "files", {"a.txt": "second words, and more"})
    look(database, tmp_path / "files")
    assert texts(conn) == {"b.txt": "others"}

    work(database, conn, tmp_path)
    assert texts(conn) == {"a.txt": "second words, and more", "b.txt": "others"}


def test_a_file_that_became_a_copy_of_another_keeps_nothing_of_its_old_self(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.txt": "first words", "b.txt": "others"})
    work(database, conn, tmp_path)
    write_files(tmp_path / "files", {"a.txt": "others"})
    work(database, conn, tmp_path)

    assert texts(conn) == {"b.txt": "others"}


def test_moved_files_keep_their_results_and_take_the_ids_of_their_new_places(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.txt": "first words"})
    work(database, conn, tmp_path)
    (tmp_path / "files" / "a.txt").rename(tmp_path / "files" / "b.txt")
    write_files(tmp_path / "files", {"c.txt": "quite different words"})
    work(database, conn, tmp_path)
    write_files(tmp_path / "files", {"a.txt": "a new file at the old place"})
    work(database, conn, tmp_path)

    assert texts(conn) == {"a.txt": "a new file at the old place", "b.txt": "first words", "c.txt": "quite different words"}
    ids = conn.execute("SELECT document_id, source_store, blob_key FROM documents JOIN blob_inventory USING (blob_id)").fetchall()
    assert len(ids) == 3
    assert all(found == document_id(UUID(DEFAULT_TENANT), store, key) for found, store, key in ids)
    assert conn.execute("SELECT count(*) FROM extraction_jobs WHERE status <> 'completed'").fetchone() == (0,)


def test_a_file_left_processing_without_an_open_job_is_derived_anew(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.txt": "first words", "b.txt": "others"})
    look(database, tmp_path / "files")
    queue(conn, OBEY, "text/plain")
    conn.execute("UPDATE extraction_jobs SET status = 'failed', last_error = 'by an operator'")

    assert heal_statuses(conn, DEFAULT_TENANT) == 2
    assert conn.execute("SELECT DISTINCT status, status_reason FROM blob_inventory").fetchall() == [("failed", "by an operator")]
    assert heal_statuses(conn, DEFAULT_TENANT) == 0
