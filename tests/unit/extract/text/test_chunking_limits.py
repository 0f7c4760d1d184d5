"""Huge and odd texts end: sizes at which work that grows with the square would take many minutes, not seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.extract.model import Block, Page
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.pii_patterns import PATTERNS
from tests.unit.extract.text.documents import with_options

pytestmark = pytest.mark.timeout(240)  # a guard against going on for ever, not a measurement


def whole(text: str) -> TextDocument:
    return TextDocument("text", (Page(1, text, "text_layer"),))


def blocks(count: int, kind: str = "text", text: str = "block number", level: int | None = None) -> TextDocument:
    rows = int(kind == "table")
    return paged(*(Block(f"{text} {number}", kind=kind, level=level and number % 6 + 1, header_rows=rows) for number in range(count)))


def paged(*made: Block) -> TextDocument:
    return TextDocument("docx", (Page(1, "", "text_layer", blocks=made),))


def pages(count: int) -> TextDocument:
    return TextDocument("pdf", tuple(Page(number, f"Head\nThe part is ground.\n{number}", "ocr") for number in range(1, count + 1)))


def assert_ends(make: Callable[[int], TextDocument], size: int, **settings: object) -> None:
    """Cut a document of this size; what it says is in its chunks."""
    chunked = chunk_document(make(size), with_options(**settings))
    assert chunked.chunks
    assert chunked.chunks[-1].stop >= len(chunked.text.rstrip())


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda n: whole("x" * n), id="no-blank"),
        pytest.param(lambda n: whole("创" * n), id="ideographs"),
        pytest.param(lambda n: whole("." * n), id="leaders"),
        pytest.param(lambda n: whole("word " * (n // 5)), id="no-sentence-end"),
        pytest.param(lambda n: whole("word\n" * (n // 5)), id="lines"),
        pytest.param(lambda n: whole("e.g. " * (n // 5)), id="abbreviations"),
        pytest.param(lambda n: whole("exam-\nple " * (n // 10)), id="hyphens"),
        pytest.param(lambda n: whole("a" + "\u0301" * n), id="marks"),
        pytest.param(lambda n: whole("🇩" * n), id="flags"),
        pytest.param(lambda n: whole("\u00ad \n" * (n // 3) + "x"), id="soft-hyphens"),
        pytest.param(lambda n: whole("a" + " " * n + "b"), id="blanks"),
    ],
)
def test_long_texts_end(make: Callable[[int], TextDocument]) -> None:
    assert_ends(make, 2_000_000)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(blocks, id="labels"),
        pytest.param(lambda n: blocks(n, "heading", level=1), id="headings"),
        pytest.param(lambda n: blocks(n, "table", "a\tb\n1\t"), id="tables"),
        pytest.param(lambda n: blocks(n, text="lower case text that goes on and on without an end"), id="one-sentence"),
        pytest.param(lambda n: paged(Block("a\tb\n" * n, kind="table", header_rows=1)), id="rows"),
        pytest.param(lambda n: paged(Block("a\t" * n, kind="table")), id="cells"),
        pytest.param(pages, id="pages"),
    ],
)
def test_many_blocks_and_pages_end(make: Callable[[int], TextDocument]) -> None:
    assert_ends(make, 100_000)


@pytest.mark.parametrize("text", ["1", "12 ", "a.", "a@", "+1 ", "AB12 ", "a@b.", "tel ", "tel 0711 ", "a-", "+49 (", "4111 "])
def test_the_search_for_personal_data_ends(text: str) -> None:
    assert_ends(lambda n: whole(text * (n // len(text))), 1_000_000, pii="redact", pii_patterns=tuple(PATTERNS))
