"""The language of texts: py3langid where there are words enough, 'und' where it cannot be sure.

Drawing text (part codes, dimensions, lone labels) fools every detector, so texts are judged by their words alone, and a
short one is given the language of its document where that is sure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

UNKNOWN = "und"
# What engineering files are written in. Small relatives (pcm of en, lb of de, gl of pt) would take short texts away from them.
# Latin takes what fills pages in place of text.
_CODES = """ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ka kk ko la lt lv ms mk nl no pl pt ro ru sk sl sq sr sv ta th tr
    uk ur vi zh"""
_LOOKED_AT = 400  # characters of a text whose words are taken: more takes time and makes nothing surer
_SURE = 0.8
_SAMPLES = 12  # chunks, evenly spread, that the languages of a document are told by
_AGREED = 0.75  # share of the samples
_EACH_UP_TO = 64  # chunks that are given to the detector (50-100 µs each) beside the samples, and
_EACH_FURTHER = 40  # one in so many further ones; the others are told by the common words of the document's languages
_COMPARED = 200  # characters of a chunk whose words are compared with these
_COMMON_WORDS = 30
_SAME_LANGUAGE = 4  # common words of a language that a chunk must hold
_SHORT = 80  # characters
_ENOUGH_LETTERS = 40  # below that, a text alone tells nothing
_ENOUGH_IDEOGRAPHS = 6
_IDEOGRAPH_WEIGHT = 3  # letters that one ideograph says as much as
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKS = ".,;:!?()[]{}\"'/"
_LONGEST_CODE = 4  # letters: shorter words in capitals are codes and abbreviations
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Languages:
    """The languages of the chunks of one document, to be asked for in order. document: that of most of its text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        step = max(1, -(-len(texts) // _SAMPLES))
        self._found = {index: language_of(texts[index]) for index in range(0, len(texts), step)}
        self.document = _agreed(list(self._found.values()))
        self._left = _EACH_UP_TO + len(texts) // _EACH_FURTHER
        self._common: dict[str, frozenset[str]] = {}
        for language in sorted({*self._found.values()} - {UNKNOWN}):
            self._learn(language, [texts[index] for index, found in self._found.items() if found == language])

    def of(self, index: int) -> str:
        """The language of one chunk; the document's where the chunk is too short to tell."""
        text = self._texts[index]
        found = self._found.get(index, UNKNOWN)
        if found == UNKNOWN and len(self._texts) > _SAMPLES:
            found = self._by_common_words(text)
        if found == UNKNOWN and self._left > 0 and index not in self._found:
            self._left -= 1
            found = language_of(text)
            if found not in self._common:
                self._learn(found, [text])
        return self._of_short(text) if found == UNKNOWN else found

    def _learn(self, language: str, texts: Sequence[str]) -> None:
        counts = Counter(word for text in texts for word in text.lower().split() if word.isalpha() and len(word) > 1)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        self._common[language] = frozenset(word for word, _ in ranked[:_COMMON_WORDS]) if language != UNKNOWN else frozenset()

    def _by_common_words(self, text: str) -> str:
        words = set(text[:_COMPARED].lower().split())
        best, most = UNKNOWN, _SAME_LANGUAGE - 1
        for language, common in self._common.items():
            shared = len(common & words)
            if shared > most:
                best, most = language, shared
        return best

    def _of_short(self, text: str) -> str:
        """The document's language for a few words among the document's others; numbers and codes have none."""
        if self.document == UNKNOWN or len(text) > _SHORT:
            return UNKNOWN
        return self.document if 2 * sum(map(len, _words(text))) >= len(text) else UNKNOWN


def language_of(text: str) -> str:
    """ISO 639 code of a text's language; 'und' where its words are too few or the detector is not sure."""
    words = _words(text)
    letters = sum(map(len, words))
    ideographs = 0 if text.isascii() else sum(len(_IDEOGRAPH.findall(word)) for word in words)
    if ideographs and _IDEOGRAPH_WEIGHT * ideographs < letters - ideographs:
        words = [word for word in words if word.isascii()]  # a company's name on a sheet that speaks English
        letters, ideographs = sum(map(len, words)), 0
    if letters < _ENOUGH_LETTERS and ideographs < _ENOUGH_IDEOGRAPHS:
        return UNKNOWN
    code, confidence = _identifier().classify(" ".join(words))
    return str(code) if round(float(confidence), 2) >= _SURE else UNKNOWN


def _words(text: str) -> list[str]:
    """The words of a text's beginning, without numbers, codes, abbreviations and lone letters."""
    words: list[str] = []
    for token in text[:_LOOKED_AT].split():
        word = token.strip(_MARKS)
        if word.isascii():
            if word.isalpha() and len(word) > (_LONGEST_CODE if word.isupper() else 1):
                words.append(word)
        else:
            words += _WORD.findall(word)
    return words


def _agreed(languages: Sequence[str]) -> str:
    counts = Counter(language for language in languages if language != UNKNOWN)
    if not counts:
        return UNKNOWN
    language, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return language if count >= _AGREED * sum(counts.values()) else UNKNOWN


@cache
def _identifier() -> Any:
    """Loaded at the first text that needs it: half a second and 100 MB for what many drawings never ask for."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CODES.split())
    return identifier
