"""Reading for a person: the revisions that a group holds, what changed between two files, where a part is used."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, LiteralString

from psycopg.rows import dict_row

from pipeline.database import Connection
from pipeline.linking.changes import ListRow, Stated, dimension_changes, list_changes, paged_field_changes
from pipeline.observe.files import like

GROUP: LiteralString = """
    SELECT group_id, group_key, project_code, method, confidence, reason, review_reason
    FROM document_groups
    WHERE tenant_id = %(tenant)s AND (group_id::text = %(text)s OR group_key = %(text)s OR group_key LIKE %(end)s)
    ORDER BY group_key COLLATE "C"
    LIMIT 2
"""
GROUP_OF: LiteralString = "SELECT group_id::text FROM document_group_members WHERE tenant_id = %s AND blob_id = %s"
MEMBERS: LiteralString = """
    SELECT blob.blob_id, blob.blob_key, member.document_revision AS revision, member.revision_source, member.revision_rank,
           member.is_latest, newer.blob_key AS superseded_by, member.sheet, member.method, member.confidence, member.reason,
           (SELECT coalesce(found.normalised, found.value) FROM extracted_metadata AS found
            WHERE found.tenant_id = member.tenant_id AND found.blob_id = coalesce(blob.duplicate_of, blob.blob_id) AND found.field = 'date'
            ORDER BY found.page_number LIMIT 1) AS date
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    LEFT JOIN blob_inventory AS newer ON newer.tenant_id = member.tenant_id AND newer.blob_id = member.superseded_by
    WHERE member.tenant_id = %s AND member.group_id = %s
    ORDER BY member.drawing_key COLLATE "C", member.sheet, lower(substring(blob.file_name FROM '[^.]*$')), member.revision_rank,
             blob.blob_key COLLATE "C"
"""
FINDINGS: LiteralString = """
    SELECT blob.blob_key, found.kind, found.reason
    FROM document_group_findings AS found
    JOIN document_group_members AS member ON member.tenant_id = found.tenant_id AND member.blob_id = found.blob_id
    JOIN blob_inventory AS blob ON blob.tenant_id = found.tenant_id AND blob.blob_id = found.blob_id
    WHERE member.tenant_id = %s AND member.group_id = %s
    ORDER BY blob.blob_key COLLATE "C", found.kind
"""
# The bytes of a duplicate were read where its original stands.
FILE: LiteralString = """
    SELECT blob.blob_id, blob.blob_key, CASE WHEN blob.status = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END AS content,
           member.document_revision AS revision, member.is_latest, member.group_id
    FROM blob_inventory AS blob
    LEFT JOIN document_group_members AS member ON member.tenant_id = blob.tenant_id AND member.blob_id = blob.blob_id
    WHERE blob.tenant_id = %s AND blob.blob_id = %s
"""
FIELDS: LiteralString = """
    SELECT DISTINCT ON (coalesce(page_number, 1), field) coalesce(page_number, 1), field, coalesce(normalised, value)
    FROM extracted_metadata
    WHERE tenant_id = %s AND blob_id = %s AND value IS NOT NULL
    ORDER BY coalesce(page_number, 1), field, confidence DESC
"""
DIMENSIONS: LiteralString = """
    SELECT kind, coalesce(nominal, value_mm), raw_text, unit, tol_plus, tol_minus, fit_class, count, is_reference, is_basic, page_number,
           (bbox[1] + bbox[3]) / 2, (bbox[2] + bbox[4]) / 2, entity_handle
    FROM extracted_dimensions
    WHERE tenant_id = %s AND blob_id = %s
    ORDER BY page_number, id
"""
ROWS: LiteralString = """
    SELECT part_number, item, quantity, description, material
    FROM extracted_bom_items
    WHERE tenant_id = %s AND blob_id = %s
    ORDER BY row_number, id
"""


def find_group(conn: Connection, text: str, tenant_id: str) -> dict[str, Any] | None:
    """The group of that id, key, or last part of a key; None where there is none or several."""
    end = "% " + like(text)  # a key is "store: key", or "store: place/key"
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(GROUP, {"tenant": tenant_id, "text": text, "end": end}).fetchall()
    return found[0] if len(found) == 1 else None


def group_of(conn: Connection, blob_id: str, tenant_id: str) -> str | None:
    row = conn.execute(GROUP_OF, (tenant_id, blob_id)).fetchone()
    return str(row[0]) if row else None


def revisions_of(conn: Connection, group_id: str, tenant_id: str) -> dict[str, Any]:
    """The group's files, oldest revision first within each drawing, sheet and format, and what contradicts it."""
    with conn.cursor(row_factory=dict_row) as cursor:
        files = cursor.execute(MEMBERS, (tenant_id, group_id)).fetchall()
        findings = cursor.execute(FINDINGS, (tenant_id, group_id)).fetchall()
    return {"files": files, "findings": findings}


def difference(conn: Connection, old_id: str, new_id: str, tenant_id: str) -> dict[str, Any]:
    """What changed from one file to the other."""
    with conn.cursor(row_factory=dict_row) as cursor:
        old, new = (cursor.execute(FILE, (tenant_id, blob_id)).fetchone() for blob_id in (old_id, new_id))
    if old is None or new is None:
        raise LookupError("no such file")
    before, after = _read(conn, old.pop("content"), tenant_id), _read(conn, new.pop("content"), tenant_id)
    fields = paged_field_changes(before[0], after[0])
    dimensions = dimension_changes(before[1], after[1])
    rows = list_changes(before[2], after[2])
    return {
        "old": old, "new": new, "same": not (fields or dimensions or rows), "same_group": old["group_id"] == new["group_id"],
        "fields": [one.as_json() for one in fields], "dimensions": [one.as_json() for one in dimensions],
        "bom_rows": [one.as_json() for one in rows],
        "counts": {"fields": [sum(map(len, one[0].values())) for one in (before, after)], "dimensions": [len(before[1]), len(after[1])],
                   "bom_rows": [len(before[2]), len(after[2])]}}


def _read(conn: Connection, blob_id: Any, tenant_id: str) -> tuple[dict[int, dict[str, str]], list[Stated], list[ListRow]]:
    """Fields by page; dimensions; rows of its parts list."""
    key = (tenant_id, blob_id)
    fields: dict[int, dict[str, str]] = defaultdict(dict)
    for page, name, value in conn.execute(FIELDS, key):
        fields[page][name] = value
    return fields, [_stated(*row) for row in conn.execute(DIMENSIONS, key)], [_row(*row) for row in conn.execute(ROWS, key)]


def _stated(kind: str, value: float | None, raw_text: str, unit: str | None, tol_plus: float | None, tol_minus: float | None,
            fit_class: str | None, count: int, is_reference: bool, is_basic: bool, page: int | None, x: float | None, y: float | None,
            handle: str | None) -> Stated:
    centre = (x, y) if x is not None and y is not None else None
    return Stated(kind, value, raw_text, unit, tol_plus, tol_minus, fit_class, count, is_reference, is_basic, page, centre, handle)


def _row(part_number: str | None, item: str | None, quantity: Any, description: str | None, material: str | None) -> ListRow:
    cells = {"number": part_number, "quantity": None if quantity is None else f"{float(quantity):g}", "description": description,
             "material": material}
    return ListRow(part_number, item, {name: text for name, text in cells.items() if text is not None})
