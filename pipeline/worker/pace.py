"""How many jobs to hold: seconds of work, no more, whatever a job takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.jobs import Claim, ClaimCursor, Want

AHEAD_SECONDS = 3.0
# While the parent commits, children live on what stands in their pipes.
PIPED_SECONDS = 0.25
MOST_PIPED = 16  # so many fit a pipe's buffer on every system: filling it must never block the parent
SMOOTHING = 0.1


class Pace:
    """Sizes claims from measured durations.

    children  processes of this machine
    most      CLAIM_BATCH: jobs held at once, at most, beyond two a child
    """

    def __init__(self, types: Sequence[str], *, children: int, most: int) -> None:
        self.types = list(types)
        self.claimed = 0
        self._children = children
        self._most = max(most, 2 * children)
        self._seconds: dict[str, float] = {}
        self._cursor = ClaimCursor()

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
        """`room` jobs shared out among the types."""
        shares = [room // len(self.types) + (place < room % len(self.types)) for place in range(len(self.types))]
        return [self._cursor.want(name, share) for name, share in zip(self.types, shares, strict=True) if share]

    def note(self, claims: Sequence[Claim]) -> None:
        """Take in the answer to the last wants."""
        self.claimed += len(claims)
        self._cursor.note(claims)
