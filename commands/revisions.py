"""`revisions`, `diff` and `where-used`: what a group of files holds, what changed, and what it is built into."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from commands import exits
from commands.picking import pick_file
from commands.setting import config_option, json_option, load
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.linking import bom_links, history
from pipeline.observe.files import printable

SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
NAME_WIDTH = 18


@click.command(epilog=exits.EPILOG)
@click.argument("file_or_group")
@json_option
@config_option
def revisions(file_or_group: str, as_json: bool, config: Path | None) -> int:
    """List the revisions of a drawing, the latest marked.

    Shows all files of the group with their revision, where that was read, and what supersedes them.
    FILE_OR_GROUP is a path below the source, the end of one, a pattern, a blob_id, a group's key or its id.

    \b
    Examples:
      python run_pipeline.py revisions DM-1001-B.pdf
      python run_pipeline.py revisions "main: dm1001" --json
    """
    with load(config).connection("revisions") as conn:
        group_id = _group_id(conn, file_or_group, as_json=as_json)
        if group_id is None:
            return exits.DONE
        group = history.find_group(conn, group_id, DEFAULT_TENANT) or {}
        contents = group | history.revisions_of(conn, group_id, DEFAULT_TENANT)
    if as_json:
        _json(contents)
        return exits.DONE
    click.secho(printable(str(group.get("group_key", group_id))), bold=True)
    click.echo(f"  linked by {group.get('method')} at {group.get('confidence', 0):.2f}: {printable(str(group.get('reason')))}")
    for file in contents["files"]:
        _file(file)
    for finding in contents["findings"]:
        click.secho(f"  to settle: {printable(finding['blob_key'])}: {printable(finding['reason'])}", fg="yellow")
    return exits.DONE


@click.command(epilog=exits.EPILOG)
@click.argument("old")
@click.argument("new")
@json_option
@config_option
def diff(old: str, new: str, as_json: bool, config: Path | None) -> int:
    """List what changed from one revision to another.

    Compares title-block fields, dimensions with their tolerances, and rows of the parts list. OLD and NEW are
    paths below the source, ends of paths, patterns, or blob_ids.

    \b
    Examples:
      python run_pipeline.py diff DM-1001-A.pdf DM-1001-B.pdf
      python run_pipeline.py diff DM-1001-A.dxf DM-1001-B.dxf --json
    """
    with load(config).connection("diff") as conn:
        found = [pick_file(conn, text, as_json=as_json) for text in (old, new)]
        if found[0] is None or found[1] is None:
            return exits.DONE
        changes = history.difference(conn, str(found[0].blob_id), str(found[1].blob_id), DEFAULT_TENANT)
    if as_json:
        _json(changes)
    else:
        _show(changes)
    return exits.DONE


@click.command(name="where-used", epilog=exits.EPILOG)
@click.argument("file_or_group")
@json_option
@config_option
def where_used(file_or_group: str, as_json: bool, config: Path | None) -> int:
    """List the assemblies whose parts lists name a part.

    Goes up through all levels, as far as parts lists were read. FILE_OR_GROUP as for revisions.

    \b
    Examples:
      python run_pipeline.py where-used DM-1001.pdf
      python run_pipeline.py where-used "main: dm1001" --json
    """
    with load(config).connection("where-used") as conn:
        group_id = _group_id(conn, file_or_group, as_json=as_json)
        if group_id is None:
            return exits.DONE
        rows = bom_links.where_used(conn, DEFAULT_TENANT, group_id)
    found = [{"level": level, "group_id": group, "group_key": key, "quantity": None if quantity is None else float(quantity)}
             for level, group, key, quantity in rows]
    if as_json:
        _json({"group_id": group_id, "used_in": found})
        return exits.DONE
    if not found:
        click.echo("no parts list names it")
    for one in found:
        times = f"  {one['quantity']:g}×" if one["quantity"] is not None else ""
        click.echo(f"{'  ' * int(one['level'])}{printable(one['group_key'])}{times}")
    return exits.DONE


def _group_id(conn: Connection, text: str, *, as_json: bool) -> str | None:
    """Of the group that is named so, else of the file; None where several files match, which are listed then."""
    if group := history.find_group(conn, text, DEFAULT_TENANT):
        return str(group["group_id"])
    file = pick_file(conn, text, as_json=as_json)
    if file is None:
        return None
    group_id = history.group_of(conn, str(file.blob_id), DEFAULT_TENANT)
    if group_id is None:
        click.echo("that file is in no group yet; run --phase a first", err=as_json)
    return group_id


def _file(file: dict[str, Any]) -> None:
    revision = file["revision"] or "?"
    source = {"title_block": "title block", "file_name": "file name"}.get(file["revision_source"] or "", "")
    state = click.style("latest    ", fg="green") if file["is_latest"] else click.style("superseded", fg="yellow")
    date = f"  {file['date']}" if file["date"] else ""
    newer = f"  by {printable(file['superseded_by'])}" if file["superseded_by"] else ""
    click.echo(f"  {state}  {printable(revision):<6} {source:<12}{printable(file['blob_key'])}{date}{newer}")


def _show(changes: dict[str, Any]) -> None:
    for side, file in (("from", changes["old"]), ("to", changes["new"])):
        click.echo(f"{side:<5} {printable(file['blob_key'])}{'  revision ' + printable(file['revision']) if file['revision'] else ''}")
    if not changes["same_group"]:
        click.secho("  these are files of two different groups", fg="yellow")
    if not any(sum(counts) for counts in changes["counts"].values()):
        click.secho("  neither has been read yet, or nothing was found in them", fg="yellow")
    elif changes["same"]:
        click.echo("  nothing that was read of them differs")
    for name, title in (("fields", "fields"), ("dimensions", "dimensions"), ("bom_rows", "parts list")):
        if changes[name]:
            before, after = changes["counts"][name]
            click.secho(f"  {title} ({before} before, {after} now)", bold=True)
        for one in changes[name]:
            _change(one)


def _change(one: dict[str, Any]) -> None:
    sign, colour = SIGNS[one["change"]]
    text = " → ".join(printable(value) for value in (one["old"], one["new"]) if value is not None)
    page = f"  (page {one['page']})" if one["page"] else ""
    click.echo(f"    {click.style(sign, fg=colour)} {printable(one['name']):<{NAME_WIDTH}} {text}{page}")


def _json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))


COMMANDS = (revisions, diff, where_used)
