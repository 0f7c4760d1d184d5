"""Linking on made-up trees, against a real database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from phases import A3_link_by_folder, A4_project_codes, A5_review_flags, A6_link_report
from phases.step import Context, StepReport
from pipeline import linking
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.linking import base_name
from pipeline.worker.stop import StopSignal

OTHER_TENANT = "00000000-0000-0000-0000-00000000000b"


def add(conn: Connection, *paths: str, tenant: str = DEFAULT_TENANT) -> None:
    for path in paths:
        conn.execute(
            "INSERT INTO blob_inventory (tenant_id, blob_key, file_name) VALUES (%s, %s, %s)",
            (tenant, path, path.rpartition("/")[2]),
        )


def make_duplicate(conn: Connection, path: str, original: str) -> None:
    conn.execute(
        "UPDATE blob_inventory SET status = 'duplicate', duplicate_of = "
        "(SELECT blob_id FROM blob_inventory WHERE blob_key = %s) WHERE blob_key = %s",
        (original, path),
    )


def link(database: Database, tenant: str = DEFAULT_TENANT) -> dict[str, Any]:
    return linking.link_by_base_name(database, tenant_id=tenant, stop=StopSignal())


def by_folder(database: Database) -> dict[str, Any]:
    return linking.link_by_folder(database, tenant_id=DEFAULT_TENANT, stop=StopSignal())


def flag(database: Database) -> dict[str, Any]:
    return linking.flag_for_review(database, tenant_id=DEFAULT_TENANT)


def grouped(conn: Connection, tenant: str = DEFAULT_TENANT) -> set[frozenset[str]]:
    """The groups as sets of paths."""
    rows = conn.execute(
        "SELECT array_agg(blob_key) FROM document_group_members JOIN blob_inventory USING (tenant_id, blob_id) "
        "WHERE tenant_id = %s GROUP BY group_id",
        (tenant,),
    )
    return {frozenset(paths) for (paths,) in rows}


def groups(*members: Iterable[str] | str) -> set[frozenset[str]]:
    return {frozenset([one] if isinstance(one, str) else one) for one in members}


def rows(conn: Connection) -> list[Any]:
    """Every stored group and member, transaction ids included: equal lists mean that nothing was written."""
    return [
        *conn.execute("SELECT xmin::text, * FROM document_groups ORDER BY group_id"),
        *conn.execute("SELECT xmin::text, * FROM document_group_members ORDER BY blob_id"),
    ]


def reason(conn: Connection, path: str) -> str | None:
    row = conn.execute(
        "SELECT review_reason FROM document_groups JOIN document_group_members USING (tenant_id, group_id) "
        "JOIN blob_inventory USING (tenant_id, blob_id) WHERE blob_key = %s",
        (path,),
    ).fetchone()
    assert row is not None
    return str(row[0]) if row[0] is not None else None


def confirm(conn: Connection, path: str) -> None:
    """What the page does when a person says that a group is right."""
    conn.execute(
        "UPDATE document_groups SET method = 'manual' WHERE group_id = (SELECT group_id FROM document_group_members "
        "JOIN blob_inventory USING (tenant_id, blob_id) WHERE blob_key = %s)",
        (path,),
    )
    conn.execute(
        "UPDATE document_group_members SET method = 'manual' WHERE group_id IN "
        "(SELECT group_id FROM document_groups WHERE method = 'manual')"
    )


def test_words_link_in_one_place_and_never_across_places(database: Database, conn: Connection) -> None:
    add(
        conn,
        "pump/PDF/cover.pdf",
        "pump/STEP/Cover.step",
        "pump/cover_v2.dxf",
        "gear/cover.pdf",
        "gear/sub/cover.step",
        "cover.pdf",
    )
    link(database)
    assert grouped(conn) == groups(
        ["pump/PDF/cover.pdf", "pump/STEP/Cover.step", "pump/cover_v2.dxf"], "gear/cover.pdf", "gear/sub/cover.step", "cover.pdf"
    )


def test_a_drawing_number_links_across_the_store(database: Database, conn: Connection) -> None:
    add(conn, "a/1036-A2P-A.STEP", "b/c/1036-a2p-revB.pdf", "b/1037-A2P.pdf")
    link(database)
    assert grouped(conn) == groups(["a/1036-A2P-A.STEP", "b/c/1036-a2p-revB.pdf"], "b/1037-A2P.pdf")


def test_a_short_number_links_in_one_place_only(database: Database, conn: Connection) -> None:
    add(conn, "a/1320-D.pdf", "a/1320.step", "b/1320.pdf")
    link(database)
    assert grouped(conn) == groups(["a/1320-D.pdf", "a/1320.step"], "b/1320.pdf")


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_variants_join_their_base_where_it_stands_nearby(
    database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(base_name, "BATCH", batch)
    add(
        conn,
        "a/B1036-A2P-A.PDF",
        "a/1036-A2P-A.STEP",
        "b/B2000-A2P.PDF",
        "b/2001-A2P.STEP",
        "c/120045 bracket.pdf",
        "c/120045.step",
        "d/scan (2).pdf",
        "d/scan.pdf",
        "e/scan (2).pdf",
        "e/scan (3).pdf",
    )
    link(database)
    assert grouped(conn) == groups(
        ["a/B1036-A2P-A.PDF", "a/1036-A2P-A.STEP"],
        "b/B2000-A2P.PDF",
        "b/2001-A2P.STEP",
        ["c/120045 bracket.pdf", "c/120045.step"],
        ["d/scan (2).pdf", "d/scan.pdf"],
        "e/scan (2).pdf",
        "e/scan (3).pdf",
    )
    assert dict(conn.execute("SELECT member_count, count(*) FROM document_groups GROUP BY member_count").fetchall()) == {
        1: 4,
        2: 3,
    }
    assert conn.execute(
        "SELECT DISTINCT method, confidence FROM document_groups WHERE member_count = 2 AND group_key LIKE '%1036%'"
    ).fetchall() == [("variant", pytest.approx(0.85))]


def test_every_live_file_is_in_one_group_and_counts_agree(database: Database, conn: Connection) -> None:
    add(conn, *(f"p{n % 7}/{n % 50}-part.pdf" for n in range(200)), "x/---.pdf", "x/" + "long" * 300 + ".pdf", "x/new\nline.pdf")
    conn.execute("UPDATE blob_inventory SET status = 'unsupported', status_reason = 'no reader yet' WHERE blob_key LIKE 'p1/%'")
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_key LIKE 'p2/%'")
    figures = link(database)
    live = conn.execute("SELECT count(*) FROM blob_inventory WHERE status <> 'deleted'").fetchone()
    assert (
        conn.execute("SELECT count(*), (SELECT sum(member_count) FROM document_groups) FROM document_group_members").fetchone()
        == (live[0], live[0])
        == (figures["files_linked"],) * 2
    )


def test_a_second_run_writes_nothing(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(
        conn,
        "P-1234 pump/1281_Clip/1281.pdf",
        "P-1234 pump/1281_Clip/1281-B2P-C.STEP",
        "P-1234 pump/1281_Clip/1281-B2P-D.STEP",
        "a/B1036-A2P-A.PDF",
        "a/1036-A2P-A.STEP",
        "b/x.pdf",
        "b/x (2).pdf",
        "c/x.pdf",
        "l/scan.pdf",
        "l/export.step",
    )
    make_duplicate(conn, "c/x.pdf", "b/x.pdf")
    run_all(database, tmp_path)
    before = rows(conn)
    reports = run_all(database, tmp_path)
    assert rows(conn) == before
    assert {
        name: value
        for report in reports
        for name, value in report.figures.items()
        if name in ("groups_merged", "groups_updated", "groups_deleted", "groups_flagged_or_changed", "groups_cleared") and value
    } == {}


def run_all(database: Database, tmp_path: Path, **context: Any) -> list[StepReport]:
    settings = Settings.load(None, {}, data_dir=str(tmp_path))
    given = Context(settings=settings, database=database, stop=StopSignal(), **context)
    link_figures = linking.link_by_base_name(database, tenant_id=DEFAULT_TENANT, stop=StopSignal(), dry_run=given.dry_run)
    steps = (A3_link_by_folder, A4_project_codes, A5_review_flags, A6_link_report)
    return [StepReport("A2", link_figures), *(step.run(given) for step in steps)]


def test_a_dry_run_writes_nothing_and_says_what_it_would(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(conn, "P-1234/lever/scan.pdf", "P-1234/lever/export.step")
    assert run_all(database, tmp_path, dry_run=True)[0].figures["files_to_link"] == 2
    assert rows(conn) == []
    link(database)
    before = rows(conn)
    reports = run_all(database, tmp_path, dry_run=True)
    assert reports[1].figures["joined_by"] == {"the only drawing and the only model of their folder": 1}
    assert reports[2].figures["groups_updated"] == 2
    assert rows(conn) == before
    assert not (tmp_path / "reports").exists()


def test_a_new_file_goes_where_its_fellows_went(database: Database, conn: Connection) -> None:
    add(conn, "l/scan.pdf", "l/export.step")
    link(database)
    by_folder(database)
    (group,) = conn.execute("SELECT DISTINCT group_id FROM document_group_members").fetchall()
    add(conn, "l/export_v2.step", "l/scan_v2.pdf")
    link(database)
    assert conn.execute("SELECT group_id, member_count FROM document_groups").fetchall() == [(*group, 4)]


def test_merging_keeps_the_older_groups_id(database: Database, conn: Connection) -> None:
    add(conn, "l/scan.pdf")
    link(database)
    (older,) = conn.execute("SELECT group_id FROM document_groups").fetchone()
    add(conn, "l/export.step")
    link(database)
    assert by_folder(database)["groups_merged"] == 1
    assert conn.execute("SELECT group_id, method, confidence FROM document_groups").fetchall() == [
        (older, "folder", pytest.approx(0.55))
    ]


def test_a_moved_file_is_linked_anew(database: Database, conn: Connection) -> None:
    add(conn, "a/cover.pdf", "a/cover.step")
    link(database)
    conn.execute("UPDATE blob_inventory SET blob_key = 'b/lid.pdf', file_name = 'lid.pdf' WHERE blob_key = 'a/cover.pdf'")
    assert link(database)["files_linked"] == 1
    assert grouped(conn) == groups("a/cover.step", "b/lid.pdf")
    assert conn.execute("SELECT DISTINCT member_count, method FROM document_groups").fetchall() == [(1, "single")]


def test_new_rules_look_at_every_file_again(database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    add(conn, "a/cover.pdf", "a/cover.step")
    link(database)
    monkeypatch.setattr(base_name, "KEY_VERSION", base_name.KEY_VERSION + 1)
    assert link(database)["files_linked"] == 2
    assert link(database)["files_linked"] == 0


def test_a_deleted_file_leaves_its_group_and_an_empty_group_goes(database: Database, conn: Connection) -> None:
    add(conn, "a/cover.pdf", "a/cover.step", "b/lid.pdf")
    link(database)
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_key IN ('a/cover.pdf', 'b/lid.pdf')")
    assert link(database)["files_removed"] == 2
    assert grouped(conn) == groups("a/cover.step")
    assert conn.execute("SELECT member_count FROM document_groups").fetchall() == [(1,)]


def test_a_duplicate_stands_with_its_original(database: Database, conn: Connection) -> None:
    add(conn, "a/cover.pdf", "a/cover.step", "z/lid.pdf")
    make_duplicate(conn, "z/lid.pdf", "a/cover.pdf")
    link(database)
    assert grouped(conn) == groups(["a/cover.pdf", "a/cover.step", "z/lid.pdf"])
    conn.execute("UPDATE blob_inventory SET status = 'pending', duplicate_of = NULL WHERE blob_key = 'z/lid.pdf'")
    link(database)
    assert grouped(conn) == groups(["a/cover.pdf", "a/cover.step"], "z/lid.pdf")


def test_a_copy_brings_its_neighbours_along_by_its_own_name(database: Database, conn: Connection) -> None:
    add(conn, "a/heap_0017.dxf", "z/lid.dxf", "z/lid.pdf", "z/LID.step")
    make_duplicate(conn, "z/lid.dxf", "a/heap_0017.dxf")
    link(database)
    assert grouped(conn) == groups(["a/heap_0017.dxf", "z/lid.dxf", "z/lid.pdf", "z/LID.step"])
    before = rows(conn)
    link(database)
    assert rows(conn) == before


def test_the_same_bytes_under_two_names_in_one_place_join_no_third(database: Database, conn: Connection) -> None:
    add(conn, "z/panel_left.dxf", "z/panel_right.dxf", "z/panel_left.pdf", "z/panel_right.pdf")
    make_duplicate(conn, "z/panel_right.dxf", "z/panel_left.dxf")
    link(database)
    assert grouped(conn) == groups(["z/panel_left.dxf", "z/panel_right.dxf", "z/panel_left.pdf"], "z/panel_right.pdf")


def test_stock_that_everyone_copies_joins_no_projects(database: Database, conn: Connection) -> None:
    add(conn, *(f"p{n}/frame.dxf" for n in range(5)), *(f"p{n}/frame.pdf" for n in range(5)), "a/readme.txt", "b/readme.txt",
        "b/readme.pdf")
    for n in range(1, 5):
        make_duplicate(conn, f"p{n}/frame.dxf", "p0/frame.dxf")
    make_duplicate(conn, "b/readme.txt", "a/readme.txt")
    link(database)
    assert groups("p1/frame.pdf", "p2/frame.pdf", "p3/frame.pdf", "p4/frame.pdf", "b/readme.pdf") <= grouped(conn)


def test_a_place_whose_copies_lie_in_a_heap_is_judged_as_if_they_did_not(database: Database, conn: Connection) -> None:
    add(conn, "heap/x1.pdf", "bed/AB-250.pdf", "bed/AB-300.pdf", "bed/Bed_250.step", "bed/Bed_300.step")
    make_duplicate(conn, "bed/AB-250.pdf", "heap/x1.pdf")
    link(database)
    by_folder(database)
    assert groups(["heap/x1.pdf", "bed/AB-250.pdf", "bed/Bed_250.step"], ["bed/AB-300.pdf", "bed/Bed_300.step"]) == grouped(conn)


def test_one_drawing_of_the_parts_in_a_folder_below(database: Database, conn: Connection) -> None:
    add(conn, "v/Drawings/Tophat_Panels_v2.pdf", "v/Drawings/Lid.pdf", "v/DXF/Tophat/Tophat_Side_Panel_80.dxf",
        "v/DXF/Tophat/Tophat_Top_Panel.dxf", "w/DXF/Tophat/Tophat_Side_Panel_80.dxf", "w/DXF/Tophat/Tophat_Top_Panel.dxf")
    link(database)
    assert by_folder(database)["joined_by"] == {"one drawing of several parts, by its name": 2}
    assert grouped(conn) == groups(
        ["v/Drawings/Tophat_Panels_v2.pdf", "v/DXF/Tophat/Tophat_Side_Panel_80.dxf", "v/DXF/Tophat/Tophat_Top_Panel.dxf"],
        "v/Drawings/Lid.pdf", "w/DXF/Tophat/Tophat_Side_Panel_80.dxf", "w/DXF/Tophat/Tophat_Top_Panel.dxf")


def test_a_duplicate_whose_original_is_gone_is_linked_once(database: Database, conn: Connection) -> None:
    add(conn, "a/cover.pdf", "z/lid.pdf")
    make_duplicate(conn, "z/lid.pdf", "a/cover.pdf")
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_key = 'a/cover.pdf'")
    assert link(database)["files_linked"] == 1
    assert link(database)["files_linked"] == 0


def test_what_a_person_confirmed_is_never_touched(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(conn, "P-1234/a/120045.pdf", "P-1234/a/120045_B.step", "P-1234/b/lid.pdf")
    link(database)
    conn.execute(
        "UPDATE document_group_members SET group_id = (SELECT group_id FROM document_groups "
        "WHERE group_key LIKE '%120045') WHERE drawing_key = 'lid'"
    )
    confirm(conn, "P-1234/a/120045.pdf")
    conn.execute("DELETE FROM document_groups WHERE method <> 'manual'")
    before = rows(conn)
    add(conn, "P-1234/a/120045_C.dxf", "P-1234/b/B120045.pdf")
    conn.execute("UPDATE blob_inventory SET blob_key = 'P-1234/b/cap.pdf', file_name = 'cap.pdf' WHERE file_name = 'lid.pdf'")
    run_all(database, tmp_path)
    run_all(database, tmp_path)
    assert [row for row in rows(conn) if row in before] == before
    assert reason(conn, "P-1234/a/120045_C.dxf") == "a confirmed group bears the same key"
    assert conn.execute("SELECT count(*) FROM document_groups").fetchone() == (3,)


def test_tenants_do_not_mix(database: Database, conn: Connection) -> None:
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'b')", (OTHER_TENANT,))
    add(conn, "a/1036-A2P.pdf")
    add(conn, "a/1036-A2P.step", tenant=OTHER_TENANT)
    link(database)
    assert grouped(conn, OTHER_TENANT) == set()
    link(database, OTHER_TENANT)
    assert (grouped(conn), grouped(conn, OTHER_TENANT)) == (groups("a/1036-A2P.pdf"), groups("a/1036-A2P.step"))


def test_a_stop_keeps_what_is_linked_and_the_next_run_ends_it(
    database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_name, "BATCH", 2)
    add(conn, *(f"p/{n}/part.pdf" for n in range(10)), "p/0/part.step")
    stop = StopAfter(3)
    figures = linking.link_by_base_name(database, tenant_id=DEFAULT_TENANT, stop=stop)
    assert figures["stopped"]
    assert 0 < figures["files_linked"] < 11
    assert link(database)["files_linked"] == 11 - figures["files_linked"]
    assert len(grouped(conn)) == 10


class StopAfter:
    """Asks for a stop from the n-th question on."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    @property
    def requested(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_stopped_folder_and_code_steps_can_be_run_again(database: Database, conn: Connection) -> None:
    add(conn, "P-1234/l/scan.pdf", "P-1234/l/export.step")
    link(database)
    before = rows(conn)
    patterns = Settings.load(None, {}).project_code_patterns
    assert linking.assign_project_codes(database, tenant_id=DEFAULT_TENANT, patterns=patterns, stop=StopAfter(0))["stopped"]
    assert linking.link_by_folder(database, tenant_id=DEFAULT_TENANT, stop=StopAfter(0))["groups_merged"] == 0
    assert rows(conn) == before


def test_two_machines_at_once_do_the_work_of_one(database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(base_name, "BATCH", 7)
    paths = [f"p{n % 5}/{n // 2}-A2P{'.pdf' if n % 2 else '_B.step'}" for n in range(10_000, 10_100)]
    add(conn, *paths)
    with ThreadPoolExecutor(2) as machines:
        for done in [machines.submit(link, database) for _ in range(2)]:
            done.result()
    assert sorted(path for group in grouped(conn) for path in group) == sorted(paths)
    assert len(grouped(conn)) == 50
    assert conn.execute("SELECT count(*), sum(member_count) FROM document_groups").fetchone() == (50, 100)


def test_the_code_of_most_members_wins_and_a_dispute_is_flagged(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(conn, "P-1234/120045.pdf", "P-1234/120045_B.step", "P-9999/120045_B.dxf", "none/200045.pdf", "P-7777/300045.pdf")
    run_all(database, tmp_path)
    assert conn.execute(
        "SELECT group_key, project_code, other_project_codes FROM document_groups ORDER BY group_key"
    ).fetchall() == [("main: 120045", "P-1234", ["P-9999"]), ("main: 200045", None, None), ("main: 300045", "P-7777", None)]
    assert reason(conn, "P-1234/120045.pdf") == "members of several projects"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(
            ["a/120045_A.pdf", "a/120045_C.step", "a/120045_B.dxf"], "members disagree on the revision (A, C)", id="revisions"
        ),
        pytest.param(["a/120045.pdf", "b/120045.pdf"], "two different PDFs of the same sheet", id="two PDFs"),
        pytest.param(["a/120045_sh1.pdf", "b/120045_sh2.pdf"], None, id="two sheets"),
        pytest.param(["a/lever/scan.pdf", "a/lever/export.step"], "linked on weak evidence", id="weak"),
        pytest.param([f"{n}/120045.step" for n in range(51)], "more than 50 members", id="large"),
        pytest.param(["a/1320.pdf", "b/1320.step"], "the same number in other folders, kept apart", id="apart"),
        pytest.param([f"{n}/1320.pdf" for n in range(6)], None, id="a count that all start at"),
        pytest.param(["a/readme.txt", "b/readme.txt"], None, id="plain words"),
    ],
)
def test_reasons_for_review(database: Database, conn: Connection, paths: list[str], expected: str | None) -> None:
    add(conn, *paths)
    link(database)
    by_folder(database)
    flag(database)
    assert reason(conn, paths[0]) == expected


def test_a_flag_goes_when_its_reason_goes(database: Database, conn: Connection) -> None:
    add(conn, "a/120045_A.pdf", "a/120045_B.step")
    link(database)
    assert flag(database)["groups_in_review"] == 1
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_key = 'a/120045_B.step'")
    link(database)
    assert flag(database) == {"groups_flagged_or_changed": 0, "groups_cleared": 1, "groups_in_review": 0, "files_superseded": 0}


def test_the_report_says_what_was_linked_and_the_checkpoint_passes(database: Database, conn: Connection, tmp_path: Path) -> None:
    add(conn, "P-1234/Wärme|tauscher.pdf", "P-1234/wärme|tauscher.step", "P-1234/lone.pdf")
    report = run_all(database, tmp_path)[-1]
    written = json.loads((tmp_path / "reports" / "link_report.json").read_text(encoding="utf-8"))
    assert written == report.figures
    assert (written["document_groups"], written["files_in_groups"], written["files_alone"], written["files_in_no_group"]) == (
        2,
        3,
        1,
        0,
    )
    assert written["project_codes"] == [["P-1234", 2]]
    assert written["groups_by_size"] == [["1", 1], ["2", 1]]
    text = (tmp_path / "reports" / "link_report.md").read_text(encoding="utf-8")
    assert "| main: P-1234/wärme-tauscher | 2 |" in text
    assert report.checkpoint is not None
    assert (report.checkpoint.name, report.checkpoint.passed) == ("a", True)


def test_the_checkpoint_fails_without_groups(database: Database, tmp_path: Path) -> None:
    report = run_all(database, tmp_path)[-1]
    assert report.checkpoint is not None
    assert not report.checkpoint.passed
