"""A sheet without ruled cells says what it is in a few lines set together."""

from __future__ import annotations

import pytest

from pipeline.extract.materials import is_material_name
from tests.unit.extract.title_blocks import A4_LANDSCAPE, Text, drawn, fields_of, normals_of, read_drawn

LINES = (
    "Idler Wheel GT5 Z20 - 21.8.2021",
    "Aluminium 6082",
    "turned from 30 mm round bar",
    "A4 Drawing - Scale 4:1",
    "Dimensions in millimeters",
    "Small Robot Workshop",
    "https://small-robot-workshop.example.org/",
)


def stacked(lines: tuple[str, ...], *, x: float = 400.0, y: float = 400.0, size: float = 14.0) -> list[Text]:
    return [(x, y + 1.4 * size * index, line, size) for index, line in enumerate(lines)]


def read(lines: tuple[str, ...]) -> dict[str, str]:
    return fields_of(read_drawn(drawn([], stacked(lines)), size=A4_LANDSCAPE))


def test_each_part_of_a_text_block_is_known_by_its_form() -> None:
    drawing = read_drawn(drawn([], stacked(LINES)), size=A4_LANDSCAPE)

    assert fields_of(drawing) == {
        "company": "Small Robot Workshop",
        "date": "21.8.2021",
        "material": "Aluminium 6082",
        "scale": "4:1",
        "size": "A4",
        "title": "Idler Wheel GT5 Z20",
        "units": "millimeters",
    }
    assert normals_of(drawing)["date"] == "2021-08-21"


def test_the_box_of_a_part_is_narrower_than_its_line() -> None:
    drawing = read_drawn(drawn([], stacked(LINES)), size=A4_LANDSCAPE)
    boxes = {field.field: field.place.bbox for field in drawing.metadata}

    title, date = boxes["title"], boxes["date"]
    assert title is not None
    assert date is not None
    assert title[0] + 50 < date[0]
    assert title[2] < date[2]


def test_a_german_text_block_is_read_by_the_same_rules() -> None:
    fields = read(("Halter links", "Edelstahl", "Blattgröße wie gezeigt", "A3 - Maßstab 1:2", "12.03.2020"))

    assert fields["title"] == "Halter links"
    assert (fields["scale"], fields["size"], fields["date"], fields["material"]) == ("1:2", "A3", "12.03.2020", "Edelstahl")


def test_a_company_above_is_not_the_title() -> None:
    fields = read(("Northside Tools Ltd.", "Clamp arm", "A4 - Scale 2:1 - 3.4.2019"))

    assert (fields["company"], fields["title"]) == ("Northside Tools Ltd.", "Clamp arm")


@pytest.mark.parametrize(
    "lines",
    [
        ("SECTION A-A", "SCALE 2:1"),
        ("DETAIL B", "SCALE 2:1", "DIMENSIONS IN MM", "12.03.2020"),
        ("The model is shown at", "a scale of 1:2 beside the", "others of this book"),
        ("Clamp arm", "Scale 2:1"),
    ],
)
def test_lines_that_say_too_little_are_no_text_block(lines: tuple[str, ...]) -> None:
    assert read(lines) == {}


def test_two_text_blocks_on_one_sheet_give_nothing() -> None:
    """Which of them speaks for the sheet is not known."""
    texts = [*stacked(("Arm", "A4 - Scale 1:2", "1.2.2020")), *stacked(("Foot", "A4 - Scale 1:5", "1.2.2020"), x=60.0)]

    assert fields_of(read_drawn(drawn([], texts), size=A4_LANDSCAPE)) == {}


@pytest.mark.parametrize("text", ["Aluminium 7075", "Stainless steel", "EN AW-6082 T6", "2 mm steel", "Black anodized aluminium"])
def test_a_material_alone_is_a_material_name(text: str) -> None:
    assert is_material_name(text)


@pytest.mark.parametrize("text", ["Steel bracket", "for aluminium profiles", "3mm polycarbonate sheets", "Codewheel", "7075 pieces", ""])
def test_words_about_a_part_are_no_material_name(text: str) -> None:
    assert not is_material_name(text)
