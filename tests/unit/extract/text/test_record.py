"""Records are exactly the published JSON, valid before a byte is handed out, and name a bad field without quoting it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from pipeline.extract.errors import ExtractionError
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import ChunkedDocument, SourceFile
from pipeline.extract.text.record import CHUNK_SCHEMA, DOCUMENT_SCHEMA, InvalidRecord, chunk_lines, document_record, load_schema
from tests.unit.extract.text.documents import SOURCE, document, heading, page, sentences, with_options

PUBLISHED = Path(__file__).parents[4] / "docs" / "schema"
CHUNK_KEYS = {
    "": ["schemaVersion", "extractionVersion", "documentId", "chunkId", "source", "provenance", "content", "quality", "timestamps"],
    "source": ["sourceUri", "fileName", "mimeType", "sizeBytes", "etag", "byteHashSha256"],
    "provenance": ["pageStart", "pageEnd", "sectionPath", "contentOffsetStart", "contentOffsetEnd"],
    "content": ["title", "chunkText", "searchText", "language"],
    "quality": ["confidence", "warnings"],
    "timestamps": ["extractedAt"],
}
DOCUMENT_KEYS = {
    "": ["schemaVersion", "extractionVersion", "documentId", "source", "content", "stats", "timestamps"],
    "source": CHUNK_KEYS["source"],
    "content": ["title", "language", "fullText"],
    "stats": ["pageCount", "chunkCount", "charCount"],
    "timestamps": ["extractedAt"],
}


def manual(kind: str = "pdf") -> ChunkedDocument:
    pages = [page(1, heading("Aufbau"), heading("Welle Ø24 „H7“", 2), sentences(20)), page(2, sentences(20, "seal"))]
    return chunk_document(document(*pages, kind=kind, title="Operating\nmanual"), with_options())


def records(chunked: ChunkedDocument, source: SourceFile = SOURCE) -> list[dict[str, dict[str, object]]]:
    return [json.loads(line) for line in chunk_lines(chunked, source).decode("utf-8").split("\n")[:-1]]


@pytest.mark.parametrize("name", [CHUNK_SCHEMA, DOCUMENT_SCHEMA])
def test_the_published_schema_is_the_one_that_is_checked_and_is_a_schema(name: str) -> None:
    assert json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")) == load_schema(name)
    jsonschema_rs.meta.validate(load_schema(name))


def test_a_chunk_record_has_the_published_keys_in_their_order() -> None:
    for record in records(manual()):
        assert list(record) == CHUNK_KEYS[""]
        for part, keys in CHUNK_KEYS.items():
            assert not part or list(record[part]) == keys


def test_a_document_record_has_the_published_keys_in_their_order() -> None:
    record = json.loads(document_record(manual(), SOURCE))
    assert list(record) == DOCUMENT_KEYS[""]
    for part, keys in DOCUMENT_KEYS.items():
        assert not part or list(record[part]) == keys


def test_lines_are_utf_8_without_escapes_and_each_ends_with_a_line_break() -> None:
    lines = chunk_lines(manual(), SOURCE)
    assert lines.endswith(b"}\n")
    assert "Welle Ø24 „H7“".encode() in lines
    assert b"\\u" not in lines


def test_chunk_ids_count_from_one_with_six_digits_and_more_where_needed() -> None:
    chunked = manual()
    numbers = range(1, len(chunked.chunks) + 1)
    assert [record["chunkId"] for record in records(chunked)] == [f"{SOURCE.document_id}:{number:06d}" for number in numbers]
    far = replace(chunked, chunks=(replace(chunked.chunks[0], sequence=1_234_567),))
    assert records(far)[0]["chunkId"] == f"{SOURCE.document_id}:1234567"


def test_every_chunk_can_be_cut_out_of_the_document_record() -> None:
    chunked = manual()
    full = json.loads(document_record(chunked, SOURCE))["content"]["fullText"]
    for record in records(chunked):
        place = record["provenance"]
        assert full[place["contentOffsetStart"] : place["contentOffsetEnd"]] == record["content"]["chunkText"]


def test_search_text_is_title_section_path_and_text_a_line_each() -> None:
    first = records(manual())[0]["content"]
    assert str(first["searchText"]).startswith("Operating manual\nAufbau > Welle Ø24 „H7“\nAufbau\n\nWelle")
    bare = chunk_document(document(page(1, "Only this.")), with_options())
    assert records(bare)[0]["content"]["searchText"] == "Only this."


def test_pages_and_page_count_are_null_where_the_format_has_none() -> None:
    chunked = manual("docx")
    assert {(record["provenance"]["pageStart"], record["provenance"]["pageEnd"]) for record in records(chunked)} == {(None, None)}
    assert json.loads(document_record(chunked, SOURCE))["stats"] == {
        "pageCount": None, "chunkCount": len(chunked.chunks), "charCount": len(chunked.text)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"byte_hash_sha256": "SECRET"}, "$.source.byteHashSha256", id="hash"),
        pytest.param({"extracted_at": "10.1.2026 SECRET"}, "$.timestamps.extractedAt", id="time"),
        pytest.param({"size_bytes": -1}, "$.source.sizeBytes", id="size"),
        pytest.param({"mime_type": "SECRET"}, "$.source.mimeType", id="mime"),
        pytest.param({"document_id": ""}, "$.documentId", id="identity"),
    ],
)
def test_a_bad_field_is_named_by_its_path_and_not_quoted(changes: dict[str, object], path: str) -> None:
    source = replace(SOURCE, **changes)  # type: ignore[arg-type]
    for write in (chunk_lines, document_record):
        with pytest.raises(InvalidRecord) as caught:
            write(manual(), source)
        assert path in str(caught.value)
        assert "SECRET" not in str(caught.value)
        assert isinstance(caught.value, ExtractionError)
        assert caught.value.reason == "invalid_record"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"text": " \n "}, "$.content.chunkText", id="blank"),
        pytest.param({"confidence": 1.5}, "$.quality.confidence", id="confidence"),
        pytest.param({"confidence": float("nan")}, "$", id="not-a-number"),
        pytest.param({"language": "English"}, "$.content.language", id="language"),
        pytest.param({"page_start": 0}, "$.provenance.pageStart", id="page"),
        pytest.param({"section_path": ("",)}, "$.provenance.sectionPath[0]", id="section"),
        pytest.param({"warnings": ("ocr", "ocr")}, "$.quality.warnings", id="warnings"),
        pytest.param({"start": 1}, "$.content.chunkText", id="offset"),
        pytest.param({"text": "\ud800"}, "$", id="surrogate"),
    ],
)
def test_one_bad_chunk_fails_all_lines_of_its_document(changes: dict[str, object], path: str) -> None:
    chunked = manual()
    bad = replace(chunked.chunks[-1], **changes)  # type: ignore[arg-type]
    with pytest.raises(InvalidRecord) as caught:
        chunk_lines(replace(chunked, chunks=(*chunked.chunks[:-1], bad)), SOURCE)
    assert path in str(caught.value)


def test_a_document_without_text_has_no_lines_and_a_record() -> None:
    empty = chunk_document(document(page(1)), with_options())
    assert chunk_lines(empty, SOURCE) == b""
    assert json.loads(document_record(empty, SOURCE))["content"] == {"title": None, "language": "und", "fullText": ""}
