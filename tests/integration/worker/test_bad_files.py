"""A bad file costs itself attempts, and nobody else anything."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg

from pipeline.database import Connection, Database
from pipeline.errors import UnavailableError
from pipeline.worker import loop
from tests.factories import OBEY, add_files, job_of, job_states, make_worker, settings, write_files

GOOD = {f"good {number}.pdf": f"page {number}" for number in range(12)}


def run(database: Database, conn: Connection, tmp_path: Path, contents: dict[str, str | bytes], **overrides: str) -> None:
    write_files(tmp_path / "files", contents)
    add_files(conn, tmp_path / "files", max_attempts=int(overrides.pop("max_attempts", "3")))
    make_worker(database, settings(tmp_path, tmp_path / "files", **overrides)).run()


def error_history(conn: Connection, blob_key: str) -> list[tuple[str, str]]:
    return conn.execute(
        "SELECT outcome, a.error_reason FROM extraction_attempts AS a JOIN extraction_jobs AS job USING (id)"
        " JOIN blob_inventory USING (blob_id) WHERE blob_key = %s ORDER BY a.attempt", (blob_key,)).fetchall()


@pytest.mark.parametrize(("word", "reason"), [
    pytest.param("loop forever", "timeout", id="endless loop in C"),
    pytest.param("segfault now", "crashed", id="segmentation fault"),
    pytest.param("exit now", "crashed", id="exit"),
    pytest.param("bomb now", "memory", id="allocation bomb"),
])
def test_a_killer_runs_twice_and_ends_as_a_dead_letter_and_the_others_complete(
        database: Database, conn: Connection, tmp_path: Path, word: str, reason: str) -> None:
    timeout = "2" if reason == "timeout" else "30"
    run(database, conn, tmp_path, {**GOOD, "killer.pdf": word}, job_timeout_seconds=timeout, job_memory_mb="256")

    assert job_states(conn) == {"completed": len(GOOD), "failed": 1}
    killer = job_of(conn, "killer.pdf")
    assert (killer["error_kind"], killer["error_reason"], killer["retry_count"], killer["run_alone"]) == ("poison", reason, 2, True)
    assert error_history(conn, "killer.pdf") == [("poison", reason), ("poison", reason)]
    innocent = conn.execute("SELECT max(retry_count) FROM extraction_jobs WHERE status = 'completed'").fetchone()
    assert innocent == (0,)
    assert conn.execute("SELECT status FROM blob_inventory WHERE blob_key = 'killer.pdf'").fetchone() == ("failed",)


def test_four_killers_at_once_cost_the_others_no_attempt(database: Database, conn: Connection, tmp_path: Path) -> None:
    killers = {"a.pdf": "loop", "b.pdf": "segfault x", "c.pdf": "bomb x", "d.pdf": "exit x"}
    run(database, conn, tmp_path, {**killers, **GOOD}, job_timeout_seconds="2", job_memory_mb="256")

    assert job_states(conn) == {"completed": len(GOOD), "failed": len(killers)}
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs WHERE status = 'completed'").fetchone() == (0,)


def test_an_encrypted_file_fails_at_once_with_its_reason(database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"locked.pdf": "encrypted x", **GOOD})

    job = job_of(conn, "locked.pdf")
    assert (job["status"], job["error_kind"], job["error_reason"], job["attempt"]) == ("failed", "permanent", "encrypted", 1)
    assert "password" in job["last_error"]


def test_a_fault_of_the_reader_names_the_place_and_never_the_content(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"odd.pdf": "bug SECRET-CONTENT"})

    job = job_of(conn, "odd.pdf")
    assert (job["error_kind"], job["error_reason"]) == ("permanent", "reader_error")
    assert "KeyError" in job["last_error"]
    assert "SECRET" not in job["last_error"]


def test_what_postgres_cannot_store_is_cleaned_and_stored(database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"nul.pdf": b"a\x00b \xff\xfe c"})

    assert job_states(conn) == {"completed": 1}
    row = conn.execute("SELECT text FROM document_pages").fetchone()
    assert row is not None
    assert "\x00" not in row[0]


def test_printing_readers_do_not_disturb_anything(database: Database, conn: Connection, tmp_path: Path,
                                                  capfd: pytest.CaptureFixture[str]) -> None:
    run(database, conn, tmp_path, {"noisy.pdf": "print x"})

    assert job_states(conn) == {"completed": 1}
    assert "noise" not in capfd.readouterr().out


def test_a_file_that_vanished_is_deleted_and_its_job_cancelled(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", GOOD)
    add_files(conn, tmp_path / "files")
    (tmp_path / "files" / "good 3.pdf").unlink()

    make_worker(database, settings(tmp_path, tmp_path / "files")).run()

    assert job_states(conn) == {"completed": len(GOOD) - 1, "cancelled": 1}
    assert conn.execute("SELECT status FROM blob_inventory WHERE blob_key = 'good 3.pdf'").fetchone() == ("deleted",)


def test_a_file_that_changed_after_it_was_queued_is_read_as_what_it_is_now(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", GOOD)
    add_files(conn, tmp_path / "files")
    write_files(tmp_path / "files", {"good 3.pdf": "new words"})

    make_worker(database, settings(tmp_path, tmp_path / "files")).run()

    assert job_states(conn) == {"completed": len(GOOD), "cancelled": 1}
    row = conn.execute("SELECT text FROM document_pages JOIN blob_inventory USING (blob_id) WHERE blob_key = 'good 3.pdf'").fetchone()
    assert row == ("new words",)
    assert conn.execute("SELECT count(*) FROM blob_inventory WHERE status = 'extracted'").fetchone() == (len(GOOD),)


def test_other_bytes_of_the_same_size_and_time_are_read_at_once(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.pdf": "old words"})
    add_files(conn, tmp_path / "files")
    path = tmp_path / "files" / "a.pdf"
    before = path.stat()
    path.write_text("new words")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    make_worker(database, settings(tmp_path, tmp_path / "files", stall_timeout_seconds="60")).run()

    assert job_states(conn) == {"completed": 1}
    assert conn.execute("SELECT text FROM document_pages").fetchone() == ("new words",)


def test_a_touched_file_with_the_same_bytes_is_no_change(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.pdf": "same"})
    add_files(conn, tmp_path / "files")
    path = tmp_path / "files" / "a.pdf"
    path.write_bytes(path.read_bytes())
    later = time.time() + 100

    os.utime(path, (later, later))

    make_worker(database, settings(tmp_path, tmp_path / "files")).run()

    assert job_states(conn) == {"completed": 1}


def test_a_file_over_the_size_limit_fails_with_its_reason(database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"huge.pdf": b"x" * (2 * 1024 * 1024)}, max_file_mb="1")

    assert job_of(conn, "huge.pdf")["error_reason"] == "too_large"


def test_one_result_that_the_database_refuses_fails_alone(database: Database, conn: Connection, tmp_path: Path) -> None:
    conn.execute("ALTER TABLE document_pages ADD CONSTRAINT no_poison CHECK (text NOT LIKE 'poison%')")
    run(database, conn, tmp_path, {"refused.pdf": "poison words", **GOOD})

    assert job_states(conn) == {"completed": len(GOOD), "failed": 1}
    job = job_of(conn, "refused.pdf")
    assert job["error_reason"] == "unstorable"
    assert "no_poison" in job["last_error"]
    assert "words" not in job["last_error"]


@pytest.mark.parametrize("fault", [pg.DiskFull, pg.InsufficientPrivilege, pg.QueryCanceled], ids=lambda fault: fault.__name__)
def test_a_fault_of_the_database_is_no_files_fault(
        database: Database, conn: Connection, tmp_path: Path, fault: type[psycopg.Error]) -> None:
    def refuse(conn: Connection, items: object) -> None:
        raise fault("not the file's fault")

    write_files(tmp_path / "files", GOOD)
    add_files(conn, tmp_path / "files")
    impatient = Database(database.url(), wait=timedelta(seconds=0.1))
    worker = make_worker(impatient, settings(tmp_path, tmp_path / "files"), handler=replace(OBEY, store=refuse))

    with pytest.raises((psycopg.Error, UnavailableError)):
        worker.run()

    assert job_states(conn) == {"pending": len(GOOD)}
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs").fetchone() == (0,)


def test_the_spool_is_empty_afterwards(database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {**GOOD, "locked.pdf": "encrypted x", "exit.pdf": "exit x"})

    assert [path for path in (tmp_path / "data" / "tmp").rglob("*") if path.is_file()] == []


def test_what_a_killed_worker_spooled_is_removed_a_day_later(database: Database, conn: Connection, tmp_path: Path) -> None:
    spools = tmp_path / "data" / "tmp"
    for name, age_s in (("of yesterday", 90_000), ("of a worker that lives", 5)):
        (spools / name).mkdir(parents=True)
        (spools / name / "1.1").write_bytes(b"x")
        os.utime(spools / name, (time.time() - age_s, time.time() - age_s))

    run(database, conn, tmp_path, {"a.pdf": "x"})

    assert [path.name for path in spools.iterdir()] == ["of a worker that lives"]


def test_what_waits_in_a_pipe_when_a_stop_comes_goes_back_uncounted(
        database: Database, conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SETTLE_AT", 1000)  # children answer on between the stop and its settlement
    monkeypatch.setattr(loop, "SETTLE_EVERY_SECONDS", 5)
    write_files(tmp_path / "files", {f"{number}.pdf": "sleep 0.03" for number in range(300)})
    add_files(conn, tmp_path / "files")
    worker = make_worker(database, settings(tmp_path, tmp_path / "files", claim_batch="24"))

    def stop_with_full_pipes(tally: object, held: int) -> None:
        if min((len(child.queue) for child in worker._pool.children), default=0) >= 5 and not worker.stop.requested:
            worker.stop.request()

    worker.progress = stop_with_full_pipes
    tally = worker.run()

    assert worker.stop.requested
    assert job_states(conn) == {"completed": tally.completed, "pending": 300 - tally.completed}
    assert conn.execute("SELECT max(retry_count) FROM extraction_jobs").fetchone() == (0,)


def test_a_full_disk_pauses_claiming_and_says_so(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", GOOD)
    add_files(conn, tmp_path / "files")
    configured = settings(tmp_path, tmp_path / "files", min_free_disk_mb=str(10**8))
    worker = make_worker(database, configured)

    def stop_when_told(tally: object, held: int) -> None:
        row = conn.execute("SELECT note FROM workers").fetchone()
        if row and row[0] and not worker.stop.requested:
            worker.stop.request()

    worker.progress = stop_when_told
    worker.run()

    assert job_states(conn) == {"pending": len(GOOD)}


def test_each_reader_fault_is_final_where_only_one_attempt_is_allowed(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"a.pdf": "exit x"}, max_attempts="1")

    assert job_of(conn, "a.pdf")["retry_count"] == 1


def test_files_of_another_store_are_left_for_a_machine_that_has_it(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"mine.pdf": "here", "theirs.pdf": "elsewhere"})
    add_files(conn, tmp_path / "files")
    conn.execute("UPDATE blob_inventory SET source_store = 'other' WHERE blob_key = 'theirs.pdf'")
    worker = make_worker(database, settings(tmp_path, tmp_path / "files"))

    assert worker.run().drained  # nothing is left that this machine could do

    theirs = job_of(conn, "theirs.pdf")
    assert (theirs["status"], theirs["ready"], theirs["retry_count"]) == ("pending", False, 0)


def test_a_file_that_became_another_format_is_read_as_that_and_its_old_failure_is_forgotten(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    run(database, conn, tmp_path, {"a.pdf": "encrypted x"})
    assert conn.execute("SELECT status FROM blob_inventory").fetchone() == ("failed",)
    conn.execute("UPDATE blob_inventory SET source_version = 'v2', byte_hash_sha256 = NULL")
    conn.execute("INSERT INTO extraction_jobs (blob_id, job_type, status, source_version) SELECT blob_id, 'dxf', 'completed', 'v2'"
                 " FROM blob_inventory")
    conn.execute("SELECT refresh_blob_status(array_agg(blob_id)) FROM blob_inventory")

    assert conn.execute("SELECT status, status_reason FROM blob_inventory").fetchone() == ("extracted", None)


def test_a_queued_file_that_turned_into_a_format_that_nobody_reads_is_unsupported(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.pdf": "words"})
    add_files(conn, tmp_path / "files")
    write_files(tmp_path / "files", {"a.pdf": b"\x1f\x8b\x08" + bytes(100)})

    make_worker(database, settings(tmp_path, tmp_path / "files")).run()

    assert job_states(conn) == {"cancelled": 1}
    assert conn.execute("SELECT status, mime_type FROM blob_inventory").fetchone() == ("unsupported", "application/gzip")


def test_a_job_for_bytes_that_the_inventory_has_replaced_is_not_read(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_files(tmp_path / "files", {"a.pdf": "words"})
    add_files(conn, tmp_path / "files")
    conn.execute("UPDATE extraction_jobs SET source_version = 'older'")

    make_worker(database, settings(tmp_path, tmp_path / "files")).run()

    assert job_of(conn, "a.pdf")["error_reason"] == "superseded"
    assert conn.execute("SELECT count(*) FROM document_pages").fetchone() == (0,)


def test_a_folder_whose_files_are_gone_at_once_is_out_of_reach_even_if_something_else_lies_there(
        database: Database, conn: Connection, tmp_path: Path) -> None:
    files = {f"{number}.pdf": f"page {number}" for number in range(60)}
    write_files(tmp_path / "files", files)
    add_files(conn, tmp_path / "files")
    for name in files:
        (tmp_path / "files" / name).unlink()
    write_files(tmp_path / "files", {".keep": ""})
    worker = make_worker(database, settings(tmp_path, tmp_path / "files"))

    def stop_when_told(tally: object, held: int) -> None:
        row = conn.execute("SELECT note FROM workers").fetchone()
        if row and row[0] and not worker.stop.requested:
            worker.stop.request()

    worker.progress = stop_when_told
    worker.run()

    states = dict(conn.execute("SELECT status, count(*) FROM blob_inventory GROUP BY status").fetchall())
    assert states["deleted"] <= 10
    assert job_states(conn)["pending"] >= 50
