"""Dates as sheets write them, and the day they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    1: ("jan", "ene", "gen", "янв"), 2: ("feb", "fév", "fev", "фев"), 3: ("mar", "mär", "mrt", "maa", "maart", "мар"),
    4: ("apr", "avr", "abr", "апр"), 5: ("may", "mai", "mei", "mag", "мая", "май"), 6: ("jun", "juin", "giu", "июн"),
    7: ("jul", "juil", "lug", "июл"), 8: ("aug", "aoû", "aou", "ago", "авг"), 9: ("sep", "set", "сен"), 10: ("oct", "okt", "ott", "окт"),
    11: ("nov", "ноя"), 12: ("dec", "déc", "dez", "dic", "дек"),
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names}
_MONTH = rf"(?:{'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})[^\W\d_]*"
_DATE = re.compile(
    r"(?<![\d.,/-])(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2})|\d{1,2}\s?\.\s\d{1,2}\s?\.\s\d{2,4})"
    r"(?![\d/-]|[.,]\d)"
    rf"|(?<!\w)\d{{1,2}}(?:st|nd|rd|th)?[-. /]{{0,2}}{_MONTH}[-. ,/']{{0,2}}(?:\d{{4}}|\d{{2}})(?!\d)"
    rf"|(?<!\w){_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}(?!\d)|(?<!\w)\d{{4}}[-. /]{_MONTH}[-. /]\d{{1,2}}(?!\d)"
    r"|\d{4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?",
    re.IGNORECASE,
)
_NAMED_MONTH = re.compile(rf"(?<![^\W\d_]){_MONTH}", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class DateEvidence:
    """What a sheet says about the order of day and month in its dates; None where it says nothing sure.

    day_first  proved by a date that is valid in one order only, or by the sheet's language
    likely     the order to take where nothing is proved
    """

    day_first: bool | None = None
    likely: bool = True


def find_date(text: str) -> str | None:
    """The first date in a text, as written; None where there is none that a calendar could hold."""
    for match in _DATE.finditer(text):
        if read_date(match[0], day_first=True) is not None or read_date(match[0], day_first=False) is not None:
            return match[0].strip()
    return None


def read_date(text: str, *, day_first: bool) -> date | None:
    """The day that a written date means; a month alone is its first day; None where no calendar has it.

    day_first  the order of two numbers that could both be the month
    """
    numbers = [int(number) for number in _NUMBER.findall(text)]
    month = _named_month(text)
    if month is not None and len(numbers) == 2:
        first, last = numbers
        return _day(first, month, last) if first > 31 else _day(last, month, first)
    if month is not None or len(numbers) not in (2, 3):
        return None
    if len(numbers) == 2 or numbers[0] > 31:
        return _day(numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else 1)
    first, second, year = numbers
    if first > 12 or second > 12:
        day_first = first > 12
    return _day(year, second, first) if day_first else _day(year, first, second)


def is_ambiguous(text: str) -> bool:
    """Whether a date means another day when day and month change places."""
    return read_date(text, day_first=True) != read_date(text, day_first=False)


def order_of(texts: Iterable[str]) -> bool | None:
    """Whether the dates among these texts put the day first; None where none proves it, or they disagree."""
    orders = set()
    for text in texts:
        for match in _DATE.finditer(text):
            numbers = [int(number) for number in _NUMBER.findall(match[0])]
            if len(numbers) == 3 and numbers[0] <= 31 and max(numbers[:2]) > 12 and read_date(match[0], day_first=True):
                orders.add(numbers[0] > 12)
    return orders.pop() if len(orders) == 1 else None


def _named_month(text: str) -> int | None:
    match = _NAMED_MONTH.search(text)
    if match is None:
        return None
    name = match[0].casefold()
    return next((_MONTH_OF[name[:length]] for length in (4, 3) if name[:length] in _MONTH_OF), None)


def _day(year: int, month: int, day: int) -> date | None:
    if year < 100:
        year += 1900 if year >= 70 else 2000
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None
