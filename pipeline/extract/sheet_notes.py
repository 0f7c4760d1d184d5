"""What a sheet says about all its dimensions: their unit, and the tolerance that applies where none is written."""

from __future__ import annotations

import re

_MILLIMETRES = re.compile(
    r"\b(?:dimensions?|dims?\.?|all (?:dims?|sizes)|units?|ma(?:ß|ss)e|einheit(?:en)?|bema(?:ß|ss)ungen?|cotes|unit[ée]s?|maten|quote"
    r"|unit[àa]|cotas|unidades|размеры)\b"
    r"[^.\n]{0,30}?\b(?:mm|millimet(?:er|re)s?|millimetern?|мм)\b|单位\s?[:：]?\s?(?:mm|毫米)|単位\s?[:：]?\s?mm",
    re.IGNORECASE,
)
_INCHES = re.compile(r"\b(?:dimensions?|all dims?|dims?\.?|units?)\b[^.\n]{0,30}?\b(?:inch(?:es)?|in\.)", re.IGNORECASE)
# These standards state their tolerances in millimetres, so that a sheet which names one is drawn in them.
_GENERAL = re.compile(
    r"\b(?:(?:DIN|EN|NEN|BS|UNI|NF|JIS)\s?(?:-\s?)?)*(?:ISO\s?)?2768\s?(?:-\s?[12])?\s?[-–]?\s?(?P<class>[fmcv](?:\s?[HKL]\b(?!\s?=))?|[HKL])?(?:-?E)?\b"
    r"|\bGB/?\s?T\s?1804(?:-\d{4})?\s?[-–]?\s?[fmcv]\b|\b(?:EN\s)?ISO\s?22081\b|\bJIS\s?B\s?0405\s?[-–]?\s?[fmcv]\b"
)


def stated_units(text: str) -> frozenset[str]:
    """Those of 'mm' and 'in' that a note of the sheet says its dimensions are in."""
    patterns = {"mm": _MILLIMETRES, "in": _INCHES}
    return frozenset(unit for unit, pattern in patterns.items() if pattern.search(text) is not None)


def sheet_unit(text: str) -> str | None:
    """'mm' or 'in' where the sheet states it; None where it does not, or states both."""
    stated = stated_units(text)
    if stated:
        return next(iter(stated)) if len(stated) == 1 else None
    return "mm" if _GENERAL.search(text) is not None else None


def general_tolerance(text: str) -> str | None:
    """The general tolerance that a sheet names, such as 'ISO 2768-mK'; None where it names none."""
    match = _GENERAL.search(text)
    return " ".join(match[0].split()) if match is not None else None
