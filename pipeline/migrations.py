"""Numbered SQL files and the ledger of those that were applied.

A file and its ledger row commit together. Any number of machines may migrate at once: a transaction-level
advisory lock lets one do the work while the others wait and then find nothing left. A file whose second
line is `-- draftmill: no transaction` runs outside a transaction (CREATE INDEX CONCURRENTLY), one statement
a file, and must be safe to run again.
"""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from pipeline.database import Connection, Database
from pipeline.errors import ConfigError

MIGRATIONS = Path(__file__).resolve().parent.parent / "sql" / "migrations"
MARKER = "-- draftmill: no transaction"
LOCK_KEY = 0x64726D6C  # 'drml'
MINIMUM_SERVER = 150000

LEDGER = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version     integer     PRIMARY KEY,
        name        text        NOT NULL,
        checksum    text        NOT NULL,
        applied_at  timestamptz NOT NULL DEFAULT now(),
        applied_by  text        NOT NULL
    )
"""


class MigrationError(ConfigError):
    """A migration failed, was edited, or is missing; the message names it and the mend."""


@dataclass(frozen=True)
class Migration:
    version: int
    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def checksum(self) -> str:
        """SHA-256 of the text; line ends do not count, Git may change them on Windows."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def transactional(self) -> bool:
        return MARKER not in self.text.splitlines()[:5]

    @property
    def undo_path(self) -> Path:
        return self.path.parent / "undo" / self.path.name

    def __str__(self) -> str:
        return f"{self.version:04d}_{self.name}"


@dataclass(frozen=True)
class Applied:
    version: int
    name: str
    checksum: str


def available(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations of this release, in order. Raises MigrationError for a gap or a number used twice."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", path.stem)
        if not match:
            raise MigrationError(f"{path.name} is no migration name; call it NNNN_name.sql")
        found.append(Migration(int(match[1]), match[2], path))
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MigrationError(f"{migration.path.name} stands where number {expected:04d} is expected; "
                                 "restore the missing file from the release")
    return found


def applied(conn: Connection) -> list[Applied]:
    """The ledger, in order; empty where the database was never migrated."""
    if conn.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
        return []
    rows = conn.execute("SELECT version, name, checksum FROM schema_migrations ORDER BY version").fetchall()
    return [Applied(*row) for row in rows]


def faults(ledger: Sequence[Applied], migrations: Sequence[Migration]) -> list[str]:
    """What is wrong between ledger and files, each with the mend; pending migrations are no fault."""
    files = {migration.version: migration for migration in migrations}
    found = []
    for row in ledger:
        migration = files.get(row.version)
        if migration is None:
            found.append(f"{row.version:04d}_{row.name} was applied, but this release has no such file: the schema is newer than "
                         "this release, or the file was lost; update Draftmill on this machine")
        elif migration.checksum != row.checksum:
            found.append(f"{migration} was edited after it had been applied; restore {migration.path.name} from the release "
                         "and put the change into a new migration")
    return found


def pending(ledger: Sequence[Applied], migrations: Sequence[Migration]) -> list[Migration]:
    done = {row.version for row in ledger}
    return [migration for migration in migrations if migration.version not in done]


def check_schema(conn: Connection, folder: Path = MIGRATIONS) -> None:
    """Raise ConfigError unless the schema is this release's: every step but A1 starts with this."""
    ledger, migrations = applied(conn), available(folder)
    wrong = faults(ledger, migrations)
    if wrong:
        raise ConfigError("; ".join(wrong))
    missing = pending(ledger, migrations)
    if missing:
        raise ConfigError(f"the database lacks {len(missing)} migrations, first {missing[0]}; run: python run_pipeline.py --phase A1")


def migrate(database: Database, *, folder: Path = MIGRATIONS, to: int | None = None) -> list[Migration]:
    """Apply what is pending, up to number `to`. Returns what this call applied.

    Raises MigrationError where a file was edited, is missing, or fails; whatever came before it stays applied.
    """
    migrations = available(folder)
    with database.connect("migrations", autocommit=True) as conn:
        check_server(conn)
        _create_ledger(conn)
        done = []
        while (migration := _apply_next(conn, migrations, to)) is not None:
            done.append(migration)
        return done


def rollback(database: Database, *, to: int, folder: Path = MIGRATIONS) -> list[Migration]:
    """Undo every migration above number `to`, newest first. Returns what was undone. For tests and emergencies."""
    files = {migration.version: migration for migration in available(folder)}
    undone = []
    with database.connect("migrations", autocommit=True) as conn:
        for row in reversed(applied(conn)):
            if row.version <= to:
                break
            with conn.transaction():
                conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
                _run(conn, files[row.version].undo_path.read_text(encoding="utf-8"))
                conn.execute("DELETE FROM schema_migrations WHERE version = %s", (row.version,))
            undone.append(files[row.version])
    return undone


def check_server(conn: Connection) -> None:
    """Raise ConfigError for a server that is too old or has no pgvector to offer."""
    version = conn.info.server_version
    if version < MINIMUM_SERVER:
        raise ConfigError(f"the database is PostgreSQL {version // 10000}; Draftmill needs 15 or newer")
    row = conn.execute("SELECT default_version, installed_version FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if row is None:
        raise ConfigError("the database server has no pgvector; install the extension 'vector' 0.7 or newer on the server")
    found = row[1] or row[0]
    if tuple(int(part) for part in re.findall(r"\d+", found)[:2]) < (0, 7):
        raise ConfigError(f"pgvector {found} is too old; Draftmill needs 0.7 or newer: ALTER EXTENSION vector UPDATE")


def _create_ledger(conn: Connection) -> None:
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        if conn.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
            conn.execute(LEDGER)


def _apply_next(conn: Connection, migrations: Sequence[Migration], to: int | None) -> Migration | None:
    """Apply the first pending migration; None where nothing is left."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        migration = _next(conn, migrations, to)
        if migration is None or not migration.transactional:
            outside = migration
        else:
            _run_named(conn, migration)
            _record(conn, migration)
            return migration
    if outside is not None:
        _run_named(conn, outside)
        with conn.transaction():
            _record(conn, outside)
    return outside


def _next(conn: Connection, migrations: Sequence[Migration], to: int | None) -> Migration | None:
    ledger = applied(conn)
    wrong = faults(ledger, migrations)
    if wrong:
        raise MigrationError("; ".join(wrong))
    return next((m for m in pending(ledger, migrations) if to is None or m.version <= to), None)


def _record(conn: Connection, migration: Migration) -> None:
    conn.execute(
        "INSERT INTO schema_migrations (version, name, checksum, applied_by) VALUES (%s, %s, %s, %s) ON CONFLICT (version) DO NOTHING",
        (migration.version, migration.name, migration.checksum, socket.gethostname()))


def _run_named(conn: Connection, migration: Migration) -> None:
    try:
        _run(conn, migration.text)
    except psycopg.Error as exc:
        hint = f" ({exc.diag.message_hint})" if exc.diag.message_hint else ""
        raise MigrationError(f"{migration.path.name} failed and left nothing behind: {exc.diag.message_primary or exc}{hint}; "
                             "mend the cause and run A1 again") from exc


def _run(conn: Connection, text: str) -> None:
    conn.execute(text.encode())  # our own files; without parameters, one call may hold many statements
