"""DXF: the pipeline against a bare `ezdxf.readfile` loop, and the memory that a file of 32 MB takes.

    python benchmarks/dxf.py [--quick] [--json] [--corpus ../shared/corpus] [--megabytes 32]

The loop opens each file in one process and throws the document away: nothing is looked at. The pipeline reads the same
files with one child from claim to commit: everything that a drawing gives, stored. Files that `readfile` refuses are left
out on both sides. The two take turns, and the median of each counts; the ratio is pipeline ÷ loop (target at least 0.8). Beside
it the same in CPU time of the child alone, file by file in turn: that holds on a busy machine, too, but leaves storing out. The large
file is made by this script and read in a fresh process, whose memory at its highest must stay below 150 MB; the time is set
beside that of `readfile` in another.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import ezdxf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import in_child
from benchmarks.corpus import CORPUS, files_of
from benchmarks.large_dxf import write_large_dxf
from benchmarks.pipeline_run import copy_files, run_pipeline
from benchmarks.scratch import scratch_database
from pipeline.extract.dxf import read_dxf
from pipeline.store.drawings import drawing_rows

RATIO = 0.8
PEAK_MB = 150

logging.getLogger("ezdxf").setLevel(logging.CRITICAL + 1)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One copy of the corpus, one round, 8 MB: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--only", type=click.Choice(["loop", "large"]), help="One of the two.")
@click.option("--megabytes", default=32, show_default=True, help="Size of the large file.")
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, only: str | None, megabytes: int, corpus: Path) -> None:
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as scratch:
        if only != "large":
            figures |= beside_readfile(corpus, Path(scratch), *((1, 1) if quick else (4, 3)))
        if only != "loop":
            figures |= large_file(Path(scratch), 8 if quick else megabytes)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32} {value}")


def beside_readfile(corpus: Path, scratch: Path, copies: int, rounds: int) -> dict[str, object]:
    """Files a second of both, in turn."""
    folder = scratch / "files"
    found = [path for path in files_of(corpus, ".dxf") if is_readable(path)]
    files = copy_files(found, folder, copies)
    loop_cpu_s, ours_cpu_s = in_child(cpu_of_both, found, rounds).result
    with scratch_database() as database:
        pairs = []
        for _ in range(rounds):
            loop_s = in_child(readfile_all, files).result
            _, documents, seconds = run_pipeline(database, scratch, folder, 1, "dxf")
            if documents != len(files):
                raise click.ClickException(f"the pipeline read {documents} of {len(files)} files that readfile reads")
            pairs.append((len(files) / loop_s, len(files) / seconds))
    bare, ours = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    return {"files": len(files), "megabytes": round(sum(path.stat().st_size for path in files) / 1e6, 1), "rounds": rounds,
            "readfile_files_per_second": round(bare, 1), "pipeline_files_per_second": round(ours, 1),
            "ratio_pipeline_to_readfile": round(ours / bare, 2), "target_ratio": RATIO,
            "ratio_in_cpu_time_of_the_child": round(loop_cpu_s / ours_cpu_s, 2)}


def cpu_of_both(files: list[Path], rounds: int) -> tuple[float, float]:
    """CPU seconds of `readfile` and of our reader over the files: for each file the least of the rounds, after one to warm up."""
    loop_s = ours_s = 0.0
    for path in files:
        times = [(cpu_of(ezdxf.readfile, path), cpu_of(read_small, path)) for _ in range(rounds + 1)]
        loop_s, ours_s = loop_s + min(pair[0] for pair in times), ours_s + min(pair[1] for pair in times)
    return loop_s, ours_s


def cpu_of(read: Callable[[Path], object], path: Path) -> float:
    start = time.process_time()
    read(path)
    return time.process_time() - start


def read_small(path: Path) -> object:
    return drawing_rows(read_dxf(path.read_bytes()))


def is_readable(path: Path) -> bool:
    try:
        ezdxf.readfile(path)
    except Exception:  # whatever it raises: this file is in no race
        return False
    return True


def readfile_all(files: list[Path]) -> float:
    """Seconds for opening every file."""
    start = time.perf_counter()
    for path in files:
        ezdxf.readfile(path)
    return time.perf_counter() - start


def large_file(scratch: Path, megabytes: int) -> dict[str, object]:
    """What one large drawing takes, in processes of their own."""
    path = scratch / "large.dxf"
    written = write_large_dxf(path, megabytes)
    ours = in_child(read_large, path)
    peer = in_child(readfile_all, [path])
    seconds, found, warnings = ours.result
    return {"large_megabytes": round(path.stat().st_size / 1e6, 1), "large_entities": written,
            "large_peak_mb": round(ours.peak_mb), "large_peak_limit_mb": PEAK_MB, "large_seconds": round(seconds, 1), "large_found": found,
            "large_warnings": warnings,
            "large_readfile_peak_mb": round(peer.peak_mb), "large_readfile_seconds": round(peer.result, 1),
            "large_peak_ratio_ours_to_readfile": round(ours.peak_mb / peer.peak_mb, 2)}


def read_large(path: Path) -> tuple[float, dict[str, int], list[str]]:
    """Seconds, how many rows of each kind came of it, and what was left out."""
    start = time.perf_counter()
    drawing = read_dxf(path.read_bytes())
    rows: Any = drawing_rows(drawing)
    found = {"pages": len(rows.pages), "texts": sum(len(page.blocks) for page in drawing.pages), "fields": len(drawing.metadata),
             "dimensions": len(drawing.dimensions), "blocks": len(drawing.blocks), "outlines": len(drawing.outlines)}
    return time.perf_counter() - start, found, list(drawing.warnings)


if __name__ == "__main__":
    main()
