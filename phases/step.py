"""What a step is given, what it returns, and how steps are found.

A step is a module `phases/<code>_<name>.py` with a docstring (what it does; Reads, Writes, After) and
`run(context) -> StepReport`. It may be run again at any time, on any machine, by several at once.
"""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Database
from pipeline.worker.stop import StopSignal

Figures = dict[str, Any]  # JSON: numbers, text, lists and objects


class Progress(Protocol):
    """Takes a line for a person, and how much of how much is done where that is known."""

    def __call__(self, line: str, done: int = 0, total: int = 0) -> None: ...


def no_progress(line: str, done: int = 0, total: int = 0) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class CheckpointResult:
    """The outcome of a phase's checkpoint: what was measured, and whether that is enough."""

    name: str
    passed: bool
    figures: Figures


@dataclass
class StepReport:
    """What one run of a step did.

    figures  counts and rates, in the order in which a person should read them
    notes    sentences for a person: what needs attention, which command comes next
    """

    code: str
    figures: Figures = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    checkpoint: CheckpointResult | None = None


@dataclass
class Context:
    """Everything that a step needs to know of the run it belongs to.

    limit    at most so many files or jobs (a trial run); None: all
    dry_run  say what would be done and change nothing
    stop     asked between units of work; see StopSignal
    inventory_run  the run that A2 is to fill, where somebody has begun one for it
    """

    settings: Settings
    database: Database
    stop: StopSignal
    tenant_id: str = DEFAULT_TENANT
    limit: int | None = None
    dry_run: bool = False
    wait: bool = False
    allow_deletes: bool = False
    inventory_run: int | None = None
    progress: Progress = no_progress


@dataclass(frozen=True)
class Step:
    code: str
    module_name: str

    @property
    def phase(self) -> str:
        return self.code[0]

    def load(self) -> ModuleType:
        return importlib.import_module(f"phases.{self.module_name}")

    @property
    def title(self) -> str:
        """The first line of the docstring, without the code."""
        return (self.load().__doc__ or "").strip().splitlines()[0].removeprefix(self.code).strip()

    @property
    def job_types(self) -> tuple[str, ...]:
        """The job types that a worker step runs; empty for the others."""
        return getattr(self.load(), "JOB_TYPES", ())

    def finish(self, context: Context, report: StepReport) -> None:
        """What a worker step does when its jobs are drained, where other steps ran them along with theirs."""
        finish = getattr(self.load(), "finish", None)
        if finish is not None:
            finish(context, report)

    def run(self, context: Context) -> StepReport:
        report: StepReport = self.load().run(context)
        return report


def all_steps() -> list[Step]:
    """Every step that this release has, by phase and number."""
    found = []
    for path in Path(__file__).parent.glob("*.py"):
        match = re.match(r"([A-E]\d+)_", path.stem)
        if match:
            found.append(Step(match[1], path.stem))
    return sorted(found, key=lambda step: step.code)


def main() -> None:
    """`python phases/A2_inventory.py …`: the same options and exit statuses as run_pipeline.py --phase A2."""
    import run_pipeline  # the entry point sits above the phases; only a step run by itself asks for it

    code = Path(sys.argv[0]).stem.split("_")[0]
    run_pipeline.main(["--phase", code, *sys.argv[1:]])
