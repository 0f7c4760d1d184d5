"""Read a DXF: each layout with content becomes a page, the model space first."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from pipeline.extract.bom import BomReader
from pipeline.extract.dxf.dimensions import read_dimensions
from pipeline.extract.dxf.fields import read_fields
from pipeline.extract.dxf.opening import OpenedDxf, open_dxf
from pipeline.extract.dxf.parts_lists import read_parts_lists
from pipeline.extract.dxf.properties import drawing_unit, extent, read_properties
from pipeline.extract.dxf.sheets import TEXT_TYPES, DxfText, LayoutWalker, read_text
from pipeline.extract.model import Block, Dimension, Drawing, MetadataField, Page
from pipeline.extract.normalise import join_lines, legible_share

_MAX_TEXTS = 50_000  # of one layout


def read(data: bytes) -> Drawing:
    """Everything that the bytes of one DXF give; raises EmptyFile, CorruptFile or UnsupportedFormat."""
    opened = open_dxf(data)
    document = opened.document
    unit = drawing_unit(document, opened.variables)
    walker = LayoutWalker(document)
    pages: list[Page] = []
    fields: list[MetadataField] = []
    dimensions: list[Dimension] = []
    bom = BomReader()
    unreadable = 0
    for layout in _layouts(document):
        number = len(pages) + 1
        texts, failed = _read_texts(layout, walker)
        found, damaged = read_dimensions(layout, walker, number, unit)
        unreadable += failed + damaged
        pages.append(_page(opened, layout, number, texts, found))
        fields.extend(read_fields(layout, texts, walker, number))
        dimensions.extend(found)
        read_parts_lists(layout, texts, walker, number, bom)
    warnings = [*opened.warnings]
    if walker.hidden_texts:
        warnings.append(f"hidden_texts:{walker.hidden_texts}")
    if unreadable:
        warnings.append(f"entities_unreadable:{unreadable}")
    return Drawing(
        kind="dxf",
        page_count=len(pages),
        has_text_layer=any(page.has_text_layer for page in pages),
        pages=tuple(pages),
        metadata=tuple(fields),
        dimensions=tuple(dimensions),
        bom_items=bom.items(),
        properties=read_properties(document, opened.variables),
        warnings=tuple(warnings),
        partial=opened.is_partial or unreadable > 0,
    )


def _layouts(document: Any) -> list[Any]:
    """The model space, then the paper layouts that hold more than a viewport, in the order of their tabs."""
    papers = [document.layouts.get(name) for name in document.layouts.names_in_taborder()]
    drawn = [paper for paper in papers if not paper.is_modelspace and any(entity.dxftype() != "VIEWPORT" for entity in paper)]
    return [document.modelspace(), *drawn]


def _read_texts(layout: Any, walker: LayoutWalker) -> tuple[list[DxfText], int]:
    """The visible texts in reading order, and how many could not be read."""
    texts: list[DxfText] = []
    failed = 0
    for placed in walker.walk(layout, TEXT_TYPES):
        try:
            text = read_text(placed)
        except MemoryError:
            raise
        except Exception:  # one damaged text never costs the others; it is counted in the warnings
            failed += 1
            continue
        if text is not None:
            texts.append(text)
        if len(texts) >= _MAX_TEXTS:
            break
    return _in_reading_order(texts), failed


def _in_reading_order(texts: Sequence[DxfText]) -> list[DxfText]:
    """Rows from top to bottom, each from left to right."""
    if not texts:
        return []
    band = median(text.height for text in texts) or 1.0
    return sorted(texts, key=lambda text: (round(text.y / band), text.x))


def _page(opened: OpenedDxf, layout: Any, number: int, texts: Sequence[DxfText], dimensions: Sequence[Dimension]) -> Page:
    """A layout as a page: its texts, then what its dimensions show."""
    blocks = tuple(Block(text) for text in (*(t.text for t in texts), *(d.raw_text for d in dimensions)))
    text = join_lines(block.text for block in blocks)
    width, height = extent(opened.document, opened.variables, layout)
    return Page(
        page_number=number,
        text=text,
        method="dxf_text" if text else "none",
        width=width,
        height=height,
        has_text_layer=bool(text),
        confidence=legible_share(text),
        blocks=blocks,
    )
