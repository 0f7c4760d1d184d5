"""How the status looks: for a terminal, and as one line for a pipe."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.observe.files import printable
from pipeline.observe.status import Status, TypeStatus, WorkerStatus

STATE_STYLE = {"extracted": "green", "failed": "red", "processing": "cyan", "pending": "yellow"}
NONE = Text("-", style="dim")


def page(status: Status, *, live: bool = False) -> RenderableType:
    """Everything on one screen: jobs first, then who works, then what needs a person."""
    parts: list[RenderableType] = [_headline(status, live=live), Text()]
    parts += [_jobs(status), Text(), _workers(status), Text(), _files(status), _checkpoints(status)]
    if status.stale:
        parts += [Text(), _stale(status.stale)]
    if status.failed_by_reason:
        parts += [Text(), _failures(status)]
    if not (live and status.open_jobs):
        parts += [Text(), Text(f"next: {advice(status)}", style="dim")]
    return Group(*parts)


def away(reason: str) -> RenderableType:
    return Text(f"{reason}\ntrying again …", style="bold red")


def one_line(status: Status) -> str:
    """For a pipe: what changes while work goes on."""
    done = sum(kind.completed for kind in status.types)
    failed = sum(kind.failed for kind in status.types)
    running = sum(kind.processing for kind in status.types)
    return (f"completed {done}  failed {failed}  running {running}  open {status.open_jobs}  "
            f"per_minute {status.per_minute:.0f}  eta {duration(status.eta_seconds)}")


def advice(status: Status) -> str:
    """The command that most likely comes next."""
    paused = [kind.job_type for kind in status.types if kind.paused and kind.open]
    if not status.file_count:
        return "python run_pipeline.py --phase all --source ./drawings"
    if paused:
        return f"python run_pipeline.py resume {paused[0]}"
    if status.files.get("pending") and not status.open_jobs:
        return "python run_pipeline.py --phase b"
    if status.open_jobs and not any(worker.state == "running" and not worker.silent for worker in status.workers):
        return "python run_pipeline.py --phase b     (jobs wait, and no worker runs)"
    if status.open_jobs:
        return "python run_pipeline.py status --watch"
    if any(not failure.input_fault for failure in status.last_failures):
        return "python run_pipeline.py requeue --failed --dry-run     (after mending the cause)"
    if status.last_failures:
        return f'python run_pipeline.py lineage "{printable(status.last_failures[0].file.rsplit("/", 1)[-1])}"'
    return "python verify_migration.py --checkpoint b"


def duration(seconds: float | None) -> str:
    """'45 s', '12 min', '3 h 05 min', '2 d 4 h', or '-'."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 5400:
        return f"{whole // 60} min"
    if whole < 2 * 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def _headline(status: Status, *, live: bool) -> Text:
    if status.open_jobs:
        word, style = f"{status.open_jobs:,} jobs open", "bold cyan"
    else:
        word, style = "nothing is open", "bold green"
    line = Text.assemble(("Draftmill  ", "bold"), (word, style))
    if status.per_minute and status.open_jobs:
        line.append(f"   {status.per_minute:,.0f} a minute")
    if status.eta_seconds is not None:
        ends = (status.at + timedelta(seconds=status.eta_seconds)).astimezone()
        line.append(f"   done in {duration(status.eta_seconds)}, about {ends:%H:%M}")
    line.append(f"   {status.at.astimezone():%Y-%m-%d %H:%M:%S}" + ("   Ctrl+C ends" if live else ""), style="dim")
    return line


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "r" else "left", no_wrap=True, overflow="ellipsis")
    return table


def _jobs(status: Status) -> RenderableType:
    table = _table(("jobs", "l"), ("", "l"), ("done", "r"), ("pending", "r"), ("backoff", "r"), ("running", "r"), ("failed", "r"),
                   ("a minute", "r"), ("left", "r"), ("", "l"))
    shown = [kind for kind in status.types if kind.total or kind.cancelled or kind.paused or kind.max_concurrent is not None]
    for kind in shown:
        bar = ProgressBar(total=max(kind.total, 1), completed=kind.completed + kind.failed, width=16, finished_style="green")
        table.add_row(kind.job_type, bar, f"{kind.completed:,}/{kind.total:,}", _count(kind.pending), _count(kind.backoff),
                      _count(kind.processing, "cyan"), _count(kind.failed, "red"),
                      f"{kind.per_minute:,.0f}" if kind.per_minute else NONE, duration(kind.eta_seconds), _limits(kind))
    return table if shown else Text("no jobs yet", style="dim")


def _limits(kind: TypeStatus) -> Text:
    words = []
    if kind.paused:
        words.append(("paused ", "bold yellow"))
    if kind.max_concurrent is not None:
        words.append((f"cap {kind.max_concurrent} ", "yellow"))
    if kind.cancelled:
        words.append((f"{kind.cancelled} cancelled", "dim"))
    return Text.assemble(*words)


def _workers(status: Status) -> RenderableType:
    if not status.workers:
        return Text("no worker runs", style="dim")
    table = _table(("workers", "l"), ("pid", "r"), ("children", "r"), ("in hand", "r"), ("done", "r"), ("failed", "r"),
                   ("last beat", "r"), ("up", "r"), ("state", "l"))
    for worker in status.workers:
        table.add_row(worker.machine, str(worker.pid), str(worker.children), _count(worker.in_hand, "cyan"),
                      _count(worker.jobs_done), _count(worker.jobs_failed, "red"), duration(worker.last_seen_seconds),
                      duration(worker.up_seconds), _state(worker))
    return table


def _state(worker: WorkerStatus) -> Text:
    if worker.silent:
        return Text("silent: look at the machine", style="bold red")
    if worker.note:
        return Text(f"waiting: {worker.note}", style="yellow")
    style = {"running": "green", "draining": "yellow", "lost": "red"}.get(worker.state, "dim")
    return Text(worker.state, style=style)


def _files(status: Status) -> Text:
    line = Text.assemble((f"{status.file_count:,} files  ", "bold"))
    for number, (state, count) in enumerate(status.files.items()):
        line.append(" · " if number else "")
        line.append(f"{state} {count:,}", style=STATE_STYLE.get(state, ""))
    return line


def _checkpoints(status: Status) -> Text:
    line = Text.assemble(("checkpoints  ", "bold"))
    for number, checkpoint in enumerate(status.checkpoints):
        line.append(" · " if number else "")
        if checkpoint.passed is None or checkpoint.checked_at is None:
            line.append(f"{checkpoint.name} not checked", style="dim")
            continue
        word, style = ("passed", "green") if checkpoint.passed else ("FAILED", "bold red")
        line.append(f"{checkpoint.name} {word} ", style=style)
        line.append(f"{checkpoint.checked_at.astimezone():%H:%M} on {checkpoint.checked_by}", style="dim")
    return line


def _stale(stale: dict[str, dict[str, int]]) -> Text:
    line = Text.assemble(("stale results  ", "bold"))
    for number, (job_type, reasons) in enumerate(stale.items()):
        line.append(" · " if number else "")
        line.append(f"{job_type} " + ", ".join(f"{count:,} ({reason})" for reason, count in reasons.items()), style="yellow")
    line.append("   python run_pipeline.py requeue --stale --dry-run says what they cost", style="dim")
    return line


def _failures(status: Status) -> RenderableType:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in status.failed_by_reason.items())
    table = _table(("last failures", "l"), ("type", "l"), ("file", "l"), ("ago", "r"))
    table.columns[2].ratio = 1
    for failure in status.last_failures:
        table.add_row(Text(failure.reason, style="yellow" if failure.input_fault else "red"), failure.job_type,
                      Text(printable(failure.file)), duration(failure.age_seconds))
    return Group(Text.assemble(("dead letters  ", "bold"), reasons), table)


def _count(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style=style) if number else NONE
