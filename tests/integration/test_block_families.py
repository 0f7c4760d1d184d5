"""B9: the same block under other names is found over all files, and nothing is written twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.extract.model import BlockUse, Place
from pipeline.index import block_families
from pipeline.index.block_families import find_families
from pipeline.worker.stop import StopSignal
from tests.stored import drawing, store

OTHER_TENANT = "00000000-0000-0000-0000-0000000000aa"


def block(name: str, content_hash: str | None, inserts: int = 1) -> BlockUse:
    return BlockUse(name, Place(None, None, "2A", "0"), "dxf_block", 1.0, inserts, {}, content_hash, {"entity_count": 6})


def find(database: Database, tenant: str = DEFAULT_TENANT, **options: Any) -> dict[str, Any]:
    return find_families(database, tenant_id=tenant, stop=StopSignal(), **options)


def families(conn: Connection, tenant: str = DEFAULT_TENANT) -> dict[str, tuple[Any, ...]]:
    rows = conn.execute("SELECT content_hash, preferred_name, name_count, file_count, definition_count, insert_count, names"
                        " FROM block_families WHERE tenant_id = %s", (tenant,)).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_a_block_is_one_family_whatever_files_call_it(database: Database, conn: Connection) -> None:
    store(conn, "a.dxf", drawing("dxf", blocks=(block("BOLT_M8", "c0ffee", 3), block("ALONE", "abc"))))
    store(conn, "b.dxf", drawing("dxf", blocks=(block("SCHRAUBE", "c0ffee", 5), block("*U17", "c0ffee", 40))))
    store(conn, "c.dxf", drawing("dxf", blocks=(block("BOLT_M8", "c0ffee", 1), block("NOTHING", None))))
    assert find(database)["families_with_several_names"] == 1
    assert families(conn) == {"c0ffee": ("BOLT_M8", 3, 3, 4, 49, [
        {"name": "BOLT_M8", "files": 2, "inserts": 4}, {"name": "SCHRAUBE", "files": 1, "inserts": 5},
        {"name": "*U17", "files": 1, "inserts": 40}])}
    assert conn.execute("SELECT block_name, preferred_name FROM block_synonyms ORDER BY 1").fetchall() == [
        ("*U17", "BOLT_M8"), ("SCHRAUBE", "BOLT_M8")]


def test_a_second_run_writes_nothing_and_a_change_only_its_family(database: Database, conn: Connection) -> None:
    for name in ("a", "b"):
        store(conn, f"{name}.dxf", drawing("dxf", blocks=(block("ONE", "1a"), block("TWO", "2b"))))
    assert (find(database)["written"], find(database)["written"]) == (2, 0)
    store(conn, "b.dxf", drawing("dxf", blocks=(block("ONE", "1a"), block("ZWEI", "2b"))))
    assert (find(database)["written"], families(conn)["2b"][1]) == (1, 2)


def test_families_of_files_that_went_go(database: Database, conn: Connection) -> None:
    blobs = [store(conn, f"{name}.dxf", drawing("dxf", blocks=(block("ONE", "1a"),))) for name in ("a", "b")]
    find(database)
    conn.execute("DELETE FROM blob_inventory WHERE blob_id = %s", (blobs[0],))
    figures = find(database)
    assert (figures["deleted"], families(conn)) == (1, {})


def test_tenants_do_not_see_each_others_blocks(database: Database, conn: Connection) -> None:
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (OTHER_TENANT,))
    store(conn, "a.dxf", drawing("dxf", blocks=(block("ONE", "1a"),)))
    store(conn, "b.dxf", drawing("dxf", blocks=(block("OTHER", "1a"),)), tenant=OTHER_TENANT)
    find(database)
    find(database, OTHER_TENANT)
    assert (families(conn), families(conn, OTHER_TENANT)) == ({}, {})


def test_a_dry_run_writes_nothing(database: Database, conn: Connection) -> None:
    for name in ("a", "b"):
        store(conn, f"{name}.dxf", drawing("dxf", blocks=(block("ONE", "1a"),)))
    find(database, dry_run=True)
    assert families(conn) == {}


def test_several_machines_at_once_and_many_ranges_leave_what_one_leaves(
        database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_families, "BLOCKS_A_RANGE", 7)
    for name in ("a", "b"):
        store(conn, f"{name}.dxf", drawing("dxf", blocks=tuple(block(f"{name}{number}", f"{number:040x}") for number in range(60))))
    with ThreadPoolExecutor(4) as machines:
        figures = list(machines.map(lambda _: find(database), range(4)))
    assert sum(one["written"] for one in figures) == 60
    assert len(families(conn)) == 60
