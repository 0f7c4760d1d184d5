"""What the demo found, in the few figures that tell a newcomer what this is about."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg.rows import dict_row

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.embed import Embedder
from pipeline.search import Filters, search_chunks

Rows = list[dict[str, Any]]

# Files of other stores that a run of all phases would queue and read, which a machine with the demo's files cannot.
FOREIGN: LiteralString = """
    SELECT count(*) FROM blob_inventory WHERE source_store <> %(store)s AND status IN ('pending', 'processing')
"""

STATES: LiteralString = """
    SELECT status, count(*) FROM blob_inventory WHERE source_store = %(store)s GROUP BY status ORDER BY count(*) DESC, status
"""

# Each drawing once, by the file that gave most.
DRAWINGS: LiteralString = """
    WITH sheet AS (
        SELECT found.tenant_id, found.blob_id,
               max(value) FILTER (WHERE field = 'drawing_number') AS drawing_number,
               max(value) FILTER (WHERE field = 'title') AS title,
               max(value) FILTER (WHERE field = 'revision') AS revision,
               max(value) FILTER (WHERE field = 'material') AS material,
               max(value) FILTER (WHERE field = 'scale') AS scale
        FROM extracted_metadata AS found
        WHERE found.page_number = 1
        GROUP BY found.tenant_id, found.blob_id
    ),
    counted AS (
        SELECT blob.file_name AS file, sheet.*, (
                   SELECT count(*) FROM extracted_dimensions AS one
                   WHERE one.tenant_id = blob.tenant_id AND one.blob_id = blob.blob_id) AS dimensions
        FROM blob_inventory AS blob
        JOIN sheet USING (tenant_id, blob_id)
        WHERE blob.source_store = %(store)s AND blob.status = 'extracted'
    )
    SELECT DISTINCT ON (drawing_number) file, drawing_number, title, revision, material, scale, dimensions
    FROM counted
    WHERE drawing_number IS NOT NULL
    ORDER BY drawing_number, dimensions DESC, file COLLATE "C"
    LIMIT 12
"""

# Of each kind the dimension that says most.
DIMENSIONS: LiteralString = """
    SELECT DISTINCT ON (one.kind) one.kind, one.raw_text, one.nominal, one.unit, one.value_mm, one.tol_plus, one.tol_minus,
           one.fit_class, one.count, blob.file_name AS file
    FROM extracted_dimensions AS one
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.source_store = %(store)s
    ORDER BY one.kind, one.value_mm IS NULL, one.tol_plus IS NULL, one.fit_class IS NULL, one.count DESC,
             one.raw_text COLLATE "C", blob.blob_key COLLATE "C"
"""

GROUPS: LiteralString = """
    SELECT linked.group_key, linked.project_code, linked.needs_review, linked.review_reason,
           array_agg(blob.file_name ORDER BY blob.blob_key COLLATE "C") AS files
    FROM document_groups AS linked
    JOIN document_group_members AS member USING (tenant_id, group_id)
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.source_store = %(store)s
    GROUP BY linked.tenant_id, linked.group_id
    HAVING count(*) > 1
    ORDER BY count(*) DESC, linked.group_key COLLATE "C"
"""

TOTALS: LiteralString = """
    SELECT (SELECT count(*) FROM document_pages JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS pages,
           (SELECT count(*) FROM extracted_metadata JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS fields,
           (SELECT count(*) FROM extracted_dimensions JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS dimensions,
           (SELECT count(*) FROM extracted_bom_items JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS parts_list_rows,
           (SELECT count(*) FROM extracted_materials JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS materials,
           (SELECT count(*) FROM extracted_blocks JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS blocks,
           (SELECT count(*) FROM chunk_index JOIN blob_inventory AS blob USING (tenant_id, blob_id)
            WHERE blob.source_store = %(store)s) AS chunks
"""

# What one might ask of the sample files: words that stand there, a word misspelt, a number written another way.
QUESTIONS = ("which older prints must be scrapped", "gearbox assemby instruction", "Motorplatte EN AW 5083", "housing cover AlSi10Mg")

# What a person should see: the files of one part that cannot both be right.
CONFLICTS: LiteralString = """
    SELECT conflict.severity, conflict.field, conflict.reason, linked.project_code,
           coalesce(record.drawing_number, record.title, linked.group_key) AS part
    FROM document_conflicts AS conflict
    JOIN document_records AS record USING (tenant_id, group_id)
    JOIN document_groups AS linked USING (tenant_id, group_id)
    WHERE EXISTS (SELECT FROM document_group_members AS member JOIN blob_inventory AS blob USING (tenant_id, blob_id)
                  WHERE (member.tenant_id, member.group_id) = (conflict.tenant_id, conflict.group_id)
                    AND blob.source_store = %(store)s)
    ORDER BY array_position(ARRAY['high', 'medium', 'low'], conflict.severity), conflict.reason COLLATE "C"
"""

# Flat patterns: what a laser shop asks for.
OUTLINES: LiteralString = """
    SELECT DISTINCT ON (blob.blob_key COLLATE "C") blob.file_name AS file, one.width_mm, one.height_mm, one.cut_length_mm,
           one.inner_count, one.holes
    FROM extracted_outlines AS one
    JOIN blob_inventory AS blob USING (tenant_id, blob_id)
    WHERE blob.source_store = %(store)s
      AND NOT EXISTS (SELECT FROM extracted_outlines AS rival  -- a layout of several things is no pattern
                      WHERE (rival.tenant_id, rival.blob_id) = (one.tenant_id, one.blob_id) AND rival.id <> one.id
                        AND rival.area_mm2 > 0.2 * one.area_mm2)
    ORDER BY blob.blob_key COLLATE "C", one.area_mm2 DESC, one.id
"""

FATES: LiteralString = """
    SELECT blob.blob_key, blob.status, blob.status_reason, original.blob_key AS duplicate_of, document.warnings,
           (SELECT job.error_reason FROM extraction_jobs AS job
            WHERE job.blob_id = blob.blob_id AND job.status = 'failed' ORDER BY job.id DESC LIMIT 1) AS failed_because
    FROM blob_inventory AS blob
    LEFT JOIN blob_inventory AS original ON original.tenant_id = blob.tenant_id AND original.blob_id = blob.duplicate_of
    LEFT JOIN documents AS document ON document.tenant_id = blob.tenant_id AND document.blob_id = blob.blob_id
    WHERE blob.source_store = %(store)s AND blob.blob_key = ANY (%(keys)s)
    ORDER BY array_position(%(keys)s, blob.blob_key)
"""


def foreign_files(conn: Connection, store: str) -> int:
    """How many files of other stores wait to be read."""
    row = conn.execute(FOREIGN, {"store": store}).fetchone()
    return int(row[0]) if row else 0


def read(conn: Connection, store: str, bad_keys: list[str], embedder: Embedder | None) -> dict[str, Any]:
    """States, totals, some drawings and dimensions with their values, groups, contradictions, flat patterns, and the bad files' fates."""
    parameters = {"store": store, "keys": bad_keys}
    return {
        "files_by_status": dict(conn.execute(STATES, parameters).fetchall()),
        **_rows(conn, TOTALS, parameters)[0],
        "drawings": _rows(conn, DRAWINGS, parameters),
        "dimension_examples": _rows(conn, DIMENSIONS, parameters),
        "groups": _rows(conn, GROUPS, parameters),
        "conflicts": _rows(conn, CONFLICTS, parameters),
        "outlines": _rows(conn, OUTLINES, parameters),
        "answers": [answer for question in QUESTIONS for answer in _answers(conn, store, question, embedder)],
        "bad_files": _rows(conn, FATES, parameters),
    }


def _answers(conn: Connection, store: str, question: str, embedder: Embedder | None) -> Rows:
    """The best chunk for a question, of the sample files."""
    blobs = [row[0] for row in conn.execute("SELECT blob_id FROM blob_inventory WHERE source_store = %s", (store,))]
    hits = search_chunks(conn, question, tenant_id=DEFAULT_TENANT, mode="hybrid" if embedder else "fulltext", limit=1, embedder=embedder,
                         filters=Filters(blob_ids=blobs))
    return [{"question": question, "file": hit.blob_key.rsplit("/", 1)[-1], "page": hit.page_start, "section": hit.section_path,
             "text": _best_line(hit.text, question)} for hit in hits]


def _best_line(text: str, question: str) -> str:
    """The line that shares most words with the question; the first of them."""
    words = set(question.casefold().split())
    return max(text.splitlines(), key=lambda line: len(words & set(line.casefold().replace(":", " ").replace(".", " ").split())))


def _rows(conn: Connection, query: LiteralString, parameters: dict[str, Any]) -> Rows:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()
