"""The source on a schedule: while a worker runs, A2 and B2 now and then, in a thread of their own.

    with SyncSchedule(context, every=timedelta(minutes=15)):
        worker.run()

Over all machines, the last look at the store decides whether one is due, on the database's clock; so a schedule on every
machine costs no more than one, and goes on when a machine dies.
"""

from __future__ import annotations

import copy
import logging
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import LiteralString

from phases import A2_inventory, B2_queue_jobs
from phases.draining import require_source
from phases.step import Context, StepReport
from pipeline.errors import DraftmillError
from pipeline.inventory import runs
from pipeline.storage import open_source
from pipeline.worker.stop import StopSignal

log = logging.getLogger(__name__)

# A schedule comes round again, so it need not wait as long for a database that is away as the worker does.
DB_PATIENCE = timedelta(seconds=30)
RETRY = timedelta(minutes=1)
END_PATIENCE_SECONDS = 30.0
QUEUE_ANYWAY = timedelta(hours=1)

PENDING: LiteralString = """
    SELECT EXISTS (SELECT FROM blob_inventory WHERE tenant_id = %(tenant)s AND status = 'pending' AND source_store = %(store)s)
"""


class _AtOnce(StopSignal):
    """A worker's stop as its schedule hears it: what is not read at the first request is left to the next look."""

    def __init__(self, stop: StopSignal) -> None:
        super().__init__()
        self._stop = stop

    @property
    def requested(self) -> bool:
        return self._stop.requested

    @property
    def immediate(self) -> bool:
        return self._stop.requested

    def wait(self, seconds: float) -> bool:
        return self._stop.wait(seconds)


class SyncSchedule:
    """Looks at the source when a look is due, for as long as the block runs; its end asks the worker's stop signal.

    context  the worker's; `stop` ends both
    every    from the beginning of one look to that of the next
    """

    def __init__(self, context: Context, *, every: timedelta) -> None:
        self.every = every
        self._worker_stop = context.stop
        database = copy.copy(context.database)
        database.wait = min(database.wait, DB_PATIENCE)
        self._context = replace(context, database=database, stop=_AtOnce(context.stop))
        self._queued_at = -QUEUE_ANYWAY.total_seconds()
        self._thread = threading.Thread(target=self._run, name="sync schedule", daemon=True)

    def __enter__(self) -> SyncSchedule:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._worker_stop.drain()
        # What it does after that is a transaction that is rolled back with the process.
        self._thread.join(1.0 if self._worker_stop.immediate else END_PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._context.stop.requested:
            try:
                wait = self._look_if_due()
            except Exception as exc:  # whatever it is: the worker goes on, and so does the schedule
                reason = str(exc) if isinstance(exc, DraftmillError) else type(exc).__name__
                log.error("inventory.sync_failed", extra={"store": self._context.settings.source_name, "reason": reason})
                wait = min(self.every, RETRY)
            self._context.stop.wait(wait.total_seconds())

    def _look_if_due(self) -> timedelta:
        """Sync and queue where that is due; returns when to ask again."""
        context, settings = self._context, self._context.settings
        source = open_source(require_source(context), exclude=settings.data_dir)
        with context.database.transaction("sync schedule") as conn:
            due = runs.begin_if_due(conn, tenant_id=context.tenant_id, store=settings.source_name, url=source.url,
                                    machine=socket.gethostname(), every=self.every, silent_after=settings.stall_timeout_seconds)
        if due.run_id is None:
            return due.wait
        synced = A2_inventory.run(replace(context, inventory_run=due.run_id))
        if not synced.figures["complete"] and not context.stop.requested:
            log.warning("inventory.incomplete", extra={"store": settings.source_name, "run": due.run_id,
                                                       "listing_faults": synced.figures["listing_faults"]})
        if not context.stop.requested and self._anything_to_queue(synced):
            queued = {job_type: count for job_type, count in B2_queue_jobs.run(context).figures.items() if count}
            log.info("inventory.queued", extra={"store": settings.source_name, "run": due.run_id, "jobs": queued})
            self._queued_at = time.monotonic()
        return timedelta(0)

    def _anything_to_queue(self, synced: StepReport) -> bool:
        """B2 looks at every file, and most looks at a source find nothing new; what else may need a job can wait a little."""
        if synced.figures["moved"] or time.monotonic() - self._queued_at > QUEUE_ANYWAY.total_seconds():
            return True
        context = self._context
        with context.database.transaction("sync schedule") as conn:
            return conn.execute(PENDING, {"tenant": context.tenant_id, "store": context.settings.source_name}).fetchone() == (True,)
