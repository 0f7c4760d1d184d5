"""The dimension variables of a DIMENSION, its own overrides applied, and how they write a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ezdxf.lldxf.const import DXFTableEntryError

from pipeline.extract.dxf import measure
from pipeline.extract.dxf.strings import paragraph_text
from pipeline.extract.dxf.units import DrawingUnit

_PREFIX: Final = {measure.DIAMETER: "Ø", measure.RADIUS: "R"}
_ANGLES: Final = frozenset((measure.ANGULAR, measure.ANGULAR_3P))
_INCH_PER_MM: Final = 1 / 25.4


@dataclass(frozen=True, slots=True)
class Style:
    """The dimension variables that matter here.

    factor      of lengths: what is shown is so many times what is drawn
    tolerances  (upper, lower) deviation, signed; None where none is shown
    is_limits   the two limits are shown in place of the value
    """

    factor: float
    decimals: int
    angle_decimals: int
    separator: str
    zeros: int
    tolerance_zeros: int
    rounding: float
    pattern: str
    tolerances: tuple[float, float] | None
    tolerance_decimals: int
    is_limits: bool
    is_basic: bool


def is_angle(kind: int) -> bool:
    """Whether a dimension of this type measures an angle."""
    return kind in _ANGLES


def read_style(entity: Any, kind: int, *, in_paper: bool) -> Style:
    """The style of one dimension; `in_paper`: it stands in paper space."""
    override = _variable_reader(entity)
    factor = float(override("dimlfac", 1.0) or 1.0)
    if factor < 0:  # negative: for dimensions in paper space only
        factor = -factor if in_paper else 1.0
    plus, minus = float(override("dimtp", 0.0)), float(override("dimtm", 0.0))
    is_limits = bool(override("dimlim", 0))
    separator = int(override("dimdsep", 46) or 46)
    return Style(
        factor=1.0 if is_angle(kind) else factor,
        decimals=max(0, int(override("dimdec", 4))),
        angle_decimals=max(0, int(override("dimadec", 0))),
        separator=chr(separator) if separator in (44, 46) else ".",
        zeros=int(override("dimazin" if is_angle(kind) else "dimzin", 0)),
        tolerance_zeros=int(override("dimtzin", 0)),
        rounding=float(override("dimrnd", 0.0)),
        pattern=str(override("dimpost", "") or ""),
        tolerances=(plus, -minus if minus else 0.0) if is_limits or override("dimtol", 0) else None,
        tolerance_decimals=max(0, int(override("dimtdec", 4))),
        is_limits=is_limits,
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


def write_value(value: float, kind: int, style: Style) -> str:
    """The value as the style writes it: rounding, decimals, zeros, separator, prefix and suffix, tolerances."""
    if style.is_limits and style.tolerances is not None:
        plus, minus = style.tolerances
        return f"{_write_number(value + plus, kind, style)}/{_write_number(value + minus, kind, style)}"
    text = _write_number(value, kind, style)
    return text if style.tolerances is None else f"{text} {_write_tolerances(style.tolerances, style)}"


def _write_number(value: float, kind: int, style: Style) -> str:
    if style.rounding > 0 and not is_angle(kind):
        value = round(value / style.rounding) * style.rounding
    if is_angle(kind):
        return _write_decimals(value, style.angle_decimals, style.separator, drops_zeros=bool(style.zeros & 2)) + "°"
    text = _write_decimals(value, style.decimals, style.separator, drops_zeros=bool(style.zeros & 8), drops_nought=bool(style.zeros & 4))
    text = _PREFIX.get(kind, "") + text
    return paragraph_text(style.pattern.replace("<>", text) if "<>" in style.pattern else text + style.pattern)


def _write_tolerances(tolerances: tuple[float, float], style: Style) -> str:
    plus, minus = (_write_decimals(abs(one), style.tolerance_decimals, style.separator, drops_zeros=bool(style.tolerance_zeros & 8))
                   for one in tolerances)
    if tolerances[0] == -tolerances[1]:
        return f"±{plus}"
    signs = ["+" if tolerances[0] >= 0 else "-", "-" if tolerances[1] <= 0 else "+"]
    return f"{signs[0]}{plus}/{signs[1]}{minus}"


def _write_decimals(value: float, decimals: int, separator: str, *, drops_zeros: bool, drops_nought: bool = False) -> str:
    text = f"{value:.{decimals}f}"
    if "." in text and drops_zeros:
        text = text.rstrip("0").rstrip(".")
    if drops_nought:
        text = re.sub(r"^0\.", ".", text)
    return text.replace(".", separator)


def length_unit(unit: DrawingUnit, style: Style) -> tuple[str | None, bool]:
    """The unit of the number shown: a factor of 1/25.4 on a metric drawing shows inches, and 25.4 the reverse.

    Of a drawing in metres or in feet, and of one in no known unit, the sheet's notes know better what its dimensions show.
    """
    name, is_declared = unit.name, unit.is_sure
    if name == "mm" and math.isclose(style.factor, _INCH_PER_MM, rel_tol=1e-3):
        return "in", is_declared
    if name == "in" and math.isclose(style.factor, 1 / _INCH_PER_MM, rel_tol=1e-3):
        return "mm", is_declared
    return (name if name in ("mm", "in") else unit.noted or name), is_declared
