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
_LANGUAGES = (
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ka kk ko lt lv ms mk nl no pl pt ro ru sk sl sq sr sv ta th tr uk ur vi zh"
).split()
_READ = 400  # characters given to the detector: more takes time and makes nothing surer
_SURE = 0.8
_SAMPLES = 12  # chunks that the language of a long document is told by
_AGREED = 0.75  # share of the samples
_EACH_UP_TO = 48  # chunks: a longer document of one language is checked by its common words
_COMMON_WORDS = 40
_SAME_LANGUAGE = 4  # common words of the document that a chunk must hold
_ENOUGH_LETTERS = 40  # below that, a text alone tells nothing
_ENOUGH_IDEOGRAPHS = 6
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(r"\S*[\d_]\S*|\b[A-Z]{1,4}\b")  # numbers, part codes and abbreviations
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Languages:
    """The languages of the chunks of one document. document: that of most of its text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        step = max(1, -(-len(texts) // _SAMPLES))
        samples = list(range(0, len(texts), step))
        found = {index: language_of(texts[index]) for index in samples}
        self._found = dict(found)
        self.document = _agreed(found.values())
        self._common = self._common_words() if self.document != UNKNOWN and len(texts) > _EACH_UP_TO else frozenset()

    def of(self, index: int) -> str:
        """The language of one chunk; the document's where the chunk is too short to tell."""
        if index in self._found and self._found[index] != UNKNOWN:
            return self._found[index]
        text = self._texts[index]
        if self._common and len(self._common.intersection(text.lower().split())) >= _SAME_LANGUAGE:
            return self.document
        words = _words(text)
        letters = sum(map(len, words))
        if self.document != UNKNOWN and 0 < letters < _ENOUGH_LETTERS:
            return self.document if letters >= len(text) / 2 else UNKNOWN
        return language_of(text)

    def _common_words(self) -> frozenset[str]:
        counts: Counter[str] = Counter()
        for index, language in self._found.items():
            if language == self.document:
                counts.update(word for word in self._texts[index].lower().split() if word.isalpha())
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return frozenset(word for word, _ in ranked[:_COMMON_WORDS])


def language_of(text: str) -> str:
    """ISO 639 code of a text's language; 'und' where its words are too few or the detector is not sure."""
    words = _words(text)
    letters = sum(map(len, words))
    if letters < _ENOUGH_LETTERS and len(_IDEOGRAPH.findall(text[:_READ])) < _ENOUGH_IDEOGRAPHS:
        return UNKNOWN
    sample = " ".join(words)[:_READ]
    code, confidence = _identifier().classify(sample)
    return str(code) if round(float(confidence), 2) >= _SURE else UNKNOWN


def _words(text: str) -> list[str]:
    """The words of a text, without numbers, codes and lone letters."""
    return _WORD.findall(_CODE.sub(" ", text[: 2 * _READ]))


def _agreed(languages: Sequence[str] | Any) -> str:
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
    identifier.set_languages(_LANGUAGES)
    return identifier
