"""Blocks of made PDF pages: what they are, and in which order they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymupdf
import pytest

from pipeline.extract.model import Block, Drawing
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from tests.unit.extract.drawings import ENGLISH, draw_cells, pdf_of

LOREM = (
    "The bearing is mounted with a light press fit and", "secured by retaining rings on either side of the",
    "housing before it is filled with grease and closed", "with the cover plate and a new seal of fluoroelastomer",
    "Tighten the screws crosswise to the torque that the", "table gives for their size and their strength class",
)  # fmt: skip
OTHER = (
    "After the first hundred hours of running the grease", "has to be replaced and the screws tightened again to",
    "the same torque while the gearbox is still warm from", "running under load so that seats settle evenly under",
    "the heads and the cover does not leak when pressure", "rises again in the following cold start of the drive",
)  # fmt: skip


def write(page: Any, x: float, y: float, lines: Sequence[str], *, size: float = 10, font: str = "helv", pitch: float = 12) -> float:
    """Lines one below the other; returns where the next would stand."""
    for line in lines:
        page.insert_text((x, y), line, fontsize=size, fontname=font)
        y += pitch
    return y


def read(data: bytes) -> Drawing:
    return read_pdf(data, ReadOptions(ocr="off"))


def blocks_of(*pages: Any, **more: Any) -> list[Block]:
    return [block for page in read(pdf_of(pages, **more)).pages for block in page.blocks]


def kinds(blocks: Sequence[Block]) -> list[tuple[str, int | None]]:
    return [(block.kind, block.level) for block in blocks]


def chapters(page: Any) -> None:
    y = write(page, 60, 80, ["Gearbox manual"], size=22)
    y = write(page, 60, y + 30, ["1 Mounting"], size=15)
    y = write(page, 60, y + 10, LOREM)
    y = write(page, 60, y + 20, ["1.1 Bearings"], size=12, font="hebo")
    y = write(page, 60, y + 10, OTHER)
    y = write(page, 60, y + 20, ["2 Running"], size=15)
    write(page, 60, y + 10, LOREM)


def test_headings_have_levels_by_their_size_and_number() -> None:
    blocks = blocks_of(chapters)
    assert kinds(blocks) == [("heading", 1), ("heading", 2), ("text", None), ("heading", 3), ("text", None), ("heading", 2), ("text", None)]
    assert [block.size for block in blocks] == [22.0, 15.0, 10.0, 12.0, 10.0, 15.0, 10.0]
    assert blocks[2].text == "\n".join(LOREM)


def test_levels_are_the_same_on_all_pages() -> None:
    def second(page: Any) -> None:
        y = write(page, 60, 80, ["3 Repair"], size=15)
        write(page, 60, y + 10, OTHER)

    blocks = blocks_of(chapters, second)
    assert kinds(blocks)[-2:] == [("heading", 2), ("text", None)]


def test_the_outline_says_what_a_heading_is_and_how_deep() -> None:
    def draw(page: Any) -> None:
        y = write(page, 60, 80, ["Mounting"])
        y = write(page, 60, y + 20, LOREM)
        y = write(page, 60, y + 20, ["Bearings"])
        write(page, 60, y + 20, OTHER)

    with pymupdf.open("pdf", pdf_of([draw])) as document:
        document.set_toc([[1, "Mounting", 1], [2, "Bearings", 1]])
        data = bytes(document.tobytes())
    assert kinds(read(data).pages[0].blocks) == [("heading", 1), ("text", None), ("heading", 2), ("text", None)]
    assert "heading" not in {kind for kind, _ in kinds(blocks_of(draw))}


def test_a_heading_of_two_lines_is_one_block() -> None:
    def draw(page: Any) -> None:
        y = write(page, 60, 80, ["Trace-based compilation for", "languages without types"], size=18, pitch=21)
        write(page, 60, y + 30, LOREM)

    blocks = blocks_of(draw)
    assert (blocks[0].kind, blocks[0].text) == ("heading", "Trace-based compilation for\nlanguages without types")


def test_entries_of_a_table_of_contents_are_no_headings() -> None:
    def draw(page: Any) -> None:
        y = write(page, 60, 80, ["Contents"], size=15)
        y = write(page, 60, y, ["1 Mounting 2", "2 Running 3", "3 Repair 5", "4 Spare parts 9"], font="hebo", pitch=24)
        write(page, 60, y + 30, LOREM)

    assert [block.text for block in blocks_of(draw) if block.kind == "heading"] == ["Contents"]


def test_items_of_a_list_are_blocks_of_their_own() -> None:
    def draw(page: Any) -> None:
        y = write(page, 60, 80, LOREM)
        write(page, 60, y + 12, ["1. Switch the drive off and wait for standstill", "2. Drain the oil while it is warm",
                                 "a) Fill the new oil in", "- Check the level", "M. Miller checks it again after a day of running"])

    blocks = blocks_of(draw)
    assert [block.kind for block in blocks] == ["text", "list", "list", "list", "list"]
    assert blocks[-1].text.startswith("- Check the level")


def test_running_heads_and_feet_are_marked_and_stay() -> None:
    def page_of(number: int) -> Any:
        def draw(page: Any) -> None:
            write(page, 60, 40, ["Gearbox manual"], size=8)
            y = write(page, 60, 100, [f"Chapter {number}"], size=15)
            write(page, 60, y + 10, LOREM if number % 2 else OTHER)
            write(page, 280, 820, [f"Page {number}"], size=8)
        return draw

    pages = read(pdf_of([page_of(number) for number in range(1, 5)])).pages
    for number, page in enumerate(pages, start=1):
        assert kinds(page.blocks) == [("header", None), ("heading", 1), ("text", None), ("footer", None)]
        assert page.text.endswith(f"Page {number}")


def test_columns_written_line_by_line_across_the_page_are_read_one_after_the_other() -> None:
    def draw(page: Any) -> None:
        page.insert_text((60, 60), "Lubrication of gearboxes in continuous operation under load", fontsize=17)
        for row, (left, right) in enumerate(zip(LOREM, OTHER, strict=True)):
            page.insert_text((50, 100 + 12 * row), left, fontsize=9.5)
            page.insert_text((310, 100 + 12 * row), right, fontsize=9.5)
        page.insert_text((60, 300), "The whole is valid for all sizes and mounting positions and both senses of rotation.", fontsize=11)

    blocks = blocks_of(draw)
    text = "\n".join(block.text for block in blocks)
    assert text.index(LOREM[-1]) < text.index(OTHER[0])
    assert [block.text for block in blocks[1:3]] == ["\n".join(LOREM), "\n".join(OTHER)]
    assert blocks[0].kind == "heading"
    assert text.endswith("rotation.")


def test_a_column_written_first_though_it_stands_at_the_right_is_read_last() -> None:
    def draw(page: Any) -> None:
        write(page, 310, 100, OTHER, size=9.5)
        write(page, 50, 100, LOREM, size=9.5)

    assert [block.text for block in blocks_of(draw)] == ["\n".join(LOREM), "\n".join(OTHER)]


def test_three_columns_are_read_from_left_to_right() -> None:
    columns = [[f"{name} column, with text of line {row}" for row in range(8)] for name in ("first", "second", "third")]

    def draw(page: Any) -> None:
        for row in range(8):
            for place, column in enumerate(columns):
                page.insert_text((40 + 180 * place, 100 + 12 * row), column[row], fontsize=9.5)

    assert "\n".join(block.text for block in blocks_of(draw)) == "\n".join("\n".join(column) for column in columns)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_columns_of_a_turned_page_are_read_upright(rotation: int) -> None:
    def draw(page: Any) -> None:
        page.set_rotation(rotation)
        for row, (left, right) in enumerate(zip(LOREM, OTHER, strict=True)):
            for x, text in ((50, left), (310, right)):
                page.insert_text(pymupdf.Point(x, 100 + 12 * row) * page.derotation_matrix, text, fontsize=9.5, rotate=rotation)

    assert [block.text for block in blocks_of(draw, rotation=rotation)] == ["\n".join(LOREM), "\n".join(OTHER)]


def test_a_page_that_lies_on_its_side_is_read_in_its_own_order() -> None:
    def draw(page: Any) -> None:
        for place, lines in ((80, OTHER), (340, LOREM)):
            for row, line in enumerate(lines):
                page.insert_text((100 + 12 * row, 842 - place + 260), line, fontsize=9.5, rotate=90)

    blocks = blocks_of(draw, size=(595, 1200))
    assert [block.text for block in blocks] == ["\n".join(OTHER), "\n".join(LOREM)]


def draw_table(page: Any, x: float, y: float, rows: Sequence[Sequence[str]], *, widths: Sequence[float], ruled: bool) -> None:
    for number, row in enumerate(rows):
        left = x
        for cell, width in zip(row, widths, strict=True):
            if ruled:
                page.draw_rect(pymupdf.Rect(left, y + 18 * number, left + width, y + 18 * (number + 1)))
            page.insert_text((left + 4, y + 18 * number + 12), cell, fontsize=9)
            left += width


ROWS = (("Size", "Torque in Nm", "Remark"), ("M3", "1.1", ""), ("M4", "2.6", "dry"), ("M5", "5.2", "oiled"))
ROWS_TEXT = "Size\tTorque in Nm\tRemark\nM3\t1.1\nM4\t2.6\tdry\nM5\t5.2\toiled"


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "open"])
def test_a_table_among_prose_is_a_block_of_rows_and_its_words_stand_once(ruled: bool) -> None:
    def draw(page: Any) -> None:
        write(page, 60, 80, LOREM)
        draw_table(page, 60, 180, ROWS, widths=(80, 120, 100), ruled=ruled)
        write(page, 60, 290, OTHER)

    blocks = blocks_of(draw)
    assert [block.kind for block in blocks] == ["text", "table", "text"]
    assert (blocks[1].text, blocks[1].header_rows, blocks[1].size) == (ROWS_TEXT, 1, 9.0)
    assert "\n".join(block.text for block in blocks).count("oiled") == 1


def test_a_table_open_at_its_sides_has_all_its_columns() -> None:
    def draw(page: Any) -> None:
        write(page, 60, 80, LOREM)
        for y in (180, 198, 252):
            page.draw_line((60, y), (360, y))
        for x in (140, 260):
            page.draw_line((x, 180), (x, 252))
        draw_table(page, 60, 180, ROWS, widths=(80, 120, 100), ruled=False)

    assert [block.text for block in blocks_of(draw) if block.kind == "table"] == [ROWS_TEXT]


def test_a_parts_list_on_a_drawing_is_a_table_and_the_title_block_stays() -> None:
    rows = (("ITEM", "QTY", "PART NUMBER", "DESCRIPTION"), ("1", "2", "DM-1001", "Housing"), ("2", "4", "DM-1002", "Cover plate"))

    def draw(page: Any) -> None:
        draw_cells(page, ENGLISH)
        draw_table(page, 60, 100, rows, widths=(50, 50, 110, 150), ruled=True)

    drawing = read(pdf_of([draw]))
    tables = [block for block in drawing.pages[0].blocks if block.kind == "table"]
    assert [block.text for block in tables] == ["ITEM\tQTY\tPART NUMBER\tDESCRIPTION\n1\t2\tDM-1001\tHousing\n2\t4\tDM-1002\tCover plate"]
    assert tables[0].header_rows == 1
    assert drawing.pages[0].text.count("Cover plate") == 1
    assert len(drawing.bom_items) == 2
    assert "Bearing housing" in drawing.pages[0].text
    assert not any(block.kind == "heading" for block in drawing.pages[0].blocks)


def test_a_revision_table_on_a_drawing_is_a_table() -> None:
    rows = (("REV", "DESCRIPTION", "DATE"), ("A", "First issue", "2024-01-05"), ("B", "Hole moved", "2024-03-11"))

    def draw(page: Any) -> None:
        draw_cells(page, ENGLISH)
        draw_table(page, 300, 40, rows, widths=(40, 140, 90), ruled=True)

    tables = [block.text for block in read(pdf_of([draw])).pages[0].blocks if block.kind == "table"]
    assert tables == ["REV\tDESCRIPTION\tDATE\nA\tFirst issue\t2024-01-05\nB\tHole moved\t2024-03-11"]


def test_text_of_all_blocks_is_the_text_of_the_page() -> None:
    for page in read(pdf_of([chapters, lambda page: draw_cells(page, ENGLISH)])).pages:
        assert page.text == "\n".join(block.text for block in page.blocks)


def test_pages_beyond_the_time_are_left_out_and_counted() -> None:
    drawing = read_pdf(pdf_of([chapters] * 5), ReadOptions(ocr="off", pdf_seconds=0.0))
    assert [page.page_number for page in drawing.pages] == [1]
    assert (drawing.page_count, drawing.partial) == (5, True)
    assert "pages_left_out:4" in drawing.warnings


def test_a_page_of_a_hundred_thousand_words_is_read_whole() -> None:
    def draw(page: Any) -> None:
        line = "the bearing is mounted with a light press fit and secured by retaining rings "
        page.insert_text((5, 5), [line * 8] * 1000, fontsize=4)

    page = read(pdf_of([draw], size=(1500, 6100))).pages[0]
    assert len(page.text.split()) == 1000 * 8 * 14
