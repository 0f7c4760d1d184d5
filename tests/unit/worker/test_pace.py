"""How much a machine takes at once."""

from __future__ import annotations

from uuid import UUID

from pipeline.jobs import Claim
from pipeline.worker.pace import Pace


def claim(number: int) -> Claim:
    return Claim(number, 1, UUID(int=1), UUID(int=number), "pdf", 0, 0, 3, False, "v")


def test_before_anything_is_measured_two_or_a_few_seconds_of_work_a_child() -> None:
    assert Pace(["pdf"], children=4, most=50).room(0) == 12


def test_fast_jobs_are_claimed_in_full_batches() -> None:
    pace = Pace(["pdf"], children=2, most=50)
    pace.measured("pdf", 0.01)
    assert pace.room(0) == 50


def test_slow_jobs_are_claimed_two_a_child() -> None:
    pace = Pace(["pdf"], children=3, most=50)
    pace.measured("pdf", 60)
    assert pace.room(0) == 6


def test_nothing_is_claimed_while_more_than_half_is_there() -> None:
    pace = Pace(["pdf"], children=2, most=50)
    pace.measured("pdf", 0.01)
    assert pace.room(26) == 0
    assert pace.room(25) == 25


def test_a_limit_is_never_passed() -> None:
    pace = Pace(["pdf"], children=2, most=50)
    pace.measured("pdf", 0.01)
    pace.note([claim(number) for number in range(95)])
    assert [want.limit for want in pace.wants(50, 100)] == [5]


def test_a_limit_holds_for_each_type_by_itself() -> None:
    pace = Pace(["pdf", "text"], children=2, most=50)
    pace.note([claim(number) for number in range(10)])
    assert pace.open_types(10) == ["text"]
    assert [(want.job_type, want.limit) for want in pace.wants(20, 10)] == [("text", 10)]


def test_types_share_a_claim() -> None:
    wants = Pace(["pdf", "dxf"], children=2, most=50).wants(11, None)
    assert [(want.job_type, want.limit) for want in wants] == [("pdf", 6), ("dxf", 5)]


def test_a_machine_that_takes_two_jobs_at_once_asks_for_every_type_in_turn() -> None:
    pace = Pace(["pdf", "dxf", "text", "embed"], children=1, most=50)
    asked = [want.job_type for _ in range(2) for want in pace.wants(2, None)]
    assert sorted(asked) != ["dxf", "dxf", "pdf", "pdf"]
    for _ in range(4):
        asked += [want.job_type for want in pace.wants(2, None)]
    assert set(asked) == {"pdf", "dxf", "text", "embed"}


def test_the_share_of_a_type_without_jobs_is_the_others() -> None:
    pace = Pace(["pdf", "text"], children=2, most=50)
    pace.wants(10, None)
    pace.note([claim(1)])
    assert {want.job_type: want.limit for want in pace.wants(10, None)} == {"pdf": 10, "text": 1}
    pace.note([claim(2)._replace(job_type="text")])
    assert {want.job_type: want.limit for want in pace.wants(10, None)} == {"pdf": 1, "text": 10}


def test_children_get_as_many_tasks_as_last_while_the_parent_commits() -> None:
    pace = Pace(["pdf"], children=2, most=50)
    assert pace.depth() == 2
    pace.measured("pdf", 0.05)
    assert pace.depth() == 5
