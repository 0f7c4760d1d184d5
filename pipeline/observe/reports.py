"""Writing a report: the figures as JSON for programs, the same as Markdown for a person."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.observe.files import printable


def write_report(folder: Path, name: str, figures: dict[str, Any], markdown: str) -> Path:
    """Write name.json and name.md into `folder`; returns the path of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{name}.json", json.dumps(figures, indent=2, ensure_ascii=False, default=str) + "\n")
    return _write(folder / f"{name}.md", markdown)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Lines of a Markdown table, all but the first column to the right; 'None.' where there is no row."""
    body = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    if not body:
        return ["None."]
    return ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1), *body]


def cell(value: Any) -> str:
    """A value that cannot break the table."""
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return printable(str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " "))


def _write(path: Path, text: str) -> Path:
    """Whole or not at all: two machines may report into one folder."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    partial.write_text(text, encoding="utf-8", newline="\n")
    return partial.replace(path)
