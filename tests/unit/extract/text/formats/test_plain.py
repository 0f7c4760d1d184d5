"""Plain text and encodings."""

from __future__ import annotations

import tracemalloc

import pytest

from pipeline.extract.text.formats.decoding import decode
from tests.unit.extract.text.formats.reading import blocks, read, texts

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

PLAIN = "text/plain"


def test_paragraphs_lists_and_sure_headings_are_told_apart() -> None:
    text = "Pump Report\n===========\n\nIntro\nof two lines.\n\n1 Scope\n\nText.\n\n"
    text += "1.2.1 Parts of the Pump\n\nMore.\n\nNotes\n-----\nBelow at once.\n\n- a\n- b\n"
    result = read(text, PLAIN)
    assert blocks(result) == [
        ("heading", "Pump Report"), ("text", "Intro\nof two lines."), ("heading", "1 Scope"), ("text", "Text."),
        ("heading", "1.2.1 Parts of the Pump"), ("text", "More."), ("heading", "Notes"), ("text", "Below at once."), ("list", "- a\n- b")]
    assert [block.level for block in result.pages[0].blocks if block.kind == "heading"] == [1, 1, 3, 2]
    assert (result.kind, result.pages[0].method, result.pages[0].confidence) == ("text", "text", 1.0)


@pytest.mark.parametrize("text", [
    pytest.param("1. First thing\n\n2. Second thing", id="items of a list"),
    pytest.param("3 bolts were missing", id="a sentence"),
    pytest.param("1 Bolts were missing.", id="ends like a sentence"),
    pytest.param("1 Scope\nfollowed at once", id="part of a paragraph"),
    pytest.param("TOTAL\n\n-----", id="a rule"),
    pytest.param("a\n---------------------", id="a line far longer than its text"),
])
def test_what_is_not_surely_a_heading_is_none(text: str) -> None:
    assert {kind for kind, _ in blocks(read(text, PLAIN))} == {"text"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known_with_and_without_its_mark(encoding: str) -> None:
    result = read("Größe: 5 µm, a text of some length".encode(encoding), PLAIN)
    assert (texts(result), result.warnings) == ("Größe: 5 µm, a text of some length", ())


@pytest.mark.parametrize(("text", "encoding"), [
    ("Grüße aus München: Maß 5 µm ± 0,1 °C – „Zitat“", "cp1252"),
    ("Dimensions générales, tolérance ±0,2, matière première à vérifier", "cp1252"),
    ("Привет, это документ о насосах и двигателях. Давление воды.", "cp1251"),
    ("Zażółć gęślą jaźń. Śruba, łożysko, część zamienna, długość i szerokość.", "cp1250"),
    ("日本語の文章です。図面番号と材質を確認してください。", "shift_jis"),
    ("图纸编号和材料请确认。这是一个测试文件。", "gb18030"),
    ("Größe Öl Übermaß für Ölpumpe, Länge über alles", "cp437"),
])
def test_other_encodings_are_guessed_and_named(text: str, encoding: str) -> None:
    result = read(text.encode(encoding), PLAIN)
    assert (texts(result), result.warnings, result.pages[0].confidence) == (text, (f"encoding_guessed:{encoding}",), 0.8)


def test_few_damaged_bytes_in_utf_8_are_replaced_and_said_so() -> None:
    result = read("Größe und Maß ".encode() * 200 + b"\xff end", PLAIN)
    assert texts(result).endswith("\ufffd end")
    assert (result.warnings, result.pages[0].confidence) == (("encoding_repaired",), 0.9)


def test_damage_in_a_short_text_of_many_such_letters_leaves_it_utf_8() -> None:
    result = read("Die Größe der Maßnahme wurde geprüft. ".encode() * 2 + b"\xff Ende.", PLAIN)
    assert texts(result) == "Die Größe der Maßnahme wurde geprüft. " * 2 + "\ufffd Ende."
    assert result.warnings == ("encoding_repaired",)


def test_an_encoding_that_is_declared_counts_where_the_bytes_agree() -> None:
    assert decode("жук".encode("koi8_r"), 100, "koi8-r").text == "жук"
    assert decode("Größe".encode(), 100, "iso-8859-1").text == "Größe"
    assert decode(b"abc", 100, "no-such-thing").text == "abc"
    assert decode(b"YWJj", 100, "base64").text == "YWJj"


def test_of_a_huge_text_only_what_is_kept_is_decoded() -> None:
    data = b"A line of a long log, again and again.\n" * 500_000
    tracemalloc.start()
    result = read(data, PLAIN, max_chars=100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert (len(texts(result)) <= 100_000, result.partial, result.warnings) == (True, True, ("truncated",))


def test_a_line_of_a_hundred_thousand_words_is_one_block() -> None:
    line = " ".join(f"word{number}" for number in range(100_000))
    assert blocks(read(line, PLAIN)) == [("text", line)]


def test_a_letter_cut_in_two_by_the_bound_is_no_damage() -> None:
    result = read("ä" * 1000, PLAIN, max_chars=101)
    assert result.warnings == ("truncated",)
    assert set(texts(result)) == {"ä"}
