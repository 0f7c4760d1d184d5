"""`changes`: what the last look at the source changed, file by file."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import click

from commands import exits, times
from commands.setting import config_option, json_option, load
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.errors import ConfigError
from pipeline.inventory.changes import Change, Changes, LookedAt, read_changes
from pipeline.observe.files import printable

SHOWN = 50
COLOUR = {"new": "green", "changed": "yellow", "moved": "cyan", "deleted": "red", "unreadable": "red"}


@click.command(epilog=exits.EPILOG)
@click.option("--run", "run", type=click.IntRange(1), metavar="N", help="Of this inventory run.  [default: the last that ended]")
@click.option("--since", type=times.since, metavar="WHEN", help="Of all runs since then: 2026-01-31, '2026-01-31 14:00', 24h, 7d.")
@click.option("--limit", type=click.IntRange(0), default=SHOWN, show_default=True, metavar="N", help="So many files of each kind; 0: all.")
@json_option
@config_option
def changes(run: int | None, since: timedelta | datetime | None, limit: int, as_json: bool, config: Path | None) -> int:
    """Show what changed in the source.

    Files that were new, changed, moved, gone, back again or unreadable when A2 looked last, with what workers met
    since the look before. A2 writes the same into DATA_DIR/reports/inventory_changes.md.

    \b
    Examples:
      python run_pipeline.py changes
      python run_pipeline.py changes --since 24h --limit 0
      python run_pipeline.py changes --run 12 --json
    """
    if run is not None and since is not None:
        raise ConfigError("--run and --since exclude each other; give one of them")
    setting = load(config)
    store = setting.settings.source_name
    with setting.connection("changes") as conn:
        moment = _moment(conn, since)
        found = read_changes(conn, tenant_id=DEFAULT_TENANT, store=store, run=run, since=moment, limit=limit or None)
    if run is not None and not found.runs:
        raise ConfigError(f"store {store} has no inventory run {run}; python run_pipeline.py changes shows the last one")
    if as_json:
        click.echo(json.dumps(found.document(), indent=1, ensure_ascii=False, default=str))
    else:
        show(found, store)
    return exits.DONE


def _moment(conn: Connection, since: timedelta | datetime | None) -> datetime | None:
    """On the database's clock."""
    if not isinstance(since, timedelta):
        return since
    row = conn.execute("SELECT now() - %s::interval", (since,)).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def show(found: Changes, store: str) -> None:
    for look in found.runs:
        click.secho(_look(look), bold=True)
        if look.deletions_refused:
            click.secho(f"  {look.deletions_refused} files are missing, which was not believed: is the right folder mounted? "
                        "If they are gone: python run_pipeline.py --phase A2 --allow-deletes", fg="red")
    if not found.runs:
        click.echo(f"nobody has looked at store {store} in that time; next: python run_pipeline.py --phase A2")
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in found.counts.items() if count)
    click.echo(f"  {counts or 'nothing changed'}")
    for change in found.files:
        click.echo(f"  {_kind(change)}{printable(_places(change))}")
    left_out = found.document()["left_out"]
    if left_out:
        click.echo(f"  … and {left_out} more; --limit 0 shows all")


def _look(look: LookedAt) -> str:
    whole = "" if look.complete else ", still under way" if look.finished_at is None else ", not the whole of it"
    return f"inventory run {look.run_id} of store {printable(look.store)} on {printable(look.machine)}, " \
           f"{look.started_at.astimezone():%Y-%m-%d %H:%M:%S}: {look.files} files{whole}"


def _kind(change: Change) -> str:
    return click.style(f"{change.change:<12}", fg=COLOUR.get(change.change))


def _places(change: Change) -> str:
    return f"{change.moved_from} → {change.file}" if change.moved_from else change.file
