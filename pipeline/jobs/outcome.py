"""The one place that decides what a failed attempt leads to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

BACKOFF_FIRST = timedelta(seconds=1)
BACKOFF_MOST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Decision:
    """final: the job becomes a dead letter. Otherwise it waits `delay`, and runs alone where it killed its process."""

    final: bool
    delay: timedelta
    run_alone: bool


def decide(kind: str, *, retry_count: int, max_attempts: int, run_alone: bool, rng: random.Random) -> Decision:
    """What becomes of a job after one more failure.

    kind         'transient' | 'poison' | 'permanent'
    retry_count  failures before this one
    run_alone    this attempt ran with nothing else on the machine

    Source of the delay: full jitter, uniform in [0, min(cap, base · 2^retries)] (AWS Architecture Blog, 2015).
    """
    last = retry_count + 1 >= max_attempts
    if kind == "permanent" or last or (kind == "poison" and run_alone):
        return Decision(final=True, delay=timedelta(0), run_alone=run_alone)
    if kind == "poison":
        return Decision(final=False, delay=timedelta(0), run_alone=True)
    ceiling = min(BACKOFF_MOST, BACKOFF_FIRST * 2**min(retry_count, 30))
    return Decision(final=False, delay=ceiling * rng.random(), run_alone=run_alone)
