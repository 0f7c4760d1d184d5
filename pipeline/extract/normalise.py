"""Text as it is stored: Unicode NFC, one kind of line break, nothing that Postgres or a reader chokes on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LINE_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# NUL, lone surrogates, noncharacters, and characters that show nothing: soft hyphen, zero-width space,
# direction marks, byte-order mark. Joiners (200C, 200D) stay: Persian and Indic words need them.
_REMOVED = re.compile("[\x00\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Fonts without a Unicode map give spaces as control codes, so those become spaces rather than nothing.
_SPACES = re.compile(r"[^\S\n\t]|[\x01-\x08\x0e-\x1f\x7f-\x9f]")
_SPACE_RUN = re.compile(r" {2,}")
_SPACE_AT_START = re.compile(r"\n +")
_SPACE_AT_END = re.compile(r"(?<![ \t])[ \t]++\n")  # looked at from its first blank alone: rows may end in 100,000 empty cells
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """Normalised text with its lines and tabs kept; runs of spaces and of blank lines are shortened."""
    text = _LINE_BREAKS.sub("\n", text)
    text = _REMOVED.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _SPACE_RUN.sub(" ", text)
    text = _SPACE_AT_END.sub("\n", _SPACE_AT_START.sub("\n", text))
    text = _BLANK_LINES.sub("\n\n", text)
    return unicodedata.normalize("NFC", text).strip(" \n\t")


def clean_line(text: str) -> str:
    """Normalised text on one line: breaks and tabs become single spaces."""
    if text.isascii() and text.isprintable():  # most lines: nothing to normalise but the spaces
        return " ".join(text.split())
    return " ".join(clean_text(text).split())


def join_lines(lines: Iterable[str]) -> str:
    """The non-empty lines, one below the other."""
    return "\n".join(line for line in lines if line)


def legible_share(text: str) -> float | None:
    """Share of the visible characters that have a meaning outside their font, in [0, 1]; None without any."""
    if text.isascii():
        return 1.0 if text.strip() else None
    visible = [character for character in text if not character.isspace()]
    if not visible:
        return None
    legible = sum(character != "\ufffd" and unicodedata.category(character) != "Co" for character in visible)
    return round(legible / len(visible), 3)
