"""Writing rows in bulk, with whatever PostgreSQL cannot store cleaned out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from pipeline.database import Connection


def copy_rows(conn: Connection, statement: LiteralString, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows in; texts lose NUL and lone surrogates, floats that are no numbers become NULL."""
    with conn.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row([clean(value) for value in row])


def clean(value: Any) -> Any:
    """The value as PostgreSQL can store it."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (dict, list)):
        return Jsonb(clean_json(value))
    return value


def clean_text(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:
    """JSON that jsonb accepts: no NaN, no infinities, clean texts."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_json(item) for item in value]
    return value


def compact_json(value: Any) -> str:
    """Cleaned JSON text, as short as it gets."""
    return json.dumps(clean_json(value), ensure_ascii=False, separators=(",", ":"))
