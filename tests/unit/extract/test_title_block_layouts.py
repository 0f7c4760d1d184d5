"""Blocks laid out as ISO 7200, DIN 6771, ASME Y14.1 and GOST 2.104 have them give all that stands in them, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.extract.title_blocks import (
    A4,
    A4_LANDSCAPE,
    LETTER_LANDSCAPE,
    asme_y14,
    din_6771,
    drawn,
    fields_of,
    gost_2_104,
    iso_7200,
    normals_of,
    read_drawn,
)

LAYOUTS = {
    "ISO 7200": (
        iso_7200,
        A4_LANDSCAPE,
        {
            "approved_by": "David Brown",
            "author": "Jane Smith",
            "date": "2014-05-14",
            "drawing_number": "AB123 456-7",
            "revision": "A",
            "sheet": "1/5",
            "sheets": "5",
            "title": "Apparatus plate",
        },
    ),
    "DIN 6771": (
        din_6771,
        A4_LANDSCAPE,
        {
            "author": "Keller",
            "checked_by": "Vogt",
            "date": "04.11.2019",
            "drawing_number": "DM-4711.03",
            "material": "EN-GJL-250",
            "revision": "b",
            "scale": "1:2",
            "sheet": "2",
            "title": "Getriebegehäuse",
        },
    ),
    "ASME Y14.1": (
        asme_y14,
        LETTER_LANDSCAPE,
        {
            "author": "J. DOE",
            "checked_by": "M. ROE",
            "company": "ACME INSTRUMENTS INC.",
            "date": "03/04/21",
            "drawing_number": "10-2231-01",
            "general_tolerance": ".XX ±.01; .XXX ±.005",
            "material": "6061-T6 ALUMINUM",
            "revision": "C",
            "scale": "1:1",
            "sheet": "1/2",
            "sheets": "2",
            "size": "B",
            "surface_finish": "BLACK ANODIZE",
            "title": "BRACKET, SENSOR",
            "units": "INCHES",
            "weight": "0.35 LBS",
        },
    ),
    "GOST 2.104": (
        gost_2_104,
        A4,
        {
            "author": "Иванов",
            "checked_by": "Петров",
            "company": "ООО Редуктор",
            "date": "12.05.2018",
            "drawing_number": "АБВГ.301256.012",
            "material": "Сталь 45 ГОСТ 1050-88",
            "scale": "1:2",
            "sheet": "1",
            "sheets": "2",
            "size": "A4",
            "title": "Корпус редуктора",
            "weight": "2,4",
        },
    ),
}


@pytest.mark.parametrize(("block", "size", "fields"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_block_of_a_standard_gives_its_fields(block: Callable[[], Any], size: tuple[float, float], fields: dict[str, str]) -> None:
    assert fields_of(read_drawn(block(), size=size)) == fields


def test_values_are_normalised_beside_what_is_written() -> None:
    normals = normals_of(read_drawn(asme_y14(), size=LETTER_LANDSCAPE))
    assert (normals["date"], normals["units"], normals["sheet"], normals["scale"]) == ("2021-03-04", "in", "1/2", "1:1")
    assert normals["weight"] == "158.757329 g"
    assert normals["title"] is None


def test_the_newest_row_of_a_revision_table_with_its_header_below_is_the_revision() -> None:
    revision = next(field for field in read_drawn(din_6771(), size=A4_LANDSCAPE).metadata if field.field == "revision")
    assert (revision.value, revision.method) == ("b", "title_block.revision_table")


def test_on_two_sheets_the_first_speaks_first() -> None:
    fields = read_drawn(iso_7200(), iso_7200(), size=A4_LANDSCAPE).metadata
    first, second = (field for field in fields if field.field == "drawing_number")
    assert (first.place.page_number, second.place.page_number) == (1, 2)
    assert first.confidence > second.confidence


COLUMNS = (
    ("Titre", "Levier de serrage"),
    ("Repère interne", "L-4"),
    ("Indice", "D"),
    ("Matière", "S235JR"),
    ("Numéro de plan", "KX-2210-07"),
    ("Échelle", "1:2"),
    ("Masse", "1,24 kg"),
)


def test_labels_and_values_in_two_columns_need_no_rules() -> None:
    texts = [(x, 700.0 + 12 * row, text, 7.0) for row, cells in enumerate(COLUMNS) for x, text in zip((340.0, 450.0), cells, strict=True)]
    assert fields_of(read_drawn(drawn([], texts))) == {
        "title": "Levier de serrage",
        "revision": "D",
        "material": "S235JR",
        "drawing_number": "KX-2210-07",
        "scale": "1:2",
        "weight": "1,24 kg",
    }


def test_a_far_text_on_the_row_of_one_label_is_not_its_value() -> None:
    texts = [(340.0, 700.0, "Titre", 7.0), (450.0, 700.0, "Levier de serrage", 7.0), (340.0, 724.0, "Échelle: 1:2", 7.0),
             (340.0, 736.0, "Numéro de plan: KX-2210-07", 7.0)]
    assert "title" not in fields_of(read_drawn(drawn([], texts)))


def _grid(x: float, y: float, widths: tuple[float, ...], rows: tuple[tuple[str, ...], ...]) -> tuple[list[Any], list[Any]]:
    """Cells 14 points high and the texts in them."""
    cells, texts = [], []
    for row, written in enumerate(rows):
        left, top = x, y + 14 * row
        for width, text in zip(widths, written, strict=True):
            cells.append((left, top, left + width, top + 14))
            if text:
                texts.append((left + 2, top + 10, text, 7.0))
            left += width
    return cells, texts


def test_a_cell_left_empty_to_the_right_of_its_label_is_not_filled_from_below() -> None:
    people = _grid(300, 700, (60, 60, 60), (("Designed", "Li", "2021.3.4"), ("Drawn", "Wang", "2021.3.5"), ("Approved", "", "")))
    below = _grid(300, 742, (60, 60, 60), (("Mark", "Scale", "Sheet"), ("", "1:2", "1/1")))
    fields = fields_of(read_drawn(drawn(people[0] + below[0], people[1] + below[1])))
    assert fields["author"] == "Wang"
    assert "approved_by" not in fields


def test_a_material_is_no_rival_of_the_number_in_a_corner_without_labels() -> None:
    texts = [(400.0, 740.0, "KX-2210-07", 14.0), (400.0, 760.0, "Clamp lever", 10.0), (400.0, 775.0, "1:2", 8.0), (480.0, 775.0, "A3", 8.0),
             (400.0, 790.0, "S235JR", 8.0), (500.0, 790.0, "12.03.2021", 8.0)]
    fields = fields_of(read_drawn(drawn([], texts)))
    assert (fields["drawing_number"], fields["title"]) == ("KX-2210-07", "Clamp lever")


def test_name_beside_date_heads_people_and_leaves_the_title_without_a_label() -> None:
    drew = ("", "Datum", "Name"), ("Bearb.", "02.03.2020", "Keller"), ("Gepr.", "03.03.2020", "Vogt"), ("Norm", "", "")
    people = _grid(240, 700, (40, 60, 60), drew)
    facts = _grid(400, 700, (60, 60), (("Ma\xdfstab", "1:5"), ("Werkstoff", "S235JR"), ("Gewicht", "3,5 kg")))
    names = [(240.0, 756.0, 380.0, 786.0), (380.0, 756.0, 520.0, 786.0)]
    large = [(250.0, 776.0, "Halteblech", 14.0), (385.0, 776.0, "HB-2001.4-01", 14.0)]
    assert fields_of(read_drawn(drawn([*people[0], *facts[0], *names], [*people[1], *facts[1], *large]))) == {
        "author": "Keller",
        "checked_by": "Vogt",
        "date": "02.03.2020",
        "drawing_number": "HB-2001.4-01",
        "material": "S235JR",
        "scale": "1:5",
        "title": "Halteblech",
        "weight": "3,5 kg",
    }


def test_people_may_be_columns_with_their_dates_below() -> None:
    people = _grid(240, 700, (50, 60, 60), (("", "Drawn", "Checked"), ("Name", "A. Bell", "C. Dorn"), ("Date", "02.03.2020", "03.03.2020")))
    facts = _grid(240, 742, (85, 85), (("Title", "Pump bracket"), ("Dwg No.", "PB-1002-3"), ("Scale", "1:5")))
    fields = fields_of(read_drawn(drawn(people[0] + facts[0], people[1] + facts[1])))
    assert (fields["author"], fields["checked_by"], fields["date"]) == ("A. Bell", "C. Dorn", "02.03.2020")
