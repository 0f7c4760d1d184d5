"""Pages without usable text, made here and read by the engine that is built in."""

from __future__ import annotations

from typing import Any

import pymupdf
import pytest

from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf.pages import read_sheet
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.reader import read
from pipeline.extract.pdf.triage import PageKind, is_garbled, triage

TEXTS = {
    "FRONT PANEL": (60.0, 80.0),
    "1002-A2P-A": (300.0, 80.0),
    "Ø12.5 ±0.1": (60.0, 160.0),
    "4x M5": (300.0, 160.0),
    "337": (60.0, 240.0),
}


def sheet() -> Any:
    """A page of a few texts and a ruled table."""
    document = pymupdf.open()
    page = document.new_page(width=500, height=300)
    for text, place in TEXTS.items():
        page.insert_text(place, text, fontsize=14)
    for x in (40, 280, 460):
        page.draw_line((x, 50), (x, 110))
    for y in (50, 110):
        page.draw_line((40, y), (460, y))
    page.insert_text((480, 290), "240", fontsize=14, rotate=90)
    return document


def as_scan(document: Any, *, turn: int = 0) -> bytes:
    """The first page as an image of paper, turned clockwise."""
    source = document[0]
    pixmap = source.get_pixmap(matrix=pymupdf.Matrix(200 / 72, 200 / 72).prerotate(turn), colorspace=pymupdf.csGRAY)
    width, height = source.rect.width, source.rect.height
    if turn in (90, 270):
        width, height = height, width
    result = pymupdf.open()
    page = result.new_page(width=width, height=height)
    page.insert_image(page.rect, pixmap=pixmap)
    return bytes(result.tobytes())


def as_outlines(document: Any) -> bytes:
    """The first page with its text as filled paths."""
    svg = document[0].get_svg_image(text_as_path=True)
    drawn = pymupdf.open(stream=svg.encode(), filetype="svg")
    return bytes(drawn.convert_to_pdf())


def kind_of(data: bytes) -> PageKind:
    page = pymupdf.open(stream=data, filetype="pdf")[0]
    text = read_sheet(page, 1)
    return triage(page, text, PagePaths(page, text.frame))


SEVENS = ("7.7", "77", "7.77", "777", "77.7")


def dimensioned(*, as_strokes: bool) -> bytes:
    """A title in words, and dimension lines with numbers as text or as single strokes."""
    document: Any = pymupdf.open()
    page = document.new_page(width=500, height=400)
    page.insert_text((300, 380), "Bracket made of steel, scale 1:1, drawn by hand for a test of one sheet", fontsize=6)
    for row, number in enumerate(SEVENS):
        y = 40.0 + 60 * row
        page.draw_line((60, y), (260, y))
        for x, back in ((60, 8), (260, -8)):
            page.draw_polyline([(x, y), (x + back, y - 1.5), (x + back, y + 1.5), (x, y)], fill=(0, 0, 0))
        if not as_strokes:
            page.insert_text((140, y - 4), number, fontsize=12)
            continue
        for place, character in enumerate(number):
            x = 140.0 + 7 * place
            stroke = [(x, y - 12), (x + 5, y - 12), (x + 2, y - 4)] if character == "7" else [(x + 2, y - 5), (x + 3, y - 4)]
            page.draw_polyline(stroke, width=0.4)
    return bytes(document.tobytes())


def test_dimensions_in_a_stroke_font_beside_a_text_layer_are_seen() -> None:
    assert kind_of(dimensioned(as_strokes=True)) is PageKind.MIXED
    assert kind_of(dimensioned(as_strokes=False)) is PageKind.TEXT_LAYER


def test_dimensions_in_a_stroke_font_are_read_beside_the_text_layer() -> None:
    drawing = read(dimensioned(as_strokes=True))
    assert "Bracket made of steel" in drawing.pages[0].text
    assert {one.nominal for one in drawing.dimensions} <= {7.7, 77.0, 7.77, 777.0, 77.7}
    assert len(drawing.dimensions) >= 3


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_triage_tells_text_scan_outlines_and_blank_apart() -> None:
    document = sheet()
    blank = pymupdf.open()
    blank.new_page()
    assert kind_of(bytes(document.tobytes())) is PageKind.TEXT_LAYER
    assert kind_of(as_scan(document)) is PageKind.SCAN
    assert kind_of(as_outlines(document)) is PageKind.VECTOR
    assert kind_of(bytes(blank.tobytes())) is PageKind.BLANK


@pytest.mark.parametrize(("text", "legible", "garbled"), [
    ("\ue001\ue002\ue003 abc", 0.3, True),
    ("xkq# wt!zv pfgh$ klm&n rstv; bcdfg qwrtp zxcvb nmklp hjklq " * 3, 1.0, True),
    ("UNLESS OTHERWISE SPECIFIED DIMENSIONS ARE IN MILLIMETERS TOLERANCES LINEAR ANGULAR " * 2, 1.0, False),
    ("R12 C4 U3 SDA SCL GND VCC MOSI MISO RST CLK 3V3 PWM LED GPIO TXD RXD HDR SMD QFN", 1.0, False),
    ("Werkstoff Maßstab Oberfläche gezeichnet geprüft Benennung Zeichnungsnummer Blatt von Blättern Änderung", 1.0, False),
    ("short", 1.0, False),
])
def test_a_text_layer_that_says_nothing_is_known(text: str, legible: float, garbled: bool) -> None:
    assert is_garbled(text, legible) is garbled


@pytest.mark.parametrize("made", [as_scan, as_outlines])
def test_every_text_is_read_where_it_stands(made: Any) -> None:
    drawing = read(made(sheet()))
    page = drawing.pages[0]
    assert (page.method, page.has_text_layer) == ("ocr", False)
    assert page.confidence is not None
    assert page.confidence > 0.9
    assert "ocr:1" in drawing.warnings
    found = {squeezed(block.text): block.bbox for block in page.blocks}
    for text, (x, y) in TEXTS.items():
        bbox = found.get(squeezed(text))
        assert bbox is not None, text
        assert bbox[0] - 3 <= x <= bbox[2]
        assert bbox[1] <= y <= bbox[3] + 3
    assert "240" in found  # reads upwards


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_sheet_is_read_upright_and_placed_as_displayed(turn: int) -> None:
    data = as_scan(sheet(), turn=turn)
    text = read(data).pages[0].text
    for expected in ("FRONT PANEL", "1002-A2P-A", "337"):
        assert squeezed(expected) in squeezed(text)
    page = pymupdf.open(stream=data, filetype="pdf")[0]
    block = next(block for block in read(data).pages[0].blocks if squeezed(block.text) == "FRONTPANEL")
    corner = {90: (page.rect.width - 80, 60), 180: (page.rect.width - 60, page.rect.height - 80), 270: (80, page.rect.height - 60)}[turn]
    assert block.bbox is not None
    assert block.bbox[0] - 12 <= corner[0] <= block.bbox[2] + 12
    assert block.bbox[1] - 12 <= corner[1] <= block.bbox[3] + 12


def test_texts_of_two_cells_are_two_texts() -> None:
    texts = {squeezed(block.text) for block in read(as_scan(sheet())).pages[0].blocks}
    assert {"FRONTPANEL", "1002-A2P-A"} <= texts


def test_a_hidden_text_layer_over_a_scan_is_kept() -> None:
    document = pymupdf.open(stream=as_scan(sheet()), filetype="pdf")
    words = " ".join(f"word{number}" for number in range(20))
    document[0].insert_textbox((10, 10, 490, 290), words, render_mode=3)
    drawing = read(bytes(document.tobytes()))
    assert drawing.pages[0].method == "text_layer"
    assert drawing.warnings == ()


def test_switched_off_a_page_without_text_stays_without() -> None:
    page = read(as_scan(sheet()), ReadOptions(ocr="off")).pages[0]
    assert (page.method, page.text) == ("none", "")


def test_pages_beyond_the_bound_are_left_out_and_named() -> None:
    document = pymupdf.open(stream=as_scan(sheet()), filetype="pdf")
    document.insert_pdf(pymupdf.open(stream=as_scan(sheet()), filetype="pdf"))
    drawing = read(bytes(document.tobytes()), ReadOptions(ocr_max_pages=1))
    assert [page.method for page in drawing.pages] == ["ocr", "none"]
    assert {"ocr:1", "ocr_left_out:1"} <= set(drawing.warnings)
    assert drawing.partial


def test_time_that_is_used_up_leaves_the_other_pages_out() -> None:
    drawing = read(as_scan(sheet()), ReadOptions(ocr_seconds=0.0))
    assert drawing.warnings == ("ocr_left_out:1",)
    assert drawing.partial


def test_an_engine_that_is_not_there_costs_the_text_only() -> None:
    drawing = read(as_scan(sheet()), ReadOptions(ocr="tesseract", tesseract_cmd="no-such-program-anywhere"))
    assert drawing.pages[0].method == "none"
    assert drawing.warnings == ("ocr_failed:1",)
    assert drawing.partial
