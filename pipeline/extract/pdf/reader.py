"""Open a PDF and read it page by page; a page that cannot be loaded costs only itself."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pymupdf

from pipeline.extract.errors import CorruptFile, EmptyFile, EncryptedFile
from pipeline.extract.grid import Grid
from pipeline.extract.labels import Labels, load_labels
from pipeline.extract.model import Annotation, Dimension, Drawing, Json, MetadataField, Page
from pipeline.extract.normalise import clean_line
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.extract.pdf.dimensions import Findings, find_dimensions
from pipeline.extract.pdf.headings import with_headings
from pipeline.extract.pdf.layout import PageLayout, lay_out
from pipeline.extract.pdf.ocr import OcrReader
from pipeline.extract.pdf.page_tables import FoundTable
from pipeline.extract.pdf.pages import read_sheet
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.sheet_tables import sheet_tables
from pipeline.extract.sheet import Sheet
from pipeline.extract.sniff import describe
from pipeline.extract.text_findings import TextFindings
from pipeline.extract.title_block import TitleBlock, find_title_block

_TAIL_BYTES = 2048  # readers look for the end marker in the last 1,024 bytes; some writers pad
_MAX_LABELS = 2000  # page labels kept
_SHEET_FIELDS, _SHEET_DIMENSIONS = 3, 6  # a page with so many fields of a title block, or dimensions, is a drawing sheet
_MAX_TABLE_PATHS = 5000  # of a page with ruled tables; more make a picture
_SHRINK_EVERY = 200  # pages, after which what MuPDF keeps of fonts and images is thrown away
_MEND = "export it again from the source, or replace the file"

_mupdf: Any = pymupdf  # annotated in parts only
_mupdf.TOOLS.mupdf_display_errors(False)
_mupdf.TOOLS.mupdf_display_warnings(False)


def read(data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Drawing:
    """Everything that the bytes of one PDF give; raises EmptyFile, EncryptedFile or CorruptFile."""
    if not data:
        raise EmptyFile("the file has no bytes: copy it again from its source")
    with _opened(data) as document:
        return _read_document(document, data, options)


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """An open, unlocked PDF with at least one page."""
    _refuse_other_formats(data)
    try:
        document = _mupdf.open(stream=data, filetype="pdf")
    except Exception as error:  # MuPDF raises several kinds, none with a stable base
        raise CorruptFile(f"the PDF cannot be opened ({type(error).__name__}): {_MEND}") from error
    try:
        _check_document(document)
        yield document
    finally:
        document.close()
        _mupdf.TOOLS.store_shrink(100)  # MuPDF's cache would otherwise grow from file to file


def _refuse_other_formats(data: bytes) -> None:
    if b"%PDF-" in data[:_TAIL_BYTES]:
        return
    kind = describe(data)
    if kind is not None:
        raise CorruptFile(f"the file is named PDF but looks like {kind}: give it its right extension")


def _check_document(document: Any) -> None:
    if not document.is_pdf:
        raise CorruptFile(f"the bytes are not a PDF: {_MEND}")
    if document.needs_pass and not document.authenticate(""):
        raise EncryptedFile("a password is needed to open the PDF: save a copy without one")
    try:
        page_count = document.page_count
    except Exception as error:
        raise CorruptFile(f"the PDF's page tree cannot be read ({type(error).__name__}): {_MEND}") from error
    if page_count < 1:
        raise CorruptFile(f"the PDF has no readable page: {_MEND}")


class _PageFindings(NamedTuple):
    """What one page gave. is_whole: False where its text was read, but not what it means."""

    page: Page
    layout: PageLayout
    fields: tuple[MetadataField, ...] = ()
    shown: Findings = Findings()
    is_whole: bool = True


def _read_document(document: Any, data: bytes, options: ReadOptions) -> Drawing:
    pages: list[Page] = []
    layouts: list[PageLayout] = []
    fields: list[MetadataField] = []
    dimensions: list[Dimension] = []
    annotations: list[Annotation] = []
    unreadable: list[int] = []
    half_read = 0
    ocr = OcrReader(options)
    texts = TextFindings(options.material_aliases)
    labels = load_labels(options.title_block_labels)
    page_count = document.page_count
    start = time.monotonic()
    left_out = 0
    for index in range(page_count):
        if pages and time.monotonic() - start > options.pdf_seconds:
            left_out = page_count - index
            break
        if index % _SHRINK_EVERY == _SHRINK_EVERY - 1:
            _mupdf.TOOLS.store_shrink(100)
        try:
            with _no_search_for_cycles():
                found = _read_page(document, index, ocr, texts, labels)
        except MemoryError:
            raise
        except Exception:  # one bad page never costs the others; it is named in the warnings
            unreadable.append(index + 1)
            continue
        pages.append(found.page)
        layouts.append(found.layout)
        half_read += not found.is_whole
        fields.extend(found.fields)
        dimensions.extend(found.shown.dimensions)
        annotations.extend(found.shown.annotations)
    if not pages:
        raise CorruptFile(f"none of the PDF's {page_count} pages can be read: {_MEND}")
    truncated = document.is_repaired and b"%%EOF" not in data[-_TAIL_BYTES:]
    items = texts.items(annotations)
    return Drawing(
        kind="pdf",
        page_count=page_count,
        has_text_layer=any(page.has_text_layer for page in pages),
        pages=_with_headings(document, pages, layouts),
        metadata=tuple(fields),
        dimensions=tuple(dimensions),
        annotations=tuple(annotations),
        materials=texts.materials(items),
        parameters=texts.parameters,
        bom_items=items,
        properties=_properties(document, page_count),
        warnings=(*_warnings(document.is_repaired, truncated, len(unreadable), half_read, left_out), *ocr.warnings()),
        partial=bool(unreadable or half_read or left_out) or truncated or ocr.is_partial,
    )


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Python's collector held back: a page's paths are many thousands of tuples, which it would go through time and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _warnings(repaired: bool, truncated: bool, unreadable: int, half_read: int, left_out: int) -> tuple[str, ...]:
    words = [word for word, applies in (("repaired", repaired), ("truncated", truncated)) if applies]
    counts = (("pages_unreadable", unreadable), ("pages_text_only", half_read), ("pages_left_out", left_out))
    return (*words, *(f"{word}:{count}" for word, count in counts if count))


def _read_page(document: Any, index: int, ocr: OcrReader, texts: TextFindings, labels: Labels) -> _PageFindings:
    page = document.load_page(index)
    text_layer = read_sheet(page, index + 1)
    sheet, paths = ocr.sheet_and_paths(page, text_layer)
    try:
        fields, shown, tables = _findings(sheet, paths, texts, labels)
        is_whole = True
    except MemoryError:
        raise
    except Exception:  # what stumbles over a page's meaning never costs its text
        fields, shown, tables, is_whole = (), Findings(), [], False
    is_sheet = len(fields) >= _SHEET_FIELDS or len(shown.dimensions) >= _SHEET_DIMENSIONS
    layout = lay_out(sheet, tables, lambda: _table_rules(paths), is_sheet=is_sheet)
    result = Page(
        page_number=index + 1,
        text=layout.text,
        method=sheet.method,
        width=round(page.rect.width, 2),
        height=round(page.rect.height, 2),
        rotation=page.rotation,
        has_text_layer=text_layer.has_text,
        confidence=sheet.confidence,
    )
    return _PageFindings(result, layout, fields, shown, is_whole)


def _table_rules(paths: PagePaths) -> Grid:
    """The rules of a page's tables; none where so much is drawn that it is a picture."""
    return paths.grid if len(paths.drawings) <= _MAX_TABLE_PATHS else Grid((), (), tolerance=0.0)


def _with_headings(document: Any, pages: Sequence[Page], layouts: Sequence[PageLayout]) -> tuple[Page, ...]:
    """The pages with their blocks, headings marked."""
    try:
        toc = document.get_toc(simple=True)
    except Exception:  # a broken outline says nothing about the pages
        toc = []
    blocks = with_headings(layouts, [page.page_number for page in pages], [page.height or 0.0 for page in pages], toc)
    return tuple(replace(page, blocks=own) for page, own in zip(pages, blocks, strict=True))


def _findings(
    sheet: Sheet, paths: PagePaths, texts: TextFindings, labels: Labels
) -> tuple[tuple[MetadataField, ...], Findings, list[FoundTable]]:
    """The fields of a page's title block, what its drawing shows, and its tables; lists, materials and named values go to `texts`."""
    block = _title_block(sheet, paths, labels)
    lists, fields = texts.read_sheet(sheet, lambda: paths.grid, block.fields)
    excluded = [*lists, block.region] if block.region is not None else lists
    shown = find_dimensions(sheet, paths, is_drawing=bool(fields or lists), excluded=excluded)
    return fields, shown, sheet_tables(sheet, texts.tables, lambda: paths.grid)


def _title_block(sheet: Sheet, paths: PagePaths, labels: Labels) -> TitleBlock:
    """The title block; labels may be misspelt where OCR read any of the lines, and not only the numbers drawn beside them."""
    by_ocr = {span.bbox for span in sheet.spans if span.confidence is not None}
    is_read = sheet.method == "ocr" and any(line.bbox in by_ocr for line in sheet.lines)
    return find_title_block(sheet.lines, lambda: paths.grid, sheet.size, labels, tolerant=is_read)


_INFORMATION = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "creator": "creator",
    "producer": "producer",
    "creationDate": "created",
    "modDate": "modified",
    "format": "format",
}
_PDF_DATE = re.compile(r"^D?:?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(Z|[+-]\d{2})?'?(\d{2})?")


def _properties(document: Any, page_count: int) -> dict[str, Json]:
    """Document information that is there, dates in ISO 8601 where they can be read, and page labels."""
    properties: dict[str, Json] = {
        "page_count": page_count,
        "encrypted": bool(document.metadata.get("encryption")),
    }
    for key, name in _INFORMATION.items():
        value = clean_line(document.metadata.get(key) or "")
        if value:
            properties[name] = iso_date(value) if name in ("created", "modified") else value
    labels = _page_labels(document, page_count)
    if labels:
        properties["page_labels"] = labels
    return properties


def _page_labels(document: Any, page_count: int) -> list[Json]:
    try:
        if not document.get_page_labels():
            return []
        return [clean_line(document[index].get_label()) for index in range(min(page_count, _MAX_LABELS))]
    except Exception:  # a broken label tree says nothing about the pages
        return []


def iso_date(text: str) -> str:
    """'D:20130318094512+01'00'' as '2013-03-18T09:45:12+01:00'; what does not parse stays as it is."""
    match = _PDF_DATE.match(text)
    if match is None:
        return text
    year, month, day, hour, minute, second, zone, zone_minute = match.groups()
    date = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    if zone is None:
        return date
    return f"{date}Z" if zone == "Z" else f"{date}{zone}:{zone_minute or '00'}"
