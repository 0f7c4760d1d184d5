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
    r"\b(?:(?:DIN|EN|NEN|BS|UNI|NF|JIS)\s?(?:-\s?)?)*(?:ISO\s?)?2768\s?(?:-\s?[12])?\s?[-–]?\s?(?P<class>[fmcv][HKL]?|[HKL])?(?:-?E)?\b"
    r"|\bGB/?\s?T\s?1804(?:-\d{4})?\s?[-–]?\s?[fmcv]\b|\b(?:EN\s)?ISO\s?22081\b|\bJIS\s?B\s?0405\s?[-–]?\s?[fmcv]\b"
)


def sheet_unit(text: str) -> str | None:
    """'mm' or 'in' where the sheet states it; None where it does not, or states both."""
    millimetres, inches = _MILLIMETRES.search(text), _INCHES.search(text)
    if millimetres is not None and inches is not None:
        return None
    if inches is not None:
        return "in"
    return "mm" if millimetres is not None or _GENERAL.search(text) is not None else None


def general_tolerance(text: str) -> str | None:
    """The general tolerance that a sheet names, such as 'ISO 2768-mK'; None where it names none."""
    match = _GENERAL.search(text)
    return " ".join(match[0].split()) if match is not None else None
