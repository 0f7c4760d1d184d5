"""What the PDF and DXF readers found → documents, document_pages, extracted_metadata, extracted_dimensions.

`drawing_rows` is pure and runs in the child, where the reader ran: plain tuples travel faster than dataclasses, and the
parent has little left to do. `store_drawings` replaces the rows of a whole batch: a re-extraction leaves only its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from pipeline.database import Connection
from pipeline.extract.model import Dimension, Drawing, MetadataField, Page, Place
from pipeline.store.item import StoreItem
from pipeline.store.results import discard_results
from pipeline.store.rows import clean_row, compact_json, copy_rows
from pipeline.text import clean_text

INSERT_DOCUMENT: LiteralString = """
    INSERT INTO documents (document_id, tenant_id, blob_id, job_id, kind, title, page_count, has_text_layer, properties, warnings)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
"""

COPY_PAGES: LiteralString = """
    COPY document_pages (tenant_id, blob_id, job_id, page_number, text, text_sha256, char_count, method, confidence,
                         has_text_layer, width, height, rotation, blocks) FROM STDIN
"""

COPY_METADATA: LiteralString = """
    COPY extracted_metadata (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence,
                             confidence_of, field, value, raw_text) FROM STDIN
"""

COPY_DIMENSIONS: LiteralString = """
    COPY extracted_dimensions (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence,
                               confidence_of, kind, nominal, unit, value_mm, tol_plus, tol_minus, fit_class, count,
                               is_reference, is_basic, raw_text) FROM STDIN
"""

MARK_PARTIAL: LiteralString = """
    UPDATE blob_inventory AS blob SET partial = read.partial
    FROM unnest(%s::uuid[], %s::boolean[]) AS read (blob_id, partial)
    WHERE blob.blob_id = read.blob_id AND blob.partial <> read.partial
"""


class DrawingRows(NamedTuple):
    """One drawing as rows without their keys, clean enough for PostgreSQL."""

    document: tuple[Any, ...]
    pages: list[tuple[Any, ...]]
    metadata: list[tuple[Any, ...]]
    dimensions: list[tuple[Any, ...]]
    partial: bool


def drawing_rows(drawing: Drawing) -> DrawingRows:
    """The rows of a drawing, in the column order of the COPY statements above, after the three key columns."""
    return DrawingRows(
        _document_row(drawing), [_page_row(page) for page in drawing.pages], [_metadata_row(found) for found in drawing.metadata],
        [_dimension_row(found) for found in drawing.dimensions], drawing.partial)


def store_drawings(conn: Connection, items: Sequence[StoreItem]) -> None:
    """Replace everything that these drawings gave before by what they give now. Each result is a DrawingRows."""
    blobs = [item.blob_id for item in items]
    old = conn.execute("SELECT blob_id FROM documents WHERE blob_id = ANY (%s)", (blobs,)).fetchall()
    discard_results(conn, [blob_id for (blob_id,) in old])
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_DOCUMENT, [(item.document_id, *_keys(item), *item.result.document) for item in items])
    copy_rows(conn, COPY_PAGES, [(*_keys(item), *row) for item in items for row in item.result.pages])
    copy_rows(conn, COPY_METADATA, [(*_keys(item), *row) for item in items for row in item.result.metadata])
    copy_rows(conn, COPY_DIMENSIONS, [(*_keys(item), *row) for item in items for row in item.result.dimensions])
    if old or any(item.result.partial for item in items):
        conn.execute(MARK_PARTIAL, (blobs, [item.result.partial for item in items]))


def _keys(item: StoreItem) -> tuple[Any, ...]:
    return item.tenant_id, item.blob_id, item.job_id


def _document_row(drawing: Drawing) -> tuple[Any, ...]:
    title = next((found.value for found in drawing.metadata if found.field == "title"), None)
    return (drawing.kind, clean_text(title) if title else None, drawing.page_count, drawing.has_text_layer,
            compact_json(drawing.properties), [clean_text(warning) for warning in drawing.warnings])


def _page_row(page: Page) -> tuple[Any, ...]:
    text = clean_text(page.text)
    blocks = [{"text": block.text, "bbox": [round(edge, 2) for edge in block.bbox] if block.bbox else None} for block in page.blocks]
    return clean_row((page.page_number, text, hashlib.sha256(text.encode()).hexdigest(), len(text), page.method, page.confidence,
                      page.has_text_layer, page.width, page.height, page.rotation, compact_json(blocks)))


def _metadata_row(found: MetadataField) -> tuple[Any, ...]:
    return clean_row((*_place(found.place), found.method, found.confidence, found.confidence_of, found.field, found.value,
                      found.raw_text))


def _dimension_row(found: Dimension) -> tuple[Any, ...]:
    return clean_row((*_place(found.place), found.method, found.confidence, found.confidence_of, found.kind, found.nominal,
                      found.unit, found.value_mm, found.tol_plus, found.tol_minus, found.fit_class, found.count,
                      found.is_reference, found.is_basic, found.raw_text))


def _place(place: Place) -> tuple[Any, ...]:
    bbox = "{" + ",".join(f"{edge:.2f}" for edge in place.bbox) + "}" if place.bbox else None
    return place.page_number, bbox, place.entity_handle, place.layer
