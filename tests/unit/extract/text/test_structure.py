"""Headings, prose and tables: how blocks become text with section paths."""

from __future__ import annotations

import pytest

from pipeline.extract.model import Block
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import ChunkedDocument
from tests.unit.extract.text.corpus import corpus_document, needs_corpus
from tests.unit.extract.text.documents import chunked, document, heading, page, sentences, table, with_options

BODY = sentences(14)


def path_of(result: ChunkedDocument, words: str) -> tuple[str, ...]:
    return next(chunk.section_path for chunk in result.chunks if words in chunk.text)


def test_headings_with_levels_make_the_section_path() -> None:
    result = chunked(heading("Contract"), BODY, heading("Payment", 2), sentences(14, "bill"), heading("Ending"), sentences(14, "term"))
    assert path_of(result, "shaft") == ("Contract",)
    assert path_of(result, "bill") == ("Contract", "Payment")
    assert path_of(result, "term") == ("Ending",)


def test_larger_letters_are_headings_where_the_reader_names_none() -> None:
    large, middle = Block("Assembly", size=18.0), Block("Greasing", size=13.0)
    result = chunked(large, Block(BODY, size=10.0), middle, Block(sentences(14, "seal"), size=10.0), kind="pdf")
    assert path_of(result, "seal") == ("Assembly", "Greasing")


def test_numbered_lines_are_headings_where_sizes_are_unknown() -> None:
    blocks = ["1 Scope", BODY, "2 Assembly", sentences(14, "seal"), "2.1 Greasing", sentences(14, "lip"), "3 Tests", sentences(14, "load")]
    result = chunked(*blocks, kind="text")
    assert path_of(result, "lip") == ("2 Assembly", "2.1 Greasing")
    assert path_of(result, "load") == ("3 Tests",)


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(["1 Remove the cover", "2 Loosen the screw", "3 Lift the shaft", BODY], id="list"),
        pytest.param(["1 Scope ..... 5", "2 Assembly ..... 7", BODY], id="contents"),
        pytest.param(["3 Scope", BODY, "17 Assembly", BODY], id="numbers-that-do-not-follow"),
        pytest.param(["1 shaft", BODY, "2 housing", BODY], id="small-letters"),
        pytest.param(["12.5 Nm", BODY, "13.5 Nm", BODY], id="values"),
    ],
)
def test_other_numbered_lines_are_no_headings(blocks: list[str]) -> None:
    assert all(chunk.section_path == () for chunk in chunked(*blocks, kind="text").chunks)


def test_lines_of_prose_are_joined_and_items_and_paragraph_ends_stay() -> None:
    first = "The shaft is turned from round bar and\nground after hardening."
    rest = "The seats are measured between the centres\n- first at the drive end\n- then at the other"
    assert chunked(f"{first}\n{rest}").text == f"{first}\n{rest}".replace("and\nground", "and ground")


def test_short_lines_of_a_drawing_keep_their_breaks() -> None:
    assert chunked("Ø24 H7", "M8-\n1.25", "SECTION\nA-A", kind="pdf").text == "Ø24 H7\nM8-\n1.25\nSECTION\nA-A"


def test_codes_parted_at_a_line_end_are_whole_in_prose() -> None:
    text = "The housing is shown on the assembly drawing DM-\n1001, and its test is described in the Zug-\nPrüfung of the annex."
    assert chunked(text).text == text.replace("-\n", "-")


def test_lines_of_a_script_without_blanks_are_joined_without_any() -> None:
    line = "公司技术要求全部尺寸均按图纸标注执行并检验合格后方可"
    assert chunked(f"{line}\n{line}").text == line + line


def test_a_sentence_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    first = page(1, "The shaft that is turned from round bar is then ground and")
    second = page(2, "hardened in oil before the seats are measured again.")
    text = chunk_document(document(first, second, kind="pdf"), with_options()).text
    assert "is then ground and hardened in oil" in text
    assert "measured" in chunked("The bearing seats of the shaft are meas-", "ured between the centres of the lathe.").text


def test_a_table_is_a_line_a_row_with_cells_parted_by_bars() -> None:
    assert chunked(table("Item\tQty\tName", "1\t\tShaft", "2\t4\tSeal ")).text == "Item | Qty | Name\n1 | | Shaft\n2 | 4 | Seal"


def test_each_chunk_of_a_long_table_begins_with_its_header() -> None:
    rows = [f"{number}\tHexagon socket screw M{number}\t{number * 3}" for number in range(1, 200)]
    result = chunked(heading("Parts"), table("Item\tName\tQty", *rows))
    assert len(result.chunks) > 5
    assert all("Item | Name | Qty\n" in chunk.text for chunk in result.chunks)
    assert all(chunk.text.count("Item | Name | Qty") == 1 for chunk in result.chunks)
    for row in rows:
        assert sum(row.replace("\t", " | ") in chunk.text.split("\n") for chunk in result.chunks) == 1


def test_a_row_longer_than_a_chunk_is_parted_between_cells_under_its_header() -> None:
    long_row = "\t".join(f"remark number {number}" for number in range(200))
    result = chunked(table("Item\tRemarks", long_row))
    assert all(chunk.text.startswith("Item | Remarks\n") for chunk in result.chunks)
    assert all(f"remark number {number}" in result.text for number in range(200))


def test_code_keeps_its_lines_and_indents() -> None:
    code = "for part in parts:\n    print(part)\n\n\n    # end"
    assert chunked(Block(code, kind="code")).text == code


def test_a_long_text_that_is_called_a_heading_is_none() -> None:
    assert chunked(heading("word " * 60), BODY).chunks[0].section_path == ()


@needs_corpus
def test_sections_of_a_real_paper_are_found() -> None:
    result = chunk_document(corpus_document("pdf/pdfjs__tracemonkey.pdf"), with_options())
    assert path_of(result, "popular since they are expressive")[-1] == "1. Introduction"
    assert {"Abstract", "1. Introduction"} <= {name for chunk in result.chunks for name in chunk.section_path}
