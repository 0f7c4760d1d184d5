"""From the pages of a document to its chunks: the whole way, one step a line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.extract.options import ReadOptions
from pipeline.extract.text import quality
from pipeline.extract.text.compose import Composed, Unit, compose
from pipeline.extract.text.cutting import cutter
from pipeline.extract.text.language import Languages
from pipeline.extract.text.model import PAGED_KINDS, Chunk, ChunkedDocument, TextDocument
from pipeline.extract.text.normalise import normalise_characters
from pipeline.extract.text.pii import Redaction, redact_title, redacted
from pipeline.extract.text.sections import Section, common_headings, regions, sections_of
from pipeline.extract.text.structure import is_sheet, pieces_of

SMALLEST_CHUNK = 40  # characters; a setting below that is taken as that


def chunk_document(document: TextDocument, options: ReadOptions) -> ChunkedDocument:
    """The document's normalised text and its chunks. The same document and options give the same result on every machine."""
    aim = max(SMALLEST_CHUNK, options.chunk_chars)
    sheets = [is_sheet(document.kind, page) for page in document.pages]
    redaction = redacted(compose(pieces_of(document, sheets), aim), options)
    composed = redaction.composed
    document = replace(document, title=redact_title(_title(document.title), options))
    sections = sections_of(composed.units)
    spans = list(_spans(composed, sections, sheets, aim, options.chunk_overlap))
    languages = Languages([composed.text[start:stop] for start, stop in spans])
    maker = _ChunkMaker(document, composed, sections, redaction)
    chunks = tuple(maker.chunk(number, span, languages.of(number - 1)) for number, span in enumerate(spans, 1))
    return ChunkedDocument(
        document=document,
        text=composed.text,
        chunks=_with_truncation(document, chunks),
        language=languages.document,
        page_starts=_page_starts(document, composed.units),
        warnings=tuple(sorted({*document.warnings, *redaction.warnings()})),
    )


def _title(title: str | None) -> str | None:
    return " ".join(normalise_characters(title).split()) or None if title else None


def _spans(composed: Composed, sections: Sequence[Section], sheets: Sequence[bool], aim: int, overlap: int) -> Iterator[tuple[int, int]]:
    cuts = cutter(composed.text, composed.units, aim, overlap)
    for first, after in regions(composed.units, sections, sheets, aim):
        yield from cuts.spans(first, after)


def _page_starts(document: TextDocument, units: Sequence[Unit]) -> tuple[tuple[int, int], ...]:
    """The offset at which the text of each page begins; a page without text has none."""
    starts: dict[int, int] = {}
    for unit in units:
        starts.setdefault(document.pages[unit.page].page_number, unit.start)
    return tuple(starts.items())


def _with_truncation(document: TextDocument, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The last chunk says where the document's text was cut off."""
    if not chunks or not any(warning.partition(":")[0] == "truncated" for warning in document.warnings):
        return chunks
    return (*chunks[:-1], replace(chunks[-1], warnings=tuple(sorted({*chunks[-1].warnings, "truncated"}))))


class _ChunkMaker:
    """Makes chunks of spans: pages, headings, confidence and warnings are looked up by offset."""

    def __init__(self, document: TextDocument, composed: Composed, sections: Sequence[Section], redaction: Redaction) -> None:
        self._text, self._units = composed
        self._sections = sections
        self._redaction = redaction
        self._starts = [unit.start for unit in self._units]
        self._section_firsts = [section.first for section in sections]
        self._of_all = quality.document_warnings(document)
        self._confidences = [quality.page_confidence(page) for page in document.pages]
        self._doubts = [quality.page_warnings(page) for page in document.pages]
        self._numbers = [page.page_number for page in document.pages]
        self._is_paged = document.kind in PAGED_KINDS
        self._page_quality: dict[tuple[int, ...] | None, tuple[float, tuple[str, ...]]] = {}
        self._paths: dict[tuple[int, int], tuple[str, ...]] = {}

    def chunk(self, sequence: int, span: tuple[int, int], language: str) -> Chunk:
        start, stop = span
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, stop - 1) - 1
        pages = self._pages(start, stop, first, last)
        page_start, page_end = self._page_range(pages)
        confidence, warnings = self._quality(pages, start, stop)
        return Chunk(
            sequence=sequence,
            start=start,
            stop=stop,
            text=self._text[start:stop],
            page_start=page_start,
            page_end=page_end,
            section_path=self._path(first, last),
            language=language,
            confidence=confidence,
            warnings=warnings,
        )

    def _page_range(self, pages: Iterable[int]) -> tuple[int, int] | tuple[None, None]:
        if not self._is_paged:
            return None, None
        numbers = [self._numbers[page] for page in pages]
        return min(numbers), max(numbers)

    def _quality(self, pages: dict[int, int], start: int, stop: int) -> tuple[float, tuple[str, ...]]:
        """Confidence and warnings of a span; `pages` as of `_pages`."""
        found = self._redaction.warnings(start, stop)
        key = tuple(pages) if len(pages) == 1 and not found else None  # most chunks: the same for all of a page
        if key in self._page_quality:
            return self._page_quality[key]
        confidence = quality.weighted([(length, self._confidences[page]) for page, length in pages.items()])
        warnings = {*self._of_all, *found, *(doubt for page in pages for doubt in self._doubts[page])}
        result = confidence, tuple(sorted(warnings))
        if key:
            self._page_quality[key] = result
        return result

    def _pages(self, start: int, stop: int, first: int, last: int) -> dict[int, int]:
        """Page index → characters of the span on it."""
        page = self._units[first].page
        if page == self._units[last].page:
            return {page: stop - start}
        lengths: dict[int, int] = {}
        for unit in self._units[first : last + 1]:
            lengths[unit.page] = lengths.get(unit.page, 0) + min(stop, unit.stop) - max(start, unit.start)
        return lengths

    def _path(self, first: int, last: int) -> tuple[str, ...]:
        sections = bisect_right(self._section_firsts, first) - 1, bisect_right(self._section_firsts, last) - 1
        if sections not in self._paths:
            headings = common_headings(self._units, self._sections, *sections)
            self._paths[sections] = tuple(self._text[self._units[index].start : self._units[index].stop] for index in headings)
        return self._paths[sections]
