"""The figures are those of trec_eval."""

from __future__ import annotations

import random

import pytest
import pytrec_eval

from pipeline.search.metrics import found_at, ndcg_at, recall_at, reciprocal_rank

SEEDS = range(40)


def a_case(seed: int) -> tuple[list[int], list[int]]:
    """A ranking in which no answer stands twice, and the grades of all answers."""
    rng = random.Random(seed)
    ideal = [rng.choice([1, 1, 2]) for _ in range(rng.randint(1, 8))]
    found = rng.sample(ideal, rng.randint(0, len(ideal)))
    ranking = found + [0] * rng.randint(0, 15)
    rng.shuffle(ranking)
    return ranking, ideal


def by_trec(ranking: list[int], ideal: list[int], *, level: int) -> dict[str, float]:
    rest = list(ideal)
    judged, run = {}, {}
    for place, grade in enumerate(ranking):
        run[f"d{place}"] = float(len(ranking) - place)
        if grade:
            judged[f"d{place}"] = grade
            rest.remove(grade)
    judged |= {f"missing{number}": grade for number, grade in enumerate(rest)}
    evaluator = pytrec_eval.RelevanceEvaluator({"q": judged}, {"recall", "recip_rank", "ndcg_cut", "success"}, relevance_level=level)
    figures: dict[str, float] = evaluator.evaluate({"q": run or {"nothing": 0.0}})["q"]
    return figures


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_agree_with_trec_eval(seed: int) -> None:
    ranking, ideal = a_case(seed)
    answers, all_grades = by_trec(ranking, ideal, level=2), by_trec(ranking, ideal, level=1)
    assert recall_at(ranking, ideal, 10) == pytest.approx(answers["recall_10"])
    assert found_at(ranking, 10) == answers["success_10"]
    assert reciprocal_rank(ranking, 100) == pytest.approx(answers["recip_rank"])
    assert recall_at(ranking, ideal, 5, level=1) == pytest.approx(all_grades["recall_5"])
    assert ndcg_at(ranking, ideal, 10) == pytest.approx(all_grades["ndcg_cut_10"])
    assert ndcg_at(ranking, ideal, 5) == pytest.approx(all_grades["ndcg_cut_5"])


def test_cases_differ_enough_to_tell_a_wrong_formula() -> None:
    values = {round(ndcg_at(*a_case(seed), 10), 6) for seed in SEEDS}
    assert len(values) > len(SEEDS) / 2


def test_nothing_found_and_nothing_to_find_are_zero() -> None:
    assert (recall_at([], [2], 10), ndcg_at([0, 0], [2], 10), reciprocal_rank([0], 10)) == (0, 0, 0)
    assert (recall_at([0], [1], 10), ndcg_at([], [], 10)) == (0, 0)
