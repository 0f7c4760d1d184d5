"""From the scores of a recognition model to text, with the drawing's own signs helped over the model's habits.

The model gives each column of a text's image a score for every character and for 'no character' (index 0). Text in
general hardly holds the sign for a diameter, so the model spreads its belief over the many signs that look like it,
and often prefers none: their scores are added, and before a number the sum need not beat 'no character'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# The first of each is what is written for all of them.
_ALIKE = ("Ø∅⌀⊘φΦϕ", "°º˚∘", "±土士", "×✕✖", "-−–—―‐", "'′‘’")
_DIAMETER_BEFORE_NUMBER = 0.12  # belief in the sign that is enough before a digit
_DIAMETER_FOR_ZERO = 0.02  # belief in it that is enough where a number would begin with a needless nought
_LOOKS_LIKE_NOUGHT = frozenset("0OoQDθ")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model read in one crop. centres: of the characters, as shares of the crop's width."""

    text: str
    confidence: float
    centres: tuple[float, ...]


class Alphabet:
    """The characters of a model by index, and which of them look alike."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = ["", *characters, " "]
        index_of = {character: index for index, character in enumerate(self.characters)}
        self._alike = [[index_of[one] for one in group if one in index_of] for group in _ALIKE]
        self.diameter = index_of.get("Ø", 0)
        self.digits = frozenset(index_of[digit] for digit in "0123456789" if digit in index_of)
        self.noughts = frozenset(index_of[one] for one in _LOOKS_LIKE_NOUGHT if one in index_of)

    def add_alike(self, scores: Any) -> None:
        """Give the first of each group of look-alikes the scores of all; in place."""
        for first, *others in (group for group in self._alike if group):
            scores[:, first] += scores[:, others].sum(axis=1)
            scores[:, others] = 0.0


def decode(scores: Any, alphabet: Alphabet, used: float) -> Reading:
    """The text of one crop.

    scores  (columns, characters), rows summing to 1; changed in place
    used    share of the columns that the crop fills: the rest is padding
    """
    alphabet.add_alike(scores)
    best = scores.argmax(axis=1)
    _help_diameter(scores, best, alphabet)
    columns = [at for at, index in enumerate(best) if index and (at == 0 or index != best[at - 1])]
    text = "".join(alphabet.characters[best[at]] for at in columns)
    found = [float(scores[at, best[at]]) for at in columns]
    total = max(1.0, used * len(best))
    centres = tuple(min(1.0, (_middle(best, at) + 0.5) / total) for at in columns)
    return Reading(text, float(np.mean(found)) if found else 0.0, centres)


def _middle(best: Any, at: int) -> float:
    """The middle of the columns in a row that say the same as the one at `at`."""
    end = at
    while end + 1 < len(best) and best[end + 1] == best[at]:
        end += 1
    return (at + end) / 2


def _help_diameter(scores: Any, best: Any, alphabet: Alphabet) -> None:
    """Write Ø where it is likely before the first character of a number; in place."""
    filled = np.flatnonzero(best)
    if filled.size == 0 or not alphabet.diameter:
        return
    belief = scores[:, alphabet.diameter]
    first = int(filled[0])
    if int(best[first]) in alphabet.digits and first > 0:
        before = int(belief[:first].argmax())
        if belief[before] >= _DIAMETER_BEFORE_NUMBER:
            best[before] = alphabet.diameter
            return
    second = next((int(at) for at in filled[1:] if best[at] != best[first]), first)
    is_nought = int(best[first]) in alphabet.noughts and int(best[second]) in alphabet.digits
    if is_nought and belief[first] >= _DIAMETER_FOR_ZERO:
        best[first:second][best[first:second] == best[first]] = alphabet.diameter
