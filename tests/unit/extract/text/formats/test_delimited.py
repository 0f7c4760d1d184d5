"""CSV and TSV, and what makes a table of cells."""

from __future__ import annotations

import pytest

from pipeline.extract.text.formats.tables import header_rows, pieces, table_text
from tests.unit.extract.text.formats.reading import blocks, read, texts

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

CSV, TSV = "text/csv", "text/tab-separated-values"


@pytest.mark.parametrize(("text", "mime", "delimiter"), [
    pytest.param('Part,Mass,Note\n"Bolt, long",2.5,"two\nlines"\nNut,1,x\n', CSV, ",", id="commas and quotes"),
    pytest.param("Part;Mass;Note\nBolt, long;2.5;two lines\nNut;1;x\n", CSV, ";", id="semicolons"),
    pytest.param("Part\tMass\tNote\nBolt, long\t2.5\ttwo lines\nNut\t1\tx\n", TSV, "tab", id="tabs"),
    pytest.param("sep=;\r\nPart;Mass;Note\r\nBolt, long;2.5;two lines\r\nNut;1;x\r\n", CSV, ";", id="named by Excel"),
])
def test_the_delimiter_is_found(text: str, mime: str, delimiter: str) -> None:
    result = read(text, mime)
    assert blocks(result) == [("table", "Part\tMass\tNote\nBolt, long\t2.5\ttwo lines\nNut\t1\tx")]
    assert (result.properties["delimiter"], result.pages[0].blocks[0].header_rows, result.pages[0].method) == (delimiter, 1, "csv")


def test_decimal_commas_do_not_part_cells() -> None:
    assert texts(read("a;b\n1,5;2,5\n3,5;4,5\n", CSV)) == "a\tb\n1,5\t2,5\n3,5\t4,5"


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    rows = ['Part,Size', 'Pipe,"1/2', *(f"Bolt {number},{number}" for number in range(300))]
    assert len(texts(read("\n".join(rows), CSV)).splitlines()) == 302


def test_a_cell_may_be_as_long_as_a_document() -> None:
    long = "word " * 60_000
    assert len(texts(read(f'a,b\n1,"{long}"\n', CSV))) > 299_000


@pytest.mark.parametrize(("rows", "count"), [
    pytest.param([["Part", "Qty"], ["Bolt", "4"]], 1, id="words over numbers"),
    pytest.param([["Part", "Name"], ["A", "Bolt"]], 1, id="words over words"),
    pytest.param([["1", "2"], ["3", "4"]], 0, id="numbers alone"),
    pytest.param([["Bolt", "4"], ["Nut", "8"]], 0, id="a value in the first row"),
    pytest.param([["Part", "2024-05-06"], ["a", "b"]], 0, id="a date in the first row"),
    pytest.param([["x", "x", "x"], ["1", "2", "3"]], 0, id="the same name for all"),
    pytest.param([["Part", "Qty"]], 0, id="nothing below"),
    pytest.param([["", "Sales", "Costs"], ["2024", "5", "6"]], 1, id="an empty corner"),
    pytest.param([["Key", "Value", "", "", ""], ["a", "b", "c", "d", "e"]], 0, id="most columns without a name"),
])
def test_the_first_row_is_a_header_where_it_names_columns(rows: list[list[str]], count: int) -> None:
    assert header_rows(rows) == count


def test_a_table_is_a_line_a_row_with_tabs_between_cells() -> None:
    assert table_text([["", "b\n c", ""], ["1", "", "3\t4"]]) == "-\tb c\n1\t\t3 4"


def test_columns_that_no_row_uses_are_left_out() -> None:
    assert [piece.text for piece in pieces([["a", "", "b"], ["1", "", "2"]])] == ["a\tb\n1\t2"]


def test_thousands_of_tables_parted_by_empty_rows_take_no_time() -> None:
    found = pieces(row for number in range(20_000) for row in (["Part", "Qty"], [f"Bolt {number}", "1"], ["Nut", "2"], []))
    assert len(found) == 20_000
    found = pieces(row for number in range(40_000) for row in ([f"Bolt {number}", "1"], []))
