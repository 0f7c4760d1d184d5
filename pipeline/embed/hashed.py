"""The built-in embedding: words and spellings hashed into a vector. No model, no download, the same on every machine.

It finds texts that share words, parts of words and spellings with the query, misspelt ones and compounds too
('Schweissnaht', 'Schweissnähte', 'Schwiessnaht'). It knows no meaning: no synonyms, no other language. Where that is
wanted, name a model in EMBEDDING_MODEL.

Source: feature hashing with signs (Weinberger et al., 2009); character n-grams with word borders as in fastText
(Bojanowski et al., 2017). Rarity cannot be counted without a corpus, so it is guessed from stop lists, length and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.embed.model import FloatArray, normalised

DIMENSION = 512
NGRAM_LENGTHS = (3, 4, 5)
NGRAM_SHARE = 0.5  # of a word's weight (squared) that its n-grams have together
MOST_LETTERS = 40  # of one word that are looked at

_WORD = re.compile(r"\w+(?:[-_./,:+#]\w+)*")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_JOINTS = re.compile(r"[-_./,:+#]")
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "⌀": "o", "×": "x"})

_STOP_TEXT = (
    # English
    "a about after all also an and any are as at be been before being between both but by can could did do does down each for from "
    "had has have he her his how i if in into is it its may more most must no not of on one only or other our out over shall she "
    "should so some such than that the their them then there these they this those to too under up use used was we were what when "
    "where which who why will with would you your "
    # German
    "aber alle als am an auch auf aus bei beim bis das dass dem den der des die dies diese dieser durch ein eine einem einen einer "
    "eines er es fuer haben hat ich ihr im in ist ja kann kein keine koennen man mit muessen muss nach nicht noch nur ob oder ohne "
    "sein sich sie sind so soll sowie ueber um und unter vom von vor war was welche welcher wenn werden wie wird wo zu zum zur "
    # Dutch
    "aan bij dan dat de deze die dit door een en het hoe ik is je kan maar meer met moet naar niet nog of om onder ook op over te "
    "tot uit van voor waar wat welke wordt worden zijn "
    # French
    "au aux avec ce ces cette comme dans de des doit du elle en est et il ils la le les leur mais ne ou par pas peut plus pour que "
    "quel quelle qui sa sans se ses son sont sous sur un une vous")
STOP_WORDS = frozenset(_STOP_TEXT.split())


class HashedNgrams:
    """Signed feature hashing of words, code parts and character 3- to 5-grams with sublinear term frequency."""

    name = "builtin-hashed-ngrams"
    version = "1"
    dimension = DIMENSION

    def embed(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float64)
        for row, text in zip(vectors, texts, strict=True):
            for word, count in Counter(words_of(text)).items():
                places, weights = _features(word)
                np.add.at(row, places, weights * (1 + log(count)))
        return normalised(vectors.astype(np.float32))

    def embed_query(self, text: str) -> FloatArray:
        row: FloatArray = self.embed([text])[0]
        return row


def words_of(text: str) -> list[str]:
    """Words in lower case without accents, those joined by a hyphen or the like each for itself; codes whole as well."""
    found = []
    for run in _WORD.findall(plain(text)):
        pieces = [piece for piece in _JOINTS.split(run) if piece]
        found += pieces
        if len(pieces) > 1 and any(letter.isdigit() for letter in run):
            found.append("".join(pieces))
    return found


def plain(text: str) -> str:
    """`Größe` as `groesse`, `pièce` as `piece`: the same spelling for what is the same word."""
    if text.isascii():
        return text.lower()
    spelt = unicodedata.normalize("NFKC", text).casefold().translate(_SPELT)
    return "".join(letter for letter in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(letter))


@lru_cache(maxsize=200_000)
def _features(word: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places in the vector of a word, its parts and its n-grams, with their signed weights."""
    weight = _rarity(word)
    if weight == 0:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    parts = _PARTS.findall(word)
    fine = [f"n:{ngram}" for ngram in _ngrams(word)] + [f"w:{part}" for part in parts if len(parts) > 1 and len(part) > 1]
    features = [(f"w:{word}", weight * sqrt(1 - NGRAM_SHARE)), *((name, weight * sqrt(NGRAM_SHARE / len(fine))) for name in fine)]
    hashes = [int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "little") for name, _ in features]
    signs = np.array([1.0 if number >> 63 else -1.0 for number in hashes])
    return (np.array([number % DIMENSION for number in hashes], dtype=np.intp),
            signs * np.array([share for _, share in features]))


def _rarity(word: str) -> float:
    """A guess at how much a word says: nothing for stop words, much for codes, and the more the longer it is."""
    if word in STOP_WORDS:
        return 0.0
    if any(letter.isdigit() for letter in word):
        return 0.5 if len(word) < 2 else 1.5
    return 0.3 if len(word) < 3 else min(2.0, 0.7 + 0.1 * len(word))


def _ngrams(word: str) -> list[str]:
    bordered = f"<{word[:MOST_LETTERS]}>"
    return [bordered[start:start + length] for length in NGRAM_LENGTHS for start in range(len(bordered) - length + 1)]
