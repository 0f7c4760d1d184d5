"""A typed query in its parts."""

from __future__ import annotations

import pytest

from pipeline.search.query import MOST_RUNS, Query, parse, pieces_of


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param("torque of screws", Query(("torque", "of", "screws")), id="words"),
    pytest.param("DM-1001-B", Query(("DM-1001-B",)), id="a code stays whole"),
    pytest.param('find "cross section" here', Query(("find", '"cross', 'section"', "here"), (("cross", "section"),)), id="a phrase"),
    pytest.param("„gute Naht“ und «bon» x", Query(("„gute", "Naht“", "und", "«bon»", "x"), (("gute", "Naht"), ("bon",))), id="other marks"),
    pytest.param("weld* seam", Query(("seam",), (), ("weld",)), id="a beginning"),
    pytest.param("cross-sec*", Query((), (), ("sec",)), id="a beginning behind a hyphen"),
    pytest.param('an open " mark', Query(("an", "open", "mark")), id="an open mark"),
    pytest.param("* -- !", Query(()), id="nothing but marks"),
    pytest.param("", Query(()), id="nothing"),
])
def test_parts_of_a_query(text: str, expected: Query) -> None:
    assert parse(text) == expected


def test_a_pasted_page_is_cut() -> None:
    assert len(parse("word " * 10_000).runs) == MOST_RUNS


def test_pieces_are_words_without_their_joints() -> None:
    assert pieces_of("DM-1001_B/x") == ["DM", "1001", "B", "x"]
