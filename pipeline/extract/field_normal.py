"""Title-block values in one form for all sheets: what `MetadataField.normalised` holds."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from pipeline.extract.dates import DateEvidence, is_ambiguous, read_date
from pipeline.extract.model import MetadataField

_AMBIGUOUS_DATE = 0.1  # taken off the confidence of a date whose order of day and month nothing proves
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
_MASS = re.compile(r"(\d+(?:[.,]\d+)*)\s*([^\W\d_]+)")
_GRAMS = {
    "mg": 0.001, "g": 1.0, "gr": 1.0, "г": 1.0, "гр": 1.0, "kg": 1000.0, "кг": 1000.0, "t": 1e6, "lb": 453.59237, "oz": 28.349523125}
_UNIT_IN_LABEL = re.compile(r"(?<![A-Za-zА-я])(kg|g|lbs?|кг|г)\W*$", re.IGNORECASE)
_FULL_SIZE = re.compile(r"full(?: scale| size)?", re.IGNORECASE)
_INCH = re.compile(r"in|inch(?:es)?|zoll|pouces?|pulgadas?|pollici|[\"”]|英寸", re.IGNORECASE)
_MM = re.compile(r"mm|millim.*|миллиметр.*|мм|毫米", re.IGNORECASE)
_CM = re.compile(r"cm|[cz]entim.*", re.IGNORECASE)
_METRE = re.compile(r"met(?:re|er)s?", re.IGNORECASE)
_ISO_SIZE = re.compile(r"A\s?([0-5])(?:[x×]\d)?", re.IGNORECASE)


def with_normal(field: MetadataField, evidence: DateEvidence) -> MetadataField:
    """The field with its value in the one form, where there is one; a date in doubt loses confidence."""
    if field.field == "date":
        return _with_date(field, evidence)
    normalise = _NORMAL.get(field.field)
    return field if normalise is None else replace(field, normalised=normalise(field.value) or field.normalised)


def _with_date(field: MetadataField, evidence: DateEvidence) -> MetadataField:
    in_doubt = is_ambiguous(field.value) and evidence.day_first is None
    day_first = evidence.likely if evidence.day_first is None else evidence.day_first
    day = read_date(field.value, day_first=day_first) or read_date(field.value, day_first=not day_first)
    confidence = round(field.confidence - _AMBIGUOUS_DATE, 2) if in_doubt else field.confidence
    return replace(field, normalised=day.isoformat() if day is not None else None, confidence=max(confidence, 0.05))


def normal_scale(value: str) -> str | None:
    """'1:2' and '2:1' in lowest whole terms where they are whole numbers ('1:1.5' is '2:3'); None where nothing is said."""
    if _FULL_SIZE.fullmatch(value):
        return "1:1"
    numbers = [Fraction(number.replace(",", ".")) for number in _NUMBERS.findall(value)]
    if ":" not in value or len(numbers) != 2 or not all(numbers):
        return None
    ratio = numbers[0] / numbers[1]
    return f"{ratio.numerator}:{ratio.denominator}"


def _normal_sheet(value: str) -> str | None:
    numbers = re.findall(r"\d+", value)
    return "/".join(str(int(number)) for number in numbers) if numbers else None


def _normal_mass(value: str) -> str | None:
    """The mass in grams, '797.1497 g'; None where the sheet gives no unit."""
    grams = grams_of(value)
    return None if grams is None else f"{grams:.6f}".rstrip("0").rstrip(".") + " g"


def mass_under(label: str, value: str) -> str | None:
    """The mass in grams of a bare number under a label that names its unit: '1,24' under 'Gewicht [kg]'; None where either is missing."""
    unit = _UNIT_IN_LABEL.search(label)
    return _normal_mass(f"{value} {unit[1]}") if unit is not None and _NUMBERS.fullmatch(value) else None


def grams_of(value: str) -> float | None:
    """The mass in grams that a text states; None where it names no unit: '2,4 kg', 'approx. 1.234,5 g', '3 pounds'."""
    match = _MASS.search(value)
    if match is None:
        return None
    unit = match[2].casefold()
    short = next((name for name in (unit, unit[:2]) if name in _GRAMS), None)
    if unit.startswith(("kilo", "kg")):
        short = "kg"
    elif unit.startswith("pound"):
        short = "lb"
    return None if short is None else _decimal(match[1]) * _GRAMS[short]


def _decimal(text: str) -> float:
    """A number of either decimal mark; of two marks, the last is the decimal one."""
    head, mark, tail = max((text.rpartition(mark) for mark in ".,"), key=lambda parts: len(parts[0]))
    return float(f"{re.sub('[.,]', '', head)}.{tail}") if mark else float(text)


def _normal_unit(value: str) -> str | None:
    forms = ((_MM, "mm"), (_CM, "cm"), (_METRE, "m"), (_INCH, "in"))
    return next((unit for form, unit in forms if form.fullmatch(value)), None)


def _normal_size(value: str) -> str | None:
    match = _ISO_SIZE.search(value)
    return f"A{match[1]}" if match is not None else value.upper()


_NORMAL = {
    "scale": normal_scale,
    "sheet": _normal_sheet,
    "sheets": _normal_sheet,
    "weight": _normal_mass,
    "units": _normal_unit,
    "size": _normal_size,
}
