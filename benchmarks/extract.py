"""Pages per second of the pipeline against a bare loop over the same reader with as many processes.

    python benchmarks/extract.py [--quick] [--json] [--workers 2] [--corpus ../shared/corpus]

The bare loop is `multiprocessing.Pool(workers).imap_unordered(read_pdf)` over the PDF corpus: no database, no queue,
no hashing, results thrown away where they arise. The pipeline does the same extraction from claim to commit on an
embedded server of its own. Both read the same copies of the corpus, alternately, and the median of each counts.
Ends with ratio = pipeline ÷ bare loop; the target is at least 0.85.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.scratch import scratch_database
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Database
from pipeline.extract.errors import ExtractionError
from pipeline.extract.pdf import read_pdf
from pipeline.inventory.stale import Need, queue_needed
from pipeline.storage import open_source
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal

CORPUS = Path(os.environ.get("DRAFTMILL_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
TARGET = 0.85


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One copy of the corpus, one round: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--workers", default=2, show_default=True)
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, workers: int, corpus: Path) -> None:
    copies, rounds = (1, 1) if quick else (16, 3)
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as scratch:
        folder = Path(scratch) / "files"
        files = copy_corpus(corpus / "pdf", folder, copies)
        with scratch_database() as database:
            pairs = [(bare_loop(files, workers), pipeline_run(database, Path(scratch), folder, workers)) for _ in range(rounds)]
    bare = statistics.median(pair[0] for pair in pairs)
    ours = statistics.median(pair[1] for pair in pairs)
    figures = {"files": len(files), "workers": workers, "rounds": rounds, "bare_pages_per_second": round(bare, 1),
               "pipeline_pages_per_second": round(ours, 1), "ratio": round(ours / bare, 3), "target": TARGET}
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value}")
    print(f"\nratio pipeline / bare loop   {ours / bare:.2f}   (target at least {TARGET})")


def copy_corpus(source: Path, folder: Path, copies: int) -> list[Path]:
    """Every PDF `copies` times, each copy with bytes of its own."""
    folder.mkdir(parents=True)
    made = []
    for number in range(copies):
        for path in sorted(source.rglob("*.pdf")):
            target = folder / f"{number}-{path.name}"
            target.write_bytes(path.read_bytes() + f"\n% copy {number}\n".encode())
            made.append(target)
    return made


def bare_loop(files: list[Path], workers: int) -> float:
    """Pages per second, from the start of the pool to the last result."""
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pages = sum(pool.imap_unordered(count_pages, files))
    return pages / (time.perf_counter() - start)


def count_pages(path: Path) -> int:
    try:
        return len(read_pdf(path.read_bytes()).pages)
    except ExtractionError:
        return 0


def pipeline_run(database: Database, scratch: Path, folder: Path, workers: int) -> float:
    """Pages per second, from the worker's start to the last commit; the inventory stands already."""
    settings = Settings.load(None, {}, data_dir=str(scratch / "data"), source_url=str(folder), workers=str(workers))
    handler, source = HANDLERS["pdf"], open_source(str(folder))
    with database.connect("benchmark", autocommit=True) as conn:
        conn.execute("TRUNCATE blob_inventory, extraction_jobs, document_pages, documents CASCADE")
        entries = [source.stat(path.name) for path in sorted(folder.iterdir())]
        with conn.cursor().copy("COPY blob_inventory (blob_key, file_name, mime_type, size_bytes, source_version) FROM STDIN") as copy:
            for entry in entries:
                copy.write_row((entry.key, entry.key, "application/pdf", entry.size, entry.version))
        with conn.transaction():
            queue_needed(conn, Need("pdf", handler.mime_types, handler.version), tenant_id=DEFAULT_TENANT, max_attempts=3)
    start = time.perf_counter()
    Worker(database, settings, source, job_types=["pdf"], stop=StopSignal()).run()
    seconds = time.perf_counter() - start
    with database.connect("benchmark") as conn:
        row = conn.execute("SELECT count(*) FROM document_pages").fetchone()
    return int(row[0] if row else 0) / seconds


if __name__ == "__main__":
    main()
