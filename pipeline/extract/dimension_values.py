"""What a dimension's shown numbers come to in mm (degrees for angles), and the bounds that its tolerance sets.

The same rules fill the columns when a file is stored and when stored rows are indexed again. What the sheet shows stays as it
is: a unit that the row itself does not show is inferred for the values in mm only, and `details.unit_source` says from where.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pipeline.extract.dimension_text import MM_PER_UNIT, to_mm
from pipeline.extract.iso286 import fit_deviations
from pipeline.extract.model import Dimension, Drawing, Json

_UNITS: Final[dict[str, re.Pattern[str]]] = {
    "mm": re.compile(r"\b(?:mms?|milli(?:met(?:er|re)s?|metri|m[eè]tres?)|mil[ií]metros?|мм|миллиметр\w*)\b|毫米|ミリ", re.IGNORECASE),
    "cm": re.compile(r"\b(?:cm|centi(?:met(?:er|re)s?|m[eè]tres?)|zentimeter|см)\b|厘米", re.IGNORECASE),
    "in": re.compile(r"\b(?:inch(?:es)?|zoll|pouces?|pollici|pulgadas?|дюйм\w*)\b|英寸|インチ|^\W*(?:in\b|\"|″)\W*$", re.IGNORECASE),
}
# ISO 2768 and its kin are tables in millimetres: a sheet that cites one is dimensioned in them.
_METRIC_TOLERANCES: Final = re.compile(r"\b(?:ISO|DIN|EN|NEN|JIS|ГОСТ|GOST|GB)\b", re.IGNORECASE)
_SOURCE: Final = "unit_source"
_INFERRED: Final = "unit_inferred"


class SheetUnit(NamedTuple):
    """A unit of length and where it was learnt: 'sheet', 'header', 'general_tolerance', 'file', 'project'."""

    unit: str
    source: str


class Values(NamedTuple):
    """A dimension in mm or degrees. The bounds are those of the tolerance shown, the value itself where there is none."""

    value_mm: float | None
    value_min_mm: float | None
    value_max_mm: float | None
    details: dict[str, Json]


class Shown(NamedTuple):
    """What of a dimension's row its values depend on; names as in extract.model.Dimension."""

    kind: str
    nominal: float | None
    unit: str | None
    value_mm: float | None
    tol_plus: float | None
    tol_minus: float | None
    fit_class: str | None
    details: Mapping[str, Json]


def values_of(shown: Shown, sheet: SheetUnit | None) -> Values:
    """Value and bounds, with the sheet's unit where the row shows none."""
    details = {key: value for key, value in shown.details.items() if key not in (_SOURCE, _INFERRED)}
    unit = shown.unit or ("deg" if shown.kind == "angle" else None)
    measured = None if _SOURCE in shown.details else shown.value_mm  # what the reader measured counts, an older guess does not
    has_size = shown.nominal is not None or "limits" in shown.details
    if unit is None and measured is None and has_size and sheet is not None and shown.kind != "thread":
        unit = sheet.unit
        details |= {_SOURCE: sheet.source, _INFERRED: unit}
    value = measured if measured is not None else to_mm(shown.nominal, unit)
    return Values(value, *_bounds(shown, unit, value), details)


def _bounds(shown: Shown, unit: str | None, value: float | None) -> tuple[float | None, float | None]:
    limits = _limits(shown, unit)
    if limits is not None or value is None:
        return limits or (None, None)
    if shown.tol_plus is None and shown.tol_minus is None:
        fit = fit_deviations(value, shown.fit_class) if shown.fit_class and unit == "mm" and shown.kind != "thread" else None
        if fit is not None:
            return round(value + fit[1], 9), round(value + fit[0], 9)
        qualifier = shown.details.get("qualifier")
        return (0.0 if qualifier == "max" else value, None if qualifier == "min" else value)
    deviations = [to_mm(shown.tol_minus or 0.0, unit), to_mm(shown.tol_plus or 0.0, unit)]
    known = [round(value + deviation, 9) for deviation in deviations if deviation is not None]
    return (min(known), max(known)) if known else (None, None)


def _limits(shown: Shown, unit: str | None) -> tuple[float, float] | None:
    """The pair of limits that stands in place of a nominal size."""
    limits = shown.details.get("limits")
    if not isinstance(limits, list) or len(limits) != 2:
        return None
    known = [size for limit in limits if isinstance(limit, int | float) and (size := to_mm(float(limit), unit)) is not None]
    return (min(known), max(known)) if len(known) == 2 else None


def unit_named(text: str) -> str | None:
    """'mm', 'cm' or 'in' where the text names exactly one of them; 'All dimensions in mm' does."""
    named = [unit for unit, pattern in _UNITS.items() if pattern.search(text)]
    return named[0] if len(named) == 1 else None


def sheet_unit(fields: Iterable[tuple[str, str]], header_unit: Json, shown: Iterable[tuple[str, str | None]]) -> SheetUnit | None:
    """The unit of the lengths that show none themselves.

    fields       (field, value) of the title block; its 'units' says it best, an ISO general tolerance is in mm
    header_unit  what a DXF's header says
    shown        (kind, unit) of the file's own dimensions: where those that show one agree, the others follow
    """
    fields = list(fields)
    stated = {unit for field, value in fields if field == "units" and (unit := unit_named(value))}
    if len(stated) == 1:
        return SheetUnit(stated.pop(), "sheet")
    if isinstance(header_unit, str) and header_unit in MM_PER_UNIT:
        return SheetUnit(header_unit, "header")
    if any(field == "general_tolerance" and _METRIC_TOLERANCES.search(value) for field, value in fields):
        return SheetUnit("mm", "general_tolerance")
    counts = Counter(unit for kind, unit in shown if unit in MM_PER_UNIT and kind != "thread")
    return SheetUnit(str(next(iter(counts))), "file") if len(counts) == 1 else None


def drawing_unit(drawing: Drawing) -> SheetUnit | None:
    """The unit of a whole file, as its reader saw it."""
    return sheet_unit(((found.field, found.value) for found in drawing.metadata), drawing.properties.get("unit"),
                      ((found.kind, found.unit) for found in drawing.dimensions))


def dimension_values(found: Dimension, sheet: SheetUnit | None) -> Values:
    return values_of(Shown(found.kind, found.nominal, found.unit, found.value_mm, found.tol_plus, found.tol_minus,
                           found.fit_class, found.details), sheet)
