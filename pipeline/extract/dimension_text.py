"""Read one dimension as it is written on a drawing: '4x Ø6.60 +0.40/-0.10', 'M8x1.25', '12 H7', '45°'.

The whole text must be a dimension: prose, part numbers and dates give None, for a wrong dimension is worse
than none. A comma is a decimal mark here, as on most metric sheets, unless it groups thousands before a dot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.extract.normalise import clean_line

MM_PER_UNIT: Final[dict[str, float]] = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "ft": 304.8}
MAX_LENGTH: Final = 80

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+\.\d+|\d+(?:[.,]\d+)?|[.,]\d+)"
_FRACTION = r"(?:\d+[ -])?\d+/\d+"
_HOLE_FIT = r"(?:[ABCDEFGHKMNPRSTUVXYZ]|CD|EF|FG|JS|ZA|ZB|ZC)(?:0?1|[2-9]|1[0-8])"
_SHAFT_FIT = r"(?:[abcdefghkmnprstuvxyz]|cd|ef|fg|js|za|zb|zc)(?:0?1|[2-9]|1[0-8])"
_FIT = rf"(?:{_HOLE_FIT}(?:\s?/\s?{_SHAFT_FIT})?|{_SHAFT_FIT})"
_COUNT = re.compile(r"^(?P<count>\d{1,3})\s?[x×X]\s?(?=[ØRMSC(\d.,⌀])")
_PREFIXES: Final[dict[str, str]] = {"Ø": "diameter", "R": "radius", "SØ": "diameter", "SR": "radius", "C": "chamfer"}
_UNIT_SUFFIXES: Final[dict[str, str]] = {"mm": "mm", "cm": "cm", "m": "m", "in": "in", '"': "in", "'": "ft", "°": "deg"}

_SIZE = re.compile(
    rf"^(?P<prefix>S?Ø|S?R|C)?\s?"
    rf"(?P<value>{_FRACTION}(?=\s?\"|\s?in\b)|{_NUMBER})\s?(?P<unit>mm|cm|m\b|in\b|\"|'|°)?"
    rf"(?:\s?(?P<fit>{_FIT}))?"
    rf"(?P<tolerance>\s?\(?\s?[±+\-].*|\s0.*)?$"
)
_METRIC_THREAD = re.compile(
    rf"^M(?P<value>\d{{1,3}}(?:[.,]\d+)?)(?:\s?[x×X]\s?(?P<pitch>{_NUMBER}))?"
    rf"(?:\s?-?\s?(?P<fit>\d[gGhHeEfF](?:\d[gGhH])?))?(?:\s?-?\s?(?:LH|RH))?$"
)
_INCH_THREAD = re.compile(
    r'^(?P<value>\d+/\d+|\d*\.\d+|#\d{1,2})"?\s?-\s?\d{1,2}\s?(?:UNC|UNF|UNEF|UNS|UN|NPT|NPTF)(?:\s?-\s?\d[AB])?$'
)
_PIPE_THREAD = re.compile(r'^(?:G|Rp|Rc)\s?(?P<value>\d+(?:[ -]\d+/\d+)?|\d+/\d+)"?(?:\s?[AB])?$')
_CHAMFER = re.compile(rf"^(?P<value>{_NUMBER})\s?(?:mm\s?)?[x×X]\s?(?P<angle>{_NUMBER})\s?°$")
_ANGLE_MINUTES = re.compile(
    r"""^(?P<degrees>\d{1,3})\s?°\s?(?P<minutes>[0-5]?\d)\s?['′](?:\s?(?P<seconds>[0-5]?\d)\s?(?:"|''|″))?$"""
)
_SYMMETRIC = re.compile(rf"^\(?±\s?(?P<value>{_NUMBER})\s?(?:mm|°|\")?\)?$")
_SIGNED = rf"[+\-]\s?{_NUMBER}|0(?:[.,]0+)?"
_ASYMMETRIC = re.compile(rf"^\(?\s?(?P<upper>{_SIGNED})\s?°?(?:\s?/\s?|\s|(?<=\d)(?=-))(?P<lower>{_SIGNED})\s?°?\s?\)?$")
# Beside a bare number a fit must be a usual one: '5A3' and '7E9' are more likely part numbers.
_USUAL_FIT = re.compile(r"(?:\s(?:[D-HJKMNPRS]|JS)(?:[5-9]|1[0-3])|H(?:[6-9]|1[0-3])|[fghkmnp](?:[5-9]|1[0-3]))(?:\s?/.*)?$")

_SYMBOLS = str.maketrans(
    {
        "⌀": "Ø",
        "ø": "Ø",
        "∅": "Ø",
        "φ": "Ø",
        "Φ": "Ø",
        "ϕ": "Ø",
        "⌴": "",
        "º": "°",
        "˚": "°",
        "−": "-",
        "–": "-",
        "”": '"',
        "″": '"',
        "“": '"',
        "’": "'",
        "′": "'",
        "⁄": "/",
    }
)


@dataclass(frozen=True, slots=True)
class DimensionText:
    """What a dimension's text says.

    nominal, tol_plus, tol_minus  in `unit`, in the sheet's unit where that is None; tolerances are signed
    marked                        True where a symbol (Ø, R, M, °, ±, a fit, …) shows that this is a
                                  dimension; a bare number may as well be a balloon or a table cell
    """

    kind: str
    nominal: float
    unit: str | None = None
    tol_plus: float | None = None
    tol_minus: float | None = None
    fit_class: str | None = None
    count: int = 1
    is_reference: bool = False
    marked: bool = False


def parse_dimension(text: str) -> DimensionText | None:
    """The dimension that `text` is, or None where it is anything else."""
    body = clean_line(text.translate(_SYMBOLS))
    if not body or len(body) > MAX_LENGTH:
        return None
    count, body = _take_count(body)
    is_reference, body = _take_reference(body)
    parsed = _parse_thread(body) or _parse_chamfer(body) or _parse_angle(body) or _parse_size(body)
    if parsed is None:
        return None
    return _with(parsed, count=count, is_reference=is_reference)


def to_mm(value: float | None, unit: str | None) -> float | None:
    """A length in mm, an angle in degrees as it is; None where value or unit is unknown."""
    if value is None or unit is None:
        return None
    if unit == "deg":
        return value
    factor = MM_PER_UNIT.get(unit)
    return None if factor is None else round(value * factor, 9)


def parse_number(text: str) -> float:
    """'1,5' and '1.5' are 1.5; '1,234.5' is 1234.5; '2 1/2' is 2.5. Raises ValueError for anything else."""
    if "/" in text:
        return _parse_fraction(text)
    if "," in text and "." in text:
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def _parse_fraction(text: str) -> float:
    whole, _, fraction = text.replace("-", " ").rpartition(" ")
    numerator, denominator = fraction.split("/")
    if int(denominator) == 0:
        raise ValueError("a fraction over zero is no number")
    return (int(whole) if whole else 0) + int(numerator) / int(denominator)


def _take_count(body: str) -> tuple[int, str]:
    """'4x Ø5' is four of Ø5; the 2 of '2x45°' is the size of a chamfer, not a count."""
    match = _COUNT.match(body)
    if match is None or _CHAMFER.match(body):
        return 1, body
    rest = body[match.end() :]
    if re.match(r"[\d.,]", rest) and "Ø" not in rest and not _CHAMFER.match(rest):
        return 1, body  # '20x30' is a size of a plate, not twenty of 30
    count = int(match["count"])
    return (count, rest) if count else (1, body)


def _take_reference(body: str) -> tuple[bool, str]:
    if body.startswith("(") and body.endswith(")"):
        return True, body[1:-1].strip()
    stripped = re.sub(r"\s?\(?\bREF\.?\)?$", "", body, flags=re.IGNORECASE)
    return stripped != body, stripped


def _parse_thread(body: str) -> DimensionText | None:
    metric = _METRIC_THREAD.match(body)
    if metric is not None and 0 < parse_number(metric["value"]) <= 200:
        nominal = parse_number(metric["value"])
        return DimensionText("thread", nominal, "mm", fit_class=metric["fit"], marked=True)
    inch = _INCH_THREAD.match(body)
    if inch is not None and not inch["value"].startswith("#"):
        return _inches("thread", inch["value"])
    pipe = _PIPE_THREAD.match(body)
    return _inches("thread", pipe["value"]) if pipe is not None else None


def _inches(kind: str, value: str) -> DimensionText | None:
    try:
        return DimensionText(kind, parse_number(value), "in", marked=True)
    except ValueError:
        return None


def _parse_chamfer(body: str) -> DimensionText | None:
    match = _CHAMFER.match(body)
    if match is None or not 0 < parse_number(match["angle"]) < 90:
        return None
    return DimensionText("chamfer", parse_number(match["value"]), marked=True)


def _parse_angle(body: str) -> DimensionText | None:
    match = _ANGLE_MINUTES.match(body)
    if match is None:
        return None
    degrees = int(match["degrees"]) + int(match["minutes"]) / 60 + int(match["seconds"] or 0) / 3600
    return DimensionText("angle", round(degrees, 9), "deg", marked=True)


def _parse_size(body: str) -> DimensionText | None:
    match = _SIZE.match(body)
    if match is None:
        return None
    tolerance = _parse_tolerance(match["tolerance"])
    if match["tolerance"] and tolerance is None:
        return None
    try:
        nominal = parse_number(match["value"])
    except ValueError:
        return None
    unit = _UNIT_SUFFIXES.get(match["unit"] or "")
    kind = "angle" if unit == "deg" else _PREFIXES.get(match["prefix"] or "", "linear")
    if unit == "deg" and (match["prefix"] or match["fit"] or nominal > 360):
        return None
    if match["fit"] and not _fit_is_plausible(kind, match):
        return None
    plus, minus = tolerance or (None, None)
    if plus is not None and minus is not None and max(plus, -minus) > nominal:
        return None  # '12-05-2013' is a date
    marked = bool(match["prefix"] or match["fit"] or match["tolerance"] or unit == "deg")
    return DimensionText(kind, nominal, unit, plus, minus, _compact(match["fit"]), marked=marked)


def _fit_is_plausible(kind: str, match: re.Match[str]) -> bool:
    if kind != "linear":
        return kind == "diameter"
    spaced = match.string[match.start("fit") - 1 : match.end("fit")]
    return _USUAL_FIT.match(spaced) is not None or _USUAL_FIT.match(match["fit"]) is not None


def _compact(fit: str | None) -> str | None:
    return fit.replace(" ", "") if fit else None


def _parse_tolerance(text: str | None) -> tuple[float, float] | None:
    """(upper, lower) deviation, signed; None where there is none or it is no tolerance."""
    if not text:
        return None
    body = text.strip().replace("+/-", "±")
    symmetric = _SYMMETRIC.match(body)
    if symmetric is not None:
        value = parse_number(symmetric["value"])
        return value, -value
    pair = _ASYMMETRIC.match(body)
    if pair is None:
        return None
    first, second = _signed(pair["upper"]), _signed(pair["lower"])
    return max(first, second), min(first, second)


def _signed(text: str) -> float:
    sign = -1.0 if text.startswith("-") else 1.0
    value = parse_number(text.lstrip("+-").strip())
    return sign * value if value else 0.0


def _with(parsed: DimensionText, *, count: int, is_reference: bool) -> DimensionText:
    return DimensionText(
        parsed.kind,
        parsed.nominal,
        parsed.unit,
        parsed.tol_plus,
        parsed.tol_minus,
        parsed.fit_class,
        count,
        is_reference,
        parsed.marked or count > 1,
    )
