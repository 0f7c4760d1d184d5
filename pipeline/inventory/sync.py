"""A source into blob_inventory: what is new, changed, moved, gone, and which files are copies of each other.

    report = sync(database, source, tenant_id=…, store="main", readable={"application/pdf"}, stop=stop)

The listing is streamed in batches and new files are read once each, so memory does not grow with the number
of files. It may be stopped and started again, and several machines may do it at once.
"""

from __future__ import annotations

import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeVar

from psycopg.types.json import Jsonb

from pipeline.database import Connection, Database, Session
from pipeline.inventory import merge, runs, settle
from pipeline.inventory.merge import Store
from pipeline.inventory.reading import Found, Stop, read_ahead
from pipeline.inventory.sample import sample
from pipeline.storage.base import Entry, Listing, Source

log = logging.getLogger(__name__)

LIST_BATCH = 5000
MERGE_BATCH = 500
MANY = 1000
ACTIVE_EVERY_SECONDS = 10

T = TypeVar("T")

FINISH_RUN: LiteralString = """
    UPDATE inventory_runs SET finished_at = now(), active_at = NULL, complete = %(complete)s, figures = %(figures)s WHERE run_id = %(run)s
"""

BY_STATUS: LiteralString = """
    SELECT status, count(*) FROM blob_inventory
    WHERE tenant_id = %(tenant)s AND source_store = %(store)s GROUP BY status ORDER BY status
"""

BY_MIME: LiteralString = """
    SELECT coalesce(mime_type, 'unknown'), count(*) FROM blob_inventory
    WHERE tenant_id = %(tenant)s AND source_store = %(store)s AND status <> 'deleted'
    GROUP BY 1 ORDER BY 2 DESC, 1
"""


@dataclass
class SyncReport:
    """What changed.

    figures   counts in reading order; 'new', 'changed', 'unchanged', 'moved', 'reappeared' and 'unreadable' add up to
              'files', unless another machine synced at the same time
    notes     what a person should know
    complete  the whole source was listed without a fault
    """

    figures: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    complete: bool = False


@dataclass
class _Run:
    """The state of one sync."""

    store: Store
    source: Source
    stop: Stop
    progress: Callable[[str], None]
    limit: int | None
    listing: Listing = field(default_factory=Listing)
    counts: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0
    active: float = field(default_factory=time.monotonic)
    stopped: bool = False

    @property
    def complete(self) -> bool:
        return self.listing.complete and not self.stopped and self.limit is None

    def entries(self) -> Iterator[Entry]:
        listed = self.source.list(self.listing)
        return listed if self.limit is None else iter(sample(listed, self.limit))

    def batches(self) -> Iterator[list[Entry]]:
        """The listing in batches, until a stop is requested."""
        for batch in _batched(self.entries(), LIST_BATCH):
            if self.stop.requested:
                self.stopped = True
                return
            self.counts["files"] += len(batch)
            self.counts["bytes"] += sum(entry.size for entry in batch)
            yield batch

    def tell(self) -> None:
        """A line of progress, every two seconds at most."""
        now = time.monotonic()
        if now - self.told >= 2:
            self.told = now
            self.progress(f"inventory: {self.counts['files']:,} files listed, {self.counts['files_read']:,} read")


def sync(database: Database, source: Source, *, tenant_id: str, store: str, readable: Collection[str], stop: Stop,
         waiting: Mapping[str, str] | None = None,
         limit: int | None = None, allow_deletes: bool = False, dry_run: bool = False, run_id: int | None = None,
         progress: Callable[[str], None] = lambda _: None) -> SyncReport:
    """Bring blob_inventory in line with the source.

    store     logical name of the source
    readable  MIME types that a step of this release reads; other files become 'unsupported'
    waiting   MIME types that would be read if something were set up → that reason
    limit     a trial run on so many files; its listing is never believed for deletions
    dry_run   say what would change, and change nothing
    run_id    the run, where runs.begin_if_due has begun it already

    Raises UnavailableError where the source or the database stays out of reach; what was synced so far stays.
    """
    with database.session("A2 inventory") as session:
        if dry_run:
            return _dry_run(session, _Run(Store(tenant_id, store, 0), source, stop, progress, limit))
        if run_id is None:
            run_id = session.run(lambda conn: runs.begin(conn, tenant_id=tenant_id, store=store, url=source.url,
                                                         machine=socket.gethostname()))
        run = _Run(Store(tenant_id, store, run_id), source, stop, progress, limit)
        with runs.ending(session, run_id):
            for batch in _batched(read_ahead(source, _to_read(session, run), stop), MERGE_BATCH):
                _merge(session, run, batch)
            run.stopped = run.stopped or stop.immediate  # then files were left out unread, which are not gone
            return _finish(session, run, readable=readable, waiting=waiting or {}, allow_deletes=allow_deletes)


def _to_read(session: Session, run: _Run) -> Iterator[Entry]:
    """What is new or may have changed; the rest is marked as seen on the way."""
    for batch in run.batches():
        compared = session.run(lambda conn, batch=batch: merge.mark_seen(conn, run.store, batch))  # type: ignore[misc]
        run.counts.update({name: compared.outcomes[name] for name in ("unchanged", "reappeared")})
        run.tell()
        _stay_active(session, run)
        for entry in compared.to_read:
            if run.stop.requested:
                run.stopped = True
                return
            _stay_active(session, run)
            yield entry


def _stay_active(session: Session, run: _Run) -> None:
    """Show now and then that somebody works on the run, or another machine would take it for dead."""
    if time.monotonic() - run.active >= ACTIVE_EVERY_SECONDS:
        session.run(lambda conn: runs.stay_active(conn, run.store.run_id))
        run.active = time.monotonic()


def _merge(session: Session, run: _Run, found: list[Found]) -> None:
    run.counts.update(session.run(lambda conn: merge.merge(conn, run.store, found)))
    run.counts["files_read"] += len(found)
    run.counts["bytes_read"] += sum(file.fingerprint.size for file in found if file.fingerprint)
    run.tell()


def _finish(session: Session, run: _Run, *, readable: Collection[str], waiting: Mapping[str, str], allow_deletes: bool) -> SyncReport:
    listed = run.counts["files"] if run.complete else None
    if run.counts["new"] + run.counts["changed"] > MANY:
        session.run(lambda conn: conn.execute("ANALYZE blob_inventory"))  # the joins to come must know how large it grew

    def conclude(conn: Connection) -> tuple[settle.Settled, dict[str, Any]]:
        settled = settle.settle(conn, run.store, listed=listed, readable=readable, waiting=waiting, allow_deletes=allow_deletes)
        figures = _figures(conn, run, settled)
        conn.execute(FINISH_RUN, {"run": run.store.run_id, "complete": run.complete, "figures": Jsonb(figures)})
        return settled, figures

    settled, figures = session.run(conclude)
    report = SyncReport(figures, _notes(run, settled), run.complete)
    told = {name: figures[name] for name in ("files", "new", "changed", "moved", "deleted", "complete", "seconds")}
    log.info("inventory.synced", extra={"store": run.store.name, "run": run.store.run_id, **told})
    if settled.refused:
        log.error("inventory.deletions_refused",
                  extra={"store": run.store.name, "refused": settled.refused, "known": settled.known})
    return report


def _figures(conn: Connection, run: _Run, settled: settle.Settled) -> dict[str, Any]:
    values = {"tenant": run.store.tenant_id, "store": run.store.name}
    seconds = time.monotonic() - run.began
    counts = run.counts
    return {
        "files": counts["files"], "new": max(0, counts["new"] - settled.moved), "changed": counts["changed"],
        "moved": settled.moved, "reappeared": counts["reappeared"], "unchanged": counts["unchanged"],
        "unreadable": counts["unreadable"], "deleted": settled.deleted, "deletions_refused": settled.refused,
        "duplicate": settled.duplicates, "promoted": settled.promoted, "jobs_cancelled": settled.cancelled_jobs,
        "by_status": dict(conn.execute(BY_STATUS, values).fetchall()), "by_mime": dict(conn.execute(BY_MIME, values).fetchall()),
        "no_files": dict(run.listing.other), "listing_faults": run.listing.fault_count, "complete": run.complete,
        "bytes": counts["bytes"], "bytes_read": counts["bytes_read"], "seconds": round(seconds, 2),
        "files_per_second": round(counts["files"] / seconds, 1) if seconds > 0 else None, "run_id": run.store.run_id,
    }


def _notes(run: _Run, settled: settle.Settled) -> list[str]:
    notes = []
    if not run.counts["files"] and not run.stopped:
        notes.append(f"the source {run.source.url} holds no files")
    if settled.refused:
        notes.append(f"{settled.refused} of {settled.known} known files are not in the source; that many are not believed to be "
                     "deleted at once. Is the right folder mounted? If they are really gone, run again with --allow-deletes")
    if run.listing.fault_count:
        notes.append(f"{run.listing.fault_count} places of the source could not be listed, so nothing was taken for deleted; "
                     f"first: {run.listing.errors[0]}")
    if run.counts["unreadable"]:
        notes.append(f"{run.counts['unreadable']} files could not be read; they are 'failed' with the reason, and the next sync "
                     "tries them again")
    if run.stopped:
        notes.append("stopped before the end of the source; the same command goes on from there")
    if run.limit is not None:
        notes.append(f"trial run: {run.counts['files']} files across folders and formats; nothing was taken for deleted")
    return notes


def _dry_run(session: Session, run: _Run) -> SyncReport:
    known = 0
    for batch in run.batches():
        compared = session.run(lambda conn, batch=batch: merge.compare(conn, run.store, batch))  # type: ignore[misc]
        run.counts.update(compared.outcomes)
        known += compared.known
        run.tell()
    states: dict[str, int] = dict(session.run(lambda conn: conn.execute(
        BY_STATUS, {"tenant": run.store.tenant_id, "store": run.store.name}).fetchall()))
    live = sum(count for status, count in states.items() if status != "deleted")
    figures: dict[str, Any] = {name: run.counts[name] for name in ("files", "new", "touched", "reappeared", "unchanged")}
    figures |= {"missing": live - known if run.complete else None, "no_files": dict(run.listing.other),
                "listing_faults": run.listing.fault_count, "complete": run.complete, "bytes": run.counts["bytes"],
                "seconds": round(time.monotonic() - run.began, 2), "dry_run": True}
    notes = [f"{figures['new'] + figures['touched']} files would be read; nothing was changed", *_notes(run, settle.Settled())]
    return SyncReport(figures, notes, run.complete)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
