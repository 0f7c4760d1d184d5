"""The way in: what is read by which reader, and what importing it costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.extract.errors import UnsupportedFormat
from pipeline.extract.text import CONVERTED_MIME_TYPES, READERS, TEXT_MIME_TYPES, reader_of
from pipeline.inventory.mime import HEAD_BYTES, mime_type
from tests.unit.extract.text.formats.reading import read

ROOT = Path(__file__).parents[5]
CORPUS = Path(os.environ.get("DRAFTMILL_CORPUS", "") or ROOT.parent / "shared" / "corpus")
HEAVY = ("selectolax", "olefile", "pymupdf", "cv2", "numpy", "charset_normalizer", "psutil", "xml.parsers.expat", "email")


def test_importing_the_way_in_brings_no_library_of_any_format() -> None:
    code = f"import sys, pipeline.extract.text; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("mime", READERS)
def test_every_format_has_a_reader_that_is_there(mime: str) -> None:
    assert callable(reader_of(READERS[mime]))


def test_formats_are_read_directly_or_converted() -> None:
    assert not set(TEXT_MIME_TYPES) & set(CONVERTED_MIME_TYPES)
    assert {*TEXT_MIME_TYPES, *CONVERTED_MIME_TYPES} < set(READERS)


def test_other_formats_are_unsupported_by_name() -> None:
    with pytest.raises(UnsupportedFormat, match="model/step"):
        read(b"ISO-10303-21;", "model/step")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")
def test_tables_of_the_corpus_are_read_row_by_row_with_their_headers() -> None:
    files = sorted(path for path in CORPUS.rglob("*") if path.suffix in (".tsv", ".xlsx"))
    assert files
    for path in files:
        data = path.read_bytes()
        document = read(data, mime_type(data[:HEAD_BYTES], name=path.name, size=len(data)), name=path.name)
        tables = [block for page in document.pages for block in page.blocks if block.kind == "table"]
        assert (document.warnings, document.partial) == ((), False)
        assert any(table.header_rows == 1 for table in tables)
        if path.suffix == ".tsv":
            (table,) = tables
            assert table.text.count("\n") + 1 == len(data.decode("utf-8").splitlines())
