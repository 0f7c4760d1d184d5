"""Parts lists, named values and materials of DXF files, in each of the ways that programs write them."""

from __future__ import annotations

from typing import Any

import ezdxf
import pytest
from ezdxf.addons import TablePainter

from pipeline.extract.dxf import parts_lists, read_dxf
from pipeline.extract.model import BomItem, Drawing
from tests.unit.extract.drawings import dxf_bytes

HEADER = ["ITEM", "PART NUMBER", "DESCRIPTION", "QTY", "MATERIAL"]
ROWS = [["1", "A-100", "Base plate", "1", "EN AW-6082"], ["2", "A-101", "Side panel", "2", "S235JR"], ["3", "A-102", "Screw", "8", ""]]
EXPECTED = [("1", "A-100", "Base plate", 1.0), ("2", "A-101", "Side panel", 2.0), ("3", "A-102", "Screw", 8.0)]


def drawing_of(fill: Any) -> Drawing:
    document = ezdxf.new("R2010")
    fill(document)
    return read_dxf(dxf_bytes(document))


def brief(items: tuple[BomItem, ...]) -> list[tuple[str | None, str | None, str | None, float | None]]:
    return [(one.item, one.part_number, one.description, one.quantity) for one in items]


def draw_cells(layout: Any, rows: list[list[str]], *, ruled: bool, mtext: bool = False) -> None:
    widths = [20.0, 40.0, 60.0, 15.0, 40.0]
    lefts = [sum(widths[:index]) for index in range(len(widths) + 1)]
    for index, row in enumerate(rows):
        y = 200.0 - 8.0 * index
        for left, cell in zip(lefts, row, strict=False):
            if cell and mtext:
                layout.add_mtext(cell, dxfattribs={"insert": (left + 2, y - 2), "char_height": 3.5, "attachment_point": 1})
            elif cell:
                layout.add_text(cell, height=3.5, dxfattribs={"insert": (left + 2, y - 6)})
    if ruled:
        bottom = 200.0 - 8.0 * len(rows)
        for index in range(len(rows) + 1):
            layout.add_line((0, 200.0 - 8.0 * index), (sum(widths), 200.0 - 8.0 * index))
        for left in lefts:
            layout.add_line((left, 200), (left, bottom))


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("mtext", [True, False])
def test_a_list_of_lines_and_texts_is_read(ruled: bool, mtext: bool) -> None:
    drawing = drawing_of(lambda document: draw_cells(document.modelspace(), [HEADER, *ROWS], ruled=ruled, mtext=mtext))
    assert brief(drawing.bom_items) == EXPECTED
    assert [one.material for one in drawing.bom_items] == ["EN AW-6082", "S235JR", None]
    assert drawing.bom_items[0].place.entity_handle is not None
    assert [(one.raw_text, one.family) for one in drawing.materials] == [("EN AW-6082", "aluminium"), ("S235JR", "steel")]
    assert drawing.metadata == (), "the columns of a list are no fields of a title block"


def test_a_list_over_its_header_is_read_upwards() -> None:
    drawing = drawing_of(lambda document: draw_cells(document.modelspace(), [*ROWS[::-1], HEADER], ruled=True))
    assert brief(drawing.bom_items) == EXPECTED


def test_a_painted_table_is_read() -> None:
    def fill(document: Any) -> None:
        painter = TablePainter((0, 0), nrows=4, ncols=5, cell_width=40, cell_height=8, default_grid=True)
        painter.new_cell_style("small", char_height=2.0)
        for row, cells in enumerate([HEADER, *ROWS]):
            for column, cell in enumerate(cells):
                painter.text_cell(row, column, cell, style="small")
        painter.render(document.modelspace())

    assert brief(drawing_of(fill).bom_items) == EXPECTED


@pytest.mark.parametrize("hidden", [False, True])
def test_a_tabbed_text_is_a_list_even_on_a_layer_that_is_off(hidden: bool) -> None:
    def fill(document: Any) -> None:
        layer = document.layers.add("LIST")
        text = r"\A1;Part^I^I^IPart No.\P2 {\H0.7x;\S1#2;}\" Mullion^ICW-001\PCap^I^I^I^ICW-002".replace('\\"', '"')
        document.modelspace().add_mtext(text, dxfattribs={"layer": "LIST"})
        document.modelspace().add_text("Bill of Materials", dxfattribs={"layer": "LIST"})
        if hidden:
            layer.off()

    drawing = drawing_of(fill)
    assert [(one.description, one.part_number) for one in drawing.bom_items] == [('2 1/2" Mullion', "CW-001"), ("Cap", "CW-002")]
    assert drawing.bom_items[0].confidence == (0.6 if hidden else 0.85)


def test_tabs_alone_make_no_list() -> None:
    drawing = drawing_of(lambda document: document.modelspace().add_mtext("Name^IDate\\PMeier^I1.2.2020\\PHuber^I2.2.2020"))
    assert drawing.bom_items == ()


def test_a_table_entity_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """ezdxf writes no table entities: a point stands in for one."""

    class Table:
        def __init__(self, entity: Any) -> None:
            self.dxf = entity.dxf

        def dxftype(self) -> str:
            return "ACAD_TABLE"

    document = ezdxf.new()
    table = Table(document.modelspace().add_point((0, 0)))
    cells = [["PARTS LIST", "", "", "", ""], [r"\fArial|b1;ITEM", *HEADER[1:]], *ROWS]
    monkeypatch.setattr(parts_lists, "read_acad_table_content", lambda _: cells)
    found = list(parts_lists._of_entity(table, parts_lists.LayoutWalker(document), 1, titled=False))
    assert [row.values["part_number"] for row in found[0].rows] == ["A-100", "A-101", "A-102"]
    assert found[0].method == "acad_table"


def test_insertions_of_one_block_are_rows_in_the_order_of_their_items() -> None:
    def fill(document: Any) -> None:
        block = document.blocks.new("BOMROW")
        for index, tag in enumerate(("POS", "PARTNO", "DESC", "QTY")):
            block.add_attdef(tag, (10.0 * index, 0))
        for index, row in enumerate([ROWS[1], ROWS[0], ROWS[2]]):
            insert = document.modelspace().add_blockref("BOMROW", (0, 10.0 * index))
            insert.add_auto_attribs(dict(zip(("POS", "PARTNO", "DESC", "QTY"), row, strict=False)))

    drawing = drawing_of(fill)
    assert brief(drawing.bom_items) == EXPECTED
    assert drawing.parameters == (), "the cells of a list are no named values"


def test_parts_drawn_several_times_are_no_list() -> None:
    def fill(document: Any) -> None:
        block = document.blocks.new("PART")
        for tag in ("POS", "PARTNO"):
            block.add_attdef(tag, (0, 0))
        for index in range(4):
            document.modelspace().add_blockref("PART", (0, 10.0 * index)).add_auto_attribs({"POS": "1", "PARTNO": "A-100"})

    assert drawing_of(fill).bom_items == ()


def test_attributes_are_named_values_unless_they_are_fields_of_the_title_block() -> None:
    def fill(document: Any) -> None:
        block = document.blocks.new("DATA")
        for tag in ("SCALE", "PRESSURE", "REMARK_X", "EMPTY"):
            block.add_attdef(tag, (0, 0))
        insert = document.modelspace().add_blockref("DATA", (0, 0))
        insert.add_auto_attribs({"SCALE": "1:2", "PRESSURE": "10 bar", "REMARK_X": "free text", "EMPTY": ""})

    drawing = drawing_of(fill)
    found = {one.name: (one.value, one.value_number, one.unit, one.source) for one in drawing.parameters}
    assert found == {"PRESSURE": ("10 bar", 10.0, "bar", "attribute"), "REMARK_X": ("free text", None, None, "attribute")}


def test_notes_give_materials_and_named_values() -> None:
    notes = "NOTES\\P1. MATERIAL: AISI 304 t=2\\P2. HARDNESS: 58-62 HRC\\P3. KEEP DRY"
    drawing = drawing_of(lambda document: document.modelspace().add_mtext(notes))
    assert [(one.designation, one.thickness_mm, one.method) for one in drawing.materials] == [("1.4301", 2.0, "note")]
    assert [(one.name, one.value, one.unit) for one in drawing.parameters] == [("HARDNESS", "58-62 HRC", "HRC")]


def test_no_row_of_a_long_list_is_left_out() -> None:
    rows = [HEADER[:4], *([str(number), f"A-{number}", "Plate", "1"] for number in range(1, 2202))]
    items = drawing_of(lambda document: draw_cells(document.modelspace(), rows, ruled=False)).bom_items
    assert [one.part_number for one in items] == [row[1] for row in rows[1:]]
