"""The values that the queue's functions take and return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

# Above every priority: claiming from here is a full look.
NO_FLOOR = (2**31 - 1, 0)


class Claim(NamedTuple):
    """A job that this worker holds. `attempt` is the fencing token of every later write.

    A tuple, because thousands a second are made of rows.
    """

    id: int
    attempt: int
    tenant_id: UUID
    blob_id: UUID
    job_type: str
    priority: int
    retry_count: int
    max_attempts: int
    run_alone: bool
    source_version: str

    @property
    def job_id(self) -> UUID:
        """The id as the UUID that results carry."""
        return UUID(int=self.id)

    def log_fields(self) -> dict[str, object]:
        return {"job_id": self.id, "attempt": self.attempt, "job_type": self.job_type, "blob_id": str(self.blob_id)}


@dataclass(frozen=True, slots=True)
class Want:
    """How many jobs of one type to claim, and from where to look.

    floor  (priority, id) of the last job claimed: rows up to it at the same priority are passed over, because
           while a snapshot is held open they are dead rows that every claim would walk again
    """

    job_type: str
    limit: int
    floor: tuple[int, int] = NO_FLOOR


class Finished(NamedTuple):
    """A job that is done; duration_ms is the child's own."""

    id: int
    attempt: int
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt. kind: 'transient', 'poison' or 'permanent'; reason: a short, stable word; error: for people."""

    claim: Claim
    kind: str
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that left `processing` without completing, and where it went."""

    id: int
    blob_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class JobType:
    """One row of job_types; None: the configuration's value, or no cap."""

    job_type: str
    paused: bool
    max_concurrent: int | None
    timeout_seconds: int | None
    memory_mb: int | None
