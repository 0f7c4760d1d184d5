"""Word documents."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE

from pipeline.extract.errors import CorruptFile
from tests.unit.extract.text.formats.reading import DOCX, blocks, part, read, texts, with_parts

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = "word/document.xml"


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_body(xml: str, document: Any = None) -> bytes:
    """A document whose body is this markup."""
    spaces = (f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
              'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
              'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
              'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"')
    return with_parts(saved(document or docx.Document()), {BODY: f"<w:document {spaces}><w:body>{xml}</w:body></w:document>"})


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "", inner: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}{paragraph(text)}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def test_headings_paragraphs_lists_and_tables_keep_their_order_and_kinds() -> None:
    document = docx.Document()
    document.add_heading("Scope", 1)
    document.add_paragraph("First line\nsecond line")
    document.add_heading("Parts", 2)
    document.add_paragraph("one", style="List Number")
    document.add_paragraph("two", style="List Number")
    document.add_paragraph("dot", style="List Bullet")
    made = document.add_table(2, 2)
    for place, text in zip([place for row in made.rows for place in row.cells], ("Part", "Mass", "Bolt", "3\nkg"), strict=True):
        place.text = text
    document.add_paragraph("End")
    result = read(saved(document), DOCX)
    assert blocks(result) == [
        ("heading", "Scope"), ("text", "First line\nsecond line"), ("heading", "Parts"), ("list", "1. one\n2. two\n• dot"),
        ("table", "Part\tMass\nBolt\t3 kg"), ("text", "End")]
    page = result.pages[0]
    assert [block.level for block in page.blocks if block.kind == "heading"] == [1, 2]
    assert [block.header_rows for block in page.blocks if block.kind == "table"] == [1]
    assert (page.method, page.confidence, result.kind, result.partial, result.warnings) == ("docx", 1.0, "docx", False, ())
    assert page.text == "\n".join(text for _, text in blocks(result))


def test_level_of_a_heading_comes_from_the_style_it_is_based_on_or_the_paragraph_itself() -> None:
    document = docx.Document()
    own = document.styles.add_style("Clause", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 3"]
    document.add_paragraph("by its style", style="Clause")
    data = saved(document)
    more = paragraph("by itself", '<w:outlineLvl w:val="1"/>') + paragraph("none", '<w:pStyle w:val="Heading1"/><w:outlineLvl w:val="9"/>')
    body = part(data, BODY).replace("</w:body>", more + "</w:body>")
    found = read(with_parts(data, {BODY: body}), DOCX).pages[0].blocks
    assert [(block.text, block.level) for block in found] == [("by its style", 3), ("by itself", 2), ("none", None)]


def test_styles_that_are_based_on_each_other_in_a_circle_end() -> None:
    document = docx.Document()
    one, two = (document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) for name in ("One", "Two"))
    one.base_style, two.base_style = two, one
    document.add_paragraph("text", style="One")
    assert blocks(read(saved(document), DOCX)) == [("text", "text")]


def test_core_properties_give_title_author_and_dates() -> None:
    document = docx.Document()
    document.core_properties.title = "Pump manual"
    document.core_properties.author = "A. Smith"
    document.add_paragraph("text")
    result = read(saved(document), DOCX)
    assert result.title == "Pump manual"
    assert result.properties["author"] == "A. Smith"
    assert str(result.properties["created"]).startswith("2013-12-23T")


def test_title_paragraph_is_the_title_where_the_properties_have_none() -> None:
    document = docx.Document()
    document.add_heading("Test Report", 0)
    result = read(saved(document), DOCX)
    assert (result.title, blocks(result)) == ("Test Report", [("heading", "Test Report")])


def test_headers_and_footers_are_blocks_of_their_own_kind_and_stand_once() -> None:
    document = docx.Document()
    document.add_paragraph("text")
    section = document.sections[0]
    section.header.paragraphs[0].text = "ACME Ltd"
    section.footer.paragraphs[0].text = "Confidential"
    second = document.add_section()
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "ACME Ltd"
    assert blocks(read(saved(document), DOCX)) == [("header", "ACME Ltd"), ("text", "text"), ("footer", "Confidential")]


def test_tracked_insertions_are_text_and_deletions_are_not() -> None:
    body = ("<w:p><w:r><w:t>keep </w:t></w:r><w:ins><w:r><w:t>added</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>"
            + table(cell("A") + cell("B"), "<w:trPr><w:del/></w:trPr>" + cell("dead")))
    assert blocks(read(with_body(body), DOCX)) == [("text", "keep added"), ("table", "A\tB")]


def test_text_boxes_are_read_once_and_after_their_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('in the box')}</w:txbxContent>"
    body = ("<w:p><w:r><w:t>before</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>" + box +
            "</wps:txbx></mc:Choice><mc:Fallback><w:pict>" + box + "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            "<w:r><w:t> after</w:t></w:r></w:p>")
    assert blocks(read(with_body(body), DOCX)) == [("text", "before after"), ("text", "in the box")]


def test_nested_and_merged_cells_become_one_line_a_row() -> None:
    inner = table(cell("x") + cell("y"))
    body = table(
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("Wide", "<w:gridSpan w:val='2'/>") + cell("C"),
        cell("1", "<w:vMerge w:val='restart'/>") + cell("z", inner=inner) + cell("3"),
        cell("", "<w:vMerge/>") + "<w:tc/>" + cell("6"),
    )
    found = read(with_body(body), DOCX).pages[0].blocks
    assert [(block.text, block.header_rows) for block in found] == [("Wide\t\tC\n1\tx y z\t3\n1\t\t6", 1)]


def test_footnotes_follow_the_text_and_are_referred_to() -> None:
    relation = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
                '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>')
    notes = (f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator" w:id="0">{paragraph("---")}</w:footnote>'
             f'<w:footnote w:id="2">{paragraph("See ISO 2768")}</w:footnote></w:footnotes>')
    data = with_parts(with_body("<w:p><w:r><w:t>Tolerance</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>"),
                      {"word/_rels/document.xml.rels": relation, "word/footnotes.xml": notes})
    assert blocks(read(data, DOCX)) == [("text", "Tolerance[1]"), ("text", "[1] See ISO 2768")]


@pytest.mark.parametrize(("run", "text"), [
    pytest.param("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hid</w:t></w:r><w:r><w:t>shown</w:t></w:r>", "shown", id="hidden text"),
    pytest.param("<w:hyperlink r:id='r9'><w:r><w:t>link</w:t></w:r></w:hyperlink>", "link", id="link"),
    pytest.param("<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r>", "7", id="field"),
    pytest.param("<w:r><w:t>20</w:t><w:sym w:font='Symbol' w:char='F0B0'/><w:t>C</w:t></w:r>", "20°C", id="symbol font"),
    pytest.param("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t></w:r>", "a\tb-c", id="tab and hyphen"),
    pytest.param("<w:pPr><w:tabs><w:tab w:val='left' w:pos='1'/></w:tabs></w:pPr><w:r><w:t>text</w:t></w:r>", "text", id="tab stops"),
    pytest.param("<m:oMath><m:r><m:t>F=ma</m:t></m:r></m:oMath>", "F=ma", id="formula"),
    pytest.param("<w:sdt><w:sdtContent><w:r><w:t>control</w:t></w:r></w:sdtContent></w:sdt>", "control", id="content control"),
])
def test_runs_are_read_as_word_shows_them(run: str, text: str) -> None:
    assert texts(read(with_body(f"<w:p>{run}</w:p>"), DOCX)) == text


def test_numbered_headings_bear_the_numbers_that_word_shows() -> None:
    levels = "".join(f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
                     for at, (form, text) in enumerate((("decimal", "%1"), ("decimal", "%1.%2"), ("lowerLetter", "%3)"))))
    numbering = (f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
                 '<w:num w:numId="5"><w:abstractNumId w:val="7"/></w:num></w:numbering>')

    def numbered(text: str, level: int) -> str:
        return paragraph(text, f'<w:pStyle w:val="Heading{level + 1}"/><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>')

    texts_and_levels = (("Scope", 0), ("Parts", 0), ("Bolts", 1), ("Nuts", 1), ("M6", 2), ("End", 0))
    body = "".join(numbered(text, level) for text, level in texts_and_levels)
    result = read(with_parts(with_body(body), {"word/numbering.xml": numbering}), DOCX)
    assert [block.text for block in result.pages[0].blocks] == ["1 Scope", "2 Parts", "2.1 Bolts", "2.2 Nuts", "a) M6", "3 End"]


def test_lists_go_on_or_begin_anew_as_their_numberings_say() -> None:
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="(%1)"/></w:lvl>'
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    nums = "".join(f'<w:num w:numId="{at}"><w:abstractNumId w:val="7"/>{more}</w:num>' for at, more in ((1, ""), (2, ""), (3, anew)))
    numbering = f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">{level}</w:abstractNum>{nums}</w:numbering>'
    body = "".join(paragraph("x", f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{num}"/></w:numPr>') for num in (1, 1, 2, 3, 3))
    assert texts(read(with_parts(with_body(body), {"word/numbering.xml": numbering}), DOCX)) == "(i) x\n(ii) x\n(iii) x\n(i) x\n(ii) x"


def test_what_stands_before_the_damage_is_kept() -> None:
    body = part(with_body(paragraph("whole") + table(cell("cell"), cell("half"))), BODY)
    result = read(with_parts(saved(docx.Document()), {BODY: body[: body.index("half") + 4]}), DOCX)
    assert texts(result) == "whole\ncell\nhalf"
    assert (result.partial, result.warnings) == (True, ("damaged",))


def test_document_without_any_readable_text_is_corrupt() -> None:
    with pytest.raises(CorruptFile):
        read(with_parts(saved(docx.Document()), {BODY: b"\x00\x01 no markup"}), DOCX)


def test_text_beyond_the_bound_is_left_out_and_said_so() -> None:
    result = read(with_body("".join(paragraph(f"word{number} " * 5) for number in range(300))), DOCX, max_chars=1000)
    assert (result.partial, result.warnings) == (True, ("truncated",))
    assert 900 < len(texts(result)) <= 1000
    assert texts(result).endswith(tuple("0123456789"))


def test_one_table_that_never_ends_is_read_up_to_the_bound() -> None:
    result = read(with_body(table(*(cell(f"cell {number}") for number in range(2000)))), DOCX, max_chars=2000)
    assert (result.partial, result.warnings) == (True, ("truncated",))
    assert texts(result).startswith("cell 0\ncell 1\n")


def test_twenty_thousand_styles_are_no_trouble() -> None:
    styles = "".join(f'<w:style w:styleId="s{n}"><w:name w:val="s{n}"/><w:basedOn w:val="s{n - 1}"/></w:style>' for n in range(20_000))
    document = with_parts(with_body(paragraph("text", '<w:pStyle w:val="s19999"/>')),
                          {"word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>'})
    assert blocks(read(document, DOCX)) == [("text", "text")]
