"""Judge a database: is it the one that this release expects, and has a phase done its work?"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

import click

from commands import exits
from commands.setting import config_option, json_option, load
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.observe import checkpoints
from pipeline.observe.verify import verify, verify_checkpoint
from pipeline.observe.verify_case import Check

FAULTS_SHOWN = 10  # a check; --json has all of them

EPILOG = """\b
Exit status: 0 everything passes; 1 a check or the checkpoint failed; 2 wrong usage or configuration;
3 the database is out of reach; 4 an error of ours; 130 interrupted."""


@click.command(epilog=EPILOG)
@click.option("--checkpoint", type=click.Choice(checkpoints.NAMES, case_sensitive=False),
              help="Also judge what the phase must have reached: a: files linked; b: over 95 % extracted; d: CAD files modelled.")
@json_option
@config_option
def main(checkpoint: str | None, as_json: bool, config: Path | None) -> None:
    """Check the database against this release: server, migrations, tables, columns, indexes, keys, row-level security.

    Nothing is changed. Each failed check says how to mend it.

    \b
    Examples:
      python verify_migration.py
      python verify_migration.py --checkpoint b --json
    """
    try:
        with load(config).database.connect("verify", autocommit=True) as conn:
            checks = judge(conn, checkpoint)
    except KeyboardInterrupt:
        stop(exits.INTERRUPTED, "interrupted", as_json)
    except Exception as exc:
        stop(*exits.judge(exc), as_json)
    if as_json:
        click.echo(json.dumps(document(checks), indent=1))
    else:
        show(checks)
    sys.exit(exits.DONE if all(check.passed for check in checks) else exits.CHECKPOINT_FAILED)


def judge(conn: Connection, checkpoint: str | None) -> list[Check]:
    checks = verify(conn)
    if checkpoint:
        checks.append(verify_checkpoint(conn, checkpoint, DEFAULT_TENANT))
    return checks


def document(checks: list[Check]) -> dict[str, Any]:
    return {
        "passed": all(check.passed for check in checks),
        "failed": [check.name for check in checks if not check.passed],
        "checks": [{
            "group": check.group, "name": check.name, "passed": check.passed, "found": check.found,
            "faults": [{"what": fault.what, "mend": fault.mend} for fault in check.faults],
            **({"figures": check.figures} if check.figures else {}),
        } for check in checks],
    }


def show(checks: list[Check]) -> None:
    """Colour on a terminal only; click takes it out elsewhere."""
    width = max(len(check.name) for check in checks)
    for group, members in groupby(checks, key=lambda check: check.group):
        click.secho(group, bold=True)
        for check in members:
            word = click.style("ok  ", fg="green") if check.passed else click.style("FAIL", fg="red", bold=True)
            click.echo(f"  {word}  {check.name:<{width}}  {check.found}")
            show_faults(check)
            show_figures(check)
    failed = sum(not check.passed for check in checks)
    click.echo(f"\n{len(checks)} checks, {failed} failed" if failed else f"\n{len(checks)} checks, all passed")


def show_faults(check: Check) -> None:
    for mend, faults in groupby(check.faults[:FAULTS_SHOWN], key=lambda fault: fault.mend):
        for fault in faults:
            click.echo(f"          - {fault.what}")
        click.echo(f"            {mend}")
    if len(check.faults) > FAULTS_SHOWN:
        click.echo(f"          ... and {len(check.faults) - FAULTS_SHOWN} more; --json lists them all")


def show_figures(check: Check) -> None:
    for name, value in check.figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
        click.echo(f"          {name.replace('_', ' '):<26}  {'-' if value is None else value}")


def stop(status: int, message: str, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"passed": False, "exit_status": status, "error": message}))
    click.echo(message, err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
