"""How a workbook's cells show their numbers: dates, times and percentages by the formats of their styles; references to cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from pipeline.extract.text.formats.markup import END, START, Event, whole

_MAX_LOOKS: Final = 70_000  # Excel itself stops at 65,490
_LAST_SERIAL: Final = 2_958_466  # the day after 9999-12-31
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_BUILT_IN_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 32), 34, 35, 36, *range(50, 59)})
_BUILT_IN_TIMES: Final = frozenset({18, 19, 20, 21, 32, 33, 45, 47})
_BUILT_IN_PERCENT: Final = frozenset({9, 10})
# What a number format shows as it stands: quoted and escaped characters, colours and conditions; elapsed time stays.
_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]?', re.IGNORECASE)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


class Look(StrEnum):
    """How a number is shown."""

    PLAIN = "plain"
    DATE = "date"
    TIME = "time"
    ELAPSED = "elapsed"
    PERCENT = "percent"


class Merge(NamedTuple):
    """Cells merged downwards: their column, and the first and last of their rows; what is merged along a row alone is none."""

    column: int
    first_row: int
    last_row: int


def column_of(reference: str, otherwise: int) -> int:
    """The column of a cell, A is 1."""
    match = _REFERENCE.fullmatch(reference)
    return otherwise if match is None else _column(match[1])


def merge_of(reference: str) -> Iterator[Merge]:
    """What 'B2:C5' merges downwards, if anything."""
    match = re.fullmatch(_REFERENCE.pattern + ":" + _REFERENCE.pattern, reference)
    if match is not None and int(match[4]) > int(match[2]):
        yield Merge(_column(match[1]), int(match[2]), int(match[4]))


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column


def read_looks(events: Iterable[Event]) -> list[Look]:
    """The looks of a workbook's cell styles, in their order."""
    formats: dict[str, str] = {}
    looks: list[Look] = []
    in_cells = False
    for kind, name, attributes in events:
        if name == "cellXfs":
            in_cells = kind == START
        elif kind == END:
            continue
        elif name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and in_cells and len(looks) < _MAX_LOOKS:
            number = attributes.get("numFmtId", "0")
            looks.append(look_of(formats[number]) if number in formats else _built_in(number))
    return looks


def _built_in(number: str) -> Look:
    code = whole(number)
    if code in _BUILT_IN_DATES:
        return Look.DATE
    if code in _BUILT_IN_TIMES:
        return Look.TIME
    if code == 46:
        return Look.ELAPSED
    return Look.PERCENT if code in _BUILT_IN_PERCENT else Look.PLAIN


def look_of(code: str) -> Look:
    """What a number format makes of a number."""
    bare = _LITERAL.sub("", code.partition(";")[0][:500]).lower()
    if "general" in bare or "standard" in bare:
        return Look.PLAIN
    if "[" in bare:
        return Look.ELAPSED
    if "d" in bare or "y" in bare or ("m" in bare and "h" not in bare and "s" not in bare):
        return Look.DATE
    if "h" in bare or "s" in bare:
        return Look.TIME
    return Look.PERCENT if "%" in bare else Look.PLAIN


def shown(value: str, look: Look, *, from_1904: bool = False) -> str:
    """A number as its cell shows it, dates in ISO 8601; what is no number stays."""
    try:
        number = float(value)
    except ValueError:
        return value
    if look in (Look.DATE, Look.TIME) and 0 <= number < _LAST_SERIAL:
        return _moment(number, look, from_1904)
    if look is Look.ELAPSED and abs(number) < _LAST_SERIAL:
        seconds = round(abs(number) * 86_400)
        return f"{'-' if number < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if look is Look.PERCENT:
        return f"{_short(100 * number)}%"
    return _short(number)


def _moment(number: float, look: Look, from_1904: bool) -> str:
    """Day 60 of Excel's calendar is the 29th of February 1900, which never was: the days before it count one more."""
    offset = 1 if not from_1904 and 1 <= number < 60 else 0
    try:
        moment = (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=offset, seconds=round(number * 86_400))
    except OverflowError:
        return _short(number)
    if number < 1 and (look is Look.TIME or number > 0):
        return moment.strftime("%H:%M:%S")
    return moment.date().isoformat() if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else moment.isoformat()


def _short(number: float) -> str:
    """A number without the noise of binary fractions: Excel itself shows 15 digits."""
    return f"{number:.15g}" if abs(number) < 1e15 or number != number else f"{number:.0f}" if abs(number) < 1e21 else repr(number)
