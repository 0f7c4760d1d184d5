"""Which of two revisions is the newer: A before B before AA, 1 before 2 before 10, A before A1 before B, "-" before all.

Letters skip I, O, Q, S, X and Z (ASME Y14.35), which changes no order; X1, X2 … are drafts before the first release. A number
and a letter have no order of their own: some number their drafts and letter their releases, others the other way round. There the
date in the title block decides, and where it does not, nobody does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_WORD = re.compile(r"^(?:revision|rev|index|issue|ausgabe|version|ver)[\s.:_-]*", re.IGNORECASE)
_DASHES = re.compile(r"^[-–—_]*$")
_DATE = re.compile(r"^((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
_NUMBER = re.compile(r"^[vr]?(\d{1,4}(?:\.\d{1,3}){0,2})([a-z]?)$", re.IGNORECASE)
_LETTER = re.compile(r"^([a-z]{1,2})[-.]?(\d{0,3})$", re.IGNORECASE)


class Revision(NamedTuple):
    """scheme  'initial', 'draft', 'letter', 'number', 'date': two schemes have no common order, but 'initial' is before all."""

    scheme: str
    order: tuple[int, ...]


INITIAL = Revision("initial", ())


def plain_revision(text: str) -> str:
    """`Rev. b` → `B`: the revision in capitals without the word for it; "-" for a dash or nothing."""
    text = " ".join(text.split())
    text = _WORD.sub("", text) or text
    return "-" if _DASHES.match(text) else text.upper()


def parse_revision(text: str) -> Revision | None:
    """None for what is no revision that can be ordered."""
    text = plain_revision(text)
    if text == "-":
        return INITIAL
    if date := _DATE.match(text):
        return Revision("date", tuple(map(int, date.groups())))
    if number := _NUMBER.match(text):
        return Revision("number", _numbers(number[1]) + ((_letters(number[2]),) if number[2] else ()))
    if not (letter := _LETTER.match(text)):
        return None
    if letter[1].upper() == "X" and letter[2]:
        return Revision("draft", (int(letter[2]),))
    return Revision("letter", (_letters(letter[1]), int(letter[2] or 0)))


def order_revisions(dates: Mapping[str, str | None]) -> list[list[str]] | None:
    """Revisions as written, oldest first, spellings of one revision together; None where they have no order.

    dates  revision → the ISO date that its title block bears, where one does
    """
    parsed = {text: parse_revision(text) for text in dates}
    known = {text: revision for text, revision in parsed.items() if revision is not None}
    schemes = {revision.scheme for revision in known.values()} - {"initial", "draft"}
    if len(known) == len(dates) and len(schemes) <= 1:
        steps: dict[Revision, list[str]] = {}
        for text, revision in known.items():
            steps.setdefault(revision, []).append(text)
        return [sorted(steps[revision]) for revision in sorted(steps, key=_rank)]
    return _by_date(dates)


def _rank(revision: Revision) -> tuple[int, tuple[int, ...]]:
    return {"initial": 0, "draft": 1}.get(revision.scheme, 2), revision.order


def _by_date(dates: Mapping[str, str | None]) -> list[list[str]] | None:
    if any(date is None for date in dates.values()) or len(set(dates.values())) < len(dates):
        return None
    return [[text] for text in sorted(dates, key=lambda text: dates[text] or "")]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _letters(text: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    value = 0
    for letter in text.upper():
        value = value * 26 + ord(letter) - ord("A") + 1
    return value
