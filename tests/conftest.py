"""A real PostgreSQL for every test: the embedded server by default, a fresh database each, a non-superuser owner.

DRAFTMILL_TEST_DB=container   a pgvector container through testcontainers, where Docker runs
DRAFTMILL_TEST_DB_URL=…       any server whose login may create databases (pgvector in template1)
DRAFTMILL_TEST_POOLER=1       everything but tests marked `direct` goes through PgBouncer in transaction mode
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pipeline import migrations
from pipeline.database import Connection, Database
from pipeline.embedded import ROOT_HOME, EmbeddedServer
from tests import pooler as pgbouncer

POOLED = bool(os.environ.get("DRAFTMILL_TEST_POOLER"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if POOLED:
        leave_out = pytest.mark.skip(reason="needs a direct connection; this run goes through PgBouncer")
        for item in items:
            if item.get_closest_marker("direct"):
                item.add_marker(leave_out)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith("DRAFTMILL_") and not variable.startswith("DRAFTMILL_TEST") and variable != "DRAFTMILL_CORPUS":
            monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the maintenance database, as a login that may create databases and is no superuser."""
    if url := os.environ.get("DRAFTMILL_TEST_DB_URL"):
        yield url
    elif os.environ.get("DRAFTMILL_TEST_DB") == "container":
        yield from _container()
    else:
        server = EmbeddedServer(tmp_path_factory.mktemp("server"))
        yield server.url()
        discard(server)


def _container() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer("pgvector/pgvector:pg17", driver=None) as container:
        admin = container.get_connection_url()
        with psycopg.connect(admin.rsplit("/", 1)[0] + "/template1", autocommit=True) as conn:
            conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
            conn.execute("CREATE ROLE draftmill LOGIN CREATEDB CREATEROLE PASSWORD 'draftmill'")
            conn.execute("CREATE DATABASE draftmill OWNER draftmill")
        host = admin.rsplit("@", 1)[1].rsplit("/", 1)[0]
        yield f"postgresql://draftmill:draftmill@{host}/draftmill"


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Name of a migrated database that each test copies."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _administer(server_url, "CREATE DATABASE {}", name)
    migrations.migrate(Database(_with_database(server_url, name)))
    return name


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """Direct URL of a fresh database without any of our tables."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _administer(server_url, "CREATE DATABASE {}", name)
    yield _with_database(server_url, name)
    _drop(server_url, name)


@pytest.fixture
def direct_url(server_url: str, template: str) -> Iterator[str]:
    """Direct URL of a fresh, migrated database."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _administer(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    yield _with_database(server_url, name)
    _drop(server_url, name)


@pytest.fixture(scope="session")
def pooler(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pgbouncer.PgBouncer]:
    with pgbouncer.PgBouncer(server_url, tmp_path_factory.mktemp("pgbouncer")) as running:
        yield running


@pytest.fixture
def database_url(direct_url: str, request: pytest.FixtureRequest) -> str:
    """URL that the code under test uses: through the pooler in a pooled run."""
    if not POOLED:
        return direct_url
    running: pgbouncer.PgBouncer = request.getfixturevalue("pooler")
    return running.url(direct_url)


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(database_url, wait=timedelta(seconds=20))


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """An autocommit connection of the test's own."""
    with database.connect("test", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; the test is skipped where it is missing."""
    folder = Path(os.environ.get("DRAFTMILL_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder}; set DRAFTMILL_CORPUS")
    return folder


def discard(server: EmbeddedServer) -> None:
    """Stop a test's server and remove its cluster, which as root may lie outside the test's folder."""
    cluster = Path(json.loads(server.state_file.read_text(encoding="utf-8"))["cluster"])
    server.stop()
    shutil.rmtree(cluster.parent if cluster.is_relative_to(ROOT_HOME) else cluster, ignore_errors=True)


def _with_database(url: str, name: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + name


def _drop(url: str, name: str) -> None:
    """An autovacuum worker in the database is the superuser's: FORCE is refused until it has gone, which is soon."""
    for _ in range(100):
        try:
            return _administer(url, "DROP DATABASE {} WITH (FORCE)", name)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.1)
    return _administer(url, "DROP DATABASE {}", name)


def _administer(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]
