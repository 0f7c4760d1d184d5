"""What operators set while workers run: pause, resume, cap a job type; drain a machine."""

from __future__ import annotations

import difflib

from pipeline.database import Connection
from pipeline.errors import ConfigError
from pipeline.jobs.queue import CHANNEL, job_types


def pause(conn: Connection, job_type: str) -> None:
    """Nobody claims this type any more; jobs in hand are finished."""
    _set_paused(conn, job_type, paused=True)


def resume(conn: Connection, job_type: str) -> None:
    _set_paused(conn, job_type, paused=False)
    conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))


def cap(conn: Connection, job_type: str, limit: int | None) -> None:
    """At most `limit` of this type run over all machines; None lifts the cap. Jobs in hand are finished."""
    check_job_type(conn, job_type)
    conn.execute("UPDATE job_types SET max_concurrent = %s, updated_at = now() WHERE job_type = %s", (limit, job_type))


def drain_machine(conn: Connection, machine: str) -> int:
    """Ask every live worker of a machine to finish what is in hand and stop. Returns how many were asked.

    Raises ConfigError where no worker of that name lives, naming those that do.
    """
    asked = conn.execute(
        "UPDATE workers SET drain = true WHERE machine = %s AND state IN ('running', 'draining')", (machine,)).rowcount
    if asked:
        conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
        return asked
    rows = conn.execute("SELECT DISTINCT machine FROM workers WHERE state IN ('running', 'draining') ORDER BY 1")
    live = ", ".join(row[0] for row in rows)
    raise ConfigError(f'no worker runs on "{machine}"; ' + (f"workers run on: {live}" if live else "no worker runs anywhere"))


def _set_paused(conn: Connection, job_type: str, *, paused: bool) -> None:
    check_job_type(conn, job_type)
    conn.execute("UPDATE job_types SET paused = %s, updated_at = now() WHERE job_type = %s", (paused, job_type))


def check_job_type(conn: Connection, job_type: str) -> None:
    """Raise ConfigError, with the near one, where there is no such type."""
    known = job_types(conn)
    if job_type in known:
        return
    near = difflib.get_close_matches(job_type, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "known are " + ", ".join(known)
    raise ConfigError(f'"{job_type}" is no job type; {hint}')
