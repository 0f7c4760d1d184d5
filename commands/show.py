"""What a run says on standard output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from commands import exits
from phases.step import CheckpointResult, Figures, Step, StepReport

WIDTH = 100
MANY = 8


def step(ended: Step, report: StepReport, seconds: float) -> None:
    """What the step is and how long it took; below, what it counted and what a person should know."""
    title = ended.title.rstrip(".")
    click.echo(f"{click.style(f'{report.code:<4}', bold=True, fg='cyan')}{title:<{WIDTH - 14}}{seconds:>8.1f} s")
    _lines(report.figures, indent=4)
    for note in report.notes:
        click.secho(f"    {note}", fg="yellow")
    if report.checkpoint:
        _checkpoint(report.checkpoint)


def _checkpoint(result: CheckpointResult) -> None:
    verdict = click.style("passed", fg="green", bold=True) if result.passed else click.style("FAILED", fg="red", bold=True)
    click.echo(f"    checkpoint {result.name} {verdict}")
    _lines(result.figures, indent=6)


def end_of_run(left: Sequence[str], status: int) -> None:
    """The last lines: what was left over, and the command to type next."""
    if status == exits.INTERRUPTED:
        click.echo(f"\ninterrupted; not run: {', '.join(left) or 'jobs of the last step'}. The same command goes on from there.")
    elif status == exits.CHECKPOINT_FAILED:
        click.echo("\na checkpoint failed; python verify_migration.py --checkpoint a (or b) says why and what to do")
    else:
        click.echo("\nnext: python run_pipeline.py status")


def _lines(figures: Figures, *, indent: int) -> None:
    for line in figure_lines(figures):
        click.echo(" " * indent + line)


def figure_lines(figures: Figures) -> list[str]:
    """'name value' side by side; what has parts stands on a line of its own.

    Zeros are left out among many figures, lists altogether: --json and the reports have them.
    """
    plain = {name: value for name, value in figures.items() if name != "seconds" and not isinstance(value, Mapping | list)}
    if len(plain) > MANY:
        plain = {name: value for name, value in plain.items() if isinstance(value, bool) or value != 0}
    lines = list(_wrapped([f"{_words(name)} {_value(value)}" for name, value in plain.items()], " · "))
    for name, value in figures.items():
        if isinstance(value, Mapping) and value:
            lines += _wrapped([f"{_words(name)}:", *(f"{_words(key)} {_value(part)}," for key, part in value.items())], " ")
    return [line.rstrip(",") for line in lines]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _wrapped(parts: Sequence[str], between: str) -> Iterator[str]:
    line = ""
    for part in parts:
        if line and len(line) + len(between) + len(part) > WIDTH:
            yield line
            line = "  "
        line = f"{line}{between}{part}" if line.strip() else line + part
    if line:
        yield line
