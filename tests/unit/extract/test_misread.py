"""Signs that OCR misreads."""

from __future__ import annotations

import pytest

from pipeline.extract.pdf.misread import repaired, with_diameter


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("024.1", "Ø24.1"),
        ("05", "Ø5"),
        ("@16", "Ø16"),
        ("4xO3.5", "4xØ3.5"),
        ("470士5mm", "470±5mm"),
        ("45。", "45°"),
        ("0.5", "0.5"),
        ("0", "0"),
        ("10", "10"),
        ("1.05", "1.05"),
        ("R10", "R10"),
        ("100", "100"),
        ("4XM3", "4XM3"),
    ],
)
def test_what_ocr_misread_is_repaired_and_the_rest_left_alone(text: str, meant: str) -> None:
    assert repaired(text) == meant


@pytest.mark.parametrize(("text", "meant"), [("5.1", "Ø5.1"), ("05.1", "Ø5.1"), ("Q 16", "Ø16"), ("Ø8", "Ø8"), ("16", "Ø16")])
def test_a_diameter_sign_that_was_seen_is_written(text: str, meant: str) -> None:
    assert with_diameter(text) == meant
