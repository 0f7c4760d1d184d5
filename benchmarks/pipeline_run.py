"""Copies of real files, and the pipeline over them from claim to commit: what format benchmarks share."""

from __future__ import annotations

import time
from pathlib import Path

from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Database
from pipeline.inventory.stale import Need, queue_needed
from pipeline.storage import open_source
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal

BINARY_DXF = b"AutoCAD Binary DXF"

QUEUED_FILES = "COPY blob_inventory (blob_key, file_name, mime_type, size_bytes, source_version) FROM STDIN"
PAGES_AND_FILES = "SELECT (SELECT count(*) FROM document_pages), (SELECT count(*) FROM documents)"


def copy_files(files: list[Path], folder: Path, copies: int) -> list[Path]:
    """Every file `copies` times, each copy with bytes of its own; a binary DXF has no room for a comment and is there once."""
    folder.mkdir(parents=True)
    made = []
    for number in range(copies):
        for path in files:
            data = path.read_bytes()
            if number and data.startswith(BINARY_DXF):
                continue
            target = folder / f"{number}-{path.name}"
            target.write_bytes(_with_comment(data, path.suffix.lower(), number))
            made.append(target)
    return made


def _with_comment(data: bytes, suffix: str, number: int) -> bytes:
    if suffix == ".pdf":
        return data + f"\n% copy {number}\n".encode()
    return f"999\ncopy {number}\n".encode() + data if number else data


def run_pipeline(database: Database, scratch: Path, folder: Path, workers: int, job_type: str, *, then: tuple[str, ...] = (),
                 ) -> tuple[int, int, float]:
    """Pages, documents and seconds, from the worker's start to the last commit; the inventory stands already. Without OCR and vectors.

    then  job types that work on the results, run along with it
    """
    settings = Settings.load(None, {}, data_dir=str(scratch / "data"), source_url=str(folder), workers=str(workers), ocr="off",
                             embeddings="off")
    handler, source = HANDLERS[job_type], open_source(str(folder))
    with database.connect("benchmark", autocommit=True) as conn:
        conn.execute("TRUNCATE blob_inventory, extraction_jobs, document_pages, documents CASCADE")
        with conn.cursor().copy(QUEUED_FILES) as copy:
            for path in sorted(folder.iterdir()):
                entry = source.stat(path.name)
                copy.write_row((entry.key, entry.key, handler.mime_types[0], entry.size, entry.version))
        with conn.transaction():
            queue_needed(conn, Need(job_type, handler.mime_types, handler.version), tenant_id=DEFAULT_TENANT, max_attempts=3)
    start = time.perf_counter()
    Worker(database, settings, source, job_types=[job_type, *then], stop=StopSignal()).run()
    seconds = time.perf_counter() - start
    with database.connect("benchmark") as conn:
        row = conn.execute(PAGES_AND_FILES).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), seconds
