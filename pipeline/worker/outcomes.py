"""What can become of a job on this machine; pipeline.worker.settle records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipeline.jobs import Claim, Failure
from pipeline.store.item import Published
from pipeline.worker.fetch import Blob, Fetched


@dataclass(frozen=True, slots=True)
class Done:
    """A job whose reader returned a result; its outputs, if it makes any, are written."""

    claim: Claim
    blob: Blob
    fetched: Fetched
    result: Any
    duration_ms: int
    outputs: tuple[Published, ...] = ()


@dataclass(frozen=True, slots=True)
class GoneAway:
    """A job whose file is no longer in the source."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Changed:
    """A job whose file has other bytes than it was queued for."""

    claim: Claim
    blob: Blob
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Returned:
    """A job to give back unharmed; nobody takes it before `delay` is over."""

    claim: Claim
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Obsolete:
    """A job for bytes that the inventory has replaced meanwhile, or for a file that is not to be read any more."""

    claim: Claim


Outcome = Done | Failure | GoneAway | Changed | Returned | Obsolete
