"""Fusion of two lists: agreement wins, a weak list does little harm, order is stable."""

from __future__ import annotations

from uuid import UUID

import pytest

from pipeline.search.chunks import Key, fuse


def key(number: int) -> Key:
    return Key(f"document:{number:06}", UUID(int=1), number)


def test_what_both_lists_name_stands_first() -> None:
    fused = fuse({"fulltext": [(key(1), 9.0), (key(2), 8.0)], "vector": [(key(3), 0.9), (key(2), 0.8)]})
    assert fused[0][0] == key(2)


def test_the_score_is_the_sum_of_shares_of_the_best() -> None:
    fused = dict(fuse({"fulltext": [(key(1), 8.0), (key(2), 2.0)], "vector": [(key(2), 0.5), (key(3), 0.4)]}))
    assert fused == pytest.approx({key(1): 2 / 3, key(2): 1 / 6 + 1 / 3, key(3): 0.8 / 3})


def test_a_list_that_sees_no_difference_leaves_the_order_of_the_other() -> None:
    words = [(key(number), 10.0 - number) for number in range(5)]
    fused = fuse({"fulltext": words, "vector": [(one, 0.1) for one, _ in reversed(words)]})
    assert [one for one, _ in fused] == [key(number) for number in range(5)]


def test_what_points_away_counts_nothing() -> None:
    fused = dict(fuse({"vector": [(key(1), 0.5), (key(2), -0.5)]}))
    assert fused == {key(1): 1 / 3, key(2): 0}
    assert fuse({"vector": [(key(1), 0.0)], "fulltext": []}) == []


def test_equal_scores_keep_one_order_whatever_list_came_first() -> None:
    one, two = [(key(1), 1.0)], [(key(2), 1.0)]
    assert fuse({"fulltext": two, "vector": one}) == fuse({"vector": one, "fulltext": two})
