"""The registry of workers: who runs, since when, last seen when, and whether an operator wants it to drain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from pipeline.database import Connection

REGISTER: LiteralString = """
    INSERT INTO workers (worker_id, machine, pid, job_types, children, release)
    VALUES (%(worker_id)s, %(machine)s, %(pid)s, %(job_types)s, %(children)s, %(release)s)
    ON CONFLICT (worker_id) DO UPDATE SET state = 'running', last_seen = now()
"""

SEEN: LiteralString = """
    UPDATE workers
    SET last_seen = statement_timestamp(), jobs_done = %(done)s, jobs_failed = %(failed)s, note = %(note)s,
        state = CASE WHEN drain OR %(draining)s THEN 'draining' ELSE 'running' END
    WHERE worker_id = %(worker_id)s
    RETURNING drain
"""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker says of itself with each heartbeat. note: why it is waiting, if it is."""

    worker_id: str
    done: int
    failed: int
    draining: bool = False
    note: str | None = None

    def send(self, conn: Connection) -> bool:
        """Record it; True where an operator asks this worker to drain."""
        row = conn.execute(SEEN, {"worker_id": self.worker_id, "done": self.done, "failed": self.failed,
                                  "draining": self.draining, "note": self.note}).fetchone()
        return bool(row and row[0])


def register_worker(conn: Connection, *, worker_id: str, machine: str, pid: int, job_types: Sequence[str], children: int,
                    release: str) -> None:
    """Enter a worker; worker_id is machine/uuid, made anew at every start."""
    conn.execute(REGISTER, {"worker_id": worker_id, "machine": machine, "pid": pid, "job_types": list(job_types),
                            "children": children, "release": release})


def stop_worker(conn: Connection, worker_id: str) -> None:
    """The worker has ended by itself and holds nothing any more."""
    conn.execute("UPDATE workers SET state = 'stopped', stopped_at = now(), last_seen = now(), note = NULL WHERE worker_id = %s",
                 (worker_id,))
