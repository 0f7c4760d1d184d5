"""`status`: where the work stands, once or live."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from commands import exits, status_view
from commands.setting import Setting, config_option, json_option, load
from pipeline import migrations
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.errors import ConfigError, UnavailableError
from pipeline.inventory.stale import StaleCounts, count_stale
from pipeline.observe import logs
from pipeline.observe import status as figures
from pipeline.worker.handlers import needs

REFRESH_SECONDS = 1.5
# On a million jobs one look costs a good part of a second of the database's time: never more than a tenth of it.
SHARE_OF_TIME = 10
PIPE_WIDTH = 110
QUICKLY = timedelta(seconds=1)
QUICKLY_COUNTED_FILES = 50_000


@click.command(epilog=exits.EPILOG)
@click.option("--watch", is_flag=True, help="Refresh until Ctrl+C.")
@click.option("--stale", is_flag=True, help="Count stale results however long it takes: half a minute for a million files.")
@json_option
@config_option
def status(watch: bool, stale: bool, as_json: bool, config: Path | None) -> int:
    """Show progress, workers and failures.

    Per job type what is done, waiting and failed, the rate and the time left; workers; files by state; checkpoints;
    files whose results are stale, and why, where that is quickly counted.

    \b
    Examples:
      python run_pipeline.py status
      python run_pipeline.py status --watch
      python run_pipeline.py status --stale
      python run_pipeline.py status --json
    """
    if watch and (as_json or stale):
        raise ConfigError(f"--watch and {'--json' if as_json else '--stale'} exclude each other; give one of them")
    setting = load(config)
    if watch:
        return _watch(setting)
    with setting.connection("status") as conn, conn.transaction():
        found = _read(setting, conn)
        found = replace(found, stale=_stale(setting, conn, files=found.file_count, asked=stale))
    if as_json:
        click.echo(json.dumps(found.document(), indent=1, ensure_ascii=False, default=str))
    else:
        _console().print(status_view.page(found))
    return exits.DONE


def _watch(setting: Setting) -> int:
    """Until Ctrl+C, which is the way to end it and no error. A pipe gets a line for each change instead."""
    try:
        if sys.stdout.isatty():
            _watch_live(setting)
        else:
            _watch_lines(setting)
    except KeyboardInterrupt:
        pass
    return exits.DONE


def _watch_live(setting: Setting) -> None:
    with setting.connection("status"):
        pass  # a database that is out of reach or lacks the schema is said before the screen is taken
    logs.configure("ERROR")
    # From here on no look waits for the database: the screen says that it is away, and looks again.
    impatient = Database(setting.settings.db_url, wait=timedelta(0), embedded=setting.database.embedded)
    with impatient.session("status") as session, Live(console=_console(), screen=True, auto_refresh=False) as live:
        while True:
            start = time.monotonic()
            try:
                found = session.run(lambda conn: _read(setting, conn))
                live.update(status_view.page(found, live=True), refresh=True)
            except UnavailableError as exc:
                live.update(status_view.away(str(exc)), refresh=True)
            time.sleep(max(REFRESH_SECONDS, SHARE_OF_TIME * (time.monotonic() - start)))


def _watch_lines(setting: Setting) -> None:
    said = ""
    with setting.database.session("status") as session:
        session.run(migrations.check_schema)
        while True:
            start = time.monotonic()
            found = session.run(lambda conn: _read(setting, conn))
            line = status_view.one_line(found)
            if line != said:
                click.echo(f"{found.at.astimezone():%H:%M:%S}  {line}")
                said = line
            time.sleep(max(REFRESH_SECONDS, SHARE_OF_TIME * (time.monotonic() - start)))


def _read(setting: Setting, conn: Connection) -> figures.Status:
    """All figures of one moment, so that they add up. Silent is a worker that missed three heartbeats."""
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return figures.read(conn, tenant_id=DEFAULT_TENANT, silent_after=3 * setting.settings.heartbeat_seconds)


def _stale(setting: Setting, conn: Connection, *, files: int, asked: bool) -> StaleCounts | None:
    """How many results are stale; None where it would take too long and nobody asked for it."""
    if asked:
        return count_stale(conn, needs(setting.settings), tenant_id=DEFAULT_TENANT)
    if files > QUICKLY_COUNTED_FILES:
        return None
    with contextlib.suppress(ConfigError):  # of a model that is not on this machine: no matter here
        return count_stale(conn, needs(setting.settings), tenant_id=DEFAULT_TENANT, within=QUICKLY)
    return None


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
