"""Pictures and scans, by the built-in OCR."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pymupdf
import pytest

from pipeline.extract.errors import BombFile, CorruptFile
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text import read_text

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

_mupdf: Any = pymupdf
FORMATS = {"image/png": ".png", "image/jpeg": ".jpg", "image/bmp": ".bmp", "image/webp": ".webp", "image/tiff": ".tiff"}


@pytest.fixture(scope="module")
def sheet() -> Any:
    """A sheet's image: grey, 200 dpi."""
    document = _mupdf.open()
    page = document.new_page(width=400, height=160)
    page.insert_text((30, 60), "PUMP HOUSING 4711", fontsize=20)
    page.insert_text((30, 100), "Material: S235JR", fontsize=14)
    pixmap = page.get_pixmap(dpi=200, colorspace=_mupdf.csGRAY)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width].copy()


def encoded(image: Any, suffix: str) -> bytes:
    return bytes(cv2.imencode(suffix, image)[1])


@pytest.mark.parametrize("mime", FORMATS)
def test_text_in_a_picture_is_read_by_ocr_with_its_confidence(sheet: Any, mime: str) -> None:
    result = read_text(encoded(sheet, FORMATS[mime]), DEFAULT_OPTIONS, mime, "scan")
    page = result.pages[0]
    assert page.text == "PUMP HOUSING 4711\nMaterial: S235JR"
    assert (result.kind, page.method, result.warnings, result.partial) == ("image", "ocr", ("ocr:1",), False)
    assert page.confidence is not None
    assert 0.5 < page.confidence <= 1
    assert all(block.bbox is not None for block in page.blocks)


def several(sheet: Any) -> bytes:
    """A TIFF of three pages."""
    saved, data = cv2.imencodemulti(".tiff", [sheet, 255 - np.zeros_like(sheet), sheet])
    assert saved
    return bytes(data)


def test_each_picture_of_a_tiff_is_a_page(sheet: Any) -> None:
    pages = read_text(several(sheet), DEFAULT_OPTIONS, "image/tiff", "scan").pages
    found = [(page.page_number, page.method, "4711" in page.text) for page in pages]
    assert found == [(1, "ocr", True), (2, "none", False), (3, "ocr", True)]


def test_bounds_of_ocr_are_kept_and_said(sheet: Any) -> None:
    result = read_text(several(sheet), replace(DEFAULT_OPTIONS, ocr_max_pages=1), "image/tiff", "scan")
    assert [page.text != "" for page in result.pages] == [True, False, False]
    assert (result.warnings, result.partial) == (("ocr:1", "ocr_left_out:2"), True)


def test_without_ocr_a_picture_is_a_page_without_text(sheet: Any) -> None:
    result = read_text(encoded(sheet, ".png"), replace(DEFAULT_OPTIONS, ocr="off"), "image/png", "scan")
    assert [(page.method, page.text, page.confidence) for page in result.pages] == [("none", "", None)]
    assert result.warnings == ()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_picture_of_billions_of_pixels_is_refused() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9)) + chunk(b"IEND", b"")
    with pytest.raises(BombFile):
        read_text(data, DEFAULT_OPTIONS, "image/png", "scan")


@pytest.mark.parametrize("mime", [*FORMATS, "image/gif"])
def test_what_is_no_picture_is_corrupt(mime: str) -> None:
    with pytest.raises(CorruptFile):
        read_text(b"no picture " * 10, DEFAULT_OPTIONS, mime, "scan")
