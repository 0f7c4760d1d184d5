"""What verification compares and what it finds: the case, the faults, the checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline import migrations
from pipeline.observe import checkpoints
from pipeline.observe.catalogue import Schema, Server, Table

RUN_A1 = "run: python run_pipeline.py --phase A1"
IN_PSQL = "in psql: "


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and the mend."""

    what: str
    mend: str


@dataclass(frozen=True)
class Check:
    """One check's outcome. `figures` is filled by checkpoints alone."""

    group: str
    name: str
    found: str
    faults: list[Fault]
    figures: checkpoints.Figures = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Case:
    """Everything that the checks compare."""

    expected: Schema
    found: Schema
    server: Server
    ledger: Sequence[migrations.Applied]
    files: Sequence[migrations.Migration]
    files_fault: str = ""

    @property
    def pending(self) -> list[migrations.Migration]:
        return migrations.pending(self.ledger, self.files)

    def remake(self, statement: str) -> str:
        """The mend for something missing: A1 where migrations are pending, else the statement itself."""
        return RUN_A1 if self.pending else IN_PSQL + statement

    def home(self, kind: str, name: str) -> str:
        """The migration that makes a table or function, for a person to look at."""
        made = re.compile(rf"\bCREATE\b.*\b{kind} (?:IF NOT EXISTS )?{re.escape(name)}\b")
        paths = [f"sql/migrations/{migration.path.name}" for migration in self.files if made.search(migration.text)]
        return paths[-1] if paths else "pipeline/migrations.py"

    @property
    def absent(self) -> list[Fault]:
        """One fault where tables are missing: what belongs to them is not told again, thing by thing."""
        missing = len(self.expected.tables.keys() - self.found.tables.keys())
        what = f"{missing} tables are missing, and what belongs to them"
        return [Fault(what, "mend the check tables first")] if missing else []

    def common_tables(self) -> Iterator[tuple[str, Table, Table]]:
        """(name, expected, found) of the tables that are there."""
        for name, expected in self.expected.tables.items():
            if name in self.found.tables:
                yield name, expected, self.found.tables[name]


Outcome = tuple[str, list[Fault]]  # what was found, and what is wrong with it


def told(what: str, total: int, faults: Sequence[Fault]) -> str:
    """What was found, in words: \"2 faults in 82 indexes\"."""
    return f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in {total} {what}" if faults else f"{total} {what}"
