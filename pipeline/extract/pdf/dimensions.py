"""Dimensions that stand in a PDF's text as whole lines, and nothing that only might be one."""

from __future__ import annotations

import re

from pipeline.extract.dimension_text import DimensionText, parse_dimension, to_mm
from pipeline.extract.model import Dimension
from pipeline.extract.sheet import Sheet, TextLine

_ON_DRAWING, _ELSEWHERE = 0.85, 0.6
_MAX_LINES = 5000
_MAX_PROSE = 400  # lines of a page that is no drawing; a longer one is a table or a text
_DESIGNATOR = re.compile(r"^(?:[CQUDJLY]|IC|SW|TP)\d{1,3}[A-Z]?$")  # in circuits, where R5 resists
_BARE_LETTER = re.compile(r"^[RCM]\s?\d+$")
_MILLIMETRES = re.compile(
    r"\b(?:dimensions?|all (?:dims?|sizes)|units?|ma(?:ß|ss)e|bema(?:ß|ss)ungen?|cotes|maten|quote|cotas|размеры)"
    r"\b"
    r"[^.\n]{0,30}?\b(?:mm|millimet(?:er|re)s?|millimetern?|мм)\b|单位\s?[:：]?\s?(?:mm|毫米)|単位\s?[:：]?\s?mm",
    re.IGNORECASE,
)
_INCHES = re.compile(r"\b(?:dimensions?|all dims?|units?)\b[^.\n]{0,30}?\b(?:inch(?:es)?|in\.)", re.IGNORECASE)


def find_dimensions(sheet: Sheet, *, is_drawing: bool) -> tuple[Dimension, ...]:
    """The dimensions among a page's lines.

    is_drawing  whether the page has a title block; without one only what can hardly be anything else counts
    """
    lines = sheet.lines
    if len(lines) > (_MAX_LINES if is_drawing else _MAX_PROSE):
        return ()
    unit = sheet_unit(sheet.text)
    confidence = _ON_DRAWING if is_drawing else _ELSEWHERE
    has_designators = any(_DESIGNATOR.match(line.text) for line in lines)
    found = ((line, _parse(line.text, has_designators=has_designators)) for line in lines)
    return tuple(_dimension(line, parsed, unit, confidence) for line, parsed in found if parsed is not None)


def sheet_unit(text: str) -> str | None:
    """'mm' or 'in' where the sheet states it; None where it does not, or states both."""
    millimetres, inches = _MILLIMETRES.search(text), _INCHES.search(text)
    if (millimetres is None) == (inches is None):
        return None
    return "mm" if millimetres is not None else "in"


def _parse(text: str, *, has_designators: bool) -> DimensionText | None:
    if not any(character.isdigit() for character in text) or text.lstrip("(").startswith("C"):
        return None
    if has_designators and _BARE_LETTER.match(text):
        return None
    parsed = parse_dimension(text)
    return parsed if parsed is not None and parsed.marked else None


def _dimension(line: TextLine, parsed: DimensionText, unit: str | None, confidence: float) -> Dimension:
    shown = parsed.unit or unit
    return Dimension(
        kind=parsed.kind,
        raw_text=line.text,
        place=line.place,
        method="text_line",
        confidence=confidence,
        nominal=parsed.nominal,
        unit=shown,
        value_mm=to_mm(parsed.nominal, shown),
        tol_plus=parsed.tol_plus,
        tol_minus=parsed.tol_minus,
        fit_class=parsed.fit_class,
        count=parsed.count,
        is_reference=parsed.is_reference,
    )
