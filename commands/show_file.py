"""`show`: everything that was read out of one file, with the place of each value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from commands import exits
from commands.picking import pick_file
from commands.setting import config_option, json_option, load
from pipeline.observe import file_contents
from pipeline.observe.files import printable

Row = dict[str, Any]

ROWS_SHOWN = 20
VALUE_WIDTH = 58
FIRST = ("drawing_number", "title", "revision", "date", "material", "weight", "overall_size", "scale")  # of a record's fields
SEVERITY_COLOUR = {"high": "red", "medium": "yellow", "low": None}


@click.command(name="show", epilog=exits.EPILOG)
@click.argument("file")
@click.option("--rows", type=click.IntRange(0), default=ROWS_SHOWN, show_default=True, metavar="N", help="So many of each kind; 0: all.")
@json_option
@config_option
def show_file(file: str, rows: int, as_json: bool, config: Path | None) -> int:
    """Show everything that was read out of a file.

    Title block, dimensions, materials, parts list, notes, blocks and outlines with the place of each, and the
    record of the file's group with what its files contradict each other in. FILE is a path below the source, the
    end of one, a pattern with * and ?, or a blob_id.

    \b
    Examples:
      python run_pipeline.py show DM-1001.pdf
      python run_pipeline.py show "P-2041 Gearbox/cad/DM-1003.dxf" --rows 0
      python run_pipeline.py show DM-1001.pdf --json
    """
    with load(config).connection("show") as conn:
        found = pick_file(conn, file, as_json=as_json)
        if found is None:
            return exits.DONE
        contents = file_contents.read(conn, found.blob_id)
    if as_json:
        click.echo(json.dumps(contents, indent=1, ensure_ascii=False, default=str))
    else:
        show(contents, rows or None)
    return exits.DONE


def show(contents: dict[str, Any], most: int | None) -> None:
    """The file's contents for a person: a heading a kind, a line a value, its place behind it."""
    file, document = contents["file"], contents["document"]
    click.secho(printable(file["blob_key"]), bold=True)
    reason = f": {file['status_reason']}" if file["status_reason"] else ""
    state = f"{file['status']}{' (partly read)' if file['partial'] else ''}{printable(reason)}"
    click.echo(f"  {state}  {_document(document, contents['pages'])}")
    for name, line in LINES.items():
        _section(name, contents[name], line, most)
    if contents["record"]:
        _record(contents["record"])


def _document(document: Row | None, pages: list[Row]) -> str:
    if document is None:
        return "nothing was read out of it"
    methods = ", ".join(dict.fromkeys(page["method"].replace("_", " ") for page in pages))
    warnings = f"; {', '.join(document['warnings'])}" if document["warnings"] else ""
    return f"{document['kind'].upper()}, {document['page_count']} pages by {methods}{printable(warnings)}"


def _section(name: str, rows: list[Row], line: Callable[[Row], str], most: int | None) -> None:
    if not rows:
        return
    _heading(f"{name.replace('_', ' ')}  {len(rows)}")
    for row in rows[:most]:
        click.echo(f"    {printable(line(row)):<{VALUE_WIDTH + 20}} {click.style(printable(place(row)), dim=True)}")
    if most is not None and len(rows) > most:
        click.echo(f"    … and {len(rows) - most} more; --rows 0 shows all")


def _heading(text: str) -> None:
    click.secho(f"  {text}", fg="cyan")


def place(row: Row) -> str:
    """'page 1 [10 20 60 30]' or '#2F on layer 0', then how sure it is and how it was found."""
    parts = [f"page {row['page_number']}"] if row.get("page_number") else []
    if row.get("bbox"):
        parts.append("[" + " ".join(f"{edge:.0f}" for edge in row["bbox"]) + "]")
    if row.get("entity_handle"):
        parts.append(f"#{row['entity_handle']}" + (f" on layer {row['layer']}" if row.get("layer") else ""))
    return " ".join([*parts, f"{row['confidence']:.2f} {row['method']}"])


def _field(row: Row) -> str:
    normal = f"  = {row['normalised']}" if row["normalised"] and row["normalised"] != row["value"] else ""
    return f"{row['field']:<20}{_short(row['value'])}{normal}"


def _dimension(row: Row) -> str:
    unit = "°" if row["kind"] == "angle" else " mm"
    value = f"{_number(row['value_mm'])}{unit}" if row["value_mm"] is not None else ""
    low, high = row["value_min_mm"], row["value_max_mm"]
    bounds = f"{_number(low)} … {_number(high)}" if low != high else ""
    details = ", ".join(f"{name} {_plain(given)}" for name, given in row["details"].items() if name != "limits")
    marks = [mark for mark, applies in (("reference", row["is_reference"]), ("basic", row["is_basic"])) if applies]
    count = f"{row['count']}×" if row["count"] > 1 else ""
    parts = (f"{row['kind']:<12}{_short(row['raw_text'], 26):<26}", f"{count}{value}", bounds, *marks, details)
    return "  ".join(part for part in parts if part)


def _annotation(row: Row) -> str:
    details = ", ".join(f"{name} {_plain(value)}" for name, value in row["details"].items())
    return f"{row['kind']:<20}{_short(row['raw_text'])}" + (f"  {details}" if details else "")


def _material(row: Row) -> str:
    named = [row["designation"], row["standard"], row["family"], row["treatment"],
             f"{_number(row['thickness_mm'])} mm thick" if row["thickness_mm"] is not None else None]
    return f"{_short(row['raw_text'], 34):<36}" + ", ".join(part for part in named if part)


def _parameter(row: Row) -> str:
    number = f"  = {_number(row['value_number'])} {row['unit'] or ''}".rstrip() if row["value_number"] is not None else ""
    return f"{_short(row['name'], 34):<36}{_short(row['value'])}{number}"


def _bom(row: Row) -> str:
    count = "" if row["quantity"] is None else f"{_number(row['quantity'])} ×"
    balloons = f"({len(row['balloons'])} balloons)" if row["balloons"] else ""
    parts = (row["part_number"], row["description"], row["material"], balloons)
    return f"{row['item'] or row['row_number']:<5}{count:<7}" + "  ".join(_short(part, 30) for part in parts if part)


def _block(row: Row) -> str:
    attributes = ", ".join(f"{name}={_plain(value)}" for name, value in row["attributes"].items())
    return f"{_short(row['block_name'], 34):<36}{row['insert_count']} ×  {_short(attributes)}"


def _outline(row: Row) -> str:
    holes = ", ".join(f"{hole.get('count', 1)} × Ø{_number(hole.get('diameter'))}" for hole in row["holes"])
    return (f"{_number(row['width_mm'])} × {_number(row['height_mm'])} mm, cut length {_number(row['cut_length_mm'])} mm, "
            f"{row['inner_count']} openings" + (f": {holes}" if holes else ""))


LINES: dict[str, Callable[[Row], str]] = {
    "fields": _field, "materials": _material, "dimensions": _dimension, "annotations": _annotation, "parameters": _parameter,
    "bom": _bom, "blocks": _block, "outlines": _outline,
}


def _record(record: Row) -> None:
    """What the group's files say together."""
    project = f", project {record['project_code']}" if record["project_code"] else ""
    _heading(f"record of group {printable(record['group_key'])} ({record['member_count']} files{project})")
    for name in sorted(record["fields"], key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name)):
        found = record["fields"][name]
        source = found["source"]
        where = f"{source['file'].rpartition('/')[2]} {place({**source, 'confidence': found['confidence']})}"
        others = ", ".join(f"{one['sources'][0]['kind']} {one['value']}" for one in found["alternatives"])
        text = f"{name:<20}{_short(found['value'])}" + (f"  (or {_short(others)})" if others else "")
        click.echo(f"    {printable(text):<{VALUE_WIDTH + 20}} {click.style(printable(where), dim=True)}")
    for conflict in record["conflicts"]:
        click.secho(f"    {conflict['severity']:<8}{printable(conflict['reason'])}", fg=SEVERITY_COLOUR.get(conflict["severity"]))


def _short(text: str | None, width: int = VALUE_WIDTH) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= width else text[:width - 1] + "…"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _plain(value: Any) -> str:
    """A value of a JSON object in few words."""
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return _number(value) if isinstance(value, float) else str(value)
