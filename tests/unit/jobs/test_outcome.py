"""What a failed attempt leads to, case by case."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from pipeline.jobs import Decision, decide
from pipeline.text import clean_text

NONE = timedelta(0)


@pytest.mark.parametrize(("kind", "retries", "alone", "expected"), [
    pytest.param("permanent", 0, False, Decision(True, NONE, False), id="permanent-is-final"),
    pytest.param("poison", 0, False, Decision(False, NONE, True), id="poison-runs-alone-at-once"),
    pytest.param("poison", 0, True, Decision(True, NONE, True), id="poison-alone-is-final"),
    pytest.param("poison", 2, False, Decision(True, NONE, False), id="poison-on-the-last-retry"),
    pytest.param("transient", 2, False, Decision(True, NONE, False), id="retries-used-up"),
])
def test_decisions(kind: str, retries: int, alone: bool, expected: Decision) -> None:
    assert decide(kind, retry_count=retries, max_attempts=3, run_alone=alone, rng=random.Random(0)) == expected


@pytest.mark.parametrize(("retries", "ceiling"), [(0, 1), (1, 2), (3, 8), (6, 60), (90, 60)])
def test_the_delay_is_drawn_evenly_below_a_doubling_ceiling(retries: int, ceiling: int) -> None:
    rng = random.Random(5)
    delays = [decide("transient", retry_count=retries, max_attempts=999, run_alone=False, rng=rng).delay.total_seconds()
              for _ in range(2000)]
    assert 0 <= min(delays) < 0.01 * ceiling
    assert 0.99 * ceiling < max(delays) <= ceiling
    assert sum(delays) / len(delays) == pytest.approx(ceiling / 2, rel=0.05)


def test_a_job_that_must_run_alone_keeps_doing_so_after_a_transient_failure() -> None:
    assert decide("transient", retry_count=0, max_attempts=3, run_alone=True, rng=random.Random(0)).run_alone


@pytest.mark.parametrize(("text", "stored"), [("a\x00b", "ab"), ("\ud800x", "?x"), ("Größe ∅", "Größe ∅")])
def test_text_is_made_fit_for_postgres(text: str, stored: str) -> None:
    assert clean_text(text) == stored
