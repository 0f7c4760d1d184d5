"""Sizes in mm, their bounds, and units that the row itself does not show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.dimension_values import SheetUnit, Shown, sheet_unit, unit_named, values_of
from pipeline.extract.model import Json

PLAIN = Shown("linear", 12.0, "mm", 12.0, None, None, None, {})
MM, INCH = SheetUnit("mm", "sheet"), SheetUnit("in", "header")


def shown(**changes: object) -> Shown:
    return PLAIN._replace(**changes)


@pytest.mark.parametrize(("row", "low", "high"), [
    pytest.param(shown(), 12.0, 12.0, id="no tolerance: the value itself"),
    pytest.param(shown(tol_plus=0.2, tol_minus=-0.1), 11.9, 12.2, id="plus and minus"),
    pytest.param(shown(tol_plus=0.4, tol_minus=0.1), 12.1, 12.4, id="both above the nominal"),
    pytest.param(shown(tol_minus=-0.3), 11.7, 12.0, id="one deviation, the other is zero"),
    pytest.param(shown(unit="in", nominal=1.0, value_mm=25.4, tol_plus=0.01, tol_minus=-0.01), 25.146, 25.654, id="inch"),
    pytest.param(shown(nominal=None, value_mm=None, details={"limits": [16.0, 15.5]}), 15.5, 16.0, id="limits in either order"),
    pytest.param(shown(fit_class="H7"), 12.0, 12.018, id="a fit by its table"),
    pytest.param(shown(fit_class="H7", tol_plus=0.5, tol_minus=0.0), 12.0, 12.5, id="a fit whose deviations the sheet states"),
    pytest.param(shown(fit_class="H7/g6"), 12.0, 12.0, id="a pair of fits is no tolerance"),
    pytest.param(shown(kind="thread", fit_class="6H"), 12.0, 12.0, id="a thread's class is no fit"),
    pytest.param(shown(details={"qualifier": "max"}), 0.0, 12.0, id="max"),
    pytest.param(shown(details={"qualifier": "min"}), 12.0, None, id="min is open above"),
    pytest.param(shown(details={"limits": "15.5/16"}), 12.0, 12.0, id="limits that are no numbers"),
    pytest.param(shown(unit=None, tol_plus=0.1), None, None, id="a tolerance in an unknown unit"),
])
def test_bounds(row: Shown, low: float | None, high: float | None) -> None:
    found = values_of(row, None)
    assert (found.value_min_mm, found.value_max_mm) == (pytest.approx(low), pytest.approx(high))


def test_a_row_without_a_unit_takes_the_sheets_and_says_so() -> None:
    found = values_of(shown(unit=None, nominal=2.0, value_mm=None, tol_plus=0.1, tol_minus=-0.1), INCH)
    assert (found.value_mm, found.value_min_mm, found.value_max_mm) == pytest.approx((50.8, 48.26, 53.34))
    assert found.details == {"unit_source": "header", "unit_inferred": "in"}


def test_limits_and_nothing_else_take_the_sheets_unit_too() -> None:
    limits = shown(unit=None, nominal=None, value_mm=None, details={"limits": [1.0, 2.0]})
    assert values_of(limits, INCH)[:3] == (None, 25.4, 50.8)
    assert values_of(shown(unit=None, nominal=None, value_mm=None), INCH).details == {}


def test_a_unit_that_the_row_shows_is_never_overruled() -> None:
    found = values_of(PLAIN, INCH)
    assert (found.value_mm, found.details) == (12.0, {})


@pytest.mark.parametrize(("kind", "nominal", "value"), [("angle", 45.0, 45.0), ("thread", 8.0, None)])
def test_angles_and_threads_do_not_follow_the_sheet(kind: str, nominal: float, value: float | None) -> None:
    assert values_of(shown(kind=kind, unit=None, nominal=nominal, value_mm=None), INCH).value_mm == value


def test_an_older_guess_gives_way_to_what_is_known_now() -> None:
    guessed = values_of(shown(unit=None, value_mm=None), SheetUnit("mm", "project"))
    again = shown(unit=None, value_mm=guessed.value_mm, details=guessed.details)
    assert values_of(again, INCH).value_mm == pytest.approx(304.8)
    assert values_of(again, None)[:3] == (None, None, None)
    assert values_of(again, None).details == {}


@given(st.sampled_from(["linear", "diameter", "angle", "thread", "hole"]), st.none() | st.floats(0, 1e5),
       st.sampled_from([None, "mm", "in", "deg", "furlong"]), st.none() | st.floats(-10, 10), st.none() | st.floats(-10, 10),
       st.sampled_from([None, "H7", "g6", "6H", "H7/g6"]),
       st.sampled_from([{}, {"qualifier": "max"}, {"limits": [1, 2]}, {"limits": [1]}]), st.sampled_from([None, MM, INCH]))
def test_values_are_the_same_the_second_time_and_lie_within_their_bounds(
        kind: str, nominal: float | None, unit: str | None, plus: float | None, minus: float | None, fit: str | None,
        details: dict[str, Json], sheet: SheetUnit | None) -> None:
    first = values_of(Shown(kind, nominal, unit, None, plus, minus, fit, details), sheet)
    again = values_of(Shown(kind, nominal, unit, first.value_mm, plus, minus, fit, first.details), sheet)
    assert again == first
    if first.value_min_mm is not None and first.value_max_mm is not None:
        assert first.value_min_mm <= first.value_max_mm


@pytest.mark.parametrize(("text", "unit"), [
    ("mm", "mm"), ("Millimeters", "mm"), ("ALL DIMENSIONS IN MM", "mm"), ("Maße in Millimeter", "mm"), ("inches", "in"),
    ("in.", "in"), ("INCH [mm]", None),
    ("мм", "mm"), ("毫米", "mm"), ('"', "in"), ("dimensions en millimètres", "mm"), ("none", None), ("summit inn", None)])
def test_units_are_told_by_their_names(text: str, unit: str | None) -> None:
    assert unit_named(text) == unit


@pytest.mark.parametrize(("fields", "header", "rows", "expected"), [
    pytest.param([("units", "mm")], "in", [], SheetUnit("mm", "sheet"), id="the title block before the header"),
    pytest.param([("units", "mm"), ("units", "inch")], None, [], None, id="two pages, two units"),
    pytest.param([], "in", [("linear", "mm")], SheetUnit("in", "header"), id="the header before the rows"),
    pytest.param([("general_tolerance", "ISO 2768-mK")], None, [], SheetUnit("mm", "general_tolerance"), id="an ISO tolerance is in mm"),
    pytest.param([("general_tolerance", "±.005")], None, [], None, id="a tolerance of no standard says nothing"),
    pytest.param([], None, [("linear", "mm"), ("angle", "deg"), ("thread", "in")], SheetUnit("mm", "file"), id="the rows agree"),
    pytest.param([], None, [("linear", "mm"), ("linear", "in")], None, id="mixed sheets say nothing"),
])
def test_where_a_sheets_unit_comes_from(
        fields: list[tuple[str, str]], header: str | None, rows: list[tuple[str, str | None]], expected: SheetUnit | None) -> None:
    assert sheet_unit(fields, header, rows) == expected
