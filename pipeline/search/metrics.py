"""Figures of retrieval for one ranking. Pure; checked against trec_eval in a test.

A ranking is the grades of its items, best place first (0: not relevant); `ideal` holds the grades of all that could be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

ANSWERS = 2  # the grade of what answers a question; 1 helps


def recall_at(ranking: Sequence[int], ideal: Sequence[int], k: int, *, level: int = ANSWERS) -> float:
    """Share of what has at least grade `level` that stands among the first k; 0 where there is none."""
    wanted = sum(grade >= level for grade in ideal)
    return sum(grade >= level for grade in ranking[:k]) / wanted if wanted else 0.0


def found_at(ranking: Sequence[int], k: int, *, level: int = ANSWERS) -> float:
    """1 where at least one of the first k has grade `level`, else 0."""
    return float(any(grade >= level for grade in ranking[:k]))


def reciprocal_rank(ranking: Sequence[int], k: int, *, level: int = ANSWERS) -> float:
    """1 / place of the first that has grade `level`; 0 where none of the first k has."""
    return next((1 / place for place, grade in enumerate(ranking[:k], start=1) if grade >= level), 0.0)


def ndcg_at(ranking: Sequence[int], ideal: Sequence[int], k: int) -> float:
    """Discounted gain as a share of the best possible, with the grade itself as the gain. Source: Järvelin and Kekäläinen, 2002."""
    best = _gain(sorted(ideal, reverse=True)[:k])
    return _gain(ranking[:k]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(place + 1) for place, grade in enumerate(grades, start=1))
