"""`export`: what was extracted, as files for other systems."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click

from commands import exits
from commands.setting import config_option, json_option, load
from pipeline.database import DEFAULT_TENANT
from pipeline.errors import ConfigError
from pipeline.outputs.export import ROWS_PER_PART, Request, export_chunks, stream_chunks
from pipeline.outputs.manifest import Export, Manifest
from pipeline.outputs.selection import parse_since
from pipeline.storage.sink import open_sink


@click.group(epilog=exits.EPILOG)
def export() -> None:
    """Write what was extracted into files for other systems.

    \b
    Examples:
      python run_pipeline.py export chunks --out ./chunks
      python run_pipeline.py export chunks --help
    """


@export.command(epilog=exits.EPILOG)
@click.option("--tenant", type=click.UUID, metavar="ID", default=DEFAULT_TENANT, help="Whose chunks.  [default: the pipeline's tenant]")
@click.option("--since", metavar="WHEN|CURSOR", help="Only what is newer: a date, or the cursor of a manifest.")
@click.option("--format", "format_name", type=click.Choice(["jsonl", "parquet", "csv"]), default="jsonl", show_default=True,
              help="parquet needs requirements-export.txt.")
@click.option("--out", metavar="DIR|-", help="The folder, or - for JSON lines on standard output.  [default: DATA_DIR/exports/chunks]")
@click.option("--rows", type=click.IntRange(1), default=ROWS_PER_PART, show_default=True, metavar="N",
              help="Records of a part file, at most.")
@json_option
@config_option
def chunks(tenant: UUID, since: str | None, format_name: str, out: str | None, rows: int, as_json: bool, config: Path | None) -> int:
    """Export every chunk of the current outputs.

    Part files and a manifest.json that names them, with SHA-256, the outputs they hold and the documents that have
    gone. The same command later adds what is new since then, or nothing. After Ctrl+C it goes on behind the last part.

    \b
    Examples:
      python run_pipeline.py export chunks --out ./chunks
      python run_pipeline.py export chunks --out ./table --format parquet
      python run_pipeline.py export chunks --since 2026-01-31 --out -
    """
    setting = load(config)
    moment = parse_since(since) if since else None
    with setting.connection("export"):  # its schema is checked
        pass
    sink = open_sink(setting.settings.output_url, setting.settings)
    keep = timedelta(days=setting.settings.keep_superseded_days)
    if out == "-":
        if as_json or format_name != "jsonl":
            raise ConfigError("--out - writes JSON lines and nothing else; leave out --json and --format, or name a folder")
        cursor = stream_chunks(setting.database, sink, tenant, moment, sys.stdout.buffer, keep_superseded=keep)
        sys.stdout.buffer.flush()
        click.echo(f"what is new after this: --since {cursor}", err=True)
        return exits.DONE
    folder = Path(out) if out else setting.settings.data_dir / "exports" / "chunks"
    request = Request(tenant, folder, format_name, moment, rows)
    manifest, made = export_chunks(setting.database, sink, request, keep_superseded=keep)
    _show(folder, manifest, made, as_json=as_json)
    return exits.DONE


def _show(folder: Path, manifest: Manifest, made: Export | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "format": manifest.format, "cursor": manifest.cursor,
                               "export": made.facts() if made else None}, indent=1, ensure_ascii=False))
        return
    if made is None:
        click.echo(f"{folder}: nothing new")
        return
    gone = f", {made.removed.rows} documents gone" if made.removed and made.removed.rows else ""
    click.echo(f"{folder}: {made.rows} chunks of {made.documents} documents in {len(made.parts)} files{gone}; "
               f"read {folder / 'manifest.json'}")
