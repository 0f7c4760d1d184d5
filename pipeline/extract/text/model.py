"""What the text readers return and what chunking makes of it: plain data, no file, no database."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.extract.model import Json, Page

PAGED_KINDS = frozenset({"pdf", "dxf", "pptx", "image"})  # formats whose pages a person can turn to


@dataclass(frozen=True, slots=True)
class TextDocument:
    """The text of one file, whatever its format.

    kind        'pdf', 'dxf', 'docx', 'pptx', 'xlsx', 'html', 'markdown', 'text', 'csv', 'eml', 'image'
    pages       at least one where there is any text; one for all of a format that has no pages (a worksheet or a slide is one)
    title       as the document itself states it; None where it does not
    properties  the file's own facts as JSON (author, created, sheet names, attachments, …)
    warnings    what was repaired, left out or read by OCR, as stable words: 'truncated', 'ocr:3', 'encoding_guessed:cp1252'
    partial     True where something in the file could not be read or was left out
    """

    kind: str
    pages: tuple[Page, ...]
    title: str | None = None
    properties: dict[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Which file a document was read from, and for which run: what the chunk record says of its source.

    source_uri          where the file lies, without credentials
    extraction_version  of the readers and the chunking
    extracted_at        ISO 8601 in UTC, of the machine that wrote the record
    """

    document_id: str
    source_uri: str
    file_name: str
    mime_type: str
    size_bytes: int
    byte_hash_sha256: str
    extraction_version: str
    extracted_at: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of the document's normalised text that is ranked and embedded by itself.

    start, stop   code points into DocumentText.text; text == DocumentText.text[start:stop]
    page_start, page_end  1-based; None where the format has no pages
    section_path  the headings above it, the highest first
    confidence    of its text, in [0, 1]; warnings say where it comes from
    """

    sequence: int
    start: int
    stop: int
    text: str
    page_start: int | None = None
    page_end: int | None = None
    section_path: tuple[str, ...] = ()
    language: str = "und"
    confidence: float = 1.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkedDocument:
    """A document cut into chunks. text is immutable: its offsets are what chunks refer to. page_starts: offset of each page."""

    document: TextDocument
    text: str
    chunks: tuple[Chunk, ...]
    language: str = "und"
    page_starts: tuple[tuple[int, int], ...] = ()  # (page number, offset)
    warnings: tuple[str, ...] = ()
