"""How many jobs to hold: seconds of work, no more, whatever a job takes."""

from __future__ import annotations

import math
from collections import Counter
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
        self.claimed: Counter[str] = Counter()  # by type
        self._asked: set[str] = set()
        self._dry: set[str] = set()  # types of which there was none when they were last asked for
        self._turn = -1
        self._children = children
        self._most = max(most, 2 * children)
        self._seconds: dict[str, float] = {}
        self._cursor = ClaimCursor()

    def measured(self, job_type: str, seconds: float) -> None:
        """A job of this type took so long."""
        before = self._seconds.get(job_type, seconds)
        self._seconds[job_type] = before + SMOOTHING * (seconds - before)

    def room(self, held: int) -> int:
        """How many more to claim now: enough for AHEAD_SECONDS, at least two a child; 0 while more than half is there."""
        slowest = max(self._seconds.values(), default=1.0)
        target = min(self._most, max(2 * self._children, math.ceil(self._children * AHEAD_SECONDS / max(slowest, 0.001))))
        return target - held if held <= target // 2 else 0

    def open_types(self, limit: int | None) -> list[str]:
        """The types of which more may be claimed. limit: of each type; None: no limit."""
        return [name for name in self.types if limit is None or self.claimed[name] < limit]

    def depth(self) -> int:
        """How many tasks to give a child at once, the one it works on included."""
        slowest = max(self._seconds.values(), default=1.0)
        return max(2, min(MOST_PIPED, math.ceil(PIPED_SECONDS / max(slowest, 0.001))))

    def wants(self, room: int, limit: int | None) -> list[Want]:
        """`room` jobs shared out among the types of which more may be claimed.

        A type that had none the last time is asked for one, whatever the room: its share is the others' meanwhile. What is left
        over goes to another type each time, or the last ones would never get any on a machine that holds few jobs.
        """
        types = self.open_types(limit)
        self._turn += 1
        start = self._turn % max(1, len(types))
        types = types[start:] + types[:start]
        busy = [name for name in types if name not in self._dry] or types
        shares = dict.fromkeys(types, 1)
        shares |= {name: room // len(busy) + (place < room % len(busy)) for place, name in enumerate(busy)}
        if limit is not None:
            shares = {name: min(share, limit - self.claimed[name]) for name, share in shares.items()}
        self._asked = {name for name, share in shares.items() if share}
        return [self._cursor.want(name, shares[name]) for name in self.types if shares.get(name)]

    def note(self, claims: Sequence[Claim]) -> None:
        """Take in the answer to the last wants."""
        claimed = Counter(claim.job_type for claim in claims)
        self.claimed += claimed
        self._dry = (self._dry | self._asked) - claimed.keys()
        self._cursor.note(claims)
