"""Link files by the folder that holds them, where names alone did not.

Four rules, surest first; each asks that nothing contradicts it, for a false join costs more than a missed one:

1. The folder's own number stands in every drawing and model in it: `1281_Clip/1281.pdf` and `1281-B2P-C.step`.
2. A folder holds one drawing and one model and nothing else.
3. A folder's drawings and models pair off, one to one and without a rest, by a number in their names.
4. One drawing and one model in a place bear the same words in another order (upper is top, lower is bottom).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations, groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

from pipeline.database import Connection, Database
from pipeline.linking import groups
from pipeline.linking.groups import Pair, Settled, Stop
from pipeline.linking.places import Kind, is_format_folder, kind_of

FOLDER_NUMBER = 0.8
PAIRED_OFF = 0.6
ONE_AND_ONE = 0.55
SAME_WORDS = 0.55
# A folder of more files than this is a store, not a part.
MOST_FILES = 60
PAGE = 5_000

# Places of several groups and few files.
CANDIDATES = """
    SELECT member.neighbourhood, blob.blob_key, member.group_id::text, member.drawing_key,
           member.method = 'duplicate', groups.member_count
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    JOIN document_groups AS groups ON groups.tenant_id = member.tenant_id AND groups.group_id = member.group_id
    JOIN (
        SELECT neighbourhood
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND neighbourhood IS NOT NULL
        GROUP BY neighbourhood
        HAVING count(*) BETWEEN 2 AND %(most)s AND min(drawing_key COLLATE "C") <> max(drawing_key COLLATE "C")
    ) AS place ON place.neighbourhood = member.neighbourhood
    WHERE member.tenant_id = %(tenant)s
    ORDER BY member.neighbourhood
"""

_NUMBER = re.compile(r"\d{3,}")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[^\W_]+")
_LEADING_NUMBER = re.compile(r"^[A-Za-z]{0,4}[-_ ]?(\d{3,})(?!\d)")
_MISCELLANY = re.compile(
    r"(?:misc|sonstiges?|divers\w*|various|other|temp|tmp|downloads?|desktop|new|neue?r?|archive?|archiv|old|alt|backup"
    r"|inbox|uploads?|docs?|documents?|dokumente|documentation|parts?|teile|assets|images?|bilder|src|data"
    r"|release|output)\b.*", re.IGNORECASE)
_SYNONYMS = {"upper": "top", "lower": "bottom", "oben": "top", "unten": "bottom", "rechts": "right", "links": "left",
             "back": "rear", "hinten": "rear", "vorne": "front"}


class File(NamedTuple):
    """One file of a place. `is_duplicate`: its group is that of its original, which may stand anywhere."""

    folder: str
    name: str
    group_id: str
    key: str
    kind: Kind
    is_duplicate: bool = False
    group_size: int = 1

    @property
    def suffix(self) -> str:
        return self.name.rpartition(".")[2].lower()


def link_by_folder(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Join groups whose files share the folder of one part; returns counts."""
    with database.session("A3 link by folder") as session:
        return session.run(lambda conn: _link(conn, tenant_id, stop, dry_run))


def _link(conn: Connection, tenant_id: str, stop: Stop, dry_run: bool) -> dict[str, Any]:
    groups.lock(conn, tenant_id)
    groups.begin_pairs(conn)
    rules: dict[str, int] = defaultdict(int)
    pairs = _pairs(conn, tenant_id, stop)
    while page := list(islice(pairs, PAGE)):
        for pair in page:
            rules[pair.reason] += 1
        groups.add_pairs(conn, page)
    figures: dict[str, Any] = {"joined_by": dict(sorted(rules.items())), "stopped": stop.requested}
    if dry_run:
        return {**figures, "dry_run": True}
    merged = groups.merge_pairs(conn, tenant_id)
    settled = groups.settle(conn, tenant_id) if merged else Settled(0, 0)
    return {"groups_merged": merged, "groups_updated": settled.updated, "groups_deleted": settled.deleted, **figures}


def _pairs(conn: Connection, tenant_id: str, stop: Stop) -> Iterator[Pair]:
    with conn.cursor(name="places") as cursor:
        cursor.itersize = 10_000
        cursor.execute(CANDIDATES, {"tenant": tenant_id, "most": MOST_FILES})
        for _, rows in groupby(cursor, key=itemgetter(0)):
            if stop.requested:
                return
            yield from judge_place([_file(*row[1:]) for row in rows])


def _file(path: str, group_id: str, key: str, is_duplicate: bool, group_size: int) -> File:
    folder, _, name = path.rpartition("/")
    return File(folder, name, group_id, key, kind_of(name), is_duplicate, group_size)


def judge_place(files: list[File]) -> list[Pair]:
    """What the rules say of the files of one place: its folders one by one, then the place as a whole."""
    if not _anything_missing(files):
        return []
    by_folder: dict[str, list[File]] = defaultdict(list)
    for file in files:
        by_folder[file.folder].append(file)
    here = Counter(file.group_id for file in files)
    local = set(here) - {file.group_id for file in files if file.is_duplicate or file.group_size > here[file.group_id]}
    found: list[Pair] = []
    for folder, inside in by_folder.items():
        found += by_folder_number(folder, inside) or one_and_one(folder, inside, local) or pair_off(inside, local)
    return found or same_words(files, local)


def _anything_missing(files: list[File]) -> bool:
    """There are two groups, and one of them lacks its drawing or its model: else no rule has anything to join."""
    kinds: dict[str, set[Kind]] = {}
    for file in files:
        if file.kind != "other":
            kinds.setdefault(file.group_id, set()).add(file.kind)
    return len(kinds) > 1 and any(len(several) == 1 for several in kinds.values())


def by_folder_number(folder: str, files: list[File]) -> list[Pair]:
    """Rule 1: the folder's number is in every name, and no suffix comes in two groups."""
    files = [file for file in files if file.kind != "other"]
    number = _LEADING_NUMBER.match(folder.rpartition("/")[2])
    if not number or len(files) < 2 or not _one_group_a_suffix(files):
        return []
    wanted = number[1].lstrip("0")
    if not wanted or any(wanted not in _numbers(file.name) for file in files) or _contradict(files):
        return []
    return _chain(files, FOLDER_NUMBER, "the folder's number stands in the names")


def one_and_one(folder: str, files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 2: one drawing, one model, nothing else, in a folder that is no heap."""
    name = folder.rpartition("/")[2]
    if len(files) != 2 or {file.kind for file in files} != {"drawing", "model"} or not _all_local(files, local):
        return []
    if not name or is_format_folder(name) or _MISCELLANY.fullmatch(name) or _contradict(files):
        return []
    return _chain(files, ONE_AND_ONE, "the only drawing and the only model of their folder")


def pair_off(files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 3: each drawing has its one model by a number, each model its one drawing, and there are at least two pairs."""
    kinds: dict[str, set[Kind]] = defaultdict(set)
    numbers: dict[str, set[str]] = defaultdict(set)
    for file in files:
        if file.kind != "other":
            kinds[file.group_id].add(file.kind)
            numbers[file.group_id] |= _numbers(file.name)
    lone = [group for group in kinds if len(kinds[group]) == 1]
    if len(lone) < 4 or not all(group in local for group in lone):
        return []
    holders: dict[str, list[str]] = defaultdict(list)
    for group in lone:
        for number in numbers[group]:
            holders[number].append(group)
    partners: dict[str, set[str]] = defaultdict(set)
    for sharing in holders.values():
        if len(sharing) == 2:
            partners[sharing[0]].add(sharing[1])
            partners[sharing[1]].add(sharing[0])
    if any(len(partners[group]) != 1 or kinds[group] == kinds[next(iter(partners[group]))] for group in lone):
        return []
    drawings = sorted(group for group in lone if kinds[group] == {"drawing"})
    return [Pair(group, next(iter(partners[group])), "folder", PAIRED_OFF, "drawings and models of the folder pair off by number")
            for group in drawings]


def same_words(files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 4: the same words in another order, in two groups that share no suffix."""
    bags: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file in files:
        if file.kind != "other":
            words = tuple(sorted(_SYNONYMS.get(word, word) for word in _TOKEN.findall(file.key)))
            bags[words][file.group_id].add(file.suffix)
    found = []
    for words, suffixes in bags.items():
        if len(words) < 3 or len(suffixes) != 2 or not all(group in local for group in suffixes):
            continue
        left, right = sorted(suffixes)
        if suffixes[left].isdisjoint(suffixes[right]):
            found.append(Pair(left, right, "folder", SAME_WORDS, "the same words in another order, same place"))
    return found


def _numbers(name: str) -> set[str]:
    """Numbers of three digits and more, without leading zeros."""
    return {digits.lstrip("0") for digits in _NUMBER.findall(name.rpartition(".")[0])}


def _contradict(files: list[File]) -> bool:
    """Each of two names carries a number that the other lacks: P-1234-01 and P-1234-02 are two parts."""
    own = [{word.lstrip("0") or "0" for word in _WORD.findall(file.name.rpartition(".")[0]) if word.isdigit()} for file in files]
    return any(left - right and right - left for left, right in combinations(own, 2))


def _one_group_a_suffix(files: list[File]) -> bool:
    groups_of: dict[str, set[str]] = defaultdict(set)
    for file in files:
        groups_of[file.suffix].add(file.group_id)
    return all(len(several) == 1 for several in groups_of.values())


def _all_local(files: list[File], local: Collection[str]) -> bool:
    return all(file.group_id in local for file in files)


def _chain(files: list[File], confidence: float, reason: str) -> list[Pair]:
    first, *others = sorted({file.group_id for file in files})
    return [Pair(first, other, "folder", confidence, reason) for other in others]
