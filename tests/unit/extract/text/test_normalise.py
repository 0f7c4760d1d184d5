"""Each step of normalising on made text and on real pages: what it changes, and what it must leave alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.normalise import (
    compose,
    drop_invisible,
    join_hyphens,
    join_soft_hyphens,
    normalise_characters,
    normalise_text,
    shorten_blanks,
    split_ligatures,
    unify_breaks,
)
from tests.unit.extract.text.corpus import corpus_document, needs_corpus
from tests.unit.extract.text.documents import with_options


def test_every_kind_of_line_break_becomes_one() -> None:
    assert unify_breaks("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h") == "a\nb\nc\nd\ne\nf\ng\nh"


def test_what_shows_nothing_is_dropped_and_odd_spaces_are_spaces() -> None:
    assert drop_invisible("a\x00b\u200bc\ufeffd\ud800e\u202ef") == "abcdef"
    assert drop_invisible("a\x02b\xa0c\u2009d\u3000e") == "a b c d e"


def test_joiners_stay_for_scripts_and_emoji_that_need_them() -> None:
    assert drop_invisible("می\u200cخواهم 👩\u200d🔧") == "می\u200cخواهم 👩\u200d🔧"


def test_ligatures_become_letters_and_signs_that_mean_something_stay() -> None:
    assert split_ligatures("di\ufb00erent \ufb01t \ufb02y di\ufb03cult ba\ufb04e \ufb05\ufb06") == "different fit fly difficult baffle stst"
    assert split_ligatures("½ ² ³ Ø ™ Å ㎜ ① µ") == "½ ² ³ Ø ™ Å ㎜ ① µ"


def test_marks_are_composed_with_their_letters() -> None:
    assert compose("Ma\u0308rz 2\u0308") == "März 2\u0308"


def test_blanks_are_single_none_stands_at_a_lines_end_and_one_empty_line_is_enough() -> None:
    assert shorten_blanks("  a  b\t c \n  d\n\n\n\ne \t\n") == "a b c\nd\n\ne"


def test_tabs_stay_where_they_part_cells() -> None:
    assert shorten_blanks("a\t\tb  c \n\td", keep_tabs=True) == "a\t\tb c\n\td"


def test_words_parted_at_a_soft_hyphen_are_whole_again() -> None:
    assert join_soft_hyphens("Zeich\u00ad \n nung") == "Zeichnung"
    assert normalise_text("Zeich\u00adnung") == "Zeichnung"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("an exam-\nple of it", "an example of it", id="word"),
        pytest.param("Maßhaltig-\nkeit", "Maßhaltigkeit", id="german"),
        pytest.param("an exam\u2010\nple", "an example", id="unicode-hyphen"),
        pytest.param("a self-\ncontained unit", "a self-contained unit", id="prefix-that-keeps-its-hyphen"),
        pytest.param("a paddle-\nshaped part", "a paddle-shaped part", id="ending-that-keeps-its-hyphen"),
        pytest.param("state-of-the-\nart", "state-of-the-art", id="second-hyphen"),
        pytest.param("M8-\n1.25", "M8-\n1.25", id="thread"),
        pytest.param("DM-\n1001", "DM-\n1001", id="drawing-number"),
        pytest.param("REV-\nISION", "REV-\nISION", id="capitals"),
        pytest.param("Zug-\nPrüfung", "Zug-\nPrüfung", id="compound-before-a-capital"),
        pytest.param("Ein-\nund Ausgang", "Ein-\nund Ausgang", id="suspended-hyphen"),
        pytest.param("from 10 -\nabout", "from 10 -\nabout", id="dash"),
        pytest.param("- \nitem", "- \nitem", id="bullet"),
    ],
)
def test_hyphens_at_line_ends(text: str, expected: str) -> None:
    assert join_hyphens(text) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({"mixed-mode"}, "a mixed-mode run", id="written-with-a-hyphen-elsewhere"),
        pytest.param({"mixed", "mode"}, "a mixed-mode run", id="both-halves-are-words"),
        pytest.param({"mixed", "mode", "mixedmode"}, "a mixedmode run", id="written-as-one-elsewhere"),
        pytest.param({"mixed"}, "a mixedmode run", id="one-half-is-no-word"),
    ],
)
def test_the_rest_of_the_document_decides_whether_a_hyphen_stays(words: set[str], expected: str) -> None:
    assert join_hyphens("a mixed-\nmode run", frozenset(words)) == expected


@given(st.text(alphabet=st.characters(), max_size=80) | st.lists(st.sampled_from("a-\n\u2010 B1ﬁ\u0301\xad\t\r"), max_size=40).map("".join))
def test_normalising_twice_changes_nothing_more_and_the_result_can_always_be_stored(text: str) -> None:
    once = normalise_text(text)
    once.encode("utf-8")
    assert "\x00" not in once
    assert unicodedata.is_normalized("NFC", once)
    assert normalise_text(once) == once


@given(st.text(alphabet=st.characters(), max_size=80))
def test_normalising_loses_no_letter_and_no_digit(text: str) -> None:
    kept = [character for character in unicodedata.normalize("NFC", split_ligatures(text)) if character.isalnum()]
    assert [character for character in normalise_characters(text) if character.isalnum()] == kept


@needs_corpus
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("pdf/pdfjs__tracemonkey.pdf", "com-\npile", "more difficult to compile than statically"),
        ("pdf/pdfjs__tracemonkey.pdf", "identi\ufb01es", "the system identifies hot"),
        ("pdf/pypdf__crazyones-pdfa.pdf", "di\ufb00erently", "differently"),
        ("pdf/pdfjs__pdkids.pdf", "great-\nest", "greatest"),
        ("pdf/pdfjs__pdkids.pdf", "paddle-\nshaped", "paddle-shaped"),
        ("pdf/plumber__federal-register-2020-17221.pdf", "non-\nnormal", "non-normal"),
        ("pdf/ender3__Ender_3_quick_start_guide.pdf", "well-\nventilated", "well-ventilated"),
    ],
)
def test_real_pages_before_and_after(name: str, before: str, after: str) -> None:
    document = corpus_document(name)
    text = chunk_document(document, with_options()).text
    assert any(before in page.text for page in document.pages)
    assert before not in text
    assert after in text
