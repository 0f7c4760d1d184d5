"""Reading PDFs that the tests make."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pymupdf
import pytest

from pipeline.extract.errors import CorruptFile, EmptyFile, EncryptedFile
from pipeline.extract.model import Drawing
from pipeline.extract.pdf import read_pdf
from pipeline.extract.pdf.reader import iso_date
from tests.unit.extract.drawings import ENGLISH, GERMAN, draw_cells, pdf_of


def hello(page: Any) -> None:
    page.insert_text((72, 100), "Hello drawing", fontsize=12)


def fields_of(drawing: Drawing) -> dict[str, str]:
    return {field.field: field.value for field in drawing.metadata}


def test_text_is_read_page_by_page() -> None:
    drawing = read_pdf(pdf_of([hello, lambda page: page.insert_text((72, 100), "Second")]))
    assert [(page.page_number, page.text, page.method) for page in drawing.pages] == [
        (1, "Hello drawing", "text_layer"),
        (2, "Second", "text_layer"),
    ]
    assert (drawing.page_count, drawing.has_text_layer, drawing.partial, drawing.warnings) == (2, True, False, ())
    assert drawing.pages[0].confidence == 1.0


def test_text_written_out_of_order_is_read_from_top_to_bottom() -> None:
    def draw(page: Any) -> None:
        for y, word in ((700, "last"), (400, "middle"), (100, "first")):
            page.insert_text((72, y), word)

    assert read_pdf(pdf_of([draw])).pages[0].text == "first\nmiddle\nlast"


def test_columns_that_the_file_writes_one_after_the_other_stay_so() -> None:
    def draw(page: Any) -> None:
        for x, words in ((50, ("one", "two", "three")), (350, ("four", "five", "six"))):
            for row, word in enumerate(words):
                page.insert_text((x, 100 + 100 * row), word)

    assert read_pdf(pdf_of([draw])).pages[0].text.split() == ["one", "two", "three", "four", "five", "six"]


def test_a_row_printed_in_pieces_stays_on_one_line() -> None:
    def draw(page: Any) -> None:
        page.insert_htmlbox(pymupdf.Rect(50, 50, 500, 100), "<table><tr><td>Item</td><td>Quantity</td></tr></table>")

    assert "Item Quantity" in read_pdf(pdf_of([draw])).pages[0].text


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_page_has_upright_text_and_boxes_as_displayed(rotation: int) -> None:
    # Drawn so that it stands upright at the upper left of the page as displayed.
    origin, turn = {0: ((50, 60), 0), 90: ((60, 792), 90), 180: ((545, 782), 180), 270: ((535, 50), 270)}[rotation]
    drawing = read_pdf(pdf_of([lambda page: page.insert_text(origin, "UPRIGHT 12", rotate=turn)], rotation=rotation))
    page = drawing.pages[0]
    assert page.text == "UPRIGHT 12"
    assert page.rotation == rotation
    assert (page.width, page.height) == ((595, 842) if rotation % 180 == 0 else (842, 595))
    box = page.blocks[0].bbox
    assert box is not None
    assert (box[0], box[3]) == (pytest.approx(50, abs=4), pytest.approx(62, abs=6))
    assert box[2] - box[0] > 3 * (box[3] - box[1])


@pytest.mark.parametrize(
    ("cells", "title", "material", "scale", "revision"),
    [(ENGLISH, "Bearing housing", "EN AW-6082", "1:2", "B"), (GERMAN, "Lagergehäuse", "C45E", "1:5", "02")],
    ids=["english", "german"],
)
def test_a_ruled_title_block_gives_its_fields(cells: Any, title: str, material: str, scale: str, revision: str) -> None:
    drawing = read_pdf(pdf_of([lambda page: draw_cells(page, cells)]))
    assert fields_of(drawing) == {
        "title": title,
        "drawing_number": "DM-1042-03",
        "material": material,
        "scale": scale,
        "revision": revision,
        "sheet": "1/2",
        "sheets": "2",
    }
    number = next(field for field in drawing.metadata if field.field == "drawing_number")
    assert number.place.page_number == 1
    assert number.place.bbox is not None
    assert 440 < number.place.bbox[0] < number.place.bbox[2] < 570
    assert number.method == "title_block.same_cell"
    assert 0 < number.confidence <= 1


@pytest.mark.parametrize(
    ("labels", "fontname"),
    [
        (("名称", "图号", "材料", "比例", "版本", "页码"), "china-s"),
        (("図名", "図番", "材質", "尺度", "改訂", "ページ"), "japan"),
        (("Désignation", "N° de plan", "Matière", "Échelle", "Indice", "Folio"), "helv"),
        (("Benaming", "Tekeningnr.", "Materiaal", "Schaal", "Revisie", "Blad"), "helv"),
        (("Denominazione", "N° disegno", "Materiale", "Scala", "Revisione", "Foglio"), "helv"),
        (("Denominación", "N.º de plano", "Materia prima", "Escala", "Revisión", "Hoja"), "helv"),
    ],
    ids=["chinese", "japanese", "french", "dutch", "italian", "spanish"],
)
def test_labels_of_many_languages_are_known(labels: tuple[str, ...], fontname: str) -> None:
    cells = [(*cell[:4], label, cell[5]) for cell, label in zip(ENGLISH, labels, strict=True)]
    fields = fields_of(read_pdf(pdf_of([lambda page: draw_cells(page, cells, fontname=fontname)])))
    assert fields["drawing_number"] == "DM-1042-03"
    assert fields.keys() == {"title", "drawing_number", "material", "scale", "revision", "sheet", "sheets"}


def test_a_title_block_on_a_turned_page_gives_the_same_fields() -> None:
    def draw(page: Any) -> None:
        # The page is 842 x 595 when displayed at 90 degrees; draw through the inverse of that turn.
        page.set_rotation(90)
        for x0, y0, x1, y1, label, value in ENGLISH:
            shifted = pymupdf.Rect(x0 + 200, y0 - 200, x1 + 200, y1 - 200)
            page.draw_rect(shifted * page.derotation_matrix)
            for x, y, text, size in ((x0 + 203, y0 - 192, label, 6), (x0 + 206, y0 - 178, value, 10)):
                page.insert_text(pymupdf.Point(x, y) * page.derotation_matrix, text, fontsize=size, rotate=90)

    drawing = read_pdf(pdf_of([draw], rotation=90))
    assert fields_of(drawing)["drawing_number"] == "DM-1042-03"
    assert fields_of(drawing)["title"] == "Bearing housing"


def test_an_empty_cell_gives_nothing() -> None:
    cells = [(*cell[:5], "" if cell[4] in ("DRAWING NO.", "REV") else cell[5]) for cell in ENGLISH]
    assert fields_of(read_pdf(pdf_of([lambda page: draw_cells(page, cells)]))).keys() == {"title", "material", "scale", "sheet", "sheets"}


def test_an_empty_cell_does_not_take_its_neighbours_text() -> None:
    cells = [cell for cell in ENGLISH if cell[4] != "DRAWING NO."]
    cells += [(440, 700, 520, 730, "DRAWING NO.", ""), (520, 700, 570, 730, "", "Lathe 4")]
    assert "drawing_number" not in fields_of(read_pdf(pdf_of([lambda page: draw_cells(page, cells)])))


def test_a_zone_mark_of_the_frame_is_no_revision() -> None:
    def draw(page: Any) -> None:
        draw_cells(page, [cell for cell in ENGLISH if cell[4] not in ("REV", "SHEET")])
        page.draw_rect(pymupdf.Rect(500, 810, 570, 824))
        page.insert_text((504, 820), "REV", fontsize=6)
        page.draw_rect(pymupdf.Rect(570, 810, 590, 824))
        page.insert_text((578, 821), "C", fontsize=8)

    assert "revision" not in fields_of(read_pdf(pdf_of([draw])))


def test_a_value_in_the_cell_to_the_right_is_found() -> None:
    def draw(page: Any) -> None:
        for row, (label, value) in enumerate((("Drawing number", "A-77"), ("Scale", "2:1"), ("Drawn by", "M. Curie"))):
            top = 700 + 15 * row
            for x0, x1, text in ((300, 380, label), (380, 560, value)):
                page.draw_rect(pymupdf.Rect(x0, top, x1, top + 15))
                page.insert_text((x0 + 4, top + 11), text, fontsize=8)

    assert fields_of(read_pdf(pdf_of([draw]))) == {"drawing_number": "A-77", "scale": "2:1", "author": "M. Curie"}


def test_a_column_of_a_parts_list_is_no_title_block() -> None:
    def draw(page: Any) -> None:
        draw_cells(page, [cell for cell in ENGLISH if cell[4] != "MATERIAL"])
        for row, texts in enumerate((("POS", "QTY", "MATERIAL"), ("1", "4", "Steel"), ("2", "1", "Brass"))):
            for column, text in enumerate(texts):
                box = pymupdf.Rect(50 + 100 * column, 100 + 12 * row, 150 + 100 * column, 112 + 12 * row)
                page.draw_rect(box)
                page.insert_text((box.x0 + 4, box.y0 + 9), text, fontsize=8)

    assert "material" not in fields_of(read_pdf(pdf_of([draw])))


def test_a_letter_with_a_date_and_a_page_number_has_no_title_block() -> None:
    def draw(page: Any) -> None:
        for row, line in enumerate(("Date: 12.03.2020", "Title: Offer", "Page 1 of 2", "Dear Sir,")):
            page.insert_text((72, 100 + 20 * row), line)

    assert read_pdf(pdf_of([draw])).metadata == ()


def test_the_references_of_a_circuit_are_no_radii() -> None:
    def draw(page: Any) -> None:
        for row, line in enumerate(("R5", "C12", "U3", "R7")):
            page.insert_text((100, 100 + 40 * row), line)

    assert read_pdf(pdf_of([draw])).dimensions == ()


def test_a_page_without_text_says_so() -> None:
    drawing = read_pdf(pdf_of([lambda page: page.draw_line((10, 10), (200, 200))]))
    page = drawing.pages[0]
    assert (drawing.has_text_layer, page.has_text_layer, page.text, page.method, page.blocks) == (False, False, "", "none", ())


def test_control_characters_in_the_text_do_not_come_through() -> None:
    data = pdf_of([hello])
    with pymupdf.open(stream=data, filetype="pdf") as document:
        xref = document[0].get_contents()[0]
        document.update_stream(xref, b"BT /helv 12 Tf 72 700 Td (A\\000B\\001C) Tj ET")
        data = document.tobytes()
    text = read_pdf(data).pages[0].text
    assert text
    assert all(character.isprintable() or character == "\n" for character in text)


def test_document_information_becomes_properties() -> None:
    with pymupdf.open() as document:
        hello(document.new_page())
        document.set_metadata({"title": "Housing\x00", "author": "M. Curie", "creationDate": "D:20130318094512+01'00'"})
        document.set_page_labels([{"startpage": 0, "prefix": "A-", "style": "D", "firstpagenum": 5}])
        data = document.tobytes()
    properties = read_pdf(data).properties
    assert properties["author"] == "M. Curie"
    assert properties["created"] == "2013-03-18T09:45:12+01:00"
    assert properties["page_labels"] == ["A-5"]
    assert (properties["page_count"], properties["encrypted"]) == (1, False)


@pytest.mark.parametrize(
    ("text", "iso"), [("D:2013", "2013-01-01T00:00:00"), ("D:20130318Z", "2013-03-18T00:00:00Z"), ("yesterday", "yesterday")]
)
def test_dates_are_iso_where_they_can_be_read(text: str, iso: str) -> None:
    assert iso_date(text) == iso


def test_an_encrypted_file_that_opens_without_a_password_is_read() -> None:
    data = pdf_of([hello], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="")
    drawing = read_pdf(data)
    assert drawing.pages[0].text == "Hello drawing"
    assert drawing.properties["encrypted"] is True


def test_a_file_that_needs_a_password_is_named_as_encrypted() -> None:
    data = pdf_of([hello], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="secret")
    with pytest.raises(EncryptedFile, match="password"):
        read_pdf(data)


def test_an_empty_file_is_named() -> None:
    with pytest.raises(EmptyFile):
        read_pdf(b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%garbage" + bytes(range(256)) * 4, "PDF"),
        (b"no drawing at all " * 20, "PDF"),
        (b"<!DOCTYPE html><html><body>login</body></html>", "HTML"),
        (b"  0\nSECTION\n  2\nHEADER\n", "DXF"),
        (bytes(500), "zero bytes"),
    ],
    ids=["garbage", "text", "html", "dxf", "zeros"],
)
def test_what_is_no_readable_pdf_is_corrupt_and_says_what_it_looks_like(data: bytes, words: str) -> None:
    with pytest.raises(CorruptFile, match=words):
        read_pdf(data)


def test_a_file_cut_off_before_its_pages_is_corrupt() -> None:
    with pytest.raises(CorruptFile):
        read_pdf(pdf_of([hello])[:60])


def test_a_file_cut_off_after_some_pages_is_read_in_part() -> None:
    drawing = read_pdf(pdf_of([hello, hello], no_new_id=True)[:-200])
    assert drawing.partial
    assert {"repaired", "truncated"} <= set(drawing.warnings)


def test_a_page_that_cannot_be_loaded_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    load = pymupdf.Document.load_page

    def fail_on_second(document: Any, page_id: Any) -> Any:
        if page_id == 1:
            raise RuntimeError("broken page")
        return load(document, page_id)

    monkeypatch.setattr(pymupdf.Document, "load_page", fail_on_second)
    drawing = read_pdf(pdf_of([hello, hello, hello]))
    assert [page.page_number for page in drawing.pages] == [1, 3]
    assert (drawing.page_count, drawing.partial, drawing.warnings) == (3, True, ("pages_unreadable:1",))


def test_a_page_whose_meaning_cannot_be_read_keeps_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ValueError("a shape nobody thought of")

    monkeypatch.setattr("pipeline.extract.pdf.reader.find_dimensions", fail)
    drawing = read_pdf(pdf_of([hello, hello]))
    assert all(page.text for page in drawing.pages)
    assert (len(drawing.pages), drawing.partial, drawing.warnings) == (2, True, ("pages_text_only:2",))


def test_a_file_whose_pages_all_fail_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(document: Any, page_id: Any) -> Any:
        raise RuntimeError("broken page")

    data = pdf_of([hello])
    monkeypatch.setattr(pymupdf.Document, "load_page", fail)
    with pytest.raises(CorruptFile, match="none of the PDF's 1 pages"):
        read_pdf(data)


def test_running_out_of_memory_is_not_taken_for_a_bad_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(document: Any, page_id: Any) -> Any:
        raise MemoryError

    data = pdf_of([hello])
    monkeypatch.setattr(pymupdf.Document, "load_page", fail)
    with pytest.raises(MemoryError):
        read_pdf(data)


def test_reading_twice_gives_the_same_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    data = pdf_of([lambda page: draw_cells(page, ENGLISH)])
    assert read_pdf(data) == read_pdf(data)
    with pytest.raises(CorruptFile):
        read_pdf(b"%PDF-1.7 garbage")
    assert capfd.readouterr() == ("", "")


def test_reading_a_pdf_does_not_load_ezdxf_and_importing_loads_no_library() -> None:
    code = (
        "import sys; from pipeline.extract.pdf import read_pdf; from pipeline.extract.dxf import read_dxf\n"
        "assert not {'pymupdf', 'ezdxf'} & set(sys.modules)\n"
        "import pipeline.extract.pdf.reader; assert 'ezdxf' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
