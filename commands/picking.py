"""The one file that a person means, or the list of those that it could be."""

from __future__ import annotations

import json

import click

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.errors import ConfigError
from pipeline.observe.files import FoundFile, find_files, printable

LISTED = 20


def pick_file(conn: Connection, file: str, *, as_json: bool) -> FoundFile | None:
    """The file of that path, end of a path, pattern or blob_id; None where several match, which are listed then.

    Raises ConfigError where none matches.
    """
    found = find_files(conn, file, tenant_id=DEFAULT_TENANT, limit=LISTED + 1)
    if not found:
        raise ConfigError(f'no file is called "{file}"; give a path below the source, the end of one, or a pattern '
                          f'such as "*{file}*"')
    if len(found) == 1:
        return found[0]
    _list(found, as_json=as_json)
    return None


def _list(found: list[FoundFile], *, as_json: bool) -> None:
    if as_json:
        matches = [{"blob_id": one.blob_id, "source_store": one.source_store, "blob_key": one.blob_key, "status": one.status}
                   for one in found[:LISTED]]
        click.echo(json.dumps({"matches": matches, "more": len(found) > LISTED}, indent=1, ensure_ascii=False, default=str))
        return
    click.echo("several files match; name one by its blob_id:")
    for one in found[:LISTED]:
        click.echo(f"  {one.blob_id}  {one.status:<11}  {printable(one.blob_key)}")
    if len(found) > LISTED:
        click.echo("  … and more")
