from __future__ import annotations

import hashlib
import io

import pytest

from pipeline.inventory import fingerprint as module
from pipeline.inventory.fingerprint import ReadStopped, fingerprint
from pipeline.inventory.settle import believable

STEP = b"ISO-10303-21;\nDATA;\n"


def test_hash_size_and_kind_come_from_one_reading() -> None:
    data = b"%PDF-1.4\n" + bytes(3_000_000)
    seen = fingerprint(io.BytesIO(data), name="a.pdf", size=len(data))
    assert (seen.sha256, seen.size, seen.mime_type) == (hashlib.sha256(data).hexdigest(), len(data), "application/pdf")


def test_a_reference_that_lies_across_two_chunks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 64)
    for shift in range(64):
        data = STEP + b" " * shift + b"#1=EXTERNALLY_DEFINED_ITEM();" + b" " * 100
        assert fingerprint(io.BytesIO(data), name="a.stp", size=len(data)).external_references, shift


@pytest.mark.parametrize(("data", "expected"), [
    (STEP + b"#1=PRODUCT('part');", False), (STEP + b"#1=DOCUMENT_FILE('x');", True), (STEP + b"#1=EXTERNAL_SOURCE('x');", True),
    (b"The word DOCUMENT_FILE in a text.", False), (b"#UGC:2 ASSEMBLY 1", True), (b"#UGC:2 PART 1", False)])
def test_files_that_take_parts_from_others_are_known(data: bytes, expected: bool) -> None:
    assert fingerprint(io.BytesIO(data), name="x", size=len(data)).external_references is expected


def test_reading_ends_when_told_to_stop() -> None:
    with pytest.raises(ReadStopped):
        fingerprint(io.BytesIO(bytes(10)), name="x", size=10, stopped=lambda: True)


@pytest.mark.parametrize(("gone", "known", "listed", "expected"), [
    (0, 0, 0, True), (1, 5, 4, True), (10, 11, 1, True), (11, 110, 99, True), (11, 109, 98, False), (1, 1, 0, False)])
def test_deletions_are_believed_up_to_a_tenth_or_a_handful(gone: int, known: int, listed: int, expected: bool) -> None:
    assert believable(gone=gone, known=known, listed=listed) is expected
