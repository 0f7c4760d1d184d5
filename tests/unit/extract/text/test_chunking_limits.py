"""Time grows with the text and nothing else: each case is read at one size and at four times that.

A factor of four may take up to ten times as long on a busy machine; work that grows with the square takes sixteen.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from pipeline.extract.model import Block, Page
from pipeline.extract.options import ReadOptions
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.pii_patterns import PATTERNS
from tests.unit.extract.text.documents import with_options

FACTOR = 4
SLOWER = 10
LEAST_S = 0.02  # below that a measurement is noise


def whole(text: str) -> TextDocument:
    return TextDocument("text", (Page(1, text, "text_layer"),))


def blocks(count: int, kind: str = "text", text: str = "block number", level: int | None = None) -> TextDocument:
    rows = int(kind == "table")
    return paged(*(Block(f"{text} {number}", kind=kind, level=level and number % 6 + 1, header_rows=rows) for number in range(count)))


def paged(*made: Block) -> TextDocument:
    return TextDocument("docx", (Page(1, "", "text_layer", blocks=made),))


def pages(count: int) -> TextDocument:
    return TextDocument("pdf", tuple(Page(number, f"Head\nThe part is ground.\n{number}", "ocr") for number in range(1, count + 1)))


def seconds(document: TextDocument, options: ReadOptions) -> float:
    start = time.process_time()
    chunk_document(document, options)
    return time.process_time() - start


def assert_linear(make: Callable[[int], TextDocument], size: int, **settings: object) -> None:
    options = with_options(**settings)
    chunk_document(make(50), options)  # what is loaded or compiled once
    small = min(seconds(make(size), options) for _ in range(3))
    large = min(seconds(make(FACTOR * size), options) for _ in range(2))
    assert large <= SLOWER * max(small, LEAST_S)


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
def test_long_texts_take_time_in_proportion(make: Callable[[int], TextDocument]) -> None:
    assert_linear(make, 200_000)


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
def test_many_blocks_and_pages_take_time_in_proportion(make: Callable[[int], TextDocument]) -> None:
    assert_linear(make, 10_000)


@pytest.mark.parametrize("text", ["1", "12 ", "a.", "a@", "+1 ", "AB12 ", "a@b.", "tel ", "tel 0711 ", "a-", "+49 (", "4111 "])
def test_the_search_for_personal_data_takes_time_in_proportion(text: str) -> None:
    assert_linear(lambda n: whole(text * (n // len(text))), 100_000, pii="redact", pii_patterns=tuple(PATTERNS))
