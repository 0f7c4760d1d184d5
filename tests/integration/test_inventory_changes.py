"""What a look at the source changed, file by file: as it is recorded, and as it is told afterwards."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.errors import UnavailableError
from pipeline.inventory import runs
from pipeline.inventory import sync as sync_module
from pipeline.inventory.changes import Changes, note_met, read_changes
from pipeline.inventory.sync import SyncReport, sync
from pipeline.observe.inventory_report import markdown
from pipeline.storage import file as file_module
from pipeline.storage.open import open_source
from pipeline.worker.stop import StopSignal
from tests.integration.test_inventory_sync import READABLE, _denied, pdf, write

Syncer = Callable[..., SyncReport]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for number in range(4):
        write(root / f"{number}.pdf", pdf(str(number)), mtime=1_700_000_000)
    return root


@pytest.fixture
def synced(database: Database, folder: Path) -> Syncer:
    def run(**options: Any) -> SyncReport:
        given = {"tenant_id": DEFAULT_TENANT, "store": "main", "readable": READABLE, "stop": StopSignal()} | options
        return sync(database, open_source(str(folder)), **given)
    return run


def told(conn: Connection, **options: Any) -> Changes:
    return read_changes(conn, tenant_id=DEFAULT_TENANT, store="main", **options)


def listed(changes: Changes) -> list[tuple[str, str]]:
    return [(one.change, f"{one.moved_from} > {one.file}" if one.moved_from else one.file) for one in changes.files]


def now(conn: Connection) -> datetime:
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def some(counts: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if count}


def test_every_kind_of_change_is_told_with_its_file(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    write(folder / "new.pdf", pdf("new"))
    write(folder / "0.pdf", pdf("changed"))
    (folder / "sub").mkdir()
    (folder / "1.pdf").rename(folder / "sub" / "one.pdf")
    (folder / "2.pdf").unlink()
    report = synced()
    found = told(conn)
    assert listed(found) == [("new", "new.pdf"), ("changed", "0.pdf"), ("moved", "1.pdf > sub/one.pdf"), ("deleted", "2.pdf")]
    assert some(found.counts) == {"new": 1, "changed": 1, "moved": 1, "deleted": 1}
    assert {kind: report.figures[kind] for kind in some(found.counts)} == some(found.counts)
    assert [look.run_id for look in found.runs] == [report.figures["run_id"]]

    write(folder / "2.pdf", pdf("2"), mtime=1_700_000_000)
    synced()
    assert listed(told(conn)) == [("reappeared", "2.pdf")]
    synced()
    assert listed(told(conn)) == []


def test_a_new_file_costs_no_row_of_its_own(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    assert told(conn).counts["new"] == 4
    assert conn.execute("SELECT count(*) FROM inventory_changes").fetchone() == (0,)


def test_an_earlier_run_is_told_with_the_names_of_that_time(folder: Path, synced: Syncer, conn: Connection) -> None:
    first = synced().figures["run_id"]
    (folder / "1.pdf").rename(folder / "uno.pdf")
    second = synced().figures["run_id"]
    (folder / "uno.pdf").rename(folder / "eins.pdf")
    synced()
    assert sorted(listed(told(conn, run=first))) == [("new", f"{number}.pdf") for number in range(4)]
    assert listed(told(conn, run=second)) == [("moved", "1.pdf > uno.pdf")]


def test_all_runs_since_a_moment_are_told_together_the_newest_first(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    moment = now(conn)
    write(folder / "0.pdf", pdf("changed"))
    second = synced().figures["run_id"]
    write(folder / "0.pdf", pdf("changed again"))
    third = synced().figures["run_id"]
    found = told(conn, since=moment)
    assert [look.run_id for look in found.runs] == [third, second]
    assert [(one.run_id, one.change) for one in found.files] == [(second, "changed"), (third, "changed")]


def test_a_file_is_unreadable_once_however_often_it_is_tried_and_then_readable(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    synced()
    write(folder / "0.pdf", pdf("0"), mtime=1_700_000_009)
    write(folder / "new.pdf", pdf("new"))
    with monkeypatch.context() as patch:
        patch.setattr(file_module.FileSource, "open", _denied)
        synced()
        assert listed(told(conn)) == [("unreadable", "0.pdf"), ("unreadable", "new.pdf")]
        assert told(conn).counts["new"] == 0
        synced()
        assert listed(told(conn)) == []
    synced()
    assert listed(told(conn)) == [("readable", "0.pdf"), ("readable", "new.pdf")]


def test_what_a_worker_met_between_two_looks_is_told_with_the_next_and_only_there(
        folder: Path, synced: Syncer, conn: Connection) -> None:
    first = synced().figures["run_id"]
    row = conn.execute("SELECT blob_id FROM blob_inventory WHERE blob_key = '3.pdf'").fetchone()
    assert row is not None
    (folder / "3.pdf").unlink()
    note_met(conn, [row[0]], "deleted")
    conn.execute("UPDATE blob_inventory SET status = 'deleted' WHERE blob_id = %s", (row[0],))
    synced()
    assert listed(told(conn)) == [("deleted", "3.pdf")]
    assert told(conn, run=first).counts["deleted"] == 0
    synced()
    assert listed(told(conn)) == []


def test_a_limit_leaves_out_files_and_says_how_many(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    found = told(conn, limit=3)
    assert len(found.files) == 3
    assert found.document()["left_out"] == 1
    assert told(conn, list_first=False).files == []


def test_refused_deletions_are_said_and_no_file_is_told_as_deleted(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    for path in folder.iterdir():
        path.unlink()
    synced()
    found = told(conn)
    assert (found.counts["deleted"], found.runs[0].deletions_refused) == (0, 4)
    assert "4 files are missing, which was not believed" in markdown(found.document())


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids the name")
def test_the_report_cannot_be_broken_by_a_file_name(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    write(folder / "a|b.pdf", pdf("new"))
    synced()
    assert "\n- a\\|b.pdf\n" in markdown(told(conn).document())


# ---- whether a look is due -----------------------------------------------------------------------------------------


def due(conn: Connection, *, every: timedelta = timedelta(minutes=15), store: str = "main") -> runs.Due:
    with conn.transaction():
        return runs.begin_if_due(conn, tenant_id=DEFAULT_TENANT, store=store, url="file:///x", machine="vm1", every=every,
                                 silent_after=timedelta(minutes=5))


def age(conn: Connection, interval: str) -> None:
    conn.execute("UPDATE inventory_runs SET started_at = started_at - %s::interval", (interval,))


def test_the_first_look_is_due_at_once_and_the_next_one_after_the_interval(folder: Path, synced: Syncer, conn: Connection) -> None:
    synced()
    waits = due(conn)
    assert waits.run_id is None
    assert timedelta(minutes=14) < waits.wait <= timedelta(minutes=15)
    assert due(conn, store="other").run_id is not None
    age(conn, "16 minutes")
    assert due(conn).run_id is not None


def test_a_look_that_is_under_way_is_waited_for_however_long_it_takes(conn: Connection) -> None:
    begun = due(conn).run_id
    assert begun is not None
    age(conn, "2 hours")
    assert due(conn).run_id is None
    runs.stay_active(conn, begun)
    conn.execute("UPDATE inventory_runs SET active_at = active_at - interval '4 minutes'")
    assert due(conn).run_id is None


def test_a_look_whose_machine_died_holds_up_the_others_only_until_it_is_silent_for_too_long(conn: Connection) -> None:
    assert due(conn).run_id is not None
    age(conn, "2 hours")
    conn.execute("UPDATE inventory_runs SET active_at = active_at - interval '6 minutes'")
    assert due(conn).run_id is not None


def test_a_look_that_failed_is_tried_again_after_the_interval(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise UnavailableError("the share is away")

    monkeypatch.setattr(sync_module, "_finish", away)
    with pytest.raises(UnavailableError):
        synced()
    assert due(conn).run_id is None
    age(conn, "16 minutes")
    assert due(conn).run_id is not None


def test_of_two_machines_that_find_a_look_due_at_once_only_one_begins(database: Database) -> None:
    gate = threading.Barrier(2)
    found: list[runs.Due] = []

    def ask() -> None:
        with database.connect("test") as conn:
            gate.wait()
            found.append(due(conn))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.run_id is None for one in found) == [False, True]
