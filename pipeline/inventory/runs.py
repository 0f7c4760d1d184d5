"""Looks at a source: beginning one, and knowing whether one is due, on the database's clock and over all machines.

    due = begin_if_due(conn, …, every=timedelta(minutes=15), silent_after=timedelta(minutes=5))
    if due.run_id is None: wait for due.wait
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString

import psycopg

from pipeline.database import Connection, Session
from pipeline.errors import DraftmillError

log = logging.getLogger(__name__)

BEGIN: LiteralString = """
    INSERT INTO inventory_runs (tenant_id, source_store, source_url, machine, active_at)
    VALUES (%(tenant)s, %(store)s, %(url)s, %(machine)s, statement_timestamp())
    RETURNING run_id
"""

# Two machines must not both find that nothing was done lately: who comes second looks when the first has begun.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('draftmill sync ' || %(tenant)s || ' ' || %(store)s, 0))"

# A look that gave no sign of life for too long was left by a machine that died.
LAST: LiteralString = """
    SELECT started_at + %(every)s::interval - statement_timestamp() AS left_to_wait,
           coalesce(active_at > statement_timestamp() - %(silent_after)s::interval, false) AS under_way
    FROM inventory_runs
    WHERE tenant_id = %(tenant)s AND source_store = %(store)s
    ORDER BY run_id DESC
    LIMIT 1
"""

UNDER_WAY_POLL = timedelta(seconds=5)


@dataclass(frozen=True)
class Due:
    """run_id: the run that was begun; None: nothing is due, look again after `wait`."""

    run_id: int | None
    wait: timedelta = timedelta(0)


def begin(conn: Connection, *, tenant_id: str, store: str, url: str, machine: str) -> int:
    """Begin a look at a store, whatever else goes on; returns its run_id."""
    row = conn.execute(BEGIN, {"tenant": tenant_id, "store": store, "url": url, "machine": machine}).fetchone()
    assert row is not None
    return int(row[0])


def begin_if_due(conn: Connection, *, tenant_id: str, store: str, url: str, machine: str, every: timedelta,
                 silent_after: timedelta) -> Due:
    """Begin a look where the last one at this store, of any machine, began `every` ago and is not under way. In one transaction.

    silent_after  so long after its last sign of life a look counts as left by a machine that died
    """
    conn.execute(LOCK, {"tenant": tenant_id, "store": store})
    last = conn.execute(LAST, {"tenant": tenant_id, "store": store, "every": every, "silent_after": silent_after}).fetchone()
    if last is not None:
        left, under_way = last
        if under_way:
            return Due(None, max(left, min(every, UNDER_WAY_POLL)))
        if left > timedelta(0):
            return Due(None, left)
    return Due(begin(conn, tenant_id=tenant_id, store=store, url=url, machine=machine))


def stay_active(conn: Connection, run_id: int) -> None:
    """A sign of life of the run."""
    conn.execute("UPDATE inventory_runs SET active_at = statement_timestamp() WHERE run_id = %s AND finished_at IS NULL", (run_id,))


@contextmanager
def ending(session: Session, run_id: int) -> Iterator[None]:
    """However the block ends, nobody need wait for this run any longer."""
    try:
        yield
    except BaseException as exc:
        if not isinstance(exc, psycopg.Error) and not isinstance(exc.__cause__, psycopg.Error):  # else its silence will say so
            with contextlib.suppress(psycopg.Error, DraftmillError):
                session.run(lambda conn: conn.execute("UPDATE inventory_runs SET active_at = NULL WHERE run_id = %s", (run_id,)))
        raise
