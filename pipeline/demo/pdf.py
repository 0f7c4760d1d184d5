"""PDF bytes of a drawing: vector sheets with a text layer, or a picture of one. Same record, same bytes."""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF is annotated only in part.

from __future__ import annotations

import hashlib
import io

import numpy as np
import pymupdf

from pipeline.demo.canvas import POINTS_PER_MM, Canvas
from pipeline.demo.layout import block_corner, sheet_size, surroundings, title_cells
from pipeline.demo.render import draw_items
from pipeline.demo.spec import DrawingSpec

FIXED_DATE = "D:20240301090000Z"
SCAN_DPI = 150
SCAN_TILT_DEGREES = 0.6


def pdf_bytes(spec: DrawingSpec) -> bytes:
    """The drawing as a PDF file."""
    return finish(scanned(spec) if spec.scanned else vector(spec), spec)


def vector(spec: DrawingSpec) -> pymupdf.Document:
    """One vector page a sheet."""
    document = pymupdf.open()
    for number in range(1, len(spec.sheets) + 1):
        _add_sheet(document, spec, number)
    return document


def _add_sheet(document: pymupdf.Document, spec: DrawingSpec, number: int) -> None:
    width, height = (POINTS_PER_MM * side for side in sheet_size(spec))
    page = document.new_page(width=height, height=width) if spec.turned else document.new_page(width=width, height=height)
    if spec.turned:
        page.set_rotation(90)
    canvas = Canvas(page)
    draw_items(canvas, surroundings(spec), spec)
    x, y = block_corner(spec)
    for cell in title_cells(spec, number):
        draw_items(canvas, (*cell.lines, cell.label_text, cell.value_text), spec, at=(x, y))
    for placed in spec.sheets[number - 1]:
        draw_items(canvas, placed.view, spec, at=placed.at, factor=spec.paper_per_unit)
    canvas.commit()


def scanned(spec: DrawingSpec) -> pymupdf.Document:
    """The sheets as an old scanner would give them: grey, a little crooked and noisy, without text."""
    document = pymupdf.open()
    for page in vector(spec).pages():
        target = document.new_page(width=page.rect.width, height=page.rect.height)
        target.insert_image(target.rect, stream=_scan(page), keep_proportion=False)
    return document


def _scan(page: pymupdf.Page) -> bytes:
    """JPEG of a page. The noise has a fixed seed: the bytes must not differ from run to run."""
    zoom = SCAN_DPI / 72
    matrix = pymupdf.Matrix(zoom, zoom).prerotate(SCAN_TILT_DEGREES)
    pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)
    grey = np.frombuffer(pixels.samples, dtype=np.uint8).reshape(pixels.height, pixels.stride)[:, : pixels.width]
    noise = np.random.default_rng(998).integers(0, 22, size=grey.shape)
    noisy = np.clip(grey.astype(np.int16) * 0.9 - noise + 14, 0, 255).astype(np.uint8)
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pixels.width, pixels.height, noisy.tobytes(), False)
    return bytes(picture.tobytes("jpg", jpg_quality=70))


def finish(document: pymupdf.Document, spec: DrawingSpec, *, information: bool = True) -> bytes:
    """Bytes of the document with a fixed id, and document information with fixed dates (or none)."""
    document.set_metadata(_information(spec) if information else {})
    identity = hashlib.md5(f"{spec.number}/{spec.revision}".encode(), usedforsecurity=False).hexdigest().upper()
    document.xref_set_key(-1, "ID", f"[<{identity}><{identity}>]")
    target = io.BytesIO()
    document.save(target, garbage=3, deflate=True, no_new_id=True)
    document.close()
    return target.getvalue()


def _information(spec: DrawingSpec) -> dict[str, str]:
    return {
        "title": f"{spec.number} {spec.title}",
        "author": spec.author,
        "creator": "Draftmill demo",
        "producer": "PyMuPDF",
        "creationDate": FIXED_DATE,
        "modDate": FIXED_DATE,
    }
