"""Old Office files, OpenDocument and RTF through LibreOffice."""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import psutil
import pytest
from pptx import Presentation

from pipeline.extract.errors import CorruptFile, EncryptedFile, UnsupportedFormat
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.extract.text import CONVERTED_MIME_TYPES, read_text
from pipeline.extract.text.formats.office import convert
from tests.unit.extract.text.formats.reading import with_parts
from tests.unit.extract.text.formats.test_archive import container

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

OPEN = "application/vnd.oasis.opendocument"
needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
OPTIONS = replace(DEFAULT_OPTIONS, libreoffice="soffice")
RTF = b"{\\rtf1\\ansi text}"


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Scope", 1)
    document.add_paragraph("Größe")
    return saved(document)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Part", "Qty"])
    book.active.append(["Bolt", 4])
    return saved(book)


def slides() -> bytes:
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = "Torque"
    return saved(made)


@needs_libreoffice
@pytest.mark.parametrize(("data", "suffixes", "mime", "kind", "text"), [
    pytest.param(word(), (".docx", "doc"), "application/msword", "docx", "Scope\nGröße", id="doc"),
    pytest.param(word(), (".docx", "odt"), f"{OPEN}.text", "docx", "Scope\nGröße", id="odt"),
    pytest.param(word(), (".docx", "rtf"), "application/rtf", "docx", "Scope\nGröße", id="rtf"),
    pytest.param(workbook(), (".xlsx", "xls"), "application/vnd.ms-excel", "xlsx", "Sheet\nPart\tQty\nBolt\t4", id="xls"),
    pytest.param(workbook(), (".xlsx", "ods"), f"{OPEN}.spreadsheet", "xlsx", "Sheet\nPart\tQty\nBolt\t4", id="ods"),
    pytest.param(slides(), (".pptx", "ppt"), "application/vnd.ms-powerpoint", "pptx", "Torque", id="ppt"),
    pytest.param(slides(), (".pptx", "odp"), f"{OPEN}.presentation", "pptx", "Torque", id="odp"),
])
def test_old_and_open_formats_are_read_as_what_they_become(
    data: bytes, suffixes: tuple[str, str], mime: str, kind: str, text: str
) -> None:
    old = convert(data, suffixes[0], suffixes[1], OPTIONS)
    result = read_text(old, OPTIONS, mime, "file")
    assert (result.kind, result.warnings, result.pages[0].text) == (kind, ("converted:libreoffice",), text)


@needs_libreoffice
def test_a_damaged_old_file_is_corrupt_and_not_read_as_noise() -> None:
    old = convert(word(), ".docx", "doc", OPTIONS)
    with pytest.raises(CorruptFile):
        read_text(old[: len(old) // 2], OPTIONS, "application/msword", "file")


@pytest.mark.parametrize("mime", CONVERTED_MIME_TYPES)
def test_without_libreoffice_the_reason_names_the_setting(mime: str) -> None:
    data = {"application/rtf": RTF}.get(mime, workbook() if "opendocument" in mime else container("Data"))
    for options in (DEFAULT_OPTIONS, replace(DEFAULT_OPTIONS, libreoffice="no-such-program-anywhere")):
        with pytest.raises(UnsupportedFormat, match="LIBREOFFICE"):
            read_text(data, options, mime, "file")


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """The stand-in is a real program that starts another and waits for it, as LibreOffice does."""
    started = tmp_path / "child"
    script = tmp_path / "hang.py"
    script.write_text(
        "import pathlib, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(started)!r}).write_text(str(child.pid))\n"
        "child.wait()\n", encoding="utf-8")
    with pytest.raises(CorruptFile, match="did not finish"):
        convert(RTF, ".rtf", "docx", _running(script, tmp_path, seconds=3.0))
    child = int(started.read_text(encoding="utf-8"))
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def _running(script: Path, folder: Path, *, seconds: float) -> ReadOptions:
    """Options that name a program which runs the script."""
    if sys.platform == "win32":
        program = folder / "office.cmd"
        program.write_text(f'@"{sys.executable}" "{script}" %*\n', encoding="utf-8")
    else:
        program = folder / "office"
        program.write_text(f'#!/bin/sh\n"{sys.executable}" "{script}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return replace(DEFAULT_OPTIONS, libreoffice=str(program), libreoffice_seconds=seconds)


def test_old_files_under_a_password_are_encrypted_before_any_program_is_asked() -> None:
    with pytest.raises(EncryptedFile):
        read_text(container("EncryptedSummary"), OPTIONS, "application/vnd.ms-powerpoint", "file")


def test_open_documents_under_a_password_are_encrypted() -> None:
    manifest = '<manifest><file-entry><encryption-data/></file-entry></manifest>'
    with pytest.raises(EncryptedFile):
        read_text(with_parts(word(), {"META-INF/manifest.xml": manifest}), OPTIONS, f"{OPEN}.text", "file")


@pytest.mark.parametrize("mime", ["application/msword", "application/vnd.ms-excel", "application/rtf", f"{OPEN}.text"])
def test_what_is_of_another_format_is_corrupt(mime: str) -> None:
    with pytest.raises(CorruptFile):
        read_text(b"just text", OPTIONS, mime, "file")
