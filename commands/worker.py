"""`worker`: stays and takes whatever is queued."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import click

from commands import exits, times
from commands.setting import config_option, load
from phases.step import Context
from phases.syncing import SyncSchedule
from pipeline import migrations
from pipeline.storage import open_source
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal


@click.command(epilog=exits.EPILOG)
@click.option("--job-types", metavar="NAMES", help="Only these, with commas.  [default: all that this release runs]")
@click.option("--source", metavar="DIR|URL", help="Where the files are.  [default: SOURCE_URL of config.txt]")
@click.option("--workers", type=click.IntRange(1, 1000), metavar="N", help="Child processes.  [default: WORKERS, or one a core]")
@click.option("--sync-every", type=times.span, metavar="SPAN", help="Look at the source that often, as A2 and B2 do: 15m, 1h, 30s.")
@config_option
def worker(job_types: str | None, source: str | None, workers: int | None, sync_every: timedelta | None, config: Path | None) -> int:
    """Take jobs as they come, until stopped.

    What a service manager runs on each machine. With --sync-every it keeps the inventory in step with the source, too;
    machines that share a store take turns.
    Ctrl+C, SIGTERM or `drain` finish the jobs in hand and end it with status 0; a second Ctrl+C stops now.

    \b
    Examples:
      python run_pipeline.py worker
      python run_pipeline.py worker --job-types pdf,dxf --workers 8
      python run_pipeline.py worker --sync-every 15m
    """
    setting = load(config, source_url=source, workers=str(workers) if workers else None)
    types = [name.strip() for name in job_types.split(",") if name.strip()] if job_types else list(HANDLERS)
    stop = StopSignal()
    source_of_files = open_source(setting.settings.source_url)
    running = Worker(setting.database, setting.settings, source_of_files, job_types=types, stop=stop, stay=True)
    with setting.database.session("worker start") as session:
        session.run(migrations.check_schema)
    stop.install()
    click.echo(f"working as {running.worker_id} on {', '.join(types)}; Ctrl+C ends it", err=True)
    schedule = SyncSchedule(Context(setting.settings, setting.database, stop), every=sync_every) if sync_every else None
    with schedule or contextlib.nullcontext():
        tally = running.run()
    click.echo(f"{tally.completed} completed, {tally.failed} failed, {tally.retried} to be retried", err=True)
    return exits.INTERRUPTED if stop.immediate else exits.DONE
