"""Title blocks of the standards, drawn with PyMuPDF: ruled cells with texts where these standards put them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pymupdf

from pipeline.extract.model import Drawing
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from tests.unit.extract.drawings import pdf_of

Text = tuple[float, float, str, float]  # x and y of the baseline's start, text, font size
Box = tuple[float, float, float, float]

A4_LANDSCAPE, A4, LETTER_LANDSCAPE = (842.0, 595.0), (595.0, 842.0), (792.0, 612.0)
NO_OCR = ReadOptions(ocr="off")


def read_drawn(*pages: Callable[[Any], None], size: tuple[float, float] = A4, options: ReadOptions = NO_OCR) -> Drawing:
    return read_pdf(pdf_of(pages, size=size), options)


def fields_of(drawing: Drawing) -> dict[str, str]:
    return {field.field: field.value for field in reversed(drawing.metadata)}


def normals_of(drawing: Drawing) -> dict[str, str | None]:
    return {field.field: field.normalised for field in reversed(drawing.metadata)}


def drawn(cells: Sequence[Box], texts: Sequence[Text], *, fontname: str = "helv") -> Callable[[Any], None]:
    """Draws ruled cells and texts on a page."""

    def draw(page: Any) -> None:
        for cell in cells:
            page.draw_rect(pymupdf.Rect(cell))
        for x, y, text, size in texts:
            page.insert_text((x, y), text, fontsize=size, fontname=fontname)

    return draw


def iso_7200() -> Callable[[Any], None]:
    """The compact block of ISO 7200: labels tiny at the top of each cell, identification number largest."""
    rows = (
        (
            500.0,
            30.0,
            (
                ("Responsible dept.", "MX", 100.0),
                ("Technical reference", "Patricia Johnson", 130.0),
                ("Document type", "Assembly drawing", 140.0),
                ("Document status", "Released", 150.0),
            ),
        ),
        (
            530.0,
            30.0,
            (
                ("Created by", "Jane Smith", 230.0),
                ("Title, Supplementary title", "Apparatus plate", 140.0),
                ("Identification number", "AB123 456-7", 150.0),
            ),
        ),
        (
            560.0,
            25.0,
            (
                ("Approved by", "David Brown", 230.0),
                ("Rev.", "A", 40.0),
                ("Date of issue", "2014-05-14", 130.0),
                ("Lang.", "en", 40.0),
                ("Sheet", "1/5", 80.0),
            ),
        ),
    )
    cells: list[Box] = []
    texts: list[Text] = []
    for top, height, columns in rows:
        x = 300.0
        for label, value, width in columns:
            cells.append((x, top, x + width, top + height))
            texts += [(x + 2, top + 7, label, 5.0), (x + 8, top + 20, value, 8.0)]
            x += width
    return drawn(cells, texts)


def din_6771() -> Callable[[Any], None]:
    """DIN 6771: names and dates as a table, revisions below with their header under them, scale beside its label."""
    cells: list[Box] = [(400, 440, 540, 452), (540, 440, 580, 452), (400, 452, 580, 490)]
    texts: list[Text] = [
        (403, 448, "Maßstab", 5),
        (440, 449, "1:2", 7),
        (543, 448, "Gewicht", 5),
        (403, 459, "Werkstoff/Halbzeug", 5),
        (420, 478, "EN-GJL-250", 9),
        (303, 498, "Datum", 5),
        (353, 498, "Name", 5),
    ]
    cells += [
        (260, 490, 300, 502),
        (300, 490, 350, 502),
        (350, 490, 400, 502),
        (400, 490, 580, 550),
        (400, 550, 540, 586),
        (540, 550, 580, 570),
        (540, 570, 580, 586),
    ]
    texts += [
        (403, 497, "Benennung", 5),
        (420, 520, "Getriebegehäuse", 11),
        (403, 557, "Zeichnungsnummer", 5),
        (415, 578, "DM-4711.03", 11),
        (543, 556, "Blatt", 5),
        (555, 566, "2", 8),
        (565, 582, "3 Bl.", 6),
    ]
    for row, (label, date, name) in enumerate((("Bearb.", "04.11.2019", "Keller"), ("Gepr.", "06.11.2019", "Vogt"), ("Norm", "", ""))):
        top = 502 + 12 * row
        cells += [(260, top, 300, top + 12), (300, top, 350, top + 12), (350, top, 400, top + 12)]
        texts += [(263, top + 8, label, 5), (303, top + 9, date, 6), (353, top + 9, name, 6)]
    for row, entries in enumerate(
        (("b", "Bohrung größer", "12.03.2020", "Ke"), ("a", "Radius geändert", "02.12.2019", "Ke"), ("Zust.", "Änderung", "Datum", "Name"))
    ):
        top = 550 + 12 * row
        for x0, x1, text in zip((260, 285, 330, 375), (285, 330, 375, 400), entries, strict=True):
            cells.append((x0, top, x1, top + 12))
            texts.append((x0 + 2, top + 8, text, 5))
    return drawn(cells, [text for text in texts if text[2]])


def asme_y14() -> Callable[[Any], None]:
    """ASME Y14.1 for inches: tolerances in a cell of notes, size and cage code beside the number, company on top."""
    cells: list[Box] = [
        (392, 480, 560, 575),
        (560, 480, 784, 510),
        (560, 510, 784, 540),
        (560, 540, 584, 562),
        (584, 540, 630, 562),
        (630, 540, 750, 562),
        (750, 540, 784, 562),
        (560, 562, 630, 576),
        (630, 562, 700, 576),
        (700, 562, 784, 576),
    ]
    notes = (
        "UNLESS OTHERWISE SPECIFIED:",
        "DIMENSIONS ARE IN INCHES",
        "TOLERANCES:",
        ".XX ±.01",
        ".XXX ±.005",
        "MATERIAL: 6061-T6 ALUMINUM",
        "FINISH: BLACK ANODIZE",
    )
    texts: list[Text] = [(396, 488 + 12 * row, note, 6) for row, note in enumerate(notes)]
    texts += [
        (590, 500, "ACME INSTRUMENTS INC.", 11),
        (563, 516, "TITLE:", 5),
        (600, 530, "BRACKET, SENSOR", 10),
        (563, 546, "SIZE", 5),
        (568, 558, "B", 9),
        (587, 546, "CAGE CODE", 5),
        (633, 546, "DWG. NO.", 5),
        (645, 558, "10-2231-01", 9),
        (753, 546, "REV", 5),
        (762, 558, "C", 9),
        (563, 571, "SCALE: 1:1", 6),
        (633, 571, "WEIGHT: 0.35 LBS", 6),
        (703, 571, "SHEET 1 OF 2", 6),
    ]
    for row, (label, name, date) in enumerate((("DRAWN", "J. DOE", "03/04/21"), ("CHECKED", "M. ROE", "03/25/21"))):
        top = 440 + 14 * row
        cells += [(392, top, 440, top + 14), (440, top, 500, top + 14), (500, top, 560, top + 14)]
        texts += [(395, top + 9, label, 6), (443, top + 9, name, 6), (503, top + 9, date, 6)]
    cells += [(392, 426, 440, 440), (440, 426, 500, 440), (500, 426, 560, 440)]
    texts += [(443, 435, "NAME", 6), (503, 435, "DATE", 6)]
    return drawn(cells, texts)


def gost_2_104() -> Callable[[Any], None]:
    """GOST 2.104, form 1: number in the top row, title, material and company in unlabelled cells, people in a column."""
    cells: list[Box] = [
        (245, 650, 585, 690),
        (245, 690, 445, 760),
        (245, 760, 445, 800),
        (445, 760, 585, 800),
        (445, 690, 490, 704),
        (490, 690, 537, 704),
        (537, 690, 585, 704),
        (445, 704, 490, 746),
        (490, 704, 537, 746),
        (537, 704, 585, 746),
        (445, 746, 500, 760),
        (500, 746, 585, 760),
    ]
    texts: list[Text] = [
        (320, 676, "АБВГ.301256.012", 14),
        (290, 730, "Корпус редуктора", 12),
        (290, 785, "Сталь 45 ГОСТ 1050-88", 9),
        (470, 785, "ООО Редуктор", 10),
        (448, 700, "Лит.", 7),
        (495, 700, "Масса", 7),
        (542, 700, "Масштаб", 7),
        (500, 730, "2,4", 9),
        (548, 730, "1:2", 9),
        (448, 756, "Лист 1", 7),
        (503, 756, "Листов 2", 7),
        (480, 812, "Формат А4", 7),
    ]
    heads = ("Изм.", "Лист", "№ докум.", "Подп.", "Дата")
    edges = (65, 85, 113, 178, 220, 245)
    cells += [(x0, 690, x1, 704) for x0, x1 in pairwise(edges)]
    texts += [(x + 1, 700, head, 6) for x, head in zip(edges, heads, strict=False)]
    for row, (label, name, date) in enumerate(
        (
            ("Разраб.", "Иванов", "12.05.2018"),
            ("Пров.", "Петров", "14.05.2018"),
            ("Т.контр.", "", ""),
            ("Н.контр.", "", ""),
            ("Утв.", "", ""),
        )
    ):
        top = 704 + 14 * row
        cells += [(65, top, 113, top + 14), (113, top, 178, top + 14), (178, top, 220, top + 14), (220, top, 245, top + 14)]
        texts += [(67, top + 10, label, 7), (116, top + 10, name, 7), (221, top + 10, date, 4.4)]
    return drawn(cells, [text for text in texts if text[2]], fontname="china-s")
