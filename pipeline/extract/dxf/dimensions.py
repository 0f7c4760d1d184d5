"""DIMENSION entities as the sheet shows them: text, value, unit, tolerances."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ezdxf.lldxf.const import DXFTableEntryError

from pipeline.extract.dimension_text import DimensionText, parse_dimension, to_mm
from pipeline.extract.dxf import measure
from pipeline.extract.dxf.sheets import LayoutWalker
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.dxf.units import DrawingUnit
from pipeline.extract.model import Dimension, Place
from pipeline.extract.normalise import clean_line

DIMENSION_TYPES = frozenset({"DIMENSION", "ARC_DIMENSION", "LARGE_RADIAL_DIMENSION"})
_MAX_DIMENSIONS = 50_000  # of one layout
_FROM_OVERRIDE, _FROM_BLOCK, _FROM_GEOMETRY = 0.95, 0.95, 0.85
_UNIT_ASSUMED = 0.1  # taken off where the unit rests on $MEASUREMENT or something speaks against it
_HIDDEN = 0.3  # taken off where the layer does not show
_PREFIX = {measure.DIAMETER: "Ø", measure.RADIUS: "R"}
_INCH_PER_MM = 1 / 25.4


@dataclass(frozen=True, slots=True)
class _Style:
    """The dimension variables that matter here, the entity's own overrides applied."""

    factor: float
    decimals: int
    angle_decimals: int
    separator: str
    zeros: int
    rounding: float
    pattern: str
    tolerances: tuple[float, float] | None
    is_basic: bool


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
    block count once for each place where it shows.
    """
    reader = _Reader(page_number, unit, in_paper=not layout.is_modelspace)
    entities = (entity for entity in layout if entity.dxftype() in DIMENSION_TYPES)
    for entity in islice(entities, _MAX_DIMENSIONS):
        reader.take(entity, hidden=walker.is_hidden(entity))
    if walker.has_in_blocks(DIMENSION_TYPES):
        placed = (one for one in walker.walk(layout, DIMENSION_TYPES) if one.matrix is not None)
        for one in islice(placed, _MAX_DIMENSIONS):
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
    style = _read_style(entity, is_angle=_is_angle(kind), in_paper=in_paper)
    value = _value(entity, kind, style)
    shown = _shown(entity, kind, value, style)
    if shown is None or not shown.text:
        return None
    parsed = _parse_lines(shown.text)
    nominal = _nominal(value, parsed, shown, style)
    if nominal is None or not math.isfinite(nominal):
        return None
    length_unit, is_declared = _length_unit(unit, style)
    shown_unit = "deg" if _is_angle(kind) else (parsed.unit if parsed is not None and parsed.unit else length_unit)
    is_assumed = shown_unit == length_unit and not is_declared and shown_unit is not None
    tolerances = _tolerances(parsed, shown, style)
    return Dimension(
        kind=_kind(kind, parsed),
        raw_text=shown.text,
        place=Place(page_number, None, entity.dxf.get("handle"), name_text(entity.dxf.get("layer", "0"))),
        method=f"dxf_dimension.{shown.method}",
        confidence=round(shown.confidence - (_UNIT_ASSUMED if is_assumed else 0.0), 2),
        nominal=nominal,
        unit=shown_unit,
        value_mm=to_mm(nominal, shown_unit),
        tol_plus=tolerances[0],
        tol_minus=tolerances[1],
        fit_class=parsed.fit_class if parsed is not None else None,
        count=parsed.count if parsed is not None else 1,
        is_reference=parsed.is_reference if parsed is not None else False,
        is_basic=style.is_basic,
    )


def _is_angle(kind: int) -> bool:
    return kind in (measure.ANGULAR, measure.ANGULAR_3P)


def _kind(kind: int, parsed: DimensionText | None) -> str:
    """The entity's kind, made exact by what the text adds: a linear dimension may show 'Ø5' or 'M8'."""
    if parsed is not None and parsed.kind == "thread":
        return "thread"
    if parsed is not None and kind in (measure.LINEAR, measure.ALIGNED) and parsed.kind != "linear":
        return parsed.kind
    return measure.KINDS[kind]


def _read_style(entity: Any, *, is_angle: bool, in_paper: bool) -> _Style:
    override = _variable_reader(entity)
    factor = float(override("dimlfac", 1.0) or 1.0)
    if factor < 0:  # negative: for dimensions in paper space only
        factor = -factor if in_paper else 1.0
    plus, minus = float(override("dimtp", 0.0)), float(override("dimtm", 0.0))
    has_tolerances = bool(override("dimtol", 0)) or bool(override("dimlim", 0))
    separator = int(override("dimdsep", 46) or 46)
    return _Style(
        factor=1.0 if is_angle else factor,
        decimals=max(0, int(override("dimdec", 4))),
        angle_decimals=max(0, int(override("dimadec", 0))),
        separator=chr(separator) if separator in (44, 46) else ".",
        zeros=int(override("dimazin" if is_angle else "dimzin", 0)),
        rounding=float(override("dimrnd", 0.0)),
        pattern=str(override("dimpost", "") or ""),
        tolerances=(plus, -minus if minus else 0.0) if has_tolerances else None,
        is_basic=float(override("dimgap", 0.0)) < 0,
    )


def _variable_reader(entity: Any) -> Callable[[str, Any], Any]:
    """Reads a dimension variable: the entity's override, else its style's, else the default."""
    try:
        override = entity.override()
    except DXFTableEntryError:  # the style is missing
        return lambda _name, default: default
    get: Callable[[str, Any], Any] = override.get
    return get


def _value(entity: Any, kind: int, style: _Style) -> float | None:
    """The measured value as the dimension style shows it: group 42 where it was written, else the geometry."""
    recorded = measure.recorded(entity, kind)
    geometry = measure.measured(entity, kind)
    if recorded is None:
        return None if geometry is None else geometry * style.factor
    is_bare = geometry is not None and math.isclose(recorded, geometry, rel_tol=1e-6)
    return recorded * style.factor if is_bare else recorded


def _shown(entity: Any, kind: int, value: float | None, style: _Style) -> _Shown | None:
    """Override, else the geometry block's text, else the formatted value; None where the text is suppressed."""
    override = str(entity.dxf.get("text", "") or "")
    if override and override != "<>" and not override.strip():
        return None  # a single space hides the text
    block_text = _block_text(entity)
    if override in ("", "<>"):
        if block_text:
            return _Shown(block_text, "geometry_text", _FROM_BLOCK, is_free=False)
        return None if value is None else _Shown(_format(value, kind, style), "measurement", _FROM_GEOMETRY, is_free=False)
    if "<>" not in override:
        return _Shown(paragraph_text(override), "override", _FROM_OVERRIDE, is_free=True)
    if block_text:  # has the value in place of '<>', in whatever unit format the style asks for
        return _Shown(block_text, "override", _FROM_OVERRIDE, is_free=False)
    measured = "" if value is None else _format(value, kind, style)
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


def _format(value: float, kind: int, style: _Style) -> str:
    """The value as the dimension style writes it: rounding, decimals, zeros, separator, prefix and suffix."""
    if style.rounding > 0 and not _is_angle(kind):
        value = round(value / style.rounding) * style.rounding
    text = f"{value:.{style.angle_decimals if _is_angle(kind) else style.decimals}f}"
    if "." in text and _drops_trailing_zeros(style, kind):
        text = text.rstrip("0").rstrip(".")
    if style.zeros & 4:
        text = re.sub(r"^0\.", ".", text)
    text = text.replace(".", style.separator)
    if _is_angle(kind):
        return f"{text}°"
    text = _PREFIX.get(kind, "") + text
    if "<>" in style.pattern:
        return paragraph_text(style.pattern.replace("<>", text))
    return paragraph_text(text + style.pattern)


def _drops_trailing_zeros(style: _Style, kind: int) -> bool:
    return bool(style.zeros & (2 if _is_angle(kind) else 8))


def _parse_lines(text: str) -> DimensionText | None:
    """The text as one dimension, or its first line that is one ('4x Ø6' over 'THRU')."""
    whole = parse_dimension(text)
    if whole is not None:
        return whole
    return next((parsed for parsed in map(parse_dimension, text.split("\n")) if parsed is not None), None)


def _nominal(value: float | None, parsed: DimensionText | None, shown: _Shown, style: _Style) -> float | None:
    """The measured value in full precision where the sheet shows it, else the number that it does show."""
    if parsed is None or (value is None and not shown.text):
        return None if value is None else round(value, 9)
    if value is None:
        return parsed.nominal
    if shown.is_free or parsed.kind == "thread":
        return parsed.nominal
    if abs(parsed.nominal - value) <= _rounding(shown.text, style):
        return round(value, 9)
    return parsed.nominal


def _rounding(text: str, style: _Style) -> float:
    """How far a shown number may lie from the value that it was rounded from."""
    if "/" in text and '"' in text:
        return 1 / 16
    decimals = re.search(r"\d[.,](\d+)", text)
    return max(0.501 * 10.0 ** -(len(decimals[1]) if decimals is not None else 0), style.rounding)


def _tolerances(parsed: DimensionText | None, shown: _Shown, style: _Style) -> tuple[float | None, float | None]:
    if parsed is not None and parsed.tol_plus is not None:
        return parsed.tol_plus, parsed.tol_minus
    if style.tolerances is None or shown.is_free:
        return None, None
    return style.tolerances


def _length_unit(unit: DrawingUnit, style: _Style) -> tuple[str | None, bool]:
    """The unit of the number shown: a factor of 1/25.4 on a metric drawing shows inches, and 25.4 the reverse."""
    name, is_declared = unit.name, unit.is_sure
    if name == "mm" and math.isclose(style.factor, _INCH_PER_MM, rel_tol=1e-3):
        return "in", is_declared
    if name == "in" and math.isclose(style.factor, 1 / _INCH_PER_MM, rel_tol=1e-3):
        return "mm", is_declared
    return name, is_declared
