"""Reciprocal rank fusion: agreement wins, order is stable."""

from __future__ import annotations

from uuid import UUID

from pipeline.search.chunks import FUSION_CONSTANT, Key, fuse


def key(number: int) -> Key:
    return UUID(int=1), number


def test_what_both_lists_name_stands_first() -> None:
    fused = fuse({"fulltext": [(key(1), 9.0), (key(2), 8.0)], "vector": [(key(3), 0.9), (key(2), 0.8)]})
    assert fused[0][0] == key(2)


def test_the_score_is_the_sum_over_places() -> None:
    ((_, score),) = fuse({"fulltext": [(key(1), 9.0)], "vector": []})
    ((_, both),) = fuse({"fulltext": [(key(1), 9.0)], "vector": [(key(1), 0.1)]})
    assert score == 1 / (FUSION_CONSTANT + 1)
    assert both > score


def test_equal_scores_keep_one_order_whatever_list_came_first() -> None:
    one, two = [(key(1), 1.0)], [(key(2), 1.0)]
    assert fuse({"fulltext": two, "vector": one}) == fuse({"vector": one, "fulltext": two})
