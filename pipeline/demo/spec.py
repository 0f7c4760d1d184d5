"""What one drawing says: the record that its PDF sheets and its DXF are both made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pipeline.demo.shapes import GERMAN, INCH, METRIC, NumberStyle, Point, View

Language = Literal["en", "de", "fr"]
Unit = Literal["mm", "in"]

MM_PER_UNIT: dict[Unit, float] = {"mm": 1.0, "in": 25.4}
PAPER_MM: dict[str, Point] = {"A3": (420.0, 297.0), "A4": (210.0, 297.0), "A4 landscape": (297.0, 210.0)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A view, and where its origin lies on the sheet (mm from the lower left corner)."""

    view: View
    at: Point


@dataclass(frozen=True, slots=True)
class Revision:
    letter: str
    text: str
    date: str
    name: str


@dataclass(frozen=True, slots=True)
class BomItem:
    item: int
    quantity: int
    number: str
    description: str
    material: str


@dataclass(frozen=True, slots=True)
class DrawingSpec:
    """One drawing with all its sheets.

    scale    paper : model as (1, 2) for 1:2
    paper    a key of PAPER_MM
    turned   stored as a portrait page that the viewer turns by 90 degrees
    scanned  the PDF holds a picture of the sheet and no text
    """

    number: str
    title: str
    material: str
    scale: tuple[int, int]
    paper: str
    author: str
    approved: str
    date: str
    company: str
    mass: str
    sheets: tuple[tuple[Placed, ...], ...]
    revisions: tuple[Revision, ...]
    bom: tuple[BomItem, ...] = ()
    notes: tuple[str, ...] = ()
    language: Language = "en"
    unit: Unit = "mm"
    tolerance_class: str = "ISO 2768-mK"
    turned: bool = False
    scanned: bool = False

    @property
    def revision(self) -> str:
        return self.revisions[-1].letter

    @property
    def scale_text(self) -> str:
        return f"{self.scale[0]}:{self.scale[1]}"

    @property
    def paper_per_unit(self) -> float:
        """mm on paper for one model unit."""
        return self.scale[0] / self.scale[1] * MM_PER_UNIT[self.unit]

    @property
    def numbers(self) -> NumberStyle:
        if self.unit == "in":
            return INCH
        return METRIC if self.language == "en" else GERMAN

    def as_revision(self, letter: str) -> DrawingSpec:
        """The drawing as it stood at an earlier revision."""
        index = next(k for k, revision in enumerate(self.revisions) if revision.letter == letter)
        return replace(self, revisions=self.revisions[: index + 1], date=self.revisions[index].date)
