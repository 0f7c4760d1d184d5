"""Read one dimension as it is written on a drawing: '4x Ø6.60 +0.40/-0.10', 'M8x1.25', '12 H7', '45°', '⌴ Ø18 ↧ 12'.

The whole text must be a dimension: prose, part numbers and dates give None, for a wrong dimension is worse
than none. A comma is a decimal mark here, as on most metric sheets, unless it groups thousands before a dot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.extract.dimension_suffixes import Suffixes, take_suffixes
from pipeline.extract.iso286 import fit_deviations
from pipeline.extract.model import Json
from pipeline.extract.normalise import clean_line
from pipeline.extract.threads import parse_thread

MM_PER_UNIT: Final[dict[str, float]] = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "ft": 304.8}
MAX_LENGTH: Final = 80

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+\.\d+|\d+(?:[.,]\d+)?|[.,]\d+)"
_FRACTION = r"(?:\d+[ -])?\d+/\d+"
_HOLE_FIT = r"(?:[ABCDEFGHJKMNPRSTUVXYZ]|CD|EF|FG|JS|ZA|ZB|ZC)(?:0?1|[2-9]|1[0-8])"
_SHAFT_FIT = r"(?:[abcdefghjkmnprstuvxyz]|cd|ef|fg|js|za|zb|zc)(?:0?1|[2-9]|1[0-8])"
_FIT = rf"(?:{_HOLE_FIT}(?:\s?[/-]\s?{_SHAFT_FIT})?|{_SHAFT_FIT})"
_UNIT = r"mm|cm|m\b|in\b\.?|\"|'|°"
_COUNT = re.compile(r"^\(?(?P<count>\d{1,3})\s?(?:[x×X*]\)?|-(?=\s?(?:[A-Z]{1,4}-M\d|[ØMR]|C\d)))\s?(?=[ØRSM□CFD⌴⌵G(#\d.,])")
_TIMES = re.compile(r"^(?P<count>\d{1,3})\s?[x×X*]\s?")
_COUNT_OF = re.compile(  # the features counted, in words
    r"^\(?(?P<count>\d{1,3})\s?(?:HOLES?|OFF|PLACES|PLCS\.?|BOHRUNGEN|TROUS|TARAUDAGES|FORI|TALADROS|AGUJEROS|GATEN|отв(?:\.|ерст\w*)|фаск[аи])\)?"
    r"[,:]?\s?(?=[ØRMG]|\d)", re.IGNORECASE)
_COUNTED = re.compile(r"Ø|°$|\bUN[CFEJS]|\b(?:NPT|BSP|DIAM?|RAD)|[.,]\d+\s?R\b")  # behind a count and a size of digits, it counts them
_PREFIXES: Final[dict[str, str]] = {
    "Ø": "diameter", "R": "radius", "SØ": "diameter", "SR": "radius", "C": "chamfer", "D": "diameter", "d": "diameter", "SW": "linear"}
_UNIT_SUFFIXES: Final[dict[str, str]] = {
    "mm": "mm", "cm": "cm", "m": "m", "in": "in", "in.": "in", '"': "in", "'": "ft", "°": "deg"}
_NAMED = re.compile(  # kinds that are written out
    r"^(?:(?P<chamfer>CHAM(?:FER|F)?|FASEN?|SMUSSO|CHANFREIN|AFSCHUINING|CHAFL[ÁA]N)|(?P<radius>RAD(?:IUS)?|FILLET|RUNDUNG|RAGGIO|RAYON)"
    r"|(?P<diameter>DIAM?(?:ETER)?|DURCHM(?:ESSER)?))[.:]?\s?=?\s?(?=[RØ\d])",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(  # a lone R only behind decimals: '10 R' is a resistance, too
    r"^(?:(?P<size>.*[\d\"])\s?(?:(?P<diameter>DIAM?(?:ETER)?)|(?P<radius>RAD(?:IUS)?))|(?P<decimals>\d*[.,]\d+)\s?R)\.?$", re.IGNORECASE)
_FEATURE = re.compile(
    r"^(?:(?P<counterbore>⌴|C['’]?BORE|COUNTER-?\s?BORE|SPOT-?\s?FACE|S\.?F\.?(?=\s?Ø)|ZYL\.?\s?SENK\w*)"
    r"|(?P<countersink>⌵|CSK|C['’]?SINK|COUNTER-?\s?SINK|SENK(?:UNG)?\b)|(?P<hole>DRILL|BOHRUNG|BORE))[.:]?\s?(?=[Ø\d]|[.,]\d)",
    re.IGNORECASE,
)

_SIZE = re.compile(
    rf"^(?P<prefix>S?Ø|S?R|C|□|[RDd]\s?=|SW(?:\s?=|\s))?\s?"  # 'SW 10' is 10 across flats; 'SW1' is a switch
    rf"(?P<value>{_FRACTION}(?=\s?\"|\s?in\b)|{_NUMBER})\s?(?P<unit>{_UNIT})?"
    rf"(?:\s?\(?(?P<fit>{_FIT})\)?)?"
    rf"(?P<tolerance>\s?\(?\s?[±+\-].*|\s0.*|\s?\(\s?0.*)?$"
)
_LIMITS = re.compile(
    rf"^(?P<prefix>S?Ø|S?R|C)?\s?(?P<first>{_NUMBER})(?P<unit>{_UNIT})?\s?(?P<mark>[/\-…]|\bto\b|\bbis\b)\s?"
    rf"(?P<second>{_NUMBER})(?P<unit2>{_UNIT})?$"
)
_CHAMFER = re.compile(
    rf"^(?:C?(?P<value>{_NUMBER})\s?(?:mm\s?)?[x×X*]\s?(?P<angle>{_NUMBER})\s?°(?i:\s?(?:CHAM(?:FER)?S?|FASEN?)\.?)?"
    rf"|(?P<angle_first>{_NUMBER})\s?°\s?[x×X*]\s?(?P<value_last>{_NUMBER})(?:\s?(?:mm|\"))?)$")
_SQUARE_CHAMFER = re.compile(rf"^(?P<value>{_NUMBER})\s?[x×X]\s?(?P<other>{_NUMBER})\s?(?:CHAMFER|CHAM\.?|FASE|FASEN)$", re.IGNORECASE)
_QUALIFIER_AHEAD = re.compile(  # 'max. R0,5', 'R max. 0,5'
    rf"^(?:(?P<sign>S?[ØR]|C)\s?)?(?P<qualifier>MAX|MIN|TYP)\b\.?\s?(?P<size>S?[ØRC]?\s?{_NUMBER}\s?(?:mm|\"|°)?)$", re.IGNORECASE)
_CHAIN = re.compile(  # what follows '4x' in ISO 129-1
    rf"^(?P<value>{_NUMBER})\s?°?\s?\(?\s?=\s?(?P<total>{_NUMBER})\s?(?P<unit>°)?\s?\)?$")
_SLOT = re.compile(
    rf"^(?P<before>SLOT\s?|LANGLOCH\s?)?(?P<value>{_NUMBER})(?:\s?(?P<fit>{_FIT}))?\s?[x×X]\s?(?P<length>{_NUMBER})"
    r"\s?(?P<after>SLOTS?|LANGL(?:OCH|ÖCHER))?$")
_ANGLE_MINUTES = re.compile(
    r"""^(?P<degrees>\d{1,3})\s?°\s?(?P<minutes>[0-5]?\d)\s?['′](?:\s?(?P<seconds>[0-5]?\d)\s?(?:"|''|″))?\s?(?P<tolerance>±.*)?$"""
)
_ANGLE_BY_MINUTES = re.compile(r"^(?P<degrees>\d{1,3}(?:[.,]\d+)?)\s?°\s?(?P<tolerance>±.*')$")
_MINUTES = re.compile(r"^±\s?(?:(?P<degrees>\d{1,3}(?:[.,]\d+)?)\s?°)?\s?(?:(?P<minutes>[0-5]?\d)\s?')?$")
_FEET_INCHES = re.compile(r"^(?P<feet>\d{1,4})\s?'\s?-?\s?(?P<inches>\d{1,2}(?:\.\d+)?(?:[ -]\d+/\d+)?|\d+/\d+)\s?\"$")
_SYMMETRIC = re.compile(rf"^\(?±\s?(?P<value>{_NUMBER})\s?(?P<unit>mm|°|\"|in\b)?\)?$")
_SIGNED = rf"[+\-]\s?{_NUMBER}|0(?:[.,]0+)?"
_ASYMMETRIC = re.compile(
    rf"^\(?\s?(?P<upper>{_SIGNED})\s?°?(?:\s?/\s?|\s|(?<=\d)(?=-))(?P<lower>{_SIGNED})\s?(?P<unit>mm|°|\"|in\b)?\s?\)?$")
# One deviation alone, the other being 0: with decimals and below 1, for '20-1' and '3+4' may be anything.
_LONE = re.compile(r"^\(?\s?(?P<deviation>[+\-]\s?0?[.,]\d+)\s?(?P<unit>mm|°|\"|in\b)?\s?\)?$")
_MAX_LONE_SHARE = 0.1  # of the size: '2-0.8' is more likely two of 0.8
# Beside a bare number a fit must be a usual one: '5A3' and '7E9' are more likely part numbers.
_USUAL_FIT = re.compile(
    r"(?:\s(?:[D-HJKMNPRS]|JS|[d-hkmnprs]|js)(?:[5-9]|1[0-4])|H(?:[6-9]|1[0-4])|[fghkmnp](?:[5-9]|1[0-3])|[hd](?:9|1[0-4])|js(?:[5-9]|1[0-4]))(?:\s?[/-].*)?$")
_DATE = re.compile(r"^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-(?:\d{4}|\d{2}))$")  # and no size with two deviations
_LEADING_ZERO = re.compile(r"^0\d")
_MAX_LIMIT_RATIO = 1.7  # of the larger limit to the smaller; two numbers further apart are two things

_SYMBOLS = str.maketrans(
    {
        "⌀": "Ø",
        "ø": "Ø",
        "∅": "Ø",
        "φ": "Ø",
        "Φ": "Ø",
        "ϕ": "Ø",
        "⊔": "⌴",
        "∨": "⌵",
        "⭳": "↧",
        "↓": "↧",
        "º": "°",
        "˚": "°",
        "−": "-",
        "–": "-",
        "—": "-",
        "”": '"',
        "″": '"',
        "“": '"',
        "’": "'",
        "′": "'",
        "⁄": "/",
        "＋": "+",
        "（": "(",
        "）": ")",
        "：": ":",
        "□": "□",
        "☐": "□",
        "◻": "□",
    }
)
# Letters of threads, fits and counts on a Russian keyboard: 'М8х1,25', '2хØ10Н7'. Those within a word are left as they are.
_CYRILLIC = re.compile(r"(?<![\u0400-\u04ff])[АВЕКМНРСТХеакрсх](?![\u0400-\u04ff])")
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТХеакрсх", "ABEKMHPCTXeakpcx")


@dataclass(frozen=True, slots=True)
class DimensionText:
    """What a dimension's text says.

    nominal, tol_plus, tol_minus  in `unit`, in the sheet's unit where that is None; tolerances are signed
    limits                        (low, high) where the text gives these instead of a nominal; `nominal` is the high one then
    marked                        True where a symbol (Ø, R, M, °, ±, a fit, …) shows that this is a
                                  dimension; a bare number may as well be a balloon or a table cell
    details                       as in model.Dimension
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
    limits: tuple[float, float] | None = None
    details: dict[str, Json] = field(default_factory=dict)


def parse_dimension(text: str) -> DimensionText | None:
    """The dimension that `text` is, or None where it is anything else."""
    body = normalise_symbols(text)
    if not body or len(body) > MAX_LENGTH or _DATE.match(body):
        return None
    chain = _parse_chain(body)
    if chain is not None:
        return chain
    count, body = _take_count(body)
    body = _QUALIFIER_AHEAD.sub(r"\g<sign>\g<size> \g<qualifier>", body)
    suffixes, body = take_suffixes(body)
    is_enclosed = len(body) > 2 and body.startswith("(") and body.endswith(")")
    if is_enclosed:
        inner, body = take_suffixes(body[1:-1].strip())
        suffixes = suffixes.joined(inner)
    feature, body = _take_feature(body)
    parsed = _parse_named(body) or _parse_named_after(body) or _parse_core(body)
    if parsed is None:
        return None
    if count == 1 and suffixes.places > 1:
        count = suffixes.places
    parsed = _with_suffixes(parsed, suffixes, feature)
    return replace(
        parsed,
        count=count,
        is_reference=is_enclosed or suffixes.is_reference,
        marked=parsed.marked or count > 1,
    )


def normalise_symbols(text: str) -> str:
    """One line of text with one character for each drawing symbol: 'Ø', '°', '-', '⌴', '⌵', '↧', …"""
    if text.isascii():
        return clean_line(text)
    return clean_line(_CYRILLIC.sub(lambda match: match[0].translate(_LOOK_ALIKES), text.translate(_SYMBOLS)))


def resolve_fit(parsed: DimensionText) -> tuple[float, float] | None:
    """(upper, lower) deviation in mm of a single fit on a size in mm, by ISO 286; None where the text states its own or has none."""
    if parsed.fit_class is None or parsed.tol_plus is not None or parsed.unit not in (None, "mm"):
        return None
    return None if parsed.kind == "thread" else fit_deviations(parsed.nominal, parsed.fit_class)


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
    return (float(whole) if whole else 0) + int(numerator) / int(denominator)


def _take_count(body: str) -> tuple[int, str]:
    """'4x Ø5' is four of Ø5; the 2 of '2x45°' is the size of a chamfer, not a count."""
    of = _COUNT_OF.match(body)
    if of is not None and int(of["count"]) and (not body[of.end()].isdigit() or _parse_chamfer(body[of.end() :]) is not None):
        return int(of["count"]), body[of.end() :]
    match = _COUNT.match(body)
    if match is None or _parse_chamfer(body) is not None:
        return 1, body
    rest = body[match.end() :]
    if re.match(r"[\d.,]", rest) and not _COUNTED.search(rest):
        return 1, body  # '20x30' is a size of a plate, not twenty of 30
    count = int(match["count"])
    return (count, rest) if count else (1, body)


def _parse_chain(body: str) -> DimensionText | None:
    """'4x 25 (=100)': equal steps with their sum, which must be right."""
    times = _TIMES.match(body)
    match = _CHAIN.match(body[times.end() :]) if times is not None else None
    if times is None or match is None:
        return None
    count, value, total = int(times["count"]), parse_number(match["value"]), parse_number(match["total"])
    if count < 2 or value <= 0 or abs(count * value - total) > 0.005 * total:
        return None
    is_angle = match["unit"] is not None
    return DimensionText(
        "angle" if is_angle else "linear", value, "deg" if is_angle else None, count=count, marked=True, details={"total": total})


def _take_feature(body: str) -> tuple[str | None, str]:
    match = _FEATURE.match(body)
    return (None, body) if match is None else (match.lastgroup, body[match.end() :])


def _parse_named(body: str) -> DimensionText | None:
    """'CHAMFER 0,2', 'RADIUS 5': the kind in words."""
    match = _NAMED.match(body)
    if match is None:
        return None
    parsed = _parse_core(body[match.end() :])
    if parsed is None or parsed.kind not in ("linear", match.lastgroup):
        return None
    return replace(parsed, kind=match.lastgroup or parsed.kind, marked=True)


def _parse_named_after(body: str) -> DimensionText | None:
    """'.250 DIA', '.06 R': the kind behind the size, as on older sheets in inches."""
    match = _NAMED_AFTER.match(body)
    if match is None:
        return None
    parsed = _parse_core(match["size"] or match["decimals"])
    if parsed is None or parsed.kind != "linear":
        return None
    return replace(parsed, kind="diameter" if match["diameter"] else "radius", marked=True)


def _parse_core(body: str) -> DimensionText | None:
    thread = parse_thread(body)
    if thread is not None:
        return DimensionText(
            "thread", thread.diameter, thread.unit, fit_class=thread.fit_class, marked=True,
            details={"designation": body, **thread.details})
    return _parse_chamfer(body) or _parse_slot(body) or _parse_angle(body) or _parse_feet(body) or _parse_limits(body) or _parse_size(body)


def _parse_chamfer(body: str) -> DimensionText | None:
    match = _CHAMFER.match(body)
    if match is not None:
        value, angle = parse_number(match["value"] or match["value_last"]), parse_number(match["angle"] or match["angle_first"])
        if 0 < angle < 90:
            return DimensionText("chamfer", value, marked=True, details={"angle": angle})
    square = _SQUARE_CHAMFER.match(body)
    return None if square is None else DimensionText("chamfer", parse_number(square["value"]), marked=True)


def _parse_slot(body: str) -> DimensionText | None:
    """'5x12 SLOT', and a keyway's '10 P9 x 32'; '20x30' alone may be a plate."""
    match = _SLOT.match(body)
    if match is None or not (match["before"] or match["after"] or match["fit"]):
        return None
    value, length = parse_number(match["value"]), parse_number(match["length"])
    if match["fit"] is None and length < value:
        value, length = length, value
    return DimensionText("slot", value, fit_class=match["fit"], marked=True, details={"length": length})


def _parse_angle(body: str) -> DimensionText | None:
    match = _ANGLE_MINUTES.match(body) or _ANGLE_BY_MINUTES.match(body)
    if match is None:
        return None
    parts = match.groupdict()
    degrees = parse_number(match["degrees"]) + int(parts.get("minutes") or 0) / 60 + int(parts.get("seconds") or 0) / 3600
    tolerance = None
    if match["tolerance"]:
        deviation = _MINUTES.match(match["tolerance"])
        if deviation is None or not (deviation["degrees"] or deviation["minutes"]):
            return None
        tolerance = round(parse_number(deviation["degrees"] or "0") + int(deviation["minutes"] or 0) / 60, 9)
    return DimensionText("angle", round(degrees, 9), "deg", tolerance, None if tolerance is None else -tolerance, marked=True)


def _parse_feet(body: str) -> DimensionText | None:
    match = _FEET_INCHES.match(body)
    if match is None:
        return None
    try:
        inches = int(match["feet"]) * 12 + parse_number(match["inches"])
    except ValueError:
        return None
    return DimensionText("linear", inches, "in", marked=True)


def _parse_limits(body: str) -> DimensionText | None:
    """'16.00/15.50' and 'Ø5.8-5.85': two limits with decimals, so that a fraction, a date or a range of pages is none."""
    match = _LIMITS.match(body)
    if match is None or not re.search(r"[.,]\d", body):
        return None
    first, second = parse_number(match["first"]), parse_number(match["second"])
    low, high = min(first, second), max(first, second)
    if low <= 0 or low == high or high / low > _MAX_LIMIT_RATIO:
        return None
    prefix = match["prefix"] or ""
    if match["mark"] == "-" and not prefix and min(_decimals(match["first"]), _decimals(match["second"])) == 0:
        return None
    unit = _UNIT_SUFFIXES.get(match["unit2"] or match["unit"] or "")
    kind = "angle" if unit == "deg" else _PREFIXES.get(prefix, "linear")
    return DimensionText(kind, high, unit, marked=True, limits=(low, high), details=_prefix_details(prefix))


def _parse_size(body: str) -> DimensionText | None:
    match = _SIZE.match(body)
    if match is None or _LEADING_ZERO.match(match["value"]):
        return None
    try:
        nominal = parse_number(match["value"])
    except ValueError:
        return None
    tolerance = _parse_tolerance(match["tolerance"]) or _parse_lone_deviation(match["tolerance"], nominal)
    if match["tolerance"] and tolerance is None:
        return None
    plus, minus, tolerance_unit = tolerance or (None, None, None)
    unit = _UNIT_SUFFIXES.get(match["unit"] or tolerance_unit or "")
    prefix = (match["prefix"] or "").rstrip("= ")
    kind = "angle" if unit == "deg" else _PREFIXES.get(prefix, "linear")
    if unit == "deg" and (prefix or match["fit"] or nominal > 360):
        return None
    if match["fit"] and not _fit_is_plausible(kind, match):
        return None
    if plus is not None and minus is not None and max(plus, -minus) > nominal:
        return None  # '12-05-2013' is a date
    marked = bool(prefix or match["fit"] or match["tolerance"] or unit == "deg")
    return DimensionText(kind, nominal, unit, plus, minus, _compact(match["fit"]), marked=marked, details=_prefix_details(prefix))


def _prefix_details(prefix: str) -> dict[str, Json]:
    if prefix in ("SØ", "SR"):
        return {"spherical": True}
    if prefix == "SW":
        return {"across_flats": True}
    return {"square": True} if prefix == "□" else {}


def _decimals(number: str) -> int:
    _, _, after = number.replace(",", ".").rpartition(".")
    return len(after) if after != number else 0


def _fit_is_plausible(kind: str, match: re.Match[str]) -> bool:
    if kind != "linear":
        return kind == "diameter"
    spaced = match.string[match.start("fit") - 1 : match.end("fit")]
    return _USUAL_FIT.match(spaced) is not None or _USUAL_FIT.match(match["fit"]) is not None


def _compact(fit: str | None) -> str | None:
    return fit.replace(" ", "").replace("-", "/") if fit else None


def _parse_tolerance(text: str | None) -> tuple[float, float, str | None] | None:
    """(upper, lower) deviation, signed, and the unit written after them; None where there is none or it is no tolerance."""
    if not text:
        return None
    body = text.strip().replace("+/-", "±").replace("+-", "±")
    symmetric = _SYMMETRIC.match(body)
    if symmetric is not None:
        value = parse_number(symmetric["value"])
        return value, -value, symmetric["unit"]
    pair = _ASYMMETRIC.match(body)
    if pair is None:
        return None
    first, second = _signed(pair["upper"]), _signed(pair["lower"])
    return max(first, second), min(first, second), pair["unit"]


def _parse_lone_deviation(text: str | None, nominal: float) -> tuple[float, float, str | None] | None:
    """'+0.1' and '-0.1' behind a size: the other deviation, not written, is 0."""
    match = _LONE.match(text.strip()) if text else None
    if match is None:
        return None
    deviation = _signed(match["deviation"])
    is_small = abs(deviation) <= _MAX_LONE_SHARE * nominal
    return (max(deviation, 0.0), min(deviation, 0.0), match["unit"]) if deviation and is_small else None


def _signed(text: str) -> float:
    sign = -1.0 if text.startswith("-") else 1.0
    value = parse_number(text.lstrip("+-").strip())
    return sign * value if value else 0.0


def _with_suffixes(parsed: DimensionText, suffixes: Suffixes, feature: str | None) -> DimensionText:
    kind, unit = parsed.kind, parsed.unit
    details = {**parsed.details, **suffixes.details}
    if suffixes.dual is not None and unit is None:
        unit = _unit_by_dual(parsed.nominal, suffixes.dual)
    if feature is not None and kind in ("diameter", "linear"):
        kind = feature
    elif kind in ("diameter", "linear") and details.keys() & {"depth", "through"}:
        kind = "hole"
    elif kind == "diameter" and "angle" in details:
        kind = "countersink"
    marked = parsed.marked or feature is not None or suffixes.is_marking
    return replace(parsed, kind=kind, unit=unit, details=details, marked=marked)


def _unit_by_dual(main: float, other: float) -> str | None:
    """The unit of the main value of a dual dimension: '25.4 [1.00]' is in mm, '1.00 [25.4]' in inches."""
    if main <= 0 or other <= 0:
        return None
    if abs(main / other / MM_PER_UNIT["in"] - 1) < 0.02:
        return "mm"
    return "in" if abs(other / main / MM_PER_UNIT["in"] - 1) < 0.02 else None
