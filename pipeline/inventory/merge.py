"""A batch of listed or read files against blob_inventory: one transaction each, harmless when repeated.

Machines may sync the same store at once: `last_seen_run` only rises, rows are locked in one order, and a row
that another machine has just inserted counts as seen.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.inventory.reading import Found
from pipeline.storage.base import Entry
from pipeline.store.results import discard_results

UNREADABLE = "unreadable: "


@dataclass(frozen=True, slots=True)
class Store:
    """Whose files are synced, and in which run."""

    tenant_id: str
    name: str
    run_id: int

    def identity(self, key: str) -> bytes:
        """The same hash as blob_inventory.identity_sha256."""
        return hashlib.sha256(f"{self.name}\x1f{key}".encode()).digest()


CREATE_LISTED: LiteralString = """
    CREATE TEMP TABLE listed_files (
        position     integer NOT NULL,
        identity     bytea   NOT NULL,
        size_bytes   bigint  NOT NULL,
        version      text    NOT NULL,
        modified_at  timestamptz,
        etag         text
    ) ON COMMIT DROP
"""

# Same size and same time, or the time at which the same bytes were last confirmed: nothing is read.
COMPARE: LiteralString = """
    CREATE TEMP TABLE compared_files ON COMMIT DROP AS
    SELECT listed.position, blob.blob_id, blob.status,
           coalesce(blob.byte_hash_sha256 IS NOT NULL AND blob.size_bytes = listed.size_bytes
                    AND (blob.source_version = listed.version
                         OR (listed.etag IS NULL AND blob.source_modified_at = listed.modified_at))
                    AND NOT (blob.status = 'failed' AND starts_with(blob.status_reason, %(unreadable)s)), false) AS unchanged
    FROM listed_files AS listed
    LEFT JOIN blob_inventory AS blob ON blob.tenant_id = %(tenant)s AND blob.identity_sha256 = listed.identity
"""

MARK_SEEN: LiteralString = """
    UPDATE blob_inventory AS blob
    SET last_seen_run = greatest(blob.last_seen_run, %(run)s),
        status = CASE blob.status WHEN 'deleted' THEN 'pending' ELSE blob.status END
    WHERE blob.blob_id = ANY (ARRAY (
        SELECT locked.blob_id
        FROM blob_inventory AS locked JOIN compared_files AS compared USING (blob_id)
        WHERE compared.unchanged AND (locked.last_seen_run IS NULL OR locked.last_seen_run < %(run)s OR locked.status = 'deleted')
        ORDER BY locked.blob_id
        FOR UPDATE OF locked
    ))
"""

CREATE_FOUND: LiteralString = """
    CREATE TEMP TABLE found_files (
        identity             bytea   NOT NULL,
        blob_key             text    NOT NULL,
        file_name            text    NOT NULL,
        size_bytes           bigint  NOT NULL,
        version              text    NOT NULL,
        modified_at          timestamptz,
        etag                 text,
        mime_type            text,
        sha256               text,
        external_references  boolean NOT NULL,
        fault                text,
        blob_id              uuid,
        outcome              text    NOT NULL DEFAULT 'new',
        same_bytes           boolean NOT NULL DEFAULT false,
        change               text
    ) ON COMMIT DROP
"""

CLASSIFY: LiteralString = """
    WITH known AS (
        SELECT blob.blob_id, blob.identity_sha256, blob.status, blob.byte_hash_sha256,
               blob.status = 'failed' AND coalesce(starts_with(blob.status_reason, %(unreadable)s), false) AS was_unreadable
        FROM blob_inventory AS blob JOIN found_files AS found ON found.identity = blob.identity_sha256
        WHERE blob.tenant_id = %(tenant)s
        ORDER BY blob.blob_id
        FOR UPDATE OF blob
    )
    UPDATE found_files AS found
    SET blob_id = known.blob_id,
        same_bytes = coalesce(known.byte_hash_sha256 = found.sha256, false),
        outcome = CASE WHEN known.status = 'deleted' THEN 'reappeared'
                       WHEN known.byte_hash_sha256 = found.sha256 THEN 'unchanged'
                       ELSE 'changed' END,
        change = CASE WHEN found.fault IS NOT NULL THEN CASE WHEN NOT known.was_unreadable THEN 'unreadable' END
                      WHEN known.status = 'deleted' THEN 'reappeared'
                      WHEN known.was_unreadable AND coalesce(known.byte_hash_sha256 = found.sha256, true) THEN 'readable'
                      WHEN known.byte_hash_sha256 = found.sha256 THEN NULL
                      ELSE 'changed' END
    FROM known
    WHERE known.identity_sha256 = found.identity
"""

INSERT_NEW: LiteralString = """
    INSERT INTO blob_inventory AS blob (tenant_id, source_store, blob_key, file_name, mime_type, size_bytes, source_version,
                                        source_modified_at, byte_hash_sha256, etag, external_references, status, status_reason,
                                        last_seen_run, discovered_in_run)
    SELECT %(tenant)s, %(store)s, blob_key, file_name, mime_type, size_bytes, version, modified_at, sha256, etag,
           external_references, CASE WHEN fault IS NULL THEN 'pending' ELSE 'failed' END, fault, %(run)s, %(run)s
    FROM found_files
    WHERE blob_id IS NULL
    ORDER BY identity
    ON CONFLICT (tenant_id, identity_sha256) DO UPDATE SET last_seen_run = greatest(blob.last_seen_run, excluded.last_seen_run)
"""

UPDATE_CHANGED: LiteralString = """
    UPDATE blob_inventory AS blob
    SET mime_type = found.mime_type, size_bytes = found.size_bytes, source_version = found.version,
        source_modified_at = found.modified_at, byte_hash_sha256 = found.sha256, etag = found.etag,
        external_references = found.external_references, partial = false, duplicate_of = NULL, status_reason = NULL,
        status = CASE blob.status WHEN 'archived' THEN 'archived' ELSE 'pending' END,
        last_seen_run = greatest(blob.last_seen_run, %(run)s), updated_at = now()
    FROM found_files AS found
    WHERE blob.blob_id = found.blob_id AND found.fault IS NULL AND NOT found.same_bytes
    RETURNING blob.blob_id
"""

# The version stays as it was, or the work done on these bytes would be queued again; the new time is remembered, so
# that these bytes are not read again at every sync.
UPDATE_SAME: LiteralString = """
    UPDATE blob_inventory AS blob
    SET source_modified_at = found.modified_at, mime_type = found.mime_type, external_references = found.external_references,
        status = CASE WHEN revived.it THEN 'pending' ELSE blob.status END,
        status_reason = CASE WHEN revived.it THEN NULL ELSE blob.status_reason END,
        last_seen_run = greatest(blob.last_seen_run, %(run)s), updated_at = now()
    FROM found_files AS found
    JOIN blob_inventory AS old ON old.blob_id = found.blob_id
    CROSS JOIN LATERAL (
        SELECT old.status = 'deleted'
               OR (old.status = 'failed' AND coalesce(starts_with(old.status_reason, %(unreadable)s), false)) AS it) AS revived
    WHERE blob.blob_id = found.blob_id AND found.fault IS NULL AND found.same_bytes
"""

# What is known of the old bytes is kept: hash and version say at the next sync whether they came back.
UPDATE_UNREADABLE: LiteralString = """
    UPDATE blob_inventory AS blob
    SET status = CASE blob.status WHEN 'archived' THEN 'archived' ELSE 'failed' END, status_reason = found.fault,
        duplicate_of = NULL, last_seen_run = greatest(blob.last_seen_run, %(run)s), updated_at = now()
    FROM found_files AS found
    WHERE blob.blob_id = found.blob_id AND found.fault IS NOT NULL
"""

# New files are not among them: their rows say in which run they were discovered.
NOTE_CHANGES: LiteralString = """
    INSERT INTO inventory_changes (tenant_id, run_id, blob_id, change, blob_key)
    SELECT %(tenant)s, %(run)s,
           coalesce(found.blob_id, (SELECT blob.blob_id FROM blob_inventory AS blob
                                    WHERE blob.tenant_id = %(tenant)s AND blob.identity_sha256 = found.identity)),
           coalesce(found.change, 'unreadable'), found.blob_key
    FROM found_files AS found
    WHERE found.change IS NOT NULL OR (found.blob_id IS NULL AND found.fault IS NOT NULL)
    ON CONFLICT (tenant_id, run_id, blob_id) DO NOTHING
"""

NOTE_REAPPEARED: LiteralString = """
    INSERT INTO inventory_changes (tenant_id, run_id, blob_id, change, blob_key)
    SELECT tenant_id, %(run)s, blob_id, 'reappeared', blob_key FROM blob_inventory WHERE blob_id = ANY (%(blobs)s)
    ON CONFLICT (tenant_id, run_id, blob_id) DO NOTHING
"""

# Files that came back with the bytes for which there are results already.
RESTORE_STATUS: LiteralString = """
    SELECT refresh_blob_status(ARRAY (
        SELECT blob.blob_id
        FROM blob_inventory AS blob
        WHERE blob.blob_id = ANY (%(blobs)s) AND blob.status = 'pending'
          AND EXISTS (SELECT FROM extraction_jobs AS job
                      WHERE job.blob_id = blob.blob_id AND job.source_version = blob.source_version
                        AND job.status IN ('completed', 'failed'))
    ))
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a batch of the listing is, before anything is read.

    outcomes  how many are 'unchanged', 'reappeared', 'new', and 'touched' (of another size or time: to be read)
    known     how many have a row that is not deleted
    """

    to_read: list[Entry]
    outcomes: Counter[str]
    known: int


def mark_seen(conn: Connection, store: Store, entries: Sequence[Entry]) -> Compared:
    """Mark what is unchanged as seen; what is new or may have changed is to be read."""
    compared, back = _compare(conn, store, entries)
    conn.execute(MARK_SEEN, {"run": store.run_id})
    if back:
        conn.execute(RESTORE_STATUS, {"blobs": back})
        conn.execute(NOTE_REAPPEARED, {"run": store.run_id, "blobs": back})
    return compared


def compare(conn: Connection, store: Store, entries: Sequence[Entry]) -> Compared:
    """The same judgement, changing nothing."""
    return _compare(conn, store, entries)[0]


def _compare(conn: Connection, store: Store, entries: Sequence[Entry]) -> tuple[Compared, list[UUID]]:
    """The judgement, and the rows of files that came back as they were."""
    conn.execute(CREATE_LISTED)
    with conn.cursor().copy("COPY listed_files FROM STDIN") as copy:
        for position, entry in enumerate(entries):
            copy.write_row((position, store.identity(entry.key), entry.size, entry.version, entry.modified_at, entry.etag))
    conn.execute("ANALYZE listed_files")
    conn.execute(COMPARE, {"tenant": store.tenant_id, "unreadable": UNREADABLE})
    rows = conn.execute("SELECT position, blob_id, status, unchanged FROM compared_files "
                        "WHERE NOT unchanged OR status = 'deleted' ORDER BY position").fetchall()
    to_read = [entries[position] for position, _, _, unchanged in rows if not unchanged]
    back = [blob_id for _, blob_id, _, unchanged in rows if unchanged]
    new = sum(blob_id is None for _, blob_id, _, _ in rows)
    deleted = sum(status == "deleted" for _, _, status, _ in rows)
    outcomes = Counter(
        {"unchanged": len(entries) - len(rows), "reappeared": len(back), "new": new, "touched": len(to_read) - new})
    return Compared(to_read, outcomes, len(entries) - new - deleted), back


def merge(conn: Connection, store: Store, found: Sequence[Found]) -> Counter[str]:
    """Write what was read. Returns how many files are new, changed, unchanged, reappeared, unreadable."""
    conn.execute(CREATE_FOUND)
    columns = ("identity, blob_key, file_name, size_bytes, version, modified_at, etag, mime_type, sha256, "
               "external_references, fault")
    with conn.cursor().copy(f"COPY found_files ({columns}) FROM STDIN") as copy:
        for file in found:
            copy.write_row(_row(store, file))
    conn.execute("ANALYZE found_files")
    values = {"tenant": store.tenant_id, "store": store.name, "run": store.run_id, "unreadable": UNREADABLE}
    conn.execute(CLASSIFY, values)
    changed = conn.execute(UPDATE_CHANGED, values).fetchall()
    discard_results(conn, [blob_id for (blob_id,) in changed])
    for statement in (INSERT_NEW, UPDATE_SAME, UPDATE_UNREADABLE, NOTE_CHANGES):
        conn.execute(statement, values)
    back = conn.execute("SELECT blob_id FROM found_files WHERE same_bytes").fetchall()
    conn.execute(RESTORE_STATUS, {"blobs": [blob_id for (blob_id,) in back]})
    counts = conn.execute("SELECT CASE WHEN fault IS NULL THEN outcome ELSE 'unreadable' END, count(*) "
                          "FROM found_files GROUP BY 1").fetchall()
    return Counter(dict(counts))


def _row(store: Store, found: Found) -> tuple[object, ...]:
    entry, seen = found.entry, found.fingerprint
    return (store.identity(entry.key), entry.key, entry.key.rsplit("/", 1)[-1], entry.size, entry.version, entry.modified_at,
            entry.etag, seen.mime_type if seen else None, seen.sha256 if seen else None,
            seen.external_references if seen else False, found.fault)
