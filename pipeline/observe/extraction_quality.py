"""How good what was extracted looks, without labels: the requirements' marks, by folder, by producer program, the worst files.

A document counts as a drawing where a title-block field, a dimension or a parts list was found in it.
"""

from __future__ import annotations

from typing import Any, LiteralString

from pipeline.database import Connection

Figures = dict[str, Any]  # JSON: numbers, text, lists and objects

MOST_GROUPS = 30
WORST = 20

# One row a document. Drawing programs sign as creator or producer, and with their version; a DXF knows its release only.
FACTS: LiteralString = """
    WITH facts AS (
        SELECT document.tenant_id, document.blob_id, document.kind, blob.blob_key, blob.source_store, blob.partial,
               document.warnings, document.page_count,
               coalesce((document.properties -> 'entity_counts' ->> 'DIMENSION')::integer, 0) AS dimension_entities,
               CASE document.kind
                   WHEN 'dxf' THEN coalesce(document.properties ->> 'application', 'DXF ' || (document.properties ->> 'release'))
                   ELSE regexp_replace(coalesce(document.properties ->> 'creator', document.properties ->> 'producer'),
                                       '\\s+(v(er(sion)?)?\\.?\\s*)?[\\d(].*$', '', 'i')
               END AS program,
               page.chars, page.ocr_pages, page.ocr_confidence, page.silent_pages, page.is_wide,
               field.fields, field.naming_fields, field.field_confidence,
               EXISTS (SELECT FROM document_group_members AS member
                       WHERE member.tenant_id = document.tenant_id AND member.blob_id = document.blob_id
                         AND NOT member.is_latest) AS is_superseded,
               (SELECT count(*) FROM extracted_dimensions AS found
                WHERE found.tenant_id = document.tenant_id AND found.blob_id = document.blob_id) AS dimensions,
               (SELECT count(*) FROM extracted_bom_items AS found
                WHERE found.tenant_id = document.tenant_id AND found.blob_id = document.blob_id) AS bom_rows,
               (SELECT count(*) FROM extracted_materials AS found
                WHERE found.tenant_id = document.tenant_id AND found.blob_id = document.blob_id) AS materials
        FROM documents AS document
        JOIN blob_inventory AS blob USING (tenant_id, blob_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(char_count), 0) AS chars,
                   count(*) FILTER (WHERE method = 'ocr') AS ocr_pages,
                   min(confidence) FILTER (WHERE method = 'ocr') AS ocr_confidence,
                   count(*) FILTER (WHERE method = 'none') AS silent_pages,
                   bool_or(width > height) AS is_wide
            FROM document_pages AS one
            WHERE one.tenant_id = document.tenant_id AND one.blob_id = document.blob_id) AS page
        CROSS JOIN LATERAL (
            SELECT count(*) AS fields,
                   count(*) FILTER (WHERE field IN ('drawing_number', 'title')) AS naming_fields,
                   min(confidence) AS field_confidence
            FROM extracted_metadata AS one
            WHERE one.tenant_id = document.tenant_id AND one.blob_id = document.blob_id) AS field
        WHERE document.tenant_id = %(tenant)s AND blob.status <> 'deleted' AND document.kind IN ('pdf', 'dxf')
    )
"""

_SUMS: LiteralString = """
    count(*) AS documents,
    coalesce(sum(page_count), 0)::bigint AS pages,
    count(*) FILTER (WHERE chars > 0) AS with_text,
    count(*) FILTER (WHERE fields > 0 OR dimensions > 0 OR bom_rows > 0) AS drawings,
    count(*) FILTER (WHERE naming_fields > 0) AS with_title_block,
    count(*) FILTER (WHERE dimensions > 0) AS with_dimensions,
    count(*) FILTER (WHERE bom_rows > 0) AS with_bom,
    count(*) FILTER (WHERE materials > 0) AS with_material,
    count(*) FILTER (WHERE ocr_pages > 0) AS with_ocr,
    count(*) FILTER (WHERE partial) AS partly_read,
    coalesce(sum(fields), 0)::bigint AS fields,
    coalesce(sum(dimensions), 0)::bigint AS dimensions
"""
_SUM_NAMES = ("documents", "pages", "with_text", "drawings", "with_title_block", "with_dimensions", "with_bom", "with_material",
              "with_ocr", "partly_read", "fields", "dimensions")

COVERAGE: LiteralString = FACTS + "SELECT kind, count(*) FILTER (WHERE dimension_entities > 0)," \
    " count(*) FILTER (WHERE dimension_entities > 0 AND dimensions > 0)," + _SUMS + "FROM facts GROUP BY kind ORDER BY kind"

BY_PROGRAM: LiteralString = FACTS + "SELECT coalesce(min(program), 'not stated')," + _SUMS + """
    FROM facts
    GROUP BY lower(program)
    ORDER BY count(*) DESC, 1
    LIMIT %(most)s
"""

# The deepest level at which there are not too many folders to look at.
BY_FOLDER: LiteralString = FACTS + """
    , placed AS (
        SELECT facts.*, string_to_array(blob_key, '/') AS steps
        FROM facts
    ),
    level AS (
        SELECT coalesce(max(depth) FILTER (WHERE folders <= %(most)s), 1) AS depth
        FROM (SELECT depth, count(DISTINCT steps[:least(depth, cardinality(steps) - 1)]) AS folders
              FROM placed CROSS JOIN generate_series(1, 4) AS depth
              GROUP BY depth) AS counted
    )
    SELECT coalesce(nullif(array_to_string(steps[:least(depth, cardinality(steps) - 1)], '/'), ''), '.'),""" + _SUMS + """
    FROM placed CROSS JOIN level
    GROUP BY 1
    ORDER BY count(*) DESC, 1
    LIMIT %(most)s
"""

# Points for what makes a person want to look; a file's points are the sum. No ground truth: a letter has no dimensions either.
# What a newer revision supersedes is nobody's to look at.
SUSPECTS: LiteralString = FACTS + """
    , suspects AS (
        SELECT facts.*, doubt.points, doubt.reasons
        FROM facts
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(weight), 0) AS points, coalesce(array_agg(reason ORDER BY weight DESC, reason), '{}') AS reasons
            FROM (VALUES
                (5, 'dimension entities, but no dimension', dimension_entities > 0 AND dimensions = 0),
                (4, 'pages without any text', silent_pages > 0 AND kind = 'pdf'),
                (4, 'read in part', partial),
                (4, 'OCR with confidence below 0.6', ocr_confidence < 0.6),
                (3, 'dimensions, but no title block', dimensions >= 3 AND fields = 0 AND kind = 'pdf'),
                (3, 'a title block, but no dimension', kind = 'pdf' AND fields >= 2 AND dimensions = 0 AND bom_rows = 0),
                (2, 'neither number nor title in the title block', fields >= 2 AND naming_fields = 0),
                (2, 'a sheet wider than high on which nothing was found',
                 kind = 'pdf' AND is_wide AND page_count <= 3 AND fields = 0 AND dimensions = 0 AND bom_rows = 0),
                (1, 'OCR with confidence below 0.8', ocr_confidence >= 0.6 AND ocr_confidence < 0.8),
                (1, 'a field with confidence below 0.6', field_confidence < 0.6),
                (1, 'something was repaired or left out', cardinality(warnings) > 0 AND NOT partial)
            ) AS doubt (weight, reason, applies)
            WHERE applies) AS doubt
        WHERE NOT is_superseded
    )
"""

WORST_FILES: LiteralString = SUSPECTS + """
    SELECT blob_key, points, reasons, coalesce(program, 'not stated')
    FROM suspects
    WHERE points > 0
    ORDER BY points DESC, blob_key COLLATE "C"
    LIMIT %(most)s
"""


def coverage(conn: Connection, tenant_id: str) -> dict[str, Figures]:
    """Sums by kind of document ('pdf', 'dxf'); for DXF also how many hold dimension entities, and gave dimensions."""
    found: dict[str, Figures] = {}
    for kind, with_entities, with_both, *sums in conn.execute(COVERAGE, {"tenant": tenant_id}):
        found[kind] = dict(zip(_SUM_NAMES, sums, strict=True))
        if kind == "dxf":
            found[kind] |= {"with_dimension_entities": with_entities, "with_dimensions_of_entities": with_both}
    return found


def by_program(conn: Connection, tenant_id: str) -> dict[str, Figures]:
    """Sums by the program that wrote the documents, its version aside; the most frequent ones."""
    return _sums(conn, BY_PROGRAM, tenant_id)


def by_folder(conn: Connection, tenant_id: str) -> dict[str, Figures]:
    """Sums by source folder."""
    return _sums(conn, BY_FOLDER, tenant_id)


def worst_files(conn: Connection, tenant_id: str) -> list[Figures]:
    """The files that a person should look at first, and why; those of older revisions left out."""
    rows = conn.execute(WORST_FILES, {"tenant": tenant_id, "most": WORST})
    return [{"file": key, "points": points, "reasons": reasons, "program": program} for key, points, reasons, program in rows]


def targets(found: dict[str, Figures], completed_pct: float | None, expected: int) -> list[Figures]:
    """The requirements' success metrics, as far as phase B can be judged by them."""
    pdf, dxf = found.get("pdf", {}), found.get("dxf", {})
    pdfs, dxfs = pdf.get("documents", 0), dxf.get("with_dimension_entities", 0)
    return [
        target("jobs done, input faults aside", completed_pct, ">", 95, expected),
        target("PDFs with text", share(pdf.get("with_text"), pdfs), ">=", 90, pdfs),
        target("DXFs with dimensions, of those with dimension entities", share(dxf.get("with_dimensions_of_entities"), dxfs), ">=", 85,
               dxfs),
    ]


def target(name: str, measured: float | None, comparison: str, wanted: int, of: int) -> Figures:
    """measured: in per cent; None where there is nothing to judge."""
    met = None if measured is None else {">": measured > wanted, ">=": measured >= wanted, "<": measured < wanted}[comparison]
    return {"name": name, "measured_pct": measured, "comparison": comparison, "target_pct": wanted, "of": of, "met": met}


def share(part: int | None, whole: int | None) -> float | None:
    """In per cent, to one decimal."""
    return round(100 * (part or 0) / whole, 1) if whole else None


def _sums(conn: Connection, query: LiteralString, tenant_id: str) -> dict[str, Figures]:
    rows = conn.execute(query, {"tenant": tenant_id, "most": MOST_GROUPS})
    return {name: dict(zip(_SUM_NAMES, sums, strict=True)) for name, *sums in rows}
