"""Workbooks."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pipeline.extract.errors import CorruptFile, UnsupportedFormat
from pipeline.extract.text.formats.xlsx_values import Look, look_of, shown
from tests.unit.extract.text.formats.reading import XLSX, blocks, part, read, texts, with_parts

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: list[Any], name: str = "Parts") -> Any:
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    return book


def with_cells(xml: str) -> bytes:
    """A workbook whose first sheet holds this markup."""
    return with_parts(saved(book_of([1])), {SHEET: f'<worksheet xmlns="{S}"><sheetData>{xml}</sheetData></worksheet>'})


def test_a_sheet_is_a_page_that_begins_with_its_name() -> None:
    book = book_of(["Part", "Qty"], ["Bolt", 4], ["Nut", 8])
    book.create_sheet("Notes").append(["Only a note"])
    result = read(saved(book), XLSX)
    assert blocks(result) == [("heading", "Parts"), ("table", "Part\tQty\nBolt\t4\nNut\t8")]
    assert blocks(result, 2) == [("heading", "Notes"), ("text", "Only a note")]
    assert [block.level for page in result.pages for block in page.blocks if block.kind == "heading"] == [1, 1]
    assert result.pages[0].blocks[1].header_rows == 1
    assert (result.kind, result.pages[0].method, result.pages[1].page_number) == ("xlsx", "xlsx", 2)
    assert result.properties["sheets"] == ["Parts", "Notes"]


def test_values_are_shown_as_their_cells_show_them() -> None:
    book = book_of(["Day", "Moment", "Share", "Noise", "Flag", "Text"],
                   [dt.date(2024, 5, 6), dt.datetime(2024, 5, 6, 7, 8, 9), 0.125, 0.1 + 0.2, True, "a\nb\tc"])
    book.active["C2"].number_format = "0.0%"
    assert texts(read(saved(book), XLSX)).splitlines()[-1] == "2024-05-06\t2024-05-06T07:08:09\t12.5%\t0.3\tTRUE\ta b c"


def test_formulas_give_the_results_that_were_saved() -> None:
    cells = '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"x"</f><v>x</v></c><c r="C1"><f>A1</f></c>'
    result = read(with_cells(f'<row r="1">{cells}</row>'), XLSX)
    assert texts(result) == "Parts\n2\tx"
    assert (result.partial, result.warnings) == (True, ("formulas_without_values:1",))


def test_cells_merged_downwards_give_their_value_to_each_row() -> None:
    book = book_of(["Group", "Part"], ["Frame", "Bolt"], [None, "Nut"])
    book.active.merge_cells("A2:A3")
    assert texts(read(saved(book), XLSX)) == "Parts\nGroup\tPart\nFrame\tBolt\nFrame\tNut"


def test_hidden_sheets_are_kept_and_named() -> None:
    book = book_of(["x"])
    book.create_sheet("Costs").append(["price"])
    book["Costs"].sheet_state = "hidden"
    result = read(saved(book), XLSX)
    assert texts(result) == "Parts\nx\nCosts\nprice"
    assert result.warnings == ("hidden_sheet:Costs",)
    assert result.partial is False


def test_lines_above_a_table_are_text_and_empty_rows_part_tables() -> None:
    book = book_of(["Parts of the pump"], ["Part", "Qty"], ["Bolt", 4], [], ["Tool", "Size"], ["Key", "M6"])
    result = read(saved(book), XLSX)
    assert blocks(result)[1:] == [("text", "Parts of the pump"), ("table", "Part\tQty\nBolt\t4"), ("table", "Tool\tSize\nKey\tM6")]
    assert [block.header_rows for block in result.pages[0].blocks] == [0, 0, 1, 1]


def test_rows_after_an_empty_one_are_the_same_table_where_they_have_no_header() -> None:
    result = read(saved(book_of(["Part", "Qty"], ["Bolt", 4], [], ["Nut", 8], ["Pin", 2])), XLSX)
    assert blocks(result)[1:] == [("table", "Part\tQty\nBolt\t4\nNut\t8\nPin\t2")]


def test_a_cell_in_the_last_corner_costs_nothing() -> None:
    book = book_of(["first"])
    book.active["XFD1048576"] = "last"
    assert texts(read(saved(book), XLSX)) == "Parts\nfirst\nlast"


def test_twenty_thousand_styles_are_no_trouble() -> None:
    book = book_of(["a", "b"])
    data = saved(book)
    styles = part(data, "xl/styles.xml")
    start = styles.index("<cellXfs"), styles.index("</cellXfs>")
    many = '<cellXfs count="20000">' + '<xf numFmtId="14"/>' * 20_000
    sheet = f'<worksheet xmlns="{S}"><sheetData><row r="1"><c r="A1" s="19999"><v>45418</v></c></row></sheetData></worksheet>'
    data = with_parts(data, {"xl/styles.xml": styles[: start[0]] + many + styles[start[1] :], SHEET: sheet})
    assert texts(read(data, XLSX)) == "Parts\n2024-05-06"


def test_sheets_beyond_the_bound_are_left_out_and_said_so() -> None:
    book = openpyxl.Workbook(write_only=True)
    for name in ("One", "Two"):
        sheet = book.create_sheet(name)
        for number in range(500):
            sheet.append([f"{get_column_letter(1 + number)}{number}", number])
    result = read(saved(book), XLSX, max_chars=1000)
    assert (result.partial, result.warnings, len(result.pages)) == (True, ("truncated",), 1)
    assert len(texts(result)) <= 1000


def test_what_stands_before_the_damage_is_kept() -> None:
    data = saved(book_of(["Part", "Qty"], ["Bolt", 4], ["Nut", 8]))
    sheet = part(data, SHEET)
    result = read(with_parts(data, {SHEET: sheet[: sheet.rindex("<row")]}), XLSX)
    assert texts(result) == "Parts\nPart\tQty\nBolt\t4"
    assert (result.partial, result.warnings) == (True, ("sheet_damaged:Parts",))


def test_a_workbook_whose_only_sheet_cannot_be_read_is_corrupt() -> None:
    with pytest.raises(CorruptFile):
        read(with_parts(saved(book_of([1])), {SHEET: "<worksheet"}), XLSX)


def test_a_binary_workbook_is_unsupported_by_name() -> None:
    relation = '<Relationships><Relationship Type="a/officeDocument" Target="xl/workbook.bin"/></Relationships>'
    with pytest.raises(UnsupportedFormat, match="XLSB"):
        read(with_parts(saved(book_of([1])), {"xl/workbook.bin": "x", "_rels/.rels": relation}), XLSX)


@pytest.mark.parametrize(("code", "look"), [
    ("yyyy-mm-dd", Look.DATE), ("[$-407]d. mmmm yyyy", Look.DATE), ("hh:mm", Look.TIME), ("[h]:mm", Look.ELAPSED), ("0.00%", Look.PERCENT),
    ("General", Look.PLAIN), ('0.0" mm"', Look.PLAIN), ('"day "0', Look.PLAIN), ("[Red]0.00", Look.PLAIN),
    ("#,##0 \\d", Look.PLAIN), ("mm:ss", Look.TIME),
])
def test_number_formats_tell_dates_from_numbers(code: str, look: Look) -> None:
    assert look_of(code) is look


@pytest.mark.parametrize(("value", "look", "text"), [
    ("45418", Look.DATE, "2024-05-06"), ("59", Look.DATE, "1900-02-28"), ("61", Look.DATE, "1900-03-01"), ("0.5", Look.TIME, "12:00:00"),
    ("1.25", Look.ELAPSED, "30:00:00"), ("1e300", Look.DATE, "1e+300"), ("12345678901234567", Look.PLAIN, "12345678901234568"),
    ("-3.50", Look.PLAIN, "-3.5"), ("n/a", Look.PLAIN, "n/a"), ("-1", Look.DATE, "-1"),
])
def test_numbers_by_their_looks(value: str, look: Look, text: str) -> None:
    assert shown(value, look) == text


def test_the_other_calendar_begins_four_years_later() -> None:
    assert shown("0", Look.DATE, from_1904=True) == "1904-01-01"
