"""Text layers that say something else than their page shows."""

from __future__ import annotations

import random
import string
from typing import Any

import pymupdf
import pytest

from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from pipeline.extract.pdf.garbled import is_garbled

ENGLISH = (
    "The bearing is mounted with a light press fit and secured by retaining rings on either side of the housing before it is filled "
    "with grease and closed with the cover plate and a new seal. Tighten the screws crosswise to the torque that the table gives for "
    "their size, and check that the shaft can be turned by hand. After the first hundred hours of running the grease has to be "
    "replaced, and all screws are tightened again to the same torque while the gearbox is still warm from running under load."
)
GERMAN = (
    "Das Lager wird mit leichtem Übergangssitz montiert und auf beiden Seiten mit Sicherungsringen gehalten, bevor das Gehäuse mit "
    "Fett gefüllt und mit dem Deckel und einer neuen Dichtung verschlossen wird. Die Schrauben sind über Kreuz mit dem Drehmoment "
    "anzuziehen, das die Tabelle für ihre Größe nennt. Danach ist zu prüfen, ob sich die Welle von Hand drehen lässt."
)
COMPOUNDS = (
    "Hochgeschwindigkeitsspindellagerung Schwingungsüberwachungseinrichtung Sicherheitstemperaturbegrenzer Drehmomentschlüssel "
    "Werkzeugmaschinenherstellerverband für die Antriebsstrangkomponentenprüfung und das Kugelumlaufspindelgehäuse mit Deckel "
)
CHINESE = "关于轴承的安装与润滑的说明书，请在运行一百小时后更换润滑脂，并按照表格中的扭矩重新拧紧所有螺钉。" * 6
JAPANESE = "軸受の取り付けと潤滑に関する説明書です。百時間の運転後にグリースを交換し、表のトルクでねじを締め直してください。" * 6
THAI = "คู่มือการติดตั้งและการหล่อลื่นตลับลูกปืนโปรดเปลี่ยนจาระบีหลังจากใช้งานครบหนึ่งร้อยชั่วโมงและขันสกรูทั้งหมดใหม่" * 6
FINNISH = (
    "laakeri asennetaan kevyellä puristussovitteella ja lukitaan pidätysrenkailla kotelon molemmin puolin ennen kuin se täytetään rasvalla "
    "ja suljetaan kannella sekä uudella tiivisteellä ruuvit kiristetään ristiin taulukon ilmoittamaan momenttiin ja tarkistetaan että "
    "akselia voidaan kääntää käsin ensimmäisten sadan käyttötunnin jälkeen rasva on vaihdettava ja kaikki ruuvit kiristetään uudelleen "
    "samaan momenttiin vaihteiston ollessa vielä lämmin kuormitetun ajon jäljiltä jotta pinnat asettuvat tasaisesti eikä kansi vuoda"
)
PART_NUMBERS = "\n".join(f"DM-{1000 + row}-A2P-B SKF6204-2RSH/C3 ISO4762-M{row % 9 + 3}x20-A2-70 qty {row}" for row in range(60))
PATHS = "\n".join(f"https://files.example.org/projects/gearbox/drawings/housing-cover-plate/revision-{row}" for row in range(20))
SUBSTITUTION = dict(zip(string.ascii_lowercase, "qxzjkvwbpyghfmucldqnzrxwyt", strict=True))


def shifted(text: str, by: int) -> str:
    """Letters as the codes of glyphs that a font without a map gives: each some places off, blanks lost to control codes."""
    return "".join(" " if one == " " else chr(ord(one) + by) for one in text)


def caesar(text: str, by: int) -> str:
    small, large = string.ascii_lowercase, string.ascii_uppercase
    return text.translate(str.maketrans(small + large, small[by:] + small[:by] + large[by:] + large[:by]))


GARBLED = {
    "no blanks": "\n".join("".join(ENGLISH[at : at + 90].split()) for at in range(0, len(ENGLISH), 90)),
    "utf-8 read as cp1252": GERMAN.encode().decode("cp1252", errors="replace"),
    "codes of characters": "".join(f"(cid:{ord(one)})" for one in ENGLISH[:300]),
    "glyph numbers": shifted(ENGLISH, -29),
    "shifted alphabet": caesar(ENGLISH, 3),
    "substituted letters": (ENGLISH * 2).lower().translate(str.maketrans(SUBSTITUTION)),
    "signs": " ".join(random.Random(3).choices(list("!\"#$%&'()*+,-./;<=>?@ABDJ"), k=300)),
    "private characters": "\ue001\ue002\ue003\ue004 abc",
}
SOUND = {
    "english": ENGLISH,
    "german": GERMAN,
    "long compounds": COMPOUNDS * 3,
    "chinese": CHINESE,
    "japanese": JAPANESE,
    "thai": THAI,
    "finnish": FINNISH,
    "part numbers": PART_NUMBERS,
    "paths": PATHS,
    "chinese with names": CHINESE + " SKF NSK FAG DIN ISO M3x10 GB/T 70.1",
    "capitals": "UNLESS OTHERWISE SPECIFIED DIMENSIONS ARE IN MILLIMETERS TOLERANCES LINEAR ANGULAR SURFACE FINISH " * 8,
    "portuguese capitals": "A FIXAÇÃO DA TAMPA E A LUBRIFICAÇÃO SÃO FEITAS DE MANHÃ, SEM TENSÃO; A VEDAÇÃO NÃO É REUTILIZÁVEL. " * 4,
    "leaders": "\n".join(f"{row} Mounting . . . . . . . . . . . . . . . . . . {row}" for row in range(30)),
}


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED.keys())
def test_a_text_layer_that_says_something_else_is_known(text: str) -> None:
    assert is_garbled(text, 0.3 if "\ue001" in text else 1.0)


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_text_of_any_language_and_lists_of_part_numbers_are_sound(text: str) -> None:
    assert not is_garbled(text, 1.0)


def garbled_page() -> bytes:
    """A page that shows a sentence as an image, under a text layer in which its letters are shifted."""
    shown: Any = pymupdf.open()
    page = shown.new_page(width=500, height=200)
    page.insert_textbox((30, 30, 470, 190), "The bearing is mounted with a press fit", fontsize=20)
    pixmap = page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
    result: Any = pymupdf.open()
    page = result.new_page(width=500, height=200)
    page.insert_image(page.rect, pixmap=pixmap)
    page.insert_textbox((30, 30, 470, 190), caesar(ENGLISH, 3), fontsize=8, render_mode=3)
    return bytes(result.tobytes())


def test_a_garbled_page_is_read_by_ocr_and_named() -> None:
    drawing = read_pdf(garbled_page())
    page = drawing.pages[0]
    assert "garbled_text_layer:1" in drawing.warnings
    assert (page.method, page.has_text_layer) == ("ocr", True)
    assert "bearing" in page.text


def test_without_ocr_garbled_text_stays_with_low_confidence() -> None:
    drawing = read_pdf(garbled_page(), ReadOptions(ocr="off"))
    page = drawing.pages[0]
    assert "garbled_text_layer:1" in drawing.warnings
    assert page.method == "text_layer"
    assert page.confidence is not None
    assert page.confidence <= 0.1
    assert page.text.startswith("Wkh ehdulqj")
