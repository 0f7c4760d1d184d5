"""Walk over all rows of a tenant in ranges of an ordered id, on any number of machines at once.

A range is one transaction under an advisory lock of its own: a machine that finds it taken goes on to the next, and comes
back at the end in case the other one died in it. Work on a range must be harmless when repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, LiteralString, NamedTuple, Protocol

from pipeline.database import Connection, Session

FIRST = "00000000-0000-0000-0000-000000000000"
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"

TRY_LOCK: LiteralString = """
    SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', %(name)s::text, %(tenant)s::text, %(after)s::text), 0))
"""
LOCK: LiteralString = """
    SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', %(name)s::text, %(tenant)s::text, %(after)s::text), 0))
"""


class Range(NamedTuple):
    """Ids above `after`, up to and with `upto`."""

    after: str
    upto: str


class Stop(Protocol):
    """Asked between units of work; phases pass their StopSignal."""

    @property
    def requested(self) -> bool: ...


Work = Callable[[Connection, Range], Counter[str]]


def each_range(session: Session, boundary: LiteralString, work: Work, *, name: str, tenant_id: str, size: int,
               stop: Stop) -> Counter[str]:
    """Run `work` on every range of about `size` ids; returns the sum of its counts.

    boundary  the query for the size-th id after %(after)s of %(tenant)s; no row where there are fewer
    name      of the work: ranges of other work are not waited for
    """
    totals: Counter[str] = Counter()
    taken: list[Range] = []
    after = FIRST
    while after != LAST and not stop.requested:
        here = session.run(partial(_next_range, boundary=boundary, tenant_id=tenant_id, after=after, size=size))
        done = session.run(partial(_try, work=work, here=here, name=name, tenant_id=tenant_id))
        taken += [here] if done is None else []
        totals += done or Counter()
        after = here.upto
    for here in taken:
        if not stop.requested:
            totals += session.run(partial(_wait, work=work, here=here, name=name, tenant_id=tenant_id))
    return totals


def _next_range(conn: Connection, *, boundary: LiteralString, tenant_id: str, after: str, size: int) -> Range:
    row = conn.execute(boundary, {"tenant": tenant_id, "after": after, "skip": size - 1}).fetchone()
    return Range(after, str(row[0]) if row else LAST)


def _try(conn: Connection, *, work: Work, here: Range, name: str, tenant_id: str) -> Counter[str] | None:
    """None where another machine is at it."""
    row = conn.execute(TRY_LOCK, _key(name, tenant_id, here)).fetchone()
    return work(conn, here) if row and row[0] else None


def _wait(conn: Connection, *, work: Work, here: Range, name: str, tenant_id: str) -> Counter[str]:
    conn.execute(LOCK, _key(name, tenant_id, here))
    return work(conn, here)


def _key(name: str, tenant_id: str, here: Range) -> dict[str, Any]:
    return {"name": name, "tenant": tenant_id, "after": here.after}
