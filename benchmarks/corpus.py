"""Where the real files lie that benchmarks read, and which of them are drawings."""

from __future__ import annotations

import csv
import os
from pathlib import Path

CORPUS = Path(os.environ.get("DRAFTMILL_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
PDF_DRAWINGS = frozenset({"drawing", "drawing-wiring", "bom", "schematic"})


def files_of(folder: Path, suffix: str, kinds: frozenset[str] = frozenset()) -> list[Path]:
    """Files below `folder` by name; with `kinds` only those that a MANIFEST.tsv beside them says are of such a kind."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() == suffix)
    if not kinds:
        return found
    known = {path: kind for manifest in sorted(folder.rglob("MANIFEST.tsv")) for path, kind in _kinds(manifest).items()}
    return [path for path in found if known.get(path) in kinds] if known else found


def _kinds(manifest: Path) -> dict[Path, str]:
    with open(manifest, encoding="utf-8", newline="") as stream:
        return {manifest.parent / row["file"]: row["kind"] for row in csv.DictReader(stream, delimiter="\t")}


def every(files: list[Path], most: int) -> list[Path]:
    """At most `most` of the files, evenly spread over the list."""
    return files if len(files) <= most else [files[number * len(files) // most] for number in range(most)]
