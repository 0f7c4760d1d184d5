"""Every command explains itself: what it does, commands to paste, the exit statuses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from commands.root import root
from tests.acceptance.conftest import REPOSITORY, Command

COMMANDS = sorted(root.commands)


@pytest.mark.parametrize("name", [*COMMANDS, ""])
def test_help_has_an_example_and_the_exit_statuses(command: Command, name: str) -> None:
    ran = command(*([name] if name else []), "--help")

    assert ran.status == 0
    assert "Example" in ran.out
    assert f"python run_pipeline.py {name}".strip() in ran.out
    assert "130 interrupted" in ran.out


def test_every_command_stands_in_the_readme() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if name not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_shows_a_whole_sentence_for_each(command: Command, name: str) -> None:
    line = next(line for line in command("--help").out.splitlines() if line.split()[:1] == [name])

    assert line.endswith(".")
    assert "..." not in line


def test_a_step_script_runs_by_itself() -> None:
    script = REPOSITORY / "phases" / "A1_schema_migration.py"
    done = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--phase" in done.stdout
