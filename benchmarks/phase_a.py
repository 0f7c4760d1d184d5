"""Phase A on a made-up inventory: link by name, by folder, project codes, review flags, report.

    python benchmarks/phase_a.py                 1,000,000 files; the limit is 60 s on two cores
    python benchmarks/phase_a.py --quick --json

Ends with the limit divided by the time measured: above 1 is fast enough. The server is an embedded one of its own in
a temporary folder. Memory is that of this process; it must not grow with the number of files.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline import linking, migrations
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Database
from pipeline.embedded import EmbeddedServer
from pipeline.worker.stop import StopSignal

LIMIT_S = 60.0
LIMIT_ROWS = 1_000_000
QUICK_ROWS = 50_000
WORDS = ("shaft", "cover", "bracket", "clamp", "housing", "plate", "gear", "spacer", "lever", "flange", "bushing", "panel")


def made_up_paths(rows: int, seed: int = 7) -> Iterator[str]:
    """Paths as companies keep them: part folders, format folders, flat heaps with revisions, sheets and copies."""
    rng = random.Random(seed)
    made = 0
    project = 0
    while made < rows:
        project += 1
        name = f"customer {project % 97:02d}/P-{project:05d} {rng.choice(WORDS)} line"
        for path in dict.fromkeys(_project(rng, name)):  # each path once
            yield path
            made += 1
            if made == rows:
                return


def _project(rng: random.Random, name: str) -> Iterator[str]:
    for _ in range(rng.randint(5, 30)):
        number, word, revision = rng.randint(10**5, 10**7), rng.choice(WORDS), rng.choice("ABCD")
        match rng.randint(0, 4):
            case 0:  # a folder for each part, the drawing with its format letter
                yield f"{name}/{number}_{word}/{number}-{revision}.STEP"
                yield f"{name}/{number}_{word}/B{number}-{revision}.PDF"
            case 1:  # a folder for each format, plain words
                part = f"{word} {rng.choice(WORDS)} {rng.randint(1, 99)}"
                yield f"{name}/PDF/{part}.pdf"
                yield f"{name}/STP/{part}.step"
            case 2:  # one heap, revisions and sheets
                for sheet in range(1, rng.randint(2, 4)):
                    yield f"{name}/drawings/DWG-{number}_rev{revision}_sheet {sheet} of 3.pdf"
                yield f"{name}/drawings/DWG-{number}_rev{rng.choice('ABCD')}.dxf"
                yield f"{name}/drawings/DWG-{number}_rev{revision} (2).dxf"
            case 3:  # a title behind the number
                yield f"{name}/parts/{number} {word}.dxf"
                yield f"{name}/parts/{number}.sldprt"
            case _:  # a lone pair whose names say nothing
                yield f"{name}/{word} {number}/scan.pdf"
                yield f"{name}/{word} {number}/export.step"
    yield f"{name}/readme.txt"
    yield f"{name}/index.html"


class Memory:
    """Resident memory of this process, sampled in the background, in MB."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._done = threading.Event()
        self.start = self.peak = self._now()

    def _now(self) -> float:
        return float(self._process.memory_info().rss) / 2**20

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            self.peak = max(self.peak, self._now())

    @contextmanager
    def watched(self) -> Iterator[None]:
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._done.set()
            watcher.join()


def fill(database: Database, rows: int) -> None:
    """The inventory, as A2 leaves it; not part of the measurement."""
    with database.connect("benchmark") as conn:
        with conn.cursor() as cursor, cursor.copy("COPY blob_inventory (blob_key, file_name) FROM STDIN") as copy:
            for path in made_up_paths(rows):
                copy.write_row((path, path.rpartition("/")[2]))
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE blob_inventory")


def measure(database: Database, report_dir: Path) -> dict[str, Any]:
    """Seconds and figures of each step, twice: the second run must find nothing to do."""
    stop, settings = StopSignal(), Settings.load(None, {})
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "A2 link": lambda: linking.link_by_base_name(database, tenant_id=DEFAULT_TENANT, stop=stop,
                                                     patterns=settings.project_code_patterns),
        "A3": lambda: linking.link_by_folder(database, tenant_id=DEFAULT_TENANT, stop=stop),
        "A4": lambda: linking.assign_project_codes(database, tenant_id=DEFAULT_TENANT, stop=stop,
                                                   patterns=settings.project_code_patterns),
        "A5": lambda: linking.flag_for_review(database, tenant_id=DEFAULT_TENANT),
        "A6": lambda: linking.link_report(database, tenant_id=DEFAULT_TENANT, report_dir=report_dir),
    }
    result: dict[str, Any] = {}
    for run in ("first", "again"):
        result[run] = {}
        for name, step in steps.items():
            started = time.perf_counter()
            figures = step()
            result[run][name] = {"seconds": round(time.perf_counter() - started, 2),
                                 "figures": {k: v for k, v in figures.items() if not isinstance(v, list)}}
        result[run]["seconds"] = round(sum(step["seconds"] for step in result[run].values()), 2)
    return result


@click.command(help=__doc__)
@click.option("--rows", type=click.IntRange(1000), default=LIMIT_ROWS, show_default=True)
@click.option("--quick", is_flag=True, help=f"{QUICK_ROWS:,} files, well under a minute.")
@click.option("--json", "as_json", is_flag=True)
def main(rows: int, quick: bool, as_json: bool) -> None:
    rows = QUICK_ROWS if quick else rows
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, the server runs as another user and must get through, or it settles elsewhere
        server = EmbeddedServer(Path(folder) / "data")
        try:
            database = Database(server.url())
            migrations.migrate(database)
            fill(database, rows)
            memory = Memory()
            with memory.watched():
                result = measure(database, Path(folder) / "reports")
        finally:
            server.stop()
    limit = LIMIT_S * rows / LIMIT_ROWS
    result |= {"rows": rows, "rss_start_mb": round(memory.start), "rss_peak_mb": round(memory.peak), "limit_s": limit,
               "ratio": round(limit / result["first"]["seconds"], 2)}
    if as_json:
        click.echo(json.dumps(result))
        return
    for run in ("first", "again"):
        for name, step in result[run].items():
            if name != "seconds":
                click.echo(f"{run:6} {name:8} {step['seconds']:8.2f} s   {step['figures']}")
        click.echo(f"{run:6} {'all':8} {result[run]['seconds']:8.2f} s")
    click.echo(f"memory   {memory.start:.0f} MB at the start, {memory.peak:.0f} MB at the peak")
    click.echo(f"ratio    {result['ratio']}   ({limit:g} s allowed for {rows:,} files)")


if __name__ == "__main__":
    sys.exit(main())
