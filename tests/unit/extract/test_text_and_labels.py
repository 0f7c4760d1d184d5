"""Text normalisation, the label dictionary, value checks, and what bytes look like."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.field_values import accept
from pipeline.extract.labels import OTHER, field_of_tag, load_labels, match_label, normal_form
from pipeline.extract.normalise import clean_line, clean_text, legible_share
from pipeline.extract.sniff import describe


def test_control_characters_nul_and_surrogates_are_removed_and_lines_kept() -> None:
    assert clean_text("a\x00b\x02c\r\nd\ud800e\u2028f\ufeff") == "ab c\nde\nf"


def test_text_is_composed_and_its_spaces_are_levelled() -> None:
    assert clean_text("  Ma\u0308rz \u00a0  x  \n\n\n\n y ") == "März x\n\ny"
    assert clean_line("a\n b\tc") == "a b c"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaned_text_can_always_be_stored_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned


def test_the_legible_share_counts_what_means_nothing_outside_its_font() -> None:
    assert legible_share("ab\ufffd\ue000") == 0.5
    assert legible_share(" \n") is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Drawing No.", "drawing_number"),
        ("ZEICHNUNGSNR.", "drawing_number"),
        ("N° de plan", "drawing_number"),
        ("Tekeningnummer:", "drawing_number"),
        ("Titolo", "title"),
        ("Échelle", "scale"),
        ("echelle", "scale"),
        ("Масштаб", "scale"),
        ("材 料", "material"),
        ("図番", "drawing_number"),
        ("Fecha", "date"),
        ("Maßstab / Scale", "scale"),
        ("MASSSTAB", "scale"),
        ("CHK'D", "checked_by"),
        ("Peso (kg)", "weight"),
        ("重量(kg)", "weight"),
        ("Rev.-Stand", "revision"),
        ("Nº plano", "drawing_number"),
        ("Q.A", OTHER),
    ],
)
def test_labels_are_known_in_many_languages(text: str, field: str) -> None:
    match = match_label(text)
    assert match is not None
    assert (match.field, match.rest) == (field, "")


def test_what_follows_a_colon_belongs_to_the_label() -> None:
    match = match_label("Part Nr.: 1501-D")
    assert match is not None
    assert (match.field, match.rest, match.is_weak) == ("part_number", "1501-D", False)


def test_sentences_are_no_labels() -> None:
    assert match_label("The material of the housing is steel") is None


def test_every_weak_label_is_a_label_of_some_field() -> None:
    labels = load_labels()
    assert {label for label in labels.weak if label not in labels.field_of} == set()


@pytest.mark.parametrize(
    ("tag", "field"), [("DWG_NO", "drawing_number"), ("GEN-TITLE-SCA", "scale"), ("Werkstoff", "material"), ("XPOS", None)]
)
def test_attribute_tags_are_known(tag: str, field: str | None) -> None:
    assert field_of_tag(tag) == field


def test_the_normal_form_levels_case_accents_and_punctuation() -> None:
    assert normal_form("ZEICHNUNGS-NR.:") == normal_form("Zeichnungs Nr") == "zeichnungs nr"


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("scale", "M 1:1", "1:1"),
        ("scale", "1 : 2,5", "1:2,5"),
        ("scale", "N.T.S.", "N.T.S."),
        ("scale", "12:30:00", None),
        ("sheet", "1 of 3", "1/3"),
        ("sheet", "Blatt 2 von 4", "2/4"),
        ("sheet", "共 3 张 第 1 张", "1/3"),
        ("sheet", "4 of 3", None),
        ("revision", "A", "A"),
        ("revision", "Rev. 02", "02"),
        ("revision", "HISTORY", None),
        ("revision", "-", None),
        ("date", "18-3-2013", "18-3-2013"),
        ("date", "4 March 2013", "4 March 2013"),
        ("date", "2013年3月4日", "2013年3月4日"),
        ("date", "soon", None),
        ("drawing_number", "A3", None),
        ("drawing_number", "1:2", None),
        ("drawing_number", "____", None),
        ("drawing_number", "UR10_29.20", "UR10_29.20"),
        ("title", "****", None),
        ("title", "<TITLE>", None),
        ("author", "02.05.16", None),
    ],
)
def test_values_are_believed_only_where_they_fit_their_field(field: str, text: str, value: str | None) -> None:
    assert accept(field, text) == value


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"AC1032\x00\x00", "a DWG drawing"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive (an Office file, perhaps)"),
        (b"\n<!DOCTYPE html><html>", "an HTML page"),
        (b"  0\r\nSECTION\r\n", "a DXF"),
        (bytes(64), "nothing but zero bytes"),
        (b"hello", None),
    ],
)
def test_bytes_are_described(data: bytes, name: str | None) -> None:
    assert describe(data) == name
