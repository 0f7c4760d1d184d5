"""Whether a text layer's characters are what the page shows: unmapped fonts, wrong encodings, shifted letters, lost blanks.

Each sign is looked for only where the text has enough letters to show it; scripts without blanks, and lists of part numbers,
have few of the Latin words that all but the first signs ask for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

_SAMPLE = 4000  # characters of a text layer that are judged
_LEGIBLE = 0.6  # least share of characters with a meaning outside their font
_JUDGED = 60  # letters from which their statistics say something
_ODD_WORDS = 0.6  # share of longer words without a vowel, or with signs within, in text that is none
_WORD = re.compile(r"\S{4,}")
_SIGN_WITHIN = re.compile(r"[A-Za-z][!#$%&*;<=>?@\\^`{|}~\"][A-Za-z!#$%&*;<=>?@\\^`{|}~\"]")
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûæœåøаеёиоуыэюя]", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z]")

_CODE = re.compile(r"\(cid:\d{1,5}\)")
_LEAST_CODES, _CODE_SHARE = 5, 0.2  # of the text, in codes of characters
_LEAST_KINDS = 8  # of signs: leaders, rules and tables of dashes have few
_SIGN_WORDS, _SIGN_SHARE = 40, 0.4  # words that hold neither a letter nor a digit, and their share
_TAIL = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore").replace("\u00a0", "").replace("\u00ad", ""))
_MOJIBAKE = re.compile(f"[ÂÃÄÅÐÑ][{_TAIL}]|â[€„][{_TAIL}]")
_LEAST_MOJIBAKE, _MOJIBAKE_SHARE = 3, 0.004  # of the letters; German has umlauts in every fortieth
_RUN_TOGETHER = 38  # letters of a word that is none; German compounds of trade have up to 35
_LEAST_RUNS, _RUN_SHARE = 3, 0.6  # such words, and the share of the letters in them
_PART_NUMBER = re.compile(r"[/\\_@:=]|\d.*\d.*\d")
_LEAST_WORDS = 40  # of two letters and more, from which a language can be told
_NO_HIT_SHARE = 0.02  # of the words that are frequent words of a language, in text that is none
_HIT_SHARE, _HIT_KINDS, _HIT_LETTERS = 0.1, 4, 3  # in any text: share of words, different words, and letters from which they count
_SHIFT_SAMPLE = 1500  # characters
_LETTERS_TOLD, _SMALL_WORDS = 400, 80  # small letters and words in them, from which their frequencies tell
_COMMON, _COMMON_SHARE = frozenset("eaionrts"), 0.40  # of the letters; 0.5 to 0.7 in languages of Latin script
_FREQUENT_TEXT = (
    "the of and to in is for that with be are as or on by from this not it at can "
    "der die das und den von zu mit ist im des auf für ein eine nicht dem werden sie oder bei "
    "de la le les et des en du un une est pour dans que par sur au el los las del por con una para se "
    "il di che non per della dei nel sono het een van op voor dat zijn met niet te om "
    "og och att det som på av för er til ikke w na się do nie jest że o os das em um uma com não"
)
_FREQUENT = frozenset(_FREQUENT_TEXT.split())
_LATIN_WORD = re.compile(r"[^\W\d_]{2,}")


def is_garbled(text: str, legible: float | None) -> bool:
    """Whether a text layer's characters are not what the page shows. legible: share of them with a meaning outside their font."""
    if legible is not None and legible < _LEGIBLE:
        return True
    sample = text[:_SAMPLE]
    if _has_codes(sample) or _has_signs_only(sample):
        return True
    letters = len(_LATIN.findall(sample))
    if letters < _JUDGED:
        return False
    return _has_odd_words(sample) or _is_mojibake(sample, letters) or _runs_together(sample, letters) or _is_no_language(sample)


def _has_codes(sample: str) -> bool:
    """Whether characters come as their codes: '(cid:12)'."""
    found = _CODE.findall(sample)
    return len(found) >= _LEAST_CODES and sum(map(len, found)) >= _CODE_SHARE * len(sample)


def _has_signs_only(sample: str) -> bool:
    words = sample.split()
    signs = sum(not word.isalnum() and not any(map(str.isalnum, word)) for word in words)
    if signs < _SIGN_WORDS or signs <= _SIGN_SHARE * len(words):
        return False
    return len({one for word in words for one in word if not one.isalnum()}) >= _LEAST_KINDS


def _has_odd_words(sample: str) -> bool:
    words = [word for word in _WORD.findall(sample) if _is_latin(word)]
    if len(words) < 8:
        return False
    odd = sum(1 for word in words if _SIGN_WITHIN.search(word) or not _VOWEL.search(word))
    return odd > _ODD_WORDS * len(words)


def _is_latin(word: str) -> bool:
    """Whether a longer word has enough Latin letters, and no digit, to be judged by its vowels."""
    if word.isascii() and word.isalpha():  # most are, and need not be counted
        return True
    return len(_LATIN.findall(word)) >= 3 and not any(map(str.isdigit, word))


def _is_mojibake(sample: str, letters: int) -> bool:
    """Whether UTF-8 was read as a code page: 'Ã¼' for 'ü'."""
    return len(_MOJIBAKE.findall(sample)) >= max(_LEAST_MOJIBAKE, _MOJIBAKE_SHARE * letters)


def _runs_together(sample: str, letters: int) -> bool:
    """Whether most letters stand in words too long to be any."""
    runs = [word for word in sample.split() if len(word) >= _RUN_TOGETHER and not _PART_NUMBER.search(word)]
    counts = [len(_LATIN.findall(word)) for word in runs]
    counts = [count for count, word in zip(counts, runs, strict=True) if count >= 0.85 * len(word) and _VOWEL.search(word)]
    return len(counts) >= _LEAST_RUNS and sum(counts) >= _RUN_SHARE * letters


def _is_no_language(sample: str) -> bool:
    """Whether letters stand for others: text that becomes one of a language when shifted back, or letters in no language's shares."""
    words = [word.casefold() for word in _LATIN_WORD.findall(sample)]
    if len(words) < _LEAST_WORDS or _hits(words) > _NO_HIT_SHARE * len(words):
        return False
    return _is_shifted(sample[:_SHIFT_SAMPLE]) or _is_substituted(sample)


def _hits(words: Sequence[str]) -> int:
    return sum(word in _FREQUENT for word in words)


def _is_shifted(sample: str) -> bool:
    return any(_reads(sample.translate(table)) for table in _shifts())


def _reads(text: str) -> bool:
    words = [word.casefold() for word in _LATIN_WORD.findall(text)]
    hits = [word for word in words if len(word) >= _HIT_LETTERS and word in _FREQUENT]
    return len(words) >= _LEAST_WORDS and len(hits) >= _HIT_SHARE * len(words) and len(set(hits)) >= _HIT_KINDS


@cache
def _shifts() -> tuple[dict[int, int], ...]:
    """Tables that shift every visible character by some places, and those that turn the alphabet alone."""
    visible = range(0x21, 0x7F)
    codes = [{code: code + by for code in visible if 0x20 <= code + by < 0x7F} for by in range(-40, 41) if by]
    turns = [
        {first + place: first + (place + by) % 26 for first in (0x41, 0x61) for place in range(26)}
        for by in range(1, 26)
    ]
    return (*codes, *turns)


def _is_substituted(sample: str) -> bool:
    """Whether small letters that are rare in every language are the frequent ones."""
    small = Counter(one for one in sample if "a" <= one <= "z")
    total = sum(small.values())
    words = sum(word.islower() for word in _LATIN_WORD.findall(sample))
    if total < _LETTERS_TOLD or words < _SMALL_WORDS:
        return False
    return sum(small[one] for one in _COMMON) < _COMMON_SHARE * total
