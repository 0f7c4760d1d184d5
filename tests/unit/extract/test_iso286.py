"""Fits resolved by the tables of ISO 286."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.iso286 import fit_deviations, standard_tolerance

GRADES = [str(grade) for grade in range(1, 19)]
SIZES = st.floats(min_value=0.1, max_value=500, allow_nan=False)


@pytest.mark.parametrize(
    ("nominal", "fit", "upper", "lower"),
    [
        (20, "H7", 0.021, 0.0),
        (20, "g6", -0.007, -0.020),
        (50, "h6", 0.0, -0.016),
        (30, "k6", 0.015, 0.002),
        (20, "K7", 0.006, -0.015),
        (20, "M7", 0.0, -0.021),
        (20, "N7", -0.007, -0.028),
        (20, "P7", -0.014, -0.035),
        (20, "N9", 0.0, -0.052),
        (2, "P7", -0.006, -0.016),
        (12, "H7", 0.018, 0.0),
        (6, "H8", 0.018, 0.0),
        (10, "f7", -0.013, -0.028),
        (40, "f7", -0.025, -0.050),
        (60, "e8", -0.060, -0.106),
        (25, "JS7", 0.0105, -0.0105),
        (25, "js6", 0.0065, -0.0065),
        (25, "J7", 0.012, -0.009),
        (25, "j6", 0.009, -0.004),
        (45, "m6", 0.025, 0.009),
        (45, "n6", 0.033, 0.017),
        (100, "p6", 0.059, 0.037),
        (100, "r6", 0.073, 0.051),
        (110, "s6", 0.101, 0.079),
        (70, "H11", 0.190, 0.0),
        (300, "M6", -0.009, -0.041),
        (500, "h5", 0.0, -0.027),
        (8, "D10", 0.098, 0.040),
        (3, "k6", 0.006, 0.0),
        (30, "k9", 0.052, 0.0),
    ],
)
def test_a_fit_has_the_deviations_of_the_standard(nominal: float, fit: str, upper: float, lower: float) -> None:
    assert fit_deviations(nominal, fit) == (pytest.approx(upper), pytest.approx(lower))


@pytest.mark.parametrize(
    ("nominal", "fit"),
    [(0, "H7"), (501, "H7"), (20, "H7/g6"), (20, "H19"), (20, "Q7"), (0.8, "A11"), (4, "t6"), (20, "K9")],
)
def test_what_the_tables_do_not_cover_has_no_deviations(nominal: float, fit: str) -> None:
    assert fit_deviations(nominal, fit) is None


@given(nominal=SIZES, letter=st.sampled_from("defghmnprsuxz"), grade=st.sampled_from(GRADES))
def test_the_deviations_lie_one_standard_tolerance_apart(nominal: float, letter: str, grade: str) -> None:
    for fit in (letter + grade, letter.upper() + grade):
        deviations = fit_deviations(nominal, fit)
        assert deviations is not None
        assert (deviations[0] - deviations[1]) * 1000 == pytest.approx(standard_tolerance(nominal, grade), abs=2e-3)


@given(nominal=SIZES, letter=st.sampled_from("defgh"), grade=st.sampled_from(GRADES))
def test_clearance_holes_mirror_clearance_shafts(nominal: float, letter: str, grade: str) -> None:
    shaft, hole = fit_deviations(nominal, letter + grade), fit_deviations(nominal, letter.upper() + grade)
    assert shaft is not None
    assert hole is not None
    assert (hole[1], hole[0]) == (pytest.approx(-shaft[0]), pytest.approx(-shaft[1]))


@given(nominal=SIZES, grade=st.sampled_from(GRADES))
def test_a_coarser_grade_is_wider(nominal: float, grade: str) -> None:
    if grade != "18":
        assert standard_tolerance(nominal, grade) < standard_tolerance(nominal, str(int(grade) + 1))


@given(letter=st.sampled_from("kmnprsuxz"), grade=st.sampled_from(["5", "6", "7"]), sizes=st.tuples(SIZES, SIZES))
def test_interference_grows_with_the_size(letter: str, grade: str, sizes: tuple[float, float]) -> None:
    small, large = (fit_deviations(size, letter + grade) for size in sorted(sizes))
    assert small is not None
    assert large is not None
    assert large[0] >= small[0]
