"""Up, down, up again; five at once; and every way in which a migration can be wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from pipeline import migrations
from pipeline.database import Database
from pipeline.errors import ConfigError
from pipeline.migrations import MigrationError
from pipeline.observe import catalogue

pytestmark = pytest.mark.direct

BUSY = (Path(__file__).parent / "busy_database.sql").read_text(encoding="utf-8")
LAST = len(migrations.available())


@pytest.fixture
def empty(empty_url: str) -> Database:
    return Database(empty_url, wait=timedelta(seconds=20))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small migrations of the test's own."""
    write(tmp_path, "0001_first", "CREATE TABLE first (id integer);", "DROP TABLE first;")
    write(tmp_path, "0002_second", "CREATE TABLE second (id integer);", "DROP TABLE second;")
    return tmp_path


def write(folder: Path, name: str, up: str, down: str = "SELECT 1;") -> None:
    (folder / "undo").mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(up + "\n", encoding="utf-8")
    (folder / "undo" / f"{name}.sql").write_text(down + "\n", encoding="utf-8")


def ledger(database: Database) -> list[str]:
    with database.connect("test") as conn:
        return [f"{row.version:04d}_{row.name}" for row in migrations.applied(conn)]


def tables(database: Database) -> set[str]:
    with database.connect("test") as conn:
        return {row[0] for row in conn.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")}


def schema(database: Database) -> str:
    with database.connect("test") as conn:
        return catalogue.read(conn)[0].to_json()


def test_migrations_run_as_an_owner_who_is_no_superuser_and_bypasses_nothing(empty: Database) -> None:
    migrations.migrate(empty)
    with empty.connect("test") as conn:
        role = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert conn.execute(role).fetchone() == (False, False)
        strangers = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> current_user"
        assert conn.execute(strangers).fetchone() == (0,)


def test_up_down_and_up_again_over_a_database_with_data(empty: Database) -> None:
    assert len(migrations.migrate(empty)) == LAST
    before = schema(empty)
    with empty.connect("test") as conn:
        conn.execute(BUSY)
    assert [migration.version for migration in migrations.rollback(empty, to=0)] == list(range(LAST, 0, -1))
    assert tables(empty) == {"schema_migrations"}
    assert ledger(empty) == []
    assert len(migrations.migrate(empty)) == LAST
    assert schema(empty) == before
    assert migrations.migrate(empty) == [], "a second run finds nothing to do"


def test_each_migration_goes_down_and_up_by_itself_and_leaves_older_tables_their_rows(empty: Database) -> None:
    migrations.migrate(empty)
    before = schema(empty)
    with empty.connect("test") as conn:
        conn.execute(BUSY)
    for version in range(LAST, 2, -1):
        undone = migrations.rollback(empty, to=version - 1)
        assert [migration.version for migration in migrations.migrate(empty)] == list(range(version, LAST + 1))
        assert undone[-1].version == version
        assert schema(empty) == before
        with empty.connect("test") as conn:
            assert conn.execute("SELECT count(*) FROM blob_inventory").fetchone() == (14,)


def test_migrating_up_to_a_number_stops_there(empty: Database) -> None:
    assert [migration.version for migration in migrations.migrate(empty, to=2)] == [1, 2]
    message = rf"lacks {LAST - 2} migrations, first 0003_jobs.*--phase A1"
    with empty.connect("test") as conn, pytest.raises(ConfigError, match=message):
        migrations.check_schema(conn)


def test_five_at_once_share_the_work_without_a_fault(empty_url: str) -> None:
    def migrate(_: int) -> list[int]:
        return [migration.version for migration in migrations.migrate(Database(empty_url, wait=timedelta(seconds=20)))]

    with ThreadPoolExecutor(5) as threads:
        done = list(threads.map(migrate, range(5)))
    assert sorted(version for each in done for version in each) == list(range(1, LAST + 1)), "each applied once"
    with Database(empty_url).connect("test") as conn:
        migrations.check_schema(conn)


def test_a_machine_that_finds_another_at_work_waits_and_then_has_nothing_to_do(empty: Database) -> None:
    with ThreadPoolExecutor(1) as threads, empty.connect("first") as first:
        first.execute("SELECT pg_advisory_xact_lock(%s)", (migrations.LOCK_KEY,))
        second = threads.submit(migrations.migrate, empty)
        with empty.connect("watch", autocommit=True) as watch:
            watch.execute("DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) "
                          "LOOP PERFORM pg_sleep(0.01); END LOOP; END $$")
        assert not second.done()
        assert tables(empty) == set()
        first.commit()
        assert len(second.result(timeout=60)) == LAST


def test_an_edited_migration_is_named_with_the_mend(empty: Database, folder: Path) -> None:
    migrations.migrate(empty, folder=folder)
    write(folder, "0001_first", "CREATE TABLE first (id bigint);")
    write(folder, "0003_third", "CREATE TABLE third (id integer);")
    with pytest.raises(MigrationError, match=r"0001_first was edited after it had been applied; restore 0001_first\.sql"):
        migrations.migrate(empty, folder=folder)
    assert "third" not in tables(empty)
    with empty.connect("test") as conn, pytest.raises(ConfigError, match="0001_first was edited"):
        migrations.check_schema(conn, folder)


def test_a_missing_migration_is_named_with_the_mend(empty: Database, folder: Path) -> None:
    migrations.migrate(empty, folder=folder)
    (folder / "0001_first.sql").unlink()
    with pytest.raises(MigrationError, match=r"0002_second\.sql stands where number 0001 is expected; restore the missing file"):
        migrations.migrate(empty, folder=folder)


def test_a_schema_newer_than_the_release_is_refused(empty: Database, folder: Path) -> None:
    migrations.migrate(empty, folder=folder)
    (folder / "0002_second.sql").unlink()
    with empty.connect("test") as conn, pytest.raises(ConfigError, match=r"0002_second was applied.*newer.*update Draftmill"):
        migrations.check_schema(conn, folder)
    with pytest.raises(MigrationError, match="newer"):
        migrations.migrate(empty, folder=folder)


def test_a_failing_migration_is_named_leaves_nothing_and_keeps_what_came_before(empty: Database, folder: Path) -> None:
    write(folder, "0002_second", "CREATE TABLE second (id integer); INSERT INTO nowhere VALUES (1);")
    message = r'0002_second\.sql failed and left nothing behind: relation "nowhere" does not exist.*run A1'
    with pytest.raises(MigrationError, match=message):
        migrations.migrate(empty, folder=folder)
    assert ledger(empty) == ["0001_first"]
    assert "second" not in tables(empty)
    write(folder, "0002_second", "CREATE TABLE second (id integer);")
    assert [str(migration) for migration in migrations.migrate(empty, folder=folder)] == ["0002_second"]


def test_a_file_with_another_name_is_refused(empty: Database, folder: Path) -> None:
    (folder / "3-third.sql").write_text("SELECT 1;", encoding="utf-8")
    with pytest.raises(MigrationError, match=r"3-third\.sql is no migration name; call it NNNN_name\.sql"):
        migrations.migrate(empty, folder=folder)


def test_a_marked_migration_runs_outside_a_transaction_and_may_run_again(empty: Database, folder: Path) -> None:
    concurrently = f"-- 0003  An index.\n{migrations.MARKER}\nCREATE INDEX CONCURRENTLY IF NOT EXISTS first_idx ON first (id);"
    write(folder, "0003_index", concurrently, "DROP INDEX first_idx;")
    assert len(migrations.migrate(empty, folder=folder)) == 3
    with empty.connect("test") as conn:
        conn.execute("DELETE FROM schema_migrations WHERE version = 3")  # killed between the statement and its ledger row
    assert [str(migration) for migration in migrations.migrate(empty, folder=folder)] == ["0003_index"]
    assert ledger(empty)[-1] == "0003_index"


def test_line_ends_do_not_count(folder: Path) -> None:
    text = "CREATE TABLE first (\n    id integer\n);\n"
    checksums = set()
    for ends in ("\n", "\r\n"):
        (folder / "0001_first.sql").write_bytes(text.replace("\n", ends).encode())
        checksums.add(migrations.available(folder)[0].checksum)
    assert len(checksums) == 1


@pytest.mark.parametrize("migration", migrations.available(), ids=str)
def test_every_migration_has_its_undo_and_says_why_what_it_blocks_and_how_it_is_undone(migration: migrations.Migration) -> None:
    assert migration.undo_path.is_file()
    head = migration.text.splitlines()[:6]
    assert head[0].startswith(f"-- {migration.version:04d}  ")
    for word in ("Why", "Blocks", "Undo"):
        assert any(line.startswith(f"-- {word} ") for line in head), f"{migration}: no line '-- {word}'"
    if migration.transactional:
        assert "SET LOCAL lock_timeout" in migration.text


def test_no_undo_drops_a_role() -> None:
    for migration in migrations.available():
        assert "DROP ROLE" not in migration.undo_path.read_text(encoding="utf-8").upper(), "other databases of the cluster use it"


def test_two_databases_of_one_cluster_may_be_migrated_at_the_same_moment(empty_url: str, server_url: str) -> None:
    other = empty_url + "_b"
    with psycopg.connect(server_url, autocommit=True) as admin:
        name = other.rsplit("/", 1)[1]
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            with ThreadPoolExecutor(2) as threads:
                done = list(threads.map(lambda url: len(migrations.migrate(Database(url))), [empty_url, other]))
            assert done == [LAST, LAST]
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
