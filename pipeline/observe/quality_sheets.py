"""Which sheets a person should look at, and everything that was found on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.extract.model import BBox
from pipeline.observe.extraction_quality import SUSPECTS

MOST_MARKS = 400  # of one kind on one sheet

# Half of the sheets are the most suspicious ones, the other half are drawn by lot, the same for the same seed; those of other stores,
# whose files are not at hand for a picture, only where this one has too few.
CHOSEN: LiteralString = SUSPECTS + """
    , worst AS (
        SELECT blob_id FROM suspects WHERE points > 0
        ORDER BY source_store <> %(store)s, points DESC, blob_key COLLATE "C" LIMIT %(most)s / 2
    ),
    drawn AS (
        SELECT blob_id FROM suspects
        WHERE blob_id NOT IN (SELECT blob_id FROM worst) AND (fields > 0 OR dimensions > 0 OR bom_rows > 0)
        ORDER BY source_store <> %(store)s, sha256((blob_id::text || %(seed)s)::bytea)
        LIMIT %(most)s - (SELECT count(*) FROM worst)
    )
    SELECT suspects.blob_id, suspects.tenant_id, source_store, blob_key, kind, coalesce(program, 'not stated'), points::integer, reasons,
           page.page_number, page.width, page.height, page.method, page.confidence, page_count
    FROM suspects
    CROSS JOIN LATERAL (
        SELECT one.page_number, one.width, one.height, one.method, one.confidence
        FROM document_pages AS one
        WHERE one.tenant_id = suspects.tenant_id AND one.blob_id = suspects.blob_id
        ORDER BY (SELECT count(*) FROM extracted_metadata AS found WHERE found.tenant_id = one.tenant_id
                  AND found.blob_id = one.blob_id AND found.page_number = one.page_number)
               + (SELECT count(*) FROM extracted_dimensions AS found WHERE found.tenant_id = one.tenant_id
                  AND found.blob_id = one.blob_id AND found.page_number = one.page_number)
               + (SELECT count(*) FROM extracted_bom_items AS found WHERE found.tenant_id = one.tenant_id
                  AND found.blob_id = one.blob_id AND found.page_number = one.page_number) DESC, one.page_number
        LIMIT 1) AS page
    WHERE suspects.blob_id IN (SELECT blob_id FROM worst UNION ALL SELECT blob_id FROM drawn)
    ORDER BY points DESC, blob_key COLLATE "C"
"""

# kind, what it is called, how it reads, where it stands: one form for all findings.
MARKS: LiteralString = """
    (SELECT 'field', field, value, bbox, entity_handle, confidence, method FROM extracted_metadata
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY id LIMIT %(most)s)
    UNION ALL
    (SELECT 'dimension', kind,
            concat_ws(' ', CASE WHEN count > 1 THEN count || '×' END, raw_text,
                      CASE WHEN nominal IS NOT NULL THEN '= ' || trim_scale(round(nominal::numeric, 4)) || coalesce(' ' || unit, '') END,
                      CASE WHEN tol_plus IS NOT NULL OR tol_minus IS NOT NULL
                           THEN '[' || trim_scale(round(coalesce(tol_plus, 0)::numeric, 5)) || ' / ' ||
                                trim_scale(round(coalesce(tol_minus, 0)::numeric, 5)) || ']' END,
                      fit_class, CASE WHEN is_reference THEN 'reference' END, CASE WHEN is_basic THEN 'basic' END),
            bbox, entity_handle, confidence, method FROM extracted_dimensions
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY id LIMIT %(most)s)
    UNION ALL
    (SELECT 'annotation', kind, raw_text, bbox, entity_handle, confidence, method FROM extracted_annotations
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY id LIMIT %(most)s)
    UNION ALL
    (SELECT 'bom', 'row ' || row_number,
            concat_ws(' | ', item, part_number, description, trim_scale(round(quantity::numeric, 4)), material),
            bbox, entity_handle, confidence, method FROM extracted_bom_items
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY row_number LIMIT %(most)s)
    UNION ALL
    (SELECT 'material', 'material', concat_ws(' → ', raw_text, nullif(concat_ws(', ', designation, family), '')),
            bbox, entity_handle, confidence, method FROM extracted_materials
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY id LIMIT %(most)s)
    UNION ALL
    (SELECT 'parameter', name, concat_ws(' ', value, CASE WHEN strpos(value, unit) = 0 THEN unit END),
            bbox, entity_handle, confidence, method FROM extracted_parameters
     WHERE tenant_id = %(tenant)s AND blob_id = %(blob)s AND page_number = %(page)s ORDER BY id LIMIT %(most)s)
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page to look at. width, height: as stored, PDF points for PDF; reasons: why it is suspect, none where drawn by lot."""

    blob_id: UUID
    tenant_id: UUID
    source_store: str
    blob_key: str
    kind: str
    program: str
    points: int
    reasons: tuple[str, ...]
    page_number: int
    width: float | None
    height: float | None
    method: str
    confidence: float | None
    page_count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding. kind: 'field', 'dimension', 'annotation', 'bom', 'material', 'parameter'; bbox: PDF points; handle: of a DXF entity."""

    kind: str
    name: str
    text: str
    bbox: BBox | None
    handle: str | None
    confidence: float
    method: str


def choose(conn: Connection, tenant_id: str, *, store: str, most: int, seed: str) -> list[Sheet]:
    """At most `most` sheets, of `store` before others, the most suspicious first; one page a file, that with the most findings.

    Files that a newer revision supersedes are left out.
    """
    rows = conn.execute(CHOSEN, {"tenant": tenant_id, "store": store, "most": most, "seed": seed}).fetchall()
    return [_sheet(row) for row in rows]


def marks_of(conn: Connection, sheet: Sheet) -> list[Mark]:
    """What was found on the sheet, at most MOST_MARKS of each kind."""
    parameters = {"tenant": sheet.tenant_id, "blob": sheet.blob_id, "page": sheet.page_number, "most": MOST_MARKS}
    return list(_marks(conn.execute(MARKS, parameters)))


def _sheet(row: Sequence[Any]) -> Sheet:
    blob_id, tenant_id, store, key, kind, program, points, reasons, *page = row
    return Sheet(blob_id, tenant_id, store, key, kind, program, points, tuple(reasons), *page)


def _marks(rows: Any) -> Iterator[Mark]:
    for kind, name, text, bbox, handle, confidence, method in rows:
        x0, y0, x1, y1 = bbox or (0.0, 0.0, 0.0, 0.0)
        yield Mark(kind, name, text or "", (x0, y0, x1, y1) if bbox else None, handle, confidence, method)
