"""What the worker steps share: run jobs of some types until none is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from phases.step import Context, StepReport
from pipeline.errors import ConfigError
from pipeline.storage import open_source
from pipeline.worker.loop import Tally, Worker

OPEN: LiteralString = """
    SELECT job_type, count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'processing')
    FROM extraction_jobs
    WHERE status IN ('pending', 'processing') AND job_type = ANY (%s)
    GROUP BY job_type
"""


def drain(context: Context, code: str, job_types: Sequence[str]) -> StepReport:
    """Work until these types have nothing pending (backoff included) and nothing processing on any machine."""
    waiting = _open(context, job_types)
    if context.dry_run or not waiting:
        return StepReport(code, {"pending": sum(pending for pending, _ in waiting.values()),
                                 "processing": sum(processing for _, processing in waiting.values())})
    total = sum(pending for pending, _ in waiting.values())

    def show(tally: Tally, held: int) -> None:
        done = tally.completed + tally.failed
        context.progress(f"{code}  {done} of {total} done, {tally.failed} failed, {held} in hand", done, total)

    worker = Worker(context.database, context.settings, open_source(require_source(context)), job_types=job_types,
                    stop=context.stop, limit=context.limit, progress=show)
    tally = worker.run()
    report = StepReport(code, {
        "completed": tally.completed, "failed": tally.failed, "retried": tally.retried, "gone": tally.gone,
        "claims_lost": tally.lost, "drained": tally.drained, "seconds": round(tally.seconds, 1),
        "files_per_second": round(tally.completed / tally.seconds, 1) if tally.seconds else 0.0})
    if context.stop.requested:
        report.notes.append("stopped on request; the same command goes on from there")
    if tally.failed:
        report.notes.append("dead letters by reason: psql -f sql/monitoring; replay: run_pipeline.py requeue --failed")
    return report


def require_source(context: Context) -> str:
    """SOURCE_URL, without which files cannot be read."""
    if not context.settings.source_url:
        raise ConfigError("nothing to read from: name the folder with --source or SOURCE_URL in config.txt")
    return context.settings.source_url


def _open(context: Context, job_types: Sequence[str]) -> dict[str, tuple[int, int]]:
    with context.database.transaction("draining") as conn:
        return {row[0]: (row[1], row[2]) for row in conn.execute(OPEN, (list(job_types),))}
