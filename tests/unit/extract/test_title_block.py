"""Rules of the title block one by one, on lines and rules put down by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.extract.grid import Line, make_grid, rectangle_edges
from pipeline.extract.model import MetadataField, Place
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block import TitleBlock, find_title_block
from pipeline.extract.title_block.places import part_of

SIZE = (842.0, 595.0)
Written = tuple[float, float, str] | tuple[float, float, str, float]


def text_line(x: float, y: float, text: str, height: float = 8.0) -> TextLine:
    box = (x, y, x + 0.55 * height * len(text), y + height)
    return TextLine(text, box, Place(1, box))


def block_of(
    texts: Sequence[Written], cells: Sequence[Line] = (), *, size: tuple[float, float] = SIZE, tolerant: bool = False
) -> TitleBlock:
    """The block found among texts (x, y of the upper left corner, text, height) and ruled cells."""
    grid = make_grid((edge for cell in cells for edge in rectangle_edges(*cell)), min_length=5, tolerance=0.5)
    return find_title_block([text_line(*text) for text in texts], lambda: grid, size, tolerant=tolerant)


def values(block: TitleBlock) -> dict[str, str]:
    return {field.field: field.value for field in block.fields}


def field_of(block: TitleBlock, name: str) -> MetadataField:
    return next(field for field in block.fields if field.field == name)


CELLS = (
    (600.0, 500.0, 720.0, 530.0),
    (720.0, 500.0, 830.0, 530.0),
    (600.0, 530.0, 680.0, 560.0),
    (680.0, 530.0, 760.0, 560.0),
    (760.0, 530.0, 830.0, 560.0),
)
TEXTS: tuple[Written, ...] = (
    (603, 502, "Title", 5),
    (612, 513, "Bearing cover"),
    (723, 502, "Drawing no.", 5),
    (730, 513, "DM-100"),
    (603, 532, "Scale", 5),
    (612, 543, "1:2"),
    (683, 532, "Material", 5),
    (690, 543, "POM"),
    (763, 532, "Rev", 5),
    (775, 543, "B"),
)


def test_the_region_is_the_box_of_the_blocks_cells() -> None:
    assert block_of(TEXTS, CELLS).region == (600, 500, 830, 560)


def test_a_region_takes_in_the_cell_of_a_logo_on_top_but_no_view() -> None:
    view: Line = (20, 20, 590, 480)
    block = block_of([*TEXTS, (640, 470, "NORTHWIND", 20), (300, 200, "25.4")], [*CELLS, (600, 450, 830, 500), view])
    assert block.region == (600, 450, 830, 560)
    assert field_of(block, "company").value == "NORTHWIND"


def test_a_note_that_lines_of_the_drawing_happen_to_enclose_is_no_cell_of_the_block() -> None:
    """A dimension line above it and the frame make a wide cell of what is none."""
    texts = [*TEXTS, (50, 530, "Surface treatment: anodized", 12)]
    block = block_of(texts, [*CELLS, (30, 440, 600, 560)])
    assert values(block)["surface_treatment"] == "anodized"
    assert block.region == (600.0, 500.0, 830.0, 560.0)


def test_a_large_text_with_a_caption_in_its_cell_is_no_company() -> None:
    block = block_of([*TEXTS, (640, 472, "NORTHWIND", 20), (603, 452, "Building site", 5)], [*CELLS, (600, 450, 830, 500)])
    assert "company" not in values(block)


@pytest.mark.parametrize("placeholder", ["_", "****", "-----", "N/A", "<MATERIAL>", "Material <not specified>", "........", "TBD", "{MAT}"])
def test_a_placeholder_is_no_value(placeholder: str) -> None:
    texts = [(x, y, placeholder if text == "POM" else text, *rest) for x, y, text, *rest in TEXTS]
    assert "material" not in values(block_of(texts, CELLS))


def test_a_value_stands_above_a_label_at_the_foot_of_its_cell() -> None:
    texts = [(603, 522, "Title", 5), (612, 506, "Bearing cover"), *TEXTS[2:]]
    block = block_of(texts, CELLS)
    assert (field_of(block, "title").value, field_of(block, "title").method) == ("Bearing cover", "title_block.same_cell_above")


def test_texts_of_two_cells_that_came_as_one_line_are_parted_at_the_rule() -> None:
    texts = [*TEXTS, (603, 565, "Drawn Smith", 8)]
    block = block_of(texts, [*CELLS, (600, 560, 630, 576), (630, 560, 700, 576)])
    assert values(block)["author"] == "Smith"


def test_a_label_over_two_lines_is_one() -> None:
    texts = [*TEXTS, (603, 561, "Sheet", 5), (603, 567, "number:", 5), (612, 575, "3 of 4", 8)]
    assert values(block_of(texts, [*CELLS, (600, 560, 680, 588)]))["sheet"] == "3/4"


def test_a_number_goes_on_in_the_next_line_after_a_hyphen() -> None:
    texts = [(x, y, "4003-" if text == "DM-100" else text, *rest) for x, y, text, *rest in TEXTS]
    block = block_of([*texts, (730, 521.5, "Rev line")], CELLS)
    assert values(block)["drawing_number"] == "4003-Rev line"


def test_a_letter_apart_from_its_number_is_joined_to_it() -> None:
    texts = [*[text for text in TEXTS if text[2] != "DM-100"], (726, 513, "B"), (745, 513, "1281-B2P")]
    assert values(block_of(texts, CELLS))["drawing_number"] == "B 1281-B2P"


def test_an_empty_number_cell_stays_empty_though_the_title_looks_like_a_number() -> None:
    texts = [text for text in TEXTS if text[2] != "DM-100"]
    assert "drawing_number" not in values(block_of(texts, CELLS))


@pytest.mark.parametrize(("written", "title"), [("2020-L400-A0-1", "2020-L400-A0-1"), ("12-03-2020", None), ("4711-12", None)])
def test_a_part_may_be_called_by_its_code_in_the_cell_of_its_name(written: str, title: str | None) -> None:
    texts = [(x, y, written if text == "Bearing cover" else text, *rest) for x, y, text, *rest in TEXTS]
    assert values(block_of(texts, CELLS)).get("title") == title


def test_the_part_number_stands_in_for_a_drawing_number_with_less_confidence() -> None:
    texts = [(x, y, "Part number" if text == "Drawing no." else text, *rest) for x, y, text, *rest in TEXTS]
    block = block_of(texts, CELLS)
    assert field_of(block, "drawing_number").value == field_of(block, "part_number").value == "DM-100"
    assert field_of(block, "drawing_number").confidence < field_of(block, "part_number").confidence


def test_the_scale_of_a_section_is_not_the_sheets() -> None:
    assert "scale" not in values(block_of([(300, 400, "SECTION A-A"), (302, 409, "SCALE 5:1"), (40, 40, "Front"), (60, 80, "Rev A")]))


def test_a_mark_on_both_sides_of_the_frame_is_no_value() -> None:
    texts = [*[text for text in TEXTS if text[2] != "B"], (793, 566, "3"), (793, 40, "3")]
    assert "revision" not in values(block_of(texts, [*CELLS, (760, 560, 830, 580)]))


def test_rows_of_a_revision_table_that_say_nothing_are_no_revisions() -> None:
    header = ((500.0, 20.0, 540.0, 32.0), (540.0, 20.0, 600.0, 32.0), (600.0, 20.0, 760.0, 32.0))
    rows = [(x0, y0 + 12 * row, x1, y1 + 12 * row) for row in (0, 1, 2) for x0, y0, x1, y1 in header]
    heads: list[Written] = [(503, 22, "REV", 6), (543, 22, "DATE", 6), (603, 22, "DESCRIPTION", 6)]
    entries: list[Written] = [(510, 34, "A", 6), (543, 34, "2020-01-07", 6), (603, 34, "First issue", 6), (510, 46, "B", 6)]
    texts = [text for text in TEXTS if text[2] not in ("Rev", "B")]
    assert values(block_of([*texts, *heads, *entries], [*CELLS, *rows]))["revision"] == "A"


def test_notes_give_material_tolerance_and_units_where_the_block_is_silent() -> None:
    notes = ("1. MATERIAL TO BE CAST ALUMINUM (MIC-6).", "2. ALL DIMENSIONS IN mm.", "3. TOLERANCES ARE +/- 0.5mm UNLESS OTHERWISE NOTED.")
    texts = [
        *[text for text in TEXTS if text[2] not in ("Material", "POM")],
        *((30, 500 + 12 * row, note) for row, note in enumerate(notes)),
    ]
    found = values(block_of(texts, CELLS))
    assert (found["material"], found["units"], found["general_tolerance"]) == ("CAST ALUMINUM (MIC-6)", "mm", "+/- 0.5mm")


def test_the_blocks_own_material_goes_before_a_note() -> None:
    assert values(block_of([*TEXTS, (30, 500, "MATERIAL: STEEL")], CELLS))["material"] == "POM"


@pytest.mark.parametrize(
    "line",
    [
        "© 2021 Fabrikam",
        "(c) Fabrikam 2014/2018",
        "Copyright 2019 by Fabrikam. All rights reserved.",
        "THIS DRAWING IS THE PROPERTY OF Fabrikam AND MAY NOT BE COPIED",
    ],
)
def test_a_notice_of_rights_names_the_company(line: str) -> None:
    assert values(block_of([*TEXTS, (30, 580, line)], CELLS))["company"] == "Fabrikam"


@pytest.mark.parametrize(
    "name",
    [
        "Contoso Ltd.",
        "Contoso GmbH & Co. KG",
        "Contoso B.V.",
        "SHENZHEN CONTOSO TECHNOLOGY CO., LTD",
        "深圳市创想三维科技有限公司",
        "株式会社コントソ",
        "ООО Контосо",
        "Contoso S.p.A.",
        "Contoso, Inc.",
    ],
)
def test_a_legal_form_makes_a_company(name: str) -> None:
    assert values(block_of([*TEXTS, (640, 470, name)], [*CELLS, (600, 450, 830, 500)]))["company"] == name


@pytest.mark.parametrize(
    "text", ["written consent of the copyright owner.", "All rights are reserved", "Main street 12", "LIMITED EDITION PLATE"]
)
def test_other_texts_make_none(text: str) -> None:
    assert "company" not in values(block_of([*TEXTS, (30, 580, text)], CELLS))


def test_a_block_without_rules_is_read_by_nearness() -> None:
    texts: list[Written] = [
        (600, 500, "Name:", 7),
        (640, 500, "Bearing cover"),
        (600, 515, "Part nr.:", 7),
        (650, 515, "DM-100"),
        (600, 530, "Material:", 7),
        (650, 530, "POM"),
        (600, 545, "Rev.:", 7),
        (650, 545, "B"),
        (600, 560, "Scale:", 7),
        (650, 560, "1:2"),
    ]
    block = block_of(texts)
    assert values(block) == {
        "title": "Bearing cover",
        "part_number": "DM-100",
        "drawing_number": "DM-100",
        "material": "POM",
        "revision": "B",
        "scale": "1:2",
    }
    assert block.region is not None
    assert block.region[1] < 500 < 570 < block.region[3]


def test_a_block_without_labels_is_known_by_the_forms_of_its_values() -> None:
    texts: list[Written] = [
        (600, 500, "BEARING COVER", 12),
        (600, 520, "DM-100-4711"),
        (700, 520, "1:2"),
        (740, 520, "1/3"),
        (780, 520, "A3"),
        (600, 540, "2020-03-01"),
    ]
    block = block_of(texts)
    assert values(block) == {
        "title": "BEARING COVER",
        "drawing_number": "DM-100-4711",
        "scale": "1:2",
        "sheet": "1/3",
        "sheets": "3",
        "size": "A3",
        "date": "2020-03-01",
    }
    assert all(field.confidence <= 0.6 for field in block.fields)


def test_lone_numbers_in_the_corner_of_a_view_are_no_block() -> None:
    assert block_of([(600, 500, "12.5"), (650, 520, "45°"), (700, 520, "R3"), (600, 540, "FRONT VIEW", 12)]).fields == ()


def test_a_list_is_called_by_the_heading_over_it() -> None:
    texts: list[Written] = [
        (60, 50, "1476", 14),
        (160, 50, "Reel holder assembly", 14),
        (60, 100, "Part number"),
        (160, 100, "Name"),
        (300, 100, "Quantity"),
        (60, 115, "1724"),
        (160, 115, "Spool"),
        (300, 115, "1"),
    ]
    assert values(block_of(texts)) == {"drawing_number": "1476", "title": "Reel holder assembly"}


def test_a_drawing_without_a_block_is_called_by_its_heading() -> None:
    sizes: list[Written] = [(100 + 50 * i, 300, f"{10 + i}.5") for i in range(6)]
    heading: Written = (60, 40, "PUMP BOARD MECHANICAL SPECIFICATION (c) Fabrikam 2018", 12)
    assert values(block_of([heading, *sizes])) == {"title": "PUMP BOARD MECHANICAL SPECIFICATION"}
    assert block_of([(60, 40, "Drill through for M3 screws, 3 places", 12), *sizes]).fields == ()


def test_labels_misread_by_ocr_are_known_and_short_ones_only_exactly() -> None:
    misread = {"Drawing no.": "DRAWlNG NO.", "Material": "Materia1", "Title": "Tit1e"}
    texts = [(x, y, misread.get(text, text), *rest) for x, y, text, *rest in TEXTS]
    assert values(block_of(texts, CELLS, tolerant=True)).keys() == {"drawing_number", "material", "scale", "revision"}
    assert "drawing_number" not in values(block_of(texts, CELLS))


@pytest.mark.parametrize("size", [SIZE, (595.0, 842.0)])
def test_a_value_behind_its_label_gets_the_box_of_its_own_part(size: tuple[float, float]) -> None:
    line = text_line(30, 400, "Surface treatment: Black anodized, all over")
    block = block_of([*TEXTS, (30, 400, line.text)], CELLS, size=size)
    box = field_of(block, "surface_treatment").place.bbox
    assert box is not None
    assert line.bbox[0] + 0.3 * (line.bbox[2] - line.bbox[0]) < box[0] < line.bbox[0] + 0.45 * (line.bbox[2] - line.bbox[0])
    assert box[2] == pytest.approx(line.bbox[2], abs=0.01)


def test_the_parts_of_a_line_cover_it_from_end_to_end() -> None:
    line = text_line(10, 10, "Scale: 1:2")
    assert part_of(line, 0, 10) == line.bbox
    assert part_of(line, 0, 5)[2] < part_of(line, 0, 8)[2] < line.bbox[2]


def test_a_full_sheet_is_read_in_its_corner() -> None:
    wires: list[Written] = [(10 + 8 * (i % 60), 10 + 8 * (i // 60), f"N{i}", 4) for i in range(3100)]
    assert values(block_of([*wires, *TEXTS], CELLS))["drawing_number"] == "DM-100"
