"""Every stored value's box, drawn over its page, frames that value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from pipeline.demo.files import write_sample_files
from pipeline.extract.errors import ExtractionError
from pipeline.extract.model import BBox, Drawing, Place
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from tests.framing import framed_values, violations
from tests.unit.extract.drawings import ENGLISH, GERMAN, draw_cells, pdf_of

NO_OCR = ReadOptions(ocr="off")
MAX_BYTES = 5_000_000  # the few larger files take seconds each and show nothing new


def titled(rotation: int) -> bytes:
    return pdf_of([lambda page: draw_cells(page, ENGLISH), lambda page: draw_cells(page, GERMAN)], rotation=rotation)


def moved(drawing: Drawing, move: Callable[[BBox], BBox]) -> Drawing:
    """The same fields with other boxes."""
    def place(old: Place) -> Place:
        return replace(old, bbox=move(old.bbox)) if old.bbox else old

    return replace(drawing, metadata=tuple(replace(field, place=place(field.place)) for field in drawing.metadata))


def judged(folder: Path) -> tuple[Counter[str], list[str]]:
    """How many values of each kind have a box in the PDFs below a folder, and which boxes are wrong."""
    counts, wrong = Counter[str](), []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf" and path.stat().st_size <= MAX_BYTES):
        data = path.read_bytes()
        try:
            drawing = read_pdf(data, NO_OCR)
        except ExtractionError:
            continue
        counts.update(value.kind.split()[0] for value in framed_values(drawing) if value.place.bbox)
        wrong += [f"{path.name}: {fault}" for fault in violations(data, drawing)]
    return counts, wrong


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_frame_their_fields_however_the_page_is_turned(rotation: int) -> None:
    data = titled(rotation)
    drawing = read_pdf(data, NO_OCR)
    assert len([field for field in drawing.metadata if field.place.bbox]) >= 10
    assert violations(data, drawing) == []


def test_boxes_frame_every_value_of_the_sample_drawings(tmp_path: Path) -> None:
    write_sample_files(tmp_path)
    counts, wrong = judged(tmp_path)
    assert wrong == []
    assert counts["field"] >= 50
    assert counts["dimension"] >= 10


def test_boxes_frame_what_ocr_reads() -> None:
    with pymupdf.open(stream=titled(0), filetype="pdf") as document:
        picture = document[0].get_pixmap(dpi=200)
    data = pdf_of([lambda page: page.insert_image(page.rect, pixmap=picture)])
    drawing = read_pdf(data)
    assert drawing.pages[0].method == "ocr"
    assert "DM-1042-03" in {field.value for field in drawing.metadata}
    assert violations(data, drawing) == []


def test_boxes_frame_every_value_of_the_corpus(corpus: Path) -> None:
    counts, wrong = judged(corpus)
    assert wrong == []
    assert counts["field"] >= 500


@pytest.mark.parametrize(("fault", "move"), [
    pytest.param("missing", lambda box: (box[0] + 40, box[1], box[2] + 40, box[3]), id="beside"),
    pytest.param("missing", lambda box: (box[0], box[1], box[0] + 3, box[3]), id="too small"),
    pytest.param("wide", lambda box: (0, 0, 595, 842), id="the whole page"),
    pytest.param("outside", lambda box: (box[0], box[1], box[2] + 600, box[3]), id="off the page"),
])
def test_a_box_that_does_not_frame_its_value_is_found(fault: str, move: Callable[[BBox], BBox]) -> None:
    data = titled(0)
    drawing = moved(read_pdf(data, NO_OCR), move)
    found = violations(data, drawing)
    assert {one.fault for one in found} == {fault}
    assert {one.value.kind for one in found} >= {f"field {field.field}" for field in drawing.metadata if len(field.value) > 2}
