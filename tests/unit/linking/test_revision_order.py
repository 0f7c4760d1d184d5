"""Which revision is newer, and which file supersedes which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.linking.revision_order import order_revisions, parse_revision, plain_revision
from pipeline.linking.revisions import Issue, Mark, marks_of


def ordered(*revisions: str, **dates: str) -> list[list[str]] | None:
    return order_revisions({text: dates.get(text) for text in revisions})


@pytest.mark.parametrize(
    "revisions",
    [
        pytest.param(["A", "B", "C", "H", "J", "Y", "AA", "AB", "BA"], id="letters, then two of them"),
        pytest.param(["0", "1", "2", "10", "11"], id="numbers by value"),
        pytest.param(["00", "01", "02"], id="numbers with zeros"),
        pytest.param(["0.1", "0.2", "0.10", "1.0", "1.0.1"], id="parts of a version"),
        pytest.param(["-", "A", "B"], id="a dash before the first letter"),
        pytest.param(["-", "1", "2"], id="a dash before the first number"),
        pytest.param(["A", "A1", "A2", "A10", "B"], id="letter and count"),
        pytest.param(["1", "1a", "1b", "2"], id="number and letter"),
        pytest.param(["X1", "X2", "A"], id="drafts before the release"),
        pytest.param(["2023-12-01", "2024-02-29"], id="dates"),
        pytest.param(["a", "B", "rev c"], id="case and the word for it"),
    ],
)
def test_revisions_follow_each_other(revisions: list[str]) -> None:
    assert order_revisions(dict.fromkeys(reversed(revisions))) == [[text] for text in revisions]


@pytest.mark.parametrize("revisions", [["A", "1"], ["2024-01-01", "B"], ["A", "first issue of all"]])
def test_two_schemes_have_no_order_of_their_own(revisions: list[str]) -> None:
    assert ordered(*revisions) is None


def test_dates_of_the_title_block_order_what_has_no_order() -> None:
    assert order_revisions({"A": "2020-01-01", "1": "2019-05-05"}) == [["1"], ["A"]]
    assert order_revisions({"A": "2020-01-01", "1": None}) is None
    assert order_revisions({"A": "2020-01-01", "1": "2020-01-01"}) is None


def test_spellings_of_one_revision_stand_on_one_step() -> None:
    assert order_revisions(dict.fromkeys(["00", "0", "1", "rev 1"])) == [["0", "00"], ["1", "rev 1"]]


@pytest.mark.parametrize(("text", "plain"), [("Rev. b", "B"), (" index  C ", "C"), ("-", "-"), ("—", "-"), ("", "-"), ("rev", "REV")])
def test_what_stands_around_a_revision_is_no_part_of_it(text: str, plain: str) -> None:
    assert plain_revision(text) == plain


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_text_is_ordered_or_not_but_never_fails(revisions: list[str]) -> None:
    order = order_revisions(dict.fromkeys(revisions))
    assert order is None or sorted(text for step in order for text in step) == sorted(set(revisions))


@given(st.integers(1, 700), st.integers(1, 700))
def test_letters_count_like_columns_of_a_sheet(one: int, other: int) -> None:
    left, right = parse_revision(letters(one)), parse_revision(letters(other))
    assert left is not None
    assert right is not None
    assert (left.order < right.order) == (one < other)


def letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def issue(name: str, revision: str | None, *, part: str = "k", sheet: str | None = None, content: str | None = None,
          date: str | None = None) -> Issue:
    return Issue(name, content or name, name, part, sheet, revision, date)


def test_an_older_revision_is_superseded_by_the_newest_of_its_format() -> None:
    marks = marks_of([issue("a.pdf", "A"), issue("b.pdf", "B"), issue("c.pdf", "C"), issue("a.step", "A")])
    assert marks == [Mark("a.pdf", 1, "c.pdf"), Mark("b.pdf", 2, "c.pdf"), Mark("c.pdf", 3, None)]


def test_a_model_is_not_superseded_by_a_drawing() -> None:
    assert marks_of([issue("a.step", "A"), issue("b.pdf", "B")]) == []


def test_stp_and_step_are_one_format() -> None:
    assert [mark.superseded_by for mark in marks_of([issue("a.stp", "A"), issue("b.STEP", "B")])] == ["b.STEP", None]


def test_other_sheets_and_other_parts_of_a_group_supersede_nothing() -> None:
    assert not marks_of([issue("1.pdf", "A", sheet="1"), issue("2.pdf", "B", sheet="2")])
    assert not marks_of([issue("1.pdf", "A", part="left"), issue("2.pdf", "B", part="right")])


def test_copies_are_one_file_and_superseded_together() -> None:
    marks = marks_of([issue("a.pdf", "A"), issue("copy.pdf", "A", content="a.pdf"), issue("b.pdf", "B")])
    assert sorted(marks) == [Mark("a.pdf", 1, "b.pdf"), Mark("b.pdf", 2, None), Mark("copy.pdf", 1, "b.pdf")]


def test_a_file_without_a_revision_neither_supersedes_nor_is_superseded() -> None:
    assert [mark.blob_id for mark in marks_of([issue("x.pdf", None), issue("a.pdf", "A"), issue("b.pdf", "B")])] == ["a.pdf", "b.pdf"]


def test_what_cannot_be_ordered_is_left_as_it_is() -> None:
    assert not marks_of([issue("a.pdf", "A"), issue("1.pdf", "1")])
