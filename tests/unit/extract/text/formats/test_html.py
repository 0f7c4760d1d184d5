"""HTML."""

from __future__ import annotations

import pytest

from pipeline.extract.text.formats.html_tags import MAX_DEPTH, MAX_TAGS, flattened
from tests.unit.extract.text.formats.reading import blocks, read, texts

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

HTML = "text/html"


def body(markup: str) -> list[tuple[str, str]]:
    return blocks(read(f"<!doctype html><html><body>{markup}</body></html>", HTML))


def test_headings_paragraphs_lists_tables_and_code_are_blocks_of_their_kinds() -> None:
    assert body("""
        <h1>Pump <b>P-7</b></h1> loose text <p>One <a href="x">link</a> more<br>next line</p>
        <ul><li>a<li>b<ul><li>inner</ul></ul> <ol><li>first<li>second</ol>
        <table><caption>Masses</caption><tr><th>Part<th>kg<tr><td>Bolt<td>1<br>2</table>
        <pre>x = 1\ny = 2</pre><blockquote>quoted</blockquote>""") == [
        ("heading", "Pump P-7"), ("text", "loose text"), ("text", "One link more\nnext line"), ("list", "• a\n• b\n• inner"),
        ("list", "1. first\n2. second"), ("table", "Part\tkg\nBolt\t1 2"), ("code", "x = 1\ny = 2"), ("text", "quoted")]


def test_levels_and_header_rows_are_those_of_the_markup() -> None:
    page = read("<h2>A</h2><h6>B</h6><table><thead><tr><td>1<td>2</thead><tr><th>x<td>3<tr><th>y<td>4</table>", HTML).pages[0]
    assert [(block.level, block.header_rows) for block in page.blocks] == [(2, 0), (6, 0), (None, 1)]
    assert (page.method, page.confidence) == ("html", 1.0)


@pytest.mark.parametrize("markup", [
    "<script>var x = '<p>no</p>';</script>", "<style>p { color: red }</style>", "<p hidden>no</p>", "<div style='DISPLAY : none'>no</div>",
    "<!-- no -->", "<template><p>no</p></template>", "<noscript>no</noscript>", "<nav><a href='/'>no</a></nav>",
    "<svg><text>no</text></svg>",
])
def test_what_a_page_does_not_show_is_left_out(markup: str) -> None:
    assert body(f"<p>before</p>{markup}<p>after</p>") == [("text", "before"), ("text", "after")]


def test_title_language_and_author_are_taken_from_the_head() -> None:
    head = '<title>Die &amp; Pumpe</title><meta name="author" content="K. Roth">'
    result = read(f'<html lang="de"><head>{head}</head><body>x</body></html>', HTML)
    assert (result.title, result.properties) == ("Die & Pumpe", {"language": "de", "author": "K. Roth"})


def test_tables_for_the_layout_are_read_as_text_with_the_tables_in_them() -> None:
    assert body("<table><tr><td>left<td><h2>Data</h2><table><tr><td>a<td>b<tr><td>1<td>2</table>after</table>") == [
        ("text", "left"), ("heading", "Data"), ("table", "a\tb\n1\t2"), ("text", "after")]


def test_columns_stay_in_line_below_a_cell_that_spans_them() -> None:
    assert body("<table><tr><td colspan=2>Wide<td>C<tr><td>1<td>2<td>3</table>") == [("table", "Wide\t\tC\n1\t2\t3")]


def test_columns_stay_in_line_beside_a_cell_that_spans_rows() -> None:
    page = "<table><tr><th>Part<th>Size<th>Qty<tr><td rowspan=2>Screw<td>M6<td>4<tr><td>M8<td>2<tr><td>Nut<td>M6<td>4</table>"
    assert body(page) == [("table", "Part\tSize\tQty\nScrew\tM6\t4\n\tM8\t2\nNut\tM6\t4")]


def test_a_cell_that_spans_columns_and_rows_leaves_room_below_itself() -> None:
    page = "<table><tr><td>a<td rowspan=3 colspan=2>b<td>c<tr><td>d<td>e<tr><td>f<td>g</table>"
    assert body(page) == [("table", "a\tb\t\tc\nd\t\t\te\nf\t\t\tg")]


def test_spans_of_many_rows_and_columns_cost_little() -> None:
    read("<table><tr>" + "<td rowspan=65534 colspan=100>x" * 1000 + "<tr><td>y" * 20_000, HTML)


@pytest.mark.parametrize(("data", "text"), [
    pytest.param('<meta charset="windows-1251"><p>Насос'.encode("cp1251"), "Насос", id="named"),
    pytest.param("<p>Größe".encode("utf-16"), "Größe", id="marked"),
    pytest.param('<meta charset="utf-8"><p>Größe'.encode(), "Größe", id="utf-8"),
])
def test_encoding_is_the_one_that_the_page_names(data: bytes, text: str) -> None:
    result = read(data, HTML)
    assert (texts(result), result.warnings) == (text, ())


@pytest.mark.parametrize("start", ["<div>", "<table><tr><td>", "<b><i><font color=red>", "<ul><li>", "<p><span>", "<blockquote>"])
def test_thousands_of_nested_tags_are_flattened_in_good_time(start: str) -> None:
    result = read(start * 60_000 + "deep", HTML)
    assert texts(result) == ("• deep" if "li" in start else "deep")
    assert result.warnings == ("nesting_flattened",)


def test_tags_that_were_taken_out_leave_the_structure_after_them_whole() -> None:
    deep = "<div>" * 1000 + "deep" + "</div>" * 1000
    assert body(f"<p>a</p>{deep}<h2>b</h2>") == [("text", "a"), ("text", "deep"), ("heading", "b")]


def test_paragraphs_that_are_never_closed_are_not_nested() -> None:
    text = "<p>x<br>y" * 5000
    assert flattened(text).text == text
    assert MAX_DEPTH < 5000


def test_more_tags_than_a_page_has_are_cut_off() -> None:
    flat = flattened("<p>x" * (MAX_TAGS + 10))
    assert (flat.is_whole, flat.text.count("<p>")) == (False, MAX_TAGS)


def test_broken_markup_gives_what_a_browser_would_show() -> None:
    assert body("<p>one<p>two</b></i><h3>three</p>") == [("text", "one"), ("text", "two"), ("heading", "three")]
    assert texts(read("<", HTML)) == "<"


def test_text_beyond_the_bound_is_left_out_and_said_so() -> None:
    result = read("<p>word word word</p>" * 500, HTML, max_chars=1000)
    assert (result.partial, "truncated" in result.warnings) == (True, True)
    assert len(texts(result)) <= 1000
