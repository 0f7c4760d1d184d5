"""One record a document group: best values, their sources, contradictions. Only groups whose inputs changed are made anew.

What a record was made from is hashed: members, their results and what was found against them. A changed file, a re-extraction, a
removal or another linking changes the hash, so that a run after any of them touches these groups alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from pipeline.database import Connection, Database
from pipeline.index.best_values import Reading, field_json, readings
from pipeline.index.contradictions import find_conflicts
from pipeline.index.evidence import FileEvidence, Json, distinct
from pipeline.index.ranges import Range, Stop, each_range
from pipeline.index.record_inputs import read_evidence
from pipeline.store.rows import clean_row, compact_json, copy_rows

# Raised with every change of rule: all records are made anew.
RECORD_VERSION = "1"
GROUPS_A_RANGE = 1_000
WORTH_ANALYZING = 5_000

BOUNDARY: LiteralString = """
    SELECT group_id FROM document_groups
    WHERE tenant_id = %(tenant)s AND group_id > %(after)s
    ORDER BY group_id OFFSET %(skip)s LIMIT 1
"""

# Read before the inputs themselves: what changes in between is seen by the next run.
TOUCHED: LiteralString = """
    SELECT linked.group_id, state.hash
    FROM document_groups AS linked
    CROSS JOIN LATERAL (
        SELECT md5(concat_ws('|', %(version)s::text, string_agg(concat_ws('|', member.blob_id, blob.status, blob.blob_key,
                   member.drawing_key, member.revision, member.key_strength, member.is_latest, document.job_id,
                   extract(epoch FROM document.updated_at), found.said, model.job_id, model.made), ',' ORDER BY member.blob_id)))
        FROM document_group_members AS member
        JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
        LEFT JOIN documents AS document ON document.tenant_id = member.tenant_id AND document.blob_id = member.blob_id
        LEFT JOIN LATERAL (
            SELECT md5(string_agg(one.kind || one.reason, ',' ORDER BY one.kind)) AS said
            FROM document_group_findings AS one
            WHERE one.tenant_id = member.tenant_id AND one.blob_id = member.blob_id
        ) AS found ON true
        LEFT JOIN LATERAL (
            SELECT min(one.job_id::text) AS job_id, extract(epoch FROM max(one.created_at)) AS made
            FROM cad_models AS one
            WHERE one.tenant_id = member.tenant_id AND one.blob_id = member.blob_id
        ) AS model ON true
        WHERE member.tenant_id = linked.tenant_id AND member.group_id = linked.group_id
    ) AS state (hash)
    LEFT JOIN document_records AS record ON record.tenant_id = linked.tenant_id AND record.group_id = linked.group_id
    WHERE linked.tenant_id = %(tenant)s AND linked.group_id > %(after)s AND linked.group_id <= %(upto)s
      AND record.input_hash IS DISTINCT FROM state.hash
    ORDER BY linked.group_id
"""

CREATE_NEW: LiteralString = """
    CREATE TEMP TABLE new_records (
        group_id uuid NOT NULL, drawing_number text, title text, revision text, material text, material_designation text,
        material_family text, weight_g float8, width_mm float8, height_mm float8, depth_mm float8, fields jsonb NOT NULL,
        conflicts jsonb NOT NULL, input_hash text NOT NULL
    ) ON COMMIT DROP
"""
COPY_NEW: LiteralString = "COPY new_records FROM STDIN"

# The groups must still be there at the end: linking that deletes one waits, or was first and the record is not written.
KEEP_GROUPS: LiteralString = """
    CREATE TEMP TABLE kept_groups ON COMMIT DROP AS
    SELECT linked.group_id
    FROM document_groups AS linked
    JOIN new_records AS new USING (group_id)
    WHERE linked.tenant_id = %(tenant)s
    ORDER BY linked.group_id
    FOR KEY SHARE OF linked
"""

# Before the records change: what a finding's group said before is not found anew.
CREATE_CHANGED: LiteralString = """
    CREATE TEMP TABLE changed_conflicts ON COMMIT DROP AS
    SELECT new.group_id
    FROM new_records AS new
    JOIN kept_groups USING (group_id)
    LEFT JOIN document_records AS record ON record.tenant_id = %(tenant)s AND record.group_id = new.group_id
    WHERE coalesce(record.conflicts, '[]') <> new.conflicts
"""

UPSERT: LiteralString = """
    INSERT INTO document_records AS record (tenant_id, group_id, drawing_number, title, revision, material, material_designation,
        material_family, weight_g, width_mm, height_mm, depth_mm, fields, conflicts, input_hash)
    SELECT %(tenant)s, group_id, drawing_number, title, revision, material, material_designation, material_family, weight_g,
           width_mm, height_mm, depth_mm, fields, conflicts, input_hash
    FROM new_records JOIN kept_groups USING (group_id)
    ORDER BY group_id
    ON CONFLICT (tenant_id, group_id) DO UPDATE
    SET drawing_number = excluded.drawing_number, title = excluded.title, revision = excluded.revision, material = excluded.material,
        material_designation = excluded.material_designation, material_family = excluded.material_family,
        weight_g = excluded.weight_g, width_mm = excluded.width_mm, height_mm = excluded.height_mm, depth_mm = excluded.depth_mm,
        fields = excluded.fields, conflicts = excluded.conflicts, input_hash = excluded.input_hash,
        updated_at = CASE WHEN (record.fields, record.conflicts) IS DISTINCT FROM (excluded.fields, excluded.conflicts)
                          THEN now() ELSE record.updated_at END
    WHERE record.input_hash <> excluded.input_hash
"""

DELETE_CONFLICTS: LiteralString = """
    DELETE FROM document_conflicts WHERE tenant_id = %(tenant)s AND group_id IN (SELECT group_id FROM changed_conflicts)
"""
INSERT_CONFLICTS: LiteralString = """
    INSERT INTO document_conflicts (tenant_id, group_id, field, severity, reason, values)
    SELECT %(tenant)s, new.group_id, found.field, found.severity, found.reason, found.values
    FROM new_records AS new
    JOIN changed_conflicts USING (group_id)
    CROSS JOIN LATERAL jsonb_to_recordset(new.conflicts) AS found (field text, severity text, reason text, values jsonb)
    ORDER BY new.group_id
"""

STANDING: LiteralString = """
    SELECT severity, count(*) FROM document_conflicts WHERE tenant_id = %(tenant)s GROUP BY severity
"""


class Record(NamedTuple):
    """A row of document_records, in the order of COPY_NEW after the group and before the hash."""

    drawing_number: str | None
    title: str | None
    revision: str | None
    material: str | None
    material_designation: str | None
    material_family: str | None
    weight_g: float | None
    width_mm: float | None
    height_mm: float | None
    depth_mm: float | None
    fields: dict[str, Json]
    conflicts: list[Json]


def make_records(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Bring the records of all groups up to date; returns counts. Stopped early, the next run does the rest."""
    work = partial(_make_range, tenant_id=tenant_id, dry_run=dry_run)
    with database.session("B10 records") as session:
        done = each_range(session, BOUNDARY, work, name="draftmill B10", tenant_id=tenant_id, size=GROUPS_A_RANGE, stop=stop)
        if done["written"] >= WORTH_ANALYZING:
            session.run(lambda conn: conn.execute("ANALYZE document_records, document_conflicts"))
        standing: dict[str, int] = dict(session.run(lambda conn: conn.execute(STANDING, {"tenant": tenant_id}).fetchall()))
    counts = {"groups_to_do": done["touched"]} if dry_run else {"records_written": done["written"],
                                                                "records_with_conflicts": done["disputed"]}
    return {**counts, **{f"conflicts_{severity}": standing.get(severity, 0) for severity in ("high", "medium", "low")},
            "stopped": stop.requested}


def _make_range(conn: Connection, here: Range, *, tenant_id: str, dry_run: bool) -> Counter[str]:
    where = {"tenant": tenant_id, "after": here.after, "upto": here.upto, "version": RECORD_VERSION}
    hashes: dict[UUID, str] = dict(conn.execute(TOUCHED, where).fetchall())
    if dry_run or not hashes:
        return Counter(touched=len(hashes))
    evidence = read_evidence(conn, tenant_id, list(hashes))
    records = {group_id: record_of(files) for group_id, files in evidence.items()}
    _write(conn, tenant_id, records, hashes)
    return Counter(touched=len(hashes), written=len(records), disputed=sum(bool(record.conflicts) for record in records.values()))


def record_of(files: Sequence[FileEvidence]) -> Record:
    """The record of a group of these files."""
    names = distinct(one.field for file in files for one in file.statements)
    found = {name: several for name in sorted(names)
             if (several := readings(one for file in files for one in file.statements if one.field == name))}
    material, sides = _details(found, "material"), _details(found, "overall_size").get("sides_mm", [])
    width, height, depth = (*sides, None, None, None)[:3]
    conflicts = [one.as_json() for one in find_conflicts(files)]
    return Record(_value(found, "drawing_number"), _value(found, "title"), _value(found, "revision"), _value(found, "material"),
                  material.get("designation"), material.get("family"), _details(found, "weight").get("grams"), width, height, depth,
                  {name: field_json(several) for name, several in found.items()}, conflicts)


def _value(found: dict[str, list[Reading]], name: str) -> str | None:
    return found[name][0].best.value if name in found else None


def _details(found: dict[str, list[Reading]], name: str) -> Json:
    return found[name][0].best.details if name in found else {}


def _write(conn: Connection, tenant_id: str, records: dict[UUID, Record], hashes: dict[UUID, str]) -> None:
    tenant = {"tenant": tenant_id}
    conn.execute(CREATE_NEW)
    copy_rows(conn, COPY_NEW, [
        clean_row((group_id, *record[:-2], compact_json(record.fields), compact_json(record.conflicts), hashes[group_id]))
        for group_id, record in records.items()])
    conn.execute(KEEP_GROUPS, tenant)
    conn.execute(CREATE_CHANGED, tenant)
    conn.execute(UPSERT, tenant)
    conn.execute(DELETE_CONFLICTS, tenant)
    conn.execute(INSERT_CONFLICTS, tenant)
