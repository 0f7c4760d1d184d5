"""The parent: claims jobs, fetches their bytes ahead, hands them to children, settles what comes back.

    claim ─▶ fetching ─▶ ready ─▶ a child ─▶ outcomes ─▶ settle (one transaction) ─┐
      ▲──────────────────────────────────────────────────────────────────────────┘

One thread owns all of this state. Beside it run the heartbeat, a few fetching threads and, where a direct
connection allows it, the listener: four connections at most, however many children there are.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg

import pipeline
from pipeline import jobs
from pipeline.config import Settings
from pipeline.database import Connection, Database
from pipeline.errors import ConfigError, DraftmillError
from pipeline.jobs import Beat, Claim, Failure, JobType, Want
from pipeline.storage import Source
from pipeline.storage.sink import Sink, open_sink
from pipeline.worker.child import Answer, Task
from pipeline.worker.children import ChildPool
from pipeline.worker.fetch import Blob, Fetched, free_disk_mb, remove_old_spools
from pipeline.worker.fetching import Fetching
from pipeline.worker.handler import Handler
from pipeline.worker.handlers import configured
from pipeline.worker.heart import Heart, Vitals
from pipeline.worker.inputs import Input
from pipeline.worker.outcomes import Changed, Done, GoneAway, Obsolete, Outcome, Returned
from pipeline.worker.pace import Pace
from pipeline.worker.publishing import Publishing
from pipeline.worker.reading import read_options
from pipeline.worker.settle import Settled, settle
from pipeline.worker.stop import StopSignal
from pipeline.worker.wakeup import Listener, Wakeup

log = logging.getLogger(__name__)

FETCHERS = 4
SETTLE_EVERY_SECONDS = 0.5
SETTLE_AT = 50
POLL_SECONDS = (0.1, 2.0)
TYPES_EVERY_SECONDS = 2.0
WAKE_EVERY_SECONDS = 1.0
DISK_EVERY_SECONDS = 1.0
OTHER_STORE_DELAY = timedelta(seconds=30)
NOT_READ = frozenset({"deleted", "duplicate", "archived", "unsupported"})

OPEN_IN_STORE: LiteralString = """
    SELECT EXISTS (SELECT FROM extraction_jobs AS job JOIN blob_inventory AS blob USING (blob_id)
                   WHERE job.job_type = ANY (%(types)s) AND job.status IN ('pending', 'processing')
                     AND blob.source_store = %(store)s)
"""


@dataclass
class Tally:
    """What one worker did between its start and its end; `by_type` has the first four for each job type."""

    completed: int = 0
    failed: int = 0
    retried: int = 0
    gone: int = 0
    lost: int = 0
    drained: bool = False
    seconds: float = 0.0
    by_type: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, what: str, job_type: str, number: int = 1) -> None:
        """what: 'completed', 'failed', 'retried' or 'gone'."""
        setattr(self, what, getattr(self, what) + number)
        self.by_type[job_type][what] += number


@dataclass
class _Held:
    """A claimed job on this machine and how far it is."""

    claim: Claim
    blob: Blob
    fetched: Fetched | None = None
    loaded: bool = False  # from the database: `fetched` is no file of the source


class Worker:
    """Runs jobs of some types until they are drained, or, with `stay`, until it is stopped.

    limit  claim at most so many jobs of each type; None: no limit
    """

    def __init__(self, database: Database, settings: Settings, source: Source, *, job_types: Sequence[str], stop: StopSignal,
                 stay: bool = False, limit: int | None = None, handlers: dict[str, Handler] | None = None,
                 sink: Sink | None = None, progress: Callable[[Tally, int], None] | None = None) -> None:
        self.database = database
        self.settings = settings
        self.source = source
        self.stop = stop
        self.stay = stay
        self.limit = limit
        self.handlers = configured(settings, handlers)
        self.types = list(job_types)
        unknown = [name for name in self.types if name not in self.handlers]
        if unknown:
            raise ConfigError(f"no step of this release runs jobs of type {', '.join(unknown)}; it runs {', '.join(self.handlers)}")
        self.progress = progress or (lambda *_: None)
        self.machine = socket.gethostname()
        self.worker_id = f"{self.machine}/{uuid4()}"
        self.tally = Tally()
        self.rng = random.Random()
        self._sink = open_sink(settings.output_url, settings) if sink is None else sink
        self._spool = settings.spool_dir / self.worker_id.rsplit("/", 1)[1]
        self._held: dict[int, _Held] = {}
        self._ready: deque[int] = deque()
        self._alone: deque[int] = deque()
        self._to_load: list[Claim] = []
        self._solo: int | None = None  # the job that runs alone at this moment
        self._outcomes: list[Outcome] = []
        self._begun: dict[int, float] = {}
        self._oldest_outcome = 0.0
        self._kinds: dict[str, JobType] = {}
        self._pace = Pace(self.types, children=settings.workers, most=settings.claim_batch)
        self._next_claim = self._next_types = self._next_wake = self._next_disk = 0.0
        self._free_mb = 0.0
        self._empty_claims = 0
        self._met_other_stores = False
        self._note: str | None = None

    # ---- the life of a worker -------------------------------------------------------------------------------

    def run(self) -> Tally:
        """Work; returns what was done. Raises UnavailableError when database or source stay away too long."""
        start = time.monotonic()
        self._spool.mkdir(parents=True, exist_ok=True)
        remove_old_spools(self.settings.spool_dir)
        self._session = self.database.session("worker")
        self._wakeup = Wakeup()
        self._pool = ChildPool(self.settings.workers, read_options(self.settings))
        self._session.run(self._register)
        self._heart = Heart(self.database, self.worker_id, interval=self.settings.heartbeat_seconds,
                            lease=self.settings.stall_timeout_seconds, on_drain=self._on_drain, on_lease_lost=self._on_lease_lost)
        self._threads = ThreadPoolExecutor(FETCHERS, "files")
        self._fetching = Fetching(self.source, self.settings, self._session, self._threads, self._spool,
                                  pause=self._pause, done=self._wakeup.ring)
        self._publishing = Publishing(self._sink, self._threads, wait=self.database.wait, pause=self._pause, done=self._wakeup.ring)
        listener = self._listener()
        self._heart.start()
        try:
            self._loop()
        finally:
            self._close(listener)
            self.tally.seconds = time.monotonic() - start
        return self.tally

    def _register(self, conn: Connection) -> None:
        jobs.register_worker(conn, worker_id=self.worker_id, machine=self.machine, pid=os.getpid(), job_types=self.types,
                             children=self.settings.workers, release=pipeline.__version__)

    def _sign_off(self, conn: Connection) -> None:
        Beat(self.worker_id, self.tally.completed, self.tally.failed).send(conn)
        jobs.stop_worker(conn, self.worker_id)

    def _listener(self) -> Listener | None:
        url = self.database.direct_url()
        if url is None:
            return None
        listener = Listener(url, self._wakeup.ring)
        listener.start()
        return listener

    def _close(self, listener: Listener | None) -> None:
        self._pool.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._heart.lease_lost.is_set():
            self._outcomes.clear()  # they may hold the deaths of children that the heart killed
        try:
            leftover = [Returned(held.claim) for held in self._held.values() if not self._has_outcome(held.claim.id)]
            self._settle([*self._outcomes, *leftover], ())
            self._session.run(self._sign_off)
        except (DraftmillError, psycopg.Error, OSError) as exc:
            log.error("worker.left_jobs", extra={"jobs": len(self._held), "reason": type(exc).__name__,
                                                 "then": "other machines take them over after STALL_TIMEOUT_SECONDS"})
        finally:
            self._heart.stop()
            if listener is not None:
                listener.stop()
            self._session.close()
            self._wakeup.close()
            shutil.rmtree(self._spool, ignore_errors=True)

    def _loop(self) -> None:
        while not self._finished():
            if self._heart.lease_lost.is_set():
                self._abandon()
            self._settle_and_claim()
            self._take_fetched()
            self._take_published()
            self._dispatch()
            self._show_vitals()
            self._wait()
            self.progress(self.tally, len(self._held))

    def _finished(self) -> bool:
        if self.stop.immediate:
            return True
        if self.stop.requested:
            self._give_back_unbegun()
            return not self._held
        types = self._pace.open_types(self.limit)
        if not types:
            return not self._held
        if self.stay or self._held or self._empty_claims == 0:
            return False
        if self._open_jobs(types):
            return False
        self.tally.drained = types == self.types or not self._open_jobs(self.types)
        return True

    def _open_jobs(self, types: Sequence[str]) -> bool:
        """Is anything of these types left that this machine, or another one with this store, can do?"""
        if not self._session.run(lambda conn: jobs.any_open(conn, types)):
            return False
        if not self._met_other_stores:
            return True
        store = {"types": list(types), "store": self.settings.source_name}
        row = self._session.run(lambda conn: conn.execute(OPEN_IN_STORE, store).fetchone())
        return bool(row and row[0])

    # ---- settling and claiming ------------------------------------------------------------------------------

    def _settle_and_claim(self) -> None:
        wants = self._wants()
        if not self._settlement_due(wants):
            return
        outcomes, self._outcomes = self._outcomes, []
        settled = self._settle(outcomes, wants)
        if wants:
            self._note_claims(settled.claims)
        for claim in settled.claims:
            self._take(claim, settled.blobs)
        self._load()

    def _settlement_due(self, wants: Sequence[Want]) -> bool:
        if not self._outcomes:
            return bool(wants)
        starving = not self._ready and not self._fetching and self._pool.has_room(depth=2)
        return starving or len(self._outcomes) >= SETTLE_AT or time.monotonic() - self._oldest_outcome > SETTLE_EVERY_SECONDS

    def _settle(self, outcomes: Sequence[Outcome], wants: Sequence[Want]) -> Settled:
        losses = self._session.losses
        settled = settle(self._session, outcomes, wants, worker=self.worker_id, handlers=self.handlers, rng=self.rng)
        for outcome in outcomes:
            self._forget(outcome.claim.id)
        if self._session.losses != losses:
            self._give_back_unknown(settled.claims)
        self._count(outcomes, settled)
        return settled

    def _give_back_unknown(self, claims: Sequence[Claim]) -> None:
        """The connection was lost: a commit whose answer never came may have claimed jobs that we do not know of."""
        known = [*self._held, *(claim.id for claim in claims)]
        self._session.run(lambda conn: jobs.release_unknown(conn, worker=self.worker_id, known=known))

    def _count(self, outcomes: Sequence[Outcome], settled: Settled) -> None:
        for job_type, number in settled.completed.items():
            self.tally.count("completed", job_type, number)
        self.tally.lost += settled.lost
        where = {end.id: end.status for end in settled.ended}
        for outcome in outcomes:
            if isinstance(outcome, GoneAway):
                self.tally.count("gone", outcome.claim.job_type)
            elif isinstance(outcome, Failure) and outcome.claim.id in where:
                final = where[outcome.claim.id] == "failed"
                self.tally.count("failed" if final else "retried", outcome.claim.job_type)
                log.log(logging.WARNING if final else logging.INFO, "job.failed" if final else "job.retried", extra={
                    **outcome.claim.log_fields(), "error_kind": outcome.kind, "reason": outcome.reason})

    def _wants(self) -> list[Want]:
        """What to claim now; nothing while stopping, pausing, or holding enough."""
        now = time.monotonic()
        if self.stop.requested or now < self._next_claim or self._alone or self._must_pause():
            return []
        room = self._pace.room(len(self._held) - len(self._outcomes))
        return self._pace.wants(room, self.limit) if room > 0 else []

    def _note_claims(self, claims: Sequence[Claim]) -> None:
        self._pace.note(claims)
        if claims:
            self._empty_claims = 0
            self._next_claim = 0.0
            return
        self._empty_claims += 1
        low, high = POLL_SECONDS
        self._next_claim = time.monotonic() + min(high, low * 2 ** min(self._empty_claims, 10)) * self.rng.uniform(0.5, 1)

    def _must_pause(self) -> bool:
        """Full disk or a source out of reach: say so in the registry, and claim nothing for a while."""
        if time.monotonic() > self._next_disk:
            self._next_disk = time.monotonic() + DISK_EVERY_SECONDS
            os.utime(self._spool)  # or another worker would take it for one that a killed worker left
            self._free_mb = free_disk_mb(self._spool)
        if self._free_mb < self.settings.min_free_disk_mb:
            self._pause(f"the disk of DATA_DIR has {self._free_mb:.0f} MB free, MIN_FREE_DISK_MB is {self.settings.min_free_disk_mb}")
            return True
        if not self._fetching.source_away:
            self._note = None
        return False

    def _pause(self, note: str) -> None:
        if self._note != note.split(",")[0]:
            log.warning("worker.paused", extra={"reason": note})
        self._note = note.split(",")[0]
        self._next_claim = time.monotonic() + 5 * self.rng.uniform(0.5, 1)

    # ---- one job's way --------------------------------------------------------------------------------------

    def _take(self, claim: Claim, blobs: dict[UUID, Blob]) -> None:
        held = self._held[claim.id] = _Held(claim, blobs[claim.blob_id])
        if _differ(claim.source_version, held.blob.source_version) or held.blob.status in NOT_READ:
            self._finish(Obsolete(claim))
            return
        if held.blob.source_store != self.settings.source_name:
            log.warning("job.other_store", extra={**claim.log_fields(), "store": held.blob.source_store,
                                                  "source_name": self.settings.source_name})
            self._met_other_stores = True
            self._finish(Returned(claim, OTHER_STORE_DELAY))  # for a machine with that SOURCE_NAME
            return
        if self.handlers[claim.job_type].load is None:
            self._fetch(claim)
        else:
            self._to_load.append(claim)

    def _fetch(self, claim: Claim) -> None:
        most = self.handlers[claim.job_type].max_mb or self.settings.max_file_mb
        self._fetching.start(claim, self._held[claim.id].blob, max_mb=min(most, self.settings.max_file_mb))

    def _load(self) -> None:
        """What the new claims work on, where the database holds it."""
        claims, self._to_load = [claim for claim in self._to_load if claim.id in self._held], []
        for job_type, group in _by_type(claims).items():
            load = self.handlers[job_type].load
            assert load is not None
            blobs = {claim.blob_id: self._held[claim.id].blob for claim in group}
            found = self._session.run(lambda conn, load=load, group=group, blobs=blobs: load(conn, group, blobs, self.settings))  # type: ignore[misc]
            for claim in group:
                self._take_input(claim, found.get(claim.id))

    def _take_input(self, claim: Claim, found: Input) -> None:
        held = self._held[claim.id]
        if found is None:
            self._fetch(claim)
        elif isinstance(found, bytes):
            path = self._spool / f"{claim.id}.{claim.attempt}"
            path.write_bytes(found)
            held.fetched = Fetched(path, held.blob.byte_hash_sha256 or "", held.blob.size_bytes or 0, held.blob.source_version)
            held.loaded = True
            (self._alone if claim.run_alone else self._ready).append(claim.id)
        else:
            self._finish(found)

    def _take_fetched(self) -> None:
        for claim, found in self._fetching.take():
            held = self._held[claim.id]
            if not isinstance(found, Fetched):
                self._finish(found)
                continue
            held.fetched = found
            if found.changed:
                self._finish(Changed(claim, held.blob, found))
            else:
                (self._alone if claim.run_alone else self._ready).append(claim.id)

    def _take_published(self) -> None:
        for claim, answer, written in self._publishing.take():
            held = self._held.get(claim.id)
            if held is None or held.fetched is None:
                continue
            self._finish(Done(claim, held.blob, held.fetched, answer.result, answer.duration_ms, written)
                         if isinstance(written, tuple) else written)

    def _dispatch(self) -> None:
        if self._solo is not None:
            return
        if self._alone:
            self._dispatch_alone()
            return
        while self._ready and self._pool.has_room(depth=self._pace.depth()):
            self._hand_over(self._ready.popleft(), fresh=False)

    def _dispatch_alone(self) -> None:
        """A suspect runs in a fresh child with nothing beside it, and with nothing left that it could take along."""
        if self._pool.running or self._outcomes:
            return
        self._pool.stop()
        self._show_vitals()
        self._solo = self._alone.popleft()
        self._hand_over(self._solo, fresh=True)

    def _hand_over(self, job_id: int, *, fresh: bool) -> None:
        held = self._held[job_id]
        assert held.fetched is not None
        kind = self._kind(held.claim.job_type)
        memory = (kind.memory_mb if kind else None) or self.settings.job_memory_mb
        timeout = (kind.timeout_seconds if kind else None) or self.settings.job_timeout_seconds.total_seconds()
        handler = self.handlers[held.claim.job_type]
        arguments = handler.arguments(held.blob, self.settings, handler.version_for(held.blob.mime_type)) if handler.arguments else ()
        task = Task(job_id, handler.loaded if held.loaded else handler.reader, handler.rows, str(held.fetched.path), memory,
                    handler.imports, arguments)
        self._pool.submit(task, timeout_s=float(timeout), fresh=fresh)

    def _kind(self, job_type: str) -> JobType | None:
        if time.monotonic() > self._next_types:
            self._kinds = self._session.run(jobs.job_types)
            self._next_types = time.monotonic() + TYPES_EVERY_SECONDS
        return self._kinds.get(job_type)

    def _wait(self) -> None:
        """Until something happens; then take in what children say."""
        now = time.monotonic()
        if now >= self._next_wake:
            self._next_wake = now + WAKE_EVERY_SECONDS * self.rng.uniform(0.7, 1.3)
            if self._session.run(jobs.wake_ready):
                self._next_claim = 0.0
        patience = SETTLE_EVERY_SECONDS if self._held else max(0.0, min(SETTLE_EVERY_SECONDS, self._next_claim - now))
        if self._settlement_due(self._wants()):
            patience = 0.0
        answers, orphans = self._pool.collect(patience, self._wakeup.reader)
        for answer in answers:
            self._take_answer(answer)
        for task in orphans:  # it waited behind a job whose child died: it was not begun
            if task.id in self._held:
                self._ready.appendleft(task.id)

    def _take_answer(self, answer: Answer) -> None:
        held = self._held.get(answer.id)
        if held is None or held.fetched is None or self._has_outcome(answer.id):  # it was given back while it waited in a pipe
            return
        if answer.kind is not None:
            self._finish(Failure(held.claim, answer.kind, answer.reason, answer.error))
        else:
            self._pace.measured(held.claim.job_type, answer.duration_ms / 1000)
            outputs = getattr(answer.result, "outputs", ())
            if outputs:
                rows = replace(answer, result=answer.result._replace(outputs=()))  # the bytes are not needed twice
                self._publishing.start(held.claim, rows, outputs)
            else:
                self._finish(Done(held.claim, held.blob, held.fetched, answer.result, answer.duration_ms))

    def _finish(self, outcome: Outcome) -> None:
        if not self._outcomes:
            self._oldest_outcome = time.monotonic()
        self._outcomes.append(outcome)
        held = self._held.get(outcome.claim.id)
        if held is not None:
            self._remove_spooled(held)

    @staticmethod
    def _remove_spooled(held: _Held) -> None:
        if held.fetched is not None:
            with contextlib.suppress(PermissionError):  # Windows: a child has just opened it; it goes with the folder
                held.fetched.path.unlink(missing_ok=True)

    def _forget(self, job_id: int) -> None:
        self._held.pop(job_id, None)
        self._begun.pop(job_id, None)
        if self._solo == job_id:
            self._solo = None

    def _has_outcome(self, job_id: int) -> bool:
        return any(outcome.claim.id == job_id for outcome in self._outcomes)

    # ---- stopping, draining, losing the lease ---------------------------------------------------------------

    def _give_back_unbegun(self) -> None:
        """First stop request: what no child has begun goes back to the queue at once."""
        begun = self._pool.begun()
        with_outcome = {outcome.claim.id for outcome in self._outcomes}
        for job_id in [job_id for job_id in self._held
                       if job_id not in begun and job_id not in with_outcome and job_id not in self._publishing]:
            self._fetching.cancel(job_id)
            self._finish(Returned(self._held[job_id].claim))
        self._ready.clear()
        self._alone.clear()

    def _abandon(self) -> None:
        """The lease is lost: others may own these jobs by now. Drop everything, give back what is still ours, begin anew."""
        self._pool.forget()
        claims = [held.claim for held in self._held.values()]
        for held in self._held.values():
            self._remove_spooled(held)
        self.tally.lost += len(self._held)
        self._held.clear()
        self._begun.clear()
        self._ready.clear()
        self._alone.clear()
        self._solo = None
        self._outcomes.clear()
        self._to_load.clear()
        self._fetching.clear()
        self._publishing.clear()
        self._show_vitals()
        self._session.run(lambda conn: jobs.release(conn, claims))  # the database must be back before a new lease begins
        self._heart.revive()

    def _on_drain(self) -> None:
        if not self.stop.requested:
            log.info("worker.draining", extra={"worker": self.worker_id})
        self.stop.drain()
        self._wakeup.ring()

    def _on_lease_lost(self) -> None:
        self._pool.kill()
        self._wakeup.ring()

    def _show_vitals(self) -> None:
        now = time.monotonic()
        begun = self._pool.begun()
        self._begun = {job_id: self._begun.get(job_id, now) for job_id in begun if job_id in self._held}
        self._heart.vitals = Vitals(
            tuple(held.claim for held in self._held.values()), dict(self._begun), self.tally.completed,
            self.tally.failed, self.stop.requested, self._note)


def _by_type(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        found[claim.job_type].append(claim)
    return found


def _differ(job_version: str, file_version: str) -> bool:
    """Two versions that are both known and not the same."""
    return bool(job_version and file_version and job_version != file_version)
