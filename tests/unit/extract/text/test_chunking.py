"""Where documents are cut: sections, pages, sheets, sentences, overlap; and what a chunk says of itself."""

from __future__ import annotations

import pytest

from pipeline.extract.model import Block
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.sentences import is_sentence_end, safe_cut
from tests.unit.extract.text.documents import chunked, document, heading, page, sentences, table, with_options

SENTENCE_ENDS = (".", "!", "?", "。")


def test_long_prose_is_cut_at_sentences_near_the_target() -> None:
    result = chunked(sentences(100), chunk_overlap=0)
    assert all(chunk.text.endswith(".") for chunk in result.chunks)
    assert all(700 <= len(chunk.text) <= 1200 for chunk in result.chunks[:-1])


def test_chunks_overlap_by_whole_sentences_within_a_section() -> None:
    result = chunked(sentences(100), chunk_overlap=100)
    for before, after in zip(result.chunks, result.chunks[1:], strict=False):
        assert 0 < before.stop - after.start <= 100
        assert after.text.startswith("The shaft")


def test_no_overlap_reaches_into_another_section() -> None:
    result = chunked(heading("One"), sentences(30), heading("Two"), sentences(30, "seal"))
    first_of_two = next(chunk for chunk in result.chunks if chunk.section_path == ("Two",))
    assert first_of_two.text.startswith("Two\n\nThe seal number 1 ")
    assert "shaft" not in first_of_two.text


def test_tables_do_not_overlap() -> None:
    result = chunked(table("Item\tName", *(f"{number}\tSocket screw number {number}" for number in range(300))), chunk_overlap=100)
    assert all(before.stop <= after.start for before, after in zip(result.chunks, result.chunks[1:], strict=False))


@pytest.mark.parametrize(
    "text", ["Fig. 3 shows", "z. B. die Welle", "approx. 5 mm", "am 3. Mai", "J. Smith", "No. 7 is", "vgl. Abb. 4", "e.g. this"]
)
def test_abbreviations_end_no_sentence(text: str) -> None:
    stop = text.index(".") + 1
    assert not is_sentence_end(text, stop)


@pytest.mark.parametrize(
    "text", ["It ends. Then", "Done! Next", "Really? Yes", '"Stop." He', "It is 12.5 mm. Next", "结束。下一", "is M8x1.25. The"]
)
def test_stops_marks_and_full_width_stops_end_sentences(text: str) -> None:
    stop = max(text.rfind(mark) for mark in SENTENCE_ENDS) + 1
    stop += text[stop : stop + 1] == '"'
    assert is_sentence_end(text, stop)


def test_text_without_blanks_is_cut_at_its_own_full_stops() -> None:
    result = chunked("全部尺寸均按图纸标注执行并检验合格后方可入库。" * 200, chunk_overlap=0)
    assert all(chunk.text.endswith("。") for chunk in result.chunks)


def test_a_run_without_blanks_is_cut_at_the_target() -> None:
    result = chunked("x" * 3500, chunk_overlap=0)
    assert [len(chunk.text) for chunk in result.chunks] == [1000, 1000, 1000, 500]


@pytest.mark.parametrize("character", ["g\u0308", "👩\u200d🔧", "👍🏽", "🇩🇪", "각", "\u1100\u1161"])
def test_no_cut_parts_what_shows_as_one_character(character: str) -> None:
    text = character * 50
    for cut in range(40, 60):
        place = safe_cut(text, 0, cut)
        assert place % len(character) == 0


def test_a_heading_goes_with_what_follows_it() -> None:
    blocks: list[Block | str] = []
    for number in range(12):
        blocks += [sentences(13), heading(f"Section {number}", 2)]
    result = chunked(*blocks, sentences(5))
    assert not any(chunk.text.split("\n")[-1].startswith("Section") for chunk in result.chunks)


def test_small_sections_are_joined_under_their_common_path() -> None:
    small = [heading("Paint", 2), "RAL 7035 all over.", heading("Edges", 2), "Broken, 0.3 mm.", heading("Mass", 2), "12 kg in all."]
    result = chunked(heading("Notes"), *small)
    assert len(result.chunks) == 1
    assert result.chunks[0].section_path == ("Notes",)


def test_small_sections_of_other_parents_are_not_joined() -> None:
    result = chunked(heading("Paint"), heading("Colour", 2), "RAL 7035.", heading("Mass"), sentences(10))
    assert [chunk.section_path for chunk in result.chunks] == [("Paint", "Colour"), ("Mass",)]


def test_a_heading_without_text_of_its_own_does_not_shorten_the_path() -> None:
    result = chunked(heading("Assembly"), heading("Seals", 2), sentences(40))
    assert all(chunk.section_path == ("Assembly", "Seals") for chunk in result.chunks)


def test_a_page_end_near_the_target_ends_the_chunk() -> None:
    pages = [page(number, sentences(12, f"part{number}")) for number in range(1, 6)]
    result = chunk_document(document(*pages, kind="pdf"), with_options(chunk_overlap=0))
    assert [(chunk.page_start, chunk.page_end) for chunk in result.chunks] == [(number, number) for number in range(1, 6)]


def test_a_drawing_sheet_begins_a_chunk_however_little_it_says() -> None:
    sheets = [page(number, "Ø24 H7", f"DM-100{number}", "SCALE 1:2") for number in range(1, 4)]
    result = chunk_document(document(*sheets, kind="pdf"), with_options())
    assert [chunk.text for chunk in result.chunks] == [f"Ø24 H7\nDM-100{number}\nSCALE 1:2" for number in range(1, 4)]
    assert [chunk.page_start for chunk in result.chunks] == [1, 2, 3]


def test_formats_without_pages_have_no_page_numbers() -> None:
    assert {(chunk.page_start, chunk.page_end) for chunk in chunked(sentences(40)).chunks} == {(None, None)}


def test_page_starts_are_where_the_text_of_pages_begins() -> None:
    result = chunk_document(document(page(1, sentences(2)), page(2, ""), page(3, sentences(2, "seal")), kind="pdf"), with_options())
    assert [number for number, _ in result.page_starts] == [1, 3]
    assert result.text[dict(result.page_starts)[3] :].startswith("The seal number 1")


def test_confidence_is_that_of_the_pages_by_length_and_ocr_is_named() -> None:
    scanned = page(1, sentences(6), method="ocr", confidence=0.5)
    result = chunk_document(document(scanned, page(2, sentences(6, "seal")), kind="pdf"), with_options(chunk_chars=2000))
    assert len(result.chunks) == 1
    assert 0.7 < result.chunks[0].confidence < 0.8
    assert result.chunks[0].warnings == ("ocr",)


def test_a_garbled_text_layer_is_named() -> None:
    result = chunk_document(document(page(1, sentences(6), confidence=0.4), kind="pdf"), with_options())
    assert result.chunks[0].warnings == ("garbled_text_layer",)
    assert result.chunks[0].confidence == 0.4


def test_a_guessed_encoding_is_named_on_all_chunks_and_truncation_on_the_last() -> None:
    source = document(page(1, sentences(60)), kind="text", warnings=("truncated", "encoding_guessed:cp1252"))
    result = chunk_document(source, with_options())
    assert result.chunks[0].warnings == ("encoding_guessed",)
    assert result.chunks[-1].warnings == ("encoding_guessed", "truncated")
    assert result.warnings == ("encoding_guessed:cp1252", "truncated")


@pytest.mark.parametrize("blocks", [[], [""], [" \n\t "], [Block("", kind="table")], [Block(" ", kind="heading")]])
def test_a_document_without_text_has_no_chunks(blocks: list[Block | str]) -> None:
    result = chunked(*blocks)
    assert (result.text, result.chunks) == ("", ())


def test_a_page_without_blocks_is_read_from_its_text() -> None:
    source = document(page(1), kind="text")
    source = type(source)("text", (type(source.pages[0])(1, f"{sentences(3)}\n\n{sentences(3, 'seal')}", "text_layer"),))
    assert chunk_document(source, with_options()).text == f"{sentences(3)}\n\n{sentences(3, 'seal')}"
