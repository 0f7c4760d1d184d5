"""Memory of a worker's parent over 100,000 jobs: it must be flat.

    python benchmarks/parent_memory.py [--quick] [--json] [--jobs 100000] [--workers 2]

Every job is a small file that is really fetched, read by a child and stored; the reader does nothing else, so that the
parent does as much as it can in a second. Resident memory is sampled after each tenth of the jobs; the ratio is the
last sample ÷ the one after the first tenth (caches are warm by then). Flat means at most 1.1.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import click
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.scratch import scratch_database
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Database
from pipeline.extract.model import Drawing, Page
from pipeline.inventory.stale import Need, queue_needed
from pipeline.storage import open_source
from pipeline.store.drawings import store_drawings
from pipeline.worker.handler import Handler
from pipeline.worker.handlers import DRAWING_ROWS
from pipeline.worker.loop import Tally, Worker
from pipeline.worker.stop import StopSignal

LIMIT = 1.1
FILES_A_FOLDER = 1000


def read_line(data: bytes) -> Drawing:
    """A page with the file's text."""
    return Drawing(kind="pdf", page_count=1, has_text_layer=True, pages=(Page(1, data.decode(), "text_layer"),))


# Children import this module by its name, not as the main module.
HANDLER = Handler("pdf", "benchmarks.parent_memory:read_line", DRAWING_ROWS, "bench-1", ("application/pdf",), store_drawings)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="5,000 jobs: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--jobs", default=100_000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(quick: bool, as_json: bool, jobs: int, workers: int) -> None:
    jobs = 5000 if quick else jobs
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as folder, scratch_database() as database:
        figures = measure(database, Path(folder), jobs, workers)
    if as_json:
        print(json.dumps(figures))
        return
    for tenth, megabytes in enumerate(figures["resident_mb"], start=1):
        print(f"after {tenth * 10:3} %   {megabytes:8.1f} MB")
    print(f"{figures['jobs_per_second']:.0f} jobs/s; ratio last / first tenth   {figures['ratio']:.3f}   (limit {LIMIT})")


def measure(database: Database, folder: Path, jobs: int, workers: int) -> dict[str, object]:
    source = folder / "files"
    queue_files(database, source, jobs)
    settings = Settings.load(None, {}, data_dir=str(folder / "data"), source_url=str(source), workers=str(workers), claim_batch="200")
    process, samples = psutil.Process(), list[float]()

    def sample(tally: Tally, held: int) -> None:  # noqa: ARG001
        if tally.completed * 10 >= jobs * (len(samples) + 1):
            samples.append(process.memory_info().rss / 1e6)

    worker = Worker(database, settings, open_source(str(source)), job_types=["pdf"], handlers={"pdf": HANDLER}, stop=StopSignal(),
                    progress=sample)
    start = time.perf_counter()
    worker.run()
    return {"jobs": jobs, "jobs_per_second": round(jobs / (time.perf_counter() - start), 1),
            "resident_mb": [round(sample, 1) for sample in samples], "ratio": round(samples[-1] / samples[0], 3), "limit": LIMIT}


def queue_files(database: Database, source: Path, jobs: int) -> None:
    with database.transaction("benchmark") as conn:
        with conn.cursor().copy("COPY blob_inventory (blob_key, file_name, mime_type, size_bytes, source_version) FROM STDIN") as copy:
            for number in range(jobs):
                path = source / str(number // FILES_A_FOLDER) / f"{number}.pdf"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"drawing {number}", encoding="utf-8")
                found = path.stat()
                copy.write_row((path.relative_to(source).as_posix(), path.name, "application/pdf", found.st_size,
                                f"{found.st_size}-{found.st_mtime_ns}"))
        queue_needed(conn, Need("pdf", HANDLER.mime_types, HANDLER.version), tenant_id=DEFAULT_TENANT, max_attempts=3)


if __name__ == "__main__":
    main()
