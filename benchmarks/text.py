"""PDF to chunks, end to end, against what other libraries need for the bare text of the same files.

    python benchmarks/text.py [--quick] [--json] [--corpus ../shared/corpus] [--workers 2] [--rounds 3]

Ours is the pipeline: claim, fetch, everything that a PDF job reads (title block, dimensions, lists, tables, headings), its pages
committed, then the text job: normalised, cut into chunks, records validated, written to disk and committed to Postgres. Theirs is
the text of every page and nothing kept, in a pool of as many processes. Each side's clock runs from the start of its processes
to the last page; OCR and vectors are off. Files that any of them refuses are left out on all sides. All take turns; the median of
the rounds counts. Targets: at least 2 times pypdf and pdfplumber, at least 0.8 of kreuzberg.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS, every, files_of
from benchmarks.pipeline_run import copy_files, run_pipeline
from benchmarks.scratch import scratch_database
from pipeline.database import Database

TARGETS = {"pypdf": 2.0, "pdfplumber": 2.0, "kreuzberg": 0.8}
QUICK_FILES = 25
MOST_SECONDS = 20.0  # of one file in any of the peers: what takes longer would measure that file alone


def read_pypdf(path: Path) -> int:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    return sum(1 for page in pypdf.PdfReader(path).pages if page.extract_text() is not None)


def read_pdfplumber(path: Path) -> int:
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    with pdfplumber.open(path) as pdf:
        return sum(1 for page in pdf.pages if page.extract_text() is not None)


def read_kreuzberg(path: Path) -> int:
    import kreuzberg

    kreuzberg.extract_file_sync(path, config=kreuzberg.ExtractionConfig(use_cache=False))
    return 0


PEERS: dict[str, Callable[[Path], int]] = {"kreuzberg": read_kreuzberg, "pypdf": read_pypdf, "pdfplumber": read_pdfplumber}


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="25 files, one round: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes on each side.")
@click.option("--copies", default=3, show_default=True, help="Each file so many times, each copy with bytes of its own.")
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, rounds: int, workers: int, copies: int, corpus: Path) -> None:
    found = list({path.name: path for path in files_of(corpus, ".pdf")}.values())  # copies lie in one folder
    files = readable(every(found, QUICK_FILES) if quick else found, workers)
    figures = measure(files, rounds=1 if quick else rounds, workers=workers, copies=1 if quick else copies)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:36} {value}")


def measure(files: list[Path], *, rounds: int, workers: int, copies: int) -> dict[str, object]:
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *PEERS)}
    with tempfile.TemporaryDirectory() as name, scratch_database() as database:
        scratch = Path(name)
        made = copy_files(files, scratch / "files", copies)
        pages = 0
        for number in range(rounds):
            pages, documents, took = run_pipeline(database, scratch / f"run{number}", scratch / "files", workers, "pdf", then=("text",))
            assert documents == len(made), f"not read: {failures(database)}"
            seconds["ours"].append(took)
            for peer, read in PEERS.items():
                seconds[peer].append(timed_pool(read, made, workers))
    rates = {name: pages / statistics.median(times) for name, times in seconds.items()}
    figures: dict[str, object] = {"files": len(made), "pages": pages, "rounds": rounds, "processes": workers}
    figures |= {f"{name}_pages_per_second": round(rate, 1) for name, rate in rates.items()}
    for peer, target in TARGETS.items():
        figures |= {f"ratio_ours_to_{peer}": round(rates["ours"] / rates[peer], 2), f"target_ratio_to_{peer}": target}
    return figures


def failures(database: Database) -> list[tuple[str, str]]:
    with database.connect("benchmark") as conn:
        return conn.execute("SELECT blob_key, last_error FROM extraction_jobs JOIN blob_inventory USING (blob_id)"
                            " WHERE last_error IS NOT NULL").fetchall()


def timed_pool(read: Callable[[Path], int], files: list[Path], workers: int) -> float:
    """Seconds from the start of the processes to the last file."""
    start = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for _ in pool.map(read, files, chunksize=1):
            pass
    return time.perf_counter() - start


def readable(files: list[Path], workers: int) -> list[Path]:
    """Those that every side reads, ours included, in bearable time."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [path for path, good in zip(files, pool.map(all_read, files), strict=True) if good]


def all_read(path: Path) -> bool:
    from pipeline.extract.options import ReadOptions
    from pipeline.extract.pdf import read_pdf

    try:
        read_pdf(path.read_bytes(), ReadOptions(ocr="off"))
        for read in PEERS.values():
            start = time.perf_counter()
            read(path)
            if time.perf_counter() - start > MOST_SECONDS:
                return False
    except Exception as error:
        print(f"{path.name} is left out: {type(error).__name__}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    main()
