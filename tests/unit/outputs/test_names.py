"""The names of outputs, there and back."""

from __future__ import annotations

from uuid import UUID

import pytest

from pipeline.outputs.names import OutputName, parse_key

BLOB = "0198c3a2-0000-7000-8000-00000000000a"


@pytest.mark.parametrize("name", [
    OutputName(UUID(BLOB), 1, 1, "jsonl"), OutputName(UUID(BLOB), 10**18 - 1, 10**9 - 1, "document.json")])
def test_a_name_comes_back_from_its_key(name: OutputName) -> None:
    assert parse_key(name.key) == name


@pytest.mark.parametrize("key", [
    f"{BLOB}/1.1.jsonl.gz", f"{BLOB}/1.jsonl", f"{BLOB}/01.1.jsonl", f"{BLOB}/1.0.jsonl", f"{BLOB.upper()}/1.1.jsonl",
    f"x/{BLOB}/1.1.jsonl", f"{BLOB}/{10**18}.1.jsonl", f"{BLOB}/1.{10**9}.jsonl", f"{BLOB}/1.1.npz",
    f"{BLOB}/١.1.jsonl", "notes.txt", "", f"{BLOB}/1.1.jsonl\n"])
def test_a_name_that_no_job_writes_is_not_ours(key: str) -> None:
    assert parse_key(key) is None
