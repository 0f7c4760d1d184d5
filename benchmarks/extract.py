"""Pages per second of the pipeline against a bare loop over the same reader with as many processes.

    python benchmarks/extract.py [--quick] [--json] [--workers 2] [--corpus ../shared/corpus]

The bare loop is `multiprocessing.Pool(workers).imap_unordered(read_pdf)` over the PDF corpus: no database, no queue,
no hashing, results thrown away where they arise. The pipeline does the same extraction from claim to commit on an
embedded server of its own. Both read the same copies of the corpus, alternately, without OCR, and the median of each counts.
Ends with ratio = pipeline ÷ bare loop; the target is at least 0.85.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS, files_of
from benchmarks.pipeline_run import copy_files, run_pipeline
from benchmarks.scratch import scratch_database
from pipeline.database import Database
from pipeline.extract.errors import ExtractionError
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf

TARGET = 0.85
NO_OCR = ReadOptions(ocr="off")


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One copy of the corpus, one round: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--workers", default=2, show_default=True)
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, workers: int, corpus: Path) -> None:
    copies, rounds = (1, 1) if quick else (16, 3)
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as scratch:
        folder = Path(scratch) / "files"
        files = copy_files(files_of(corpus / "pdf", ".pdf"), folder, copies)
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


def bare_loop(files: list[Path], workers: int) -> float:
    """Pages per second, from the start of the pool to the last result."""
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pages = sum(pool.imap_unordered(count_pages, files))
    return pages / (time.perf_counter() - start)


def count_pages(path: Path) -> int:
    try:
        return len(read_pdf(path.read_bytes(), NO_OCR).pages)
    except ExtractionError:
        return 0


def pipeline_run(database: Database, scratch: Path, folder: Path, workers: int) -> float:
    """Pages per second."""
    pages, _, seconds = run_pipeline(database, scratch, folder, workers, "pdf")
    return pages / seconds


if __name__ == "__main__":
    main()
