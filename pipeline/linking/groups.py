"""What every kind of linking does to groups: lock, merge, settle.

Nothing here touches what a person decided: groups and members of method 'manual' stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from pipeline.database import Connection


class Stop(Protocol):
    """Asked between units of work; phases pass their StopSignal."""

    @property
    def requested(self) -> bool: ...


class Pair(NamedTuple):
    """Two groups that are one part, and why."""

    left: str
    right: str
    method: str
    confidence: float
    reason: str


class Settled(NamedTuple):
    """Groups whose figures changed, and groups that were empty and went."""

    updated: int
    deleted: int


LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('draftmill linking ' || %(tenant)s::text, 0))"
# A merge of a million members sorts and hashes more than a claim does.
MEMORY = "SET LOCAL work_mem = '128MB'"

CREATE_PAIRS = """
    CREATE TEMP TABLE group_pairs (
        left_id uuid NOT NULL, right_id uuid NOT NULL, method text NOT NULL, confidence real NOT NULL, reason text NOT NULL
    ) ON COMMIT DROP
"""
DROP_PROTECTED = """
    DELETE FROM group_pairs AS pair
    USING (
        SELECT group_id FROM document_groups WHERE tenant_id = %(tenant)s AND method = 'manual'
        UNION
        SELECT group_id FROM document_group_members WHERE tenant_id = %(tenant)s AND method = 'manual'
    ) AS protected
    WHERE protected.group_id IN (pair.left_id, pair.right_id)
"""
# Each group goes to its oldest partner,
CREATE_MOVES = """
    CREATE TEMP TABLE group_moves ON COMMIT DROP AS
    WITH edge AS (
        SELECT left_id AS from_id, right_id AS into_id, method, confidence, reason FROM group_pairs
        UNION ALL
        SELECT right_id, left_id, method, confidence, reason FROM group_pairs
    )
    SELECT DISTINCT ON (edge.from_id) edge.*
    FROM edge
    JOIN document_groups AS source ON source.tenant_id = %(tenant)s AND source.group_id = edge.from_id
    JOIN document_groups AS target ON target.tenant_id = %(tenant)s AND target.group_id = edge.into_id
    WHERE (target.created_at, target.group_id) < (source.created_at, source.group_id)
    ORDER BY edge.from_id, target.created_at, target.group_id, edge.confidence DESC
"""
# if that one stays where it is in this round.
DROP_CHAINED = """
    DELETE FROM group_moves AS move USING group_moves AS moving WHERE moving.from_id = move.into_id
"""
MOVE_MEMBERS = """
    UPDATE document_group_members AS member
    SET group_id = move.into_id,
        method = CASE WHEN member.method = 'duplicate' THEN member.method ELSE move.method END,
        confidence = CASE WHEN member.method = 'duplicate' THEN member.confidence
                          ELSE least(member.confidence, move.confidence) END,
        reason = CASE WHEN member.method = 'duplicate' THEN member.reason ELSE move.reason END
    FROM group_moves AS move
    WHERE member.tenant_id = %(tenant)s AND member.group_id = move.from_id
"""
FOLLOW_MOVES = """
    UPDATE group_pairs AS pair
    SET left_id = coalesce(l.into_id, pair.left_id), right_id = coalesce(r.into_id, pair.right_id)
    FROM group_pairs AS old
    LEFT JOIN group_moves AS l ON l.from_id = old.left_id
    LEFT JOIN group_moves AS r ON r.from_id = old.right_id
    WHERE pair.ctid = old.ctid AND (l.from_id IS NOT NULL OR r.from_id IS NOT NULL)
"""
SETTLE = """
    WITH figures AS (
        SELECT group_id, count(*)::integer AS members, min(confidence) AS confidence, min(key_strength) AS strength,
               max(CASE method WHEN 'title_block' THEN 5 WHEN 'size' THEN 4 WHEN 'folder' THEN 3 WHEN 'variant' THEN 2
                               WHEN 'manual' THEN 1 ELSE 0 END) AS rank
        FROM document_group_members
        WHERE tenant_id = %(tenant)s
        GROUP BY group_id
    ), wanted AS (
        SELECT group_id, members,
               CASE WHEN members = 1 THEN 1 ELSE confidence END AS confidence,
               CASE WHEN members = 1 THEN 'single'
                    ELSE (ARRAY['base_name', 'base_name', 'variant', 'folder', 'size', 'title_block'])[rank + 1] END AS method,
               CASE WHEN members = 1 THEN 'no other file bears its key here'
                    WHEN rank = 5 THEN 'one number or title, as the title block states it'
                    WHEN rank = 4 THEN 'one size, as drawn and as stated'
                    WHEN rank = 3 THEN 'files that share a folder, by its own rules'
                    WHEN rank = 2 THEN 'one number, with and without a format letter, a title or a copy mark'
                    WHEN strength = 2 THEN 'one drawing number'
                    ELSE 'one name in one place' END AS reason
        FROM figures
    )
    UPDATE document_groups AS groups
    SET member_count = wanted.members, confidence = wanted.confidence, method = wanted.method, reason = wanted.reason,
        updated_at = now()
    FROM wanted
    WHERE groups.tenant_id = %(tenant)s AND groups.group_id = wanted.group_id AND groups.method <> 'manual'
      AND (groups.member_count, groups.confidence, groups.method, groups.reason)
          IS DISTINCT FROM (wanted.members, wanted.confidence, wanted.method, wanted.reason)
"""
DELETE_EMPTY = """
    DELETE FROM document_groups AS groups
    WHERE tenant_id = %(tenant)s AND method <> 'manual'
      AND NOT EXISTS (SELECT FROM document_group_members AS member
                      WHERE member.tenant_id = groups.tenant_id AND member.group_id = groups.group_id)
"""


def lock(conn: Connection, tenant_id: str) -> None:
    """Nobody else changes the tenant's groups until the transaction ends."""
    conn.execute(LOCK, {"tenant": tenant_id})


def begin_pairs(conn: Connection) -> None:
    """An empty `group_pairs`, to be filled by SQL or by `add_pairs`, then `merge_pairs`."""
    conn.execute(MEMORY)
    conn.execute(CREATE_PAIRS)


def add_pairs(conn: Connection, pairs: Iterable[Pair]) -> None:
    with conn.cursor() as cursor, cursor.copy("COPY group_pairs FROM STDIN") as copy:
        for pair in pairs:
            copy.write_row(pair)


def merge_pairs(conn: Connection, tenant_id: str) -> int:
    """Join the groups of `group_pairs`, chains included; the oldest group keeps its id. Returns how many moved.

    Runs inside the caller's transaction, under `lock`.
    """
    tenant = {"tenant": tenant_id}
    conn.execute(DROP_PROTECTED, tenant)
    merged = 0
    while True:
        conn.execute("DELETE FROM group_pairs WHERE left_id = right_id")
        conn.execute("ANALYZE group_pairs")
        moves = conn.execute(CREATE_MOVES, tenant).rowcount
        if moves > 0:
            conn.execute("ANALYZE group_moves")
            moves -= conn.execute(DROP_CHAINED).rowcount
            conn.execute(MOVE_MEMBERS, tenant)
            conn.execute(FOLLOW_MOVES)
        conn.execute("DROP TABLE group_moves")
        if moves <= 0:
            return merged
        merged += moves


def settle(conn: Connection, tenant_id: str) -> Settled:
    """Make each group's count, method, confidence and reason those of its members; drop empty groups."""
    tenant = {"tenant": tenant_id}
    conn.execute(MEMORY)
    return Settled(updated=conn.execute(SETTLE, tenant).rowcount, deleted=conn.execute(DELETE_EMPTY, tenant).rowcount)
