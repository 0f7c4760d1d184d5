"""A chunk record as one flat row: the columns of tables made from it, in the order of the record."""

from __future__ import annotations

import json
from typing import Any

# The way to each value; the last word is the column's name. No two are alike.
PATHS: tuple[tuple[str, ...], ...] = (
    ("schemaVersion",), ("extractionVersion",), ("documentId",), ("chunkId",),
    ("source", "sourceUri"), ("source", "fileName"), ("source", "mimeType"), ("source", "sizeBytes"), ("source", "etag"),
    ("source", "byteHashSha256"),
    ("provenance", "pageStart"), ("provenance", "pageEnd"), ("provenance", "sectionPath"),
    ("provenance", "contentOffsetStart"), ("provenance", "contentOffsetEnd"),
    ("content", "title"), ("content", "chunkText"), ("content", "searchText"), ("content", "language"),
    ("quality", "confidence"), ("quality", "warnings"),
    ("timestamps", "extractedAt"),
)
COLUMNS = tuple(path[-1] for path in PATHS)
WHOLE_NUMBERS = frozenset({"sizeBytes", "pageStart", "pageEnd", "contentOffsetStart", "contentOffsetEnd"})
NUMBERS = frozenset({"confidence"})
LISTS = frozenset({"sectionPath", "warnings"})


def flat_row(line: bytes) -> list[Any]:
    """The values of one line of an output, by column; None where the record has none."""
    record = json.loads(line)
    return [_value(record, path) for path in PATHS]


def _value(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(record, dict):
            return None
        record = record.get(name)
    return record
