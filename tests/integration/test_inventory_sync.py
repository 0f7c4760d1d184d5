"""A2's first half against a real database: every change of a file, each state change once."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.inventory import sync as sync_module
from pipeline.inventory.sync import SyncReport, sync
from pipeline.storage import file as file_module
from pipeline.storage.base import Listing
from pipeline.storage.open import open_source
from pipeline.worker.stop import StopSignal

READABLE = frozenset({"application/pdf", "image/vnd.dxf"})
Syncer = Callable[..., SyncReport]


def pdf(text: str) -> bytes:
    return b"%PDF-1.4\n% " + text.encode() + b"\n"


def write(path: Path, data: bytes, *, mtime: int | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    root.mkdir()
    return root


@pytest.fixture
def synced(database: Database, folder: Path) -> Syncer:
    def run(**options: Any) -> SyncReport:
        settings = {"tenant_id": DEFAULT_TENANT, "store": "main", "readable": READABLE, "stop": StopSignal()} | options
        return sync(database, open_source(str(folder), exclude=settings.pop("exclude", None)), **settings)
    return run


def rows(conn: Connection) -> dict[str, tuple[str, str | None]]:
    return {key: (status, reason) for key, status, reason in conn.execute(
        "SELECT blob_key, status, status_reason FROM blob_inventory").fetchall()}


def value(conn: Connection, key: str, column: str) -> Any:
    row = conn.execute(f"SELECT {column} FROM blob_inventory WHERE blob_key = %s", (key,)).fetchone()
    assert row is not None, f"no row for {key}"
    return row[0]


def give_result(conn: Connection, key: str, job_type: str = "pdf") -> None:
    """A completed job for the file as it is now."""
    conn.execute("INSERT INTO extraction_jobs (blob_id, job_type, status, completed_at, source_version) "
                 "SELECT blob_id, %s, 'completed', now(), source_version FROM blob_inventory WHERE blob_key = %s",
                 (job_type, key))
    conn.execute("SELECT refresh_blob_status(ARRAY(SELECT blob_id FROM blob_inventory WHERE blob_key = %s))", (key,))


def queue(conn: Connection, key: str) -> None:
    row = conn.execute("SELECT tenant_id, blob_id, source_version FROM blob_inventory WHERE blob_key = %s", (key,)).fetchone()
    assert row is not None
    with conn.transaction():
        jobs.enqueue(conn, [jobs.NewJob(row[0], row[1], "pdf", source_version=row[2])])


def figures(report: SyncReport, *names: str) -> dict[str, Any]:
    return {name: report.figures[name] for name in names}


def test_new_files_get_a_row_with_hash_kind_and_state(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a" / "plan.pdf", pdf("a"))
    write(folder / "misnamed.dxf", pdf("b"))
    write(folder / "model.dwg", b"AC1032\0\0\0\0\0")
    write(folder / "empty.pdf", b"")
    report = synced()
    assert rows(conn) == {"a/plan.pdf": ("pending", None), "misnamed.dxf": ("pending", None),
                          "model.dwg": ("unsupported", "no step of this release reads image/vnd.dwg"),
                          "empty.pdf": ("unsupported", "empty file (0 bytes)")}
    assert value(conn, "misnamed.dxf", "mime_type") == "application/pdf"
    assert len(value(conn, "a/plan.pdf", "byte_hash_sha256")) == 64
    assert value(conn, "a/plan.pdf", "file_name") == "plan.pdf"
    assert report.complete
    assert figures(report, "files", "new", "unchanged", "deleted") == {"files": 4, "new": 4, "unchanged": 0, "deleted": 0}
    assert report.figures["by_status"] == {"pending": 2, "unsupported": 2}
    assert report.figures["by_mime"]["application/pdf"] == 2


def test_a_format_that_waits_for_a_setting_says_so_and_is_pending_once_it_is_set(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "model.dwg", b"AC1032\0\0\0\0\0")
    reason = "no DWG converter is configured (DWG_CONVERTER)"
    synced(waiting={"image/vnd.dwg": reason})
    assert rows(conn) == {"model.dwg": ("unsupported", reason)}
    synced(readable=READABLE | {"image/vnd.dwg"})
    assert rows(conn) == {"model.dwg": ("pending", None)}


def test_unchanged_files_are_not_read_again(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.pdf", pdf("a"))
    synced()
    monkeypatch.setattr(file_module.FileSource, "open", lambda self, key: pytest.fail("read again"))
    report = synced()
    assert figures(report, "new", "unchanged", "bytes_read") == {"new": 0, "unchanged": 1, "bytes_read": 0}
    assert value(conn, "a.pdf", "last_seen_run") == report.figures["run_id"]


def test_changed_bytes_are_pending_again_with_a_new_version(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("one"))
    synced()
    give_result(conn, "a.pdf")
    before = value(conn, "a.pdf", "(source_version, byte_hash_sha256)")
    assert value(conn, "a.pdf", "status") == "extracted"
    write(folder / "a.pdf", pdf("other"), mtime=1_700_000_000)
    assert synced().figures["changed"] == 1
    assert value(conn, "a.pdf", "status") == "pending"
    after = value(conn, "a.pdf", "(source_version, byte_hash_sha256)")
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_another_time_alone_is_settled_by_the_hash_and_read_once(folder: Path, synced: Syncer, conn: Connection) -> None:
    path = write(folder / "a.pdf", pdf("a"), mtime=1_700_000_000)
    synced()
    give_result(conn, "a.pdf")
    version = value(conn, "a.pdf", "source_version")
    os.utime(path, (1_700_009_999, 1_700_009_999))
    first = synced()
    assert figures(first, "changed", "unchanged") == {"changed": 0, "unchanged": 1}
    assert first.figures["bytes_read"] > 0
    assert synced().figures["bytes_read"] == 0
    assert value(conn, "a.pdf", "source_version") == version
    assert value(conn, "a.pdf", "status") == "extracted"


def test_a_moved_file_keeps_its_row_and_results(folder: Path, synced: Syncer, conn: Connection) -> None:
    path = write(folder / "old" / "a.pdf", pdf("a"))
    write(folder / "stays.pdf", pdf("stays"))
    synced()
    give_result(conn, "old/a.pdf")
    blob = value(conn, "old/a.pdf", "blob_id")
    (folder / "new").mkdir()
    path.rename(folder / "new" / "b.pdf")
    report = synced()
    assert figures(report, "moved", "new", "deleted") == {"moved": 1, "new": 0, "deleted": 0}
    assert rows(conn) == {"new/b.pdf": ("extracted", None), "stays.pdf": ("pending", None)}
    assert value(conn, "new/b.pdf", "blob_id") == blob
    assert value(conn, "new/b.pdf", "moved_from") == "old/a.pdf"
    assert value(conn, "new/b.pdf", "file_name") == "b.pdf"
    assert figures(synced(), "moved", "unchanged") == {"moved": 0, "unchanged": 2}


def test_a_move_is_seen_even_when_the_run_that_found_the_new_key_was_cut_short(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.pdf", pdf("a"))
    write(folder / "z.pdf", pdf("z"))
    synced()
    blob = value(conn, "a.pdf", "blob_id")
    path.rename(folder / "b.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(sync_module, "_finish", lambda *args, **options: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            synced()
    assert synced().figures["moved"] == 1
    assert value(conn, "b.pdf", "blob_id") == blob


def test_a_deleted_file_is_marked_and_its_open_jobs_are_cancelled(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.pdf", pdf("b"))
    synced()
    queue(conn, "a.pdf")
    (folder / "a.pdf").unlink()
    report = synced()
    assert figures(report, "deleted", "jobs_cancelled") == {"deleted": 1, "jobs_cancelled": 1}
    assert rows(conn) == {"a.pdf": ("deleted", None), "b.pdf": ("pending", None)}
    assert conn.execute("SELECT status FROM extraction_jobs").fetchall() == [("cancelled",)]


@pytest.mark.parametrize("touched", [False, True], ids=["same time", "restored with a new time"])
def test_a_file_that_comes_back_keeps_its_results(folder: Path, synced: Syncer, conn: Connection, touched: bool) -> None:
    write(folder / "a.pdf", pdf("a"), mtime=1_700_000_000)
    write(folder / "b.pdf", pdf("b"))
    synced()
    give_result(conn, "a.pdf")
    (folder / "a.pdf").unlink()
    synced()
    assert value(conn, "a.pdf", "status") == "deleted"
    write(folder / "a.pdf", pdf("a"), mtime=1_700_000_000 + touched)
    report = synced()
    assert figures(report, "reappeared", "new", "unchanged") == {"reappeared": 1, "new": 0, "unchanged": 1}
    assert value(conn, "a.pdf", "status") == "extracted"


def test_a_file_that_comes_back_with_other_bytes_is_pending(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"), mtime=1_700_000_000)
    write(folder / "b.pdf", pdf("b"))
    synced()
    give_result(conn, "a.pdf")
    (folder / "a.pdf").unlink()
    synced()
    write(folder / "a.pdf", pdf("another"))
    assert synced().figures["reappeared"] == 1
    assert value(conn, "a.pdf", "status") == "pending"


def test_more_than_a_tenth_gone_at_once_is_refused_unless_allowed(folder: Path, synced: Syncer, conn: Connection) -> None:
    for number in range(40):
        write(folder / f"{number:02}.pdf", pdf(str(number)))
    synced()
    for number in range(11):
        (folder / f"{number:02}.pdf").unlink()
    write(folder / "new.pdf", pdf("new"))
    refused = synced()
    assert figures(refused, "deleted", "deletions_refused", "new") == {"deleted": 0, "deletions_refused": 11, "new": 1}
    assert any("11 of 40 known files" in note and "--allow-deletes" in note for note in refused.notes)
    assert not [key for key, (status, _) in rows(conn).items() if status == "deleted"]
    allowed = synced(allow_deletes=True)
    assert figures(allowed, "deleted", "deletions_refused") == {"deleted": 11, "deletions_refused": 0}


def test_an_empty_source_is_never_believed(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    synced()
    (folder / "a.pdf").unlink()
    report = synced()
    assert figures(report, "deleted", "deletions_refused") == {"deleted": 0, "deletions_refused": 1}
    assert value(conn, "a.pdf", "status") == "pending"
    assert any("holds no files" in note for note in report.notes)


def test_nothing_is_deleted_when_a_folder_could_not_be_listed(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "open" / "a.pdf", pdf("a"))
    write(folder / "shut" / "b.pdf", pdf("b"))
    synced()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(file_module.os, "scandir", scandir)
    report = synced()
    assert not report.complete
    assert figures(report, "deleted", "listing_faults", "complete") == {"deleted": 0, "listing_faults": 1, "complete": False}
    assert any('"shut/"' in note for note in report.notes)
    assert value(conn, "shut/b.pdf", "status") == "pending"


def test_copies_are_duplicates_of_the_first_key(folder: Path, synced: Syncer, conn: Connection) -> None:
    for name in ("b.pdf", "a.pdf", "Z.pdf"):
        write(folder / name, pdf("same"))
    write(folder / "other.pdf", pdf("other"))
    assert synced().figures["duplicate"] == 2
    assert {key: status for key, (status, _) in rows(conn).items()} == {
        "Z.pdf": "pending", "a.pdf": "duplicate", "b.pdf": "duplicate", "other.pdf": "pending"}
    assert value(conn, "a.pdf", "duplicate_of") == value(conn, "Z.pdf", "blob_id")


def test_a_copy_with_a_smaller_key_does_not_take_over(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "b.pdf", pdf("same"))
    synced()
    queue(conn, "b.pdf")
    write(folder / "a.pdf", pdf("same"))
    synced()
    assert rows(conn) == {"a.pdf": ("duplicate", None), "b.pdf": ("pending", None)}
    assert conn.execute("SELECT status FROM extraction_jobs").fetchall() == [("pending",)]


@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_the_next_copy_is_promoted_when_the_bearer_goes(folder: Path, synced: Syncer, conn: Connection, how: str) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        write(folder / name, pdf("same"))
    synced()
    give_result(conn, "a.pdf")
    if how == "deleted":
        (folder / "a.pdf").unlink()
    else:
        write(folder / "a.pdf", pdf("entirely different"))
    assert synced().figures["promoted"] == 1
    assert rows(conn) == {"a.pdf": ("deleted" if how == "deleted" else "pending", None), "b.pdf": ("pending", None),
                          "c.pdf": ("duplicate", None)}
    assert value(conn, "b.pdf", "duplicate_of") is None
    assert value(conn, "c.pdf", "duplicate_of") == value(conn, "b.pdf", "blob_id")


def test_the_only_copy_is_promoted_when_the_bytes_of_its_original_change(folder: Path, synced: Syncer, conn: Connection) -> None:
    for name in ("a.pdf", "b.pdf"):
        write(folder / name, pdf("same"))
    synced()
    write(folder / "a.pdf", pdf("entirely different"))
    assert synced().figures["promoted"] == 1
    assert rows(conn) == {"a.pdf": ("pending", None), "b.pdf": ("pending", None)}
    assert value(conn, "b.pdf", "duplicate_of") is None


def test_open_jobs_of_a_file_that_became_a_copy_are_cancelled(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.pdf", pdf("b, longer"))
    synced()
    queue(conn, "b.pdf")
    write(folder / "b.pdf", pdf("a"))
    assert figures(synced(), "duplicate", "jobs_cancelled") == {"duplicate": 1, "jobs_cancelled": 1}
    assert conn.execute("SELECT status, last_error FROM extraction_jobs").fetchall() == [("cancelled", "the file is a duplicate")]


def test_empty_files_and_assemblies_with_external_parts_are_never_duplicates(
        folder: Path, synced: Syncer, conn: Connection) -> None:
    step = b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=DOCUMENT_FILE('part.stp','',$,#2,'',$);\nENDSEC;\n"
    for name in ("1", "2"):
        write(folder / f"{name}.txt", b"")
        write(folder / f"{name}.stp", step)
        write(folder / f"plain{name}.stp", step.replace(b"DOCUMENT_FILE", b"PRODUCT"))
    synced()
    assert {key for key, (status, _) in rows(conn).items() if status == "duplicate"} == {"plain2.stp"}


def test_a_format_that_becomes_readable_is_pending_again(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.dwg", b"AC1032\0\0\0\0\0")
    synced()
    synced(readable=READABLE | {"image/vnd.dwg"})
    assert rows(conn)["b.dwg"] == ("pending", None)


def test_a_file_that_cannot_be_opened_fails_with_the_reason_and_is_tried_again(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.pdf", pdf("b"))
    real = os.open

    def refuse(path: Any, *args: Any, **options: Any) -> int:
        if str(path).endswith("a.pdf"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(file_module.os, "open", refuse)
        report = synced()
    assert figures(report, "unreadable", "new") == {"unreadable": 1, "new": 1}
    assert rows(conn) == {"a.pdf": ("failed", "unreadable: Permission denied"), "b.pdf": ("pending", None)}
    synced()
    assert rows(conn)["a.pdf"] == ("pending", None)


def test_a_known_file_that_was_unreadable_for_a_while_keeps_its_results(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.pdf", pdf("a"), mtime=1_700_000_000)
    synced()
    give_result(conn, "a.pdf")
    os.utime(path, (1_700_000_009, 1_700_000_009))
    with monkeypatch.context() as patch:
        patch.setattr(file_module.FileSource, "open", _denied)
        synced()
    assert value(conn, "a.pdf", "status") == "failed"
    os.utime(path, (1_700_000_000, 1_700_000_000))
    synced()
    assert rows(conn) == {"a.pdf": ("extracted", None)}


def _denied(self: Any, key: str) -> Any:
    from pipeline.errors import PermanentError

    raise PermanentError("Permission denied", reason="unreadable")


ODD_NAMES = [b"two words.pdf", "Zähler.pdf".encode(), b"Za\xcc\x88hler.pdf", b"line\nbreak.pdf", b"100%41.pdf", b"bad\xff.pdf",
             b"back\\slash.pdf", b"tab\t.pdf", b"'quote\".pdf", b"~$lock.docx", b".hidden", b"%s %(x)s.pdf", b"-rf.pdf"]


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids most of these names")
def test_odd_names_are_synced_and_found_again(folder: Path, synced: Syncer, conn: Connection) -> None:
    for number, name in enumerate(ODD_NAMES):
        with open(os.fsencode(folder) + b"/" + name, "wb") as out:
            out.write(pdf(str(number)))
    deep = folder
    for _ in range(10):
        deep = deep / ("n" * 100)
    write(deep / "far.pdf", pdf("far"))
    assert synced().figures["new"] == len(ODD_NAMES) + 1
    assert synced().figures["unchanged"] == len(ODD_NAMES) + 1
    source = open_source(str(folder))
    contents = set()
    for key, *_ in conn.execute("SELECT blob_key FROM blob_inventory").fetchall():
        with source.open(key) as stream:
            contents.add(stream.read())
    assert contents == {pdf(str(number)) for number in range(len(ODD_NAMES))} | {pdf("far")}
    assert conn.execute("SELECT max(length(blob_key)) FROM blob_inventory").fetchone() == (10 * 101 + 7,)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need rights there")
def test_links_are_followed_loops_are_not_and_what_is_no_file_is_counted(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a" / "x.pdf", pdf("x"))
    (folder / "a" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "nowhere").symlink_to(folder / "missing")
    (folder / "again").symlink_to(folder / "a")
    (folder / "link.pdf").symlink_to(folder / "a" / "x.pdf")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path has room for about 100 characters
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        report = synced()
    assert {key: status for key, (status, _) in rows(conn).items()} == {
        "a/x.pdf": "pending", "again/x.pdf": "duplicate", "link.pdf": "duplicate"}
    assert report.complete
    assert report.figures["no_files"] == {"link_loop": 3, "broken_link": 1, "special": 2}


def test_data_dir_inside_the_source_is_left_out(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "data" / "postgres" / "base", b"database")
    synced(exclude=folder / "data")
    assert set(rows(conn)) == {"a.pdf"}


def test_two_syncs_at_once_end_with_the_same_rows(folder: Path, synced: Syncer, conn: Connection,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "LIST_BATCH", 7)
    monkeypatch.setattr(sync_module, "MERGE_BATCH", 5)
    for number in range(60):
        write(folder / f"{number:02}.pdf", pdf(str(number // 2)))
    reports: list[SyncReport] = []
    for _ in range(2):
        threads = [threading.Thread(target=lambda: reports.append(synced())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (folder / "00.pdf").unlink(missing_ok=True)
    assert len(reports) == 4
    assert all(report.complete for report in reports)
    states = [status for status, _ in rows(conn).values()]
    assert (states.count("pending"), states.count("duplicate"), states.count("deleted")) == (30, 29, 1)
    assert rows(conn)["01.pdf"] == ("pending", None)


def test_a_trial_run_takes_the_same_files_again_and_believes_no_deletion(folder: Path, synced: Syncer, conn: Connection) -> None:
    for place in ("a", "b", "c"):
        for number in range(20):
            write(folder / place / f"{number}.pdf", pdf(f"{place}{number}"))
            write(folder / place / f"{number}.dxf", f"0\nSECTION\n2\nHEADER\n{place}{number}".encode())
    first = synced(limit=12)
    assert figures(first, "files", "new", "complete") == {"files": 12, "new": 12, "complete": False}
    assert {(Path(key).parent.name, Path(key).suffix) for key in rows(conn)} == {
        (place, suffix) for place in ("a", "b", "c") for suffix in (".pdf", ".dxf")}
    again = synced(limit=12)
    assert figures(again, "new", "unchanged", "deleted") == {"new": 0, "unchanged": 12, "deleted": 0}


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.pdf", pdf("b"))
    synced()
    before = conn.execute("SELECT * FROM blob_inventory ORDER BY blob_key").fetchall()
    (folder / "a.pdf").unlink()
    write(folder / "c.pdf", pdf("c"))
    write(folder / "b.pdf", pdf("b, changed"))
    report = synced(dry_run=True)
    assert figures(report, "new", "touched", "missing", "unchanged") == {"new": 1, "touched": 1, "missing": 1, "unchanged": 0}
    assert conn.execute("SELECT * FROM blob_inventory ORDER BY blob_key").fetchall() == before
    assert conn.execute("SELECT count(*) FROM inventory_runs").fetchone() == (1,)


def test_a_stop_ends_the_run_early_and_the_next_one_finishes_it(folder: Path, synced: Syncer, conn: Connection) -> None:
    for number in range(5):
        write(folder / f"{number}.pdf", pdf(str(number)))
    stop = StopSignal()
    stop.request()
    report = synced(stop=stop)
    assert not report.complete
    assert any("goes on from there" in note for note in report.notes)
    assert figures(synced(), "new", "complete") == {"new": 5, "complete": True}


def test_files_left_unread_by_a_sudden_stop_are_not_taken_for_deleted(
        folder: Path, synced: Syncer, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        write(folder / f"{number}.pdf", pdf(str(number)), mtime=1_700_000_000)
    synced()
    write(folder / "2.pdf", pdf("changed"))
    stop = StopSignal()
    real = file_module.FileSource.open

    def stop_while_reading(self: Any, key: str) -> Any:
        stop.request()
        stop.request()
        return real(self, key)

    monkeypatch.setattr(file_module.FileSource, "open", stop_while_reading)
    report = synced(stop=stop)
    assert figures(report, "complete", "deleted", "files") == {"complete": False, "deleted": 0, "files": 3}
    assert value(conn, "2.pdf", "status") == "pending"


def test_the_run_is_recorded_with_its_figures(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    report = synced()
    row = conn.execute("SELECT run_id, source_store, source_url, complete, finished_at IS NOT NULL, figures "
                       "FROM inventory_runs").fetchone()
    assert row is not None
    assert row[:5] == (report.figures["run_id"], "main", open_source(str(folder)).url, True, True)
    assert row[5]["new"] == 1


def test_an_archived_file_stays_archived(folder: Path, synced: Syncer, conn: Connection) -> None:
    write(folder / "a.pdf", pdf("a"))
    write(folder / "b.pdf", pdf("b"))
    synced()
    conn.execute("UPDATE blob_inventory SET status = 'archived' WHERE blob_key = 'a.pdf'")
    write(folder / "a.pdf", pdf("changed"))
    synced()
    (folder / "a.pdf").unlink()
    synced()
    assert value(conn, "a.pdf", "status") == "archived"


def test_a_source_that_vanishes_in_mid_listing_is_out_of_reach(folder: Path) -> None:
    from pipeline.errors import UnavailableError

    write(folder / "a" / "x.pdf", pdf("x"))
    source = open_source(str(folder))
    entries = source.list(Listing())
    assert next(entries).key == "a/x.pdf"
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UnavailableError, match="went away"):
        list(entries)
