"""Connections to the one coordinator.

    database = Database.from_settings(settings)
    session = database.session("B3 worker")
    session.run(lambda conn: claim(conn, …))     # one transaction, repeated when the connection is lost

Everything here works through a transaction-mode pooler: no session state, no prepared statements.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeVar

import psycopg
import tenacity
from psycopg import errors as pg

from pipeline.config import Settings, redact_url
from pipeline.embedded import EmbeddedServer
from pipeline.errors import ConfigError, UnavailableError

log = logging.getLogger(__name__)

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

DEFAULT_TENANT = "00000000-0000-0000-0000-000000000001"
CONNECT_TIMEOUT = timedelta(seconds=10)
# What waiting cannot mend: a wrong password, database or role, or a TLS demand that one side refuses. A host name that is
# not found and a TLS connection that breaks off may be troubles of the moment.
HOPELESS = re.compile(r"password authentication failed|no password supplied|database \".*\" does not exist|role \".*\" does not exist"
                      r"|no pg_hba.conf entry|does not support SSL|sslmode|certificate verify failed|certificate file"
                      r"|invalid connection option", re.IGNORECASE)
# The server ended the transaction for reasons of its own; the same work may pass a moment later.
RETRYABLE = (pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable, pg.AdminShutdown, pg.CrashShutdown,
             pg.CannotConnectNow, pg.TooManyConnections, pg.DiskFull, pg.IdleInTransactionSessionTimeout, pg.ReadOnlySqlTransaction)


class Database:
    """Where the database is, and how long to wait for it."""

    def __init__(self, url: str, *, direct_url: str = "", wait: timedelta = timedelta(minutes=5),
                 embedded: EmbeddedServer | None = None) -> None:
        self._url = url
        self._direct_url = direct_url
        self._embedded = embedded
        self.wait = wait

    @classmethod
    def from_settings(cls, settings: Settings) -> Database:
        """The server of DB_URL, or the embedded one of DATA_DIR where DB_URL is empty."""
        embedded = None if settings.db_url else EmbeddedServer(settings.data_dir)
        return cls(settings.db_url, direct_url=settings.db_direct_url, wait=settings.db_wait_seconds, embedded=embedded)

    @property
    def embedded(self) -> EmbeddedServer | None:
        return self._embedded

    def exists(self) -> bool:
        """False where the embedded database was never made; connecting would make it."""
        return self._embedded is None or self._embedded.state_file.exists()

    def url(self) -> str:
        """Connection URL; starts the embedded server where that is the database."""
        return self._embedded.url() if self._embedded else self._url

    def direct_url(self) -> str | None:
        """URL past any pooler, for LISTEN; None where none is known."""
        return self._embedded.url() if self._embedded else self._direct_url or None

    def connect(self, name: str, *, autocommit: bool = False) -> Connection:
        """A connection, waited for with backoff while the database is away.

        Raises ConfigError where waiting cannot help, UnavailableError after `wait`.
        """
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass), stop=tenacity.stop_after_delay(self.wait),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=15), before_sleep=self._log_retry)
        try:
            return attempts(self._connect_once, name, autocommit=autocommit)
        except tenacity.RetryError as exc:
            last = exc.last_attempt.exception()
            raise UnavailableError(f"the database {self._where} did not answer for {self.wait.total_seconds():g} s: {_first_line(last)}; "
                                   "start it, or mend DB_URL in config.txt") from last
        except psycopg.OperationalError as exc:
            raise ConfigError(f"the database {self._where} refuses us: {_first_line(exc)}; mend DB_URL") from exc
        except psycopg.ProgrammingError:  # its words may quote the password, and so may its cause's
            raise ConfigError("DB_URL is no connection URL that PostgreSQL understands; write it as in config.txt, with special "
                              "characters in user and password percent-encoded") from None

    @property
    def _where(self) -> str:
        return redact_url(self._url) if self._url else "the embedded server"

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        log.warning("database.unreachable", extra={"where": self._where, "retry_in_s": round(state.upcoming_sleep, 1),
                                                   "reason": _first_line(state.outcome.exception() if state.outcome else None)})

    def _connect_once(self, name: str, *, autocommit: bool) -> Connection:
        return psycopg.connect(
            self.url(), autocommit=autocommit, prepare_threshold=None, application_name=f"draftmill {name}"[:63],
            connect_timeout=int(CONNECT_TIMEOUT.total_seconds()), keepalives=1, keepalives_idle=30, keepalives_interval=10,
            keepalives_count=3, tcp_user_timeout=60_000)

    def session(self, name: str) -> Session:
        return Session(self, name)

    @contextmanager
    def transaction(self, name: str) -> Iterator[Connection]:
        """One transaction on a connection of its own; committed unless the block raises."""
        with self.connect(name) as conn:
            yield conn


def _may_pass(exc: BaseException) -> bool:
    return isinstance(exc, psycopg.OperationalError) and not HOPELESS.search(str(exc))


def _first_line(exc: BaseException | None) -> str:
    return (str(exc).strip().splitlines() or ["no reason given"])[0].strip()


class Session:
    """One connection that heals: what is run on it is one transaction, repeated when the connection was lost.

    A connection lost during commit leaves the outcome unknown, so work must be harmless when it is repeated:
    writes are fenced by the claim's attempt, or idempotent.
    """

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name
        self.losses = 0  # how often work was repeated because its outcome was unknown
        self._conn: Connection | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work(conn)`, committed.

        Raises what `work` raises, except losses of the connection, which are waited out: UnavailableError in the end.
        """
        deadline = time.monotonic() + self.database.wait.total_seconds()
        while True:
            conn = self._connection()
            try:
                with conn.transaction():
                    return work(conn)
            except psycopg.Error as exc:
                if not self._lost(exc):
                    raise
                if time.monotonic() > deadline:
                    raise UnavailableError(f"the database kept failing for {self.database.wait.total_seconds():g} s: "
                                           f"{type(exc).__name__}") from exc
                self.losses += 1
                log.warning("database.retrying", extra={"session": self.name, "reason": type(exc).__name__})
                time.sleep(random.uniform(0.05, 0.5))

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _connection(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = self.database.connect(self.name, autocommit=True)
        return self._conn

    def _lost(self, exc: psycopg.Error) -> bool:
        if self._conn is not None and (self._conn.closed or self._conn.broken):
            self.close()
            return True
        return isinstance(exc, RETRYABLE)
