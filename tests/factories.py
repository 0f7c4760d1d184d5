"""Rows and workers that tests need, made the short way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.inventory.stale import Need, queue_needed
from pipeline.storage import open_source
from pipeline.store.drawings import store_drawings
from pipeline.worker.handler import Handler
from pipeline.worker.handlers import DRAWING_ROWS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal

OBEY = Handler("pdf", "tests.readers:obey", DRAWING_ROWS, "test-1", ("application/pdf", "text/plain"), store_drawings)
SLOW = Handler("pdf", "tests.readers:slow_pdf", DRAWING_ROWS, "test-1", ("application/pdf",), store_drawings)


def write_files(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def add_files(conn: Connection, folder: Path, *, max_attempts: int = 3) -> int:
    """Every file below `folder` into the inventory as a PDF, and a job for each; returns how many were queued."""
    source = open_source(str(folder))
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        entry = source.stat(path.relative_to(folder).as_posix())
        conn.execute(
            "INSERT INTO blob_inventory (blob_key, file_name, mime_type, size_bytes, source_version, byte_hash_sha256)"
            " VALUES (%s, %s, 'application/pdf', %s, %s, %s)",
            (entry.key, path.name, entry.size, entry.version, hashlib.sha256(path.read_bytes()).hexdigest()))
    return queue(conn, OBEY, "application/pdf", max_attempts=max_attempts)


def queue(conn: Connection, handler: Handler, mime_type: str, *, max_attempts: int = 3) -> int:
    """A job for every file of this type that needs one; returns how many."""
    need = Need(handler.job_type, (mime_type,), handler.version)
    with conn.transaction():
        return queue_needed(conn, need, tenant_id=DEFAULT_TENANT, max_attempts=max_attempts)


def settings(tmp_path: Path, source: Path, **overrides: str) -> Settings:
    given = {"data_dir": str(tmp_path / "data"), "source_url": str(source), "workers": "2", "heartbeat_seconds": "0.2",
             "stall_timeout_seconds": "3", "min_free_disk_mb": "1"}
    return Settings.load(None, {}, **(given | overrides))


def make_worker(database: Database, configured: Settings, *, handler: Handler = OBEY, **arguments: Any) -> Worker:
    arguments.setdefault("stop", StopSignal())
    return Worker(database, configured, open_source(configured.source_url), job_types=[handler.job_type],
                  handlers={handler.job_type: handler}, **arguments)


def results(conn: Connection) -> list[tuple[Any, ...]]:
    """Every extracted row, without keys, job ids and times: equal for equal work."""
    return [
        *conn.execute("SELECT 'page', blob_key, page_number, text_sha256, method, char_count, width, height, blocks::text"
                      " FROM document_pages JOIN blob_inventory USING (blob_id) ORDER BY blob_key COLLATE \"C\", page_number"),
        *conn.execute("SELECT 'document', blob_key, document_id, kind, title, page_count, has_text_layer, properties::text, warnings"
                      " FROM documents JOIN blob_inventory USING (blob_id) ORDER BY blob_key COLLATE \"C\""),
        *conn.execute("SELECT 'field', blob_key, page_number, field, value, bbox, e.method, e.confidence"
                      " FROM extracted_metadata AS e JOIN blob_inventory USING (blob_id)"
                      " ORDER BY blob_key COLLATE \"C\", page_number, field"),
        *conn.execute("SELECT 'dimension', blob_key, page_number, kind, nominal, unit, value_mm, raw_text, bbox"
                      " FROM extracted_dimensions JOIN blob_inventory USING (blob_id)"
                      " ORDER BY blob_key COLLATE \"C\", page_number, raw_text, bbox"),
        *conn.execute("SELECT 'file', blob_key, status, status_reason, partial, byte_hash_sha256 FROM blob_inventory"
                      " ORDER BY blob_key COLLATE \"C\""),
    ]


def job_states(conn: Connection) -> dict[str, int]:
    return dict(conn.execute("SELECT status, count(*) FROM extraction_jobs GROUP BY status").fetchall())


def job_of(conn: Connection, blob_key: str) -> dict[str, Any]:
    """The newest job of a file as a dictionary."""
    row = conn.execute("SELECT to_jsonb(job) FROM extraction_jobs AS job JOIN blob_inventory USING (blob_id)"
                       " WHERE blob_key = %s ORDER BY job.id DESC LIMIT 1", (blob_key,)).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


