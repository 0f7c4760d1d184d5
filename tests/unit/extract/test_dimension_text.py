"""The grammar of written dimensions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.dimension_text import MM_PER_UNIT, DimensionText, parse_dimension, parse_number, resolve_fit, to_mm
from pipeline.extract.model import Json


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
        ("R1/2", "thread", 0.5),
        ("R 1 1/4", "thread", 1.25),
        ('R1/2"', "radius", 0.5),
        ("SW 10", "linear", 10.0),
        ("SW=10", "linear", 10.0),
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
        ("Ø12+0.1", 0.1, 0.0),
        ("20 +0,1", 0.1, 0.0),
        ("20-0.1", 0.0, -0.1),
        ("4x Ø12 -0.05", 0.0, -0.05),
        ("20 (-.2)", 0.0, -0.2),
        ("45° +0.5°", 0.5, 0.0),
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
        "2012-05-13",
        "25-05-13",
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
        "20-1",
        "20-0",
        "2-0.8",
        "20 +0.1 -",
        "R1/5",
        "SW1",
        "SW",
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


@pytest.mark.parametrize(
    ("text", "kind", "nominal", "details"),
    [
        ("4 x Ø11,00 ↧ 20,00", "hole", 11.0, {"depth": 20.0}),
        ("⌴ Ø18,00 ↧ 12,00", "counterbore", 18.0, {"depth": 12.0}),
        ("CBORE Ø18", "counterbore", 18.0, {}),
        ("⌵ Ø5.6 X 90°", "countersink", 5.6, {"angle": 90.0}),
        ("Ø3.4 THRU", "hole", 3.4, {"through": True}),
        ("Ø5 12 DEEP", "hole", 5.0, {"depth": 12.0}),
        ("10.00 max.", "linear", 10.0, {"qualifier": "max"}),
        ("7.0 TYP", "linear", 7.0, {"qualifier": "typ"}),
        ("SØ20", "diameter", 20.0, {"spherical": True}),
        ("□10", "linear", 10.0, {"square": True}),
        ("SW 10", "linear", 10.0, {"across_flats": True}),
        ("R3/4", "thread", 0.75, {"designation": "R3/4", "thread_standard": "ISO 7-1", "series": "R"}),
        ("1x45°", "chamfer", 1.0, {"angle": 45.0}),
        ("CHAMFER 0,2", "chamfer", 0.2, {}),
        ("4 x CHAMFER 0.2", "chamfer", 0.2, {}),
        ("RADIUS 5", "radius", 5.0, {}),
        ("DIA. 12", "diameter", 12.0, {}),
        ("5x12 SLOT", "slot", 5.0, {"length": 12.0}),
        ("10 P9 x 32", "slot", 10.0, {"length": 32.0}),
        ("M6 x 12 DEEP", "thread", 6.0, {"designation": "M6", "thread_standard": "ISO 261", "depth": 12.0}),
        ("M8x1.25-6H LH", "thread", 8.0,
         {"designation": "M8x1.25-6H LH", "thread_standard": "ISO 261", "pitch": 1.25, "left_hand": True}),
        ("Tr8x2", "thread", 8.0, {"designation": "Tr8x2", "thread_standard": "ISO 2904", "pitch": 2.0}),
        ("#10-32 UNF-2B", "thread", 0.19,
         {"designation": "#10-32 UNF-2B", "thread_standard": "ASME B1.1", "series": "UNF", "threads_per_inch": 32.0}),
        ("1/4 NPT", "thread", 0.25, {"designation": "1/4 NPT", "thread_standard": "ASME B1.20.1", "series": "NPT"}),
    ],
)
def test_a_callout_gives_its_kind_and_details(text: str, kind: str, nominal: float, details: dict[str, object]) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.kind, parsed.nominal, parsed.details) == (kind, pytest.approx(nominal), details)
    assert parsed.marked


@pytest.mark.parametrize(
    ("text", "limits"),
    [("16.00/15.50", (15.5, 16.0)), ("6.5/9.5", (6.5, 9.5)), ("4xØ5.8-5.85", (5.8, 5.85)), ("R11.30/11.20", (11.2, 11.3))],
)
def test_two_limits_are_a_dimension(text: str, limits: tuple[float, float]) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert parsed.limits == limits


@pytest.mark.parametrize(
    "text", ["1/2", "5-10", "0.5-3", "12.05.2020", "3/4", "2.4/9.8", "007", "1 OF 2", "SCALE 1:2", "A-A", "400V", "3 PLACES"])
def test_what_only_looks_like_limits_or_a_size_gives_nothing(text: str) -> None:
    assert parse_dimension(text) is None


@pytest.mark.parametrize(
    ("text", "nominal", "unit"),
    [("25.4 [1.00]", 25.4, "mm"), ("1.00 [25.4]", 1.0, "in"), ("470±5mm", 470.0, "mm"), ("5'-3 1/2\"", 63.5, "in"), ("R=3mm", 3.0, "mm")],
)
def test_the_unit_is_read_where_it_is_written_or_follows(text: str, nominal: float, unit: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.nominal, parsed.unit) == (nominal, unit)


def test_only_a_single_fit_on_a_size_in_millimetres_is_resolved() -> None:
    texts = ("Ø20 H7", "20 g6", "Ø12 H7/k6", "Ø20 H7 +0.1/0", "Ø20")
    parsed = [parse_dimension(text) for text in texts]
    assert [resolve_fit(one) for one in parsed if one is not None] == [(0.021, 0.0), (-0.007, -0.02), None, None, None]


SIZES = st.tuples(st.integers(1, 999), st.integers(0, 99)).map(lambda parts: f"{parts[0]}.{parts[1]:02d}")
SMALL = st.integers(1, 90).map(lambda hundredths: f"0.{hundredths:02d}")
PREFIXES = {"": "linear", "Ø": "diameter", "R": "radius", "SR": "radius"}


@st.composite
def written(draw: st.DrawFn) -> tuple[str, DimensionText]:
    """A dimension as drawings write it, and what it says."""
    prefix, size, count = draw(st.sampled_from(sorted(PREFIXES))), draw(SIZES), draw(st.integers(1, 40))
    unit = draw(st.sampled_from([None, "mm"]))
    upper, lower, form = draw(SMALL), draw(SMALL), draw(st.sampled_from(["none", "plus-minus", "ascii", "pair", "stacked", "zero"]))
    tolerances = {
        "none": ("", None, None), "plus-minus": (f" ±{upper}", float(upper), -float(upper)),
        "ascii": (f" +/-{upper}", float(upper), -float(upper)), "pair": (f" +{upper}/-{lower}", float(upper), -float(lower)),
        "stacked": (f" +{upper} -{lower}", float(upper), -float(lower)), "zero": (f" +{upper}/0", float(upper), 0.0),
    }
    tolerance, plus, minus = tolerances[form]
    if not prefix:
        count = 1  # '4x 20' may be a plate
    body = f"{prefix}{draw(st.sampled_from(['', ' ']))}{size}{unit or ''}{tolerance}"
    comma = draw(st.booleans())
    sign = draw(st.sampled_from(["x", " x ", "× ", "X"]))
    text = (f"{count}{sign}" if count > 1 else "") + (body.replace(".", ",") if comma else body)
    is_reference = draw(st.booleans()) and form == "none"
    details: dict[str, Json] = {"spherical": True} if prefix == "SR" else {}
    said = DimensionText(
        PREFIXES[prefix], float(size), unit, plus, minus, None, count, is_reference, bool(prefix or tolerance), details=details)
    return (f"({text})" if is_reference and count == 1 else f"{text} REF" if is_reference else text), said


@given(written())
def test_what_is_written_is_read_back(example: tuple[str, DimensionText]) -> None:
    text, said = example
    parsed = parse_dimension(text)
    assert parsed is not None
    if not text.endswith("REF"):
        assert parsed.marked == said.marked
    assert replace(parsed, marked=False) == replace(said, marked=False)


@given(SIZES, st.sampled_from([*MM_PER_UNIT]))
def test_lengths_come_back_from_millimetres(size: str, unit: str) -> None:
    value = float(size)
    in_mm = to_mm(value, unit)
    assert in_mm is not None
    assert in_mm / MM_PER_UNIT[unit] == pytest.approx(value)


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is None or parsed.nominal >= 0


@given(st.text(alphabet="0123456789Ø±+-/.,xX R M°()HhgG'\"⌴↧", max_size=30))
def test_any_text_of_drawing_characters_is_read_or_refused_without_an_error(text: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is None or parsed.count >= 1


@pytest.mark.parametrize(("text", "count", "insert"), [("4-S-M3", 4, "S"), ("CLS-M4-2", 1, "CLS"), ("2x SO-M3-8", 2, "SO")])
def test_a_clinched_nut_is_a_thread(text: str, count: int, insert: str) -> None:
    parsed = parse_dimension(text)
    assert parsed is not None
    assert (parsed.kind, parsed.count, parsed.details["insert"]) == ("thread", count, insert)


@pytest.mark.parametrize("text", ["AB-M3", "S-M", "S-3", "B-S-M3"])
def test_other_codes_with_an_m_are_no_thread(text: str) -> None:
    assert parse_dimension(text) is None
