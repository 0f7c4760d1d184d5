"""Writing rows in bulk, with whatever PostgreSQL cannot store cleaned out beforehand."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, LiteralString

from pipeline.database import Connection
from pipeline.text import clean_text

NUL_IN_JSON = "\\u0000"


def copy_rows(conn: Connection, statement: LiteralString, rows: Sequence[Sequence[Any]]) -> None:
    """COPY rows in, as they are; see clean_row."""
    if not rows:
        return
    with conn.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def clean_row(row: Sequence[Any]) -> tuple[Any, ...]:
    """The row as PostgreSQL can store it: no NUL, no lone surrogates, NULL for floats that are no numbers."""
    return tuple(_clean(value) for value in row)


def compact_json(value: Any) -> str:
    """JSON text that jsonb accepts, as short as it gets: clean texts, null for NaN and infinities."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except ValueError:  # NaN, infinity or a lone surrogate: rare, so only then is every value looked at
        return json.dumps(_clean_json(value), ensure_ascii=False, separators=(",", ":"))
    return json.dumps(_clean_json(value), ensure_ascii=False, separators=(",", ":")) if NUL_IN_JSON in text else text


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _clean_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean_text(str(key)): _clean_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean_json(item) for item in value]
    return _clean(value)
