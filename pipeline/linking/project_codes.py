"""Project codes: what the configured patterns find in the paths of a group's members; the code of most members wins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from pipeline.database import Connection, Database
from pipeline.linking import groups
from pipeline.linking.groups import Stop

MEMBER_PATHS = """
    SELECT member.group_id::text, blob.blob_key
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    WHERE member.tenant_id = %(tenant)s
    ORDER BY member.group_id
"""
CREATE_CODES = """
    CREATE TEMP TABLE group_codes (group_id uuid PRIMARY KEY, code text NOT NULL, others text[]) ON COMMIT DROP
"""
CREATE_CHANGES = """
    CREATE TEMP TABLE code_changes ON COMMIT DROP AS
    SELECT groups.group_id, wanted.code, wanted.others
    FROM document_groups AS groups
    LEFT JOIN group_codes AS wanted ON wanted.group_id = groups.group_id
    WHERE groups.tenant_id = %(tenant)s AND groups.method <> 'manual'
      AND (groups.project_code, groups.other_project_codes) IS DISTINCT FROM (wanted.code, wanted.others)
"""
UPDATE_CODES = """
    UPDATE document_groups AS groups
    SET project_code = change.code, other_project_codes = change.others, updated_at = now()
    FROM code_changes AS change
    WHERE groups.tenant_id = %(tenant)s AND groups.group_id = change.group_id
"""

Patterns = tuple[re.Pattern[str], ...]


def project_code(path: str, patterns: Patterns) -> str | None:
    """What the first pattern that matches finds in the path: its first group, or the whole match."""
    for pattern in patterns:
        if found := pattern.search(path):
            return (found[1] if pattern.groups else found[0]) or None
    return None


def assign_project_codes(database: Database, *, tenant_id: str, patterns: Patterns, stop: Stop,
                         dry_run: bool = False) -> dict[str, Any]:
    """Set each group's project code; returns counts. A stop before the end changes nothing."""
    with database.session("A4 project codes") as session:
        return session.run(lambda conn: _assign(conn, tenant_id, patterns, stop, dry_run))


def _assign(conn: Connection, tenant_id: str, patterns: Patterns, stop: Stop, dry_run: bool) -> dict[str, Any]:
    tenant = {"tenant": tenant_id}
    groups.lock(conn, tenant_id)
    conn.execute(groups.MEMORY)
    conn.execute(CREATE_CODES)
    _copy_codes(conn, tenant_id, patterns, stop)
    if stop.requested:
        return {"stopped": True}
    conn.execute("ANALYZE group_codes")
    coded, disputed = conn.execute("SELECT count(*), count(others) FROM group_codes").fetchone() or (0, 0)
    changed = conn.execute(CREATE_CHANGES, tenant).rowcount
    figures = {"groups_with_code": coded, "groups_with_several_codes": disputed, "groups_updated": changed, "stopped": False}
    if dry_run:
        return {**figures, "dry_run": True}
    conn.execute(UPDATE_CODES, tenant)
    return figures


def _copy_codes(conn: Connection, tenant_id: str, patterns: Patterns, stop: Stop) -> None:
    """Fill group_codes. Pages, because a connection cannot read a cursor while it copies."""
    with conn.cursor(name="member_paths") as reader:
        reader.itersize = 20_000
        reader.execute(MEMBER_PATHS, {"tenant": tenant_id})
        page: list[tuple[Any, str, list[str] | None]] = []
        for row in _codes(reader, patterns):
            page.append(row)
            if len(page) >= 20_000:
                if stop.requested:
                    return
                _copy(conn, page)
                page = []
        _copy(conn, page)


def _codes(rows: Iterator[tuple[Any, str]], patterns: Patterns) -> Iterator[tuple[Any, str, list[str] | None]]:
    for group_id, members in groupby(rows, key=itemgetter(0)):
        counts = Counter(code for _, path in members if (code := project_code(path, patterns)))
        if counts:
            winner, *others = sorted(counts, key=lambda code: (-counts[code], code))
            yield group_id, winner, others or None


def _copy(conn: Connection, page: list[tuple[Any, str, list[str] | None]]) -> None:
    with conn.cursor() as cursor, cursor.copy("COPY group_codes FROM STDIN") as copy:
        for row in page:
            copy.write_row(row)
