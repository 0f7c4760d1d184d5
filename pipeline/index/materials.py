"""Index stored materials, named values and parts-list rows again, by the tables of today.

A new material in the table, or a header that a list's columns are now known by, reaches what was read before without reading a
file again: each row holds its text as written, and the rules are those by which a file is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection, Database
from pipeline.extract.bom_rows import values_again
from pipeline.extract.materials import read_material
from pipeline.extract.parameters import in_si, name_key, read_amount
from pipeline.index.ranges import Range, Stop, each_range
from pipeline.index.touch import touch_documents

FILES_A_RANGE = 500
ROWS_A_PAGE = 5_000

BOUNDARY: LiteralString = """
    SELECT blob_id FROM documents
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s
    ORDER BY blob_id OFFSET %(skip)s LIMIT 1
"""

MATERIALS: LiteralString = """
    SELECT blob_id, id, raw_text, designation, standard, family, thickness_mm, treatment
    FROM extracted_materials
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s AND blob_id <= %(upto)s
"""

UPDATE_MATERIALS: LiteralString = """
    UPDATE extracted_materials AS row
    SET designation = new.designation, standard = new.standard, family = new.family, thickness_mm = new.thickness_mm,
        treatment = new.treatment
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::text[])
        AS new (id, designation, standard, family, thickness_mm, treatment)
    WHERE row.id = new.id
"""

PARAMETERS: LiteralString = """
    SELECT blob_id, id, name, value, name_key, value_number, unit, value_si, unit_si
    FROM extracted_parameters
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s AND blob_id <= %(upto)s
"""

UPDATE_PARAMETERS: LiteralString = """
    UPDATE extracted_parameters AS row
    SET name_key = new.name_key, value_number = new.value_number, unit = new.unit, value_si = new.value_si, unit_si = new.unit_si
    FROM unnest(%s::bigint[], %s::text[], %s::float8[], %s::text[], %s::float8[], %s::text[])
        AS new (id, name_key, value_number, unit, value_si, unit_si)
    WHERE row.id = new.id
"""

# Rows of one file and page are one list's, or few lists': their headers together say what a header among them may mean.
BOM_ITEMS: LiteralString = """
    SELECT blob_id, page_number, method, id, raw_cells, item, part_number, description, quantity::float8, material
    FROM extracted_bom_items
    WHERE tenant_id = %(tenant)s AND blob_id > %(after)s AND blob_id <= %(upto)s
    ORDER BY blob_id, page_number, method, id
"""

UPDATE_BOM_ITEMS: LiteralString = """
    UPDATE extracted_bom_items AS row
    SET item = new.item, part_number = new.part_number, description = new.description, quantity = new.quantity::numeric,
        material = new.material
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::text[])
        AS new (id, item, part_number, description, quantity, material)
    WHERE row.id = new.id
"""

_Change = tuple[UUID, int, tuple[Any, ...]]  # of which file, id of the row, its new values in the order of the update


def index_materials(database: Database, *, tenant_id: str, own: str = "", stop: Stop, dry_run: bool = False) -> dict[str, Any]:
    """Bring stored materials, named values and parts-list rows up to date; returns counts.

    own  path of the user's table of materials, '' for none. Stopped early, the next run does the rest.
    """
    work = partial(_index_range, tenant_id=tenant_id, own=own, dry_run=dry_run)
    with database.session("B6 materials") as session:
        done = each_range(session, BOUNDARY, work, name="draftmill B6", tenant_id=tenant_id, size=FILES_A_RANGE, stop=stop)
    word = "to_update" if dry_run else "updated"
    return {
        "materials": done["materials"], f"materials_{word}": done["materials_changed"], "materials_unknown": done["unknown"],
        "parameters": done["parameters"], f"parameters_{word}": done["parameters_changed"],
        "bom_rows": done["bom_rows"], f"bom_rows_{word}": done["bom_rows_changed"], "stopped": stop.requested,
    }  # fmt: skip


def _index_range(conn: Connection, here: Range, *, tenant_id: str, own: str, dry_run: bool) -> Counter[str]:
    where = {"tenant": tenant_id, "after": here.after, "upto": here.upto}
    totals: Counter[str] = Counter()
    updates: list[tuple[LiteralString, list[_Change]]] = []
    for name, query, update, changes_of in (
        ("materials", MATERIALS, UPDATE_MATERIALS, partial(_materials, own=own)),
        ("parameters", PARAMETERS, UPDATE_PARAMETERS, _parameters),
        ("bom_rows", BOM_ITEMS, UPDATE_BOM_ITEMS, _bom_items),
    ):
        rows = conn.execute(query, where).fetchall()
        changes = list(changes_of(rows, totals))
        totals[name] += len(rows)
        totals[f"{name}_changed"] += len(changes)
        updates.append((update, changes))
    if not dry_run:
        touch_documents(conn, tenant_id, (blob_id for _, changes in updates for blob_id, _, _ in changes))
        for update, changes in updates:
            _write(conn, update, changes)
    return totals


def _write(conn: Connection, update: LiteralString, changes: list[_Change]) -> None:
    changes.sort(key=lambda change: change[1])
    for start in range(0, len(changes), ROWS_A_PAGE):
        page = changes[start : start + ROWS_A_PAGE]
        columns = zip(*(values for _, _, values in page), strict=True)
        conn.execute(update, [[row_id for _, row_id, _ in page], *(list(column) for column in columns)])


def _materials(rows: Iterable[tuple[Any, ...]], totals: Counter[str], *, own: str) -> Iterator[_Change]:
    for blob_id, row_id, raw_text, *stored in rows:
        found = read_material(raw_text, own)
        values = (found.designation, found.standard, found.family, found.thickness_mm, found.treatment)
        totals["unknown"] += found.family is None
        if values != tuple(stored):
            yield blob_id, row_id, values


def _parameters(rows: Iterable[tuple[Any, ...]], totals: Counter[str]) -> Iterator[_Change]:  # noqa: ARG001 - as its siblings
    for blob_id, row_id, name, value, *stored in rows:
        amount = read_amount(value or "")
        number, unit = (amount.number, amount.unit) if amount is not None else (None, None)
        values = (name_key(name), number, unit, *in_si(number, unit))
        if values != tuple(stored):
            yield blob_id, row_id, values


def _bom_items(rows: Iterable[tuple[Any, ...]], totals: Counter[str]) -> Iterator[_Change]:  # noqa: ARG001 - as its siblings
    for (blob_id, _, method), one_list in groupby(rows, key=lambda row: row[:3]):
        items = list(one_list)
        headers = sorted({header for row in items for header in row[4]})
        for _, _, _, row_id, raw_cells, *stored in items:
            found = values_again(raw_cells, headers, are_tags=method == "block_attributes")
            if found is not None and tuple(found) != tuple(stored):
                yield blob_id, row_id, tuple(found)
