"""The coordination library: who works on what, proven by a fencing token. It knows nothing of files or formats.

    enqueue  ─▶  claim  ─▶  heartbeat …  ─▶  complete | fail | release
                    requeue_stalled takes back what a silent machine held

Every function takes a connection inside a transaction and does set-based SQL; the database's clock is the
only clock. A job is one row of `extraction_jobs`; its subject is the row's `blob_id`.
"""

from pipeline.jobs.checkpoints import Checkpoint, latest_checkpoint, latest_inventory_run, record_checkpoint
from pipeline.jobs.control import cap, drain_machine, pause, resume
from pipeline.jobs.counts import OpenJobs, any_open, open_counts
from pipeline.jobs.cursor import ClaimCursor
from pipeline.jobs.enqueue import (
    CANCELLED,
    DONE_BEFORE,
    INPUT_CHANGED,
    NewJob,
    cancel_for_subjects,
    create_staging,
    enqueue,
    enqueue_few,
    enqueue_staged,
)
from pipeline.jobs.model import NO_FLOOR, Claim, Ended, Failure, Finished, JobType, Want
from pipeline.jobs.outcome import Decision, decide
from pipeline.jobs.queue import (
    cancel_claims,
    claim,
    complete,
    complete_and_claim,
    fail,
    heartbeat,
    job_types,
    lock_claims,
    release,
    release_unknown,
    wake_ready,
)
from pipeline.jobs.rescue import replay_failed, requeue_stalled
from pipeline.jobs.workers import Beat, register_worker, stop_worker

__all__ = [
    "CANCELLED", "DONE_BEFORE", "INPUT_CHANGED", "NO_FLOOR", "Beat", "Checkpoint", "Claim", "ClaimCursor", "Decision", "Ended",
    "Failure", "Finished", "JobType", "NewJob", "OpenJobs", "Want", "any_open", "cancel_claims", "cancel_for_subjects", "cap", "claim",
    "complete", "complete_and_claim", "create_staging", "decide", "drain_machine", "enqueue", "enqueue_few", "enqueue_staged", "fail",
    "heartbeat", "job_types", "latest_checkpoint", "latest_inventory_run", "lock_claims", "open_counts", "pause", "record_checkpoint",
    "register_worker", "release", "release_unknown", "replay_failed", "requeue_stalled", "resume", "stop_worker", "wake_ready",
]
