"""B5: stored dimensions are brought up to date, and sizes are found within their bounds."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.index import dimensions
from pipeline.index.dimensions import index_dimensions
from pipeline.worker.stop import StopSignal
from tests.stored import add_file, dimension, drawing, field, group, store

AS_SHOWN = [dimension("12", 12.0), dimension("Ø8 H7", 8.0, "mm", kind="diameter", fit_class="H7", tol_plus=0.015, tol_minus=0.0),
            dimension("45°", 45.0, "deg", kind="angle", value_mm=45.0)]


def index(database: Database, tenant: str = DEFAULT_TENANT) -> dict[str, Any]:
    return index_dimensions(database, tenant_id=tenant, stop=StopSignal())


def rows(conn: Connection, blob_id: UUID) -> list[tuple[Any, ...]]:
    return conn.execute("SELECT raw_text, unit, value_mm, value_min_mm, value_max_mm, details ->> 'unit_source'"
                        " FROM extracted_dimensions WHERE blob_id = %s ORDER BY id", (blob_id,)).fetchall()


def forget(conn: Connection) -> None:
    """Rows as an older release stored them."""
    conn.execute("UPDATE extracted_dimensions SET value_mm = NULL, value_min_mm = NULL, value_max_mm = NULL, details = '{}'")


def test_a_stored_file_has_its_values_at_once_and_indexing_changes_nothing(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", drawing("pdf", field("units", "mm"), dimensions=tuple(AS_SHOWN)))
    stored = rows(conn, blob_id)
    assert stored == [("12", None, 12.0, 12.0, 12.0, "sheet"), ("Ø8 H7", "mm", 8.0, 8.0, 8.015, None),
                      ("45°", "deg", 45.0, 45.0, 45.0, None)]
    assert index(database)["dimensions_updated"] == 0
    assert rows(conn, blob_id) == stored


def test_rows_of_an_older_release_become_what_storing_makes_today(database: Database, conn: Connection) -> None:
    blobs = [store(conn, "a.pdf", drawing("pdf", field("units", "inch"), dimensions=tuple(AS_SHOWN))),
             store(conn, "b.dxf", drawing("dxf", properties={"unit": "in"}, dimensions=(dimension("2", 2.0),)))]
    stored = [rows(conn, blob_id) for blob_id in blobs]
    forget(conn)
    assert index(database)["dimensions_updated"] == 4
    assert [rows(conn, blob_id) for blob_id in blobs] == stored
    assert index(database)["dimensions_updated"] == 0


def test_a_file_that_names_no_unit_follows_nearly_all_of_its_project_and_keeps_what_it_shows(
        database: Database, conn: Connection) -> None:
    for number in range(9):
        store(conn, f"P1/{number}.dxf", drawing("dxf", properties={"unit": "in"}))
    silent = store(conn, "P1/silent.pdf", drawing("pdf", dimensions=(dimension("2", 2.0, tol_plus=0.1, tol_minus=-0.1),)))
    elsewhere = store(conn, "P2/silent.pdf", drawing("pdf", dimensions=(dimension("2", 2.0),)))
    assert rows(conn, silent)[0][2] is None

    index(database)
    assert rows(conn, silent) == [("2", None, 50.8, pytest.approx(48.26), pytest.approx(53.34), "project")]
    assert rows(conn, elsewhere) == [("2", None, None, None, None, None)]

    store(conn, "P1/metric.dxf", drawing("dxf", properties={"unit": "mm"}))
    store(conn, "P1/metric2.dxf", drawing("dxf", properties={"unit": "mm"}))
    index(database)
    assert rows(conn, silent) == [("2", None, None, None, None, None)], "the project disagrees now: a guess is withdrawn"


def test_a_groups_project_code_counts_before_its_folder(database: Database, conn: Connection) -> None:
    blobs = [store(conn, f"folder{number}/a.dxf", drawing("dxf", properties={"unit": "mm"})) for number in range(5)]
    silent = store(conn, "elsewhere/a.pdf", drawing("pdf", dimensions=(dimension("2", 2.0),)))
    group(conn, "one", [*blobs, silent], project="P-1")
    index(database)
    assert rows(conn, silent)[0][2:] == (2.0, 2.0, 2.0, "project")


def test_two_machines_at_once_leave_what_one_leaves(database: Database, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimensions, "FILES_A_RANGE", 3)
    blobs = [store(conn, f"{number}.pdf", drawing("pdf", field("units", "mm"), dimensions=tuple(AS_SHOWN))) for number in range(10)]
    stored = [rows(conn, blob_id) for blob_id in blobs]
    forget(conn)
    with ThreadPoolExecutor(2) as pool:
        both = [job.result() for job in [pool.submit(index, database), pool.submit(index, database)]]
    assert [rows(conn, blob_id) for blob_id in blobs] == stored
    assert sum(one["dimensions_updated"] for one in both) == 30


def test_indexing_holds_no_row_of_a_file_while_it_waits_for_its_document(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", drawing("pdf", field("units", "inch"), dimensions=tuple(AS_SHOWN)))
    forget(conn)
    with ThreadPoolExecutor(1) as machine:
        with conn.transaction():  # as one that stores the file again
            conn.execute("SELECT FROM documents WHERE blob_id = %s FOR UPDATE", (blob_id,))
            running = machine.submit(index, database)
            await_waiting(conn)
            conn.execute("SELECT FROM extracted_dimensions WHERE blob_id = %s FOR UPDATE NOWAIT", (blob_id,))
        assert running.result(timeout=30)["dimensions_updated"] == 3


def await_waiting(conn: Connection) -> None:
    """Until somebody waits for a row that this transaction holds."""
    deadline = time.monotonic() + 20
    while conn.execute("SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))").rowcount == 0:
        assert time.monotonic() < deadline
        conn.execute("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.02)


def test_a_stop_is_obeyed_and_a_dry_run_changes_nothing(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", drawing("pdf", field("units", "mm"), dimensions=tuple(AS_SHOWN)))
    forget(conn)
    stop = StopSignal()
    stop.request()
    assert index_dimensions(database, tenant_id=DEFAULT_TENANT, stop=stop)["dimensions"] == 0
    assert index_dimensions(database, tenant_id=DEFAULT_TENANT, stop=StopSignal(), dry_run=True)["dimensions_to_update"] == 3
    assert all(row[2] is None for row in rows(conn, blob_id))


def test_another_tenants_rows_are_left_alone(database: Database, conn: Connection) -> None:
    other = str(uuid4())
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    blob_id = store(conn, "a.pdf", drawing("pdf", field("units", "mm"), dimensions=tuple(AS_SHOWN)), tenant=other)
    forget(conn)
    assert index(database)["dimensions"] == 0
    assert rows(conn, blob_id)[0][2] is None
    assert index(database, other)["dimensions_updated"] == 3


def test_a_size_is_found_within_the_bounds_of_each_dimension_of_its_tenant(conn: Connection) -> None:
    shown = [dimension("12 ±0.5", 12.0, "mm", tol_plus=0.5, tol_minus=-0.5), dimension("12.5", 12.5, "mm"), dimension("13", 13.0, "mm"),
             dimension("0.5", 0.5, "in"), dimension("10-13", None, "mm", details={"limits": [10.0, 13.0]})]
    store(conn, "a.pdf", drawing("pdf", dimensions=tuple(shown)))
    other = str(uuid4())
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    store(conn, "a.pdf", drawing("pdf", dimensions=tuple(shown)), tenant=other)
    for size, expected in ((12.5, {"12 ±0.5", "12.5", "10-13"}), (12.7, {"0.5", "10-13"}), (11.4, {"10-13"}), (9.0, set())):
        found = conn.execute("SELECT raw_text FROM dimensions_allowing(%s, %s)", (DEFAULT_TENANT, size)).fetchall()
        assert len(found) == len(expected)
        assert {text for (text,) in found} == expected


def test_the_search_for_a_size_reads_two_indexes_and_not_the_table(conn: Connection) -> None:
    blob_id = add_file(conn, "a.pdf")
    conn.execute("INSERT INTO extracted_dimensions (blob_id, job_id, method, confidence, confidence_of, kind, raw_text, value_mm,"
                 " value_min_mm, value_max_mm) SELECT %s, gen_random_uuid(), 't', 1, 'dimension', 'linear', n::text, n, n, n + n %% 2"
                 " FROM generate_series(1, 20000) AS n", (blob_id,))
    conn.execute("ANALYZE extracted_dimensions")
    plan = "\n".join(line for (line,) in conn.execute(
        "EXPLAIN SELECT * FROM dimensions_allowing('00000000-0000-0000-0000-000000000001', 777.5)"))
    assert "extracted_dimensions_span_idx" in plan
    assert "extracted_dimensions_value_idx" in plan
    assert "Seq Scan" not in plan
