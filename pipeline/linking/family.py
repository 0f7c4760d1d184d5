"""One drawing of several parts: `Tophat_Panels.pdf` shows what `Tophat/Tophat_Side_Panel.dxf` and its neighbours cut.

A family drawing says so: its name is a plural ("panels"), or ends in a word such as "dimensions". All its other words stand in
the name of each part; it is the only such drawing; and neither it nor any of the parts has another partner. Where the parts lie
in a folder below the drawing's place, that folder bears the drawing's words too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from pipeline.linking.groups import Pair
from pipeline.linking.places import File, is_geometry, is_sheet, neighbourhood
from pipeline.linking.words import FAMILY, all_in, is_plural_of, matches, without_fillers, words_of

CONFIDENCE = 0.65
REASON = "one drawing of several parts, by its name"
# So many levels up a drawing may stand above the folder of its parts.
LEVELS = 3


class Parts(NamedTuple):
    """The parts of one folder that lack a drawing.

    words         that stand in the names of all of them
    folder_words  of the folders between `place` and the parts; empty where they lie in the place itself
    """

    groups: tuple[str, ...]
    words: tuple[str, ...]
    folder_words: tuple[tuple[str, ...], ...]


class Drawing(NamedTuple):
    group_id: str
    key: str


def in_place(files: Sequence[File], local: Collection[str]) -> list[Pair]:
    """Family drawings that stand beside their parts."""
    geometry, sheets = lone_groups(files, local)
    found: list[Pair] = []
    for drawing, keys in sheets.items():
        for key in keys:
            parts = {group for group, names in geometry.items() if all(_bears(name, key) for name in names)}
            if len(_part_words(key)) >= 2 and len(parts) >= 2 and _is_family(key, [name for group in parts for name in geometry[group]]):
                found += [Pair(drawing, part, "folder", CONFIDENCE, REASON) for part in sorted(parts)]
    claimed = [pair.right for pair in found]
    return [pair for pair in found if claimed.count(pair.right) == 1]


def lone_groups(files: Iterable[File], local: Collection[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """(groups of geometry without a drawing, groups of a drawing without geometry), each with the keys of its files."""
    geometry: dict[str, list[str]] = defaultdict(list)
    sheets: dict[str, list[str]] = defaultdict(list)
    for file in files:
        if file.group_id in local and is_geometry(file.name):
            geometry[file.group_id].append(file.key)
        elif file.group_id in local and is_sheet(file.name):
            sheets[file.group_id].append(file.key)
    both = geometry.keys() & sheets.keys()
    return ({group: keys for group, keys in geometry.items() if group not in both},
            {group: keys for group, keys in sheets.items() if group not in both})


def parts_of_folder(folder: str, files: Sequence[File], local: Collection[str]) -> list[tuple[str, Parts]]:
    """(place above, the parts as seen from there) for each place in which their drawing may stand."""
    geometry, sheets = lone_groups(files, local)
    drawn = [file for file in files if file.kind != "other"]
    if len(geometry) < 2 or sheets or any(file.group_id not in geometry for file in drawn):
        return []
    words = _common([words_of(key) for keys in geometry.values() for key in keys])
    levels = neighbourhood(folder).split("/")
    found = []
    for up in range(1, min(LEVELS, len(levels)) + 1):
        below = tuple(words_of(level.casefold()) for level in levels[-up:])
        if words and any(inside and all_in(inside, words) for inside in below):
            found.append(("/".join(levels[:-up]), Parts(tuple(sorted(geometry)), words, below)))
    return found


def drawing_of(parts: Parts, drawings: Iterable[Drawing]) -> list[Pair]:
    """The pairs of the one drawing that shows these parts; none where there are several or no such drawings."""
    fitting = {drawing.group_id for drawing in drawings if _shows(drawing.key, parts)}
    if len(fitting) != 1:
        return []
    drawing = fitting.pop()
    return [Pair(drawing, part, "folder", CONFIDENCE, REASON) for part in parts.groups if part != drawing]


def _shows(key: str, parts: Parts) -> bool:
    words = _part_words(key)
    return (sum(map(len, words)) >= 5 and all_in(words, parts.words) and _is_family(key, ["-".join(parts.words)])
            and any(inside and all_in(inside, words) for inside in parts.folder_words))


def _part_words(key: str) -> tuple[str, ...]:
    """The words of a drawing that its parts must bear."""
    return tuple(word for word in without_fillers(words_of(key)) if word not in FAMILY)


def _is_family(key: str, parts: Sequence[str]) -> bool:
    """A word for several, or a plural of a word that all parts bear."""
    if any(word in FAMILY for word in words_of(key)):
        return True
    return any(all(any(is_plural_of(word, other) for other in words_of(part)) for part in parts) for word in _part_words(key))


def _bears(part: str, drawing: str) -> bool:
    """The part's name has all words of the drawing's, and one more: else it is no variant but the thing itself."""
    words = words_of(part)
    return all_in(_part_words(drawing), words) and len(words) > len(_part_words(drawing))


def _common(names: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    first, *others = names
    return tuple(word for word in first if all(any(matches(word, other) for other in name) for name in others))

