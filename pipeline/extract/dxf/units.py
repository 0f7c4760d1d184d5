"""The unit of length of a DXF, and what speaks against it: $INSUNITS is often a template's, not the drawing's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pipeline.extract.dimension_text import MM_PER_UNIT
from pipeline.extract.model import Dimension, MetadataField
from pipeline.extract.sheet_notes import stated_units

_UNIT_OF_INSUNITS: Final = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m"}
_NOTED: Final = frozenset(("mm", "in"))  # what notes tell apart
_INCH_FORMATS: Final = frozenset((3, 4))  # of $LUNITS: engineering and architectural, which write feet and inches
_MM_WRITTEN = re.compile(r"\d\s?mm\b", re.IGNORECASE)
_INCH_WRITTEN = re.compile(r'\d\s?(?:"|″|in\b|inch)', re.IGNORECASE)
_LONGEST_SHEET_MM: Final = 6_000.0  # that a laser cuts


@dataclass(frozen=True, slots=True)
class DrawingUnit:
    """A unit of length.

    name    'mm', 'cm', 'm', 'in', 'ft', or None where nothing says
    source  'insunits', 'measurement', 'note', or None
    doubts  what speaks against it, as stable words
    noted   the unit that the sheet says its dimensions are in; None where it says nothing
    """

    name: str | None = None
    source: str | None = None
    doubts: tuple[str, ...] = ()
    noted: str | None = None

    @property
    def is_sure(self) -> bool:
        return self.source in ("insunits", "note") and not self.doubts

    @property
    def in_mm(self) -> float | None:
        """Millimetres in one unit; None where the unit is unknown."""
        return None if self.name is None else MM_PER_UNIT.get(self.name)


def drawing_unit(document: Any, variables: frozenset[str]) -> DrawingUnit:
    """The unit by the header `variables` that the file itself has: $INSUNITS, else $MEASUREMENT."""
    header = document.header
    declared = int(header.get("$INSUNITS", 0) or 0) if "$INSUNITS" in variables else 0
    if declared:
        unit = DrawingUnit(_UNIT_OF_INSUNITS.get(declared), "insunits")
    elif "$MEASUREMENT" in variables:
        unit = DrawingUnit("mm" if header.get("$MEASUREMENT") else "in", "measurement")
    else:
        return DrawingUnit()
    is_inch_format = "$LUNITS" in variables and int(header.get("$LUNITS", 2) or 2) in _INCH_FORMATS
    return replace(unit, doubts=("lunits",)) if is_inch_format and unit.name not in ("in", "ft") else unit


def converted(unit: DrawingUnit, dimensions: Iterable[Dimension]) -> frozenset[str]:
    """The units, other than the drawing's own, that dimension styles convert the numbers of `dimensions` to."""
    return frozenset(
        found.unit for found in dimensions
        if found.unit in _NOTED and found.unit != unit.name and not any(one.search(found.raw_text) for one in (_MM_WRITTEN, _INCH_WRITTEN))
    )


def doubted(unit: DrawingUnit, shown: Sequence[str]) -> DrawingUnit:
    """The unit by what the dimensions show: none where most write another, which is the author's own word."""
    if unit.name is None or not shown:
        return unit
    pattern = _MM_WRITTEN if unit.name in ("in", "ft") else _INCH_WRITTEN
    against = sum(pattern.search(text) is not None for text in shown)
    return replace(unit, name=None, source=None, doubts=(*unit.doubts, "dimension_texts")) if against * 2 > len(shown) else unit


def with_notes(unit: DrawingUnit, texts: Iterable[str], fields: Iterable[MetadataField], shown: frozenset[str]) -> DrawingUnit:
    """The unit with what a document's texts and title blocks say that its dimensions are in.

    shown  the units that dimension styles convert to: a drawing in inches may well show millimetres, and the reverse

    A drawing whose style converts nothing is drawn in what it shows; of metres and feet it is not known what a style does.
    """
    said = (*texts, *(f"units: {field.value}" for field in fields if field.field == "units"))
    found = frozenset(name for text in said for name in stated_units(text))
    if len(found) != 1:
        return unit
    (name,) = found
    if unit.name is None:
        return DrawingUnit(name, "note", unit.doubts, name)
    if unit.name == name or unit.name not in _NOTED or name in shown:
        return replace(unit, source="note" if unit.source == "measurement" and unit.name == name else unit.source, noted=name)
    return DrawingUnit(name, "note", (*unit.doubts, "note"), name)


def unit_of_parts(unit: DrawingUnit, extents: tuple[float, float]) -> DrawingUnit:
    """The unit for parts drawn by themselves: what notes say, or none, where they would be longer than any sheet in the header's unit."""
    if unit.in_mm is None or unit.name == "mm" or max(extents) * unit.in_mm <= _LONGEST_SHEET_MM:
        return unit
    return DrawingUnit(unit.noted, unit.noted and "note", (*unit.doubts, "size"), unit.noted)
