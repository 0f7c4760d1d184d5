"""Named values of notes and tables."""

from __future__ import annotations

from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.model import Place
from pipeline.extract.parameters import find_parameters, in_si, name_key, read_amount
from pipeline.extract.pdf import read_pdf
from pipeline.extract.sheet import TextLine


def parameters_of(*texts: str) -> list[tuple[str, str, float | None, str | None]]:
    lines = [TextLine(text, (0.0, 10.0 * y, 99.0, 10.0 * y + 8), Place(1)) for y, text in enumerate(texts)]
    return [(one.name, one.value, one.value_number, one.unit) for one in find_parameters(lines)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HARDNESS: 58-62 HRC", ("HARDNESS", "58-62 HRC", None, "HRC")), ("WEIGHT 2.3 kg", ("WEIGHT", "2.3 kg", 2.3, "kg")),
        ("Torque = 12 Nm", ("Torque", "12 Nm", 12.0, "Nm")), ("2. Test voltage:DC300V;", ("Test voltage", "DC300V", 300.0, "V")),
        ("3. Insulation resistance:10MΩ", ("Insulation resistance", "10MΩ", 10.0, "MΩ")),
        ("硬度：45-50HRC", ("硬度", "45-50HRC", None, "HRC")),
        ("Max. pressure 10 bar", ("Max. pressure", "10 bar", 10.0, "bar")), ("Number of teeth = 24", ("Number of teeth", "24", 24.0, None)),
        ("Leckrate: 0,5 l/min", ("Leckrate", "0,5 l/min", 0.5, "l/min")),
        ("Spring rate: 1,25 N/mm", ("Spring rate", "1,25 N/mm", 1.25, "N/mm")),
    ],
)  # fmt: skip
def test_notes_with_a_name_a_number_and_a_unit_are_read(text: str, expected: tuple[Any, ...]) -> None:
    assert parameters_of(text) == [expected]


@pytest.mark.parametrize(
    "text",
    ["SCALE: 1:2", "DATE: 12.03.2020", "SHEET: 1", "Length: 30 mm", "UNIT: MM", "All bends 90 deg", "see page: 3", "the weight is 4 kg",
    "12:30 h", "T = 3", "Note: see 5",
     "Weight: 1,000 g", "Phone: 0123 456", "Hardness", "HARDNESS: as agreed", "Ratio = 3", "a: b"],
)  # fmt: skip
def test_prose_dimensions_and_title_block_fields_give_nothing(text: str) -> None:
    assert parameters_of(text) == []


def test_the_same_value_printed_twice_is_one() -> None:
    assert len(parameters_of("WEIGHT 2.3 kg", "WEIGHT 2.3 kg", "WEIGHT 2.4 kg")) == 2


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (10.0, "Ncm", (0.1, "Nm")), (10.0, "bar", (1.0, "MPa")), (250.0, "g", (0.25, "kg")), (212.0, "°F", (100.0, "°C")),
        (2.0, "in", (50.8, "mm")),
        (60.0, "HRC", (60.0, "HRC")), (5.0, "MΩ", (5e6, "Ω")), (5.0, "mΩ", (0.005, "Ω")), (5.0, "furlong", (None, None)),
        (None, "kg", (None, None)), (5.0, None, (None, None)),
    ],
)  # fmt: skip
def test_values_are_compared_in_one_unit_of_their_kind(number: float | None, unit: str | None, expected: tuple[Any, ...]) -> None:
    value, sign = in_si(number, unit)
    assert (value, sign) == (pytest.approx(expected[0]) if expected[0] is not None else None, expected[1])


def test_names_of_all_languages_have_one_key() -> None:
    assert {name_key(name) for name in ("HARDNESS", "Härte", "dureté", "твердость", "硬度")} == {"hardness"}
    assert name_key("Leck-Rate") == "leck rate"


@given(st.floats(0.001, 99_999).map(lambda value: round(value, 3)), st.sampled_from(["kg", "Nm", "bar", "°C", "HRC", "V", "µm",
"mm²"]), st.booleans())
def test_every_number_is_read_back_with_point_and_with_comma(number: float, unit: str, comma: bool) -> None:
    text = f"{number:.3f}".replace(".", ",") if comma else f"{number:.3f}"
    amount = read_amount(f"{text} {unit}")
    is_thousands = comma and number < 1000  # 1,250 may be a thousand and a quarter, or one and a quarter
    if is_thousands:
        assert amount is None
    else:
        assert amount is not None
        assert (amount.number, amount.unit) == (pytest.approx(number, abs=1e-3), unit)


@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar_and_a_value_reads_as_itself(text: str) -> None:
    amount = read_amount(text)
    assert amount is None or read_amount(amount.text) == amount
    parameters_of(text)


def test_rows_of_a_table_with_a_name_and_a_value_are_read() -> None:
    rows = [("MODULE", "2"), ("NUMBER OF TEETH", "24"), ("PRESSURE ANGLE", "20°"), ("BACKLASH", "see note")]
    with pymupdf.open() as document:
        page = document.new_page()
        for index, row in enumerate(rows):
            for column, text in enumerate(row):
                left, top = 50 + 120 * column, 50 + 18 * index
                page.draw_rect(pymupdf.Rect(left, top, left + 120, top + 18))
                page.insert_text((left + 4, top + 12), text, fontsize=8)
        found = read_pdf(document.tobytes()).parameters
    assert [(one.name, one.value, one.unit, one.source) for one in found] == [
        ("MODULE", "2", None, "table"), ("NUMBER OF TEETH", "24", None, "table"), ("PRESSURE ANGLE", "20°", "°", "table")]  # fmt: skip
    assert found[0].place.bbox is not None


HOLES = [["TAG", "X LOC", "Y LOC", "SIZE"], ["A1", "10", "20", "Ø5 THRU"], ["A2", "30", "20", "Ø5 THRU"], ["B1", "40", "25,5", "M6"]]


def table_of(rows: list[list[str]]) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page()
        for index, row in enumerate(rows):
            for column, text in enumerate(row):
                left, top = 50 + 80 * column, 50 + 18 * index
                page.draw_rect(pymupdf.Rect(left, top, left + 80, top + 18))
                page.insert_text((left + 4, top + 12), text, fontsize=8)
        return bytes(document.tobytes())


def test_the_cells_of_a_hole_table_are_values_named_by_their_hole() -> None:
    drawing = read_pdf(table_of(HOLES))
    found = {one.name: (one.value, one.value_number) for one in drawing.parameters}
    assert len(found) == 9
    assert found["A1 SIZE"] == ("Ø5 THRU", None)
    assert found["B1 Y LOC"] == ("25,5", 25.5)
    assert drawing.bom_items == ()


@pytest.mark.parametrize("rows", [
    [["REV", "DESCRIPTION", "DATE"], ["A", "first", "1.2.2020"]],
    [["TAG", "X LOC", "Y LOC"], ["A1", "10", "20"], ["A1", "10", "20"]],
    [["TAG", "X LOC", "Y LOC"], ["a whole sentence here", "10", "20"]],
])  # fmt: skip
def test_other_tables_give_no_holes(rows: list[list[str]]) -> None:
    assert read_pdf(table_of(rows)).parameters == ()
