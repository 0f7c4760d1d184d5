"""Pages of which a part is no text and no line: words that became curves on export, and images within the page's content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymupdf

from pipeline.extract.pdf.pages import read_sheet
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.triage import PageKind, triage


def made(outlined: Callable[[Any], None], drawn: Callable[[Any], None]) -> Any:
    """A page, A4, opened again from its bytes. outlined: what is on it as paths, its text, too; drawn: what is as it is."""
    source: Any = pymupdf.open()
    outlined(source.new_page(width=595, height=842))
    svg = source[0].get_svg_image(text_as_path=True)
    document: Any = pymupdf.open(stream=pymupdf.open(stream=svg.encode(), filetype="svg").convert_to_pdf(), filetype="pdf")
    drawn(document[0])
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")[0]


def kind_of(page: Any) -> PageKind:
    sheet = read_sheet(page, 1)
    return triage(page, sheet, PagePaths(page, sheet.frame))


def words(count: int, top: float) -> Callable[[Any], None]:
    def write(page: Any) -> None:
        for index in range(count):
            page.insert_text((60 + 60 * (index % 8), top + 14 * (index // 8)), "Bracket", fontsize=9)

    return write


def test_a_page_whose_words_are_partly_outlines_is_read_by_ocr() -> None:
    assert kind_of(made(words(20, 100), words(30, 400))) is PageKind.VECTOR


def test_a_logo_as_curves_beside_text_needs_no_ocr() -> None:
    assert kind_of(made(words(2, 100), words(30, 400))) is PageKind.TEXT_LAYER


def test_a_page_with_much_text_needs_no_ocr_for_its_outlines() -> None:
    assert kind_of(made(words(20, 100), words(120, 400))) is PageKind.TEXT_LAYER


def test_the_stems_of_outlined_letters_are_no_rules() -> None:
    def draw(page: Any) -> None:
        page.draw_rect((50, 90, 550, 160))
        for row in range(6):
            page.insert_text((60, 102 + 10 * row), "Reproduction of all kinds is prohibited", fontsize=11)

    page = made(draw, words(1, 400))
    cell = PagePaths(page, read_sheet(page, 1).frame).grid.cell_at(545, 125)
    assert [round(side) for side in cell.box()] == [50, 90, 550, 160]


def test_images_within_the_content_do_not_hide_the_lines_beside_them() -> None:
    def draw(page: Any) -> None:
        page.draw_line((100, 500), (300, 500))
        image = b"\nq 50 0 0 50 400 700 cm\nBI /W 2000 /H 1500 /CS /G /BPC 8 ID " + bytes([200, 201, 210]) * 1_000_000 + b"\nEI\nQ\n"
        xref = page.get_contents()[-1]
        page.parent.update_stream(xref, page.parent.xref_stream(xref) + image)

    page = made(words(1, 100), draw)
    paths = PagePaths(page, read_sheet(page, 1).frame)
    assert not paths.is_dense
    assert paths.drawings
