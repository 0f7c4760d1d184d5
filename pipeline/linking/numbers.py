"""What a number in a title block says of the groups that bear it: the same part, or something for a person to settle.

Pure: `judge_number` looks at all files of one number at once. A file states it in its title block, or bears it in its name.

A file joins the groups nearby that bear the number it states, where nothing contradicts it: two files of one format do not
join by number unless they are two sheets (one of them has a copied title block), a file whose own name is another number does not,
and nothing joins from afar.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.linking.groups import Pair
from pipeline.linking.keys import Strength, base_key

STRONG, MEDIUM = 0.9, 0.75
REASON = "its title block states the number"
# A drawing may stand so many levels above the file that states its number, or below it.
LEVELS = 2
# A number that so many files state is a form's, not a part's.
MOST_STATING = 200
DIFFERS = "number_differs"
ELSEWHERE = "number_elsewhere"
TWICE = "number_twice"


class Bearer(NamedTuple):
    """A file that bears a number.

    place         store and folder without its format folders: 'main: gearbox/covers'
    stated        in its title block; else its name bears it
    own_key       the key of its file name, and how strong that is
    sheet         as the title block or the name has it, where one does
    formats       of all files of its group
    """

    blob_id: str
    group_id: str
    place: str
    project: str | None
    stated: bool
    own_key: str
    own_strength: int
    sheet: str | None
    formats: frozenset[str]


class Finding(NamedTuple):
    """What a person should look at: why, and what was read."""

    blob_id: str
    kind: str
    reason: str
    number: str


def judge_number(number: str, strength: Strength, bearers: Sequence[Bearer]) -> tuple[list[Pair], list[Finding]]:
    """The groups to join by this number, and what contradicts it."""
    stating = [bearer for bearer in bearers if bearer.stated]
    if len(stating) > MOST_STATING:
        return [], []
    findings = [Finding(one.blob_id, DIFFERS, f"its title block states another number than its name ({_shown(number)})", number)
                for one in stating if contradicts(one, number)]
    if strength is Strength.WEAK:
        return [], findings
    wrong = {finding.blob_id for finding in findings}
    bearers = [bearer for bearer in bearers if bearer.blob_id not in wrong]
    near = _Neighbours(bearers, exact=strength is not Strength.STRONG)
    clusters = Clusters()
    for bearer in bearers:
        others = near.groups(bearer) - {bearer.group_id} if bearer.stated else set()
        for other in others:
            clusters.join(bearer.group_id, other)
        if bearer.stated and not others and strength is Strength.STRONG and near.apart(bearer):
            reason = f"its number stands in other folders, kept apart ({_shown(number)})"
            findings.append(Finding(bearer.blob_id, ELSEWHERE, reason, number))
    by_group: dict[str, list[Bearer]] = defaultdict(list)
    for bearer in bearers:
        by_group[bearer.group_id].append(bearer)
    pairs: list[Pair] = []
    for cluster in clusters.found():
        twice = _twice([by_group[group] for group in cluster])
        if twice:
            findings += [Finding(one, TWICE, f"two files of one format state one number ({_shown(number)})", number) for one in twice]
        else:
            confidence = STRONG if strength is Strength.STRONG else MEDIUM
            pairs += [Pair(cluster[0], other, "title_block", confidence, REASON) for other in cluster[1:]]
    return pairs, findings


class Clusters:
    """Groups that hang together, chains included."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parent[second] = first

    def found(self) -> list[list[str]]:
        clusters: dict[str, list[str]] = defaultdict(list)
        for group in sorted(self._parent):
            clusters[self._root(group)].append(group)
        return [cluster for _, cluster in sorted(clusters.items())]

    def _root(self, group: str) -> str:
        self._parent.setdefault(group, group)
        while self._parent[group] != group:
            self._parent[group] = self._parent[self._parent[group]]
            group = self._parent[group]
        return group


def _twice(groups: Sequence[Sequence[Bearer]]) -> list[str]:
    """Files that state the number in groups that share a format, and are not different sheets of one drawing."""
    in_format: Counter[str] = Counter()
    on_sheet: Counter[tuple[str, str | None]] = Counter()  # counted, not compared in pairs: a name may bear it in thousands of groups
    for group in groups:
        in_format.update(group[0].formats)
        on_sheet.update((one, sheet) for one in group[0].formats for sheet in _sheets(group))

    def clashes(group: Sequence[Bearer]) -> bool:
        sheets = _sheets(group)
        return any(None in sheets or on_sheet[one, None] or any(on_sheet[one, sheet] > 1 for sheet in sheets)
                   for one in group[0].formats if in_format[one] > 1)

    return sorted({bearer.blob_id for group in groups if clashes(group) for bearer in group if bearer.stated})


def _sheets(group: Sequence[Bearer]) -> set[str | None]:
    return {bearer.sheet for bearer in group}


def contradicts(bearer: Bearer, number: str) -> bool:
    """Its name is a number of its own, and not this one with or without prefix, suffix or format letter."""
    return bearer.own_strength >= Strength.MEDIUM and not related(bearer.own_key, number)


def related(one: str, other: str) -> bool:
    """One number is in the other: `1501` and `1501z2p`, `b1036a2p` and `1036a2p`."""
    one, other = one.partition("~")[0], other.partition("~")[0]
    if one == other or base_key(one) == other or base_key(other) == one:
        return True
    mine, theirs = _runs(one), _runs(other)
    return mine <= theirs or theirs <= mine


def _runs(key: str) -> set[str]:
    """Numbers of three digits and more."""
    digits = "".join(character if character.isdigit() else " " for character in key)
    return {run for run in digits.split() if len(run) >= 3}


class _Neighbours:
    """Which groups bear the number near a file: in its place, in a place above or below, or in its project."""

    def __init__(self, bearers: Iterable[Bearer], *, exact: bool) -> None:
        self._levels = 0 if exact else LEVELS
        self._at: dict[str, set[str]] = defaultdict(set)
        self._below: dict[str, set[str]] = defaultdict(set)
        self._project: dict[str, set[str]] = defaultdict(set)
        self._all: set[str] = set()
        for bearer in bearers:
            self._all.add(bearer.group_id)
            self._at[bearer.place].add(bearer.group_id)
            for above in _above(bearer.place, self._levels):
                self._below[above].add(bearer.group_id)
            if bearer.project:
                self._project[bearer.project].add(bearer.group_id)

    def groups(self, bearer: Bearer) -> set[str]:
        found = self._at[bearer.place] | self._below.get(bearer.place, set())
        for above in _above(bearer.place, self._levels):
            found |= self._at.get(above, set())
        if bearer.project and self._levels:
            found |= self._project[bearer.project]
        return found

    def apart(self, bearer: Bearer) -> bool:
        """Groups bear the number, but none of them nearby."""
        return bool(self._all - {bearer.group_id})


def _above(place: str, levels: int) -> Iterator[str]:
    """The places above, nearest first, but not the store's top: what lies there belongs to no project."""
    store, _, path = place.partition(": ")
    parts = path.split("/")
    for up in range(1, min(levels, len(parts) - 1) + 1):
        yield f"{store}: {'/'.join(parts[:-up])}"


def _shown(number: str) -> str:
    return number.upper().replace(";", ",")[:40]
