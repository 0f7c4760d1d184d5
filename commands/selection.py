"""From `--phase b` or `--phase B3,B8` to steps, in the order in which they run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from phases.step import Step, all_steps
from pipeline.errors import ConfigError

# Every step of the contract in running order, which is not the order of the numbers: B7 reports on what the steps after it in
# number have done, B10 makes the records of the groups that B11 leaves, and `all` tests the search (C) when everything is there
# to be found.
ORDER = (
    "A1", "A2", "A3", "A4", "A5", "A6",
    "B1", "B2", "B3", "B4", "B8", "B5", "B6", "B9", "B11", "B10", "B7",
    "D1", "D2", "D3", "D4", "D5", "D6",
    "E1", "E2", "E3", "E4", "E5", "E6",
    "C1", "C2", "C3", "C4", "C5", "C6",
)
PHASES = ("a", "b", "c", "d", "e")
SERVER = "C6"  # started by its own command only


def select(text: str) -> list[Step]:
    """The steps that `text` names: phases, steps or 'all', separated by commas, in any case.

    Raises ConfigError for a name that is none, or that has no step in this release.
    """
    available = {step.code: step for step in all_steps()}
    chosen = {code for name in text.split(",") for code in _codes(name.strip(), available)}
    return [available[code] for code in ORDER if code in chosen]


def _codes(name: str, available: Mapping[str, Step]) -> Iterable[str]:
    if name.lower() == "all":
        return [code for code in available if code != SERVER]
    if name.lower() in PHASES:
        return _phase(name.upper(), available)
    if name.upper() not in ORDER:
        raise ConfigError(_unknown(name, available))
    if name.upper() not in available:
        raise ConfigError(f"step {name.upper()} is not in this release; it has {', '.join(_listed(available))}")
    return [name.upper()]


def _phase(letter: str, available: Mapping[str, Step]) -> Iterable[str]:
    codes = [code for code in available if code.startswith(letter) and code != SERVER]
    if not codes:
        raise ConfigError(f"phase {letter.lower()} has no step in this release; it has {', '.join(_listed(available))}")
    return codes


def _unknown(name: str, available: Mapping[str, Step]) -> str:
    known = ["all", *PHASES, *_listed(available)]
    near = difflib.get_close_matches(name.lower(), [word.lower() for word in known], n=1, cutoff=0.5)
    hint = f"did you mean {next(word for word in known if word.lower() == near[0])}? " if near else ""
    return f'"{name[:40]}" is no phase and no step; {hint}Known are {", ".join(known)}'


def _listed(available: Mapping[str, Step]) -> list[str]:
    return [code for code in ORDER if code in available]
