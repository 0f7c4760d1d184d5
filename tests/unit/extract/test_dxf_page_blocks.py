"""Blocks of DXF layouts: tables as tables, layouts under their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.extract.dxf import read_dxf
from pipeline.extract.model import Block, Page
from tests.unit.extract.drawings import dxf_bytes, new_dxf

ROWS = (("ITEM", "QTY", "PART NUMBER"), ("1", "2", "DM-1001"), ("2", "4", "DM-1002"))
ROWS_TEXT = "ITEM\tQTY\tPART NUMBER\n1\t2\tDM-1001\n2\t4\tDM-1002"


def pages_of(document: Any) -> tuple[Page, ...]:
    return read_dxf(dxf_bytes(document)).pages


def tables(page: Page) -> list[Block]:
    return [block for block in page.blocks if block.kind == "table"]


def draw_list(layout: Any, rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows):
        y = 100 - 8 * number
        for column, cell in enumerate(row):
            x = 50 * column
            layout.add_lwpolyline([(x, y), (x + 50, y), (x + 50, y - 8), (x, y - 8)], close=True)
            layout.add_text(cell, height=3, dxfattribs={"insert": (x + 2, y - 6)})


def test_a_drawn_parts_list_is_one_table_and_its_words_stand_once() -> None:
    document = new_dxf()
    draw_list(document.modelspace(), ROWS)
    document.modelspace().add_text("Deburr all edges", height=3, dxfattribs={"insert": (0, 200)})
    page = pages_of(document)[0]
    assert [(block.text, block.header_rows) for block in tables(page)] == [(ROWS_TEXT, 1)]
    assert [block.text for block in page.blocks if block.kind == "text"] == ["Deburr all edges"]
    assert page.text == f"Deburr all edges\n{ROWS_TEXT}"


def test_tabs_of_a_paragraph_make_columns() -> None:
    document = new_dxf()
    document.modelspace().add_mtext("Pos^ITorque^IScrew\\P1^I2.5^IM4\\P2^I5.0^IM5")
    found = tables(pages_of(document)[0])
    assert [(block.text, block.header_rows) for block in found] == [("Pos\tTorque\tScrew\n1\t2.5\tM4\n2\t5.0\tM5", 1)]


def test_a_paragraph_with_one_tab_is_no_table() -> None:
    document = new_dxf()
    document.modelspace().add_mtext("NOTES\\P1.^IDeburr all edges\\PPaint it\\PPack it\\PShip it")
    assert not tables(pages_of(document)[0])


def test_rows_that_are_insertions_of_a_block_are_one_table() -> None:
    document = new_dxf()
    block = document.blocks.new("ROW")
    for place, tag in enumerate(("ITEM", "QTY", "PART_NUMBER")):
        block.add_attdef(tag, (20 * place, 0), height=2)
    for number, row in enumerate(ROWS[1:]):
        insert = document.modelspace().add_blockref("ROW", (0, -10 * number))
        insert.add_auto_attribs(dict(zip(("ITEM", "QTY", "PART_NUMBER"), row, strict=True)))
    page = pages_of(document)[0]
    assert [block.text for block in tables(page)] == ["ITEM\tQTY\tPART_NUMBER\n1\t2\tDM-1001\n2\t4\tDM-1002"]
    assert page.text.count("DM-1002") == 1


def test_paper_layouts_stand_under_their_names_where_several_have_text() -> None:
    document = new_dxf()
    document.modelspace().add_text("model", height=2)
    document.layouts.new("Sheet A").add_text("on paper", height=2)
    first, second = pages_of(document)
    assert [block.kind for block in first.blocks] == ["text"]
    assert second.blocks[0] == Block("Sheet A", kind="heading", level=1)


def test_the_only_layout_with_text_has_no_heading() -> None:
    document = new_dxf()
    document.modelspace().add_line((0, 0), (1, 1))
    document.layouts.new("Sheet A").add_text("on paper", height=2)
    assert [block.kind for page in pages_of(document) for block in page.blocks] == ["text"]
