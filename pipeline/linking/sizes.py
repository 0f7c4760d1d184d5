"""A contour and a drawing of one place that are one part by title or by size, where their names do not say so.

Pure. A flat pattern of 212.99 × 213.00 is the plate that a drawing dimensions 213 × 213, if nothing else there may be it: no
other drawing states that size, no other contour has it, the names are no hands of each other, and something beside the two lengths
agrees: a word of the names, a hole with its diameter, or a length that is no round number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.linking.groups import Pair
from pipeline.linking.places import word_set
from pipeline.linking.words import bag, opposed, telling, words_of

TITLE, SIZE, SIZE_AND_MORE = 0.75, 0.7, 0.75
TITLE_REASON = "its title block states the words of the name"
SIZE_REASON = "the drawing dimensions what the contour measures"
# Drawn to a hundredth, stated to a tenth or a whole millimetre.
TOLERANCE_MM = 0.06
# Sizes below that are those of any hole or slot.
LEAST_MM = 10.0
ROUND_MM = 5.0
# Names that scanners, printers and people in a hurry give.
NAMELESS = word_set("scan img image page doc document file plan export untitled pdf unnamed temp output download bild seite dokument")


class Contour(NamedTuple):
    """Size of the largest closed outline, and the diameters of its round holes. mm."""

    width: float
    height: float
    holes: tuple[float, ...] = ()


class Sheet(NamedTuple):
    """A group that has a drawing and no geometry. `sizes` are the lengths and diameters it states, ascending, mm."""

    group_id: str
    key: str
    titles: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()


class Piece(NamedTuple):
    """A group that has geometry and no drawing; `contours` of its flat patterns, where it has any."""

    group_id: str
    key: str
    contours: tuple[Contour, ...] = ()


def judge_bench(sheets: Sequence[Sheet], pieces: Sequence[Piece], others: Sequence[Contour] = ()) -> list[Pair]:
    """The pairs of one place. `others` are contours of the place that have their drawing already."""
    pairs = by_title(sheets, pieces)
    done = {group for pair in pairs for group in (pair.left, pair.right)}
    left = [sheet for sheet in sheets if sheet.group_id not in done]
    return pairs + by_size(left, [piece for piece in pieces if piece.group_id not in done], others)


def by_title(sheets: Sequence[Sheet], pieces: Sequence[Piece]) -> list[Pair]:
    """One sheet whose title is the words of one piece's name, two words or a long one."""
    titles: dict[tuple[str, ...], set[str]] = {}
    names: dict[tuple[str, ...], set[str]] = {}
    for sheet in sheets:
        for title in sheet.titles:
            if _may_be_called(sheet.key, title):
                titles.setdefault(bag(title), set()).add(sheet.group_id)
    for piece in pieces:
        names.setdefault(bag(piece.key), set()).add(piece.group_id)
    return [Pair(min(one), min(names[words]), "title_block", TITLE, TITLE_REASON)
            for words, one in sorted(titles.items()) if len(one) == len(names.get(words, ())) == 1
            and sum(len(word) for word in words if word.isalpha()) >= 5]


def _may_be_called(key: str, title: str) -> bool:
    """The file's name says nothing of a part, or something that the title says too: else the title block is another drawing's."""
    said = telling(key) - NAMELESS
    return not opposed(words_of(key), words_of(title)) and (not said or bool(said & telling(title)))


def by_size(sheets: Sequence[Sheet], pieces: Sequence[Piece], others: Sequence[Contour] = ()) -> list[Pair]:
    """The pairs in which each is the other's only match by size."""
    fits = {(sheet.group_id, piece.group_id): contour for sheet in sheets for piece in pieces
            if (contour := _dimensioned(sheet, piece)) and not opposed(words_of(sheet.key), words_of(piece.key))}
    matches = Counter(group for pair in fits for group in pair)
    sheet_of, piece_of = {one.group_id: one for one in sheets}, {one.group_id: one for one in pieces}
    found = []
    for (left, right), contour in sorted(fits.items()):
        if matches[left] > 1 or matches[right] > 1:
            continue
        common_word = bool(telling(sheet_of[left].key) & telling(piece_of[right].key))
        twin = any(_same_size(contour, other) for other in others)
        if common_word or (not twin and _distinctive(contour, sheet_of[left])):
            found.append(Pair(left, right, "size", SIZE_AND_MORE if common_word else SIZE, SIZE_REASON))
    return found


def _dimensioned(sheet: Sheet, piece: Piece) -> Contour | None:
    """The piece's contour where the sheet states both its lengths; a piece of several contours is no single plate."""
    if len(piece.contours) != 1:
        return None
    contour = piece.contours[0]
    if min(contour.width, contour.height) < LEAST_MM:
        return None
    return contour if states(sheet.sizes, contour.width) and states(sheet.sizes, contour.height) else None


def states(sizes: Sequence[float], size: float) -> bool:
    """One of the ascending sizes is this one."""
    position = bisect_left(sizes, size - TOLERANCE_MM)
    return position < len(sizes) and sizes[position] <= size + TOLERANCE_MM


def _distinctive(contour: Contour, sheet: Sheet) -> bool:
    """A length that is no multiple of 5 mm, beside a hole of a diameter that the sheet states: no coincidence of round numbers."""
    odd = sum(abs(size / ROUND_MM - round(size / ROUND_MM)) * ROUND_MM > TOLERANCE_MM for size in {contour.width, contour.height})
    holes = sum(states(sheet.sizes, hole) for hole in set(contour.holes))
    return odd + holes >= 2


def _same_size(one: Contour, other: Contour) -> bool:
    return any(abs(one.width - width) <= TOLERANCE_MM and abs(one.height - height) <= TOLERANCE_MM
               for width, height in ((other.width, other.height), (other.height, other.width)))
