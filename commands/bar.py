"""The moving line on a terminal's standard error: a spinner, or a bar where the number of jobs is known."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn


class Bar:
    """`show` may be called as often as one likes: it is drawn ten times a second. Nothing is drawn but on a terminal.

    `clear` takes it away, so that standard output may go to the same screen; the next `show` brings it back.
    """

    def __init__(self) -> None:
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
        # Standard output may be a file while standard error is the screen, so it is left alone.
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        self._task = self._progress.add_task("", total=None)
        self._shown = False

    def show(self, line: str, done: int = 0, total: int = 0) -> None:
        if not sys.stderr.isatty() and not self._shown:
            return
        self._progress.update(self._task, description=line, completed=done, total=total or None)
        if not self._shown:
            self._progress.start()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            self._progress.stop()
            self._shown = False
