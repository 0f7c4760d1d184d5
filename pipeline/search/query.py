"""What a person typed, in its parts: words, "phrases" and beginnings*. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_RUNS = 64  # of a query that are looked at: a pasted page is no query

_PHRASE = re.compile(r'["“”„«»]([^"“”„«»]+)["“”„«»]')
_PIECE = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Query:
    """The parts of a query.

    runs      words and codes as typed, between blanks, those of phrases included: 'DM-1001-B', 'weld'
    phrases   what stood in quotation marks: the words of each must follow one another
    prefixes  beginnings of words: 'weld' of 'weld*'
    """

    runs: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    prefixes: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """The parts of `text`. Never fails: marks without a meaning are blanks."""
    phrases = tuple(pieces for found in _PHRASE.findall(text) if (pieces := tuple(pieces_of(found))))
    runs = text.split()
    prefixes = tuple(piece for run in runs if run.endswith("*") for piece in pieces_of(run)[-1:])
    words = tuple(run for run in runs if not run.endswith("*") and _PIECE.search(run))
    return Query(words[:MOST_RUNS], phrases, prefixes[:MOST_RUNS])


def pieces_of(run: str) -> list[str]:
    """Its words without what stands between them: dm, 1001 and b of DM-1001-B."""
    return _PIECE.findall(run.replace("_", " "))


def is_code(run: str) -> bool:
    """Whether it is read as a code as well as word by word."""
    return any(letter.isdigit() for letter in run)
