"""The words of a name, as a draughtsman would compare them: order, plural and what only says "drawing" do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

from pipeline.linking.places import word_set

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_GLUED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")

# Words for the kind of file, not for the part.
FILLERS = word_set(
    "drawing drawings dwg draft dimension dimensions dim dims measurements flat pattern flatpattern unfold model cad print sheet "
    "zeichnung abwicklung masse masszeichnung blatt tekening maten dessin cotes plan disegno quote plano cotas")
# Words that make one drawing of a whole family of parts.
FAMILY = word_set("dimension dimensions dim dims measurements sizes types variants variations versions family all overview range "
                  "masse abmessungen varianten maten cotes variantes")
SYNONYMS = {
    "upper": "top", "lower": "bottom", "oben": "top", "oberer": "top", "unten": "bottom", "unterer": "bottom", "rechts": "right",
    "rh": "right", "links": "left", "lh": "left", "back": "rear", "hinten": "rear", "vorne": "front", "vorn": "front",
    "middle": "mid", "mitte": "mid",
}
_OPPOSITES = ({"left", "right"}, {"top", "bottom"}, {"front", "rear"}, {"inner", "outer"}, {"male", "female"}, {"x", "y", "z"},
              {"l", "r"}, {"small", "large"}, {"long", "short"}, {"innen", "aussen"}, {"gross", "klein"})
_PLURAL_ENDINGS = ("s", "es", "n", "en", "e", "er")
# Words of any name.
_COMMON = word_set("part teil parts teile inch the for and und der die das von rev with mit new neu final copy version")


@lru_cache(maxsize=65_536)
def words_of(key: str) -> tuple[str, ...]:
    """The words and numbers of a drawing key, in its order, one word for words of one meaning, letters without accents."""
    return tuple(SYNONYMS.get(word, word) for word in _TOKEN.findall(key if key.isascii() else _plain_letters(key)))


def _plain_letters(text: str) -> str:
    """`größe` as `groesse`, `pièce` as `piece`: names are often written without what a keyboard lacks."""
    spelt = text.translate(_UMLAUTS)
    return "".join(letter for letter in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(letter))


def without_fillers(words: Iterable[str]) -> tuple[str, ...]:
    """The words that name the part; all of them where nothing else is left."""
    words = tuple(words)
    return tuple(word for word in words if word not in FILLERS) or words


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """An English plural without its ending; other words as they are. Good enough to compare, not to print."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "ches", "shes", "sses")) else word[:-1]


def is_plural_of(word: str, other: str) -> bool:
    """`word` is `other` with a plural's ending: panels of panel, Platten of Platte. Never a number."""
    if len(other) < 4 or not other.isalpha() or word == other:
        return False
    return singular(word) == other or any(word == other + ending for ending in _PLURAL_ENDINGS)


def matches(word: str, other: str) -> bool:
    return word == other or is_plural_of(word, other) or is_plural_of(other, word)


def all_in(words: Iterable[str], others: Collection[str]) -> bool:
    """Each of `words` is among `others`, plural or not."""
    return all(any(matches(word, other) for other in others) for word in words)


def bag(key: str) -> tuple[str, ...]:
    """What two names of one part have in common whatever the order of their words. That of numbers counts: 10x3 is no 3x10."""
    words = without_fillers(words_of(key))
    return (*sorted(singular(word) for word in words if not word.isdigit()), *(word for word in words if word.isdigit()))


def glued(key: str) -> str:
    """The words without bounds between them: `side-panel` is `sidepanel`; numbers stay apart."""
    return _GLUED.sub("", "-".join(without_fillers(words_of(key))))


def misspelt(word: str, other: str) -> bool:
    """One letter is missing, doubled or swapped with its neighbour; in longer words it may be another: a shift is no shaft."""
    if word == other or min(len(word), len(other)) < 5 or not (word.isalpha() and other.isalpha()) or abs(len(word) - len(other)) > 1:
        return False
    start = next((position for position, (one, two) in enumerate(zip(word, other, strict=False)) if one != two),
                 min(len(word), len(other)))
    mine, theirs = word[start:], other[start:]
    if len(mine) == len(theirs):
        return (mine[1:] == theirs[1:] and len(word) >= 7) or (mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:])
    return mine[1:] == theirs or mine == theirs[1:]


def telling(key: str) -> set[str]:
    """The words of three letters and more that say something of the part."""
    return {singular(word) for word in without_fillers(words_of(key))
            if len(word) >= 3 and word.isalpha() and word not in _COMMON and word not in FILLERS}


def opposed(one: Collection[str], other: Collection[str]) -> bool:
    """One name says left where the other says right: mirrored or stacked parts, whatever else agrees."""
    mine, theirs = set(one), set(other)
    return any(mine & pair and theirs & pair and not mine & theirs & pair for pair in _OPPOSITES)
