"""The sweep of outputs, against workers, kills, and other sweeps."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from pipeline import jobs
from pipeline.database import Connection, Database
from pipeline.outputs import sweep as sweeping
from pipeline.outputs.sweep import SweepReport, sweep_outputs
from pipeline.storage.folder_sink import FolderSink
from pipeline.storage.sink import SinkEntry
from tests.outputs import again, finish, held_jobs, key_of, lines_of, make, register, supersede

DATA = b'{"a": 1}\n'
MONTH = timedelta(days=30)


@pytest.fixture
def sink(tmp_path: Path) -> FolderSink:
    return FolderSink(tmp_path / "outputs")


def sweep(database: Database, sink: FolderSink, **arguments: bool) -> SweepReport:
    return sweep_outputs(database, sink, keep_superseded=MONTH, **arguments)


def keys(sink: FolderSink) -> set[str]:
    return {entry.key for entry in sink.list(leftovers=True)}


def named(conn: Connection) -> set[str]:
    return {row[0] for row in conn.execute("SELECT output_blob_key FROM extraction_outputs")}


def test_an_empty_store_is_no_trouble(database: Database, sink: FolderSink) -> None:
    assert sweep(database, sink) == SweepReport(dry_run=False)


def test_current_outputs_and_files_of_others_stay(database: Database, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 3)
    kept = {make(conn, sink, job) for job in held}
    sink.put("notes.txt", b"x")
    sink.put(f"grids/{held[0].blob_id}/1.1.jsonl", b"x")

    report = sweep(database, sink)

    assert keys(sink) == kept | {"notes.txt", f"grids/{held[0].blob_id}/1.1.jsonl"}
    assert (report.listed, report.other, report.orphans, report.missing) == (3, 2, 0, 0)


def test_what_a_killed_worker_wrote_goes_once_its_job_is_taken_from_it(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    sink.put(key_of(held), DATA)
    sink.put(key_of(held, "document.json"), DATA)
    assert sweep(database, sink).kept_open == 2
    assert keys(sink) == {key_of(held), key_of(held, "document.json")}  # its machine may be slow, not dead

    newer = again(conn, held)
    sink.put(key_of(newer), DATA)
    report = sweep(database, sink)

    assert keys(sink) == {key_of(newer)}
    assert (report.orphans, report.orphan_bytes, report.kept_open) == (2, 2 * len(DATA), 1)
    assert finish(conn, newer, DATA)
    assert not finish(conn, held, DATA)
    assert sweep(database, sink).orphans == 0
    assert keys(sink) == named(conn) == {key_of(newer)}


@pytest.mark.parametrize("status", ["pending", "completed", "failed", "cancelled"])
def test_what_a_job_that_does_not_run_left_goes(database: Database, conn: Connection, sink: FolderSink, status: str) -> None:
    held, = held_jobs(conn)
    sink.put(key_of(held), DATA)
    conn.execute("UPDATE extraction_jobs SET status = %s, last_error = 'x' WHERE id = %s", (status, held.id))

    assert sweep(database, sink).orphans == 1
    assert keys(sink) == set()


def test_what_a_deleted_job_left_goes(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    sink.put(key_of(held), DATA)
    conn.execute("DELETE FROM extraction_jobs")
    assert sweep(database, sink).orphans == 1
    assert keys(sink) == set()


def test_names_that_jobs_of_a_restored_database_may_reach_stay(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    later = {f"{held.blob_id}/{held.id}.{held.attempt + 1}.jsonl", f"{held.blob_id}/{held.id + 1}.1.jsonl"}
    for key in later:
        sink.put(key, DATA)
    assert sweep(database, sink).kept_open == 2
    assert keys(sink) == later


def test_outputs_of_another_database_stay_unless_asked_for(database: Database, conn: Connection, sink: FolderSink) -> None:
    key = f"{uuid4()}/1.1.jsonl"
    sink.put(key, DATA)
    assert sweep(database, sink).foreign == 1
    assert keys(sink) == {key}
    assert sweep(database, sink, foreign=True).orphans == 1
    assert keys(sink) == set()


def test_an_older_version_goes_after_its_time_with_row_and_file(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, other = held_jobs(conn, 2)
    old = make(conn, sink, held)
    new = make(conn, sink, again(conn, held))
    recent = make(conn, sink, other)
    newest = make(conn, sink, again(conn, other))
    supersede(conn, old, MONTH + timedelta(minutes=1))
    supersede(conn, recent, MONTH - timedelta(minutes=1))

    report = sweep(database, sink)

    assert (report.superseded, report.orphans) == (1, 0)
    assert keys(sink) == named(conn) == {new, recent, newest}


def test_killed_between_row_and_file_leaves_a_file_that_the_next_sweep_finds(database: Database, conn: Connection, sink: FolderSink,
                                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    held, = held_jobs(conn)
    old = make(conn, sink, held)
    new = make(conn, sink, again(conn, held))
    supersede(conn, old, MONTH * 2)

    def killed(keys: object) -> None:
        assert named(conn) == {new}  # the row's end is committed before a file is touched
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sink, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(database, sink)
    assert keys(sink) == {old, new}

    assert sweep(database, sink).orphans == 1
    assert keys(sink) == named(conn) == {new}


def test_leftovers_of_killed_writers_go_after_a_day(database: Database, conn: Connection, sink: FolderSink, tmp_path: Path) -> None:
    held, = held_jobs(conn)
    make(conn, sink, held)
    folder = tmp_path / "outputs" / str(held.blob_id)
    for token, hours in (("0" * 16, 23), ("1" * 16, 25)):
        left = folder / f".9.1.jsonl.{token}.part"
        left.write_bytes(b"half")
        os.utime(left, (time.time() - hours * 3600,) * 2)

    assert sweep(database, sink).leftovers == 1
    assert [path.name for path in folder.glob("*.part")] == [f".9.1.jsonl.{'0' * 16}.part"]


def test_a_row_without_its_file_is_named_and_never_removed(database: Database, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 3)
    made = [make(conn, sink, job) for job in held]
    newer = make(conn, sink, again(conn, held[2]))
    sink.delete([made[0], made[2]])

    report = sweep(database, sink)

    assert {(one.key, one.current) for one in report.missing_outputs} == {(made[0], True), (made[2], False)}
    assert report.missing == 2
    assert named(conn) == {*made, newer}


def test_mending_has_files_read_again_whose_output_is_missing(database: Database, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 2)
    made = [make(conn, sink, job) for job in held]
    sink.delete(made[:1])

    assert sweep(database, sink, mend=True).mended == 1
    current = conn.execute("SELECT output_blob_key FROM extraction_outputs WHERE superseded_at IS NULL").fetchall()
    assert current == [(made[1],)]  # B2 queues what has no current output


def test_a_store_that_lost_all_is_counted_in_pages(database: Database, conn: Connection, sink: FolderSink, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)
    monkeypatch.setattr(sweeping, "MOST_NAMED", 5)
    for job in held_jobs(conn, 10):
        make(conn, sink, job)
    shutil.rmtree(tmp_path / "outputs")
    (tmp_path / "outputs").mkdir()

    report = sweep(database, sink)

    assert (report.missing, len(report.missing_outputs)) == (10, 5)


def test_batches_cover_every_file_and_every_row(database: Database, conn: Connection, sink: FolderSink,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 4)
    held = held_jobs(conn, 15)
    made = [make(conn, sink, job) for job in held]
    for job in held:
        for attempt in range(7, 10):
            sink.put(f"{job.blob_id}/{job.id}.{attempt}.jsonl", DATA)  # attempts to come, as far as anybody knows
    conn.execute("UPDATE extraction_jobs SET attempt = 20")
    sink.delete(made[::5])

    report = sweep(database, sink)

    assert (report.listed, report.orphans, report.missing) == (57, 45, 3)
    assert keys(sink) == set(made) - set(made[::5])


def test_a_dry_run_counts_the_same_and_changes_nothing(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, other = held_jobs(conn, 2)
    old = make(conn, sink, held)
    make(conn, sink, again(conn, held))
    supersede(conn, old, MONTH * 2)
    orphan = again(conn, other)
    sink.put(key_of(other), DATA)
    sink.put(key_of(orphan), DATA)
    before = keys(sink), named(conn)

    dry = sweep(database, sink, dry_run=True)

    assert (keys(sink), named(conn)) == before
    wet = sweep(database, sink)
    assert (dry.superseded, dry.superseded_bytes, dry.orphans, dry.kept_open) == (1, wet.superseded_bytes, 1, 1)
    assert (wet.superseded, wet.orphans, wet.kept_open) == (1, 1, 1)


class Meddling(FolderSink):
    """A store in which something happens at a chosen moment of the sweep."""

    def __init__(self, root: Path, steps: Iterator[object]) -> None:
        super().__init__(root)
        self.steps = steps

    def list(self, prefix: str = "", *, leftovers: bool = False) -> Iterator[SinkEntry]:
        listed = list(super().list(prefix, leftovers=leftovers))
        next(self.steps)  # after the listing, before any look at a job
        yield from listed

    def exists(self, key: str) -> bool:
        there = super().exists(key)
        next(self.steps)
        return there


def test_a_second_attempt_that_registers_during_the_sweep_keeps_its_file(database: Database, conn: Connection, tmp_path: Path) -> None:
    """Listed while attempt 2 runs; it commits before the job is looked at. The first attempt's file goes."""
    held, = held_jobs(conn)
    data = lines_of(held, ["one"])

    def steps() -> Iterator[object]:
        assert finish(conn, newer, data)
        yield None

    sink = Meddling(tmp_path / "outputs", steps())
    sink.put(key_of(held), data)
    newer = again(conn, held)
    sink.put(key_of(newer), data)

    report = sweep(database, sink)

    assert report.orphans == 1
    assert keys(FolderSink(tmp_path / "outputs")) == named(conn) == {key_of(newer)}


def test_a_worker_that_lost_its_job_during_the_sweep_registers_nothing(database: Database, conn: Connection, tmp_path: Path) -> None:
    """Listed while attempt 1 runs; its job is rescued and claimed anew before it is looked at."""
    held, = held_jobs(conn)
    data = lines_of(held, ["one"])

    def steps() -> Iterator[object]:
        again(conn, held)
        yield None

    sink = Meddling(tmp_path / "outputs", steps())
    sink.put(key_of(held), data)

    assert sweep(database, sink).orphans == 1
    assert not finish(conn, held, data)
    assert named(conn) == set()


def test_a_commit_in_progress_keeps_its_file(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, = held_jobs(conn)
    data = lines_of(held, ["one"])
    sink.put(key_of(held), data)
    with database.connect("a worker") as worker:  # its transaction is open
        register(worker, held, data)
        assert jobs.complete(worker, [jobs.Finished(held.id, held.attempt, 1)])

        assert sweep(database, sink).kept_open == 1

        worker.commit()
    assert sweep(database, sink).orphans == 0
    assert keys(sink) == named(conn) == {key_of(held)}


def test_an_output_registered_since_the_listing_is_not_missing(database: Database, conn: Connection, tmp_path: Path) -> None:
    held, = held_jobs(conn)
    data = lines_of(held, ["one"])

    def steps() -> Iterator[object]:
        FolderSink(tmp_path / "outputs").put(key_of(held), data)
        assert finish(conn, held, data)
        yield None  # the listing is over
        yield None  # its file is found there

    assert sweep(database, Meddling(tmp_path / "outputs", steps())).missing == 0


def test_an_output_that_another_machine_sweeps_meanwhile_is_not_missing(database: Database, conn: Connection, tmp_path: Path) -> None:
    held, = held_jobs(conn)
    sink = FolderSink(tmp_path / "outputs")
    old = make(conn, sink, held)
    make(conn, sink, again(conn, held))
    sink.delete([old])

    def steps() -> Iterator[object]:
        yield None
        conn.execute("DELETE FROM extraction_outputs WHERE output_blob_key = %s", (old,))
        yield None

    assert sweep(database, Meddling(tmp_path / "outputs", steps())).missing == 0


def test_two_sweeps_share_what_is_superseded(database: Database, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 2)
    old = [make(conn, sink, job) for job in held]
    for job in held:
        make(conn, sink, again(conn, job))
    for key in old:
        supersede(conn, key, MONTH * 2)
    with database.connect("another sweep") as other:
        other.execute("SELECT FROM extraction_outputs WHERE output_blob_key = %s FOR UPDATE", (old[0],))
        assert sweep(database, sink).superseded == 1  # neither waits nor takes what the other has
        other.rollback()
    assert sweep(database, sink).superseded == 1


def test_rows_of_another_cluster_count_as_committed_now(database: Database, conn: Connection, sink: FolderSink) -> None:
    held, other = held_jobs(conn, 2)
    key = make(conn, sink, held)
    make(conn, sink, other)
    conn.execute("UPDATE extraction_outputs SET committed_in = '9999999999' WHERE output_blob_key = %s", (key,))

    assert sweep(database, sink).renewed == 1
    assert sweep(database, sink).renewed == 0
    assert conn.execute("SELECT count(*) FROM extraction_outputs WHERE committed_in < pg_snapshot_xmax(pg_current_snapshot())"
                        ).fetchone() == (2,)


@pytest.mark.direct
def test_a_sweep_goes_on_when_its_connection_breaks(database: Database, conn: Connection, tmp_path: Path) -> None:
    held, = held_jobs(conn)

    def steps() -> Iterator[object]:
        cut = conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                           " WHERE datname = current_database() AND application_name = 'draftmill sweep'").fetchall()
        assert cut == [(True,)]
        yield None

    sink = Meddling(tmp_path / "outputs", steps())
    sink.put(key_of(held), DATA)
    conn.execute("UPDATE extraction_jobs SET status = 'cancelled'")
    assert sweep(database, sink).orphans == 1
    assert keys(FolderSink(tmp_path / "outputs")) == set()
