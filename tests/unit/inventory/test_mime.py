"""The kind of a file by its bytes, with made-up heads of every format."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inventory.mime import mime_type

OFFICE = "application/vnd.openxmlformats-officedocument"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, b"<x/>" * 50)
    return out.getvalue()


def open_document(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", kind)
        file.writestr("content.xml", "<x/>")
    return out.getvalue()


def binary_stl(facets: int, header: bytes = b"made by a printer") -> bytes:
    facet = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    return header.ljust(80)[:80] + struct.pack("<I", facets) + facet * facets


def iges() -> bytes:
    def line(text: str, section: str) -> bytes:
        return text.ljust(72).encode() + section.encode() + b"      1\n"
    return line("a part", "S") + line("1H,,1H;", "G")


CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "application/x-empty"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
    "pdf behind other bytes": (b"From: gateway\r\n\r\n" + b"x" * 900 + b"%PDF-1.4\n", "application/pdf"),
    "pdf without its header": (b"%\xe2\xe3\n1 0 obj \n<<\n/Pages 2 0 R\n/Type /Catalog\n>>\nendobj\n", "application/pdf"),
    "pdf header too late": (b"x" * 1100 + b"%PDF-1.4\n", "text/plain"),
    "dxf": (b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "image/vnd.dxf"),
    "dxf with comments": (b"999\nmade by\n999\n\n  0\nSECTION\n  2\nENTITIES\n", "image/vnd.dxf"),
    "dxf with a byte order mark": (b"\xef\xbb\xbf0\nSECTION\n2\nHEADER\n", "image/vnd.dxf"),
    "dxf with old Mac line ends": (b"0\rSECTION\r2\rHEADER\r", "image/vnd.dxf"),
    "dxf behind rubbish": (b"junk\n\n0\nSECTION\n2\nTABLES\n", "image/vnd.dxf"),
    "binary dxf": (b"AutoCAD Binary DXF\r\n\x1a\x00\x00\x00SECTION", "image/vnd.dxf"),
    "dwg": (b"AC1032\x00\x00\x00\x00\x00\x00", "image/vnd.dwg"),
    "old dwg": (b"AC1.50\x00\x00", "image/vnd.dwg"),
    "text that begins like a dwg": (b"AC1032 is the version of 2018\n", "text/plain"),
    "step": (b"ISO-10303-21;\nHEADER;\n", "model/step"),
    "step behind a comment": (b"/* exported */\nISO-10303-21;\n", "model/step"),
    "iges": (iges(), "model/iges"),
    "brep": (b"DBRep_DrawableShape\n\nCASCADE Topology V1, (c) Matra-Datavision\n", "model/x-brep"),
    "brep without its first line": (b"\nCASCADE Topology V3, (c) Open Cascade\n", "model/x-brep"),
    "ascii stl": (b"solid part\n facet normal 0 0 1\n  outer loop\n", "model/stl"),
    "text that begins with solid": (b"solid advice for everybody\n", "text/plain"),
    "binary stl": (binary_stl(3), "model/stl"),
    "binary stl that calls itself solid": (binary_stl(1, b"solid exported"), "model/stl"),
    "binary stl cut off": (binary_stl(9)[:300], "model/stl"),
    "creo part": (b"#UGC:2 PART 1860 1000 7\n", "application/x-creo-part"),
    "creo assembly": (b"#UGC:2 ASSEMBLY 1860 1000\n", "application/x-creo-assembly"),
    "creo drawing": (b"#UGC:2 DRAWING 1860\n", "application/x-creo-drawing"),
    "docx": (archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
    "xlsx": (archive("[Content_Types].xml", "docProps/app.xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
    "pptx": (archive("ppt/presentation.xml", "[Content_Types].xml"), f"{OFFICE}.presentationml.presentation"),
    "3mf": (archive("[Content_Types].xml", "3D/3dmodel.model"), "model/3mf"),
    "odt": (open_document("application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
    "zip": (archive("drawing.pdf"), "application/zip"),
    "empty zip": (archive(), "application/zip"),
    "zip header cut off": (b"PK\x03\x04\x14", "application/zip"),
    "doc": (OLE + "WordDocument\0".encode("utf-16-le"), "application/msword"),
    "xls": (OLE + "Workbook\0".encode("utf-16-le"), "application/vnd.ms-excel"),
    "ppt": (OLE + "PowerPoint Document\0".encode("utf-16-le"), "application/vnd.ms-powerpoint"),
    "msg": (OLE + "__properties_version1.0\0".encode("utf-16-le"), "application/vnd.ms-outlook"),
    "other ole": (OLE, "application/x-ole-storage"),
    "office file under a password": (OLE + "EncryptedPackage\0".encode("utf-16-le"), "application/x-encrypted-office"),
    "gzip": (b"\x1f\x8b\x08\x00", "application/gzip"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00", "application/x-7z-compressed"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    "tiff, little-endian": (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
    "tiff, big-endian": (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
    "gif": (b"GIF89a\x01\x00", "image/gif"),
    "bmp": (b"BM" + struct.pack("<IHHII", 1000, 0, 0, 54, 40) + bytes(30), "image/bmp"),
    "text that begins with BM": (b"BM is a brand of belts and more\n", "text/plain"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
    "rtf": (b"{\\rtf1\\ansi hello}", "application/rtf"),
    "html": (b"<!DOCTYPE html>\n<html><body>x", "text/html"),
    "html behind a comment": (b"<!-- saved -->\n<HTML><head>", "text/html"),
    "xhtml": (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="y">', "text/html"),
    "html in UTF-16": ("\ufeff<html><body>é</body></html>".encode("utf-16-le"), "text/html"),
    "svg": (b'<?xml version="1.0"?>\n<!-- c -->\n<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml"),
    "xml": (b'<?xml version="1.0"?><parts><part/></parts>', "application/xml"),
    "xml without declaration": (b"<parts><part/></parts>\n", "application/xml"),
    "mail": (b"Return-Path: <a@example.com>\r\nReceived: from x\r\n\tby y\r\nSubject: z\r\n\r\nbody", "message/rfc822"),
    "text with one colon": (b"Subject: the pump\nIt leaks.\n", "text/plain"),
    "json object": (b'{"a": [1, 2]}', "application/json"),
    "json array": (b"[1, 2, 3]\n", "application/json"),
    "json lines": (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
    "text in brackets": (b"[1] see the manual\n", "text/plain"),
    "csv": (b"item,part,qty\n1,A-1,2\n2,A-2,4\n3,A-3,1\n", "text/csv"),
    "csv with semicolons": (b"Pos;Teil;Menge\n1;A;2,5\n2;B;4\n3;C;1\n", "text/csv"),
    "tsv": (b"a\tb\tc\n1\t2\t3\n4\t5\t6\n7\t8\t9\n", "text/tab-separated-values"),
    "markdown": (b"# Pump\n\nIt pumps.\n\n## Parts\n", "text/markdown"),
    "plain text": (b"The pump leaks, and so on.\nIt was mended.\n", "text/plain"),
    "plain text, Latin-1": ("Gehäuse für Prüfgerät\n".encode("latin-1"), "text/plain"),
    "plain text, UTF-16 without a mark": ("The pump leaks. It was mended.".encode("utf-16-be"), "text/plain"),
    "a letter cut in two": ("Maß ü".encode()[:-1], "text/plain"),
    "zero bytes": (bytes(5000), "application/octet-stream"),
    "noise": (bytes(range(256)) * 8, "application/octet-stream"),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES.keys())
def test_the_bytes_say_what_a_file_is(data: bytes, expected: str) -> None:
    assert mime_type(data) == expected


@pytest.mark.parametrize("name", ["plan.dxf", "plan.txt", "plan.csv", "plan"])
def test_a_pdf_is_a_pdf_whatever_it_is_called(name: str) -> None:
    assert mime_type(b"%PDF-1.5\n", name=name) == "application/pdf"


@pytest.mark.parametrize(("name", "expected"), [
    ("a.csv", "text/csv"), ("a.TSV", "text/tab-separated-values"), ("a.md", "text/markdown"), ("a.txt", "text/plain"),
    ("a.pdf", "text/plain"), ("folder.csv/a", "text/plain"), ("", "text/plain")])
def test_the_name_decides_only_which_plain_text_it_is(name: str, expected: str) -> None:
    assert mime_type(b"one, two\nthree\n", name=name) == expected


@pytest.mark.parametrize("data", [b"<h1>Pumps</h1><p>They pump.</p>\n", b"<p>They pump.\n<p>They leak.\n", b"They <b>pump</b>.\n"],
                         ids=["elements", "open elements", "words first"])
def test_a_part_of_a_page_is_html_by_its_name(data: bytes) -> None:
    assert mime_type(data, name="part.HTM") == "text/html"
    assert mime_type(data, name="part.txt") != "text/html"


def test_a_name_that_says_text_is_believed_over_commas() -> None:
    assert mime_type(CASES["csv"][0], name="notes.txt") == "text/plain"


def test_the_size_of_the_whole_file_tells_a_binary_stl_from_noise() -> None:
    head = binary_stl(5000)[:8192]
    assert mime_type(head, size=84 + 50 * 5000) == "model/stl"


@given(st.binary(max_size=600), st.sampled_from(["", "a.csv", "a.pdf"]))
def test_any_bytes_get_a_type(data: bytes, name: str) -> None:
    assert "/" in mime_type(data, name=name, size=len(data) + 1000)


@pytest.mark.parametrize(("line", "expected"), [
    (b"[2026-01-31 10:00] started the pump\n", "text/plain"), (b"[1] see the manual\n", "text/plain"),
    (b"[[pump]] leaks\n", "text/plain"), (b"[1.5, -2, true, \"caf\\u00e9\", {\"a\": null}],\n", "application/json")],
    ids=["log", "references", "wiki", "json"])
def test_a_beginning_in_brackets_is_json_only_where_it_is_sound(line: bytes, expected: str) -> None:
    text = (b"[" if expected == "application/json" else b"") + line * 100
    assert {mime_type(text[:cut], size=10**6) for cut in range(1000, 1060)} == {expected}


HOSTILE = {
    "comments": b"<!-- a -->" * 6000, "open comments": b"<!--" * 16000, "declarations": b"<?x?>" * 13000,
    "doctypes": b"<!DOCTYPE x [" * 5000,
    "dxf comments": b"999\r\n x \r\n" * 6000, "blank lines": b"\r\n" * 32000, "headings": b"# a\n\n\n" * 10000,
    "zeros": b"0\n" * 32000, "folded mail": b"Received: x\r\n" + b"\tby y\r\n" * 8000 + b"\tend", "open brackets": b"[" * 65000,
    "objects": b'{"a":' * 13000, "tags": b"<a " * 20000, "pdf objects": b"1 0 obj <<" * 6000,
    "local headers": b"PK\x03\x04" * 16000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_heads_are_judged_quickly(data: bytes) -> None:
    began = time.perf_counter()
    mime_type(data[:65536], size=10**9)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(("name", "kind"), [
    ("plan.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), ("plan.zip", "application/zip")])
def test_an_archive_whose_first_entries_tell_nothing_is_what_its_name_says(name: str, kind: str) -> None:
    assert mime_type(archive("docProps/thumbnail.jpeg"), name=name) == kind


def test_a_container_named_as_a_new_office_file_is_one_under_a_password() -> None:
    assert mime_type(OLE, name="list.XLSX") == "application/x-encrypted-office"
