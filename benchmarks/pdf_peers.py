"""Sheets a second of the whole PDF extraction without OCR, and against pdfplumber's text and tables.

    python benchmarks/pdf_peers.py [--quick] [--json] [--corpus ../shared/corpus]

Both read the same drawings, file by file in turn, in one process; the median CPU time of the rounds counts for each
file, so that a busy machine does no harm. Ours is everything that a job does in its child: text, title block, BOM,
dimensions, annotations, materials, and the rows made of them. pdfplumber's is `extract_text()` and `extract_tables()` of
every page. Files that either cannot read are left out. Targets: at least 20 sheets a second and core, at least 5 times
pdfplumber.
"""

from __future__ import annotations

import io
import json
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS, PDF_DRAWINGS, every, files_of
from pipeline.extract.errors import ExtractionError
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from pipeline.store.drawings import drawing_rows

SHEETS_A_SECOND = 20
RATIO = 5.0
NO_OCR = ReadOptions(ocr="off")
QUICK_FILES = 12


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A dozen files, one round: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--no-peer", is_flag=True, help="Only ours.")
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, rounds: int, no_peer: bool, corpus: Path) -> None:
    files = files_of(corpus / "pdf", ".pdf", PDF_DRAWINGS)
    figures = measure(every(files, QUICK_FILES) if quick and not no_peer else files, 1 if quick else rounds, peer=not no_peer)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32} {value}")


def measure(files: list[Path], rounds: int, *, peer: bool) -> dict[str, object]:
    """Figures over the files that can be read, the ratio over those that both can; the first file is read once more, to warm up."""
    ours_s: dict[Path, float] = {}
    peer_s: dict[Path, float] = {}
    sheets: dict[Path, int] = {}
    median_of(read_ours, files[0], 1)
    for path in files:
        pages, seconds = median_of(read_ours, path, rounds)
        if pages is None:
            continue
        sheets[path], ours_s[path] = pages, seconds
        if peer:
            read, theirs = median_of(read_peer, path, 1)
            if read is not None:
                peer_s[path] = theirs
    count, seconds = sum(sheets.values()), sum(ours_s.values())
    slowest = max(ours_s, key=lambda path: ours_s[path] / sheets[path])
    figures: dict[str, object] = {
        "files": len(sheets), "sheets": count, "sheets_per_second_a_core": round(count / seconds, 1), "target": SHEETS_A_SECOND,
        "median_ms_a_sheet": round(1000 * statistics.median(ours_s[path] / sheets[path] for path in sheets), 1),
        "slowest_file": slowest.name, "slowest_ms_a_sheet": round(1000 * ours_s[slowest] / sheets[slowest], 1)}
    if peer_s:
        both, theirs = sum(ours_s[path] for path in peer_s), sum(peer_s.values())
        pages = sum(sheets[path] for path in peer_s)
        figures |= {"files_that_both_read": len(peer_s), "pdfplumber_sheets_per_second": round(pages / theirs, 2),
                    "ratio_ours_to_pdfplumber": round(theirs / both, 1), "target_ratio": RATIO}
    return figures


def median_of(read: Callable[[bytes], int], path: Path, rounds: int) -> tuple[int | None, float]:
    """Pages, and the median CPU seconds of `rounds` readings; no pages where the file cannot be read."""
    data, times, pages = path.read_bytes(), [], 0
    for _ in range(rounds):
        start = time.process_time()
        try:
            pages = read(data)
        except Exception as error:
            print(f"{path.name} is left out: {type(error).__name__}", file=sys.stderr)
            return None, 0.0
        times.append(time.process_time() - start)
    return pages, statistics.median(times)


def read_ours(data: bytes) -> int:
    """Everything that a job's child does with the bytes."""
    try:
        return len(drawing_rows(read_pdf(data, NO_OCR)).pages)
    except ExtractionError as error:
        raise RuntimeError(error.reason) from error


def read_peer(data: bytes) -> int:
    import pdfplumber  # of requirements-dev.txt; --no-peer works without it

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            page.extract_tables()
            page.close()
        return len(document.pages)


if __name__ == "__main__":
    main()
