"""How a title block is filled in: cells left open, grades of stainless steel, stamps across the block."""

from __future__ import annotations

from tests.unit.extract.title_blocks import Box, Text, drawn, fields_of, read_drawn

_TOP, _BOTTOM, _ROW = 680.0, 800.0, 30.0
_COLUMNS = (40.0, 230.0, 420.0, 560.0)


def block(*rows: tuple[str, str, str]) -> tuple[list[Box], list[Text]]:
    """Three columns of cells; a text with a bar is set as a label and, further right and a little lower, its value."""
    cells: list[Box] = []
    texts: list[Text] = []
    for number, row in enumerate(rows):
        y = _TOP + _ROW * number
        for left, right, text in zip(_COLUMNS, _COLUMNS[1:], row, strict=False):
            cells.append((left, y, right, y + _ROW))
            label, _, value = text.partition("|")
            texts.append((left + 4, y + 18, label, 8))
            if value:
                texts.append((left + 70, y + 19, value, 8))
    return cells, texts


FILLED = (
    ("Drawn: |T. Smith", "Part Nr.: |1364-01", "Scale: |2:1"),
    ("Date: |02-12-2014", "Description: |Coupler", "Revision: |B"),
)


def test_a_label_alone_in_a_wide_cell_is_not_filled_from_its_neighbours() -> None:
    drawing = read_drawn(drawn(*block(*FILLED, ("Material: ", "No", "Sheet: |1/1"), ("The Old Mill 2", "Checked by:", "Units: |mm"))))
    fields = fields_of(drawing)
    assert fields["title"] == "Coupler"
    assert "material" not in fields
    assert "checked_by" not in fields


def test_a_label_in_a_narrow_cell_heads_the_cell_beside_it() -> None:
    cells, texts = block(*FILLED, ("Date: |02-12-2014", "Norm: |ISO 2768-m", "Sheet: |1/1"))
    cells += [(40, 770, 110, 790), (110, 770, 230, 790)]
    texts += [(44, 784, "Checked by:", 8), (130, 784, "M. Jones", 8)]
    assert fields_of(read_drawn(drawn(cells, texts)))["checked_by"] == "M. Jones"


def test_a_text_that_ends_with_a_colon_is_no_value() -> None:
    drawing = read_drawn(drawn(*block(*FILLED, ("Material", "Released for production:", "Sheet: |1/1"))))
    assert "material" not in fields_of(drawing)


def test_a_grade_of_stainless_steel_in_the_cell_of_the_material_is_no_paper_size() -> None:
    cells, texts = block(*FILLED, ("Material: |A2", "Norm: |ISO 2768-m", "Sheet: |1/1"))
    fields = fields_of(read_drawn(drawn(cells, [*texts, (530, 698, "(A4)", 8)])))
    assert fields["material"] == "A2"
    assert fields["size"] == "A4"


def test_a_paper_size_in_the_next_cell_is_no_material() -> None:
    assert "material" not in fields_of(read_drawn(drawn(*block(*FILLED, ("Material", "A4", "Sheet: |1/1")))))


def test_the_stamp_of_a_student_edition_hides_no_value() -> None:
    cells, texts = block(*FILLED, ("Norm: |ISO 2768-m", "Material: |EN 10130 DC01", "Sheet: |1/1"))
    texts += [(110, 760, "CAD Student Edition.", 16), (110, 776, " For Academic Use Only.", 16)]
    fields = fields_of(read_drawn(drawn(cells, texts)))
    assert fields["material"] == "EN 10130 DC01"
    assert fields["drawing_number"] == "1364-01"
