"""The remembered floor: where the next claim starts to look."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pipeline.jobs import Claim, ClaimCursor
from pipeline.jobs.model import NO_FLOOR


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def held(*ids: int, priority: int = 0, job_type: str = "pdf") -> list[Claim]:
    return [Claim(job, 1, UUID(int=0), UUID(int=job), job_type, priority, 0, 3, False, "") for job in ids]


def cursor_after(*answers: list[Claim]) -> ClaimCursor:
    cursor = ClaimCursor(clock=Clock())
    for answer in answers:
        cursor.want("pdf", 3)
        cursor.note(answer)
    return cursor


def floor(cursor: ClaimCursor, job_type: str = "pdf") -> tuple[int, int]:
    return cursor.want(job_type, 3).floor


def test_the_first_look_is_a_full_one() -> None:
    assert floor(ClaimCursor()) == NO_FLOOR


def test_the_floor_is_the_last_job_claimed() -> None:
    assert floor(cursor_after(held(4, 9, 7))) == (0, 9)


def test_the_floor_stands_at_the_lowest_priority_of_a_mixed_claim() -> None:
    assert floor(cursor_after(held(50, 51, priority=5) + held(4))) == (0, 4)


def test_an_upload_does_not_lift_the_floor() -> None:
    assert floor(cursor_after(held(4, 5, 6), held(90, priority=100))) == (0, 6)


def test_an_empty_answer_asks_for_a_full_look() -> None:
    assert floor(cursor_after(held(4, 5, 6), [])) == NO_FLOOR


def test_types_have_their_own_floors() -> None:
    cursor = ClaimCursor(clock=Clock())
    cursor.want("pdf", 3)
    cursor.want("cad", 3)
    cursor.note(held(4) + held(8, job_type="cad"))
    cursor.want("pdf", 3)
    cursor.note([])
    assert floor(cursor) == NO_FLOOR
    assert floor(cursor, "cad") == (0, 8)


def test_a_full_look_comes_when_it_is_due_and_for_each_type() -> None:
    clock = Clock()
    cursor = ClaimCursor(full_look_every=timedelta(seconds=10), clock=clock)
    for job_type in ("pdf", "cad"):
        cursor.want(job_type, 3)
    cursor.note(held(4) + held(8, job_type="cad"))
    clock.now += 9.9
    assert floor(cursor) == (0, 4)
    clock.now += 0.1
    assert (floor(cursor), floor(cursor, "cad")) == (NO_FLOOR, NO_FLOOR)
    cursor.note(held(5) + held(9, job_type="cad"))
    assert (floor(cursor), floor(cursor, "cad")) == ((0, 5), (0, 9))
