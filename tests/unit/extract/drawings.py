"""Small drawings made for the tests, with PyMuPDF and ezdxf."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ezdxf
import pymupdf

Cell = tuple[float, float, float, float, str, str]  # x0, y0, x1, y1, label, value


def pdf_of(
    pages: Iterable[Callable[[Any], None]], *, rotation: int = 0, size: tuple[float, float] = (595, 842), **save: Any
) -> bytes:
    """A PDF with one page for each function that draws on it."""
    with pymupdf.open() as document:
        for draw in pages:
            page = document.new_page(width=size[0], height=size[1])
            draw(page)
            page.set_rotation(rotation)
        return bytes(document.tobytes(**save))


def draw_cells(page: Any, cells: Sequence[Cell], *, fontname: str = "helv") -> None:
    """Ruled cells, the label small at the top, the value below it."""
    for x0, y0, x1, y1, label, value in cells:
        page.draw_rect(pymupdf.Rect(x0, y0, x1, y1))
        page.insert_text((x0 + 3, y0 + 8), label, fontsize=6, fontname=fontname)
        page.insert_text((x0 + 6, y0 + 22), value, fontsize=10, fontname=fontname)


ENGLISH = (
    (300, 700, 440, 730, "TITLE", "Bearing housing"),
    (440, 700, 570, 730, "DRAWING NO.", "DM-1042-03"),
    (300, 730, 380, 760, "MATERIAL", "EN AW-6082"),
    (380, 730, 440, 760, "SCALE", "1:2"),
    (440, 730, 500, 760, "REV", "B"),
    (500, 730, 570, 760, "SHEET", "1 OF 2"),
)
GERMAN = (
    (300, 700, 440, 730, "BENENNUNG", "Lagergehäuse"),
    (440, 700, 570, 730, "ZEICHNUNGSNR.", "DM-1042-03"),
    (300, 730, 380, 760, "WERKSTOFF", "C45E"),
    (380, 730, 440, 760, "MASSSTAB", "1:5"),
    (440, 730, 500, 760, "ÄND.-INDEX", "02"),
    (500, 730, 570, 760, "BLATT", "1/2"),
)


def dxf_bytes(document: Any, *, binary: bool = False) -> bytes:
    """A DXF document as a file's bytes."""
    if binary:
        raw = io.BytesIO()
        document.write(raw, fmt="bin")
        return raw.getvalue()
    text = io.StringIO()
    document.write(text)
    return text.getvalue().encode(document.output_encoding, errors="dxfreplace")


def new_dxf(version: str = "R2010", *, units: int = 4) -> Any:
    """An empty document with dimension styles, in mm unless told otherwise."""
    document = ezdxf.new(version, setup=True, units=units)
    document.header["$MEASUREMENT"] = 1
    return document
