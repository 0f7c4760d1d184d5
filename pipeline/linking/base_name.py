"""Link files by what is left of their names: every live file gets its group here.

Files are read in order of their paths and written in batches, each a transaction of its own, so memory stays flat, a stop
loses nothing, and two machines at once harm nobody. Names become keys in Python; all else is SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from pipeline.database import Connection, Database, Session
from pipeline.linking import groups
from pipeline.linking.groups import Stop
from pipeline.linking.keys import KEY_VERSION, base_key, drawing_key
from pipeline.linking.places import DRAWING_SUFFIXES, MODEL_SUFFIXES, folder_of, neighbourhood
from pipeline.linking.project_codes import Patterns, project_code

BATCH = 25_000
WORTH_ANALYZING = 5_000
SOON_ANALYZED = 50_000
# The same bytes in more places than this are stock that everyone copies, and say nothing of their neighbours.
STOCK_PLACES = 3

# New files, and those whose path or whose being a duplicate changed since they were linked. What a person placed stays.
UNLINKED = """
    SELECT blob.blob_id::text, blob.source_store, blob.blob_key, blob.file_name, blob.duplicate_of::text,
           hashtextextended(blob.source_store || '/' || blob.blob_key, %(version)s) AS path_hash
    FROM blob_inventory AS blob
    LEFT JOIN document_group_members AS member ON member.tenant_id = blob.tenant_id AND member.blob_id = blob.blob_id
    WHERE blob.tenant_id = %(tenant)s AND blob.status <> 'deleted' AND (blob.status = 'duplicate') = %(duplicates)s
      AND (member.blob_id IS NULL
           OR member.method <> 'manual'
              AND (member.path_hash IS DISTINCT FROM hashtextextended(blob.source_store || '/' || blob.blob_key, %(version)s)
                   OR (member.method = 'duplicate') <> (blob.status = 'duplicate')))
    ORDER BY blob.source_store COLLATE "C", blob.blob_key COLLATE "C"
"""
COUNT_UNLINKED = f"SELECT count(*) FROM ({UNLINKED}) AS unlinked"

CREATE_NAMED = """
    CREATE TEMP TABLE named (
        blob_id uuid NOT NULL, duplicate_of uuid, path_hash bigint NOT NULL, place text NOT NULL, drawing_key text NOT NULL,
        base_key text, revision text, sheet text, is_copy boolean NOT NULL, strength smallint NOT NULL, code text
    ) ON COMMIT DROP
"""
COPY_NAMED = "COPY named FROM STDIN"
# A drawing number is the same part in the whole store; words are so in one place only. A variant goes straight to its base
# where both came in one batch; PAIR_VARIANTS finds the others.
CREATE_PLACED = """
    CREATE TEMP TABLE placed ON COMMIT DROP AS
    WITH base AS (
        SELECT DISTINCT place, drawing_key, strength FROM named WHERE duplicate_of IS NULL
    )
    SELECT named.*, hashtextextended(named.place, 0) AS place_hash, original.group_id AS original_group,
           CASE WHEN coalesce(base.strength, named.strength) = 2
                THEN split_part(named.place, ': ', 1) || ': ' || coalesce(base.drawing_key, named.drawing_key)
                ELSE named.place || '/' || coalesce(base.drawing_key, named.drawing_key) END AS group_key,
           CASE WHEN named.duplicate_of IS NOT NULL THEN 'duplicate' WHEN base.place IS NOT NULL THEN 'variant'
                ELSE 'base_name' END AS method,
           (CASE WHEN original.group_id IS NOT NULL THEN 1
                 WHEN base.place IS NOT NULL THEN 0.85
                 ELSE (ARRAY[0.8, 0.9, 0.95])[named.strength + 1] END
            - CASE WHEN named.is_copy THEN 0.05 ELSE 0 END)::real AS confidence,
           CASE WHEN original.group_id IS NOT NULL THEN 'same bytes as a member'
                WHEN named.duplicate_of IS NOT NULL THEN 'a duplicate whose original is in no group'
                WHEN base.place IS NOT NULL AND strpos(named.drawing_key, '~') > 0 THEN %(titled)s
                WHEN base.place IS NOT NULL THEN %(prefixed)s
                WHEN named.strength = 2 THEN 'drawing number in the file name'
                WHEN named.strength = 1 THEN 'short or standard number in the file name, same place'
                ELSE 'words of the file name, same place' END AS reason
    FROM named
    LEFT JOIN base ON base.place = named.place AND base.drawing_key = named.base_key AND named.duplicate_of IS NULL
    LEFT JOIN document_group_members AS original
        ON original.tenant_id = %(tenant)s AND original.blob_id = named.duplicate_of
"""
# As groups.SETTLE and A4 would have it, so that they have little left to do: updating such a row costs as much as inserting it.
# The id is a UUID version 7: ordered by time, three indexes grow at their ends. gen_random_uuid() is random and slower.
INSERT_GROUPS = """
    INSERT INTO document_groups (group_id, tenant_id, group_key, method, confidence, reason, member_count, project_code)
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || overlay(overlay(left(md5(random()::text || group_key), 20) PLACING '7' FROM 1 FOR 1)
                       PLACING '8' FROM 5 FOR 1))::uuid,
           %(tenant)s, group_key,
           CASE WHEN count(*) = 1 THEN 'single' WHEN bool_or(method = 'variant') THEN 'variant' ELSE 'base_name' END,
           CASE WHEN count(*) = 1 THEN 1 ELSE min(confidence) END,
           CASE WHEN count(*) = 1 THEN 'no other file bears its key here'
                WHEN bool_or(method = 'variant') THEN 'one number, with and without a format letter, a title or a copy mark'
                WHEN min(strength) = 2 THEN 'one drawing number'
                ELSE 'one name in one place' END,
           count(*), CASE WHEN min(code COLLATE "C") = max(code COLLATE "C") THEN min(code COLLATE "C") END
    FROM placed
    WHERE original_group IS NULL
    GROUP BY group_key
    ON CONFLICT (tenant_id, md5(group_key)) DO NOTHING
"""
# What another machine linked in the meantime is left alone, and so is what a person placed.
INSERT_MEMBERS = """
    INSERT INTO document_group_members AS member
        (tenant_id, blob_id, group_id, method, confidence, reason, drawing_key, revision, sheet, base_key, key_strength,
         neighbourhood, path_hash, document_revision, revision_source)
    SELECT %(tenant)s, blob_id, coalesce(placed.original_group, groups.group_id), placed.method, placed.confidence,
           placed.reason, drawing_key, revision, sheet, base_key, strength, place_hash, path_hash,
           upper(revision), CASE WHEN revision IS NOT NULL THEN 'file_name' END
    FROM placed
    LEFT JOIN document_groups AS groups
        ON groups.tenant_id = %(tenant)s AND md5(groups.group_key) = md5(placed.group_key)
       AND groups.method <> 'manual' AND placed.original_group IS NULL
    WHERE coalesce(placed.original_group, groups.group_id) IS NOT NULL
    ON CONFLICT (tenant_id, blob_id) DO UPDATE
    SET group_id = excluded.group_id, method = excluded.method, confidence = excluded.confidence, reason = excluded.reason,
        drawing_key = excluded.drawing_key, revision = excluded.revision, sheet = excluded.sheet,
        base_key = excluded.base_key, key_strength = excluded.key_strength, neighbourhood = excluded.neighbourhood,
        path_hash = excluded.path_hash, document_revision = excluded.document_revision,
        revision_source = excluded.revision_source
    WHERE member.method <> 'manual'
      AND (member.path_hash IS DISTINCT FROM excluded.path_hash
           OR (member.method = 'duplicate') <> (excluded.method = 'duplicate'))
"""
# The planner would read all groups for each batch, and batches would grow slower with the table: 0.5 to 0.8 s at half a million.
PROBE_GROUPS = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
# A confirmed group is not added to by machine: the newcomers stand beside it until a person says so.
BESIDE_CONFIRMED = """
    UPDATE placed SET group_key = placed.group_key || ' (not confirmed)'
    FROM document_groups AS groups
    WHERE groups.tenant_id = %(tenant)s AND md5(groups.group_key) = md5(placed.group_key) AND groups.method = 'manual'
      AND placed.original_group IS NULL
"""
ANY_CONFIRMED = "SELECT EXISTS (SELECT FROM document_groups WHERE tenant_id = %(tenant)s AND method = 'manual')"

DELETE_GONE = """
    DELETE FROM document_group_members AS member
    USING blob_inventory AS blob
    WHERE blob.tenant_id = %(tenant)s AND blob.status = 'deleted' AND member.tenant_id = blob.tenant_id
      AND member.blob_id = blob.blob_id AND member.method <> 'manual'
"""
FOLLOW_ORIGINALS = """
    UPDATE document_group_members AS member
    SET group_id = original.group_id, confidence = 1, reason = 'same bytes as a member'
    FROM blob_inventory AS blob
    JOIN document_group_members AS original ON original.tenant_id = blob.tenant_id AND original.blob_id = blob.duplicate_of
    WHERE blob.tenant_id = %(tenant)s AND blob.status = 'duplicate' AND member.tenant_id = blob.tenant_id
      AND member.blob_id = blob.blob_id AND member.method = 'duplicate' AND member.group_id <> original.group_id
"""
# A duplicate stands in its original's group, wherever that is; by its own name it brings its neighbours along. Not where
# the same bytes bear two names in one place (left and right of a symmetric part), nor where they are common stock (frames,
# logos), nor for files that are no drawings and models.
CREATE_TWINS = """
    CREATE TEMP TABLE twins ON COMMIT DROP AS
    SELECT member.blob_id, blob.duplicate_of AS content, member.neighbourhood, member.drawing_key,
           lower(substring(blob.file_name FROM '\\.([[:alpha:]][^.]*)(?:\\.[0-9]{1,4})?$')) = ANY (%(suffixes)s) AS is_part
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    WHERE member.tenant_id = %(tenant)s AND member.method = 'duplicate'
"""
CREATE_MUTED = """
    CREATE TEMP TABLE muted ON COMMIT DROP AS
    WITH place AS (
        SELECT content, neighbourhood, drawing_key FROM twins
        UNION
        SELECT blob_id, neighbourhood, drawing_key
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND blob_id IN (SELECT content FROM twins)
    ), two_names AS (
        SELECT content, neighbourhood FROM place GROUP BY 1, 2 HAVING count(*) > 1
    ), common AS (
        SELECT content FROM place GROUP BY 1 HAVING count(DISTINCT neighbourhood) > %(places)s
    )
    SELECT blob_id FROM twins WHERE is_part IS NOT TRUE
    UNION
    SELECT blob_id FROM twins JOIN two_names USING (content, neighbourhood)
    UNION
    SELECT blob_id FROM twins JOIN common USING (content)
"""
# A group that was joined to another lost its key; a newcomer of that key belongs where its fellows went.
PAIR_FELLOWS = """
    INSERT INTO group_pairs
    WITH split AS (
        SELECT drawing_key, CASE WHEN key_strength = 2 THEN 0 ELSE neighbourhood END AS place, min(group_id::text)::uuid AS first
        FROM document_group_members AS member
        WHERE tenant_id = %(tenant)s AND method <> 'manual' AND NOT EXISTS (SELECT FROM muted WHERE muted.blob_id = member.blob_id)
        GROUP BY 1, 2
        HAVING min(group_id::text) <> max(group_id::text)
    )
    SELECT split.first, member.group_id, 'base_name', min(member.confidence), 'same key as a file that was linked before'
    FROM split
    JOIN document_group_members AS member
        ON member.drawing_key = split.drawing_key
       AND CASE WHEN member.key_strength = 2 THEN 0 ELSE member.neighbourhood END = split.place
    WHERE member.tenant_id = %(tenant)s AND member.method <> 'manual' AND member.group_id <> split.first
      AND NOT EXISTS (SELECT FROM muted WHERE muted.blob_id = member.blob_id)
    GROUP BY 1, 2
"""
PAIR_VARIANTS = """
    INSERT INTO group_pairs
    SELECT DISTINCT variant.group_id, base.group_id, 'variant', 0.85::real,
           CASE WHEN strpos(variant.drawing_key, '~') > 0 THEN %(titled)s ELSE %(prefixed)s END
    FROM document_group_members AS variant
    JOIN document_group_members AS base
        ON base.tenant_id = variant.tenant_id AND base.neighbourhood = variant.neighbourhood
       AND base.drawing_key = variant.base_key
    WHERE variant.tenant_id = %(tenant)s AND variant.base_key IS NOT NULL AND variant.group_id <> base.group_id
      AND variant.method <> 'manual' AND base.method <> 'manual'
      AND NOT EXISTS (SELECT FROM muted WHERE muted.blob_id = variant.blob_id)
      AND NOT EXISTS (SELECT FROM muted WHERE muted.blob_id = base.blob_id)
"""
# Autovacuum comes too late for the steps that follow at once: without figures A3 took 30 times as long, or 9 s for 150 files.
# A few new files in a large store change no plan.
ANALYZE = "ANALYZE blob_inventory, document_groups, document_group_members"
REASONS = {"titled": "its number or name stands nearby without title or copy mark",
           "prefixed": "its number stands nearby without the format letter"}

Row = tuple[Any, ...]


def link_by_base_name(database: Database, *, tenant_id: str, stop: Stop, patterns: Patterns = (),
                      dry_run: bool = False) -> dict[str, Any]:
    """Give every live file its group by name; returns counts. Stopped early, the rest waits for the next run.

    patterns  of project codes: new groups whose members agree get theirs at once, A4 settles the others
    """
    if dry_run:
        return _would_link(database, tenant_id)
    with database.session("A2 link") as session:
        removed = session.run(lambda conn: _remove_gone(conn, tenant_id))
        linked = sum(_link_all(database, session, tenant_id, stop, patterns, duplicates=kind) for kind in (False, True))
        figures: dict[str, Any] = {"files_linked": linked, "files_removed": removed}
        if not stop.requested:
            figures |= session.run(lambda conn: _join_and_settle(conn, tenant_id, linked + removed))
    figures["stopped"] = stop.requested
    return figures


def _would_link(database: Database, tenant_id: str) -> dict[str, Any]:
    with database.transaction("A2 link") as conn:
        counts = [conn.execute(COUNT_UNLINKED, _unlinked(tenant_id, duplicates=kind)).fetchone() for kind in (False, True)]
    return {"files_to_link": sum(row[0] for row in counts if row), "dry_run": True}


def _unlinked(tenant_id: str, *, duplicates: bool) -> dict[str, Any]:
    return {"tenant": tenant_id, "duplicates": duplicates, "version": KEY_VERSION}


def _remove_gone(conn: Connection, tenant_id: str) -> int:
    groups.lock(conn, tenant_id)
    return conn.execute(DELETE_GONE, {"tenant": tenant_id}).rowcount


def _link_all(database: Database, writer: Session, tenant_id: str, stop: Stop, patterns: Patterns, *, duplicates: bool) -> int:
    """Read, name and write, the database at work on one batch while the next is named."""
    def attempt(conn: Connection) -> int:
        linked, writing = 0, None
        with ThreadPoolExecutor(max_workers=1) as pool:
            for batch in _batches(conn, _unlinked(tenant_id, duplicates=duplicates)):
                named = [_named(row, patterns) for row in batch]
                linked += writing.result() if writing else 0
                writing = None
                if stop.requested:
                    break
                writing = pool.submit(writer.run, partial(_write_batch, tenant_id=tenant_id, named=named))
            return linked + (writing.result() if writing else 0)

    with database.session("A2 read") as reader:  # a lost connection starts the reading again: what is linked is not read twice
        return reader.run(attempt)


def _batches(conn: Connection, parameters: dict[str, Any]) -> Iterator[list[Row]]:
    conn.execute(groups.MEMORY)
    with conn.cursor(name="unlinked") as cursor:
        cursor.execute(UNLINKED, parameters)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _named(row: Row, patterns: Patterns) -> Row:
    blob_id, store, blob_key, file_name, duplicate_of, path_hash = row
    found = drawing_key(file_name)
    place = f"{store}: {neighbourhood(folder_of(blob_key))}"
    return (blob_id, duplicate_of, path_hash, place, found.key, base_key(found.key), found.revision, found.sheet,
            found.is_copy, int(found.strength), project_code(blob_key, patterns))


def _write_batch(conn: Connection, tenant_id: str, named: list[Row]) -> int:
    tenant = {"tenant": tenant_id}
    groups.lock(conn, tenant_id)
    conn.execute(CREATE_NAMED)
    with conn.cursor() as cursor, cursor.copy(COPY_NAMED) as copy:
        for row in named:
            copy.write_row(row)
    conn.execute(CREATE_PLACED, tenant | REASONS)
    confirmed = conn.execute(ANY_CONFIRMED, tenant).fetchone()
    if confirmed and confirmed[0]:
        conn.execute(BESIDE_CONFIRMED, tenant)
    conn.execute("ANALYZE placed (group_key, original_group)")
    conn.execute(INSERT_GROUPS, tenant)
    conn.execute(PROBE_GROUPS)
    return conn.execute(INSERT_MEMBERS, tenant).rowcount


def _is_small(conn: Connection) -> bool:
    row = conn.execute("SELECT count(*) FROM (SELECT FROM document_group_members LIMIT %s) AS looked_at", (SOON_ANALYZED,)).fetchone()
    return row is not None and row[0] < SOON_ANALYZED


def _join_and_settle(conn: Connection, tenant_id: str, linked: int) -> dict[str, Any]:
    tenant = {"tenant": tenant_id}
    groups.lock(conn, tenant_id)
    if linked >= WORTH_ANALYZING or (linked and _is_small(conn)):
        conn.execute(ANALYZE)
    groups.begin_pairs(conn)
    conn.execute(CREATE_TWINS, tenant | {"suffixes": sorted(DRAWING_SUFFIXES | MODEL_SUFFIXES)})
    conn.execute(CREATE_MUTED, tenant | {"places": STOCK_PLACES})
    conn.execute("ANALYZE muted")
    conn.execute(PAIR_FELLOWS, tenant)
    conn.execute(PAIR_VARIANTS, tenant | REASONS)
    merged = groups.merge_pairs(conn, tenant_id)
    conn.execute(FOLLOW_ORIGINALS, tenant)
    settled = groups.settle(conn, tenant_id)  # always: an earlier run may have been cut off before this line
    return {"groups_merged": merged, "groups_updated": settled.updated, "groups_deleted": settled.deleted}
