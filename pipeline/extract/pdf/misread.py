"""What OCR makes of the signs of dimensions, and what they were: '024.1' is Ø24.1, '470士5' is 470±5, '45。' is 45°."""

from __future__ import annotations

import re

_DIAMETER = re.compile(r"^(?P<count>\d{1,2}\s?[xX×*]\s?)?(?P<sign>[0O@QΦ中Ф])(?=\s?\d+(?:[.,]\d+)?(?:\D|$))")
_LEADING = re.compile(r"^[0O@QCGD中Ф]?(?=\s?\d)")
_PLUS_MINUS = re.compile(r"(?<=[\d\sm°])(?:士|土|\+/-|\+-)(?=\s?\d)")
_DEGREES = re.compile(r"(?<=\d)\s?(?:。|˚|º)")


def repaired(text: str) -> str:
    """An OCR text with its signs as drawings write them."""
    text = _PLUS_MINUS.sub("±", text)
    text = _DEGREES.sub("°", text)
    if text.startswith(("0.", "0,")):
        return text
    # No size is written with a leading zero, so that a nought there was a diameter sign.
    return _DIAMETER.sub(lambda match: f"{match['count'] or ''}Ø", text)


def with_diameter(text: str) -> str:
    """A text at whose start a diameter sign was seen: it replaces what OCR took for it."""
    return text if "Ø" in text else f"Ø{_LEADING.sub('', text, count=1).lstrip()}"
