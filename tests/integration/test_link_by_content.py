"""B11 on made-up projects: what title blocks, sizes and parts lists say of groups that were linked by name."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commands.root import root
from phases import B11_link_by_content
from phases.step import Context
from pipeline import linking
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.linking import bom_links, inside
from pipeline.worker.stop import StopSignal
from tests.integration.test_linking import OTHER_TENANT, StopAfter, add, confirm, grouped, groups, make_duplicate, reason

JOB = "00000000-0000-0000-0000-0000000000ff"


def blob(conn: Connection, path: str) -> str:
    row = conn.execute("SELECT blob_id::text FROM blob_inventory WHERE blob_key = %s", (path,)).fetchone()
    assert row is not None
    return str(row[0])


def state(conn: Connection, path: str, *, page: int = 1, **fields: str) -> None:
    """What the title block of a file says."""
    for name, value in fields.items():
        conn.execute(
            "INSERT INTO extracted_metadata (blob_id, job_id, page_number, method, confidence, confidence_of, field, value, normalised) "
            "VALUES (%s, %s, %s, 'cell', 0.9, 'field', %s, %s, %s)",
            (blob(conn, path), JOB, page, name, value, value if name in ("date", "sheet") else None))


def dimension(conn: Connection, path: str, *values: float, unit: str | None = "mm", kind: str = "linear") -> None:
    for value in values:
        conn.execute(
            "INSERT INTO extracted_dimensions (blob_id, job_id, page_number, method, confidence, confidence_of, kind, nominal, unit, "
            "value_mm, raw_text) VALUES (%s, %s, 1, 'text', 0.9, 'dimension', %s, %s, %s, %s, %s)",
            (blob(conn, path), JOB, kind, value, unit, value if unit else None, f"{value:g}"))


def outline(conn: Connection, path: str, width: float, height: float) -> None:
    conn.execute(
        "INSERT INTO extracted_outlines (blob_id, job_id, method, confidence, confidence_of, width_mm, height_mm, cut_length_mm, area_mm2) "
        "VALUES (%s, %s, 'contour', 0.9, 'outline', %s, %s, 1, %s)", (blob(conn, path), JOB, width, height, width * height))


def parts_list(conn: Connection, path: str, **quantities: int) -> None:
    for row_number, (number, quantity) in enumerate(quantities.items(), start=1):
        conn.execute(
            "INSERT INTO extracted_bom_items (blob_id, job_id, method, confidence, confidence_of, row_number, part_number, quantity) "
            "VALUES (%s, %s, 'grid', 0.9, 'bom_row', %s, %s, %s)", (blob(conn, path), JOB, row_number, number.lstrip("n"), quantity))


def by_name(database: Database) -> None:
    linking.link_by_base_name(database, tenant_id=DEFAULT_TENANT, stop=StopSignal())
    linking.link_by_folder(database, tenant_id=DEFAULT_TENANT, stop=StopSignal())
    linking.flag_for_review(database, tenant_id=DEFAULT_TENANT)


def by_content(database: Database, **more: Any) -> dict[str, Any]:
    return linking.link_by_content(database, tenant_id=DEFAULT_TENANT, stop=StopSignal(), **more)


def stored(conn: Connection) -> list[Any]:
    """Every row that B11 may write, transaction ids included."""
    tables = ("document_groups", "document_group_members", "document_group_findings", "bom_item_links")
    return [row for table in tables for row in sorted(conn.execute(f"SELECT xmin::text, * FROM {table}").fetchall(), key=str)]


def test_a_scan_joins_the_model_whose_number_its_title_block_states(database: Database, conn: Connection) -> None:
    add(conn, "p/docs/scan0017.pdf", "p/parts/4711-A2P-B.step", "p/parts/other.step", "p/docs/scan0018.pdf")
    by_name(database)
    state(conn, "p/docs/scan0017.pdf", drawing_number="4711-A2P-B")
    assert by_content(database)["groups_merged"] == 0  # siblings: perhaps two projects
    assert reason(conn, "p/docs/scan0017.pdf") == "its number stands in other folders, kept apart (4711A2P)"
    conn.execute("UPDATE blob_inventory SET blob_key = 'p/scan0017.pdf' WHERE file_name = 'scan0017.pdf'")
    by_name(database)
    assert by_content(database)["joined_by"] == {"its title block states the number": 1}
    assert ["p/scan0017.pdf", "p/parts/4711-A2P-B.step"] in [sorted(group, reverse=True) for group in grouped(conn)]
    assert reason(conn, "p/scan0017.pdf") is None
    assert conn.execute("SELECT method, confidence FROM document_groups WHERE member_count = 2").fetchall() == [
        ("title_block", pytest.approx(0.8))]  # as sure as its weakest member


def test_the_same_numbers_in_two_projects_stay_two_parts(database: Database, conn: Connection) -> None:
    add(conn, "p/scan.pdf", "p/1001.step", "q/scan.pdf", "q/1001.step")
    by_name(database)
    state(conn, "p/scan.pdf", drawing_number="1001")
    state(conn, "q/scan.pdf", drawing_number="1001")
    by_content(database)
    assert grouped(conn) == groups(["p/scan.pdf", "p/1001.step"], ["q/scan.pdf", "q/1001.step"])


def test_part_1_of_every_folder_stays_there(database: Database, conn: Connection) -> None:
    paths = [f"p{n}/{name}" for n in range(4) for name in ("Part 1.pdf", "Part 1.step", "Part 2.step", "plan.pdf")]
    add(conn, *paths)
    by_name(database)
    for n in range(4):
        state(conn, f"p{n}/Part 1.pdf", drawing_number="1", title="Part 1")
    by_content(database)
    assert grouped(conn) == groups(*(
        group for n in range(4) for group in ([f"p{n}/Part 1.pdf", f"p{n}/Part 1.step"], f"p{n}/Part 2.step", f"p{n}/plan.pdf")))


def test_a_name_that_contradicts_the_title_block_is_shown_and_moves_nothing(database: Database, conn: Connection) -> None:
    add(conn, "p/4712-A2P.pdf", "p/4712-A2P.step", "p/4711-A2P.step")
    by_name(database)
    state(conn, "p/4712-A2P.pdf", drawing_number="4711-A2P")
    assert by_content(database)["groups_merged"] == 0
    assert reason(conn, "p/4712-A2P.pdf") == "its title block states another number than its name (4711A2P)"
    conn.execute("UPDATE extracted_metadata SET value = '4712-A2P'")
    by_content(database)
    assert reason(conn, "p/4712-A2P.pdf") is None
    assert conn.execute("SELECT count(*) FROM document_group_findings").fetchone() == (0,)


def test_a_file_of_several_drawings_joins_nothing(database: Database, conn: Connection) -> None:
    add(conn, "p/set.pdf", "p/4711-A2P.step", "p/4712-A2P.step")
    by_name(database)
    state(conn, "p/set.pdf", drawing_number="4711-A2P")
    state(conn, "p/set.pdf", page=2, drawing_number="4712-A2P")
    assert by_content(database)["groups_merged"] == 0


def test_a_part_number_does_not_speak_for_a_file_of_several_drawings(database: Database, conn: Connection) -> None:
    add(conn, "p/set.pdf", "p/scan.pdf", "p/4711-A2P.step", "p/4713-A2P.step")
    by_name(database)
    state(conn, "p/set.pdf", drawing_number="4711-A2P", part_number="4713-A2P")
    state(conn, "p/set.pdf", page=2, drawing_number="4712-A2P", part_number="4713-A2P")
    assert by_content(database)["groups_merged"] == 0
    state(conn, "p/scan.pdf", part_number="4713-A2P")
    state(conn, "p/scan.pdf", page=2, part_number="4713-A2P")
    assert by_content(database)["groups_merged"] == 1
    assert ["p/4713-A2P.step", "p/scan.pdf"] in [sorted(group) for group in grouped(conn)]


def test_a_table_that_somebody_else_analyses_or_alters_is_not_waited_for(database: Database, conn: Connection) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P.step", "p/nut.step")
    by_name(database)
    state(conn, "p/scan.pdf", drawing_number="4711-A2P")
    with ThreadPoolExecutor(1) as machine, conn.transaction():
        conn.execute("LOCK TABLE extracted_metadata, extracted_dimensions IN SHARE UPDATE EXCLUSIVE MODE")
        assert machine.submit(by_content, database).result(timeout=20)["groups_merged"] == 1


def test_tables_are_not_locked_against_autovacuum_while_files_are_linked(
    database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P.step", "p/nut.step")
    by_name(database)
    held: list[int] = []

    def look(*_: object) -> dict[str, object]:
        row = conn.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity AS client USING (pid) "
            "WHERE mode = 'ShareUpdateExclusiveLock' AND client.datname = current_database() AND client.backend_type = 'client backend' "
            "AND relation IN ('extracted_metadata'::regclass, 'document_groups'::regclass)").fetchone()
        held.append(row[0] if row else -1)
        return {}

    monkeypatch.setattr(inside, "_write", look)
    by_content(database)
    assert held == [0]


@pytest.mark.parametrize("unit", ["mm", None])
def test_a_plate_finds_its_drawing_by_its_size(database: Database, conn: Connection, unit: str | None) -> None:
    add(conn, "p/DXF/Front_Panel.dxf", "p/DXF/Rear_Panel.dxf", "p/Drawings/Front_Door.pdf", "p/Drawings/Rear_Panel.pdf")
    by_name(database)
    outline(conn, "p/DXF/Front_Panel.dxf", 212.99, 239)
    outline(conn, "p/DXF/Rear_Panel.dxf", 212.99, 239)
    dimension(conn, "p/Drawings/Front_Door.pdf", 213, 239, unit=unit)
    by_content(database)
    assert ["p/DXF/Front_Panel.dxf", "p/Drawings/Front_Door.pdf"] in [sorted(group) for group in grouped(conn)]


def test_sizes_equal_by_chance_join_nothing(database: Database, conn: Connection) -> None:
    add(conn, "p/DXF/deck.dxf", "p/Drawings/lid.pdf", "q/DXF/Front_Panel.dxf", "r/Drawings/Front_Door.pdf")
    by_name(database)
    for path in ("p/DXF/deck.dxf", "q/DXF/Front_Panel.dxf"):
        outline(conn, path, 100, 200)
    for path in ("p/Drawings/lid.pdf", "r/Drawings/Front_Door.pdf"):
        dimension(conn, path, 100, 200)
    assert by_content(database)["groups_merged"] == 0


def test_a_second_run_and_a_second_machine_write_nothing(database: Database, conn: Connection) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P-B.step", "p/4712-A2P.pdf", "p/4713-A2P-A.pdf", "p/4713-A2P-B.pdf", "p/list.pdf", "p/copy.pdf")
    make_duplicate(conn, "p/copy.pdf", "p/4713-A2P-A.pdf")
    by_name(database)
    state(conn, "p/scan.pdf", drawing_number="4711-A2P", revision="C")
    state(conn, "p/4712-A2P.pdf", drawing_number="4711-A2P")
    parts_list(conn, "p/list.pdf", n4711A2P=2, n4713A2P=1)
    assert by_content(database)["bom_rows_linked"] == 2
    before = stored(conn)
    by_content(database)
    by_name(database)
    by_content(database)
    assert stored(conn) == before


def test_two_machines_at_once_do_the_work_of_one(database: Database, conn: Connection) -> None:
    add(conn, *(f"p{n}/{name}" for n in range(20) for name in ("scan.pdf", f"47{n:02}1-A2P.step", "nut.step")))
    by_name(database)
    for n in range(20):
        state(conn, f"p{n}/scan.pdf", drawing_number=f"47{n:02}1-A2P")
    with ThreadPoolExecutor(2) as machines:
        done = [running.result() for running in [machines.submit(by_content, database) for _ in range(2)]]
    assert sorted(figures["groups_merged"] for figures in done) == [0, 20]
    assert len(grouped(conn)) == 40


def test_what_a_person_confirmed_is_not_moved(database: Database, conn: Connection) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P.step", "p/nut.step")
    by_name(database)
    confirm(conn, "p/scan.pdf")
    state(conn, "p/scan.pdf", drawing_number="4711-A2P")
    by_content(database)
    assert grouped(conn) == groups("p/scan.pdf", "p/4711-A2P.step", "p/nut.step")


def test_a_dry_run_and_a_stop_change_nothing(database: Database, conn: Connection) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P.step", "p/nut.step")
    by_name(database)
    state(conn, "p/scan.pdf", drawing_number="4711-A2P")
    before = stored(conn)
    assert by_content(database, dry_run=True)["joined_by"] == {"its title block states the number": 1}
    assert linking.link_by_content(database, tenant_id=DEFAULT_TENANT, stop=StopAfter(0)) == {"stopped": True}
    assert stored(conn) == before


def test_tenants_do_not_mix(database: Database, conn: Connection) -> None:
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'b')", (OTHER_TENANT,))
    add(conn, "p/scan.pdf", "p/nut.step")
    add(conn, "p/4711-A2P.step", tenant=OTHER_TENANT)
    by_name(database)
    linking.link_by_base_name(database, tenant_id=OTHER_TENANT, stop=StopSignal())
    state(conn, "p/scan.pdf", drawing_number="4711-A2P")
    assert by_content(database)["groups_merged"] == 0


def revisions(conn: Connection) -> dict[str, tuple[str | None, int | None, bool, str | None]]:
    rows = conn.execute(
        "SELECT blob.blob_key, member.document_revision, member.revision_rank, member.is_latest, newer.blob_key "
        "FROM document_group_members AS member JOIN blob_inventory AS blob USING (tenant_id, blob_id) "
        "LEFT JOIN blob_inventory AS newer ON newer.blob_id = member.superseded_by")
    return {path: (revision, rank, latest, newer) for path, revision, rank, latest, newer in rows}


def test_older_revisions_are_superseded_and_the_latest_is_the_default(database: Database, conn: Connection) -> None:
    add(conn, *(f"p/4711-A2P-{letter}.pdf" for letter in "ABC"), "p/4711-A2P-A.step")
    by_name(database)
    assert revisions(conn) == {
        "p/4711-A2P-A.pdf": ("A", 1, False, "p/4711-A2P-C.pdf"), "p/4711-A2P-B.pdf": ("B", 2, False, "p/4711-A2P-C.pdf"),
        "p/4711-A2P-C.pdf": ("C", 3, True, None), "p/4711-A2P-A.step": ("A", None, True, None)}
    assert reason(conn, "p/4711-A2P-C.pdf") == "members disagree on the revision (A, C)"
    for path in revisions(conn):
        conn.execute("INSERT INTO documents (document_id, blob_id, kind) VALUES (gen_random_uuid(), %s, 'pdf')", (blob(conn, path),))
    assert conn.execute("SELECT document_revision FROM latest_documents ORDER BY 1").fetchall() == [("A",), ("C",)]


def test_the_title_block_goes_before_the_name_and_the_difference_is_shown(database: Database, conn: Connection) -> None:
    add(conn, "p/4711-A2P-A.pdf", "p/4711-A2P-B.pdf")
    by_name(database)
    state(conn, "p/4711-A2P-A.pdf", revision="Rev. C")
    by_content(database)
    assert revisions(conn) == {"p/4711-A2P-A.pdf": ("C", 2, True, None), "p/4711-A2P-B.pdf": ("B", 1, False, "p/4711-A2P-A.pdf")}
    assert "its title block states another revision than its name (A, C)" in str(reason(conn, "p/4711-A2P-A.pdf"))


def test_a_superseding_file_that_goes_gives_its_place_back(database: Database, conn: Connection) -> None:
    add(conn, "p/4711-A2P-A.pdf", "p/4711-A2P-B.pdf")
    by_name(database)
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_key = 'p/4711-A2P-B.pdf'")
    by_name(database)
    assert revisions(conn) == {"p/4711-A2P-A.pdf": ("A", None, True, None)}


def edges(conn: Connection) -> dict[str, str]:
    rows = conn.execute(
        "SELECT item.part_number, grouped.group_key FROM bom_edges AS edge JOIN extracted_bom_items AS item ON item.id = edge.bom_item_id "
        "JOIN document_groups AS grouped ON grouped.group_id = edge.child_group_id")
    return dict(rows.fetchall())


def test_rows_of_a_parts_list_lead_to_the_nearest_part_of_that_number(database: Database, conn: Connection) -> None:
    add(conn, "p/BOM/list.pdf", "p/1001.step", "p/1002_pin/1002-A2P.step", "q/1001.step", "q/1003.step", "q/4711-A2P.step",
        "p/x/1004.step", "p/y/1004.step")
    by_name(database)
    parts_list(conn, "p/BOM/list.pdf", n1001=2, n1002=1, n1003=1, n4711A2P=1, n1004=1, n7=1)
    by_content(database)
    assert edges(conn) == {"1001": "main: p/1001", "1002": "main: 1002a2p", "4711A2P": "main: 4711a2p"}


def test_a_number_that_only_a_title_block_states_is_found_too(database: Database, conn: Connection) -> None:
    add(conn, "p/list.pdf", "p/pin.pdf")
    by_name(database)
    state(conn, "p/pin.pdf", drawing_number="4711-A2P")
    parts_list(conn, "p/list.pdf", n4711A2P=1)
    by_content(database)
    assert edges(conn) == {"4711A2P": "main: p/pin"}


def test_where_used_climbs_all_levels_and_ends_in_a_circle(database: Database, conn: Connection) -> None:
    add(conn, "p/4711-A2P.pdf", "p/4712-A2P.pdf", "p/4713-A2P.pdf")
    by_name(database)
    parts_list(conn, "p/4711-A2P.pdf", n4712A2P=2)
    parts_list(conn, "p/4712-A2P.pdf", n4713A2P=3)
    parts_list(conn, "p/4713-A2P.pdf", n4711A2P=1)
    by_content(database)
    (group,) = conn.execute("SELECT group_id::text FROM document_groups WHERE group_key LIKE '%4713a2p'").fetchone() or ("",)
    used = bom_links.where_used(conn, DEFAULT_TENANT, group)
    assert [(level, key, quantity) for level, _, key, quantity in used] == [
        (1, "main: 4712a2p", 3), (2, "main: 4711a2p", None), (3, "main: 4713a2p", None)]


def test_a_list_of_an_older_revision_is_no_edge(database: Database, conn: Connection) -> None:
    add(conn, "p/4711-A2P-A.pdf", "p/4711-A2P-B.pdf", "p/4712-A2P.step", "p/4713-A2P.step")
    by_name(database)
    parts_list(conn, "p/4711-A2P-A.pdf", n4712A2P=1)
    parts_list(conn, "p/4711-A2P-B.pdf", n4713A2P=1)
    by_content(database)
    assert edges(conn) == {"4713A2P": "main: 4713a2p"}


def test_the_step_writes_the_report(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(conn, "p/scan.pdf", "p/4711-A2P.step", "p/nut.step")
    by_name(database)
    state(conn, "p/scan.pdf", drawing_number="4711-A2P")
    settings = Settings.load(None, {}, data_dir=str(tmp_path))
    B11_link_by_content.run(Context(settings=settings, database=database, stop=StopSignal()))
    written = json.loads((tmp_path / "reports" / "link_report.json").read_text(encoding="utf-8"))
    assert ["title_block", 1] in written["groups_by_method"]


def test_the_commands_show_revisions_changes_and_uses(
    database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", database.url())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.txt").write_text("", encoding="utf-8")
    add(conn, "p/4711-A2P-A.pdf", "p/4711-A2P-B.pdf", "p/4712-A2P.pdf")
    by_name(database)
    dimension(conn, "p/4711-A2P-A.pdf", 10, 20)
    dimension(conn, "p/4711-A2P-B.pdf", 10)
    parts_list(conn, "p/4712-A2P.pdf", n4711A2P=2)
    by_content(database)

    def said(*arguments: str) -> str:
        ran = CliRunner().invoke(root, [*arguments], catch_exceptions=False, standalone_mode=False)
        return ran.output

    shown = json.loads(said("revisions", "4711-A2P-A.pdf", "--json"))
    assert [(file["blob_key"], file["is_latest"]) for file in shown["files"]] == [("p/4711-A2P-A.pdf", False), ("p/4711-A2P-B.pdf", True)]
    assert "superseded" in said("revisions", "main: 4711a2p")
    changes = json.loads(said("diff", "4711-A2P-A.pdf", "4711-A2P-B.pdf", "--json"))
    assert [(one["change"], one["old"]) for one in changes["dimensions"]] == [("removed", "20")]
    assert "- linear" in said("diff", "4711-A2P-A.pdf", "4711-A2P-B.pdf")
    assert "4712a2p  2×" in said("where-used", "4711-A2P-B.pdf")
    assert "no parts list names it" in said("where-used", "4712-A2P.pdf")
