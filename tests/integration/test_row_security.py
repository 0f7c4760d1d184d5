"""Tenants see only their rows: the catalogue is walked, and the API's role tries what it must not be able to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pipeline.database import DEFAULT_TENANT, Connection

BUSY = (Path(__file__).parent / "busy_database.sql").read_text(encoding="utf-8")
OTHER_TENANT = "00000000-0000-0000-0000-00000000000b"

TENANT_TABLES = """
    SELECT relation.relname::text, relation.relrowsecurity, relation.relforcerowsecurity
    FROM pg_class AS relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attname = 'tenant_id'
    WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind IN ('r', 'p') AND NOT attribute.attisdropped
    ORDER BY 1
"""


@pytest.fixture
def full(conn: Connection) -> Connection:
    """The default tenant has rows in many tables; another tenant exists and has none."""
    conn.execute(BUSY)
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (OTHER_TENANT,))
    return conn


@contextmanager
def as_app(conn: Connection, tenant: str | None) -> Iterator[Connection]:
    """One transaction as the API runs them."""
    with conn.transaction():
        conn.execute("SET LOCAL ROLE draftmill_app")
        if tenant is not None:
            conn.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant,))
        yield conn


def count(conn: Connection, table: str) -> int:
    row = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def tenant_tables(conn: Connection) -> list[str]:
    return [row[0] for row in conn.execute(TENANT_TABLES)]


def test_every_table_with_tenant_id_is_protected_by_the_one_policy(conn: Connection) -> None:
    tables = conn.execute(TENANT_TABLES).fetchall()
    assert len(tables) >= 20
    unprotected = [name for name, enabled, forced in tables if not enabled or forced]
    assert unprotected == []
    policies = conn.execute("SELECT tablename::text, policyname, roles::text, cmd, qual = with_check, qual "
                            "FROM pg_policies").fetchall()
    assert sorted(row[0] for row in policies) == sorted(name for name, _, _ in tables), "one policy a table, and none elsewhere"
    assert {row[1:5] for row in policies} == {("tenant_isolation", "{draftmill_app}", "ALL", True)}
    assert len({row[5] for row in policies}) == 1


def test_every_foreign_key_between_tenants_tables_names_the_tenant(conn: Connection) -> None:
    keys = conn.execute("""
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
          AND confrelid IN (SELECT attrelid FROM pg_attribute WHERE attname = 'tenant_id')""").fetchall()
    assert len(keys) >= 15
    assert [key for key in keys if key[1].count("(tenant_id") != 2] == []


def test_the_apis_role_owns_nothing_and_bypasses_nothing(conn: Connection) -> None:
    role = conn.execute("SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles "
                        "WHERE rolname = 'draftmill_app'").fetchone()
    assert role == (False, False, False, False, False)
    owned = conn.execute("SELECT count(*) FROM pg_class WHERE relowner = 'draftmill_app'::regrole").fetchone()
    assert owned == (0,)
    dangerous = conn.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
                             "AND has_table_privilege('draftmill_app', oid, 'TRUNCATE, REFERENCES, TRIGGER')").fetchall()
    assert dangerous == [], "TRUNCATE and foreign keys look past the policies"


def test_the_owner_works_without_a_tenant_in_its_session(full: Connection) -> None:
    assert count(full, "blob_inventory") == 14


@pytest.mark.parametrize("tenant", [None, "", OTHER_TENANT], ids=["no-setting", "empty-setting", "another-tenant"])
def test_without_its_tenant_no_table_shows_a_row(full: Connection, tenant: str | None) -> None:
    tables = [table for table in tenant_tables(full) if table != "tenants" and count(full, table)]
    assert {"blob_inventory", "extraction_jobs", "document_pages", "cad_models"} <= set(tables)
    for table in tables:
        with as_app(full, tenant):
            assert count(full, table) == 0, table


def test_with_its_tenant_each_table_shows_its_rows(full: Connection) -> None:
    for table in tenant_tables(full):
        expected = 1 if table == "tenants" else count(full, table)
        with as_app(full, DEFAULT_TENANT):
            assert count(full, table) == expected, table


def test_the_tenant_of_one_transaction_is_not_the_next_ones(full: Connection) -> None:
    with as_app(full, DEFAULT_TENANT):
        assert count(full, "blob_inventory") == 14
    with as_app(full, None):
        assert count(full, "blob_inventory") == 0


INSERT_BLOB = "INSERT INTO blob_inventory (tenant_id, blob_key, file_name) VALUES (%s, 'x', 'x')"


@pytest.mark.parametrize("tenant", [None, OTHER_TENANT], ids=["no-setting", "another-tenant"])
def test_rows_of_a_tenant_cannot_be_inserted_by_others(full: Connection, tenant: str | None) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), as_app(full, tenant):
        full.execute(INSERT_BLOB, (DEFAULT_TENANT,))
    with as_app(full, DEFAULT_TENANT):
        full.execute(INSERT_BLOB, (DEFAULT_TENANT,))
    assert count(full, "blob_inventory") == 15


def test_rows_cannot_be_changed_across_tenants_or_given_away(full: Connection) -> None:
    with as_app(full, OTHER_TENANT):
        assert full.execute("UPDATE blob_inventory SET extraction_priority = 99").rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), as_app(full, DEFAULT_TENANT):
        full.execute("UPDATE blob_inventory SET tenant_id = %s WHERE file_name = 'new_100%%.pdf'", (OTHER_TENANT,))
    with as_app(full, OTHER_TENANT):
        assert full.execute("DELETE FROM document_groups").rowcount == 0


def test_a_tenant_can_be_neither_made_nor_looked_up_by_another(full: Connection) -> None:
    with as_app(full, OTHER_TENANT):
        assert full.execute("SELECT name FROM tenants").fetchall() == [("other",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"), as_app(full, OTHER_TENANT):
        full.execute("INSERT INTO tenants (name) VALUES ('third')")


def test_even_the_owner_cannot_queue_a_job_on_another_tenants_file(full: Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        full.execute("INSERT INTO extraction_jobs (tenant_id, blob_id, job_type) "
                     "SELECT %s, blob_id, 'pdf' FROM blob_inventory WHERE file_name = 'new_100%%.pdf'", (OTHER_TENANT,))


def test_the_apis_role_may_not_run_the_owners_functions(full: Connection) -> None:
    for call in ("protect_tenant_table('tenants', 'ALL')", "refresh_blob_status(ARRAY[]::uuid[])"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), as_app(full, DEFAULT_TENANT):
            full.execute(f"SELECT {call}")
