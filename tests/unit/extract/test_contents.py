"""The length of a page's content is found without unpacking a bomb."""

from __future__ import annotations

import time
import zlib
from typing import Any

import pymupdf
import pytest

from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from pipeline.extract.pdf.contents import is_longer
from tests.unit.extract.drawings import pdf_of

MEGABYTE = 1024 * 1024
BOMB = zlib.compress(b"0 0 m 1 1 l S\n" * (40 * MEGABYTE // 14), 9)


def page_with(content: bytes, filters: str) -> Any:
    """The page of a PDF that says 'Hello', then the given stream, packed as told."""
    document: Any = pymupdf.open(stream=pdf_of([lambda page: page.insert_text((50, 50), "Hello")]), filetype="pdf")
    page = document[0]
    [first] = page.get_contents()
    xref = document.get_new_xref()
    document.update_object(xref, "<<>>")
    document.update_stream(xref, content, compress=False)
    document.xref_set_key(xref, "Filter", filters)
    document.xref_set_key(page.xref, "Contents", f"[{first} 0 R {xref} 0 R]")
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")[0]


@pytest.mark.parametrize(("content", "filters", "longer"), [
    pytest.param(b"q Q " * 500, "null", True, id="plain"),
    pytest.param(b"q Q ", "null", False, id="short"),
    pytest.param(zlib.compress(b"q Q " * 500), "/FlateDecode", True, id="packed"),
    pytest.param(zlib.compress(b"q Q " * 500)[:-9], "[/FlateDecode]", True, id="packed and cut off"),
    pytest.param(b"no such thing", "/FlateDecode", False, id="packed and damaged"),
    pytest.param((b"q Q " * 500).hex().encode() + b">", "/ASCIIHexDecode", True, id="packed in another way"),
    pytest.param(BOMB, "/FlateDecode", True, id="bomb"),
    pytest.param(b"\0" * 99, "/JBIG2Decode", True, id="an image as content"),
])
def test_the_length_is_that_of_the_unpacked_stream(content: bytes, filters: str, longer: bool) -> None:
    assert is_longer(page_with(content, filters), 1000) is longer


def test_a_page_without_content_has_none() -> None:
    with pymupdf.open(stream=pdf_of([lambda page: None]), filetype="pdf") as document:
        assert not is_longer(document[0], 0)


def test_a_page_with_a_bomb_beside_its_text_is_read_in_no_time() -> None:
    data = page_with(b"\0" * 99, "/JBIG2Decode").parent.tobytes()
    start = time.process_time()
    assert read_pdf(data, ReadOptions(ocr="off")).pages[0].text == "Hello"
    assert time.process_time() - start < 2
