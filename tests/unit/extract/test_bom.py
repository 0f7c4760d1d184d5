"""Parts lists: which tables are one, and what their rows say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.bom import BomReader, pieces_of
from pipeline.extract.bom_headers import column_kind, is_list_title, is_total, load_headers
from pipeline.extract.bom_rows import item_number, list_from_cells, values_again
from pipeline.extract.grid import make_grid
from pipeline.extract.model import Annotation, BomItem, Place
from pipeline.extract.pdf.reader import read
from pipeline.extract.quantities import quantity

HEADER = ["ITEM", "PART NUMBER", "DESCRIPTION", "QTY"]
ROWS = [["1", "A-100", "Base plate", "1"], ["2", "A-101", "Side panel", "2"], ["3", "DIN 912", "Screw M4x10", "8"]]
WIDTHS = [40.0, 90.0, 140.0, 40.0]


def draw_table(
    page: Any,
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float] = WIDTHS,
    left: float = 60.0,
    top: float = 60.0,
    height: float = 16.0,
    horizontal: bool = True,
    vertical: bool = True,
) -> None:
    """Rows of cells from the top down, each text a line or several; ruled as told."""
    y = top
    width = sum(widths)
    edges = [left + sum(widths[:index]) for index in range(len(widths) + 1)]
    ys = [y]
    for row in rows:
        deepest = max(cell.count("\n") + 1 for cell in row)
        for x, cell in zip(edges, row, strict=False):
            for index, line in enumerate(cell.split("\n")):
                page.insert_text((x + 4, y + 11 + 9 * index), line, fontsize=8, fontname="china-s" if not line.isascii() else "helv")
        y += height + 9 * (deepest - 1)
        ys.append(y)
    if horizontal:
        for y in ys:
            page.draw_line((left, y), (left + width, y))
    if vertical:
        for x in edges:
            page.draw_line((x, ys[0]), (x, ys[-1]))


def items_of(*draw: Any, rotate: int = 0) -> tuple[BomItem, ...]:
    """The parts found in a document of which each function draws one page."""
    document = pymupdf.open()
    for one in draw:
        page = document.new_page(width=595, height=842)
        one(page)
        page.set_rotation(rotate)
    return read(document.tobytes()).bom_items


def brief(items: Sequence[BomItem]) -> list[tuple[str | None, str | None, str | None, float | None]]:
    return [(one.item, one.part_number, one.description, one.quantity) for one in items]


EXPECTED = [("1", "A-100", "Base plate", 1.0), ("2", "A-101", "Side panel", 2.0), ("3", "DIN 912", "Screw M4x10", 8.0)]


@pytest.mark.parametrize(("horizontal", "vertical"), [(True, True), (False, True), (True, False), (False, False)])
def test_a_list_is_read_however_little_of_it_is_ruled(horizontal: bool, vertical: bool) -> None:
    items = items_of(lambda page: draw_table(page, [HEADER, *ROWS], horizontal=horizontal, vertical=vertical))
    assert brief(items) == EXPECTED
    assert [one.row_number for one in items] == [1, 2, 3]
    assert items[0].raw_cells == {"ITEM": "1", "PART NUMBER": "A-100", "DESCRIPTION": "Base plate", "QTY": "1"}


@pytest.mark.parametrize("ruled", [True, False])
def test_a_list_above_its_header_is_read_upwards(ruled: bool) -> None:
    items = items_of(lambda page: draw_table(page, [*ROWS[::-1], HEADER], horizontal=ruled, vertical=ruled, top=500))
    assert brief(items) == EXPECTED


def test_lines_of_one_cell_stay_together() -> None:
    rows = [HEADER, ["1", "A-100", "Base plate\nwith two slots", "1"], ["2", "A-101", "Side panel", "2"]]
    for ruled in (True, False):
        items = items_of(lambda page, ruled=ruled: draw_table(page, rows, horizontal=ruled, vertical=ruled))
        assert [one.description for one in items] == ["Base plate with two slots", "Side panel"]


def test_words_of_a_header_may_stand_one_over_the_other() -> None:
    rows = [["ITEM\nNO.", "PART\nNUMBER", "DESCRIPTION", "QTY\nREQ'D"], *ROWS]
    assert brief(items_of(lambda page: draw_table(page, rows))) == EXPECTED


def test_a_turned_page_gives_the_same_rows_and_boxes_on_the_page() -> None:
    items = items_of(lambda page: draw_table(page, [HEADER, *ROWS]), rotate=90)
    assert brief(items) == EXPECTED
    box = items[0].place.bbox
    assert box is not None
    assert 0 <= box[0] < box[2] <= 842
    assert 0 <= box[1] < box[3] <= 595


def test_a_rows_box_frames_its_texts() -> None:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    draw_table(page, [HEADER, *ROWS])
    for one in read(document.tobytes()).bom_items:
        text = " ".join(document[0].get_textbox(pymupdf.Rect(one.place.bbox)).split())
        assert all(cell in text for cell in one.raw_cells.values())


def test_a_list_goes_on_over_pages_with_and_without_its_header() -> None:
    further = [["4", "A-103", "Lid", "1"], ["5", "A-104", "Foot", "4"]]
    for second in ([HEADER, *further], further):
        items = items_of(lambda page: draw_table(page, [HEADER, *ROWS]), lambda page, second=second: draw_table(page, second))
        assert [one.row_number for one in items] == [1, 2, 3, 4, 5]
        assert [one.item for one in items] == ["1", "2", "3", "4", "5"]
        assert items[3].place.page_number == 2


def test_two_lists_are_numbered_apart() -> None:
    def both(page: Any) -> None:
        draw_table(page, [HEADER, *ROWS])
        draw_table(page, [["POS.", "BENENNUNG", "MENGE"], ["1", "Deckel", "2"], ["2", "Welle", "1"]], widths=[40, 120, 60], top=300)

    assert [one.row_number for one in items_of(both)] == [1, 2, 3, 1, 2]


@pytest.mark.parametrize("ruled", [True, False])
def test_a_list_set_in_two_columns_goes_on_beside_itself(ruled: bool) -> None:
    def both(page: Any) -> None:
        widths = [30.0, 70.0, 80.0, 30.0]
        draw_table(page, [HEADER, *ROWS[:2]], widths=widths, horizontal=ruled, vertical=ruled)
        draw_table(page, [HEADER, ROWS[2]], widths=widths, left=300, horizontal=ruled, vertical=ruled)

    items = items_of(both)
    assert brief(items) == EXPECTED
    assert [one.row_number for one in items] == [1, 2, 3]


@pytest.mark.parametrize("ruled", [True, False])
def test_the_columns_of_a_list_are_no_fields_of_a_title_block(ruled: bool) -> None:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    rows = [["ITEM", "PART NUMBER", "TITLE", "QTY", "MATERIAL"], ["1", "A-100", "Base plate", "1", "EN AW-6082"]]
    draw_table(page, rows, widths=[40, 90, 140, 40, 90], horizontal=ruled, vertical=ruled)
    drawing = read(document.tobytes())
    assert len(drawing.bom_items) == 1
    assert drawing.metadata == ()
    assert [one.method for one in drawing.materials] == ["bom"]


def test_sums_headings_and_repeated_headers_are_no_parts() -> None:
    rows = [HEADER, ["", "", "Bought parts", ""], ROWS[0], HEADER, ["", "Spare parts", "", ""], ROWS[1], ["Total", "", "", "3"]]
    assert [one.item for one in items_of(lambda page: draw_table(page, rows))] == ["1", "2"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["Pos.", "Benennung", "Menge", "Werkstoff"], ["1", "Welle", "2", "1.4301"]),
        (["Rep.", "Désignation", "Qté", "Matière"], ["1", "Arbre", "2", "1.4301"]),
        (["Pos.", "Omschrijving", "Aantal", "Materiaal"], ["1", "As", "2", "1.4301"]),
        (["Pos.", "Descrizione", "Quantità", "Materiale"], ["1", "Albero", "2", "1.4301"]),
        (["Marca", "Denominación", "Cantidad", "Material"], ["1", "Eje", "2", "1.4301"]),
        (["Поз.", "Наименование", "Кол.", "Материал"], ["1", "Вал", "2", "1.4301"]),
        (["序号", "名称", "数量", "材料"], ["1", "轴", "2", "1.4301"]),
        (["照合番号", "部品名称", "個数", "材質"], ["1", "軸", "2", "1.4301"]),
        (["Item", "Description", "Qty.", "Material"], ["1", "Shaft", "2", "1.4301"]),
    ],
)
def test_headers_are_known_in_nine_languages(header: list[str], row: list[str]) -> None:
    found = list_from_cells([(header, Place()), (row, Place()), (["2", *row[1:]], Place())], 1, "acad_table", 0.9, titled=False)
    assert found is not None
    assert found.kinds == ("item", "description", "quantity", "material")


NO_LISTS = {
    "holes": [["HOLE", "X LOC", "Y LOC", "SIZE", "QTY"], ["A1", "10", "20", "M4", "1"], ["A2", "30", "20", "M4", "1"]],
    "changes": [["REV", "DESCRIPTION", "DATE", "APPROVED"], ["A", "First issue", "01.02.2020", "HM"], ["B", "Bore 5", "3.4.20", "HM"]],
    "numbered changes": [["NO.", "DESCRIPTION", "DATE"], ["1", "First issue", "01.02.2020"], ["2", "Bore 5", "3.4.20"]],
    "tolerances": [["NOMINAL", "TOLERANCE"], ["0-3", "0.1"], ["3-6", "0.2"]],
    "pins": [["PIN", "SIGNAL", "NO."], ["1", "GND", "3"], ["2", "VCC", "4"]],
    "a title block": [["PART NUMBER", "DESCRIPTION", "QTY"], ["4711", "Base plate", "1"]],
    "payments": [["DOCUMENT NO.", "DATE", "DESCRIPTION", "AMOUNT ($)"], ["4711", "1.2.20", "Rent", "12"], ["4712", "1.3.20", "Rent", "12"]],
}


@pytest.mark.parametrize("name", NO_LISTS)
def test_other_tables_are_no_parts_lists(name: str) -> None:
    rows = NO_LISTS[name]
    for ruled in (True, False):
        widths = [90.0] * len(rows[0])
        assert items_of(lambda page, w=widths, r=ruled: draw_table(page, rows, widths=w, horizontal=r, vertical=r)) == ()


def test_a_column_without_a_header_belongs_to_the_one_at_its_left() -> None:
    rows = [["Part number", "", "Name", "Quantity"], ["1724", "F", "Spool holder", "1"], ["1725", "G", "Cover", "2"]]
    items = items_of(lambda page: draw_table(page, rows, widths=[60, 20, 140, 50]))
    assert [one.part_number for one in items] == ["1724 F", "1725 G"]


def test_a_revision_column_goes_with_the_part_number() -> None:
    rows = [["ITEM", "PART NO", "REV", "QTY"], ["1", "4711", "B", "2"], ["2", "4712", "", "1"]]
    assert [one.part_number for one in items_of(lambda page: draw_table(page, rows, widths=[40, 90, 40, 40]))] == ["4711 B", "4712"]


def test_names_and_numbers_alone_are_a_list_under_its_title_only() -> None:
    rows = [(["Part", "Part No."], Place()), (["Mullion", "CW-001"], Place()), (["Cap", "CW-002"], Place())]
    assert list_from_cells(rows, 1, "mtext_tabs", 0.9, titled=False) is None
    found = list_from_cells(rows, 1, "mtext_tabs", 0.9, titled=True)
    assert found is not None
    assert [(row.values["description"], row.values["part_number"]) for row in found.rows] == [("Mullion", "CW-001"), ("Cap", "CW-002")]


def test_balloons_are_linked_to_the_row_with_their_number() -> None:
    def balloon(text: str, x: float) -> Annotation:
        return Annotation("balloon", text, Place(1, (x, 0.0, x + 9, 9.0)), "circle", 0.9, {"item": text})

    reader = BomReader()
    found = list_from_cells([(cells, Place(1)) for cells in [HEADER, *ROWS]], 1, "acad_table", 0.9, titled=False)
    assert found is not None
    reader.add([found])
    items = reader.items([balloon("2", 10.0), balloon("②", 50.0), balloon("9", 90.0)])
    assert [len(one.balloons) for one in items] == [0, 2, 0]


def test_circled_numbers_on_the_views_are_linked_to_the_rows_of_a_page() -> None:
    def assembly(page: Any) -> None:
        draw_table(page, [HEADER, *ROWS])
        for number, (x, y) in enumerate([(200, 300), (300, 350), (250, 420)], start=1):
            page.draw_circle((x, y), 9)
            page.insert_text((x - 2.5, y + 3.5), str(number), fontsize=9)
            page.draw_line((x + 9, y), (x + 60, y + 40))

    items = items_of(assembly)
    assert [len(one.balloons) for one in items] == [1, 1, 1]
    box = items[1].balloons[0].bbox
    assert box is not None
    assert 290 < box[0] < box[2] < 310


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2.0), ("2PCS", 2.0), ("2 pcs", 2.0), ("1,5 m", 1.5), ("4x", 4.0), ("x4", 4.0), ("(4)", 4.0),
        ("10 Stk.", 10.0), ("3件", 3.0), ("0.25", 0.25),
        ("XXmm", None), ("A/R", None), ("", None), ("-", None), ("1,000", None), ("2 or 3", None), ("M4", None),
    ],
)  # fmt: skip
def test_quantities_are_numbers_or_nothing(text: str, number: float | None) -> None:
    assert quantity(text) == number


@given(st.integers(0, 99_999), st.sampled_from(["", " pcs", "PCS", " Stk", "x", " ea", "件"]))
def test_every_whole_quantity_is_read_with_and_without_a_unit(number: int, unit: str) -> None:
    assert quantity(f"{number}{unit}") == number


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Zeichnung / Norm", "part_number"),
        ("Art.-Nr.", "part_number"),
        ("PART OR IDENTIFYING NO.", "part_number"),
        ("Nº plano", "part_number"),
        ("QTY. REQ.", "quantity"),
        ("Pos. nº", "item"),
        ("MATERIAL SPEC.", "material"),
        ("Gewicht ges.", "other"),
    ],
)  # fmt: skip
def test_headers_of_many_offices_are_known(header: str, kind: str) -> None:
    assert column_kind(header) == kind


@given(st.text(max_size=30))
def test_no_text_breaks_the_dictionary(text: str) -> None:
    column_kind(text)
    is_list_title(text)
    is_total(text)
    assert item_number(text) == item_number(item_number(text)) or not text.strip("()[]. ")


@given(st.lists(st.lists(st.sampled_from(["", "1", "A-1", "ITEM", "QTY", "Name", "Total"]), min_size=3, max_size=3), max_size=8))
def test_rows_of_any_cells_never_break_and_never_come_from_nothing(cells: list[list[str]]) -> None:
    found = list_from_cells([(row, Place()) for row in cells], 1, "acad_table", 0.9, titled=False)
    assert found is None or all(row.raw_cells for row in found.rows)


def test_a_stored_row_says_the_same_by_the_dictionary_that_read_it() -> None:
    for one in items_of(lambda page: draw_table(page, [HEADER, *ROWS])):
        again = values_again(one.raw_cells, sorted(HEADER))
        assert again == (one.item, one.part_number, one.description, one.quantity, one.material)
    assert values_again({"Qty": "1", "Pcs": "2"}, ["Pcs", "Qty"]) is None, "which of them came first is not known any more"


def test_a_header_stands_under_one_column_only() -> None:
    assert load_headers().kind_of["qty"] == "quantity"


def test_a_page_without_headers_never_asks_for_its_rules() -> None:
    document = pymupdf.open()
    document.new_page().insert_text((50, 50), "Nothing of the kind")
    from pipeline.extract.pdf.pages import read_sheet

    def fail() -> Any:
        raise AssertionError("the rules of this page were read")

    sheet = read_sheet(document[0], 1)
    assert BomReader().read_sheet(sheet, fail) == ()
    assert len(pieces_of(sheet)) == 1
    assert make_grid([], min_length=1.0, tolerance=0.5).cell_at(0.0, 0.0).is_closed is False
