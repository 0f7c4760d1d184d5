"""How many jobs to hold: seconds of work, no more, whatever a job takes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from pipeline.jobs import Claim, Want
from pipeline.jobs.model import NO_FLOOR

AHEAD_SECONDS = 3.0
# While the parent commits, children live on what stands in their pipes.
PIPED_SECONDS = 0.25
MOST_PIPED = 32
SMOOTHING = 0.1
FULL_LOOK_SECONDS = 10.0


class Pace:
    """Sizes claims from measured durations, and remembers for each type where the last claim ended.

    children  processes of this machine
    most      CLAIM_BATCH: jobs held at once, at most, beyond two a child
    """

    def __init__(self, types: Sequence[str], *, children: int, most: int) -> None:
        self.types = list(types)
        self.claimed = 0
        self._children = children
        self._most = max(most, 2 * children)
        self._seconds: dict[str, float] = {}
        self._floors: dict[str, tuple[int, int]] = {}
        self._full_look_at = 0.0

    def measured(self, job_type: str, seconds: float) -> None:
        """A job of this type took so long."""
        before = self._seconds.get(job_type, seconds)
        self._seconds[job_type] = before + SMOOTHING * (seconds - before)

    def room(self, held: int, limit: int | None) -> int:
        """How many more to claim now: enough for AHEAD_SECONDS, at least two a child; 0 while more than half is there."""
        slowest = max(self._seconds.values(), default=1.0)
        target = min(self._most, max(2 * self._children, math.ceil(self._children * AHEAD_SECONDS / max(slowest, 0.001))))
        room = target - held if held <= target // 2 else 0
        return room if limit is None else min(room, limit - self.claimed)

    def depth(self) -> int:
        """How many tasks to give a child at once, the one it works on included."""
        slowest = max(self._seconds.values(), default=1.0)
        return max(2, min(MOST_PIPED, math.ceil(PIPED_SECONDS / max(slowest, 0.001))))

    def wants(self, room: int) -> list[Want]:
        """`room` jobs shared out among the types, each from its floor; a full look about every 10 s."""
        if time.monotonic() > self._full_look_at:
            self._floors.clear()
            self._full_look_at = time.monotonic() + FULL_LOOK_SECONDS
        quota = math.ceil(room / len(self.types))
        return [Want(name, quota, self._floors.get(name, NO_FLOOR)) for name in self.types]

    def note(self, claims: Sequence[Claim], wants: Sequence[Want]) -> None:
        """Move the floors to the last claimed jobs; an empty answer asks for a full look."""
        self.claimed += len(claims)
        if not claims:
            self._floors.clear()
            return
        for want in wants:
            mine = [claim for claim in claims if claim.job_type == want.job_type]
            if mine:
                lowest = min(claim.priority for claim in mine)
                self._floors[want.job_type] = (lowest, max(claim.id for claim in mine if claim.priority == lowest))
