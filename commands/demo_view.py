"""How the demo's end looks."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.run_phases import Run
from phases.step import Step, StepReport

PIPE_WIDTH = 110
STATE_STYLE = {"extracted": "green", "failed": "red", "duplicate": "yellow", "unsupported": "yellow"}
KINDS = {"pdf": "PDF drawings", "dxf": "DXF drawings", "flat": "flat patterns", "layout": "DXF layouts",
         "step": "STEP models", "stl": "STL model", "bad": "bad ones"}
SEVERITY_STYLE = {"high": "red", "medium": "yellow", "low": ""}
GROUPS_SHOWN = 5
CONFLICTS_SHOWN = 6
OUTLINES_SHOWN = 4
ANSWER_CHARS = 44


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def intro(folder: Path, kinds: Counter[str]) -> None:
    papers = sum(count for kind, count in kinds.items() if kind not in KINDS)
    parts = [f"{kinds[kind]} {name}" for kind, name in KINDS.items() if kinds[kind] and kind != "bad"]
    out = console()
    out.print(Text.assemble(("Draftmill demo", "bold"), f"  {kinds.total()} sample files in {folder}"))
    out.print(Text(f"{', '.join(parts)}, {papers} papers, {kinds['bad']} bad ones as in every real folder\n"))


def step(ended: Step, report: StepReport, seconds: float) -> None:
    title = ended.title.rstrip(".").split(":")[0].split(",")[0]
    console().print(Text.assemble((f" {report.code}  ", "cyan"), f"{title:<78}{seconds:>6.1f} s"))


def summary(found: dict[str, Any], purposes: dict[str, str], done: Run, seconds: float) -> None:
    """What was read, what was linked, what became of the bad files, and what to type next."""
    out = console()
    out.print()
    out.print(_drawings(found["drawings"]))
    out.print()
    out.print(_dimensions(found["dimension_examples"]))
    out.print()
    out.print(_outlines(found["outlines"]))
    out.print()
    out.print(_groups(found["groups"]))
    out.print()
    out.print(_conflicts(found["conflicts"]))
    out.print()
    out.print(_answers(found["answers"]))
    out.print()
    out.print(_bad_files(found["bad_files"], purposes))
    out.print()
    out.print(_totals(found, seconds))
    for result in done.checkpoints.values():
        verdict = ("passed", "bold green") if result.passed else ("FAILED", "bold red")
        out.print(Text.assemble(f"checkpoint {result.name} ", verdict))
    out.print(NEXT)


NEXT = Text.assemble(("\nNext\n", "bold"), """  . .venv/bin/activate
  python run_pipeline.py status
  python run_pipeline.py show DM-1001.pdf
  python run_pipeline.py lineage DM-1001.pdf
  python verify_migration.py --checkpoint b
  python run_pipeline.py --phase all --source /path/to/your/drawings""")


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0),
                  header_style="dim")
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "r" else "left", no_wrap=True, overflow="ellipsis")
    return table


def _drawings(rows: list[dict[str, Any]]) -> Table:
    table = _table("Read from title blocks", ("file", "l"), ("number", "l"), ("title", "l"), ("rev", "l"), ("material", "l"),
                   ("scale", "l"), ("dimensions", "r"))
    for row in rows:
        cells = (row[name] or "-" for name in ("file", "drawing_number", "title", "revision", "material", "scale"))
        table.add_row(*(Text(str(cell)) for cell in cells), str(row["dimensions"]))
    return table


def _dimensions(rows: list[dict[str, Any]]) -> Table:
    table = _table("Read from dimensions", ("kind", "l"), ("as drawn", "l"), ("value", "r"), ("tolerance", "l"), ("file", "l"))
    for row in rows:
        unit = "°" if row["unit"] == "deg" else " mm"
        value = f"{row['nominal']:g}" if row["value_mm"] is None else f"{row['value_mm']:g}{unit}"
        count = f"{row['count']} × " if row["count"] > 1 else ""
        table.add_row(row["kind"], Text(row["raw_text"].replace("\n", " ")), count + value, _tolerance(row), Text(row["file"]))
    return table


def _tolerance(row: dict[str, Any]) -> str:
    plus, minus = row["tol_plus"], row["tol_minus"]
    limits = "" if plus is None and minus is None else f"{plus or 0:+g} / {minus or 0:+g}"
    return " ".join(part for part in (row["fit_class"], limits) if part)


def _groups(rows: list[dict[str, Any]]) -> Table:
    table = _table(f"{len(rows)} parts have several files, which were linked; {min(len(rows), GROUPS_SHOWN)} of them",
                   ("project", "l"), ("files that belong together", "l"), ("for a person to look at", "l"))
    for column in table.columns[1:]:
        column.no_wrap = False
    for row in rows[:GROUPS_SHOWN]:
        table.add_row(row["project_code"] or "-", Text(", ".join(row["files"])), Text(row["review_reason"] or "", style="yellow"))
    return table


def _outlines(rows: list[dict[str, Any]]) -> Table:
    table = _table("Read from flat patterns", ("file", "l"), ("size", "r"), ("cut length", "r"), ("openings", "r"), ("holes", "l"))
    for row in rows[:OUTLINES_SHOWN]:
        holes = ", ".join(f"{hole['count']} × Ø{hole['diameter']:g}" for hole in row["holes"])
        table.add_row(Text(row["file"]), f"{row['width_mm']:g} × {row['height_mm']:g} mm", f"{row['cut_length_mm']:.0f} mm",
                      str(row["inner_count"]), holes)
    return table


def _conflicts(rows: list[dict[str, Any]]) -> Table:
    table = _table(f"Where the files of one part contradict each other ({len(rows)})", ("part", "l"), ("severity", "l"),
                   ("what they say", "l"))
    for row in rows[:CONFLICTS_SHOWN]:
        table.add_row(Text(row["part"]), Text(row["severity"], style=SEVERITY_STYLE[row["severity"]]), Text(row["reason"]))
    return table


def _answers(rows: list[dict[str, Any]]) -> Table:
    table = _table("Found in the text of drawings, papers and mails", ("asked", "l"), ("file", "l"), ("page", "r"),
                   ("what stands there", "l"))
    for row in rows:
        table.add_row(Text(row["question"]), Text(row["file"]), str(row["page"] or "-"), Text(row["text"][:ANSWER_CHARS]))
    return table


def _bad_files(rows: list[dict[str, Any]], purposes: dict[str, str]) -> Table:
    table = _table("Bad files hurt nobody, and each ends in a named state", ("file", "l"), ("what it is", "l"), ("state", "l"),
                   ("because", "l"))
    for row in rows:
        table.add_row(Text(row["blob_key"].rsplit("/", 1)[-1]), purposes.get(row["blob_key"], ""),
                      Text(row["status"], style=STATE_STYLE.get(row["status"], "")), Text(_because(row)))
    return table


def _because(row: dict[str, Any]) -> str:
    if row["failed_because"]:
        return str(row["failed_because"])
    if row["duplicate_of"]:
        return f"same bytes as {row['duplicate_of'].rsplit('/', 1)[-1]}"
    if row["warnings"]:
        return ", ".join(row["warnings"])
    return row["status_reason"] or ""


def _totals(found: dict[str, Any], seconds: float) -> Text:
    states = found["files_by_status"]
    line = Text.assemble((f"{sum(states.values())} files", "bold"), " = ")
    for number, (state, count) in enumerate(states.items()):
        line.append(" + " if number else "")
        line.append(f"{count} {state}", style=STATE_STYLE.get(state, ""))
    line.append(f"\n{found['pages']} pages, {found['fields']} title-block fields, {found['dimensions']} dimensions, "
                f"{found['materials']} materials, {found['parts_list_rows']} parts-list rows, {found['blocks']} blocks, "
                f"{found['chunks']} chunks, {seconds} s from the first file to here")
    return line
