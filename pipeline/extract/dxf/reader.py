"""Read a DXF: each layout with content becomes a page, the model space first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

from pipeline.extract.dxf.annotations import read_annotations
from pipeline.extract.dxf.attributes import read_attributes
from pipeline.extract.dxf.blocks import read_blocks
from pipeline.extract.dxf.dimensions import read_dimensions
from pipeline.extract.dxf.fields import read_fields
from pipeline.extract.dxf.lines import read_lines
from pipeline.extract.dxf.opening import OpenedDxf, open_dxf
from pipeline.extract.dxf.outlines import Outlines, read_outlines
from pipeline.extract.dxf.page_blocks import named, page_blocks
from pipeline.extract.dxf.parts_lists import listed_handles, read_parts_lists
from pipeline.extract.dxf.properties import extent, read_properties
from pipeline.extract.dxf.sheets import TEXT_TYPES, DxfText, LayoutWalker, read_text
from pipeline.extract.dxf.units import DrawingUnit, converted, doubted, drawing_unit, with_notes
from pipeline.extract.labels import Labels, load_labels
from pipeline.extract.model import Annotation, Block, BlockUse, Dimension, Drawing, MetadataField, Page
from pipeline.extract.normalise import clean_line, join_lines, legible_share
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.extract.text_findings import TextFindings

_MAX_TEXTS = 50_000  # of one layout
_SHEET_FIELDS = 2  # a layout with so many title-block fields is a drawing sheet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one layout gave."""

    page: Page
    texts: Sequence[DxfText]
    fields: tuple[MetadataField, ...]
    dimensions: tuple[Dimension, ...]
    annotations: tuple[Annotation, ...]
    unreadable: int


def read(data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Drawing:
    """Everything that the bytes of one DXF give; raises EmptyFile, CorruptFile or UnsupportedFormat."""
    opened = open_dxf(data)
    document = opened.document
    declared = drawing_unit(document, opened.variables)
    walker = LayoutWalker(document)
    text_findings = TextFindings(options.material_aliases)
    labels = load_labels(options.title_block_labels)
    sheets = [
        _read_layout(opened, layout, number, walker, declared, text_findings, labels)
        for number, layout in enumerate(layouts(document), start=1)
    ]
    hidden_texts = walker.hidden_texts
    dimensions = tuple(found for sheet in sheets for found in sheet.dimensions)
    metadata = tuple(found for sheet in sheets for found in sheet.fields)
    annotations = tuple(found for sheet in sheets for found in sheet.annotations)
    items = text_findings.items(annotations)
    converts_to = converted(declared, dimensions)
    unit = with_notes(declared, (text.text for sheet in sheets for text in sheet.texts), metadata, converts_to)
    outlines, outlines_lost = _unless_it_stumbles(lambda: _outlines(document, walker, unit, sheets), Outlines())
    no_blocks: tuple[BlockUse, ...] = ()
    blocks, blocks_lost = _unless_it_stumbles(lambda: read_blocks(document, walker, is_complete=not opened.left_out.cut), no_blocks)
    unreadable = sum(sheet.unreadable for sheet in sheets) + outlines_lost + blocks_lost
    unit = outlines.unit or unit
    if not converts_to:
        unit = doubted(unit, [found.raw_text for found in dimensions])
    if unit != declared:  # known only now that all is read
        dimensions = tuple(found for number, layout in enumerate(layouts(document), start=1)
                           for found in read_dimensions(layout, walker, number, unit)[0])
    warnings = [*opened.warnings]
    if hidden_texts:
        warnings.append(f"hidden_texts:{hidden_texts}")
    if unreadable:
        warnings.append(f"entities_unreadable:{unreadable}")
    return Drawing(
        kind="dxf",
        page_count=len(sheets),
        has_text_layer=any(sheet.page.has_text_layer for sheet in sheets),
        pages=_pages(document, sheets),
        metadata=metadata,
        dimensions=dimensions,
        annotations=annotations,
        materials=text_findings.materials(items),
        parameters=text_findings.parameters,
        bom_items=items,
        blocks=blocks,
        outlines=outlines.found,
        properties=read_properties(opened, unit, outlines.extents),
        warnings=tuple(warnings),
        partial=opened.is_partial or unreadable > 0,
    )


def _pages(document: Any, sheets: Sequence[_Sheet]) -> tuple[Page, ...]:
    """The pages; where several layouts have text, the paper layouts under their names."""
    pages = [sheet.page for sheet in sheets]
    if sum(bool(page.text) for page in pages) < 2:
        return tuple(pages)
    names = [clean_line(str(layout.name)) for layout in layouts(document)]
    return (pages[0], *(named(page, name) if page.text and name else page for page, name in zip(pages[1:], names[1:], strict=True)))


def _read_layout(
    opened: OpenedDxf, layout: Any, number: int, walker: LayoutWalker, unit: DrawingUnit, text_findings: TextFindings, labels: Labels
) -> _Sheet:
    texts, unreadable = _read_texts(layout, walker)
    dimensions, damaged = read_dimensions(layout, walker, number, unit)
    annotations, lost = read_annotations(layout, walker, number)
    shown = [*(found.raw_text for found in dimensions), *(found.raw_text for found in annotations if found.kind == "gdt")]
    in_lists, list_lost = _unless_it_stumbles(lambda: read_parts_lists(layout, texts, walker, number, text_findings.bom), 0)
    lists = [one for one in text_findings.bom.lists if one.page_number == number]
    page = _page(opened, layout, number, page_blocks(layout, texts, shown, walker, lists))
    listed = listed_handles(texts, text_findings.bom, number)
    no_fields: tuple[MetadataField, ...] = ()
    shown_fields, block_lost = _unless_it_stumbles(lambda: read_fields(layout, texts, walker, number, labels), no_fields)
    fields = tuple(found for found in shown_fields if found.place.entity_handle not in listed)
    text_findings.read_lines([line for text in texts for line in read_lines(text, number)], fields)
    parameters, damaged_inserts = read_attributes(layout, walker, number)
    text_findings.add_parameters(parameters)
    unreadable += damaged + lost + in_lists + list_lost + block_lost + damaged_inserts
    return _Sheet(page, texts, fields, dimensions, annotations, unreadable)


def _unless_it_stumbles(read: Callable[[], T], nothing: T) -> tuple[T, int]:
    """What a reader gives, and 0; where it stumbles over a damaged entity `nothing`, and 1: the other readers' findings stay."""
    try:
        return read(), 0
    except MemoryError:
        raise
    except Exception:  # of ezdxf or ours; it is counted in the warnings
        return nothing, 1


def _outlines(document: Any, walker: LayoutWalker, unit: DrawingUnit, sheets: Sequence[_Sheet]) -> Outlines:
    """The parts of the model space: paper space only shows them again."""
    return read_outlines(
        document.modelspace(), walker, 1, unit,
        is_sheet=len(sheets[0].fields) >= _SHEET_FIELDS,
        text_count=len(sheets[0].texts),
        is_dimensioned=any(sheet.dimensions or len(sheet.fields) >= _SHEET_FIELDS for sheet in sheets),
    )


def layouts(document: Any) -> list[Any]:
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


def _page(opened: OpenedDxf, layout: Any, number: int, blocks: tuple[Block, ...]) -> Page:
    """A layout as a page."""
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
