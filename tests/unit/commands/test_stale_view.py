"""What doing stale results again costs."""

from __future__ import annotations

import pytest

from commands import stale_view
from pipeline.inventory.stale_work import StaleWork

FOLLOWERS = {"pdf": ("text",), "text": ("embed",)}
MEANS = {"pdf": 2000.0, "text": 500.0, "embed": 100.0}


def costs(*work: StaleWork, by_endpoint: bool = False, means: dict[str, float] = MEANS) -> list[stale_view.Cost]:
    return [stale_view.cost(one, followers=FOLLOWERS, mean_ms=means, by_endpoint=by_endpoint) for one in stale_view.together(work)]


def test_what_follows_from_a_job_is_counted_and_timed_with_it() -> None:
    (found,) = costs(StaleWork("pdf", "version", 1000, 5_000_000, 0))
    assert found.followed_by == {"text": 1000, "embed": 1000}
    assert found.seconds == pytest.approx(1000 * 2.6)
    assert found.document()["machine_hours"] == pytest.approx(0.722)


def test_tokens_are_counted_only_for_an_endpoint_and_only_where_vectors_follow() -> None:
    work = StaleWork("embed", "model", 10, 0, 4000)
    assert costs(work)[0].tokens is None
    assert costs(work, by_endpoint=True)[0].tokens == 1000
    assert costs(StaleWork("cad", "version", 1, 0, 4000), by_endpoint=True)[0].tokens is None


def test_needs_of_several_formats_are_one_line_and_the_sums_add_up() -> None:
    found = costs(StaleWork("text", "version", 3, 30, 0), StaleWork("text", "version", 4, 0, 0), StaleWork("text", "output", 1, 0, 0))
    document = stale_view.document(found, ["pdf", "text", "text"], dry_run=True)
    assert [(one["reason"], one["jobs"]) for one in document["stale"]] == [("version", 7), ("output", 1)]
    assert document["requeued"] == {"pdf": 0, "text": 8}
    assert document["total"] == 8
    assert document["estimate"]["bytes_read"] == 30
    assert document["estimate"]["followed_by"] == {"embed": 8}


def test_a_type_of_which_none_was_done_yet_is_named_instead_of_guessed() -> None:
    found = costs(StaleWork("pdf", "version", 5, 0, 0), means={"text": 500.0})
    document = stale_view.document(found, ["pdf"], dry_run=True)
    assert document["stale"][0]["machine_hours"] is None
    assert document["estimate"]["without_experience"] == ["pdf"]


def test_a_person_reads_the_reason_and_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    stale_view.show(costs(StaleWork("pdf", "version", 1000, 2_000_000_000, 0)), dry_run=True)
    said = capsys.readouterr().out
    assert "would requeue 1,000 jobs" in said
    assert "an older version of the reader" in said
    assert "as they complete: 1,000 text, 1,000 embed" in said
    assert "43 min of one child process, 2.0 GB to read" in said
