"""Running heads, feet and page numbers leave the chunks; what only looks like one stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.extract.model import Block, Page
from pipeline.extract.text.chunking import chunk_document
from tests.unit.extract.text.corpus import corpus_document, needs_corpus
from tests.unit.extract.text.documents import document, page, sentences, with_options


def text_of(make: Callable[[int], Page], count: int = 6, kind: str = "pdf") -> str:
    return chunk_document(document(*map(make, range(1, count + 1)), kind=kind), with_options()).text


def body(number: int) -> str:
    return sentences(6, f"shaft of page {'abcdefghijkl'[number]}")


def roman(number: int) -> str:
    return ["", "i", "ii", "iii", "iv", "v", "vi", "vii"][number]


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        pytest.param(lambda n: "Operating manual", str, id="number"),
        pytest.param(lambda n: "Operating manual", lambda n: f"Page {n} of 6", id="page-of"),
        pytest.param(lambda n: "Betriebsanleitung 4711", lambda n: f"Seite {n}/6", id="german"),
        pytest.param(lambda n: "Operating manual", lambda n: f"- {n + 10} -", id="dashes-and-an-offset"),
        pytest.param(lambda n: "Operating manual", roman, id="roman"),
        pytest.param(lambda n: f"{n} Operating manual" if n % 2 else f"Chapter one {n}", lambda n: "ACME Ltd", id="left-and-right"),
        pytest.param(lambda n: f"{n} Manual 7" if n % 2 else f"Manual 7 {n}", lambda n: "ACME Ltd", id="number-on-the-outer-side"),
        pytest.param(lambda n: "Operating manual", lambda n: f"Page {n + 900}", id="far-offset-called-a-page"),
    ],
)
def test_heads_and_feet_leave_the_text(head: Callable[[int], str], foot: Callable[[int], str]) -> None:
    text = text_of(lambda number: page(number, head(number), body(number), foot(number)))
    for number in range(1, 7):
        lines = text.split("\n")
        assert head(number) not in lines
        assert foot(number) not in lines
        assert body(number) in text


def test_heads_stay_in_the_page_record() -> None:
    source = document(*(page(number, "Operating manual", body(number)) for number in range(1, 5)), kind="pdf")
    assert all("Operating manual" in each.text for each in chunk_document(source, with_options()).document.pages)


def test_blocks_that_the_reader_calls_header_or_footer_leave_the_text_even_of_one_page() -> None:
    source = document(page(1, Block("ACME", kind="header"), body(1), Block("3", kind="footer")), kind="pdf")
    assert chunk_document(source, with_options()).text == body(1)


def test_two_pages_are_too_few_to_tell_a_head() -> None:
    text = text_of(lambda number: page(number, "Operating manual", body(number), f"Page {number}"), count=2)
    assert text.count("Operating manual") == 2


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda n: f"Drawing DM-{1000 + n}", id="code-that-counts-on"),
        pytest.param(lambda n: f"Drawing number {1000 + n}", id="number-that-counts-on-far-from-the-pages"),
        pytest.param(lambda n: f"Mass {[12, 7, 99, 3, 45, 18, 2][n]} kg", id="numbers-that-differ"),
        pytest.param(lambda n: str([12, 7, 99, 3, 45, 18, 2][n]), id="lone-numbers-that-do-not-count"),
    ],
)
def test_values_that_differ_from_page_to_page_stay(line: Callable[[int], str]) -> None:
    text = text_of(lambda number: page(number, line(number), body(number)))
    assert all(line(number) in text for number in range(1, 7))


def test_labels_of_title_blocks_on_drawing_sheets_stay() -> None:
    text = text_of(lambda number: page(number, "DRAWN", "Ø24", f"DM-100{number}", "M8", "SCALE 1:2"))
    assert text.count("SCALE 1:2") == 6
    assert all(f"DM-100{number}" in text for number in range(1, 7))


def test_the_title_on_the_first_page_stays_where_later_pages_repeat_it_small() -> None:
    def make(number: int) -> Page:
        top = 300.0 if number == 1 else 30.0
        title = Block("Operating manual", (50.0, top, 300.0, top + 12), size=24.0 if number == 1 else 9.0)
        return page(number, title, Block(body(number), (50.0, 350.0, 500.0, 700.0), size=10.0), height=842.0)

    assert text_of(make).count("Operating manual") == 1


def test_a_foot_in_the_middle_of_the_reading_order_is_found_by_its_place() -> None:
    def make(number: int) -> Page:
        left = Block(body(number), (50.0, 80.0, 280.0, 780.0))
        foot = Block(f"ACME manual {number}", (50.0, 810.0, 150.0, 820.0))
        right = [Block(body(number), (300.0, 80.0 + 200 * k, 540.0, 270.0 + 200 * k)) for k in range(3)]
        return page(number, left, foot, *right, height=842.0)

    assert "ACME manual" not in text_of(make)


@needs_corpus
def test_running_feet_of_a_real_gazette_leave_the_chunks_and_stay_in_the_pages() -> None:
    source = corpus_document("pdf/plumber__federal-register-2020-17221.pdf")
    chunked = chunk_document(source, with_options())
    foot = "Federal Register / Vol. 85, No. 152 / Thursday, August 6, 2020 / Proposed Rules"
    assert sum(foot in each.text for each in source.pages) >= 10
    assert chunked.text.count(foot) <= 6  # in one line with 47705, which may as well be a drawing's number
    assert sum("Fmt 4702" in each.text for each in source.pages) >= 10
    assert chunked.text.count("Fmt 4702") <= 3
