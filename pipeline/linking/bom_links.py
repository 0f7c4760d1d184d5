"""Which document group a row of a parts list means: edges for where-used, from what B3 and B4 read.

A row's part number is looked for among the keys of file names and the numbers that title blocks state. The nearest group wins; of
several equally near none does. A short number means something in its own project only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

from pipeline.database import Connection
from pipeline.linking.keys import Strength, base_key, number_key
from pipeline.linking.places import folder_of, neighbourhood

PAGE = 5_000
STRONG, SHORT, AFAR = 0.95, 0.8, 0.7
# "1011" of a list may be 1011-A2P of the files, where nothing nearer says otherwise.
LESS_FOR_STEM = 0.1
METHODS = ("file_name", "title_block", "number_in_name")

# A list without a column of part numbers often numbers its rows by them.
ITEMS = """
    SELECT id, blob_id::text, coalesce(nullif(btrim(part_number), ''), item), coalesce(btrim(part_number), '') <> ''
    FROM extracted_bom_items
    WHERE tenant_id = %(tenant)s AND coalesce(nullif(btrim(part_number), ''), item) IS NOT NULL
"""
CREATE_WANTED = """
    CREATE TEMP TABLE wanted_parts (bom_item_id bigint NOT NULL, blob_id uuid NOT NULL, key text NOT NULL, strength smallint NOT NULL)
    ON COMMIT DROP
"""
COPY_WANTED = "COPY wanted_parts FROM STDIN"
# Both sides of each part number: the files that bear it (side 0), then the rows that name it, from each place of their list.
SIDES = """
    WITH wanted AS (
        SELECT DISTINCT key FROM wanted_parts
    ), bearer AS (
        SELECT wanted.key, member.blob_id, 'file_name' AS method FROM wanted
        JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.drawing_key = wanted.key
        UNION
        SELECT wanted.key, member.blob_id, 'file_name' FROM wanted
        JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.base_key = wanted.key
        UNION
        SELECT key, blob_id, 'title_block' FROM wanted JOIN stated_numbers USING (key)
        UNION
        SELECT wanted.key, member.blob_id, 'number_in_name' FROM wanted
        JOIN document_group_members AS member ON member.tenant_id = %(tenant)s
            AND substring(member.drawing_key FROM '^[a-e]?([0-9]{4,})[^0-9]') = wanted.key
        WHERE wanted.key ~ '^[0-9]{4,}$'
    )
    SELECT bearer.key, 0 AS side, NULL::bigint, 0, bearer.method, member.group_id::text, blob.source_store, blob.blob_key,
           grouped.project_code
    FROM bearer
    JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.blob_id = bearer.blob_id
    JOIN document_groups AS grouped ON grouped.tenant_id = %(tenant)s AND grouped.group_id = member.group_id
    JOIN blob_inventory AS blob ON blob.tenant_id = %(tenant)s AND blob.blob_id = bearer.blob_id
    UNION ALL
    SELECT wanted.key, 1, wanted.bom_item_id, wanted.strength, '', member.group_id::text, blob.source_store, blob.blob_key,
           grouped.project_code
    FROM wanted_parts AS wanted
    JOIN blob_inventory AS blob ON blob.tenant_id = %(tenant)s
        AND (blob.blob_id = wanted.blob_id OR blob.duplicate_of = wanted.blob_id AND blob.status = 'duplicate')
    JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.blob_id = blob.blob_id
    JOIN document_groups AS grouped ON grouped.tenant_id = %(tenant)s AND grouped.group_id = member.group_id
    ORDER BY 1, 2, 3, 5, 6, 8
"""
CREATE_LINKS = """
    CREATE TEMP TABLE new_links (bom_item_id bigint NOT NULL, group_id uuid NOT NULL, method text NOT NULL, confidence real NOT NULL)
    ON COMMIT DROP
"""
COPY_LINKS = "COPY new_links FROM STDIN"
CREATE_BEST = """
    CREATE TEMP TABLE best_links ON COMMIT DROP AS
    SELECT DISTINCT ON (bom_item_id) * FROM new_links ORDER BY bom_item_id, confidence DESC, method, group_id
"""
DELETE_LINKS = """
    DELETE FROM bom_item_links AS old
    WHERE old.tenant_id = %(tenant)s AND NOT EXISTS (SELECT FROM best_links AS new WHERE new.bom_item_id = old.bom_item_id)
"""
INSERT_LINKS = """
    INSERT INTO bom_item_links AS old (tenant_id, bom_item_id, group_id, method, confidence)
    SELECT %(tenant)s, bom_item_id, group_id, method, confidence FROM best_links
    ON CONFLICT (tenant_id, bom_item_id) DO UPDATE
    SET group_id = excluded.group_id, method = excluded.method, confidence = excluded.confidence
    WHERE (old.group_id, old.method, old.confidence) IS DISTINCT FROM (excluded.group_id, excluded.method, excluded.confidence)
"""
# Upwards from one group. Each edge counts once a level, not once a path: paths double with every pair of assemblies that share
# parts. A list that contains itself ends at the last level.
WHERE_USED = """
    WITH RECURSIVE used AS (
        SELECT edge.parent_group_id, edge.child_group_id, 1 AS level
        FROM bom_edges AS edge
        WHERE edge.tenant_id = %(tenant)s AND edge.child_group_id = %(group)s
        UNION
        SELECT edge.parent_group_id, edge.child_group_id, used.level + 1
        FROM used
        JOIN bom_edges AS edge ON edge.tenant_id = %(tenant)s AND edge.child_group_id = used.parent_group_id
        WHERE used.level < 30
    )
    SELECT min(used.level), grouped.group_id, grouped.group_key, sum(edge.quantity) FILTER (WHERE used.level = 1)
    FROM used
    JOIN document_groups AS grouped ON grouped.tenant_id = %(tenant)s AND grouped.group_id = used.parent_group_id
    LEFT JOIN bom_edges AS edge ON edge.tenant_id = %(tenant)s AND edge.parent_group_id = used.parent_group_id
        AND edge.child_group_id = used.child_group_id
    GROUP BY grouped.group_id, grouped.group_key
    ORDER BY 1, grouped.group_key COLLATE "C"
"""


_LIST_FOLDER = re.compile(r"(?:sub)?boms?|st(?:ü|ue)cklisten?|parts?[ _-]?lists?|lists?|listen?", re.IGNORECASE)


class Side(NamedTuple):
    """A file that bears the number, or a place of the list that names it.

    reach  so many of the list's folders must be the part's too, for both to be of one project
    """

    group_id: str
    store: str
    folders: tuple[str, ...]
    project: str | None
    method: str
    reach: int


def _side(group_id: str, store: str, path: str, project: str | None, method: str) -> Side:
    folders = tuple(part for part in neighbourhood(folder_of(path)).split("/") if part)
    if folders and _LIST_FOLDER.fullmatch(folders[-1]):
        return Side(group_id, store, folders[:-1], project, method, len(folders) - 1)
    return Side(group_id, store, folders, project, method, max(len(folders) - 1, min(len(folders), 1)))


def link_bom_items(conn: Connection, tenant_id: str) -> dict[str, int]:
    """Renew the links of all rows; returns counts. Needs `stated_numbers`, and the caller's lock."""
    tenant = {"tenant": tenant_id}
    conn.execute(CREATE_WANTED)
    conn.execute(CREATE_LINKS)
    rows = _copy(conn, COPY_WANTED, _wanted(conn, tenant_id))
    conn.execute("ANALYZE wanted_parts")
    _copy(conn, COPY_LINKS, _links(conn, tenant_id))
    linked = conn.execute(CREATE_BEST).rowcount
    changed = conn.execute(DELETE_LINKS, tenant).rowcount + conn.execute(INSERT_LINKS, tenant).rowcount
    return {"bom_rows_with_number": rows, "bom_rows_linked": linked, "bom_links_changed": changed}


def where_used(conn: Connection, tenant_id: str, group_id: str) -> list[tuple[Any, ...]]:
    """(level, group_id, group_key, quantity where the list names it directly) of every assembly that holds the group's part."""
    return conn.execute(WHERE_USED, {"tenant": tenant_id, "group": group_id}).fetchall()


def _copy(conn: Connection, statement: str, rows: Iterator[tuple[Any, ...]]) -> int:
    """In pages, for a connection cannot read a cursor while it copies."""
    count = 0
    while page := list(islice(rows, PAGE)):
        with conn.cursor() as cursor, cursor.copy(statement) as copy:
            for row in page:
                copy.write_row(row)
        count += len(page)
    return count


def _wanted(conn: Connection, tenant_id: str) -> Iterator[tuple[Any, ...]]:
    with conn.cursor(name="bom_items") as cursor:
        cursor.itersize = 20_000
        cursor.execute(ITEMS, {"tenant": tenant_id})
        for item_id, blob_id, number, is_number in cursor:
            found = number_key(number)
            if found.strength is Strength.WEAK or not (is_number or number.strip().isdigit()):
                continue
            yield item_id, blob_id, found.key, int(found.strength)
            if base := base_key(found.key):
                yield item_id, blob_id, base, int(found.strength)


def _links(conn: Connection, tenant_id: str) -> Iterator[tuple[Any, ...]]:
    with conn.cursor(name="bom_sides") as cursor:
        cursor.itersize = 20_000
        cursor.execute(SIDES, {"tenant": tenant_id})
        for _, rows in groupby(cursor, key=itemgetter(0)):
            yield from _link_number(rows)


def _link_number(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    bearers: list[Side] = []
    index: dict[tuple[str, ...], set[int]] = {}
    for _, side, item_id, strength, method, group_id, store, path, project in rows:
        one = _side(group_id, store, path, project, method)
        if side == 0:
            for level in range(len(one.folders) + 1):
                index.setdefault((store, *one.folders[:level]), set()).add(len(bearers))
            bearers.append(one)
        elif found := nearest(one, Strength(strength), bearers, index):
            yield item_id, found[0].group_id, found[0].method, found[1]


def nearest(row: Side, strength: Strength, bearers: Sequence[Side], index: dict[tuple[str, ...], set[int]]) -> tuple[Side, float] | None:
    """The one group that bears the number nearest to the list, and how sure that is; None where there is none or a choice.

    index  (store, *folders from the top) → positions in `bearers` at or below that folder
    """
    for level in range(len(row.folders), -1, -1):
        near = [bearers[position] for position in sorted(index.get((row.store, *row.folders[:level]), ()))]
        near = [bearer for bearer in near if bearer.group_id != row.group_id]
        if not near:
            continue
        best = min(METHODS.index(bearer.method) for bearer in near)
        near = [bearer for bearer in near if METHODS.index(bearer.method) == best]
        if len({bearer.group_id for bearer in near}) > 1:
            return None
        confidence = _confidence(row, near[0], strength, level)
        return (near[0], confidence) if confidence else None
    return None


def _confidence(row: Side, found: Side, strength: Strength, level: int) -> float:
    """0 where a short number is looked for beyond its project."""
    near = level >= row.reach or (row.project is not None and found.project == row.project)
    if not near and strength is not Strength.STRONG:
        return 0
    sure = (STRONG if strength is Strength.STRONG else SHORT) if near else AFAR
    return sure - LESS_FOR_STEM if found.method == "number_in_name" else sure
