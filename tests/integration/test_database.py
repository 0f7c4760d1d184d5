"""A database that is away is waited for; one that refuses us is named at once."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from pipeline.database import Connection, Database
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
