"""Finding files by what a person types: a blob_id, a path, the end of a path, or a pattern with * and ?."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection

BY_ID: LiteralString = """
    SELECT blob_id, source_store, blob_key, status FROM blob_inventory WHERE tenant_id = %(tenant)s AND blob_id = %(blob_id)s
"""

BY_PATTERN: LiteralString = """
    SELECT blob_id, source_store, blob_key, status
    FROM blob_inventory
    WHERE tenant_id = %(tenant)s AND (blob_key LIKE %(whole)s OR blob_key LIKE %(end)s)
    ORDER BY blob_key COLLATE "C", source_store
    LIMIT %(limit)s
"""


@dataclass(frozen=True)
class FoundFile:
    blob_id: UUID
    source_store: str
    blob_key: str
    status: str


def find_files(conn: Connection, text: str, *, tenant_id: str, limit: int | None = None) -> list[FoundFile]:
    """Files whose blob_id, path or end of path is `text`; * stands for any characters, ? for one."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower()):
        rows = conn.execute(BY_ID, {"tenant": tenant_id, "blob_id": text})
    else:
        pattern = like(text.strip().replace("\x00", "").lstrip("/"))
        rows = conn.execute(BY_PATTERN, {"tenant": tenant_id, "whole": pattern, "end": "%/" + pattern, "limit": limit})
    return [FoundFile(*row) for row in rows]


def printable(text: str) -> str:
    """The text on one line, without what a file's name could make a terminal do."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


def like(pattern: str) -> str:
    """The LIKE pattern for one with * and ?."""
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern)
    return escaped.replace("*", "%").replace("?", "_")
