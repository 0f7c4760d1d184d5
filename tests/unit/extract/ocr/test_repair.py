"""Habitual mistakes of OCR: mended in numbers, left alone in words; lines and hatching are no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.ocr.lines import OcrLine
from pipeline.extract.ocr.repair import mend_text, only_text


def line(text: str, *, confidence: float = 0.95, direction: tuple[float, float] = (1.0, 0.0)) -> OcrLine:
    return OcrLine(text, confidence, (0.0, 0.0, 40.0, 10.0), (0.0, 10.0), direction, 10.0)


@pytest.mark.parametrize(("read", "meant"), [
    ("25.$mm", "25.5mm"),
    ("56.OMM", "56.0MM"),
    ("03.949mm", "Ø3.949mm"),
    ("φ12", "Ø12"),
    ("@6.5", "Ø6.5"),
    ("(+0.10)", "+0.10"),
    ("4.00 (-0.20)", "4.00 -0.20"),
    ("4x ∅3.4", "4x Ø3.4"),
    ("—2mm", "2mm"),
    ("3.949mm -", "3.949mm"),
    ("2. 54IDC-10P", "2.54IDC-10P"),
    ("CO .,LTD", "CO.,LTD"),
    ("SHEET 1 0F 1", "SHEET 1 OF 1"),
    ("FULL 4OW GPIO", "FULL 40W GPIO"),
    ("45o", "45°"),
    ("2 x 45º", "2 x 45°"),
    ("470士5mm", "470±5mm"),
    ("（A）", "(A)"),
])
def test_numbers_are_mended(read: str, meant: str) -> None:
    assert mend_text(read) == meant


@pytest.mark.parametrize("text", [
    "0.05", "05-12-2013", "0", "-0.1", "+0.2 -0.1", "2OFF", "SOLO", "Oil", "M5", "B 1002-A2P-A", "1:2", "DWG NO.", "Østergård", "100",
])
def test_what_is_right_stays(text: str) -> None:
    assert mend_text(text) == text


@given(st.text(alphabet="0123456789.,±Ø+-x°mM ()", max_size=20))
def test_mending_twice_changes_nothing_more(text: str) -> None:
    once = mend_text(text)
    assert mend_text(once) == once


def test_lines_and_hatching_read_as_characters_are_dropped() -> None:
    noise = [line("十"), line("国国国"), line("困困图"), line("—"), line("O"), line("H", confidence=0.6), line("4", direction=(0.0, -1.0))]
    assert only_text([line("FRONT PANEL"), *noise]) == [line("FRONT PANEL")]


def test_chinese_stays_where_the_sheet_is_chinese() -> None:
    company = line("深圳市创想三维科技有限公司")
    assert only_text([company, line("困困图")]) == [company]


def test_a_vertical_digit_stays_where_other_dimensions_read_upwards() -> None:
    upwards = (0.0, -1.0)
    lines = [line("12.5", direction=upwards), line("40", direction=upwards), line("6", direction=upwards)]
    assert only_text(lines) == lines


def test_a_number_without_its_first_half_is_none_unless_the_sheet_writes_numbers_so() -> None:
    assert only_text([line(".5"), line("12.5")]) == [line("12.5")]
    inches = [line(".500"), line(".250"), line(".125")]
    assert only_text(inches) == inches
