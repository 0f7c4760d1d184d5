"""A database that is away is waited for; one that refuses us is named at once."""

from __future__ import annotations

import time
from datetime import timedelta

import psycopg
import pytest

from pipeline.database import Connection, Database, _may_pass
from pipeline.errors import ConfigError, UnavailableError

NOBODY_LISTENS = "postgresql://u:hunter2@127.0.0.1:1/d"


def test_a_database_that_stays_away_is_named_without_its_password() -> None:
    with pytest.raises(UnavailableError) as caught:
        Database(NOBODY_LISTENS, wait=timedelta(seconds=0.5)).connect("test")
    assert "127.0.0.1:1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_wrong_password_is_not_waited_for(direct_url: str) -> None:
    user = direct_url.removeprefix("postgresql://").split(":")[0]
    wrong = f"postgresql://{user}:nonsense@{direct_url.rsplit('@', 1)[1]}"
    began = time.monotonic()
    with pytest.raises(ConfigError, match="refuses us"):
        Database(wrong, wait=timedelta(seconds=60)).connect("test")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("url", [
    pytest.param("postgresql://u:hunter%zz@127.0.0.1/d", id="bad percent"),
    pytest.param("postgresql://u:hunter2@127.0.0.1/d?nonsense=1", id="unknown parameter"),
])
def test_a_url_that_is_none_is_said_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigError, match="DB_URL") as caught:
        Database(url).connect("test")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(("words", "passes"), [
    pytest.param("connection failed: SSL SYSCALL error: Connection reset by peer", True, id="TLS broke off"),
    pytest.param("failed to resolve host 'db': [Errno -3] Temporary failure in name resolution", True, id="no name server"),
    pytest.param("connection is bad: server does not support SSL, but SSL was required", False, id="no TLS"),
    pytest.param('FATAL: database "drafts" does not exist', False, id="no database"),
])
def test_what_waiting_may_mend_is_waited_for(words: str, passes: bool) -> None:
    assert _may_pass(psycopg.OperationalError(words)) is passes


def test_a_session_repeats_what_a_lost_connection_interrupted(database: Database, conn: Connection) -> None:
    conn.execute("CREATE TABLE done (attempt integer)")
    attempts = []

    def work(inner: Connection) -> int:
        attempts.append(1)
        inner.execute("INSERT INTO done VALUES (%s)", (len(attempts),))
        if len(attempts) == 1:
            row = inner.execute("SELECT pg_backend_pid()").fetchone()
            conn.execute("SELECT pg_terminate_backend(%s)", row)
        inner.execute("SELECT 1")
        return len(attempts)

    with database.session("test") as session:
        assert session.run(work) == 2
    assert conn.execute("SELECT attempt FROM done").fetchall() == [(2,)]


def test_a_session_does_not_repeat_what_the_work_itself_got_wrong(database: Database) -> None:
    attempts = []

    def work(inner: Connection) -> None:
        attempts.append(1)
        inner.execute("SELECT 1 / 0")

    with database.session("test") as session, pytest.raises(Exception, match="division by zero"):
        session.run(work)
    assert len(attempts) == 1
