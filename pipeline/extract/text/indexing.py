"""From a file, or from pages that an earlier job read, to validated chunk records: what a job of type 'text' does in its child."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.extract.options import ReadOptions
from pipeline.extract.text import read_text
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import ChunkedDocument, SourceFile, TextDocument
from pipeline.extract.text.record import chunk_lines, document_record
from pipeline.extract.text.stored import stored_document


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A document with its chunks and the bytes of its two outputs.

    lines    one chunk record a line
    record   the document record
    is_read  whether the file itself was read now; False where its pages came from an earlier job
    """

    chunked: ChunkedDocument
    source: SourceFile
    lines: bytes
    record: bytes
    is_read: bool


def index_file(data: bytes, options: ReadOptions, source: SourceFile) -> IndexedFile:
    """Read a file of a text-bearing format and cut it into chunks. Raises ExtractionError as the readers do, or InvalidRecord."""
    return _indexed(read_text(data, options, source.mime_type, source.file_name), options, source, is_read=True)


def index_pages(data: bytes, options: ReadOptions, source: SourceFile) -> IndexedFile:
    """Cut stored pages (see stored_document) into chunks. Raises InvalidRecord."""
    return _indexed(stored_document(data), options, source, is_read=False)


def _indexed(document: TextDocument, options: ReadOptions, source: SourceFile, *, is_read: bool) -> IndexedFile:
    chunked = chunk_document(document, options)
    return IndexedFile(chunked, source, chunk_lines(chunked, source), document_record(chunked, source), is_read)
