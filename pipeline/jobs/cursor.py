"""Where a worker's last claim ended, so that the next one need not walk over it again.

    cursor = ClaimCursor()
    wants = [cursor.want("pdf", 50), cursor.want("cad", 4)]
    claims = claim(conn, wants, worker=…)
    cursor.note(claims)

Claimed rows stay in the index until vacuum removes them, and vacuum cannot while some snapshot is held open (a
dump, an idle transaction): claims would crawl through everything that was ever claimed. Looking from the floor on
costs the same at all times. What comes back below it (retries, releases, late commits of lower ids) is found by a
full look, which follows every empty answer and otherwise comes about every ten seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from pipeline.jobs.model import NO_FLOOR, Claim, Want

FULL_LOOK_EVERY = timedelta(seconds=10)


class ClaimCursor:
    """The floor of each job type; one cursor a worker."""

    def __init__(self, *, full_look_every: timedelta = FULL_LOOK_EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = full_look_every.total_seconds()
        self._clock = clock
        self._floors: dict[str, tuple[int, int]] = {}
        self._full_look_at: dict[str, float] = {}
        self._asked: dict[str, Want] = {}

    def want(self, job_type: str, limit: int) -> Want:
        """Up to `limit` jobs of this type, from its floor; a full look where one is due."""
        now = self._clock()
        if now >= self._full_look_at.get(job_type, now):
            self._floors.pop(job_type, None)
            self._full_look_at[job_type] = now + self._every
        want = Want(job_type, limit, self._floors.get(job_type, NO_FLOOR))
        self._asked[job_type] = want
        return want

    def note(self, claims: Sequence[Claim]) -> None:
        """Take in the answer to the wants since the last note."""
        for job_type, want in self._asked.items():
            mine = [claim for claim in claims if claim.job_type == job_type]
            if not mine:
                self._floors.pop(job_type, None)  # nothing from the floor on: look everywhere next time
                continue
            priority = min(claim.priority for claim in mine)
            # A claim filled from above the floor has not come to the floor yet, and moves it nowhere.
            if priority <= want.floor[0]:
                self._floors[job_type] = (priority, max(claim.id for claim in mine if claim.priority == priority))
        self._asked.clear()
