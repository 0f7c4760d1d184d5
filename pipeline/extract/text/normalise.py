"""Normalised text of a run of lines: what chunks, offsets and search are made of. Each function is pure and changes one thing.

Most text needs nothing, so each function first asks cheaply whether there is anything to do: a look costs 1-3 ns a character,
a substitution ten times that.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# What shows nothing, and what no UTF-8 reader takes: NUL, lone surrogates, noncharacters, zero-width and direction marks.
# Joiners (200C, 200D) stay: Persian, Indic words and emoji need them.
_INVISIBLE = "\x00\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
# Fonts without a Unicode map give spaces as control codes, so those become spaces rather than nothing.
_ODD_SPACES = "\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_REMOVED = re.compile(f"[{_INVISIBLE}]")
_SPACES = re.compile(f"[{_ODD_SPACES}]")
_ODD = re.compile(f"[{_INVISIBLE}{_ODD_SPACES}]")
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_SPECIAL = re.compile(f"[\r\v\f\x85\u2028\u2029\ufb00-\ufb06{_INVISIBLE}{_ODD_SPACES}]")  # what any of the steps on characters changes
_SOFT_HYPHEN_BREAK = re.compile("\xad[ \t]*\n[ \t]*")
_BLANK_RUN = re.compile(r"[ \t]{2,}|\t")
_SPACE_RUN = re.compile(r" {2,}")
_SPACE_AT_EDGE = re.compile(r" ?\n ?")
_RAGGED = re.compile(r"\n(?: |\n\n|(?<= \n))")
_BLANK_LINES = re.compile(r"\n{3,}")
_HYPHEN_BREAKS = {hyphen: re.compile(f"{hyphen}\n") for hyphen in "-\u2010"}  # plain strings are searched ten times as fast as classes
_WORD = re.compile(r"[^\W_]+")
_PUNCTUATION = "([{<\"'„“‚‘«»›‹/"
_LONGEST_WORD = 60  # characters looked at on each side of a hyphen
# Words that hang on others by a hyphen in print, whether or not a line ends there.
_BOUND_FIRST = frozenset(("self", "non", "well", "half", "quasi", "two", "three", "four", "x", "y", "z", "e"))
_BOUND_LAST = frozenset(("based", "driven", "free", "like", "made", "oriented", "resistant", "shaped", "sided", "specific", "type", "up"))
# After a hyphen these begin no second half: 'Ein- und Ausgang', 'in- and outlet'.
_CONJUNCTIONS = "und oder bzw sowie bis noch and or to et ou y o e en of och eller og i a lub"
_SUSPENDED = frozenset(_CONJUNCTIONS.split())
_WHOLE_HALF = 3  # letters from which a half that is a word elsewhere counts as a word here
_NO_WORDS: frozenset[str] = frozenset()


def normalise_text(text: str, words: frozenset[str] = _NO_WORDS) -> str:
    """Running text with its lines kept: every step below, tabs as spaces. Doing it twice changes nothing more."""
    return join_hyphens(shorten_blanks(normalise_characters(text)), words)


def normalise_characters(text: str) -> str:
    """Line breaks, invisible characters, ligatures and composition; blanks stay as they are."""
    if _SPECIAL.search(text):
        text = split_ligatures(drop_invisible(join_soft_hyphens(unify_breaks(text))))
    return compose(text)


def unify_breaks(text: str) -> str:
    """One kind of line break."""
    return _BREAKS.sub("\n", text) if _has_any(text, "\r\v\f\x85\u2028\u2029") else text


def join_soft_hyphens(text: str) -> str:
    """Words parted at a soft hyphen whole again. Soft hyphens within lines go with what is invisible."""
    return _SOFT_HYPHEN_BREAK.sub("", text) if "\xad" in text else text


def drop_invisible(text: str) -> str:
    """Without characters that show nothing; control codes and spaces of other widths become spaces."""
    if not _ODD.search(text):
        return text
    return _SPACES.sub(" ", _REMOVED.sub("", text))


def split_ligatures(text: str) -> str:
    """Letters instead of their Latin ligatures, and nothing else of what NFKC would change: ½, ² and Ø mean something."""
    if text.isascii() or not _LIGATURE.search(text):
        return text
    return _LIGATURE.sub(lambda found: _LIGATURES[found.group()], text)


def compose(text: str) -> str:
    """Unicode NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def shorten_blanks(text: str, *, keep_tabs: bool = False) -> str:
    """Single spaces, none at line ends, at most one blank line. Tabs become spaces, or stay where they part cells."""
    has_tabs = "\t" in text
    if has_tabs and not keep_tabs:
        text = _BLANK_RUN.sub(" ", text)
    elif "  " in text:
        text = _SPACE_RUN.sub(" ", text)
    if _RAGGED.search(text):
        text = _BLANK_LINES.sub("\n\n", _SPACE_AT_EDGE.sub("\n", text))
    return text.strip(" \n") if keep_tabs else text.strip()


def join_hyphens(text: str, words: frozenset[str] = _NO_WORDS) -> str:
    """Words parted at a line end whole again.

    words  what else the document writes: a word that stands there with its hyphen, or only in halves, keeps it

    Capitals and digits after a hyphen keep hyphen and line: 'DM-' 'DRW', 'M8-' '1.25', 'Zug-' 'Prüfung'.
    """
    for hyphen, pattern in _HYPHEN_BREAKS.items():
        if f"{hyphen}\n" in text:
            text = pattern.sub(lambda found: _joint(found, words), text)
    return text


def _joint(found: re.Match[str], words: frozenset[str]) -> str:
    text, start, stop = found.string, found.start(), found.end()
    if not (text[start - 1 : start].isalpha() and text[stop : stop + 1].isalpha()):
        return found.group()
    return joint(word_before(text, start), word_after(text, stop), found.group()[0], words)


def word_before(text: str, place: int) -> str:
    """The word that ends at a place, with hyphens in it."""
    words = text[max(0, place - _LONGEST_WORD) : place].rsplit(None, 1)
    return words[-1].lstrip(_PUNCTUATION) if words else ""


def word_after(text: str, place: int) -> str:
    """The word that begins at a place, up to its first mark or hyphen."""
    found = _WORD.match(text, place, place + _LONGEST_WORD)
    return found.group() if found else ""


def joint(left: str, right: str, hyphen: str, words: frozenset[str] = _NO_WORDS) -> str:
    """What stands between the halves of a word that a line end parted: nothing, the hyphen, or hyphen and line break."""
    if not right[:1].islower() or right in _SUSPENDED or not left[-1:].islower():
        return hyphen + "\n"
    if left + right in words:
        return ""
    if "-" in left or "\u2010" in left or left.lower() in _BOUND_FIRST or right in _BOUND_LAST or f"{left}-{right}" in words:
        return hyphen
    is_compound = min(len(left), len(right)) >= _WHOLE_HALF and right in words and not words.isdisjoint((left, left.lower()))
    return hyphen if is_compound else ""


def _has_any(text: str, characters: str) -> bool:
    return any(character in text for character in characters)
