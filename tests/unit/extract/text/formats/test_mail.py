"""Mails and their attachments."""

from __future__ import annotations

import contextlib
import io
from email.message import EmailMessage

import openpyxl
import pytest

from pipeline.extract.errors import CorruptFile
from tests.unit.extract.text.formats.reading import XLSX, blocks, read, texts

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

MAIL = "message/rfc822"


def message(text: str = "Please see the drawing.") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Prüfbericht P-7"
    mail["From"] = "Käthe Roth <k@example.com>"
    mail["To"] = "a@example.com"
    mail["Date"] = "Mon, 06 May 2024 07:08:09 +0200"
    mail.set_content(text)
    return mail


def test_subject_is_the_title_and_the_headers_are_the_first_block() -> None:
    result = read(message().as_bytes(), MAIL)
    assert blocks(result) == [
        ("heading", "Prüfbericht P-7"),
        ("text", "From: Käthe Roth <k@example.com>\nTo: a@example.com\nDate: Mon, 06 May 2024 07:08:09 +0200"),
        ("text", "Please see the drawing.")]
    assert (result.title, result.kind, result.pages[0].method) == ("Prüfbericht P-7", "eml", "eml")
    assert result.properties["created"] == "2024-05-06T07:08:09+02:00"


def test_of_alternatives_the_richest_is_read_and_only_that() -> None:
    mail = message("plain form")
    mail.add_alternative("<html><head><title>other</title></head><body><h2>Rich form</h2><p>text</p></body></html>", subtype="html")
    result = read(mail.as_bytes(), MAIL)
    assert blocks(result)[2:] == [("heading", "Rich form"), ("text", "text")]
    assert result.title == "Prüfbericht P-7"


def test_attachments_are_named_and_those_with_a_reader_are_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Part", "Qty"])
    book.active.append(["Bolt", 4])
    out = io.BytesIO()
    book.save(out)
    mail = message()
    mail.add_attachment(out.getvalue(), maintype="application", subtype="octet-stream", filename="Stückliste.xlsx")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
    result = read(mail.as_bytes(), MAIL)
    assert result.properties["attachments"] == ["Stückliste.xlsx", "plan.pdf"]
    assert blocks(result)[3:] == [("heading", "Stückliste.xlsx"), ("heading", "Sheet"), ("table", "Part\tQty\nBolt\t4")]
    assert [block.level for block in result.pages[0].blocks[3:5]] == [1, 2]


def test_an_attachment_that_cannot_be_read_costs_only_itself() -> None:
    mail = message()
    mail.add_attachment(b"PK\x03\x04 broken", maintype=XLSX.partition("/")[0], subtype=XLSX.partition("/")[2], filename="a.xlsx")
    mail.add_attachment(b"still here", maintype="text", subtype="plain", filename="b.txt")
    result = read(mail.as_bytes(), MAIL)
    assert (result.partial, result.warnings) == (True, ("attachment_unreadable:corrupt",))
    assert texts(result).endswith("b.txt\nstill here")


def test_mails_within_mails_are_read_to_a_bounded_depth() -> None:
    mail = message("innermost")
    for level in range(6):
        outer = message(f"level {level}")
        outer.add_attachment(mail)
        mail = outer
    result = read(mail.as_bytes(), MAIL)
    text = texts(result)
    assert "level 5" in text
    assert "level 2" in text
    assert "innermost" not in text
    assert "attachments_left_out" in result.warnings
    assert result.partial


def test_headers_and_bodies_in_wrong_encodings_are_read_as_well_as_can_be() -> None:
    head = b"From: a@b.de\r\nSubject: =?no-such?Q?x=20y?= Gr\xc3\xb6\xc3\x9fe\r\nDate: never\r\n"
    result = read(head + b"Content-Type: text/plain; charset=no-such\r\n\r\nMa\xdf\r\n", MAIL)
    assert result.title == "x y Größe"
    assert (texts(result).splitlines()[-1], result.properties["created"]) == ("Maß", "never")
    assert result.pages[0].confidence == 0.8


def test_a_hostile_header_takes_no_time() -> None:
    data = b"From: a@b.de\r\nTo: " + b"(" * 200_000 + b"\r\nSubject: " + b"=?utf-8?Q?" * 50_000 + b"\r\n\r\ntext"
    assert texts(read(data, MAIL)).endswith("text")


def test_parts_nested_without_end_are_read_or_refused_but_end() -> None:
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(3000))
    with contextlib.suppress(CorruptFile):
        read(b"From: a@b.de\r\nSubject: x\r\n" + parts + b"\r\nend", MAIL)
