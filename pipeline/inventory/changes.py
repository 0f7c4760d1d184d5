"""What changed: each look at the source says of every file it touched whether it was new, changed, moved, gone or back.

New files are told by blob_inventory.discovered_in_run; all else is a row of inventory_changes, written by the statements
of `merge` and `settle` next door and by workers that meet a change first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection

# In the order in which a person should read them.
KINDS = ("new", "changed", "moved", "deleted", "reappeared", "unreadable", "readable")

NOTE_MET: LiteralString = """
    INSERT INTO inventory_changes (tenant_id, blob_id, change, blob_key)
    SELECT tenant_id, blob_id, %(change)s, blob_key FROM blob_inventory WHERE blob_id = ANY (%(blobs)s)
"""

# What workers met after the look before ended, and before this one did, is told with this one.
RUNS: LiteralString = """
    SELECT run.run_id, run.source_store, run.machine, run.started_at, run.finished_at, run.complete,
           coalesce((run.figures ->> 'files')::bigint, 0), coalesce((run.figures ->> 'deletions_refused')::bigint, 0),
           (SELECT coalesce(previous.finished_at, previous.started_at) FROM inventory_runs AS previous
            WHERE previous.tenant_id = run.tenant_id AND previous.source_store = run.source_store AND previous.run_id < run.run_id
            ORDER BY previous.run_id DESC LIMIT 1)
    FROM inventory_runs AS run
    WHERE run.tenant_id = %(tenant)s AND run.source_store = %(store)s
      AND (%(run)s::bigint IS NULL OR run.run_id = %(run)s)
      AND (%(since)s::timestamptz IS NULL OR run.started_at >= %(since)s)
      AND (%(run)s::bigint IS NOT NULL OR %(since)s::timestamptz IS NOT NULL OR run.finished_at IS NOT NULL)
    ORDER BY run.run_id DESC
    LIMIT %(limit)s
"""

CREATE_CHANGES: LiteralString = """
    CREATE TEMP TABLE shown_changes ON COMMIT DROP AS
    WITH shown_runs AS (
        SELECT * FROM unnest(%(runs)s::bigint[], %(from)s::timestamptz[], %(to)s::timestamptz[]) AS shown (run_id, beginning, ending)
    )
    SELECT note.change, note.blob_key, note.moved_from, note.blob_id, note.run_id, note.changed_at
    FROM inventory_changes AS note JOIN shown_runs USING (run_id)
    WHERE note.tenant_id = %(tenant)s
    UNION ALL  -- what workers met between two looks
    SELECT note.change, note.blob_key, note.moved_from, note.blob_id, shown_runs.run_id, note.changed_at
    FROM inventory_changes AS note
    JOIN blob_inventory AS blob ON (blob.tenant_id, blob.blob_id) = (note.tenant_id, note.blob_id)
    JOIN shown_runs ON note.changed_at >= shown_runs.beginning AND note.changed_at < shown_runs.ending
    WHERE note.tenant_id = %(tenant)s AND note.run_id IS NULL AND blob.source_store = %(store)s
"""

# Under the name that a file had then, if it has moved since. Those that could not be read are told as that.
NEW: LiteralString = """
    FROM blob_inventory AS blob
    WHERE blob.tenant_id = %(tenant)s AND blob.discovered_in_run = ANY (%(runs)s)
      AND NOT EXISTS (SELECT FROM inventory_changes AS note
                      WHERE note.tenant_id = blob.tenant_id AND note.run_id = blob.discovered_in_run AND note.blob_id = blob.blob_id
                        AND note.change = 'unreadable')
"""

NEW_FILES: LiteralString = """
    SELECT 'new', coalesce((SELECT note.moved_from FROM inventory_changes AS note
                            WHERE note.tenant_id = blob.tenant_id AND note.blob_id = blob.blob_id AND note.change = 'moved'
                            ORDER BY note.change_id LIMIT 1), blob.blob_key),
           NULL, blob.blob_id, blob.discovered_in_run, blob.discovered_at
""" + NEW + """
    ORDER BY blob.discovered_in_run, blob.blob_key COLLATE "C"
    LIMIT %(limit)s
"""

COUNT_NEW: LiteralString = "SELECT count(*)" + NEW

COUNTS: LiteralString = "SELECT change, count(*) FROM shown_changes GROUP BY change"

FILES: LiteralString = """
    SELECT change, blob_key, moved_from, blob_id, run_id, changed_at
    FROM shown_changes
    WHERE change = %(change)s
    ORDER BY run_id, blob_key COLLATE "C"
    LIMIT %(limit)s
"""


@dataclass(frozen=True)
class LookedAt:
    """One look at a store.

    previous_at  when the look before it ended; None: it was the first, and everything in it was new
    """

    run_id: int
    store: str
    machine: str
    started_at: datetime
    finished_at: datetime | None
    complete: bool
    files: int
    deletions_refused: int
    previous_at: datetime | None


@dataclass(frozen=True)
class Change:
    """One file's. moved_from: only of 'moved'; file: its place at that time, the new one for a move."""

    change: str
    file: str
    moved_from: str | None
    blob_id: UUID
    run_id: int
    at: datetime


@dataclass(frozen=True)
class Changes:
    """What some looks at a store found, the newest look first; `files` by kind, at most so many of each as were asked for."""

    runs: list[LookedAt]
    counts: dict[str, int]
    files: list[Change]

    def document(self) -> dict[str, Any]:
        """For JSON."""
        shown = len(self.files)
        return {"runs": [asdict(run) for run in self.runs], "counts": self.counts, "files": [asdict(change) for change in self.files],
                "left_out": sum(self.counts.values()) - shown}


def note_met(conn: Connection, blobs: Sequence[UUID], change: str) -> None:
    """Remember what a worker met between two looks at the source: these files were 'changed' or 'deleted'."""
    if blobs:
        conn.execute(NOTE_MET, {"blobs": list(blobs), "change": change})


def read_changes(conn: Connection, *, tenant_id: str, store: str, run: int | None = None, since: datetime | None = None,
                 limit: int | None = None, list_first: bool = True) -> Changes:
    """What changed in one look, in all looks since a moment, or in the last one that ended.

    limit       so many files of each kind; None: all
    list_first  False: the new files of a store's first look are only counted, as they are all that there are
    """
    runs = [LookedAt(*row) for row in conn.execute(RUNS, {
        "tenant": tenant_id, "store": store, "run": run, "since": since, "limit": 1 if since is None else None})]
    values: dict[str, Any] = {
        "tenant": tenant_id, "store": store, "limit": limit, "runs": [look.run_id for look in runs],
        "from": [look.previous_at for look in runs], "to": [look.finished_at for look in runs]}
    with conn.transaction():
        conn.execute("DROP TABLE IF EXISTS pg_temp.shown_changes")
        conn.execute(CREATE_CHANGES, values)
        found = dict(conn.execute(COUNTS).fetchall()) | {"new": _count(conn, values)}
        listed = [look.run_id for look in runs if list_first or look.previous_at is not None]
        files = list(_files(conn, values | {"listed": listed}, found))
    return Changes(runs, {kind: found.get(kind, 0) for kind in KINDS}, files)


def _files(conn: Connection, values: dict[str, Any], counts: dict[str, int]) -> Iterator[Change]:
    for kind in KINDS:
        if kind == "new":
            yield from (Change(*row) for row in conn.execute(NEW_FILES, values | {"runs": values["listed"]}))
        elif counts.get(kind):
            yield from (Change(*row) for row in conn.execute(FILES, values | {"change": kind}))


def _count(conn: Connection, values: dict[str, Any]) -> int:
    row = conn.execute(COUNT_NEW, values).fetchone()
    return int(row[0]) if row else 0
