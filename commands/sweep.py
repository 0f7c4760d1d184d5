"""`sweep`: tidies the store of outputs, and finds what is missing there."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from commands import exits
from commands.setting import config_option, json_option, load
from pipeline.observe.files import printable
from pipeline.outputs.sweep import SweepReport, sweep_outputs
from pipeline.storage.sink import open_sink

MB = 1024 * 1024


@click.command(epilog=exits.EPILOG)
@click.option("--keep-days", type=click.FloatRange(0, 36_500), metavar="N",
              help="How long outputs of older versions stay.  [default: KEEP_SUPERSEDED_DAYS]")
@click.option("--mend", is_flag=True, help="Have files read again whose output is missing (by the next phase b).")
@click.option("--foreign", is_flag=True, help="Remove outputs of files that this database does not know; not where databases share it.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed; change nothing.")
@json_option
@config_option
def sweep(keep_days: float | None, mend: bool, foreign: bool, dry_run: bool, as_json: bool, config: Path | None) -> int:
    """Remove outputs that nobody needs.

    What killed workers left behind, and outputs of older versions after KEEP_SUPERSEDED_DAYS. It never takes what
    a running job may still register. Safe beside workers and other sweeps; after Ctrl+C the same command goes on.
    Names outputs that are missing; exit status 1 then.

    \b
    Examples:
      python run_pipeline.py sweep --dry-run
      python run_pipeline.py sweep
      python run_pipeline.py sweep --mend
    """
    setting = load(config)
    keep = timedelta(days=setting.settings.keep_superseded_days if keep_days is None else keep_days)
    with setting.connection("sweep"):  # its schema is checked
        pass
    sink = open_sink(setting.settings.output_url, setting.settings)
    report = sweep_outputs(setting.database, sink, keep_superseded=keep, dry_run=dry_run, foreign=foreign, mend=mend)
    if as_json:
        click.echo(json.dumps({"output_url": sink.url, **asdict(report)}, indent=1, ensure_ascii=False, default=str))
    else:
        _show(report, sink.url)
    return exits.CHECKPOINT_FAILED if report.missing_current and not report.mended else exits.DONE


def _show(report: SweepReport, url: str) -> None:
    verb = "would remove" if report.dry_run else "removed"
    click.echo(f"{printable(url)}: {report.listed} outputs, {report.listed_bytes / MB:.1f} MB")
    click.echo(f"{verb} {report.superseded} of older versions ({report.superseded_bytes / MB:.1f} MB), "
               f"{report.orphans} that no row names ({report.orphan_bytes / MB:.1f} MB), {report.leftovers} unfinished ones")
    if report.kept_open:
        click.echo(f"kept {report.kept_open} that running jobs may still register")
    if report.foreign:
        click.echo(f"{report.foreign} belong to files that this database does not know; where no other database uses this "
                   "OUTPUT_URL, python run_pipeline.py sweep --foreign removes them")
    if report.renewed:
        click.echo(f"{report.renewed} outputs came from another database server; pollers will see them as new")
    if report.missing:
        _show_missing(report)


def _show_missing(report: SweepReport) -> None:
    click.echo(f"{report.missing} outputs have a row and no file:")
    for one in report.missing_outputs:
        click.echo(f"  {one.key}  of {printable(one.file)}{'' if one.current else '  (an older version; its row goes in time)'}")
    if report.mended:
        click.echo(f"{report.mended} files will be read again; next: python run_pipeline.py --phase b")
    elif any(one.current for one in report.missing_outputs):
        click.echo("restore the files, or have them made again: python run_pipeline.py sweep --mend, "
                   "then python run_pipeline.py --phase b")
