"""Index stored dimensions again: values in mm, bounds, and units that their rows do not show.

The rules are those by which a file is stored (extract.dimension_values). What only the whole store knows comes in addition:
where nothing in a file says its unit, that of nearly all files of its project holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from pipeline.database import Connection, Database
from pipeline.extract.dimension_text import MM_PER_UNIT
from pipeline.extract.dimension_values import SheetUnit, Shown, sheet_unit, unit_named, values_of
from pipeline.index.ranges import Range, Stop, each_range
from pipeline.index.touch import touch_documents
from pipeline.store.rows import compact_json

FILES_A_RANGE = 500
ROWS_A_PAGE = 10_000
# A project has a unit where so many of its files name one, and nearly all of them the same.
PROJECT_FILES = 5
PROJECT_SHARE = 0.9

BOUNDARY: LiteralString = """
    SELECT blob_id FROM documents
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s
    ORDER BY blob_id OFFSET %(skip)s LIMIT 1
"""

# A file's project is its group's code, else the first folder of its path.
PROJECT_UNITS: LiteralString = """
    SELECT coalesce(linked.project_code, blob.source_store || ':' || substring(blob.blob_key FROM '^([^/]*)/')) AS project,
           field.value, document.properties ->> 'unit' AS header_unit, count(*)
    FROM documents AS document
    JOIN blob_inventory AS blob ON blob.tenant_id = document.tenant_id AND blob.blob_id = document.blob_id
    LEFT JOIN document_group_members AS member ON member.tenant_id = document.tenant_id AND member.blob_id = document.blob_id
    LEFT JOIN document_groups AS linked ON linked.tenant_id = member.tenant_id AND linked.group_id = member.group_id
    LEFT JOIN LATERAL (
        SELECT left(one.value, 200) AS value
        FROM extracted_metadata AS one
        WHERE one.tenant_id = document.tenant_id AND one.blob_id = document.blob_id AND one.field = 'units'
        ORDER BY one.page_number
        LIMIT 1
    ) AS field ON true
    WHERE document.tenant_id = %(tenant)s AND (field.value IS NOT NULL OR document.properties ->> 'unit' IS NOT NULL)
    GROUP BY 1, 2, 3
"""

FILES: LiteralString = """
    SELECT document.blob_id, document.properties ->> 'unit',
           coalesce(linked.project_code, blob.source_store || ':' || substring(blob.blob_key FROM '^([^/]*)/')),
           ARRAY(SELECT ARRAY[one.field, left(one.value, 200)]
                 FROM extracted_metadata AS one
                 WHERE one.tenant_id = document.tenant_id AND one.blob_id = document.blob_id
                   AND one.field IN ('units', 'general_tolerance') AND one.value IS NOT NULL),
           ARRAY(SELECT DISTINCT one.unit
                 FROM extracted_dimensions AS one
                 WHERE one.tenant_id = document.tenant_id AND one.blob_id = document.blob_id
                   AND one.unit IS NOT NULL AND one.kind <> 'thread')
    FROM documents AS document
    JOIN blob_inventory AS blob ON blob.tenant_id = document.tenant_id AND blob.blob_id = document.blob_id
    LEFT JOIN document_group_members AS member ON member.tenant_id = document.tenant_id AND member.blob_id = document.blob_id
    LEFT JOIN document_groups AS linked ON linked.tenant_id = member.tenant_id AND linked.group_id = member.group_id
    WHERE document.tenant_id = %(tenant)s AND document.blob_id > %(after)s AND document.blob_id <= %(upto)s
"""

ROWS: LiteralString = """
    SELECT blob_id, id, kind, nominal, unit, value_mm, tol_plus, tol_minus, fit_class, details, value_min_mm, value_max_mm
    FROM extracted_dimensions
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s AND blob_id <= %(upto)s
    ORDER BY blob_id
"""

UPDATE_ROWS: LiteralString = """
    UPDATE extracted_dimensions AS row
    SET value_mm = new.value_mm, value_min_mm = new.low, value_max_mm = new.high, details = new.details
    FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::jsonb[]) AS new (id, value_mm, low, high, details)
    WHERE row.id = new.id
"""


class Change(NamedTuple):
    """A row whose values differ from what they should be."""

    blob_id: UUID
    id: int
    value_mm: float | None
    low: float | None
    high: float | None
    details: str


def index_dimensions(database: Database, *, tenant_id: str, stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Bring the values of all stored dimensions up to date; returns counts. Stopped early, the next run does the rest."""
    with database.session("B5 dimensions") as session:
        projects = session.run(lambda conn: _project_units(conn, tenant_id))
        work = partial(_index_range, tenant_id=tenant_id, projects=projects, dry_run=dry_run)
        done = each_range(session, BOUNDARY, work, name="draftmill B5", tenant_id=tenant_id, size=FILES_A_RANGE, stop=stop)
    return {"dimensions": done["read"], "dimensions_to_update" if dry_run else "dimensions_updated": done["changed"],
            "units_inferred": done["inferred"], "without_value": done["unknown"], "stopped": stop.requested}


def _project_units(conn: Connection, tenant_id: str) -> dict[str, str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for project, named, header, files in conn.execute(PROJECT_UNITS, {"tenant": tenant_id}):
        unit = unit_named(named) if named else header
        if project and unit in MM_PER_UNIT:
            counts[project][unit] += files
    return {project: unit for project, found in counts.items() if (unit := _nearly_all(found))}


def _nearly_all(found: Counter[str]) -> str | None:
    """The unit of nearly all files of a project that name one; None where they are few or disagree."""
    unit, most = found.most_common(1)[0]
    return unit if found.total() >= PROJECT_FILES and most >= PROJECT_SHARE * found.total() else None


def _index_range(conn: Connection, here: Range, *, tenant_id: str, projects: Mapping[str, str], dry_run: bool) -> Counter[str]:
    where = {"tenant": tenant_id, "after": here.after, "upto": here.upto}
    units = {row[0]: _unit_of(row, projects) for row in conn.execute(FILES, where)}
    totals: Counter[str] = Counter()
    with conn.cursor(name="dimensions") as cursor:
        cursor.execute(ROWS, where)
        while page := cursor.fetchmany(ROWS_A_PAGE):
            changes = list(_changes(page, units, totals))
            totals["changed"] += len(changes)
            if changes and not dry_run:
                _write(conn, tenant_id, changes)
    return totals


def _unit_of(row: tuple[Any, ...], projects: Mapping[str, str]) -> SheetUnit | None:
    _, header, project, fields, own_units = row
    found = sheet_unit([(name, value) for name, value in fields], header, [("linear", unit) for unit in own_units])
    if found is None and not own_units and project in projects:  # a sheet that mixes units follows nobody
        return SheetUnit(projects[project], "project")
    return found


def _changes(page: Iterable[tuple[Any, ...]], units: Mapping[UUID, SheetUnit | None], totals: Counter[str]) -> Iterator[Change]:
    for blob_id, rows in groupby(page, key=itemgetter(0)):
        unit = units.get(blob_id)
        for _, row_id, kind, nominal, shown_unit, value_mm, tol_plus, tol_minus, fit, details, low, high in rows:
            found = values_of(Shown(kind, nominal, shown_unit, value_mm, tol_plus, tol_minus, fit, details), unit)
            totals["read"] += 1
            totals["inferred"] += "unit_source" in found.details
            totals["unknown"] += found.value_mm is None and found.value_min_mm is None
            if found != (value_mm, low, high, details):
                yield Change(blob_id, row_id, *found[:3], compact_json(found.details))


def _write(conn: Connection, tenant_id: str, changes: list[Change]) -> None:
    changes.sort(key=lambda change: change.id)
    columns = list(zip(*changes, strict=True))
    touch_documents(conn, tenant_id, columns[0])
    conn.execute(UPDATE_ROWS, [list(column) for column in columns[1:]])
