"""What the worker steps share: run jobs of some types until none is left."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from phases.step import Context, StepReport
from pipeline.errors import ConfigError
from pipeline.jobs import job_types as job_types_of
from pipeline.jobs import open_counts
from pipeline.storage import open_source
from pipeline.worker.loop import Tally, Worker

log = logging.getLogger(__name__)


def drain(context: Context, code: str, job_types: Sequence[str]) -> StepReport:
    """Work until these types have nothing pending (backoff included) and nothing processing on any machine."""
    return drain_together(context, {code: job_types})[0]


def drain_together(context: Context, steps: Mapping[str, Sequence[str]]) -> list[StepReport]:
    """Several worker steps as one worker, with a report each.

    One after the other, every machine would sit idle through the last slow jobs of each step, and start its
    children anew for the next.

    steps  code → its job types
    """
    job_types = [name for types in steps.values() for name in types]
    waiting = _open(context, job_types)
    if context.dry_run or not waiting:
        return [StepReport(code, _waiting(waiting, types)) for code, types in steps.items()]
    total = sum(pending for pending, _ in waiting.values())
    _say_paused(context, waiting)

    def show(tally: Tally, held: int) -> None:
        done = tally.completed + tally.failed
        known = max(total, done + held)  # results bring more jobs: chunks of pages, vectors of chunks
        context.progress(f"{'+'.join(steps)}  {done} of {known} done, {tally.failed} failed, {held} in hand", done, known)

    worker = Worker(context.database, context.settings, open_source(require_source(context)), job_types=job_types,
                    stop=context.stop, limit=context.limit, progress=show)
    tally = worker.run()
    reports = [_report(code, types, tally) for code, types in steps.items()]
    if context.stop.requested:
        reports[-1].notes.append("stopped on request; the same command goes on from there")
    return reports


def _say_paused(context: Context, waiting: Collection[str]) -> None:
    """A paused type is waited for, as somebody may resume it at any time; nobody should wonder why nothing moves."""
    with context.database.transaction("draining") as conn:
        paused = [name for name, kind in job_types_of(conn).items() if kind.paused and name in waiting]
    for name in paused:
        log.warning("job_type.paused", extra={"job_type": name, "until": f"python run_pipeline.py resume {name}"})


def _report(code: str, job_types: Sequence[str], tally: Tally) -> StepReport:
    counts: Counter[str] = sum((tally.by_type[name] for name in job_types), Counter())
    report = StepReport(code, {
        "completed": counts["completed"], "failed": counts["failed"], "retried": counts["retried"], "gone": counts["gone"],
        "claims_lost": tally.lost, "drained": tally.drained, "seconds": round(tally.seconds, 1),
        "files_per_second": round(counts["completed"] / tally.seconds, 1) if tally.seconds else 0.0})
    if counts["failed"]:
        report.notes.append("which files and why: python run_pipeline.py status; replay: python run_pipeline.py requeue --failed")
    return report


def _waiting(waiting: Mapping[str, tuple[int, int]], job_types: Sequence[str]) -> dict[str, int]:
    found = [waiting[name] for name in job_types if name in waiting]
    return {"pending": sum(pending for pending, _ in found), "processing": sum(processing for _, processing in found)}


def require_source(context: Context) -> str:
    """SOURCE_URL, without which files cannot be read."""
    if not context.settings.source_url:
        raise ConfigError("nothing to read from: name the folder with --source or SOURCE_URL in config.txt")
    return context.settings.source_url


def _open(context: Context, job_types: Sequence[str]) -> dict[str, tuple[int, int]]:
    with context.database.transaction("draining") as conn:
        counts = open_counts(conn, job_types)
    return {name: (open_.ready + open_.backoff, open_.processing) for name, open_ in counts.items() if open_.total}
