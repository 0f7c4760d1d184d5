"""Personal data is found by form and checksum, tagged or redacted before chunking, counted and never logged."""

from __future__ import annotations

import logging

import pytest

from pipeline.extract.model import Block
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.pii_patterns import PATTERNS
from tests.unit.extract.text.corpus import CORPUS, corpus_documents, needs_corpus
from tests.unit.extract.text.documents import chunked, document, heading, page, sentences, with_options

ALL = tuple(PATTERNS)
HOOKS = "tests.unit.extract.text.pii_hook"


def found(name: str, text: str) -> list[str]:
    return [text[start:stop] for start, stop in PATTERNS[name](text)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "jane.roe+cad@mail.example.co.uk"),
        ("email", "müller@büro.example"),
        ("phone", "+49 711 123456"),
        ("phone", "+49 (0)711 123 45-67"),
        ("phone", "+1 212 555 0123"),
        ("phone", "+49 711 1234567-0"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "GB82WEST12345698765432"),
        ("iban", "NL91 ABNA 0417 1643 00"),
        ("card", "4111 1111 1111 1111"),
        ("card", "378282246310005"),
        ("de_steuer_id", "86095742719"),
        ("de_steuer_id", "47 036 892 816"),
        ("us_ssn", "536-90-4399"),
        ("uk_nino", "AB 12 34 56 C"),
        ("nl_bsn", "111222333"),
        ("fr_nir", "1 84 12 76 451 089 46"),
    ],
)
def test_personal_data_is_found_whole_and_in_sentences(name: str, value: str) -> None:
    assert found(name, value) == [value]
    assert found(name, f"Write to ({value}), please.") == [value]
    assert found(name, f"{value}, {value}; {value}: {value}.") == [value] * 4


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tel.: 0711 / 123 45 67", "0711 / 123 45 67"),
        ("Fax 0711-1234567", "0711-1234567"),
        ("Phone: (0711) 1234567", "(0711) 1234567"),
    ],
)
def test_national_phone_numbers_are_told_by_the_word_before_them(text: str, value: str) -> None:
    assert found("phone", text) == [value]
    assert found("phone", value) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iban", "DE88 3704 0044 0532 0130 00"),
        ("iban", "XX89 3704 0044 0532 0130 00"),
        ("card", "4111 1111 1111 1112"),
        ("card", "0000 0000 0000 0000"),
        ("de_steuer_id", "86095742718"),
        ("de_steuer_id", "12345678901"),
        ("us_ssn", "000-12-3456"),
        ("us_ssn", "987-65-4321"),
        ("uk_nino", "BG 12 34 56 C"),
        ("nl_bsn", "111222334"),
        ("fr_nir", "1 84 12 76 451 089 47"),
        ("email", "@example.com"),
        ("email", "jane@localhost"),
    ],
)
def test_a_wrong_check_digit_or_form_is_no_personal_data(name: str, value: str) -> None:
    assert found(name, value) == []


@pytest.mark.parametrize(
    "text",
    ["Ø24 +0.021 +0.008", "+0.1 -0.05", "120 +15 -10", "+0,5 +1,25 +3,75", "4x M8x1.25 - 6H", "1:2 297 x 420", "DIN 912 - M8 x 20",
     "+45° +120 mm", "DM-1001-22-333-4444", "12.5 25 37.5 50 62.5 75 87.5", "400306224", "10 20 30 40 50 60 70 80", "X+1250 Y+3400",
     "ISO 2768-1 1991-06", "14-7-2016 14:54:14"],
)  # fmt: skip
def test_dimensions_and_part_numbers_are_no_personal_data(text: str) -> None:
    for name in ("email", "phone", "iban", "card", "us_ssn", "fr_nir", "uk_nino"):
        assert found(name, text) == []


def test_nothing_is_looked_for_by_default() -> None:
    result = chunked("Write to jane@example.com or call +49 711 123456.")
    assert "jane@example.com" in result.text
    assert result.warnings == ()


def test_tagged_data_stays_and_is_counted_by_kind() -> None:
    result = chunked("Write to jane@example.com, joe@example.com or call +49 711 123456.", pii="tag")
    assert "jane@example.com" in result.text
    assert result.chunks[0].warnings == result.warnings == ("pii_email:2", "pii_phone:1")


def test_redacted_data_is_gone_everywhere_and_offsets_hold() -> None:
    secret = "jane@example.com"
    blocks: list[Block | str] = [heading(f"Contact {secret}"), f"{secret} {sentences(40)} {secret}", sentences(40), f"{secret}"]
    result = chunk_document(document(page(1, *blocks), title=f"Letter of {secret}"), with_options(pii="redact"))
    assert "jane" not in repr((result.text, result.chunks, result.document.title))
    assert result.text.count("[email]") == 4
    assert result.document.title == "Letter of [email]"
    assert result.chunks[0].section_path == ("Contact [email]",)
    assert result.warnings == ("pii_redacted:4",)
    assert all(chunk.text == result.text[chunk.start : chunk.stop] for chunk in result.chunks)
    for chunk in result.chunks:
        count = chunk.text.count("[email]")
        assert chunk.warnings == ((f"pii_redacted:{count}",) if count else ())


def test_only_the_named_patterns_are_looked_for() -> None:
    result = chunked("jane@example.com, +49 711 123456", pii="redact", pii_patterns=("phone",))
    assert result.text == "jane@example.com, [phone]"


def test_a_pattern_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"iban2.*there are: email, phone, iban"):
        chunked("Drawn by Jane Roe", pii="tag", pii_patterns=("email", "iban2"))


def test_a_hook_of_the_users_own_is_asked_too() -> None:
    result = chunked("Drawn by Jane Roe, jane@example.com", pii="redact", pii_module=f"{HOOKS}:names")
    assert result.text == "Drawn by [name], [email]"
    assert result.warnings == ("pii_redacted:2",)


def test_a_hook_that_points_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the text"):
        chunked("Drawn by Jane Roe", pii="tag", pii_module=f"{HOOKS}:outside")


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        chunked("jane@example.com 4111 1111 1111 1111", pii="redact", pii_patterns=ALL)
    assert caplog.records == []


@needs_corpus
def test_drawings_of_the_corpus_hold_next_to_no_phone_numbers_cards_or_accounts() -> None:
    """Precision where it is hardest: sheets full of numbers."""
    assert CORPUS.is_dir()
    hits = dict.fromkeys(("iban", "card", "us_ssn", "uk_nino", "fr_nir", "de_steuer_id"), 0)
    for source in corpus_documents(300_000):
        for each in source.pages:
            for name in hits:
                hits[name] += len(found(name, each.text))
    assert sum(hits.values()) <= 2, hits
