"""DIMENSION entities as the sheet shows them: text, value, unit, tolerances."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pipeline.extract.dimension_text import DimensionText, parse_dimension, resolve_fit, to_mm
from pipeline.extract.dxf import measure
from pipeline.extract.dxf.dimension_style import Style, is_angle, length_unit, read_style, write_value
from pipeline.extract.dxf.sheets import LayoutWalker
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.dxf.units import DrawingUnit
from pipeline.extract.model import Dimension, Json, Place
from pipeline.extract.normalise import clean_line

DIMENSION_TYPES = frozenset({"DIMENSION", "ARC_DIMENSION", "LARGE_RADIAL_DIMENSION"})
_MAX_DIMENSIONS = 50_000  # of one layout
_MAX_PLACES = 1_000  # where blocks show one dimension: blocks in blocks multiply
_FROM_OVERRIDE, _FROM_BLOCK, _FROM_GEOMETRY = 0.95, 0.95, 0.85
_UNIT_ASSUMED = 0.1  # taken off where the unit rests on $MEASUREMENT or something speaks against it
_HIDDEN = 0.3  # taken off where the layer does not show


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands on the sheet, and how it was found."""

    text: str
    method: str
    confidence: float
    is_free: bool  # typed by a person, without the measured value in it


def read_dimensions(layout: Any, walker: LayoutWalker, page_number: int, unit: DrawingUnit) -> tuple[tuple[Dimension, ...], int]:
    """The dimensions of a layout in drawing order, and how many could not be read.

    Those on layers that are off or frozen are kept, with a lower confidence: programs hide them when plotting. Those of a
    block count once for each place where it shows, up to _MAX_PLACES.
    """
    reader = _Reader(page_number, unit, in_paper=not layout.is_modelspace)
    entities = (entity for entity in layout if entity.dxftype() in DIMENSION_TYPES)
    for entity in islice(entities, _MAX_DIMENSIONS):
        reader.take(entity, hidden=walker.is_hidden(entity))
    if walker.has_in_blocks(DIMENSION_TYPES):
        placed = (one for one in walker.walk(layout, DIMENSION_TYPES) if one.matrix is not None)
        places: Counter[int] = Counter()
        for one in islice(placed, _MAX_DIMENSIONS):
            places[id(one.entity)] += 1
            if places[id(one.entity)] <= _MAX_PLACES:
                reader.take(one.entity, insert=one.handle)
    return tuple(reader.found), reader.failed


class _Reader:
    """Gathers the dimensions of one layout."""

    def __init__(self, page_number: int, unit: DrawingUnit, *, in_paper: bool) -> None:
        self._page_number, self._unit, self._in_paper = page_number, unit, in_paper
        self.found: list[Dimension] = []
        self.failed = 0

    def take(self, entity: Any, *, hidden: bool = False, insert: str | None = None) -> None:
        """Read one dimension; `insert` is the handle of the block insertion that shows it."""
        try:
            dimension = _read(entity, self._page_number, self._unit, in_paper=self._in_paper)
        except MemoryError:
            raise
        except Exception:  # one damaged dimension never costs the others; it is counted in the warnings
            self.failed += 1
            return
        if dimension is None:
            return
        if hidden:
            dimension = replace(dimension, confidence=round(dimension.confidence - _HIDDEN, 2))
        if insert is not None:
            dimension = replace(dimension, details={**dimension.details, "insert": insert})
        self.found.append(dimension)


def _read(entity: Any, page_number: int, unit: DrawingUnit, *, in_paper: bool) -> Dimension | None:
    kind = measure.dimension_type(entity)
    if kind not in measure.KINDS:
        return None
    style = read_style(entity, kind, in_paper=in_paper)
    value = _value(entity, kind, style)
    shown = _shown(entity, kind, value, style)
    if shown is None or not shown.text:
        return None
    parsed = _parse_lines(shown.text)
    nominal = _nominal(value, parsed, shown, style)
    if nominal is None or not math.isfinite(nominal):
        return None
    name, is_declared = length_unit(unit, style)
    shown_unit = "deg" if is_angle(kind) else (parsed.unit if parsed is not None and parsed.unit else name)
    is_assumed = shown_unit == name and not is_declared and shown_unit is not None
    plus, minus, details = _tolerances(parsed, shown, style, nominal, shown_unit)
    return Dimension(
        kind=_kind(kind, parsed),
        raw_text=shown.text,
        place=Place(page_number, None, entity.dxf.get("handle"), name_text(entity.dxf.get("layer", "0"))),
        method=f"dxf_dimension.{shown.method}",
        confidence=round(shown.confidence - (_UNIT_ASSUMED if is_assumed else 0.0), 2),
        nominal=nominal,
        unit=shown_unit,
        value_mm=to_mm(nominal, shown_unit),
        tol_plus=plus,
        tol_minus=minus,
        fit_class=parsed.fit_class if parsed is not None else None,
        count=parsed.count if parsed is not None else 1,
        is_reference=parsed.is_reference if parsed is not None else False,
        is_basic=style.is_basic,
        details=details,
    )


def _kind(kind: int, parsed: DimensionText | None) -> str:
    """The entity's kind, made exact by what the text adds: a linear dimension may show 'Ø5' or 'M8'."""
    if parsed is not None and parsed.kind == "thread":
        return "thread"
    if parsed is not None and kind in (measure.LINEAR, measure.ALIGNED) and parsed.kind != "linear":
        return parsed.kind
    return measure.KINDS[kind]


def _value(entity: Any, kind: int, style: Style) -> float | None:
    """The measured value as the dimension style shows it: group 42 where it was written, else the geometry."""
    recorded = measure.recorded(entity, kind)
    geometry = measure.measured(entity, kind)
    if recorded is None:
        return None if geometry is None else geometry * style.factor
    is_bare = geometry is not None and math.isclose(recorded, geometry, rel_tol=1e-6)
    return recorded * style.factor if is_bare else recorded


def _shown(entity: Any, kind: int, value: float | None, style: Style) -> _Shown | None:
    """Override, else the geometry block's text, else the formatted value; None where the text is suppressed."""
    override = str(entity.dxf.get("text", "") or "")
    if override and override != "<>" and not override.strip():
        return None  # a single space hides the text
    block_text = _block_text(entity)
    if override in ("", "<>"):
        if block_text:
            return _Shown(block_text, "geometry_text", _FROM_BLOCK, is_free=False)
        return None if value is None else _Shown(write_value(value, kind, style), "measurement", _FROM_GEOMETRY, is_free=False)
    if "<>" not in override:
        return _Shown(paragraph_text(override), "override", _FROM_OVERRIDE, is_free=True)
    if block_text:  # has the value in place of '<>', in whatever unit format the style asks for
        return _Shown(block_text, "override", _FROM_OVERRIDE, is_free=False)
    measured = "" if value is None else write_value(value, kind, style)
    return _Shown(paragraph_text(override.replace("<>", measured)), "override", _FROM_OVERRIDE, is_free=False)


def _block_text(entity: Any) -> str:
    """The text that the program drew for the dimension."""
    block = entity.get_geometry_block()
    if block is None:
        return ""
    texts = []
    for part in block:
        if part.dxftype() == "MTEXT":
            texts.append(paragraph_text(part.text))
        elif part.dxftype() == "TEXT":
            texts.append(line_text(part.dxf.get("text", "")))
    return clean_line(" ".join(texts))


def _parse_lines(text: str) -> DimensionText | None:
    """The text as one dimension, or its first line that is one ('4x Ø6' over 'THRU')."""
    whole = parse_dimension(text)
    if whole is not None:
        return whole
    return next((parsed for parsed in map(parse_dimension, text.split("\n")) if parsed is not None), None)


def _nominal(value: float | None, parsed: DimensionText | None, shown: _Shown, style: Style) -> float | None:
    """The measured value in full precision where the sheet shows it, else the number that it does show."""
    if parsed is None or (value is None and not shown.text):
        return None if value is None else round(value, 9)
    if value is None:
        return parsed.nominal
    if style.is_limits and not shown.is_free:
        return round(value, 9)
    if shown.is_free or parsed.kind == "thread":
        return parsed.nominal
    if abs(parsed.nominal - value) <= _rounding(shown.text, style):
        return round(value, 9)
    return parsed.nominal


def _rounding(text: str, style: Style) -> float:
    """How far a shown number may lie from the value that it was rounded from."""
    if "/" in text and '"' in text:
        return 1 / 16
    decimals = re.search(r"\d[.,](\d+)", text)
    return max(0.501 * 10.0 ** -(len(decimals[1]) if decimals is not None else 0), style.rounding)


def _tolerances(
    parsed: DimensionText | None, shown: _Shown, style: Style, nominal: float, unit: str | None
) -> tuple[float | None, float | None, dict[str, Json]]:
    """(upper, lower deviation, details): what the text says, else the style, else the fit that the text names."""
    details: dict[str, Json] = dict(parsed.details) if parsed is not None else {}
    if parsed is not None and parsed.limits is not None:
        details["limits"] = [*parsed.limits]
    if parsed is not None and parsed.tol_plus is not None:
        return parsed.tol_plus, parsed.tol_minus, details
    if style.tolerances is not None and not shown.is_free:
        plus, minus = style.tolerances
        if style.is_limits:
            details.setdefault("limits", [round(nominal + minus, 9), round(nominal + plus, 9)])
        return plus, minus, details
    resolved = resolve_fit(replace(parsed, unit=unit)) if parsed is not None else None
    if resolved is None:
        return None, None, details
    return *resolved, {**details, "tolerance_source": "ISO 286-2"}
