"""`lineage`: from a file to its jobs, outputs, chunks and rows, as a tree."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commands import exits, lineage_view
from commands.picking import pick_file
from commands.setting import config_option, json_option, load
from pipeline.observe import lineage as way

CHUNKS_SHOWN = 5


@click.command(epilog=exits.EPILOG)
@click.argument("file")
@click.option("--chunks", "all_chunks", is_flag=True, help=f"All chunks, not the first {CHUNKS_SHOWN} alone.")
@json_option
@config_option
def lineage(file: str, all_chunks: bool, as_json: bool, config: Path | None) -> int:
    """Show where a file's results came from.

    The whole way as a tree: its places, bytes and changes, group, jobs with their attempts, the outputs of each, the
    chunks of the current one, and its rows. FILE is a path below the source, the end of one, a pattern with * and
    ?, or a blob_id.

    \b
    Examples:
      python run_pipeline.py lineage DM-1001.pdf
      python run_pipeline.py lineage manual.docx --chunks
      python run_pipeline.py lineage "P-2041 Gearbox/drawings/DM-1001.pdf" --json
    """
    with load(config).connection("lineage") as conn:
        found = pick_file(conn, file, as_json=as_json)
        if found is None:
            return exits.DONE
        document = way.read(conn, found.blob_id, chunks=None if all_chunks else CHUNKS_SHOWN)
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))
    else:
        lineage_view.show(document)
    return exits.DONE
