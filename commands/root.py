"""The root command: `--phase`, and the list of the other commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from commands import exits, queue, revisions, run_phases
from commands.changes import changes
from commands.demo import demo
from commands.evaluate import evaluate_group
from commands.export import export
from commands.lineage import lineage
from commands.server import db_stop, db_url
from commands.setting import config_option, json_option, load
from commands.show_file import show_file
from commands.status import status
from commands.sweep import sweep
from commands.worker import worker
from pipeline.errors import ConfigError

HELP_WIDTH = 110


@click.group(invoke_without_command=True, epilog=exits.EPILOG, context_settings={"max_content_width": HELP_WIDTH})
@click.option("--phase", metavar="NAMES", help="a, b, c, d, e, all, a step (B3), or several with commas (B3,B8).")
@click.option("--source", metavar="DIR|URL", help="Where the files are.  [default: SOURCE_URL of config.txt]")
@click.option("--workers", type=click.IntRange(1, 1000), metavar="N", help="Child processes.  [default: WORKERS, or one a core]")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="A trial run on N files from all folders and formats.")
@click.option("--dry-run", is_flag=True, help="Say what each step would do; change nothing.")
@click.option("--wait", is_flag=True, help="Wait for the checkpoint of the phase before (phases b and d wait for a).")
@click.option("--allow-deletes", is_flag=True, help="Believe it when more than 10 % of the files are gone at once.")
@json_option
@config_option
@click.pass_context
def root(context: click.Context, phase: str | None, source: str | None, workers: int | None, limit: int | None, dry_run: bool,
         wait: bool, allow_deletes: bool, as_json: bool, config: Path | None) -> int:
    """Turn a folder of engineering files into a searchable Postgres database.

    Steps run on this machine; any number of machines may run the same step at once. Ctrl+C finishes the jobs
    in hand and stops, a second Ctrl+C stops now. The same command goes on from there.

    \b
    Examples:
      python run_pipeline.py demo
      python run_pipeline.py --phase all --source ./drawings
      python run_pipeline.py --phase a --source ./drawings --limit 1000
      python run_pipeline.py --phase B3,B4 --workers 8 --json
    """
    if context.invoked_subcommand is not None:
        if phase:
            raise ConfigError(f'--phase and "{context.invoked_subcommand}" are two commands; give one of them')
        return exits.DONE
    if not phase:
        raise ConfigError("say what to do: --phase all, or a command such as status; --help lists them")
    setting = load(config, source_url=source, workers=str(workers) if workers else None)
    options = run_phases.Options(phase, limit, dry_run, wait, allow_deletes, as_json)
    return run_phases.run(setting, options)


for command in (demo, status, changes, show_file, lineage, worker, evaluate_group, *revisions.COMMANDS, *queue.COMMANDS, sweep,
                export, db_url, db_stop):
    root.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status. Whatever goes wrong is one line on standard error."""
    _speak_utf8()
    try:
        status = root.main(args=list(arguments), prog_name="run_pipeline.py", standalone_mode=False)
        return int(status or 0)
    except click.ClickException as exc:
        return _end(exits.WRONG_USAGE, f"{exc.format_message()}{_help_hint(exc)}", arguments)
    except (KeyboardInterrupt, click.Abort):
        return _end(exits.INTERRUPTED, "interrupted; the same command goes on from there", arguments)
    except BrokenPipeError:  # `… | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at the end would fail once more
        return exits.DONE
    except Exception as exc:
        click.echo(exits.show_traceback(exc), err=True, nl=False)
        return _end(*exits.judge(exc), arguments)


def _end(status: int, message: str, arguments: Sequence[str]) -> int:
    if "--json" in arguments:
        click.echo(json.dumps({"exit_status": status, "error": message}, ensure_ascii=False))
    click.echo(message, err=True)
    return status


def _help_hint(exc: click.ClickException) -> str:
    context = getattr(exc, "ctx", None)
    return f"; {context.command_path} --help explains the options" if context else ""


def _speak_utf8() -> None:
    """A pipe on Windows would otherwise take its locale's code page, which lacks most file names."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
