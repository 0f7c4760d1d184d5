"""The grammar of written dimensions."""

from __future__ import annotations

import pytest

from pipeline.extract.dimension_text import parse_dimension, parse_number, to_mm


@pytest.mark.parametrize(
    ("text", "kind", "nominal"),
    [
        ("Ø12", "diameter", 12.0),
        ("⌀ 12,5", "diameter", 12.5),
        ("R5", "radius", 5.0),
        ("R10,00", "radius", 10.0),
        ("M8x1.25", "thread", 8.0),
        ("M8", "thread", 8.0),
        ("1/4-20 UNC", "thread", 0.25),
        ("G1/2", "thread", 0.5),
        ("45°", "angle", 45.0),
        ("45°30'", "angle", 45.5),
        ("2x45°", "chamfer", 2.0),
        ("C0.5", "chamfer", 0.5),
        ("20,00", "linear", 20.0),
        ('2 1/2"', "linear", 2.5),
        ("1,234.5", "linear", 1234.5),
    ],
)
def test_a_dimension_gives_its_kind_and_nominal(text: str, kind: str, nominal: float) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal) == (kind, pytest.approx(nominal))


@pytest.mark.parametrize(
    ("text", "plus", "minus"),
    [
        ("25.4 ±0.1", 0.1, -0.1),
        ("60.00 +/-0.10", 0.1, -0.1),
        ("Ø6.60 +0.40/-0.10", 0.4, -0.1),
        ("4.00 (+0.10/-0.20)", 0.1, -0.2),
        ("35.00 0.00/-0.20", 0.0, -0.2),
        ("12 +0,05 0", 0.05, 0.0),
        ("Ø12 -0.1/-0.3", -0.1, -0.3),
    ],
)
def test_tolerances_are_signed_and_in_order(text: str, plus: float, minus: float) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.tol_plus, parsed.tol_minus) == (pytest.approx(plus), pytest.approx(minus))


@pytest.mark.parametrize(
    ("text", "fit"), [("Ø12 H7", "H7"), ("Ø12 H7/g6", "H7/g6"), ("12h6", "h6"), ("20 H8", "H8"), ("M8-6H", "6H")]
)
def test_fits_are_read(text: str, fit: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert parsed.fit_class == fit


@pytest.mark.parametrize(
    ("text", "count", "kind"),
    [
        ("4x Ø6.60 +0.40/-0.10", 4, "diameter"),
        ("2xØ8,80 H8", 2, "diameter"),
        ("4 x M8", 4, "thread"),
        ("2x 1x45°", 2, "chamfer"),
        ("2x45°", 1, "chamfer"),
    ],
)
def test_a_count_is_told_from_a_size(text: str, count: int, kind: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.count, parsed.kind) == (count, kind)


@pytest.mark.parametrize("text", ["(35.5)", "35.5 REF", "35.5 (REF)"])
def test_reference_dimensions_are_marked(text: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert parsed.is_reference
    assert parsed.nominal == 35.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12-05-2013",
        "23.09.2014",
        "UR10",
        "1:2",
        "20x30",
        "5A3",
        "7E9",
        "H7",
        "A4",
        "25°C",
        "-40°",
        "400°",
        '1/0"',
        "Ø",
        "R",
        "3+4",
        "1-2",
        "2018-1",
        "see M8 bolt",
        "9" * 81,
        "1011-A2P-A",
        "12 V",
        "R5C3",
    ],
)
def test_what_is_no_dimension_gives_nothing(text: str) -> None:
    assert parse_dimension(text) is None


def test_a_bare_number_is_not_marked_as_a_dimension() -> None:
    bare, marked = parse_dimension("12.5"), parse_dimension("Ø12.5")
    assert bare is not None
    assert marked is not None
    assert (bare.marked, marked.marked) == (False, True)


@pytest.mark.parametrize(
    ("value", "unit", "mm"),
    [(1.0, "in", 25.4), (2.0, "m", 2000.0), (45.0, "deg", 45.0), (3.0, None, None), (None, "mm", None), (1.0, "?", None)],
)
def test_values_are_turned_into_mm_only_where_the_unit_is_known(value: float | None, unit: str | None, mm: float | None) -> None:
    assert to_mm(value, unit) == mm


def test_a_comma_is_a_decimal_mark_unless_it_groups_thousands() -> None:
    assert [parse_number(text) for text in ("1,5", "1.5", "1,234.5", "3/4", "2 1/2")] == [1.5, 1.5, 1234.5, 0.75, 2.5]
