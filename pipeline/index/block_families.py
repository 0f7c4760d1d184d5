"""Families of blocks: definitions of the same geometry in all files, under whatever names. Only what differs is written."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, LiteralString

from pipeline.database import Connection, Database
from pipeline.index.ranges import LAST, Range, Stop, each_range

BLOCKS_A_RANGE = 20_000

BOUNDARY: LiteralString = """
    SELECT content_hash FROM extracted_blocks
    WHERE tenant_id = %(tenant)s AND content_hash > %(after)s
    ORDER BY content_hash OFFSET %(skip)s LIMIT 1
"""

# Names that programs make ('*U17', 'A$C4F1') come last, then what most files say counts.
CREATE_FAMILIES: LiteralString = """
    CREATE TEMP TABLE new_families ON COMMIT DROP AS
    WITH named AS (
        SELECT content_hash, block_name, count(DISTINCT blob_id) AS files, sum(insert_count) AS inserts, count(*) AS definitions,
               max((details ->> 'entity_count')::integer) AS entities,
               row_number() OVER (PARTITION BY content_hash
                                  ORDER BY block_name ~ '^([*]|A[$]C)', count(DISTINCT blob_id) DESC, sum(insert_count) DESC,
                                           block_name COLLATE "C") AS place
        FROM extracted_blocks
        WHERE tenant_id = %(tenant)s AND content_hash > %(after)s AND (%(upto)s::text IS NULL OR content_hash <= %(upto)s)
        GROUP BY content_hash, block_name
    ),
    files AS (
        SELECT content_hash, count(DISTINCT blob_id) AS files
        FROM extracted_blocks
        WHERE tenant_id = %(tenant)s AND content_hash > %(after)s AND (%(upto)s::text IS NULL OR content_hash <= %(upto)s)
        GROUP BY content_hash HAVING count(*) > 1
    )
    SELECT named.content_hash, min(named.block_name) FILTER (WHERE named.place = 1) AS preferred_name,
           count(*)::integer AS name_count, max(files.files)::integer AS file_count,
           sum(named.definitions)::integer AS definition_count, sum(named.inserts)::bigint AS insert_count,
           max(named.entities) AS entity_count,
           jsonb_agg(jsonb_build_object('name', named.block_name, 'files', named.files, 'inserts', named.inserts) ORDER BY named.place)
               FILTER (WHERE named.place <= 100) AS names
    FROM named JOIN files USING (content_hash)
    GROUP BY named.content_hash
"""

DELETE_GONE: LiteralString = """
    DELETE FROM block_families AS family
    WHERE family.tenant_id = %(tenant)s AND family.content_hash > %(after)s
      AND (%(upto)s::text IS NULL OR family.content_hash <= %(upto)s)
      AND NOT EXISTS (SELECT FROM new_families AS new WHERE new.content_hash = family.content_hash)
"""

# In order, so that two machines never wait for each other in a circle.
UPSERT: LiteralString = """
    INSERT INTO block_families AS family (tenant_id, content_hash, preferred_name, name_count, file_count, definition_count,
                                          insert_count, entity_count, names)
    SELECT %(tenant)s, content_hash, preferred_name, name_count, file_count, definition_count, insert_count, entity_count, names
    FROM new_families
    ORDER BY content_hash
    ON CONFLICT (tenant_id, content_hash) DO UPDATE
    SET preferred_name = excluded.preferred_name, name_count = excluded.name_count, file_count = excluded.file_count,
        definition_count = excluded.definition_count, insert_count = excluded.insert_count, entity_count = excluded.entity_count,
        names = excluded.names, updated_at = now()
    WHERE (family.preferred_name, family.name_count, family.file_count, family.definition_count, family.insert_count,
           family.entity_count, family.names)
          IS DISTINCT FROM
          (excluded.preferred_name, excluded.name_count, excluded.file_count, excluded.definition_count, excluded.insert_count,
           excluded.entity_count, excluded.names)
"""

TOTALS: LiteralString = """
    SELECT count(*), count(*) FILTER (WHERE name_count > 1) FROM block_families WHERE tenant_id = %(tenant)s
"""


def find_families(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Bring the families of one tenant in line with the stored blocks; returns counts. Stopped early, the next run does the rest."""
    with database.session("B9 blocks") as session:
        work = partial(_find_in_range, tenant_id=tenant_id, dry_run=dry_run)
        done = each_range(session, BOUNDARY, work, name="draftmill B9", tenant_id=tenant_id, size=BLOCKS_A_RANGE, stop=stop)
        families, renamed = session.run(lambda conn: conn.execute(TOTALS, {"tenant": tenant_id}).fetchone() or (0, 0))
    return {"families": families, "families_with_several_names": renamed, "written": done["written"], "deleted": done["deleted"],
            "stopped": stop.requested}


def _find_in_range(conn: Connection, here: Range, *, tenant_id: str, dry_run: bool) -> Counter[str]:
    if dry_run:
        return Counter()
    values = {"tenant": tenant_id, "after": here.after, "upto": None if here.upto == LAST else here.upto}
    conn.execute(CREATE_FAMILIES, values)
    deleted = conn.execute(DELETE_GONE, values).rowcount
    return Counter(written=conn.execute(UPSERT, values).rowcount, deleted=deleted)
