"""B10: a record a group, made anew only where its files, results or links changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.index import records
from pipeline.index.records import make_records
from pipeline.inventory.stale import Need, queue_needed
from pipeline.inventory.sync import sync
from pipeline.linking import link_by_base_name
from pipeline.storage import open_source
from pipeline.store.drawings import store_drawings
from pipeline.worker.handler import Handler
from pipeline.worker.handlers import DRAWING_ROWS
from pipeline.worker.stop import StopSignal
from tests.factories import make_worker, settings, write_files
from tests.stored import add_file, dimension, drawing, field, group, material, outline, store

PLAIN = Handler("pdf", "tests.stored:read_plainly", DRAWING_ROWS, "plain-1", ("text/plain",), store_drawings)
BETTER = replace(PLAIN, reader="tests.stored:read_better", version="better-2")


def make(database: Database, tenant: str = DEFAULT_TENANT) -> dict[str, Any]:
    return make_records(database, tenant_id=tenant, stop=StopSignal())


def record(conn: Connection, group_id: UUID) -> dict[str, Any]:
    row = conn.execute("SELECT to_jsonb(record) FROM document_records AS record WHERE group_id = %s", (group_id,)).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def conflicts(conn: Connection) -> list[tuple[str, str, str]]:
    return [(field_, severity, reason) for field_, severity, reason in conn.execute(
        "SELECT field, severity, reason FROM document_conflicts ORDER BY field, reason")]


def stamps(conn: Connection) -> list[tuple[Any, ...]]:
    return [*conn.execute("SELECT xmin::text, * FROM document_records ORDER BY group_id"),
            *conn.execute("SELECT xmin::text, * FROM document_conflicts ORDER BY id")]


def pair(conn: Connection) -> tuple[UUID, UUID, UUID]:
    """A PDF and a DXF of one part that disagree on material, revision and size."""
    pdf = store(conn, "p/a.pdf", drawing(
        "pdf", field("drawing_number", "DM-1001"), field("title", "Plate"), field("revision", "B"), field("material", "6061"),
        field("weight", "1,2 kg"), field("units", "mm"), materials=(material("6061", "EN AW-6061", "aluminium"),),
        dimensions=(dimension("213", 213.0), dimension("100", 100.0))))
    dxf = store(conn, "p/a.dxf", drawing(
        "dxf", field("drawing_number", "dm 1001"), field("revision", "A"), field("material", "AISI 304"), properties={"unit": "mm"},
        materials=(material("AISI 304", "1.4301", "stainless steel"),), outlines=(outline(210.0, 100.0),)))
    return group(conn, "p/a", [pdf, dxf]), pdf, dxf


def test_the_record_of_a_pdf_and_a_dxf_with_its_sources_and_contradictions(database: Database, conn: Connection) -> None:
    group_id, pdf, _ = pair(conn)
    figures = make(database)
    assert (figures["records_written"], figures["records_with_conflicts"], figures["conflicts_high"]) == (1, 1, 2)
    found = record(conn, group_id)
    assert {name: found[name] for name in ("drawing_number", "title", "revision", "material", "material_designation", "material_family",
                                           "weight_g", "width_mm", "height_mm", "depth_mm")} == {
        "drawing_number": "DM-1001", "title": "Plate", "revision": "B", "material": "6061", "material_designation": "EN AW-6061",
        "material_family": "aluminium", "weight_g": 1200.0, "width_mm": 210.0, "height_mm": 100.0, "depth_mm": None}
    source = found["fields"]["material"]["source"]
    assert (source["blob_id"], source["page_number"], source["bbox"], source["method"]) == (str(pdf), 1, [10, 20, 60, 30], "title_block")
    assert found["fields"]["overall_size"]["source"]["entity_handle"] == "2F"
    assert conflicts(conn) == [
        ("material", "high", "material: PDF says 6061, DXF says AISI 304"),
        ("overall_size", "medium", "overall size: DXF is 210 × 100 mm, PDF says 213 mm"),
        ("revision", "high", "revision: PDF says B, DXF says A")]
    assert found["conflict_count"] == 3
    assert {one["reason"] for one in found["conflicts"]} == {reason for _, _, reason in conflicts(conn)}


def test_a_second_run_writes_nothing(database: Database, conn: Connection) -> None:
    pair(conn)
    make(database)
    before = stamps(conn)
    assert make(database)["records_written"] == 0
    assert stamps(conn) == before


def test_a_re_extraction_makes_only_its_groups_record_anew(database: Database, conn: Connection) -> None:
    group_id, _, _ = pair(conn)
    group(conn, "other", [store(conn, "p/b.pdf", drawing("pdf", field("title", "Other")))])
    make(database)
    store(conn, "p/a.dxf", drawing("dxf", field("drawing_number", "DM-1001"), field("revision", "B")))
    assert make(database)["records_written"] == 1
    assert conflicts(conn) == []
    assert record(conn, group_id)["width_mm"] is None


def test_other_members_or_none_make_the_record_anew(database: Database, conn: Connection) -> None:
    group_id, pdf, dxf = pair(conn)
    make(database)
    other = group(conn, "other", [dxf])
    make(database)
    assert conflicts(conn) == []
    assert record(conn, other)["revision"] == "A"
    group(conn, "third", [pdf])
    make(database)
    assert record(conn, group_id)["fields"] == {}
    conn.execute("DELETE FROM document_groups WHERE group_id = %s", (other,))
    assert conn.execute("SELECT count(*) FROM document_records WHERE group_id = %s", (other,)).fetchone() == (0,)


def test_the_unchanged_contradictions_of_a_changed_record_keep_their_date(database: Database, conn: Connection) -> None:
    _, pdf, dxf = pair(conn)
    make(database)
    before = conn.execute("SELECT * FROM document_conflicts ORDER BY id").fetchall()
    group(conn, "wider", [pdf, dxf, store(conn, "p/c.pdf", drawing("pdf"))])
    make(database)
    after = conn.execute("SELECT * FROM document_conflicts ORDER BY id").fetchall()
    assert len(after) == len(before)
    conn.execute("UPDATE documents SET updated_at = now() + interval '1 second'")
    assert make(database)["records_written"] >= 1
    assert conn.execute("SELECT * FROM document_conflicts ORDER BY id").fetchall() == after


def test_superseded_and_deleted_files_and_copies_do_not_speak_for_the_part(database: Database, conn: Connection) -> None:
    group_id, _, dxf = pair(conn)
    conn.execute("UPDATE document_group_members SET is_latest = false WHERE blob_id = %s", (dxf,))
    make(database)
    assert conflicts(conn) == []
    conn.execute("UPDATE document_group_members SET is_latest = true")
    make(database)
    assert len(conflicts(conn)) == 3
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_id = %s", (dxf,))
    make(database)
    assert conflicts(conn) == []
    assert "AISI 304" not in str(record(conn, group_id))


def test_file_names_speak_where_no_sheet_does(database: Database, conn: Connection) -> None:
    strong = group(conn, "strong", [add_file(conn, "p/DM-10010_revB.step")], drawing_key="dm10010", strength=2, revision="b")
    weak = group(conn, "weak", [add_file(conn, "p/angle_bracket.step")], drawing_key="angle-bracket")
    make(database)
    found = record(conn, strong)
    assert (found["drawing_number"], found["revision"], found["title"]) == ("DM-10010", "B", None)
    assert found["fields"]["drawing_number"]["source"]["method"] == "file_name"
    assert record(conn, weak)["title"] == "angle bracket"


def test_a_number_that_ends_in_its_revision_gives_it_where_no_cell_does(database: Database, conn: Connection) -> None:
    number = field("drawing_number", "1281-B2P-A")
    suffixed = group(conn, "suffixed", [store(conn, "1281.pdf", drawing("pdf", number)), add_file(conn, "1281-B2P-C.step")], revision="c")
    celled = group(conn, "celled", [store(conn, "other.pdf", drawing("pdf", number, field("revision", "D")))])
    make(database)
    assert record(conn, suffixed)["revision"] == "A"
    assert record(conn, celled)["revision"] == "D"
    assert ("revision", "medium", "revision: PDF says A, STEP is named C") in conflicts(conn)


def test_a_reference_to_another_place_is_no_value(database: Database, conn: Connection) -> None:
    texts = ("See parts list", "Seeschlick")
    files = [store(conn, f"{text}.pdf", drawing("pdf", field("material", text))) for text in texts]
    groups = [group(conn, str(blob_id), [blob_id]) for blob_id in files]
    make(database)
    assert [record(conn, group_id)["material"] for group_id in groups] == [None, "Seeschlick"]


def test_a_name_that_begins_like_a_reference_is_a_value(database: Database, conn: Connection) -> None:
    pdf = store(conn, "p/a.pdf", drawing("pdf", field("author", "S. Miller"), field("revision", "Ver 2")))
    group_id = group(conn, "p/a", [pdf])
    make(database)
    assert {name: one["value"] for name, one in record(conn, group_id)["fields"].items() if name in ("author", "revision")} == {
        "author": "S. Miller", "revision": "Ver 2"}


def test_a_cad_model_takes_part_with_its_properties_and_its_box(database: Database, conn: Connection) -> None:
    pdf = store(conn, "p/a.pdf", drawing("pdf", field("material", "6061"), materials=(material("6061", "EN AW-6061", "aluminium"),)))
    step = add_file(conn, "p/a.step")
    group_id = group(conn, "p/a", [pdf, step])
    conn.execute("INSERT INTO cad_models (blob_id, job_id, extraction_mode, part_name, bbox_mm, properties)"
                 " VALUES (%s, gen_random_uuid(), 'local', 'Cover', '{0,0,0,100,3,213}', %s)",
                 (step, '{"Mass": "0.5 kg", "Material": "6061"}'))
    make(database)
    found = record(conn, group_id)
    assert (found["title"], found["weight_g"]) == ("Cover", 500.0)
    assert (found["width_mm"], found["height_mm"], found["depth_mm"]) == (213.0, 100.0, 3.0)
    assert conflicts(conn) == []


@pytest.mark.parametrize(
    "stated", ["Total quantity parts: 16", "GESAMTSTÜCKZAHL: 16", "Quantité totale : 16", "Общее количество деталей: 16", "零件总数：16"])
def test_a_parts_list_that_states_another_total(database: Database, conn: Connection, stated: str) -> None:
    blob_id = store(conn, "p/a.pdf", drawing("pdf"))
    conn.execute("UPDATE document_pages SET text = 'SubBOM' || chr(10) || %s WHERE blob_id = %s", (stated, blob_id))
    conn.execute("INSERT INTO extracted_bom_items (blob_id, job_id, method, confidence, confidence_of, row_number, quantity)"
                 " SELECT %s, gen_random_uuid(), 't', 1, 'bom_row', n, 1 FROM generate_series(1, 17) AS n", (blob_id,))
    group(conn, "p/a", [blob_id])
    make(database)
    assert conflicts(conn) == [("bom_total", "medium", "parts list: PDF states a total of 16, it has 17 rows")]


def test_two_machines_at_once_leave_what_one_leaves(database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "GROUPS_A_RANGE", 3)
    for number in range(10):
        group(conn, str(number), [store(conn, f"{number}.{kind}", drawing(kind, field("revision", kind))) for kind in ("pdf", "dxf")])
    with ThreadPoolExecutor(2) as pool:
        both = [job.result() for job in [pool.submit(make, database), pool.submit(make, database)]]
    assert sum(one["records_written"] for one in both) == 10
    assert len(conflicts(conn)) == 10
    assert make(database)["records_written"] == 0


def test_a_stop_is_obeyed_a_dry_run_changes_nothing_and_tenants_stay_apart(database: Database, conn: Connection) -> None:
    other = str(uuid4())
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    group(conn, "g", [store(conn, "a.pdf", drawing("pdf", field("title", "theirs")), tenant=other)], tenant=other)
    group_id = group(conn, "g", [store(conn, "a.pdf", drawing("pdf", field("title", "ours")))])
    stop = StopSignal()
    stop.request()
    assert make_records(database, tenant_id=DEFAULT_TENANT, stop=stop)["records_written"] == 0
    assert make_records(database, tenant_id=DEFAULT_TENANT, stop=StopSignal(), dry_run=True)["groups_to_do"] == 1
    assert conn.execute("SELECT count(*) FROM document_records").fetchone() == (0,)
    assert make(database)["records_written"] == 1
    assert record(conn, group_id)["title"] == "ours"
    assert make(database, other)["records_written"] == 1


def look(database: Database, folder: Path) -> None:
    sync(database, open_source(str(folder)), tenant_id=DEFAULT_TENANT, store="main", readable={"text/plain"}, stop=StopSignal())
    link_by_base_name(database, tenant_id=DEFAULT_TENANT, stop=StopSignal())


def extract(database: Database, conn: Connection, tmp_path: Path, handler: Handler, *, stale: bool = False) -> None:
    with conn.transaction():
        queue_needed(conn, Need("pdf", ("text/plain",), handler.version), tenant_id=DEFAULT_TENANT, max_attempts=1, stale=stale)
    make_worker(database, settings(tmp_path, tmp_path / "files"), handler=handler).run()
    make(database)


def values(conn: Connection) -> dict[str, tuple[str | None, str | None]]:
    rows = conn.execute("SELECT group_key, record.title, revision FROM document_records AS record JOIN document_groups USING (group_id)")
    return {key.rpartition("/")[2]: (title, revision) for key, title, revision in rows}


def test_files_that_change_go_or_are_read_anew_show_in_the_records(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"lid.txt": "a lid", "lid.asc": "a cover", "nut.txt": "a nut"})
    look(database, tmp_path / "files")
    extract(database, conn, tmp_path, PLAIN)
    assert values(conn) == {"lid": ("a cover", None), "nut": ("a nut", None)}

    extract(database, conn, tmp_path, BETTER)
    assert values(conn)["nut"] == ("a nut", None), "a new release alone reads nothing again"
    extract(database, conn, tmp_path, BETTER, stale=True)
    assert values(conn) == {"lid": ("a cover", "B"), "nut": ("a nut", "B")}

    (tmp_path / "files" / "lid.asc").unlink()
    write_files(tmp_path / "files", {"nut.txt": "a locking nut"})
    look(database, tmp_path / "files")
    make(database)
    assert values(conn) == {"lid": ("a lid", "B"), "nut": ("nut", None)}, "what is gone or waits to be read says nothing"
    extract(database, conn, tmp_path, BETTER)
    assert values(conn) == {"lid": ("a lid", "B"), "nut": ("a locking nut", "B")}
