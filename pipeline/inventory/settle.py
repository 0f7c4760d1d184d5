"""What follows from a whole look at a source: moves, deletions, duplicates, and what this release can read.

One transaction under a lock per tenant, set-based; run twice, the second finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from pipeline.database import Connection
from pipeline.inventory.merge import RESTORE_STATUS, Store
from pipeline.jobs import cancel_for_subjects
from pipeline.store.results import rename_documents

HANDFUL = 10  # so many files may go at once, whatever share of the store they are
CANCEL_BATCH = 10_000

LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('draftmill inventory ' || %(tenant)s, 0))"

# What this run did not see and no later one either. Files that another machine found since it began are not gone.
# `since` is when somebody first looked and did not see them; `place` pairs equal files that moved together.
CREATE_GONE: LiteralString = """
    CREATE TEMP TABLE gone_files ON COMMIT DROP AS
    SELECT blob_id, CASE WHEN size_bytes > 0 THEN byte_hash_sha256 END AS sha256,
           (SELECT runs.started_at FROM inventory_runs AS runs
            WHERE runs.tenant_id = %(tenant)s AND runs.source_store = %(store)s AND runs.run_id > coalesce(blob.last_seen_run, 0)
            ORDER BY runs.run_id LIMIT 1) AS since,
           row_number() OVER (PARTITION BY byte_hash_sha256
                              ORDER BY (status = 'duplicate'), file_name COLLATE "C", blob_key COLLATE "C") AS place
    FROM blob_inventory AS blob
    WHERE tenant_id = %(tenant)s AND source_store = %(store)s AND status NOT IN ('deleted', 'archived')
      AND coalesce(last_seen_run, 0) < %(run)s
      AND discovered_at < (SELECT started_at FROM inventory_runs WHERE run_id = %(run)s)
"""

# The same bytes at a key that nobody has worked on yet, discovered after the old key was last seen.
CREATE_ARRIVED: LiteralString = """
    CREATE TEMP TABLE arrived_files ON COMMIT DROP AS
    SELECT blob.blob_id, blob.byte_hash_sha256 AS sha256, blob.blob_key, blob.file_name, blob.source_modified_at, blob.etag,
           blob.last_seen_run,
           row_number() OVER (PARTITION BY blob.byte_hash_sha256
                              ORDER BY blob.file_name COLLATE "C", blob.blob_key COLLATE "C") AS place
    FROM blob_inventory AS blob
    JOIN (SELECT sha256, max(since) AS since FROM gone_files WHERE sha256 IS NOT NULL GROUP BY sha256) AS gone
        ON gone.sha256 = blob.byte_hash_sha256 AND blob.discovered_at >= gone.since
    WHERE blob.tenant_id = %(tenant)s AND blob.source_store = %(store)s AND blob.last_seen_run >= %(run)s
      AND blob.status IN ('pending', 'unsupported', 'duplicate')
      AND NOT EXISTS (SELECT FROM extraction_jobs AS job WHERE job.blob_id = blob.blob_id)
      AND NOT EXISTS (SELECT FROM blob_inventory AS copy WHERE copy.duplicate_of = blob.blob_id)
"""

CREATE_MOVES: LiteralString = """
    CREATE TEMP TABLE moved_files ON COMMIT DROP AS
    SELECT gone.blob_id, arrived.blob_id AS new_blob_id, arrived.blob_key, arrived.file_name, arrived.source_modified_at,
           arrived.etag, arrived.last_seen_run
    FROM gone_files AS gone JOIN arrived_files AS arrived USING (sha256, place)
"""

REMOVE_ARRIVED: LiteralString = """
    DELETE FROM blob_inventory AS blob USING moved_files AS moved WHERE blob.blob_id = moved.new_blob_id
"""

# source_version stays: the results of these bytes are kept.
APPLY_MOVES: LiteralString = """
    UPDATE blob_inventory AS blob
    SET moved_from = blob.blob_key, blob_key = moved.blob_key, file_name = moved.file_name,
        source_modified_at = moved.source_modified_at, etag = moved.etag,
        last_seen_run = greatest(blob.last_seen_run, moved.last_seen_run), updated_at = now()
    FROM moved_files AS moved
    WHERE blob.blob_id = moved.blob_id
"""

NOTE_MOVED: LiteralString = """
    INSERT INTO inventory_changes (tenant_id, run_id, blob_id, change, blob_key, moved_from)
    SELECT %(tenant)s, %(run)s, blob.blob_id, 'moved', blob.blob_key, blob.moved_from
    FROM blob_inventory AS blob JOIN moved_files AS moved USING (blob_id)
    ON CONFLICT (tenant_id, run_id, blob_id) DO NOTHING
"""

# Another name may mean another group: linking looks at these files again.
UNLINK_MOVED: LiteralString = """
    DELETE FROM document_group_members AS member USING moved_files AS moved WHERE member.blob_id = moved.blob_id
"""

FORGET_MOVED: LiteralString = "DELETE FROM gone_files AS gone USING moved_files AS moved WHERE gone.blob_id = moved.blob_id"

COUNT_KNOWN: LiteralString = """
    SELECT count(*)
    FROM blob_inventory
    WHERE tenant_id = %(tenant)s AND source_store = %(store)s AND status NOT IN ('deleted', 'archived')
      AND discovered_at < (SELECT started_at FROM inventory_runs WHERE run_id = %(run)s)
"""

MARK_DELETED: LiteralString = """
    UPDATE blob_inventory AS blob
    SET status = 'deleted', status_reason = NULL, duplicate_of = NULL, updated_at = now()
    FROM gone_files AS gone
    WHERE blob.blob_id = gone.blob_id
"""

NOTE_DELETED: LiteralString = """
    INSERT INTO inventory_changes (tenant_id, run_id, blob_id, change, blob_key)
    SELECT %(tenant)s, %(run)s, blob.blob_id, 'deleted', blob.blob_key
    FROM blob_inventory AS blob JOIN gone_files AS gone USING (blob_id)
    ON CONFLICT (tenant_id, run_id, blob_id) DO NOTHING
"""

# Of equal files one bears the rows: one that already does, else one that was there before, else the first by key.
CREATE_BEARERS: LiteralString = """
    CREATE TEMP TABLE bearers ON COMMIT DROP AS
    WITH repeated AS (
        SELECT byte_hash_sha256 FROM blob_inventory
        WHERE tenant_id = %(tenant)s AND byte_hash_sha256 IS NOT NULL
        GROUP BY byte_hash_sha256 HAVING count(*) > 1
        UNION  -- a copy that is the only one of its bytes since those of its original changed
        SELECT byte_hash_sha256 FROM blob_inventory WHERE tenant_id = %(tenant)s AND status = 'duplicate'
    ),
    settled AS (
        SELECT max(finished_at) AS moment FROM inventory_runs WHERE tenant_id = %(tenant)s
    )
    SELECT blob.blob_id, blob.status, blob.duplicate_of,
           first_value(blob.blob_id) OVER (
               PARTITION BY blob.byte_hash_sha256
               ORDER BY (blob.status = 'duplicate'), (blob.status IN ('extracted', 'processing', 'failed', 'archived')) DESC,
                        coalesce(blob.discovered_at <= settled.moment, false) DESC,
                        blob.blob_key COLLATE "C", blob.source_store COLLATE "C") AS bearer
    FROM blob_inventory AS blob JOIN repeated USING (byte_hash_sha256) CROSS JOIN settled
    WHERE blob.tenant_id = %(tenant)s AND blob.status <> 'deleted' AND blob.size_bytes > 0 AND NOT blob.external_references
"""

PROMOTE: LiteralString = """
    UPDATE blob_inventory AS blob
    SET status = 'pending', duplicate_of = NULL, updated_at = now()
    FROM bearers
    WHERE blob.blob_id = bearers.blob_id AND bearers.blob_id = bearers.bearer AND blob.status = 'duplicate'
    RETURNING blob.blob_id
"""

DEMOTE: LiteralString = """
    UPDATE blob_inventory AS blob
    SET status = 'duplicate', duplicate_of = bearers.bearer, status_reason = NULL, updated_at = now()
    FROM bearers
    WHERE blob.blob_id = bearers.blob_id AND bearers.blob_id <> bearers.bearer AND blob.status <> 'archived'
      AND (blob.status <> 'duplicate' OR blob.duplicate_of IS DISTINCT FROM bearers.bearer)
    RETURNING bearers.status
"""

# An unsupported file waits for a step that reads it; once there is one, it is pending again.
JUDGE_SUPPORT: LiteralString = """
    UPDATE blob_inventory AS blob
    SET status = CASE WHEN judged.reason IS NULL THEN 'pending' ELSE 'unsupported' END, status_reason = judged.reason,
        updated_at = now()
    FROM blob_inventory AS same
    CROSS JOIN LATERAL (
        SELECT CASE WHEN same.size_bytes = 0 THEN 'empty file (0 bytes)'
                    WHEN NOT same.mime_type = ANY (%(readable)s)
                    THEN coalesce(%(waiting)s::jsonb ->> same.mime_type, 'no step of this release reads ' || same.mime_type)
               END AS reason) AS judged
    WHERE blob.blob_id = same.blob_id AND same.tenant_id = %(tenant)s AND same.status IN ('pending', 'unsupported')
      AND same.mime_type IS NOT NULL
      AND (same.status, same.status_reason) IS DISTINCT FROM
          (CASE WHEN judged.reason IS NULL THEN 'pending' ELSE 'unsupported' END, judged.reason)
"""

# As discard_chunks in pipeline.store.results, for any number of files: nobody should find what is gone.
DISCARD_CHUNKS_OF_GONE: tuple[LiteralString, ...] = (
    """DELETE FROM chunk_index AS chunk USING gone_files AS gone
       WHERE chunk.tenant_id = %(tenant)s AND chunk.blob_id = gone.blob_id""",
    """DELETE FROM document_texts AS whole USING gone_files AS gone
       WHERE whole.tenant_id = %(tenant)s AND whole.blob_id = gone.blob_id""",
    """UPDATE extraction_outputs AS output SET superseded_at = now() FROM gone_files AS gone
       WHERE output.tenant_id = %(tenant)s AND output.blob_id = gone.blob_id AND output.superseded_at IS NULL""",
)

OPEN_JOBS_OF_RETIRED: LiteralString = """
    SELECT DISTINCT job.blob_id, blob.status
    FROM extraction_jobs AS job JOIN blob_inventory AS blob USING (blob_id)
    WHERE job.status IN ('pending', 'processing') AND blob.tenant_id = %(tenant)s AND blob.status IN ('deleted', 'duplicate')
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """moved, deleted, duplicates, promoted: rows changed; refused: deletions that were not believed, of `known` files."""

    moved: int = 0
    deleted: int = 0
    refused: int = 0
    known: int = 0
    duplicates: int = 0
    promoted: int = 0
    cancelled_jobs: int = 0


def settle(conn: Connection, store: Store, *, listed: int | None, readable: Collection[str], waiting: Mapping[str, str],
           allow_deletes: bool) -> Settled:
    """Draw the conclusions of a run.

    listed         how many files a complete listing had; None where it was not complete: then nothing is gone
    readable       MIME types that a step of this release reads
    waiting        MIME types that would be read if something were set up → that reason
    allow_deletes  believe any number of deletions
    """
    values = {"tenant": store.tenant_id, "store": store.name, "run": store.run_id, "readable": sorted(readable),
              "waiting": Jsonb(dict(waiting))}
    conn.execute(LOCK, values)
    moved = deleted = refused = known = 0
    if listed is not None:
        moved = _move(conn, values)
        gone, known = _count(conn, "SELECT count(*) FROM gone_files", {}), _count(conn, COUNT_KNOWN, values)
        if allow_deletes or believable(gone=gone, known=known, listed=listed):
            deleted = conn.execute(MARK_DELETED).rowcount
            for statement in (NOTE_DELETED, *DISCARD_CHUNKS_OF_GONE) if deleted else ():
                conn.execute(statement, values)
        else:
            refused = gone
    conn.execute(CREATE_BEARERS, values)
    promoted = [blob_id for (blob_id,) in conn.execute(PROMOTE).fetchall()]
    duplicates = sum(status != "duplicate" for (status,) in conn.execute(DEMOTE).fetchall())
    conn.execute(RESTORE_STATUS, {"blobs": promoted})
    conn.execute(JUDGE_SUPPORT, values)
    cancelled = _cancel_retired(conn, values) if deleted or duplicates else 0
    return Settled(moved, deleted, refused, known, duplicates, len(promoted), cancelled)


def believable(*, gone: int, known: int, listed: int) -> bool:
    """Whether so many files may really be gone at once: an unmounted share must not empty the database."""
    if gone and not listed:
        return False
    return gone <= HANDFUL or gone * 10 <= known


def _move(conn: Connection, values: dict[str, Any]) -> int:
    """Find what is gone, and take out of it what only moved. Returns how many moved."""
    if not conn.execute(CREATE_GONE, values).rowcount:
        return 0
    # Without figures on these tables the planner pairs them row by row: minutes for 60,000 files.
    conn.execute("ANALYZE gone_files")
    conn.execute(CREATE_ARRIVED, values)
    conn.execute("ANALYZE arrived_files")
    conn.execute(CREATE_MOVES)
    conn.execute("ANALYZE moved_files")
    conn.execute(REMOVE_ARRIVED)
    moved = conn.execute(APPLY_MOVES).rowcount
    conn.execute(NOTE_MOVED, values)
    conn.execute(UNLINK_MOVED)
    rename_documents(conn, [blob_id for (blob_id,) in conn.execute("SELECT blob_id FROM moved_files").fetchall()])
    conn.execute(FORGET_MOVED)
    return moved


def _cancel_retired(conn: Connection, values: dict[str, Any]) -> int:
    """Cancel what is still queued for files that are deleted or duplicates now."""
    cancelled = 0
    while rows := conn.execute(OPEN_JOBS_OF_RETIRED, values | {"limit": CANCEL_BATCH}).fetchall():
        for state, reason in (("deleted", "the file was deleted"), ("duplicate", "the file is a duplicate")):
            cancelled += cancel_for_subjects(conn, [blob_id for blob_id, status in rows if status == state], reason)
    return cancelled


def _count(conn: Connection, query: LiteralString, values: dict[str, Any]) -> int:
    row = conn.execute(query, values).fetchone()
    return int(row[0]) if row else 0
