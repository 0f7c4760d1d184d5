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


@pytest.mark.parametrize(
    ("written", "kind", "nominal", "count"),
    [
        ("М8", "thread", 8.0, 1),
        ("М8х1,25-6g", "thread", 8.0, 1),
        ("4 отв. М6-7Н", "thread", 6.0, 4),
        ("2 отв.Ø10Н7", "diameter", 10.0, 2),
        ("2хØ10", "diameter", 10.0, 2),
        ("1,6х45°", "chamfer", 1.6, 1),
        ("2 фаски 1х45°", "chamfer", 1.0, 2),
        ("6 HOLES Ø8", "diameter", 8.0, 6),
        ("4 Bohrungen Ø5", "diameter", 5.0, 4),
        ("3 trous Ø5", "diameter", 5.0, 3),
        ("8-M6深12", "thread", 6.0, 8),
        ("2-C1", "chamfer", 1.0, 2),
    ],
)
def test_counts_and_threads_of_other_alphabets_and_words(written: str, kind: str, nominal: float, count: int) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.count) == (kind, nominal, count)


@pytest.mark.parametrize("written", ["4 отв. 10", "6 HOLES 8", "М 1:2", "0 HOLES Ø8", "12-C3PO"])
def test_a_count_needs_a_size_with_a_sign(written: str) -> None:
    assert parse_dimension(written) is None


@pytest.mark.parametrize(
    ("written", "nominal", "tolerance"),
    [("60°30' ±15'", 60.5, 0.25), ("90° ± 30'", 90.0, 0.5), ("12°30'±1°", 12.5, 1.0), ("45°0' ±1°30'", 45.0, 1.5)])
def test_an_angle_may_have_its_tolerance_in_minutes(written: str, nominal: float, tolerance: float) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.tol_plus, parsed.tol_minus) == ("angle", nominal, tolerance, -tolerance)


@pytest.mark.parametrize(
    ("written", "kind", "fit", "plus", "minus"),
    [
        ("Ø40h6(0/-0.016)", "diameter", "h6", 0.0, -0.016),
        ("20 d9", "linear", "d9", None, None),
        ("50 h14", "linear", "h14", None, None),
        ("20 js13", "linear", "js13", None, None),
        ("Ø25 H8-f7", "diameter", "H8/f7", None, None),
        ("Ø12 k6 Ⓔ", "diameter", "k6", None, None),
    ],
)
def test_a_fit_is_read_with_what_may_stand_around_it(
    written: str, kind: str, fit: str, plus: float | None, minus: float | None
) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.fit_class, parsed.tol_plus, parsed.tol_minus) == (kind, fit, plus, minus)


@pytest.mark.parametrize("written", ["20 a4", "12 Bl2", "5A3", "7E9", "30 e27", "E27"])
def test_an_unusual_letter_behind_a_bare_number_is_no_fit(written: str) -> None:
    assert parse_dimension(written) is None


def test_a_circle_of_holes_is_known_by_its_letters() -> None:
    parsed = parse_dimension("Ø100 PCD")
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.details) == ("diameter", 100.0, {"bolt_circle": True})


@pytest.mark.parametrize(
    ("written", "count", "step", "total"),
    [("4× 25 (=100)", 4, 25.0, 100.0), ("3x20=60", 3, 20.0, 60.0), ("5 x 12,5 = 62,5", 5, 12.5, 62.5)])
def test_equal_steps_are_counted_with_their_sum(written: str, count: int, step: float, total: float) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.count, parsed.nominal, parsed.details) == ("linear", count, step, {"total": total})


@pytest.mark.parametrize("written", ["4x 25 (=90)", "3x20=61", "1x 20 (=20)", "4 x 25 (100)"])
def test_steps_with_another_sum_are_none(written: str) -> None:
    assert parse_dimension(written) is None


@pytest.mark.parametrize("written", ["6x Ø9 EQ. SP. ON Ø100 PCD", "6x Ø9 ON Ø100", "6x Ø9 auf TK 100", "6x Ø9 ON A 100 B.C."])
def test_holes_on_a_circle_say_on_which(written: str) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.count, parsed.details["on_circle"]) == ("diameter", 9.0, 6, 100.0)


def test_a_counted_size_at_a_dimension_line_may_have_a_tolerance() -> None:
    found = dimensions_of(line_between(100, 200, 240, 200), text(150, 197, "2X 10 \xb10.1"))
    assert [(one.count, one.nominal, one.tol_plus) for one in found.values()] == [(2, 10.0, 0.1)]


@pytest.mark.parametrize(
    ("written", "kind", "nominal", "qualifier"),
    [("MAX 25", "linear", 25.0, "max"), ("min. 3", "linear", 3.0, "min"),
     ("max. R0,5", "radius", 0.5, "max"), ("R max. 0,5", "radius", 0.5, "max")])
def test_a_limit_on_one_side_may_stand_ahead(written: str, kind: str, nominal: float, qualifier: str) -> None:
    parsed = parse_dimension(written)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.details["qualifier"]) == (kind, nominal, qualifier)


@pytest.mark.parametrize("written", ["MAX 25 kg", "MAX 3 PERSONS", "MINT 3"])
def test_a_limit_of_something_else_is_no_dimension(written: str) -> None:
    assert parse_dimension(written) is None


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("4X 5.5 DIA THRU, CSK 10 DIA X 90\xb0", [("hole", 5.5, 4), ("countersink", 10.0, 4)]),
        (".266 DIA THRU CBORE .438 DIA x .25 DEEP", [("hole", 0.266, 1), ("counterbore", 0.438, 1)]),
        ("5 DIA x 16 DEEP M6x1-6H x 12 DEEP", [("hole", 5.0, 1), ("thread", 6.0, 1)]),
    ],
)
def test_a_callout_in_one_line_of_words_is_several_dimensions(written: str, parts: list[tuple[str, float, int]]) -> None:
    found = dimensions_of(line_between(100, 200, 340, 200), text(110, 197, written))
    assert [(one.kind, one.nominal, one.count) for one in found.values()] == parts
