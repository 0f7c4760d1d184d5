"""`--phase`: run the steps in order, record checkpoints, say what was done."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import click

from commands import exits, show
from commands.bar import Bar
from commands.selection import select
from commands.setting import Setting
from phases.draining import drain_together, require_source
from phases.step import CheckpointResult, Context, Step, StepReport
from pipeline import jobs, migrations
from pipeline.database import Connection
from pipeline.errors import ConfigError
from pipeline.storage import open_source
from pipeline.worker.stop import StopSignal

# Phases that need what an earlier one leaves, and the checkpoint that says it is there.
WAITS_FOR = {"B": "a", "D": "a"}
WAIT_POLL_SECONDS = 2.0

Tell = Callable[[Step, StepReport, float], None]


@dataclass(frozen=True)
class Options:
    phase: str
    limit: int | None = None
    dry_run: bool = False
    wait: bool = False
    allow_deletes: bool = False
    as_json: bool = False


@dataclass
class Run:
    """What one call did: each step's report with its seconds, and whether steps were left over."""

    reports: list[tuple[StepReport, float]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def checkpoints(self) -> dict[str, CheckpointResult]:
        return {report.checkpoint.name: report.checkpoint for report, _ in self.reports if report.checkpoint}

    @property
    def drained(self) -> bool:
        return all(report.figures.get("drained", True) for report, _ in self.reports)

    def exit_status(self, stop: StopSignal) -> int:
        if stop.requested and (self.left or not self.drained):
            return exits.INTERRUPTED
        return exits.DONE if all(result.passed for result in self.checkpoints.values()) else exits.CHECKPOINT_FAILED

    def document(self, status: int) -> dict[str, Any]:
        checkpoints = self.checkpoints.values()
        return {
            "exit_status": status,
            "steps": [{"step": report.code, "seconds": round(seconds, 2), "figures": report.figures, "notes": report.notes}
                      for report, seconds in self.reports],
            "checkpoints": {result.name: {"passed": result.passed, "figures": result.figures} for result in checkpoints},
            "not_run": self.left,
        }


def run(setting: Setting, options: Options) -> int:
    """Run what `options.phase` names; returns the exit status."""
    steps = select(options.phase)
    stop = StopSignal()
    stop.install()
    if options.dry_run and not setting.database.exists():
        raise ConfigError(f"there is no database in {setting.settings.data_dir} yet, and a dry run makes none; "
                          "make it with: python run_pipeline.py --phase A1")
    bar = Bar()
    context = Context(setting.settings, setting.database, stop, limit=options.limit, dry_run=options.dry_run,
                      wait=options.wait, allow_deletes=options.allow_deletes, progress=bar.show)
    if any(step.code == "A2" for step in steps):
        open_source(require_source(context))  # what is wrong with it is said before a database is started
    done = run_steps(steps, context, bar, quiet if options.as_json else show.step)
    status = done.exit_status(stop)
    if options.as_json:
        click.echo(json.dumps(done.document(status), indent=1, ensure_ascii=False, default=str))
    else:
        show.end_of_run(done.left, status)
    return status


def run_steps(steps: Sequence[Step], context: Context, bar: Bar, tell: Tell) -> Run:
    """Run steps one after the other until a stop is requested; `tell` hears of each that ended, with the bar away.

    A failed checkpoint does not keep the later steps from running.
    """
    try:
        return _run_steps(steps, context, bar, tell)
    finally:
        bar.clear()


def _run_steps(steps: Sequence[Step], context: Context, bar: Bar, tell: Tell) -> Run:
    done = Run()
    waited: set[str] = set()
    groups = [list(group) for _, group in groupby(steps, key=lambda step: (step.job_types and "worker") or step.code)]
    for number, group in enumerate(groups):
        name = _to_wait_for(group[0], steps) if context.wait else None
        if name and name not in waited:
            _wait_for_checkpoint(context, name)
            waited.add(name)
        if context.stop.requested:
            done.left = [step.code for later in groups[number:] for step in later]
            break
        start = time.monotonic()
        reports = _run_group(group, context)
        bar.clear()
        for step, report in zip(group, reports, strict=True):
            done.reports.append((report, time.monotonic() - start))
            tell(step, *done.reports[-1])
        if context.dry_run and group[0].code == "A1" and done.reports[-1][0].figures.get("pending"):
            done.left = [step.code for later in groups[number + 1:] for step in later]
            break  # the tables that the others would look at are not there
    return done


def _run_group(group: Sequence[Step], context: Context) -> list[StepReport]:
    """One step, or the worker steps that stand side by side: those share the machine's children."""
    context.progress(f"{group[0].code}  {group[0].title}")
    if group[0].code != "A1":
        with context.database.transaction(group[0].code) as conn:
            migrations.check_schema(conn)
    context.stop.abrupt = not group[0].job_types  # only workers ask whether a second request has come
    if len(group) > 1:
        reports = drain_together(context, {step.code: step.job_types for step in group})
        for step, report in zip(group, reports, strict=True):
            step.finish(context, report)
        return reports
    report = group[0].run(context)
    if context.dry_run:
        report.checkpoint = None  # it would judge what was not done
    elif report.checkpoint:
        _record(context, report.checkpoint)
    return [report]


def _record(context: Context, result: CheckpointResult) -> None:
    def record(conn: Connection) -> None:
        jobs.record_checkpoint(conn, tenant_id=context.tenant_id, name=result.name, passed=result.passed, figures=result.figures,
                               by=socket.gethostname())

    with context.database.session("checkpoint") as session:
        session.run(record)


def _to_wait_for(step: Step, steps: Sequence[Step]) -> str | None:
    """The checkpoint to wait for before this step; None where this very run brings it about."""
    name = WAITS_FOR.get(step.phase)
    return name if not any(other.phase.lower() == name for other in steps) else None


def _wait_for_checkpoint(context: Context, name: str) -> None:
    said = ""
    with context.database.session("wait") as session:
        session.run(migrations.check_schema)
        while not context.stop.requested:
            found = session.run(lambda conn: jobs.latest_checkpoint(conn, tenant_id=context.tenant_id, name=name))
            if found is not None and found.passed:
                return
            state = f"failed on {found.checked_by} at {found.checked_at:%H:%M:%S}" if found else "has not been checked yet"
            line = f"waiting for checkpoint {name}, which {state}; Ctrl+C ends the wait"
            if line != said:
                click.echo(line, err=True)
            said = line
            context.stop.wait(WAIT_POLL_SECONDS)


def quiet(step: Step, report: StepReport, seconds: float) -> None:
    """With --json standard output holds the one document alone."""
