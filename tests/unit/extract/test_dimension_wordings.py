"""Dimensions as single offices and countries write them: inches with words, Cyrillic letters, counts of holes in words."""

from __future__ import annotations

import pytest

from pipeline.extract.dimension_text import parse_dimension
from tests.unit.extract.dimensioned import dimensions_of, line_between, text


@pytest.mark.parametrize(
    ("written", "kind", "nominal", "count"),
    [
        (".250 DIA", "diameter", 0.25, 1),
        ("4X .250 DIA. THRU", "hole", 0.25, 4),
        (".06 R TYP", "radius", 0.06, 1),
        (".250 ±.005 DIA", "diameter", 0.25, 1),
        ("DRILL .375", "hole", 0.375, 1),
        ("C'BORE .750 DIA x .25 DEEP", "counterbore", 0.75, 1),
        ("45° X .06", "chamfer", 0.06, 1),
        (".06 X 45° CHAM", "chamfer", 0.06, 1),
        ("4X 1/4-20 UNC-2B", "thread", 0.25, 4),
        ("3X 120°", "angle", 120.0, 3),
    ],
)
def test_a_size_in_inches_may_have_its_kind_in_words(written: str, kind: str, nominal: float, count: int) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.count, parsed.marked) == (kind, pytest.approx(nominal), count, True)


@pytest.mark.parametrize("written", ["10 R", "FULL R", "20x30 DIN", "MEDIA", "45° X"])
def test_a_letter_or_a_word_alone_makes_no_size(written: str) -> None:
    assert parse_dimension(written) is None


@pytest.mark.parametrize("written", [".505/.495", ".505-.495", "Ø.505/.495"])
def test_limits_in_inches_have_no_zero_before_the_point(written: str) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert parsed.limits == (0.495, 0.505)


def test_stacked_limits_in_inches_are_one_dimension() -> None:
    found = dimensions_of(line_between(100, 200, 240, 200), text(150, 195, ".505"), text(150, 205, ".495"))
    assert [one.details["limits"] for one in found.values()] == [[0.495, 0.505]]
