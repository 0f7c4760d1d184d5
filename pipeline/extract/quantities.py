"""How many of a part a list asks for: '2', '2 pcs', '1,5 m', '4x'."""

from __future__ import annotations

import re

_QUANTITY = re.compile(
    r"^[(x×]?\s*(\d{1,6}(?:[.,]\d{1,4})?|[.,]\d{1,4})\s*[)x×]?\s*"
    r"(?:(?:pcs?|pc\.?s?|pieces?|ea|each|off|no|nos|sets?|pairs?|st(?:k|ck|[uü]ck)?|pi[eè]ces?|stuks?|pz|pezzi|uds?|шт|mm|cm|m|ft|in|kg|g|l|ml"
    r"|m2|m²|м|件|个|個|只|套|根|条|片|块|米|ヶ|本|枚)\.?)?$",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"^\d{1,3}[.,]\d{3}$")


def quantity(text: str) -> float | None:
    """The number that a quantity cell says; None where it says none, or could mean 1000 as well as 1.000."""
    match = _QUANTITY.match(text.strip())
    if match is None or _THOUSANDS.match(match[1]):
        return None
    return float(match[1].replace(",", "."))
