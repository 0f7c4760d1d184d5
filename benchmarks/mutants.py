"""Damaged PDFs and DXFs through the whole worker: every one must end in a named state and harm nobody else.

    python benchmarks/mutants.py [--quick] [--json] [--count 1000] [--seed 1] [--corpus ../shared/corpus] [--keep FOLDER]

The files are damaged in eleven ways (see mutations.py), queued, and read by real child processes, with the time and memory
limits of a worker. Judged: every job ends as completed or as a dead letter with one of the known reasons; what kills its
process costs only itself attempts; no reader fails in an unforeseen way; and what can be read of a file that was cut off is
kept and marked as partial. Exit status 1 where one of these does not hold. Nightly: the default. Tests run a smaller number.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS, files_of
from benchmarks.mutations import mutants
from benchmarks.scratch import scratch_database
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.demo.files import write_sample_files
from pipeline.inventory.stale import Need, queue_needed
from pipeline.storage import open_source
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal

MOST_BYTES = 600_000  # of a file that is damaged: larger ones cost time and show nothing new
NAMED = frozenset({"corrupt", "encrypted", "empty", "unsupported", "memory", "timeout", "crashed"})
KILLERS = frozenset({"memory", "timeout", "crashed"})

QUEUED_FILES = "COPY blob_inventory (blob_key, file_name, mime_type, size_bytes, source_version) FROM STDIN"

ENDS = """
    SELECT blob.blob_key, job.job_type, job.status, coalesce(job.error_kind, ''), coalesce(job.error_reason, ''),
           coalesce(job.last_error, ''), job.retry_count, blob.partial, blob.status, coalesce(document.warnings, '{}')
    FROM extraction_jobs AS job
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    LEFT JOIN documents AS document USING (tenant_id, blob_id)
    ORDER BY blob.blob_key COLLATE "C"
"""


@dataclass
class Verdict:
    """What became of the mutants. Lists name them: each must be empty.

    ends           how many ended how: 'completed', 'completed, partial', 'failed: corrupt', …
    unfinished     neither completed nor failed
    unnamed        failed with a reason that is not in NAMED
    harmed         failed or repeated by somebody else's fault
    cut_and_whole  cut off, read, and not marked as partial
    """

    ends: dict[str, int] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    cut_and_whole: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not (self.unfinished or self.unnamed or self.harmed or self.cut_and_whole)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="100 mutants: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--count", default=1000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--ocr", default="off", show_default=True, help="auto: pages without text are read by OCR, too.")
@click.option("--corpus", type=click.Path(file_okay=False, path_type=Path), default=CORPUS, show_default=True)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Leave the mutants in this folder.")
def main(quick: bool, as_json: bool, count: int, seed: int, workers: int, ocr: str, corpus: Path, keep: Path | None) -> None:
    count = 100 if quick else count
    with tempfile.TemporaryDirectory(prefix="draftmill-bench-") as scratch, scratch_database() as database:
        folder = keep or Path(scratch) / "mutants"
        write_mutants(originals(corpus, Path(scratch)), folder, count, seed)
        settings = Settings.load(None, {}, data_dir=str(Path(scratch) / "data"), source_url=str(folder), workers=str(workers),
                                 ocr=ocr, job_timeout_seconds="60", job_memory_mb="1024")
        with database.connect("mutants", autocommit=True) as conn:
            queue_files(conn, folder)
            run_worker(database, settings)
            verdict = judge(conn)
    figures = {"mutants": count, "seed": seed, "passed": verdict.passed, **asdict(verdict)}
    print(json.dumps(figures) if as_json else "\n".join(f"{name:16} {value}" for name, value in figures.items()))
    if not verdict.passed:
        sys.exit(1)


def originals(corpus: Path, scratch: Path) -> list[Path]:
    """The files to damage: PDFs and DXFs in turn, the corpus' where there is one, and those of the demo."""
    write_sample_files(scratch / "samples")
    folders = [scratch / "samples", *([corpus] if corpus.is_dir() else [])]
    pdfs, dxfs = ([path for folder in folders for path in files_of(folder, suffix) if 0 < path.stat().st_size <= MOST_BYTES]
                  for suffix in (".pdf", ".dxf"))
    both = [path for pair in zip(pdfs, dxfs, strict=False) for path in pair]
    return both + pdfs[len(dxfs):] + dxfs[len(pdfs):]


def write_mutants(files: Sequence[Path], folder: Path, count: int, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for mutant in mutants(files, count, seed):
        (folder / mutant.name).write_bytes(mutant.data)


def queue_files(conn: Connection, folder: Path) -> None:
    """Every file below `folder` as what its name says, and a job for it, whatever its bytes look like by now."""
    source = open_source(str(folder))
    with conn.transaction(), conn.cursor().copy(QUEUED_FILES) as copy:
        for path in sorted(folder.iterdir()):
            entry = source.stat(path.name)
            copy.write_row((entry.key, entry.key, HANDLERS[path.suffix[1:]].mime_types[0], entry.size, entry.version))
    with conn.transaction():
        for handler in (HANDLERS["pdf"], HANDLERS["dxf"]):  # text jobs follow by themselves
            queue_needed(conn, Need(handler.job_type, handler.mime_types, handler.version), tenant_id=DEFAULT_TENANT, max_attempts=3)


def run_worker(database: Database, settings: Settings) -> None:
    Worker(database, settings, open_source(settings.source_url), job_types=[*HANDLERS], stop=StopSignal()).run()


def judge(conn: Connection) -> Verdict:
    """How every file ended."""
    verdict, of_files = Verdict(), Counter[str]()
    for key, job_type, status, kind, reason, error, retries, partial, file_status, warnings in conn.execute(ENDS):
        ends = of_files if job_type in ("pdf", "dxf") else Counter[str]()  # chunks and vectors must end well, too, but count no file
        named = f"{key}: {reason} {error}".strip()
        if status not in ("completed", "failed") or file_status not in ("extracted", "failed"):
            verdict.unfinished.append(f"{key}: job {status}, file {file_status}")
        elif status == "failed":
            ends[f"failed: {reason}"] += 1
            if reason not in NAMED:
                verdict.unnamed.append(named)
        else:
            ends["completed, partial" if partial else "completed, repaired" if warnings else "completed"] += 1
            if "-cut-" in key and not partial:
                verdict.cut_and_whole.append(f"{key}: {', '.join(warnings)}")
        if retries > (0 if status == "completed" else 1 if kind == "permanent" else 2):
            verdict.harmed.append(f"{named} after {retries} failures")
    verdict.ends = dict(sorted(of_files.items()))
    return verdict


if __name__ == "__main__":
    main()
