"""The report of what a look at the source changed: counts by kind, then the files, as Markdown."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipeline.observe.reports import cell, table

TITLES = {
    "new": "New", "changed": "Changed bytes", "moved": "Moved", "deleted": "No longer there", "reappeared": "Back again",
    "unreadable": "Could not be read", "readable": "Can be read again",
}


def markdown(document: dict[str, Any]) -> str:
    """The report for a person. `document`: as of pipeline.inventory.changes.Changes.document()."""
    lines = ["# What changed in the source", ""]
    for run in document["runs"]:
        whole = "" if run["complete"] else ", not the whole of it"
        lines.append(f"- Inventory run {run['run_id']} of store {cell(run['store'])} on {cell(run['machine'])}, "
                     f"{run['started_at']:%Y-%m-%d %H:%M:%S %Z}: {run['files']:,} files{whole}")
        if run["deletions_refused"]:
            lines.append(f"- **{run['deletions_refused']:,} files are missing, which was not believed**: is the right folder mounted?")
    lines += ["", *table(("change", "files"), [(TITLES[kind], count) for kind, count in document["counts"].items() if count])]
    for kind, found in groupby(document["files"], key=lambda change: change["change"]):
        files = list(found)
        lines += ["", f"## {TITLES[kind]}", "", *_files(kind, files)]
        if len(files) < document["counts"][kind]:
            lines.append(f"\n… and {document['counts'][kind] - len(files):,} more")
    return "\n".join(lines) + "\n"


def _files(kind: str, files: list[dict[str, Any]]) -> list[str]:
    if kind == "moved":
        return ["| from | to |", "|---|---|", *(f"| {cell(one['moved_from'])} | {cell(one['file'])} |" for one in files)]
    return [f"- {cell(one['file'])}" for one in files]
