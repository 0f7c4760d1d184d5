"""What the PDF and DXF readers found → documents, document_pages and the extracted_* tables.

`drawing_rows` is pure and runs in the child, where the reader ran: plain tuples travel faster than dataclasses, and the
parent has little left to do. `store_drawings` replaces the rows of a whole batch: a re-extraction leaves only its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple, Protocol

from pipeline.database import Connection
from pipeline.extract.dimension_values import SheetUnit, dimension_values, drawing_unit
from pipeline.extract.model import BomItem, Dimension, Drawing, Parameter, Place
from pipeline.extract.parameters import in_si, name_key
from pipeline.store.item import StoreItem
from pipeline.store.pages import COPY_PAGES, page_row
from pipeline.store.results import discard_read
from pipeline.store.rows import clean_row, compact_json, copy_rows
from pipeline.text import clean_text

INSERT_DOCUMENT: LiteralString = """
    INSERT INTO documents (document_id, tenant_id, blob_id, job_id, kind, title, page_count, has_text_layer, properties, warnings)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
"""

COPY_METADATA: LiteralString = """
    COPY extracted_metadata (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                             field, value, normalised, raw_text) FROM STDIN
"""

COPY_DIMENSIONS: LiteralString = """
    COPY extracted_dimensions (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                               kind, nominal, unit, value_mm, value_min_mm, value_max_mm, tol_plus, tol_minus, fit_class, count,
                               is_reference, is_basic, details, raw_text) FROM STDIN
"""

COPY_ANNOTATIONS: LiteralString = """
    COPY extracted_annotations (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                                kind, details, raw_text) FROM STDIN
"""

COPY_MATERIALS: LiteralString = """
    COPY extracted_materials (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                              designation, standard, family, thickness_mm, treatment, raw_text) FROM STDIN
"""

COPY_PARAMETERS: LiteralString = """
    COPY extracted_parameters (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                               name, name_key, value, value_number, unit, value_si, unit_si, source, raw_text) FROM STDIN
"""

COPY_BOM_ITEMS: LiteralString = """
    COPY extracted_bom_items (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                              row_number, item, part_number, description, quantity, material, raw_cells, balloons) FROM STDIN
"""

COPY_BLOCKS: LiteralString = """
    COPY extracted_blocks (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                           block_name, insert_count, attributes, content_hash, details) FROM STDIN
"""

COPY_OUTLINES: LiteralString = """
    COPY extracted_outlines (tenant_id, blob_id, job_id, page_number, bbox, entity_handle, layer, method, confidence, confidence_of,
                             width_mm, height_mm, cut_length_mm, area_mm2, inner_count, holes) FROM STDIN
"""

MARK_PARTIAL: LiteralString = """
    UPDATE blob_inventory AS blob SET partial = read.partial
    FROM unnest(%s::uuid[], %s::boolean[]) AS read (blob_id, partial)
    WHERE blob.blob_id = read.blob_id AND blob.partial <> read.partial
"""


Rows = list[tuple[Any, ...]]


class DrawingRows(NamedTuple):
    """One drawing as rows without their keys, clean enough for PostgreSQL; `found` goes with FINDINGS, one list each."""

    document: tuple[Any, ...]
    pages: Rows
    found: tuple[Rows, ...]
    partial: bool


FINDINGS: tuple[LiteralString, ...] = (
    COPY_METADATA, COPY_DIMENSIONS, COPY_ANNOTATIONS, COPY_MATERIALS, COPY_PARAMETERS, COPY_BOM_ITEMS, COPY_BLOCKS, COPY_OUTLINES)


def drawing_rows(drawing: Drawing) -> DrawingRows:
    """The rows of a drawing, in the column order of the COPY statements above, after the three key columns."""
    unit = drawing_unit(drawing)
    found = (
        [_row(one, one.field, one.value, one.normalised, one.raw_text) for one in drawing.metadata],
        [_dimension_row(one, unit) for one in drawing.dimensions],
        [_row(one, one.kind, compact_json(one.details), one.raw_text) for one in drawing.annotations],
        [_row(one, one.designation, one.standard, one.family, one.thickness_mm, one.treatment, one.raw_text)
         for one in drawing.materials],
        [_parameter_row(one) for one in drawing.parameters],
        [_bom_row(one) for one in drawing.bom_items],
        [_row(one, one.block_name, one.insert_count, compact_json(one.attributes), one.content_hash, compact_json(one.details))
         for one in drawing.blocks],
        [_row(one, one.width_mm, one.height_mm, one.cut_length_mm, one.area_mm2, one.inner_count, compact_json(one.holes))
         for one in drawing.outlines],
    )
    return DrawingRows(_document_row(drawing), [page_row(page) for page in drawing.pages], found, drawing.partial)


def store_drawings(conn: Connection, items: Sequence[StoreItem]) -> None:
    """Replace everything that these drawings gave before by what they give now. Each result is a DrawingRows."""
    blobs = [item.blob_id for item in items]
    old = conn.execute("SELECT blob_id FROM documents WHERE blob_id = ANY (%s)", (blobs,)).fetchall()
    discard_read(conn, [blob_id for (blob_id,) in old])
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_DOCUMENT, [(item.document_id, *_keys(item), *item.result.document) for item in items])
    copy_rows(conn, COPY_PAGES, [(*_keys(item), *row) for item in items for row in item.result.pages])
    for position, statement in enumerate(FINDINGS):
        copy_rows(conn, statement, [(*_keys(item), *row) for item in items for row in item.result.found[position]])
    if old or any(item.result.partial for item in items):
        conn.execute(MARK_PARTIAL, (blobs, [item.result.partial for item in items]))


def _keys(item: StoreItem) -> tuple[Any, ...]:
    return item.tenant_id, item.blob_id, item.job_id


def _document_row(drawing: Drawing) -> tuple[Any, ...]:
    title = next((found.value for found in drawing.metadata if found.field == "title"), None)
    return (drawing.kind, clean_text(title) if title else None, drawing.page_count, drawing.has_text_layer,
            compact_json(drawing.properties), [clean_text(warning) for warning in drawing.warnings])


class _Found(Protocol):
    """What all findings have in common."""

    @property
    def place(self) -> Place: ...
    @property
    def method(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def confidence_of(self) -> str: ...


def _row(found: _Found, *values: Any) -> tuple[Any, ...]:
    return clean_row((*_place(found.place), found.method, found.confidence, found.confidence_of, *values))


def _dimension_row(found: Dimension, sheet: SheetUnit | None) -> tuple[Any, ...]:
    values = dimension_values(found, sheet)
    return _row(found, found.kind, found.nominal, found.unit, values.value_mm, values.value_min_mm, values.value_max_mm,
                found.tol_plus, found.tol_minus, found.fit_class, found.count, found.is_reference, found.is_basic,
                compact_json(values.details), found.raw_text)


def _parameter_row(found: Parameter) -> tuple[Any, ...]:
    return _row(found, found.name, name_key(found.name), found.value, found.value_number, found.unit,
                *in_si(found.value_number, found.unit), found.source, found.raw_text)


def _bom_row(found: BomItem) -> tuple[Any, ...]:
    balloons = [{"page_number": place.page_number, "bbox": place.bbox, "entity_handle": place.entity_handle}
                for place in found.balloons]
    return _row(found, found.row_number, found.item, found.part_number, found.description, found.quantity, found.material,
                compact_json(found.raw_cells), compact_json(balloons))


def _place(place: Place) -> tuple[Any, ...]:
    bbox = "{" + ",".join(f"{edge:.2f}" for edge in place.bbox) + "}" if place.bbox else None
    return place.page_number, bbox, place.entity_handle, place.layer
