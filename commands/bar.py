"""The moving line on a terminal's standard error: a spinner, or a bar where the number of jobs is known."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn


class Bar:
    """A context manager; `show` may be called as often as one likes, it is drawn ten times a second."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=True)
        self._task = self._progress.add_task("starting", total=None)

    def show(self, line: str, done: int = 0, total: int = 0) -> None:
        self._progress.update(self._task, description=line, completed=done, total=total or None)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()
