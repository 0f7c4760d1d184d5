"""Memory of one child process over 10,000 real files: it must not grow with them.

    python benchmarks/child_memory.py [--quick] [--json] [--files 10000] [--corpus ../shared/corpus]

One process reads the corpus' PDFs and DXFs over and over, as a worker's child does (read, rows, answer), without OCR and
without the fresh process that a child makes room for after 500 jobs. Resident memory is sampled each time the corpus is
through, so that the same file was the last; the ratio is the last sample ÷ the first. Bounded means at most 1.25.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import in_child, resident_mb
from benchmarks.corpus import CORPUS, files_of
from pipeline.extract.options import ReadOptions
from pipeline.worker.child import Task, answer
from pipeline.worker.handlers import HANDLERS

LIMIT = 1.25
MOST_BYTES = 3_000_000  # the few larger files take seconds each and would hide a leak behind their own size
NO_OCR = ReadOptions(ocr="off")


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Four times the corpus: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--files", "count", default=10_000, show_default=True)
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, count: int, corpus: Path) -> None:
    found = [path for suffix in (".pdf", ".dxf") for path in files_of(corpus, suffix) if path.stat().st_size <= MOST_BYTES]
    measured = in_child(read_all, found, 4 if quick else max(2, count // len(found)))
    samples, seconds, failed = measured.result
    count = len(found) * len(samples)
    figures = {"files": count, "different_files": len(found), "ended_with_an_error": failed, "files_per_second": round(count / seconds, 1),
               "resident_mb": samples, "peak_mb": round(measured.peak_mb), "ratio": round(samples[-1] / samples[0], 3), "limit": LIMIT}
    if as_json:
        print(json.dumps(figures))
        return
    for number, megabytes in enumerate(samples, start=1):
        print(f"after {number * len(found):6,} files   {megabytes:8.1f} MB")
    print(f"{figures['files_per_second']} files/s, at most {figures['peak_mb']} MB; ratio last / first   {figures['ratio']}   "
          f"(limit {LIMIT})")


def read_all(files: list[Path], rounds: int) -> tuple[list[float], float, int]:
    """Resident memory after each round, seconds, and how many files ended with an error."""
    samples, failed, start = list[float](), 0, time.perf_counter()
    for _ in range(rounds):
        for path in files:
            handler = HANDLERS[path.suffix.lower()[1:]]
            # Growth is measured here, not limited: each job would raise the limit by what the ones before have kept.
            failed += answer(Task(0, handler.reader, handler.rows, str(path), 16_384, handler.imports), NO_OCR).kind is not None
        gc.collect()
        samples.append(round(resident_mb(), 1))
    return samples, time.perf_counter() - start, failed


if __name__ == "__main__":
    main()
