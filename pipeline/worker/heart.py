"""The parent's heartbeat: a thread of its own on a connection of its own.

Each beat renews the leases of what the machine holds and says which jobs a child has begun. Then, in a transaction of
its own, it reads the drain flag and now and then rescues what other machines let fall: whoever locks a row of `workers`
must not stop the leases. When beats have failed for two thirds of the lease, the children are killed before somebody
else may take the jobs over.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from pipeline import jobs
from pipeline.database import Connection, Database, Session
from pipeline.jobs import Beat, Claim

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
# A job that a child began so long ago is told to the database at the next tick, not at the next regular beat:
# should it take the machine down, it must not look innocent.
TELL_AFTER_SECONDS = 1.0


@dataclass
class Vitals:
    """What the loop shows the heart; replaced as a whole, so no lock is needed to read it."""

    claims: tuple[Claim, ...] = ()
    begun: dict[int, float] = field(default_factory=dict)  # job id → monotonic time when a child began it
    done: int = 0
    failed: int = 0
    draining: bool = False
    note: str | None = None


class Heart:
    """Beats until stopped. `lease_lost` is set when the jobs in hand must be given up."""

    def __init__(self, database: Database, worker_id: str, *, interval: timedelta, lease: timedelta,
                 on_drain: Callable[[], None], on_lease_lost: Callable[[], None]) -> None:
        self.vitals = Vitals()
        self.lease_lost = threading.Event()
        self._database = Database(database.url() if database.embedded is None else "", wait=timedelta(0),
                                  embedded=database.embedded)
        self._session = Session(self._database, "heartbeat")
        self._worker_id = worker_id
        self._interval = interval.total_seconds()
        self._lease = lease
        self._on_drain = on_drain
        self._on_lease_lost = on_lease_lost
        self._stopping = threading.Event()
        self._told: set[int] = set()
        self._last_ok = time.monotonic()
        self._next_rescue = 0.0
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._watcher = threading.Thread(target=self._watch, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._watcher.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)
        self._watcher.join(5)
        self._session.close()

    def revive(self) -> None:
        """The loop has let go of everything: a new lease begins."""
        self._last_ok = time.monotonic()
        self.lease_lost.clear()

    def _run(self) -> None:
        next_beat = time.monotonic() + self._interval * random.uniform(0.5, 1)
        while not self._stopping.wait(min(TICK_SECONDS, self._interval / 2)):
            if time.monotonic() < next_beat and not self._untold():
                continue
            next_beat = time.monotonic() + self._interval
            self._beat_once()

    def _watch(self) -> None:
        """Beside the beat, which may hang on a connection that is dead without saying so."""
        while not self._stopping.wait(min(TICK_SECONDS, self._lease.total_seconds() / 10)):
            self._check_lease()

    def _untold(self) -> bool:
        long_ago = time.monotonic() - min(TELL_AFTER_SECONDS, self._interval)
        return any(since < long_ago and job not in self._told for job, since in list(self.vitals.begun.items()))

    def _beat_once(self) -> None:
        vitals = self.vitals
        begun = set(vitals.begun)
        try:
            self._session.run(lambda conn: jobs.heartbeat(conn, vitals.claims, handed_over=begun))
            self._last_ok = time.monotonic()
            self._told = begun
            drain = self._session.run(lambda conn: self._report(conn, vitals))
        except Exception as exc:  # whatever it is, the next beat must come
            log.warning("heartbeat.failed", extra={"reason": type(exc).__name__, "silent_s": round(time.monotonic() - self._last_ok, 1)})
            return
        if drain:
            self._on_drain()

    def _report(self, conn: Connection, vitals: Vitals) -> bool:
        """Tell the registry, rescue where that is due; True where an operator wants this worker to drain."""
        conn.execute("SELECT set_config('lock_timeout', %s, true)", (f"{round(self._interval * 1000)}ms",))
        drain = Beat(self._worker_id, vitals.done, vitals.failed, vitals.draining, vitals.note).send(conn)
        if time.monotonic() >= self._next_rescue:
            first = self._next_rescue == 0.0
            self._next_rescue = time.monotonic() + self._lease.total_seconds() / 5 * random.uniform(0.7, 1.3)
            rescue(conn, self._lease, adopt=first)
        return drain

    def _check_lease(self) -> None:
        silent = time.monotonic() - self._last_ok
        if silent > self._lease.total_seconds() * 2 / 3 and not self.lease_lost.is_set():
            log.error("lease.lost", extra={"silent_s": round(silent, 1), "jobs": len(self.vitals.claims)})
            self.lease_lost.set()
            self._on_lease_lost()


def rescue(conn: Connection, lease: timedelta, *, adopt: bool = False) -> int:
    """Requeue what silent machines hold (see requeue_stalled for `adopt`); returns how many jobs."""
    ended = jobs.requeue_stalled(conn, timeout=lease, adopt=adopt)
    if ended:
        conn.execute("SELECT refresh_blob_status(%s::uuid[])", ([end.blob_id for end in ended],))
        log.warning("jobs.requeued", extra={"stalled": len(ended), "failed": sum(end.status == "failed" for end in ended)})
    return len(ended)
