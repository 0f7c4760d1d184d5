"""Geometrical characteristics have one name, whichever reader finds them."""

from __future__ import annotations

import string

import pytest

from pipeline.extract.gdt import OF_SYMBOL, SIGN_OF_LETTER
from tests.unit.extract.dimensioned import annotations_of, dimension, lines, text
from tests.unit.extract.test_dxf_findings import frames

FRAME = (
    dimension(350, 700, "99.9"),
    lines((100, 200, 160, 200), (100, 220, 160, 220), (100, 200, 100, 220), (120, 200, 120, 220), (160, 200, 160, 220)),
    text(125, 214, "0.2"),
)


def test_the_names_are_those_of_iso_1101() -> None:
    assert set(OF_SYMBOL.values()) == {
        "straightness", "flatness", "roundness", "cylindricity", "line_profile", "surface_profile", "parallelism", "perpendicularity",
        "angularity", "position", "concentricity", "symmetry", "circular_run_out", "total_run_out"}


@pytest.mark.parametrize("letter", [letter for letter in string.ascii_lowercase if SIGN_OF_LETTER[letter] in OF_SYMBOL])
def test_a_dxf_calls_each_by_the_name_of_its_sign(letter: str) -> None:
    (found,) = frames(rf"{{\Fgdt;{letter}}}%%v0.2")
    assert found.details["characteristic"] == OF_SYMBOL[SIGN_OF_LETTER[letter]]


def test_a_pdf_and_a_dxf_call_one_characteristic_the_same() -> None:
    (in_pdf,) = (one for one in annotations_of(*FRAME, text(104, 214, "//")) if one.kind == "gdt")
    (in_dxf,) = frames(r"{\Fgdt;f}%%v0.2")
    assert in_pdf.details == in_dxf.details
    assert in_pdf.raw_text == in_dxf.raw_text
