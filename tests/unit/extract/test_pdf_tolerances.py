"""Tolerances that a font could not write, or that stand in more than one place: the drawn ±, a fit before its deviations."""

from __future__ import annotations

import pytest

from pipeline.extract.dimension_text import parse_dimension
from tests.unit.extract.dimensioned import Draw, dimension, dimensions_of, line_between, lines, text

PROOF = dimension(350, 700, "99.9")  # a dimension that shows that the page is a drawing


def drawn_plus_minus(x: float, y: float) -> Draw:
    """A ± of three strokes, its left end at x, standing on the baseline y."""
    return lines((x, y, x + 4, y), (x, y - 4, x + 4, y - 4), (x + 2, y - 6, x + 2, y - 2))


def test_a_drawn_plus_minus_joins_a_number_and_its_tolerance() -> None:
    found = dimensions_of(line_between(100, 200, 240, 200), text(140, 197, "38"), drawn_plus_minus(153, 197), text(159, 197, "1"))
    assert found.keys() == {"38 ±1"}
    assert (found["38 ±1"].tol_plus, found["38 ±1"].tol_minus) == (1.0, -1.0)


def test_a_plus_alone_is_no_plus_minus() -> None:
    plus = lines((153, 193, 157, 193), (155, 191, 155, 195))
    found = dimensions_of(line_between(100, 200, 240, 200), text(140, 197, "38"), plus, text(159, 197, "1"))
    assert all(one.tol_plus is None for one in found.values())


def test_a_toleranced_size_with_words_over_a_plain_line_is_a_dimension() -> None:
    found = dimensions_of(PROOF, lines((100, 200, 260, 200)), text(105, 197, "165 ±10 (After twisting)"))
    assert (found["165 ±10 (After twisting)"].nominal, found["165 ±10 (After twisting)"].tol_plus) == (165.0, 10.0)


def test_a_number_with_words_over_a_plain_line_is_none() -> None:
    assert dimensions_of(PROOF, lines((100, 200, 260, 200)), text(105, 197, "165 pieces each")).keys() == {"99.9"}


def test_a_fit_may_stand_before_its_stacked_deviations() -> None:
    found = dimensions_of(dimension(100, 200, "Ø5"), text(159, 188, "H7 +0.012"), text(174.6, 197, "0"))
    assert (found["Ø5 H7 +0.012/0"].tol_plus, found["Ø5 H7 +0.012/0"].tol_minus) == (0.012, 0.0)
    assert found["Ø5 H7 +0.012/0"].fit_class == "H7"


@pytest.mark.parametrize(
    ("written", "kind", "nominal"), [("d=1.25mm", "diameter", 1.25), ("D = 8", "diameter", 8.0), ("ØM3", "thread", 3.0)])
def test_a_letter_or_a_sign_before_a_size_says_what_it_is(written: str, kind: str, nominal: float) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.marked) == (kind, nominal, True)
