"""Chunks and documents as the JSON that others read: validated against the published schema before a byte is handed out.

The schemas under pipeline/extract/data/schema are what docs/schema publishes: a test holds the two together.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from pipeline.extract.errors import ExtractionError
from pipeline.extract.text.model import PAGED_KINDS, Chunk, ChunkedDocument, SourceFile

SCHEMA_VERSION = "1.0"
CHUNK_SCHEMA = f"chunk-record-{SCHEMA_VERSION}"
DOCUMENT_SCHEMA = f"document-record-{SCHEMA_VERSION}"

_SCHEMAS = Path(__file__).parents[1] / "data" / "schema"
Record = dict[str, Any]


class InvalidRecord(ExtractionError):
    """A record is not what the published schema says; nothing of its document may be written. Names the field, quotes no content."""

    reason = "invalid_record"


def chunk_lines(chunked: ChunkedDocument, source: SourceFile) -> bytes:
    """The chunk records as JSON Lines in UTF-8, all of them valid. Raises InvalidRecord where one is not."""
    records = [chunk_record(chunked, chunk, source) for chunk in chunked.chunks]
    for chunk, record in zip(chunked.chunks, records, strict=True):
        _validate(CHUNK_SCHEMA, record, f"chunk {chunk.sequence}")
        _check_span(chunked, chunk)
    return _encoded(f"{_json(record)}\n" for record in records)


def document_record(chunked: ChunkedDocument, source: SourceFile) -> bytes:
    """The document record as one line of JSON in UTF-8, valid. Raises InvalidRecord where it is not."""
    document = chunked.document
    record: Record = {
        **_identity(source),
        "source": _source(source),
        "content": {"title": document.title, "language": chunked.language, "fullText": chunked.text},
        "stats": {
            "pageCount": len(document.pages) if document.kind in PAGED_KINDS else None,
            "chunkCount": len(chunked.chunks),
            "charCount": len(chunked.text),
        },
        "timestamps": {"extractedAt": source.extracted_at},
    }
    _validate(DOCUMENT_SCHEMA, record, "document record")
    return _encoded([f"{_json(record)}\n"])


def chunk_record(chunked: ChunkedDocument, chunk: Chunk, source: SourceFile) -> Record:
    """One chunk with its keys in the published order."""
    title = chunked.document.title
    return {
        **_identity(source),
        "chunkId": chunk_id(source.document_id, chunk.sequence),
        "source": _source(source),
        "provenance": {
            "pageStart": chunk.page_start,
            "pageEnd": chunk.page_end,
            "sectionPath": list(chunk.section_path),
            "contentOffsetStart": chunk.start,
            "contentOffsetEnd": chunk.stop,
        },
        "content": {
            "title": title,
            "chunkText": chunk.text,
            "searchText": search_text(title, chunk.section_path, chunk.text),
            "language": chunk.language,
        },
        "quality": {"confidence": chunk.confidence, "warnings": list(chunk.warnings)},
        "timestamps": {"extractedAt": source.extracted_at},
    }


def chunk_id(document_id: str, sequence: int) -> str:
    """'<documentId>:000123'; more digits where they are needed."""
    return f"{document_id}:{sequence:06d}"


def search_text(title: str | None, section_path: tuple[str, ...], text: str) -> str:
    """Title, section path and text, a line each; what is missing is left out."""
    return "\n".join(line for line in (title, " > ".join(section_path), text) if line)


def load_schema(name: str) -> Record:
    """A published schema by its name, such as 'chunk-record-1.0'."""
    schema: Record = json.loads((_SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(load_schema(name))


def _identity(source: SourceFile) -> Record:
    return {"schemaVersion": SCHEMA_VERSION, "extractionVersion": source.extraction_version, "documentId": source.document_id}


def _source(source: SourceFile) -> Record:
    return {
        "sourceUri": source.source_uri,
        "fileName": source.file_name,
        "mimeType": source.mime_type,
        "sizeBytes": source.size_bytes,
        "etag": source.etag,
        "byteHashSha256": source.byte_hash_sha256,
    }


def _validate(name: str, record: Record, what: str) -> None:
    try:
        _validator(name).validate(record)
    except jsonschema_rs.ValidationError as error:
        path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        rule = error.schema_path[-1] if error.schema_path else "schema"
    except ValueError:  # what is no JSON at all, such as a lone surrogate
        path, rule = "$", "unicode"
    else:
        return
    raise InvalidRecord(f"{what}: {path} breaks the rule '{rule}' of {name}; nothing was written") from None


def _check_span(chunked: ChunkedDocument, chunk: Chunk) -> None:
    """What no schema can say: the chunk can be cut out of the document's text again."""
    if chunk.text != chunked.text[chunk.start : chunk.stop]:
        raise InvalidRecord(f"chunk {chunk.sequence}: $.content.chunkText is not the text between its offsets; nothing was written")


def _json(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _encoded(lines: Any) -> bytes:
    return "".join(lines).encode("utf-8")
