"""B11: link files by what was read inside them: numbers and titles of title blocks, sizes of contours and drawings.

Numbers are judged one by one over the whole store, in the order of their keys; titles and sizes place by place. Both stream
through the database in order, so memory stays that of one number or one place. Nothing that a person placed is moved.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from pipeline.database import Connection, Database
from pipeline.linking import bom_links, groups, review, revisions
from pipeline.linking.folder import MOST_FILES
from pipeline.linking.groups import Pair, Stop
from pipeline.linking.keys import Strength, base_key, normalised, number_key
from pipeline.linking.numbers import Bearer, Finding, judge_number
from pipeline.linking.places import GEOMETRY_SUFFIXES, SHEET_SUFFIXES, folder_of, neighbourhood
from pipeline.linking.sizes import Contour, Piece, Sheet, judge_bench

PAGE = 5_000
# A drawing states fewer sizes than this; a page of more is a table.
MOST_SIZES = 600

# The drawing's number goes before the part's. Several drawing numbers in one file are several drawings, or an unclear one: none of them
# is the file's, and neither is a part number beside them.
STATED = """
    SELECT found.blob_id::text, coalesce(min(found.value) FILTER (WHERE found.field = 'drawing_number'), min(found.value)),
           (SELECT coalesce(sheet.normalised, sheet.value) FROM extracted_metadata AS sheet
            WHERE sheet.tenant_id = %(tenant)s AND sheet.blob_id = found.blob_id AND sheet.field = 'sheet'
            ORDER BY sheet.page_number
            LIMIT 1)
    FROM extracted_metadata AS found
    WHERE found.tenant_id = %(tenant)s AND found.field IN ('drawing_number', 'part_number') AND found.value <> ''
    GROUP BY found.blob_id
    HAVING count(DISTINCT found.value) FILTER (WHERE found.field = 'drawing_number') = 1
        OR count(*) FILTER (WHERE found.field = 'drawing_number') = 0 AND count(DISTINCT found.value) = 1
    ORDER BY found.blob_id
"""
CREATE_STATED = """
    CREATE TEMP TABLE stated_numbers (blob_id uuid NOT NULL, key text NOT NULL, strength smallint NOT NULL, sheet text) ON COMMIT DROP
"""
COPY_STATED = "COPY stated_numbers FROM STDIN"
# The same bytes state the same number wherever they stand.
ADD_COPIES = """
    INSERT INTO stated_numbers
    SELECT copy.blob_id, stated.key, stated.strength, stated.sheet
    FROM stated_numbers AS stated
    JOIN blob_inventory AS copy ON copy.duplicate_of = stated.blob_id
    WHERE copy.tenant_id = %(tenant)s AND copy.status = 'duplicate'
"""
CREATE_FORMATS = """
    CREATE TEMP TABLE group_formats ON COMMIT DROP AS
    SELECT member.group_id, array_agg(DISTINCT lower(substring(blob.file_name FROM '\\.([[:alpha:]][^.]*)(?:\\.[0-9]{1,4})?$'))) AS formats
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    WHERE member.tenant_id = %(tenant)s
    GROUP BY member.group_id
"""
# Files that state a number, and files whose names bear one that another states.
BEARERS = """
    WITH bearer AS (
        SELECT key, strength, blob_id, sheet, true AS stated FROM stated_numbers
        UNION ALL
        SELECT wanted.key, wanted.strength, member.blob_id, member.sheet, false
        FROM (SELECT key, max(strength) AS strength FROM stated_numbers GROUP BY key) AS wanted
        JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.drawing_key = wanted.key
        UNION ALL
        SELECT wanted.key, wanted.strength, member.blob_id, member.sheet, false
        FROM (SELECT key, max(strength) AS strength FROM stated_numbers GROUP BY key) AS wanted
        JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.base_key = wanted.key
    )
    SELECT bearer.key, bearer.strength, bearer.blob_id::text, member.group_id::text, blob.source_store, blob.blob_key,
           grouped.project_code, bearer.stated, member.drawing_key, member.key_strength, bearer.sheet, formats.formats
    FROM bearer
    JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.blob_id = bearer.blob_id
    JOIN document_groups AS grouped ON grouped.tenant_id = %(tenant)s AND grouped.group_id = member.group_id
    JOIN blob_inventory AS blob ON blob.tenant_id = %(tenant)s AND blob.blob_id = bearer.blob_id
    JOIN group_formats AS formats ON formats.group_id = member.group_id
    ORDER BY bearer.key, bearer.stated, blob.source_store COLLATE "C", blob.blob_key COLLATE "C"
"""
# A sheet that names no unit is taken to be in mm: a contour of the same numbers is no coincidence then.
# Places that hold both a group with a drawing alone and a group with geometry alone.
CREATE_BENCHES = """
    CREATE TEMP TABLE benches ON COMMIT DROP AS
    WITH side AS (
        SELECT group_id, formats && %(sheets)s AS has_sheet, formats && %(geometry)s AS has_geometry FROM group_formats
    ), file AS (
        SELECT member.neighbourhood, member.group_id, member.drawing_key, side.has_sheet, side.has_geometry,
               CASE WHEN blob.status = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END AS content
        FROM document_group_members AS member
        JOIN side ON side.group_id = member.group_id
        JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
        WHERE member.tenant_id = %(tenant)s AND (side.has_sheet OR side.has_geometry)
    ), place AS (
        SELECT neighbourhood
        FROM file
        GROUP BY neighbourhood
        HAVING bool_or(has_sheet AND NOT has_geometry) AND bool_or(has_geometry AND NOT has_sheet) AND count(*) <= %(most)s
    )
    SELECT file.* FROM file JOIN place USING (neighbourhood)
"""
BENCHES = """
    SELECT bench.neighbourhood, bench.group_id::text, bench.drawing_key, bench.has_sheet, bench.has_geometry,
           ARRAY(SELECT found.value FROM extracted_metadata AS found
                 WHERE found.tenant_id = %(tenant)s AND found.blob_id = bench.content AND found.field IN ('title', 'drawing_number')
                   AND found.value <> '' AND bench.has_sheet AND NOT bench.has_geometry
                 LIMIT 20),
           ARRAY(SELECT DISTINCT coalesce(found.value_mm, found.nominal) FROM extracted_dimensions AS found
                 WHERE found.tenant_id = %(tenant)s AND found.blob_id = bench.content AND coalesce(found.value_mm, found.nominal) > 0
                   AND (found.value_mm IS NOT NULL OR found.unit IS NULL)
                   AND found.kind NOT IN ('angle', 'angular', 'radius', 'thread') AND bench.has_sheet AND NOT bench.has_geometry
                 ORDER BY 1
                 LIMIT %(sizes)s),
           (SELECT json_agg(outline) FROM (
                SELECT found.width_mm AS width, found.height_mm AS height, found.holes
                FROM extracted_outlines AS found
                WHERE found.tenant_id = %(tenant)s AND found.blob_id = bench.content AND bench.has_geometry
                ORDER BY found.area_mm2 DESC
                LIMIT 3) AS outline)
    FROM benches AS bench
    ORDER BY bench.neighbourhood, bench.group_id
"""
CREATE_FOUND = """
    CREATE TEMP TABLE found_here (blob_id uuid NOT NULL, kind text NOT NULL, reason text NOT NULL, number text NOT NULL) ON COMMIT DROP
"""
COPY_FOUND = "COPY found_here FROM STDIN"
DELETE_FINDINGS = """
    DELETE FROM document_group_findings AS old
    WHERE old.tenant_id = %(tenant)s
      AND NOT EXISTS (SELECT FROM found_here AS new WHERE new.blob_id = old.blob_id AND new.kind = old.kind)
"""
INSERT_FINDINGS = """
    INSERT INTO document_group_findings AS old (tenant_id, blob_id, kind, reason, evidence)
    SELECT DISTINCT ON (blob_id, kind) %(tenant)s, blob_id, kind, reason, jsonb_build_object('number', number)
    FROM found_here
    ORDER BY blob_id, kind, length(number) DESC, number
    ON CONFLICT (tenant_id, blob_id, kind) DO UPDATE
    SET reason = excluded.reason, evidence = excluded.evidence, found_at = now()
    WHERE (old.reason, old.evidence) IS DISTINCT FROM (excluded.reason, excluded.evidence)
"""


# Workers filled these in one go; the planner must know before it joins them. In a transaction of its own, for its locks keep autovacuum
# and migrations off the tables until the end; what somebody else has locked is known well enough.
ANALYZE = """
    ANALYZE (SKIP_LOCKED)
        document_group_members, document_groups, extracted_metadata, extracted_dimensions, extracted_outlines, extracted_bom_items
"""


def link_by_content(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Join groups by what their files say, mark revisions, link parts lists and renew the review flags; returns counts.

    One transaction: broken off, nothing has changed; stopped, what was joined so far is, and the next run goes on.
    """
    with database.session("B11 link by content") as session:
        session.run(lambda conn: conn.execute(ANALYZE))
        return session.run(lambda conn: _link(conn, tenant_id, stop, dry_run))


def _link(conn: Connection, tenant_id: str, stop: Stop, dry_run: bool) -> dict[str, Any]:
    groups.lock(conn, tenant_id)
    groups.begin_pairs(conn)
    conn.execute(CREATE_FOUND)
    _copy_stated(conn, tenant_id)
    joined: Counter[str] = Counter()
    merged = 0
    for judge in (_by_number, _by_place):  # what numbers join is no longer alone when sizes are compared
        _read_formats(conn, tenant_id)
        judged = judge(conn, tenant_id)
        while page := list(islice(judged, PAGE)):
            if stop.requested:
                groups.settle(conn, tenant_id)
                return {"stopped": True}
            joined.update(_add(conn, page))
        merged += 0 if dry_run else groups.merge_pairs(conn, tenant_id)
    figures: dict[str, Any] = {"joined_by": dict(sorted(joined.items())), "findings": _count(conn), "stopped": False}
    return {**figures, "dry_run": True} if dry_run else {**figures, "groups_merged": merged, **_write(conn, tenant_id)}


def _write(conn: Connection, tenant_id: str) -> dict[str, Any]:
    tenant = {"tenant": tenant_id}
    settled = groups.settle(conn, tenant_id)
    figures: dict[str, Any] = {"groups_updated": settled.updated, "groups_deleted": settled.deleted}
    figures |= revisions.mark_revisions(conn, tenant_id)
    _add(conn, [Finding(*one) for one in revisions.contradicted(conn, tenant_id)])
    conn.execute(DELETE_FINDINGS, tenant)
    conn.execute(INSERT_FINDINGS, tenant)
    figures |= {"findings": _count(conn)} | bom_links.link_bom_items(conn, tenant_id)
    return figures | review.flag(conn, tenant_id)


def _count(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM (SELECT DISTINCT blob_id, kind FROM found_here) AS one").fetchone()
    return int(row[0]) if row else 0


def _read_formats(conn: Connection, tenant_id: str) -> None:
    conn.execute("DROP TABLE IF EXISTS group_formats")
    conn.execute(CREATE_FORMATS, {"tenant": tenant_id})
    conn.execute("ANALYZE group_formats")


def _add(conn: Connection, page: Sequence[Pair | Finding]) -> list[str]:
    pairs = [one for one in page if isinstance(one, Pair)]
    groups.add_pairs(conn, pairs)
    with conn.cursor() as cursor, cursor.copy(COPY_FOUND) as copy:
        for one in page:
            if isinstance(one, Finding):
                copy.write_row(one)
    return [pair.reason for pair in pairs]


def _copy_stated(conn: Connection, tenant_id: str) -> None:
    """Every stated number under its key, and under the key without its format letter."""
    conn.execute(CREATE_STATED)
    with conn.cursor(name="stated") as reader:
        reader.itersize = 20_000
        reader.execute(STATED, {"tenant": tenant_id})
        rows = (row for found in reader for row in _keyed(*found))
        while page := list(islice(rows, PAGE)):
            with conn.cursor() as cursor, cursor.copy(COPY_STATED) as copy:
                for row in page:
                    copy.write_row(row)
    conn.execute(ADD_COPIES, {"tenant": tenant_id})
    conn.execute("ANALYZE stated_numbers")


def _keyed(blob_id: str, number: str, sheet: str | None) -> Iterator[tuple[str, str, int, str | None]]:
    found = number_key(number)
    first_sheet = (sheet or "").partition("/")[0].strip() or found.sheet
    for key in {found.key, base_key(found.key)} - {None}:
        if not str(key).startswith("?"):
            yield blob_id, str(key), int(found.strength), first_sheet


def _by_number(conn: Connection, tenant_id: str) -> Iterator[Pair | Finding]:
    with conn.cursor(name="bearers") as cursor:
        cursor.itersize = 20_000
        cursor.execute(BEARERS, {"tenant": tenant_id})
        for (key, strength), rows in groupby(cursor, key=itemgetter(0, 1)):
            pairs, findings = judge_number(key, Strength(strength), [_bearer(*row[2:]) for row in rows])
            yield from pairs
            yield from findings


def _bearer(blob_id: str, group_id: str, store: str, path: str, project: str | None, stated: bool, own_key: str, own_strength: int,
            sheet: str | None, formats: list[str | None]) -> Bearer:
    place = f"{store}: {neighbourhood(folder_of(path))}"
    return Bearer(blob_id, group_id, place, project, stated, own_key, own_strength, sheet, frozenset(filter(None, formats)))


def _by_place(conn: Connection, tenant_id: str) -> Iterator[Pair]:
    conn.execute(CREATE_BENCHES, {"tenant": tenant_id, "most": MOST_FILES, "sheets": sorted(SHEET_SUFFIXES),
                                  "geometry": sorted(GEOMETRY_SUFFIXES)})
    with conn.cursor(name="benches") as cursor:
        cursor.itersize = 2_000
        cursor.execute(BENCHES, {"tenant": tenant_id, "sizes": MOST_SIZES})
        for _, rows in groupby(cursor, key=itemgetter(0)):
            yield from judge_bench(*_bench(rows))


def _bench(rows: Iterable[Any]) -> tuple[list[Sheet], list[Piece], list[Contour]]:
    sheets: list[Sheet] = []
    pieces: list[Piece] = []
    others: list[Contour] = []
    for _, group_id, key, has_sheet, has_geometry, titles, sizes, outlines in rows:
        contours = tuple(_contour(outline) for outline in _plates(outlines or []))
        if has_sheet and has_geometry:
            others += contours
        elif has_sheet:
            sheets.append(Sheet(group_id, key, tuple(normalised(title.casefold()) for title in titles), tuple(sizes)))
        else:
            pieces.append(Piece(group_id, key, contours))
    return sheets, pieces, others


def _plates(outlines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest outline, and further ones of a like size: those make the file a nest of several plates."""
    largest = outlines[:1]
    return largest + [one for one in outlines[1:] if one["width"] * one["height"] > largest[0]["width"] * largest[0]["height"] / 2]


def _contour(outline: dict[str, Any]) -> Contour:
    holes = json.loads(outline["holes"]) if isinstance(outline["holes"], str) else outline["holes"]
    return Contour(outline["width"], outline["height"], tuple(sorted(hole["diameter"] for hole in holes if hole.get("diameter"))))
