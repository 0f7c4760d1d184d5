"""Threads as drawings name them: 'M8x1.25-6H', '1/4-20 UNC-2B', 'G1/2', 'Tr20x4'. Diameters in the unit of their standard."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.extract.model import Json

_DECIMAL = r"\d+(?:[.,]\d+)?"
_SIZE = r"(?:\d+[ -]\d+/\d+|\d+/\d+|\d*\.\d+|\d+)"  # inches
_HAND = r"(?:\s?-?\s?(?P<hand>LH|RH))?"

_METRIC = re.compile(
    rf"^Ø?\s?M\s?(?P<size>\d{{1,3}}(?:[.,]\d+)?)(?:\s?[x×X*]\s?(?P<pitch>{_DECIMAL}))?"
    rf"(?:\s?[-/]?\s?(?P<fit>\d[gGhHeEfF](?:\d[gGhH])?(?:/\d[gh](?:\d[gh])?)?))?{_HAND}$"
)
_TRAPEZOIDAL = re.compile(
    rf"^Tr\s?(?P<size>\d{{1,3}}(?:[.,]\d+)?)\s?[x×X*]\s?(?P<pitch>{_DECIMAL})"
    rf"(?:\s?\(?P\s?{_DECIMAL}\)?)?(?:\s?-?\s?(?P<fit>\d[eEcCgGhH]))?{_HAND}$",
    re.IGNORECASE,
)
_UNIFIED = re.compile(
    rf"^(?P<size>#\d{{1,2}}|{_SIZE})\"?\s?-\s?(?P<tpi>\d{{1,2}})\s?(?P<series>UNC|UNF|UNEF|UNS|UN|UNJF|UNJC)"
    rf"(?:\s?-\s?(?P<fit>[123][AB]))?{_HAND}$"
)
_TAPERED = re.compile(
    rf"^(?P<size>{_SIZE})\"?\s?(?:-\s?(?P<tpi>\d{{1,2}}(?:[.,]5)?)\s?)?(?P<series>NPTF|NPT|NPSM|NPS|BSPT|BSPP|BSP|PT|PF|RC|Rc)$")
_PIPE = re.compile(rf"^(?P<series>G|Rp|Rc|PT|PF)\s?(?P<size>{_SIZE})\"?(?:\s?(?P<fit>[AB]))?{_HAND}$")
# Sizes of taper pipe threads. A whole one, or one with an inch mark, is as likely a radius.
_TAPERED_OUTSIDE = re.compile(rf"^(?P<series>R)\s?(?P<size>1/16|(?:[12][ -])?1/2|(?:1[ -])?1/4|[13]/8|3/4){_HAND}$")
# Self-clinching nuts, standoffs and studs: 'S-M3', 'CLS-M4-2', 'SO-M3-8'.
_CLINCHED = re.compile(r"^(?P<insert>S|SS|SP|CLS|CLSS|SO|SOS|BSO|BSOS|FH|FHS)-(?P<thread>M\d{1,2}(?:[.,]5)?)(?:-\d{1,3})?$")
_NUMBERED_BASE, _NUMBERED_STEP = 0.060, 0.013  # inches: #0 and each further number (ASME B1.1)
_MAX_METRIC = 400.0  # mm
_MAX_INCHES = 12.0
_MAX_NUMBERED, _FINEST_INCHES = 12, 20  # '#12' is the last number; whole inches have at most 20 threads per inch


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread: `diameter` is nominal, in `unit` ('mm' or 'in')."""

    diameter: float
    unit: str
    fit_class: str | None
    details: dict[str, Json]


def parse_thread(text: str) -> Thread | None:
    """The thread that `text` names, or None where it is anything else."""
    clinched = _CLINCHED.match(text)
    if clinched is None:
        return _metric(text) or _inch(text)
    thread = _metric(clinched["thread"])
    return None if thread is None else replace(thread, details={**thread.details, "insert": clinched["insert"]})


def _metric(text: str) -> Thread | None:
    match = _METRIC.match(text)
    standard = "ISO 261"
    if match is None:
        match, standard = _TRAPEZOIDAL.match(text), "ISO 2904"
    if match is None:
        return None
    diameter = _decimal(match["size"])
    pitch = _decimal(match["pitch"]) if match["pitch"] else None
    if not 0 < diameter <= _MAX_METRIC or (pitch is not None and not 0 < pitch < diameter * 1.01):
        return None
    details: dict[str, Json] = {"thread_standard": standard}
    if pitch is not None:
        details["pitch"] = pitch
    return Thread(diameter, "mm", match["fit"], _with_hand(details, match))


def _inch(text: str) -> Thread | None:
    match = _UNIFIED.match(text)
    standard = "ASME B1.1"
    if match is None:
        match, standard = _TAPERED.match(text), "ASME B1.20.1"
        if match is not None and not match["series"].startswith("N"):
            standard = "ISO 228-1" if match["series"] in ("BSPP", "BSP", "PF") else "ISO 7-1"
    if match is None:
        match, standard = _PIPE.match(text) or _TAPERED_OUTSIDE.match(text), "ISO 7-1"
        if match is not None and match["series"] in ("G", "PF"):
            standard = "ISO 228-1"
    if match is None:
        return None
    is_numbered = standard == "ASME B1.1" and int(match["tpi"]) > _FINEST_INCHES
    diameter = _inches(match["size"], is_numbered=is_numbered)
    if diameter is None or not 0 < diameter <= _MAX_INCHES:
        return None
    parts = match.groupdict()
    details: dict[str, Json] = {"thread_standard": standard, "series": parts["series"]}
    if parts.get("tpi"):
        details["threads_per_inch"] = _decimal(parts["tpi"])
    return Thread(diameter, "in", parts.get("fit"), _with_hand(details, match))


def _with_hand(details: dict[str, Json], match: re.Match[str]) -> dict[str, Json]:
    return {**details, "left_hand": True} if match.groupdict().get("hand") == "LH" else details


def _inches(size: str, *, is_numbered: bool) -> float | None:
    """'#10' and, where the count of threads says so, '10' are numbered sizes; all others are inches."""
    if size.startswith("#") or (is_numbered and size.isdigit() and int(size) <= _MAX_NUMBERED):
        return round(_NUMBERED_BASE + _NUMBERED_STEP * int(size.lstrip("#")), 3)
    if "/" not in size:
        return float(size)
    whole, _, fraction = size.replace("-", " ").rpartition(" ")
    numerator, denominator = fraction.split("/")
    return None if int(denominator) == 0 else int(whole or 0) + int(numerator) / int(denominator)


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
