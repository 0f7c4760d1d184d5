"""`lineage`: from a file to its jobs, outputs and rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from commands import exits
from commands.picking import pick_file
from commands.setting import config_option, json_option, load
from pipeline.observe import lineage as tree
from pipeline.observe.files import printable


@click.command(epilog=exits.EPILOG)
@click.argument("file")
@json_option
@config_option
def lineage(file: str, as_json: bool, config: Path | None) -> int:
    """Show where a file's results came from.

    Its places, group, jobs with their attempts, outputs and rows. FILE is a path below the source, the end of
    one, a pattern with * and ?, or a blob_id.

    \b
    Examples:
      python run_pipeline.py lineage DM-1001.pdf
      python run_pipeline.py lineage "P-2041 Gearbox/drawings/DM-1001.pdf" --json
    """
    with load(config).connection("lineage") as conn:
        found = pick_file(conn, file, as_json=as_json)
        if found is None:
            return exits.DONE
        document = tree.read(conn, found.blob_id)
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))
    else:
        show(document)
    return exits.DONE


def show(document: dict[str, Any]) -> None:
    file = document["file"]
    click.secho(printable(file["blob_key"]), bold=True)
    reason = f": {file['status_reason']}" if file["status_reason"] else ""
    _line("state", file["status"] + (" (partly read)" if file["partial"] else "") + reason)
    _line("blob", f"{file['blob_id']}  in store {file['source_store']}")
    _line("bytes", f"{file['size_bytes']}  {file['mime_type'] or 'unknown type'}  version {file['source_version']}")
    _line("sha256", file["byte_hash_sha256"] or "not read yet")
    _line("seen", f"first {_time(file['discovered_at'])}, last in inventory run {file['last_seen_run']}")
    if file["moved_from"]:
        _line("moved from", file["moved_from"])
    for place in document["places"] if len(document["places"]) > 1 else ():
        _line("same bytes", f"{place['blob_key']}  {'bears the rows' if place['status'] != 'duplicate' else 'duplicate'}")
    _group(document["group"])
    for job in document["jobs"]:
        _job(job)
    for output in document["outputs"]:
        place = f"{output['output_store']}/{output['output_blob_key']}"
        _line("output", f"{output['output_type']}  {place}  {_time(output['created_at'])}")
    _line("rows", ", ".join(f"{count} {name}" for name, count in document["rows"].items()))
    for found in document["fields"]:
        page = f"page {found['page_number']}" if found["page_number"] else "file"
        _line("", f"{page:<8}{found['field']:<16}{(found['value'] or '')[:60]:<62}{found['confidence']:.2f} {found['method']}")


def _group(group: dict[str, Any] | None) -> None:
    if group is None:
        return
    review = f"; to review: {group['review_reason']}" if group["needs_review"] else ""
    review += f"; {group['contradictions']} contradictions, see show" if group["contradictions"] else ""
    project = f", project {group['project_code']}" if group["project_code"] else ""
    _line("group", f"{group['group_key']} with {group['member_count']} files{project}, linked by {group['method']} "
                   f"at {group['confidence']:.2f}{review}")


def _job(job: dict[str, Any]) -> None:
    took = f" in {job['processing_time_ms']} ms" if job["processing_time_ms"] is not None else ""
    when = f"  {_time(job['completed_at'])}" if job["completed_at"] else ""
    old = "" if job["current"] else "  (superseded)"
    error = f": {job['error_reason']}: {job['last_error']}" if job["last_error"] else ""
    _line(f"job {job['id']}", f"{job['job_type']} {job['extraction_version']}  {job['status']}{took}, "
                              f"attempt {job['attempt']}{when}{old}{error}")
    last = job["attempt"] if job["status"] == "failed" else None  # its error stands on the line above
    for attempt in (attempt for attempt in job["failed_attempts"] if attempt["attempt"] != last):
        _line("", f"attempt {attempt['attempt']} {attempt['outcome']} at {_time(attempt['ended_at'])}: {attempt['error']}")


def _line(name: str, text: str) -> None:
    click.echo(f"  {click.style(f'{name:<11}', fg='cyan')} {printable(text)}")


def _time(moment: Any) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
