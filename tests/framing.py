"""Does every box frame its value? Characters of the page are looked up anew, independent of how the readers found them.

What is compared are letters and digits, in any order: values are joined from stacked and turned pieces, blanks and signs are
written in many ways, and Ø, ⌵, ↧ and the like may be paths or letters of a symbol font.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pymupdf

from pipeline.extract.model import BBox, Drawing, Page, Place

SLACK = 1.5  # points by which a box may miss a character's middle
FOREIGN = 12  # characters beside the value's own that a box may hold: a label in the same line, and as many as the value has
FOREIGN_OF_SMALL = 3  # the same for dimensions and annotations, which have no label
_SIGNS = frozenset("øɵ°×")  # letters to Unicode, signs on a drawing


@dataclass(frozen=True, slots=True)
class Value:
    """Something extracted: what it is, the text that its box must hold, the box, and the text as written where that says more."""

    kind: str
    text: str
    place: Place
    written: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """A box that does not hold its text ('missing'), holds much else ('wide'), or lies off its page ('outside')."""

    fault: str
    value: Value
    under: str

    def __str__(self) -> str:
        return f"page {self.value.place.page_number} {self.value.kind} {self.value.text!r}: {self.fault}, box holds {self.under[:60]!r}"


def violations(data: bytes, drawing: Drawing) -> list[Violation]:
    """Every value of a PDF whose box does not frame it."""
    found: list[Violation] = []
    with pymupdf.open(stream=data, filetype="pdf") as document:
        document.authenticate("")
        for page in drawing.pages:
            values = [value for value in framed_values(drawing) if value.place.page_number == page.page_number]
            if values:
                characters = [] if page.method == "ocr" else list(_characters(document[page.page_number - 1]))
                found += [fault for value in values if (fault := _judge(value, characters, page))]
    return found


def framed_values(drawing: Drawing) -> Iterator[Value]:
    """Everything that has a box, with the text that stands in it."""
    for field in drawing.metadata:
        yield Value(f"field {field.field}", field.value, field.place, field.raw_text)
    for dimension in drawing.dimensions:
        yield Value(f"dimension {dimension.kind}", dimension.raw_text, dimension.place)
    for annotation in drawing.annotations:
        yield Value(f"annotation {annotation.kind}", _written(annotation.kind, annotation.raw_text), annotation.place)
    rows = {row.place: " ".join(row.raw_cells.values()) for row in drawing.bom_items}
    for material in drawing.materials:  # one of a parts list stands in its row
        yield Value("material", material.raw_text, material.place, rows.get(material.place, ""))
    for parameter in drawing.parameters:
        yield Value("parameter", parameter.value, parameter.place, parameter.raw_text)
    for row in drawing.bom_items:
        yield Value("bom row", " ".join(row.raw_cells.values()), row.place)
        for balloon in row.balloons:
            yield Value("balloon", row.item or "", balloon)


def _written(kind: str, raw_text: str) -> str:
    """Without the names of symbols, which the page draws: tolerances and datum letters are left of a control frame."""
    if kind not in ("gdt", "surface_roughness", "datum"):
        return raw_text
    return " ".join(word for word in raw_text.split() if len(word) == 1 or any(c.isdigit() for c in word))


def _judge(value: Value, characters: Sequence[tuple[str, BBox]], page: Page) -> Violation | None:
    box = value.place.bbox
    if box is None:
        return None
    x0, y0, x1, y1 = box
    if page.width and page.height and not (-SLACK <= x0 <= x1 <= page.width + SLACK and -SLACK <= y0 <= y1 <= page.height + SLACK):
        return Violation("outside", value, str(box))
    if page.method == "ocr":
        under = _ocr_text(box, page)
        return Violation("missing", value, under) if _letters(value.text) - _letters(under) else None
    under = "".join(text for text, place in characters if _covers(box, place))
    wanted, written, there = _letters(value.text), _letters(value.written), _letters(under)
    if wanted - there:
        return Violation("missing", value, under)
    foreign = FOREIGN_OF_SMALL if value.kind.startswith(("dimension", "annotation", "balloon")) else FOREIGN
    if (there - (wanted | written)).total() > foreign + wanted.total():
        return Violation("wide", value, under)
    return None


def _covers(box: BBox, character: BBox) -> bool:
    x, y = (character[0] + character[2]) / 2, (character[1] + character[3]) / 2
    return box[0] - SLACK <= x <= box[2] + SLACK and box[1] - SLACK <= y <= box[3] + SLACK


def _letters(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return Counter(c for c in plain if c.isalnum() and c not in _SIGNS)


def _characters(page: Any) -> Iterator[tuple[str, BBox]]:
    """Every character of the text layer with its box as the page is displayed."""
    flags = pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                for character in span["chars"]:
                    rect = pymupdf.Rect(character["bbox"]) * page.rotation_matrix
                    yield character["c"], (rect.x0, rect.y0, rect.x1, rect.y1)


def _ocr_text(box: BBox, page: Page) -> str:
    """All that OCR read in the blocks that a box touches: where in its line a word stands, OCR does not say."""
    touched = [block.text for block in page.blocks if block.bbox and not (
        block.bbox[2] < box[0] or block.bbox[0] > box[2] or block.bbox[3] < box[1] or block.bbox[1] > box[3])]
    return "\n".join(touched)
