"""What other systems read: chunk lines that are valid, that cut out again, and that are the same from every machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import jsonschema_rs
import psycopg
import pytest

from tests import conftest as database_fixtures
from tests.acceptance.conftest import REPOSITORY, environment

SCHEMAS = REPOSITORY / "docs" / "schema"


@pytest.fixture(scope="module")
def runs(server_url: str, template: str, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """The samples, read twice: by two databases with folders of their own, the second from another place. URL and data folder."""
    made = []
    for number in range(2):
        name = f"chunks_{uuid.uuid4().hex[:12]}"
        database_fixtures._administer(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
        folder = tmp_path_factory.mktemp(f"run{number}")
        source = folder / "files"
        source.symlink_to(samples, target_is_directory=True)
        url = database_fixtures._with_database(server_url, name)
        given = {variable: value for variable, value in os.environ.items() if not variable.startswith("DRAFTMILL_")}
        done = subprocess.run([sys.executable, "run_pipeline.py", "--phase", "a,b", "--source", str(source)], cwd=REPOSITORY,
                              env=given | environment(url, folder / "data"), capture_output=True, encoding="utf-8", timeout=180)
        assert done.returncode == 0, done.stdout + done.stderr
        made.append((url, folder / "data"))
    return made


def outputs(run: tuple[str, Path], suffix: str) -> list[dict[str, Any]]:
    """The records of all current outputs of one kind, by document and chunk."""
    url, data = run
    with psycopg.connect(url) as conn:
        keys = [row[0] for row in conn.execute(
            "SELECT output_blob_key FROM extraction_outputs WHERE superseded_at IS NULL AND output_blob_key LIKE %s", (f"%.{suffix}",))]
    lines = [line for key in keys for line in (data / "outputs" / key).read_text(encoding="utf-8").splitlines()]
    return sorted((json.loads(line) for line in lines), key=lambda record: (record["documentId"], record.get("chunkId", "")))


def test_two_runs_give_the_same_lines_but_for_their_timestamps(runs: list[tuple[str, Path]]) -> None:
    for suffix in ("jsonl", "document.json"):
        first, second = ([{**record, "timestamps": None} for record in outputs(run, suffix)] for run in runs)
        assert first
        assert first == second


def test_every_record_is_valid_by_the_published_schema(runs: list[tuple[str, Path]]) -> None:
    for suffix, name in (("jsonl", "chunk-record-1.0"), ("document.json", "document-record-1.0")):
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        validator = jsonschema_rs.Draft202012Validator(schema)
        assert all(validator.is_valid(record) for record in outputs(runs[0], suffix))


def test_every_chunk_cuts_out_of_the_text_that_database_and_document_record_hold(runs: list[tuple[str, Path]]) -> None:
    texts = {record["documentId"]: record["content"]["fullText"] for record in outputs(runs[0], "document.json")}
    for record in outputs(runs[0], "jsonl"):
        place = record["provenance"]
        assert texts[record["documentId"]][place["contentOffsetStart"]:place["contentOffsetEnd"]] == record["content"]["chunkText"]
    with psycopg.connect(runs[0][0]) as conn:
        rows = conn.execute("SELECT document.document_id::text, whole.text, whole.text_sha256 FROM document_texts AS whole"
                            " JOIN documents AS document USING (tenant_id, blob_id)").fetchall()
        wrong = conn.execute(
            "SELECT count(*) FROM chunk_index AS chunk JOIN document_texts AS whole USING (tenant_id, blob_id)"
            " WHERE substr(whole.text, content_offset_start + 1, chunk.char_count) <> right(search_text, chunk.char_count)").fetchone()
    assert {document: text for document, text, _ in rows} == texts
    assert all(hashlib.sha256(text.encode()).hexdigest() == digest for _, text, digest in rows)
    assert wrong == (0,)


def test_every_file_that_holds_text_has_chunks_and_each_output_is_what_its_row_says(runs: list[tuple[str, Path]]) -> None:
    url, data = runs[0]
    with psycopg.connect(url) as conn:
        without = conn.execute(
            "SELECT blob_key FROM documents JOIN blob_inventory USING (tenant_id, blob_id) WHERE NOT EXISTS"
            " (SELECT FROM chunk_index WHERE chunk_index.blob_id = documents.blob_id) AND EXISTS"
            " (SELECT FROM document_pages WHERE document_pages.blob_id = documents.blob_id AND text ~ '[[:alpha:]]{3}')").fetchall()
        rows = conn.execute("SELECT output_blob_key, size_bytes, content_hash_sha256, chunk_count, output_type"
                            " FROM extraction_outputs").fetchall()
    assert without == []
    for key, size, digest, chunks, kind in rows:
        content = (data / "outputs" / key).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
        assert kind != "chunk_jsonl" or content.count(b"\n") == chunks
