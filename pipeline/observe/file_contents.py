"""Everything that was read out of one file, each value with its place, and what it came to in the record of its group."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row

from pipeline.database import Connection

Rows = list[dict[str, Any]]

FILE: LiteralString = """
    SELECT blob_id, tenant_id, source_store, blob_key, status, status_reason, partial, duplicate_of
    FROM blob_inventory WHERE blob_id = %(blob)s
"""

DOCUMENT: LiteralString = """
    SELECT document_id, kind, title, page_count, has_text_layer, properties, warnings, job_id
    FROM documents WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s
"""

PAGES: LiteralString = """
    SELECT page_number, method, round(confidence::numeric, 2)::float8 AS confidence, char_count, width, height, rotation
    FROM document_pages WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number
"""

FIELDS: LiteralString = """
    SELECT field, value, normalised, raw_text, page_number, bbox, entity_handle, layer, method, confidence
    FROM extracted_metadata WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number, field
"""

DIMENSIONS: LiteralString = """
    SELECT kind, raw_text, nominal, unit, value_mm, value_min_mm, value_max_mm, tol_plus, tol_minus, fit_class, count, is_reference,
           is_basic, details, page_number, bbox, entity_handle, layer, method, confidence
    FROM extracted_dimensions WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number, id
"""

ANNOTATIONS: LiteralString = """
    SELECT kind, raw_text, details, page_number, bbox, entity_handle, layer, method, confidence
    FROM extracted_annotations WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number, kind, id
"""

MATERIALS: LiteralString = """
    SELECT raw_text, designation, standard, family, thickness_mm, treatment, page_number, bbox, entity_handle, layer, method, confidence
    FROM extracted_materials WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number, id
"""

PARAMETERS: LiteralString = """
    SELECT name, value, value_number, unit, source, raw_text, page_number, bbox, entity_handle, layer, method, confidence
    FROM extracted_parameters WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY page_number, id
"""

BOM: LiteralString = """
    SELECT row_number, item, part_number, description, quantity::float8, material, raw_cells, balloons, page_number, bbox, entity_handle,
           layer, method, confidence
    FROM extracted_bom_items WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY row_number, id
"""

BLOCKS: LiteralString = """
    SELECT block_name, insert_count, attributes, content_hash, details, entity_handle, layer, method, confidence
    FROM extracted_blocks WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY insert_count DESC, block_name COLLATE "C", id
"""

OUTLINES: LiteralString = """
    SELECT width_mm, height_mm, cut_length_mm, area_mm2, inner_count, holes, page_number, entity_handle, layer, method, confidence
    FROM extracted_outlines WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s ORDER BY area_mm2 DESC, id
"""

RECORD: LiteralString = """
    SELECT linked.group_key, linked.project_code, linked.member_count, record.drawing_number, record.title, record.revision,
           record.material, record.material_designation, record.material_family, record.weight_g, record.width_mm, record.height_mm,
           record.depth_mm, record.fields, record.conflicts, record.updated_at
    FROM document_group_members AS member
    JOIN document_groups AS linked USING (tenant_id, group_id)
    JOIN document_records AS record USING (tenant_id, group_id)
    WHERE member.tenant_id = %(tenant)s AND member.blob_id = %(blob)s
"""

# In the order in which a person reads a drawing.
FINDINGS: dict[str, LiteralString] = {
    "fields": FIELDS, "materials": MATERIALS, "dimensions": DIMENSIONS, "annotations": ANNOTATIONS, "parameters": PARAMETERS,
    "bom": BOM, "blocks": BLOCKS, "outlines": OUTLINES,
}


def read(conn: Connection, blob_id: UUID) -> dict[str, Any]:
    """What was read out of this file. A duplicate's values are those of the file that bears them."""
    file = _rows(conn, FILE, {"blob": blob_id})[0]
    where = {"tenant": file.pop("tenant_id"), "blob": file["duplicate_of"] or blob_id}
    return {
        "file": file,
        "document": next(iter(_rows(conn, DOCUMENT, where)), None),
        "pages": _rows(conn, PAGES, where),
        **{name: [_rounded(row) for row in _rows(conn, query, where)] for name, query in FINDINGS.items()},
        "record": next(iter(_rows(conn, RECORD, where)), None),
    }


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Confidence and bbox are of single precision: 0.9 is to read 0.9."""
    row["confidence"] = round(row["confidence"], 3)
    if row.get("bbox"):
        row["bbox"] = [round(edge, 2) for edge in row["bbox"]]
    return row


def _rows(conn: Connection, query: LiteralString, parameters: dict[str, Any]) -> Rows:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()
