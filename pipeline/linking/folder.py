"""Link files by the folder that holds them, where names alone did not.

Seven rules, surest first; each asks that nothing contradicts it, for a false join costs more than a missed one:

1. The folder's own number stands in every drawing and model in it: `1281_Clip/1281.pdf` and `1281-B2P-C.step`.
2. A folder holds one drawing and one model and nothing else.
3. A folder's drawings and models pair off, one to one and without a rest, by a number in their names.
4. One drawing and one model in a place bear the same words in another order (upper is top, lower is bottom, a plural is its
   singular, and "drawing" or "flat" name no part).
5. Drawings and models of a place agree when the words go that all drawings, or all models, of the place bear.
6. A drawing and a model of a place bear the same words but for one that is misspelt.
7. One drawing shows a family of parts (`family`), beside it or in a folder below.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import chain, combinations, groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

from pipeline.database import Connection, Database
from pipeline.linking import family, groups
from pipeline.linking.family import Drawing, Parts
from pipeline.linking.groups import Pair, Settled, Stop
from pipeline.linking.places import SHEET_SUFFIXES, File, is_format_folder, is_geometry, is_sheet, kind_of
from pipeline.linking.words import bag, glued, misspelt, opposed, words_of

FOLDER_NUMBER = 0.8
PAIRED_OFF = 0.6
ONE_AND_ONE = 0.55
SAME_WORDS = 0.55
# A folder of more files than this is a store, not a part.
MOST_FILES = 200
# Hands are looked for among so many files of a folder.
MOST_OPPOSED = 20
PAGE = 5_000

# Places of several groups and few files. Copies of one content count once: a group may stand in two places as a whole.
CANDIDATES = """
    SELECT member.neighbourhood, blob.source_store, blob.blob_key, member.group_id::text, member.drawing_key,
           CASE WHEN member.method = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END::text,
           groups.member_count - coalesce(copies.count, 0)
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    JOIN document_groups AS groups ON groups.tenant_id = member.tenant_id AND groups.group_id = member.group_id
    LEFT JOIN (
        SELECT group_id, count(*)::integer AS count
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND method = 'duplicate'
        GROUP BY group_id
    ) AS copies ON copies.group_id = member.group_id
    JOIN (
        SELECT neighbourhood
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND neighbourhood IS NOT NULL
        GROUP BY neighbourhood
        HAVING count(*) BETWEEN 2 AND %(most)s AND min(drawing_key COLLATE "C") <> max(drawing_key COLLATE "C")
    ) AS place ON place.neighbourhood = member.neighbourhood
    WHERE member.tenant_id = %(tenant)s
    ORDER BY member.neighbourhood, blob.blob_key COLLATE "C"
"""
# Parts without a drawing, and the places above them in which one may stand.
CREATE_PARTS = """
    CREATE TEMP TABLE family_parts (
        place bigint NOT NULL, group_ids text[] NOT NULL, words text[] NOT NULL, folder_words text NOT NULL
    ) ON COMMIT DROP
"""
INSERT_PARTS = "INSERT INTO family_parts VALUES (hashtextextended(%s, 0), %s, %s, %s)"
PARTS_AND_DRAWINGS = """
    SELECT parts.ctid::text, parts.group_ids, parts.words, parts.folder_words, member.group_id::text, member.drawing_key
    FROM family_parts AS parts
    JOIN document_group_members AS member ON member.neighbourhood = parts.place
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    WHERE member.tenant_id = %(tenant)s
      AND lower(substring(blob.file_name FROM '\\.([[:alpha:]][^.]*)$')) = ANY (%(sheets)s)
      AND NOT EXISTS (
          SELECT
          FROM document_group_members AS other
          JOIN blob_inventory AS file ON file.tenant_id = other.tenant_id AND file.blob_id = other.blob_id
          WHERE other.tenant_id = member.tenant_id AND other.group_id = member.group_id
            AND lower(substring(file.file_name FROM '\\.([[:alpha:]][^.]*)$')) <> ALL (%(sheets)s))
    ORDER BY parts.ctid
"""

_NUMBER = re.compile(r"\d{3,}")
_WORD = re.compile(r"[^\W_]+")
# "01 front panel", "02 rear panel": a list's order, where all names of a kind begin so.
_ORDINAL = re.compile(r"^\d{1,2}(?!\d)-?(?=[^\W\d_]{3})")
_LEADING_NUMBER = re.compile(r"^[A-Za-z]{0,4}[-_ ]?(\d{3,})(?!\d)")
_MISCELLANY = re.compile(
    r"(?:misc|sonstiges?|divers\w*|various|other|temp|tmp|downloads?|desktop|new|neue?r?|archive?|archiv|old|alt|backup"
    r"|inbox|uploads?|docs?|documents?|dokumente|documentation|parts?|teile|assets|images?|bilder|src|data"
    r"|release|output)\b.*", re.IGNORECASE)


Side = Callable[[str], bool]


class Above(NamedTuple):
    """Parts without a drawing, as seen from a place above their folder."""

    place: str
    parts: Parts

    def row(self) -> tuple[str, list[str], list[str], str]:
        folders = "/".join(" ".join(words) for words in self.parts.folder_words)
        return self.place, list(self.parts.groups), list(self.parts.words), folders


def link_by_folder(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Join groups whose files share the folder of one part; returns counts."""
    with database.session("A3 link by folder") as session:
        return session.run(lambda conn: _link(conn, tenant_id, stop, dry_run))


def _link(conn: Connection, tenant_id: str, stop: Stop, dry_run: bool) -> dict[str, Any]:
    groups.lock(conn, tenant_id)
    groups.begin_pairs(conn)
    conn.execute(CREATE_PARTS)
    rules: dict[str, int] = defaultdict(int)
    judged = _judged(conn, tenant_id, stop)
    while page := list(islice(judged, PAGE)):
        _add(conn, page, rules)
    _add(conn, list(_family_pairs(conn, tenant_id)), rules)
    figures: dict[str, Any] = {"joined_by": dict(sorted(rules.items())), "stopped": stop.requested}
    if dry_run:
        return {**figures, "dry_run": True}
    merged = groups.merge_pairs(conn, tenant_id)
    settled = groups.settle(conn, tenant_id) if merged else Settled(0, 0)
    return {"groups_merged": merged, "groups_updated": settled.updated, "groups_deleted": settled.deleted, **figures}


def _add(conn: Connection, page: list[Pair | Above], rules: dict[str, int]) -> None:
    pairs = [one for one in page if isinstance(one, Pair)]
    for pair in pairs:
        rules[pair.reason] += 1
    groups.add_pairs(conn, pairs)
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_PARTS, [one.row() for one in page if isinstance(one, Above)])


def _judged(conn: Connection, tenant_id: str, stop: Stop) -> Iterator[Pair | Above]:
    with conn.cursor(name="places") as cursor:
        cursor.itersize = 10_000
        cursor.execute(CANDIDATES, {"tenant": tenant_id, "most": MOST_FILES})
        for _, rows in groupby(cursor, key=itemgetter(0)):
            if stop.requested:
                return
            _, store, *_ = first = next(rows)
            files = [_file(*row[2:]) for row in chain([first], rows)]
            pairs = judge_place(files)
            yield from pairs
            yield from (Above(f"{store}: {place}", parts) for place, parts in parts_below(files, pairs))


def _family_pairs(conn: Connection, tenant_id: str) -> Iterator[Pair]:
    conn.execute("ANALYZE family_parts")
    rows = conn.execute(PARTS_AND_DRAWINGS, {"tenant": tenant_id, "sheets": sorted(SHEET_SUFFIXES)})
    for _, found in groupby(rows, key=itemgetter(0)):
        drawings = list(found)
        _, group_ids, words, folder_words, *_ = drawings[0]
        parts = Parts(tuple(group_ids), tuple(words), tuple(tuple(one.split()) for one in folder_words.split("/")))
        yield from family.drawing_of(parts, [Drawing(row[4], row[5]) for row in drawings])


def _file(path: str, group_id: str, key: str, content: str, group_size: int) -> File:
    folder, _, name = path.rpartition("/")
    return File(folder, name, group_id, key, kind_of(name), content, group_size)


def judge_place(files: list[File]) -> list[Pair]:
    """What the rules say of the files of one place: its folders one by one, then what is left of the place as a whole."""
    drawn, halves = _drawn(files)
    if len(drawn) < 2 or not halves:
        return []
    local = _local(files)
    found: list[Pair] = []
    for folder, inside in _by_folder(files).items():
        found += by_folder_number(folder, inside) or one_and_one(folder, inside, local) or pair_off(inside, local)
    for rule in (same_words, beside_common_words, misspelt_words, family.in_place):
        left = local & drawn - {group for pair in found for group in (pair.left, pair.right)}
        if len(left) < 2 or not left & halves:
            break
        found += rule(files, left)
    return found


def parts_below(files: list[File], joined: list[Pair]) -> Iterator[tuple[str, Parts]]:
    """For rule 7: the folders of this place whose parts may have their drawing above."""
    _, halves = _drawn(files)
    left = halves - {group for pair in joined for group in (pair.left, pair.right)}
    if len(left) < 2:
        return
    left &= _local(files)
    for folder, inside in _by_folder(files).items():
        yield from family.parts_of_folder(folder, inside, left)


def _by_folder(files: list[File]) -> dict[str, list[File]]:
    by_folder: dict[str, list[File]] = defaultdict(list)
    for file in files:
        by_folder[file.folder].append(file)
    return by_folder


def _local(files: list[File]) -> set[str]:
    """Groups whose every content stands in this place, whatever copies of it stand elsewhere."""
    here: dict[str, set[str]] = defaultdict(set)
    size = {file.group_id: file.group_size for file in files}
    for file in files:
        here[file.group_id].add(file.content)
    return {group for group, contents in here.items() if len(contents) == size[group]}


def _drawn(files: list[File]) -> tuple[set[str], set[str]]:
    """(groups of drawings and models, those of them that lack their sheet or their geometry): all that a rule can join."""
    sides: dict[str, set[bool]] = {}
    for file in files:
        if file.kind != "other":
            sides.setdefault(file.group_id, set()).add(is_sheet(file.name))
    return set(sides), {group for group, several in sides.items() if len(several) == 1}


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
    return _paired(files, local, is_sheet, is_geometry) or _paired(files, local, _is_drawing, _is_model)


def _paired(files: list[File], local: Collection[str], left: Side, right: Side) -> list[Pair]:
    numbers: dict[str, set[str]] = defaultdict(set)
    sides: dict[str, set[int]] = defaultdict(set)
    for file in files:
        for side, belongs in enumerate((left, right)):
            if belongs(file.name):
                sides[file.group_id].add(side)
                numbers[file.group_id] |= _numbers(file.name)
    lone = [group for group in sides if len(sides[group]) == 1]
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
    if any(len(partners[group]) != 1 or sides[group] == sides[next(iter(partners[group]))] for group in lone):
        return []
    return [Pair(group, next(iter(partners[group])), "folder", PAIRED_OFF, "drawings and models of the folder pair off by number")
            for group in sorted(lone) if sides[group] == {0}]


def same_words(files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 4: the same words in another order, in two groups that share no suffix."""
    suffixes: dict[str, set[str]] = defaultdict(set)
    bags: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for file in files:
        if file.kind == "other" or file.group_id not in local:
            continue
        suffixes[file.group_id].add(file.suffix)
        words = bag(file.key)
        if _says_enough(words):
            bags[words].add(file.group_id)
        if len(together := glued(file.key)) >= 6:
            bags[(together,)].add(file.group_id)
    found = {pair for sharing in bags.values() if len(sharing) == 2 for pair in [tuple(sorted(sharing))]}
    return [Pair(left, right, "folder", SAME_WORDS, "the same words in another order, same place")
            for left, right in sorted(found) if suffixes[left].isdisjoint(suffixes[right])]


def _says_enough(words: tuple[str, ...]) -> bool:
    """Three words or numbers, two words, or one longer one: "1 A" and "A 1" may be anything."""
    if len(words) >= 3:
        return True
    return all(word.isalpha() and len(word) >= (3 if len(words) == 2 else 4) for word in words)


def beside_common_words(files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 5: the same words, when those go that every drawing bears and no model, or every model and no drawing."""
    names: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    for side, belongs in enumerate((is_sheet, is_geometry)):
        mine = [file for file in files if belongs(file.name)]
        counted = len(mine) > 2 and all(_ORDINAL.match(file.key) for file in mine)
        for file in mine:
            names[side].setdefault(file.group_id, set()).update(bag(_ORDINAL.sub("", file.key) if counted else file.key))
    if min(map(len, names)) < 2:
        return []
    drawings, models = (_without_common(mine, other) for mine, other in (names, names[::-1]))
    lone = [(group, words) for group, words in drawings.items()
            if group in local and group not in names[1] and any(word.isalpha() and len(word) >= 3 for word in words)]
    found = []
    for group, words in lone:
        fitting = [other for other, its in models.items() if its == words and other in local and other not in names[0]]
        if len(fitting) == 1 and sum(its == words for _, its in lone) == 1:
            found.append(Pair(group, fitting[0], "folder", SAME_WORDS, "the same words beside what all names of the place bear"))
    return found if len(found) >= 2 else []


def _without_common(mine: dict[str, set[str]], others: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    common = set.intersection(*mine.values()) - set().union(*others.values())
    return {group: frozenset(words - common) for group, words in mine.items()}


def misspelt_words(files: list[File], local: Collection[str]) -> list[Pair]:
    """Rule 6: a drawing and a model whose names are the same but for one letter of one word, each the other's only such fellow."""
    geometry, sheets = family.lone_groups(files, local)
    without_one: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for group, keys in geometry.items():
        for words in map(words_of, set(keys)):
            for position, word in enumerate(words):
                without_one[(str(position), *words[:position], *words[position + 1:])].append((word, group))
    fellows: dict[str, set[str]] = defaultdict(set)
    for group, keys in sheets.items():
        for words in map(words_of, set(keys)):
            for position, word in enumerate(words):
                for other, fellow in without_one.get((str(position), *words[:position], *words[position + 1:]), ()):
                    if misspelt(word, other):
                        fellows[group].add(fellow)
    claims = Counter(fellow for several in fellows.values() for fellow in several)
    return [Pair(group, min(several), "folder", SAME_WORDS, "the same words but for a letter, same place")
            for group, several in sorted(fellows.items()) if len(several) == 1 and claims[min(several)] == 1]


def _is_drawing(name: str) -> bool:
    return kind_of(name) == "drawing"


def _is_model(name: str) -> bool:
    return kind_of(name) == "model"


def _numbers(name: str) -> set[str]:
    """Numbers of three digits and more, without leading zeros."""
    return {digits.lstrip("0") for digits in _NUMBER.findall(name.rpartition(".")[0])}


def _contradict(files: list[File]) -> bool:
    """Each of two names carries a number that the other lacks (P-1234-01, P-1234-02), or they are hands of each other."""
    if any(opposed(words_of(one.key), words_of(other.key)) for one, other in combinations(files[:MOST_OPPOSED], 2)):
        return True
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
