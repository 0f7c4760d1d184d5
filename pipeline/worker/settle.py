"""Results, failures and the next claims in one transaction: exactly-once, proven by the fence.

`settle` is safe to repeat: what a lost connection had committed after all is found to be no longer ours.
"""

from __future__ import annotations

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import errors as pg

from pipeline import jobs
from pipeline.database import Connection, Session
from pipeline.inventory.changes import note_met
from pipeline.jobs import Claim, Ended, Failure, Finished, NewJob, Want
from pipeline.store.item import StoreItem
from pipeline.store.results import discard_chunks, discard_results
from pipeline.worker.fetch import Blob, load_blobs
from pipeline.worker.handler import Handler
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.outcomes import Changed, Done, GoneAway, Obsolete, Outcome, Returned

log = logging.getLogger(__name__)

# What a result itself may bring about. A full disk, a missing privilege or a cancelled query says nothing of the file.
THE_DATAS_FAULT = (psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, pg.ProgramLimitExceeded, ValueError, TypeError)

FILL_HASHES: LiteralString = """
    UPDATE blob_inventory AS blob SET byte_hash_sha256 = read.sha256, size_bytes = read.size
    FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS read (blob_id, sha256, size)
    WHERE blob.blob_id = read.blob_id AND blob.byte_hash_sha256 IS NULL
"""

MARK_GONE: LiteralString = """
    UPDATE blob_inventory SET status = 'deleted', status_reason = 'no longer in the source', updated_at = now()
    WHERE blob_id = ANY (%s) AND status NOT IN ('deleted', 'archived')
    RETURNING blob_id
"""

MARK_CHANGED: LiteralString = """
    UPDATE blob_inventory
    SET source_version = %(version)s, byte_hash_sha256 = %(sha256)s, size_bytes = %(size)s, mime_type = %(mime)s,
        status = CASE WHEN %(unsupported)s::text IS NULL THEN status ELSE 'unsupported' END,
        status_reason = coalesce(%(unsupported)s, status_reason), updated_at = now()
    WHERE blob_id = %(blob)s
"""


@dataclass(frozen=True)
class Settled:
    """What a settlement led to: newly claimed jobs with their blobs, and the jobs that failed or will be retried."""

    claims: list[Claim]
    blobs: dict[UUID, Blob]
    ended: list[Ended]
    completed: Counter[str]  # job type → jobs
    lost: int


def settle(session: Session, outcomes: Sequence[Outcome], wants: Sequence[Want], *, worker: str, handlers: dict[str, Handler],
           rng: random.Random) -> Settled:
    """Store what is done, record what failed, claim what comes next.

    A database error that is the data's fault splits the batch until only the culprit fails, with its own reason.
    """
    try:
        return session.run(lambda conn: _settle(conn, outcomes, wants, worker, handlers, rng))
    except THE_DATAS_FAULT as exc:
        if not any(isinstance(outcome, Done) for outcome in outcomes):
            raise
        log.warning("batch.split", extra={"jobs": len(outcomes), "reason": type(exc).__name__})
        if len(outcomes) == 1:
            return settle(session, [_unstorable(outcomes[0], exc)], wants, worker=worker, handlers=handlers, rng=rng)
    half = len(outcomes) // 2
    first = settle(session, outcomes[:half], (), worker=worker, handlers=handlers, rng=rng)
    second = settle(session, outcomes[half:], wants, worker=worker, handlers=handlers, rng=rng)
    return Settled(second.claims, second.blobs, first.ended + second.ended, first.completed + second.completed,
                   first.lost + second.lost)


def _settle(conn: Connection, outcomes: Sequence[Outcome], wants: Sequence[Want], worker: str, handlers: dict[str, Handler],
            rng: random.Random) -> Settled:
    done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    ours = jobs.lock_claims(conn, [outcome.claim for outcome in outcomes]) if outcomes else set()
    held = [outcome for outcome in done if outcome.claim.id in ours]
    _queue_followers(conn, held, handlers)  # before any other row is locked: whoever holds one of these jobs waits for nothing of ours
    _store(conn, held, handlers)
    ended = jobs.fail(conn, [outcome for outcome in outcomes if isinstance(outcome, Failure)], rng=rng)
    for delay, returned in _by_delay(outcomes).items():
        jobs.release(conn, returned, delay=delay)
    jobs.cancel_claims(conn, [outcome.claim for outcome in outcomes if isinstance(outcome, Obsolete)], "superseded")
    _mark_gone(conn, [o.claim for o in outcomes if isinstance(o, GoneAway) and o.claim.id in ours])
    for outcome in outcomes:
        if isinstance(outcome, Changed) and outcome.claim.id in ours:
            _requeue_changed(conn, outcome, handlers)
    finished = [Finished(o.claim.id, o.claim.attempt, o.duration_ms) for o in held]
    claims = jobs.complete_and_claim(conn, finished, wants, worker=worker)
    touched = [o.claim.blob_id for o in outcomes if isinstance(o, Done | Obsolete) and o.claim.id in ours]
    touched += [end.blob_id for end in ended]
    if touched:
        conn.execute("SELECT refresh_blob_status(%s::uuid[])", (touched,))
    completed = Counter(o.claim.job_type for o in held)
    return Settled(claims, load_blobs(conn, claims) if claims else {}, ended, completed, len(outcomes) - len(ours))


def _store(conn: Connection, held: Sequence[Done], handlers: dict[str, Handler]) -> None:
    if not held:
        return
    by_type: dict[str, list[StoreItem]] = defaultdict(list)
    for done in held:
        by_type[done.claim.job_type].append(StoreItem(
            done.claim.tenant_id, done.claim.blob_id, done.claim.job_id, done.blob.source_store, done.blob.blob_key,
            done.fetched.sha256, done.result, done.claim.attempt, done.outputs))
    for job_type in sorted(by_type):
        handlers[job_type].store(conn, by_type[job_type])
    new = [done for done in held if done.blob.byte_hash_sha256 is None]
    if new:
        conn.execute(FILL_HASHES, ([d.blob.blob_id for d in new], [d.fetched.sha256 for d in new], [d.fetched.size for d in new]))


def _queue_followers(conn: Connection, held: Sequence[Done], handlers: dict[str, Handler]) -> None:
    """What works on these results is done anew: its input has changed, even where its own input key has not."""
    followers = [NewJob(done.claim.tenant_id, done.claim.blob_id, name, source_version=done.claim.source_version,
                        extraction_version=handlers[name].version_for(done.blob.mime_type), model_version=handlers[name].model_version,
                        priority=done.claim.priority, max_attempts=done.claim.max_attempts)
                 for done in held for name in handlers[done.claim.job_type].followers if name in handlers]
    jobs.enqueue_few(conn, followers, revive=jobs.INPUT_CHANGED)


def _by_delay(outcomes: Sequence[Outcome]) -> dict[timedelta, list[Claim]]:
    returned: dict[timedelta, list[Claim]] = defaultdict(list)
    for outcome in outcomes:
        if isinstance(outcome, Returned):
            returned[outcome.delay].append(outcome.claim)
    return returned


def _mark_gone(conn: Connection, claims: Sequence[Claim]) -> None:
    if not claims:
        return
    blobs = [claim.blob_id for claim in claims]
    jobs.cancel_for_subjects(conn, blobs, "gone")
    note_met(conn, [blob_id for (blob_id,) in conn.execute(MARK_GONE, (blobs,)).fetchall()], "deleted")
    discard_chunks(conn, blobs)
    for claim in claims:
        log.warning("file.gone", extra=claim.log_fields())


def _requeue_changed(conn: Connection, changed: Changed, handlers: dict[str, Handler]) -> None:
    """The bytes are another version, perhaps of another format: the old job gives way to one for what is there now."""
    claim, fetched = changed.claim, changed.fetched
    handler = next((one for one in {**HANDLERS, **handlers}.values() if fetched.mime_type in (*one.mime_types, *one.converted)), None)
    conn.execute(MARK_CHANGED, {
        "blob": claim.blob_id, "version": fetched.version, "sha256": fetched.sha256, "size": fetched.size, "mime": fetched.mime_type,
        "unsupported": None if handler else f"no step of this release reads {fetched.mime_type}"})
    note_met(conn, [claim.blob_id], "changed")
    discard_results(conn, [claim.blob_id])
    queued = handler is not None and jobs.enqueue(conn, [jobs.NewJob(
        claim.tenant_id, claim.blob_id, handler.job_type, source_version=fetched.version,
        extraction_version=handler.version_for(fetched.mime_type), priority=claim.priority, max_attempts=claim.max_attempts)])
    if queued or handler is None or handler.job_type != claim.job_type:
        jobs.cancel_claims(conn, [claim], "superseded")
    else:  # other bytes of the same size and time: this very job is the one for them
        jobs.release(conn, [claim])
    log.warning("file.changed", extra=claim.log_fields())


def _unstorable(outcome: Outcome, exc: Exception) -> Failure:
    """The result cannot be stored. The server's words may quote the data, so only its names are kept."""
    if not isinstance(exc, psycopg.Error):
        return Failure(outcome.claim, "permanent", "unstorable", f"the result cannot be written: {type(exc).__name__}")
    name = exc.diag.constraint_name or exc.diag.column_name or ""
    place = f" at {exc.diag.table_name}.{name}" if exc.diag.table_name else ""
    return Failure(outcome.claim, "permanent", "unstorable", f"the database refused the result: {type(exc).__name__}{place}")
