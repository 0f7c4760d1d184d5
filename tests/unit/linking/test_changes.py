"""What changed between two revisions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.linking.changes import ListRow, Stated, dimension_changes, field_changes, list_changes, paged_field_changes


def told(changes: list) -> list[tuple[str, str, str | None, str | None]]:  # type: ignore[type-arg]
    return [(one.change, one.name, one.old, one.new) for one in changes]


def dim(value: float, *, kind: str = "linear", **more: object) -> Stated:
    return Stated(kind, value, more.pop("raw", f"{value:g}"), page=1, **more)  # type: ignore[arg-type]


def test_fields_that_changed_came_or_went() -> None:
    old = {"title": "Front  panel", "revision": "A", "scale": "1:2"}
    assert told(field_changes(old, {"title": "FRONT PANEL", "revision": "B", "material": "S235"})) == [
        ("added", "material", None, "S235"), ("changed", "revision", "A", "B"), ("removed", "scale", "1:2", None)]


def test_each_page_is_compared_with_its_own_and_what_changes_alike_is_told_once() -> None:
    old = {1: {"title": "Frame", "revision": "A", "scale": "1:2"}, 2: {"title": "Panel", "revision": "A", "scale": "1:5"}}
    new = {1: {"title": "Frame", "revision": "B", "scale": "1:2"}, 2: {"title": "Panel", "revision": "B", "scale": "1:10"}}
    changes = paged_field_changes(old, new)
    assert told(changes) == [("changed", "revision", "A", "B"), ("changed", "scale", "1:5", "1:10")]
    assert [one.page for one in changes] == [1, 2]


def test_sheets_are_found_again_by_their_number_where_all_of_them_bear_one() -> None:
    old = {1: {"title": "Frame", "sheet": "1/2"}, 2: {"title": "Panel", "sheet": "2/2"}}
    new = {1: {"title": "Panel", "sheet": "2/2"}, 2: {"title": "Frame", "sheet": "1/2"}}
    assert paged_field_changes(old, new) == []
    del new[1]["sheet"]
    assert told(paged_field_changes(old, new))


def test_a_sheet_that_came_brings_its_fields() -> None:
    old = {1: {"title": "Frame"}, 2: {"title": "Panel"}}
    assert told(paged_field_changes(old, {**old, 3: {"title": "Lid"}})) == [("added", "title", None, "Lid")]


def test_a_drawing_of_one_page_is_compared_with_what_the_other_says_first() -> None:
    old = {1: {"title": "Frame"}}
    assert paged_field_changes(old, {1: {"title": "Frame"}, 2: {"title": "Panel"}}) == []
    assert told(paged_field_changes({}, old)) == [("added", "title", None, "Frame")]


def test_equal_drawings_have_no_changes_whatever_the_order() -> None:
    dims = [dim(10), dim(10), dim(5, kind="diameter", tol_plus=0.1, tol_minus=-0.1)]
    assert dimension_changes(dims, dims[::-1]) == []


def test_a_tolerance_or_a_count_that_changed_is_no_other_dimension() -> None:
    old = [dim(10, tol_plus=0.1, tol_minus=-0.1), dim(5, kind="hole", count=4, raw="4x 5")]
    new = [dim(10, tol_plus=0.05, tol_minus=-0.05), dim(5, kind="hole", count=6, raw="6x 5")]
    assert told(dimension_changes(old, new)) == [("changed", "hole", "4x 5", "6x 5"), ("changed", "linear", "10 ±0.1", "10 ±0.05")]


def test_another_value_in_the_same_place_is_a_change_elsewhere_it_is_another_dimension() -> None:
    old = [dim(10, centre=(100, 100)), dim(20, centre=(300, 300))]
    new = [dim(12, centre=(104, 98)), dim(25, centre=(500, 100))]
    assert told(dimension_changes(old, new)) == [
        ("added", "linear", None, "25"), ("changed", "linear", "10", "12"), ("removed", "linear", "20", None)]


def test_the_nearest_place_wins() -> None:
    old = [dim(1, centre=(0, 0)), dim(2, centre=(20, 0))]
    new = [dim(22, centre=(19, 0)), dim(11, centre=(1, 0))]
    assert told(dimension_changes(old, new)) == [("changed", "linear", "1", "11"), ("changed", "linear", "2", "22")]


def test_the_same_entity_with_another_value_is_a_change() -> None:
    assert told(dimension_changes([dim(10, handle="2F")], [dim(11, handle="2F")])) == [("changed", "linear", "10", "11")]


def test_one_of_several_equal_dimensions_that_went_is_told() -> None:
    assert told(dimension_changes([dim(10), dim(10), dim(10)], [dim(10), dim(10)])) == [("removed", "linear", "10", None)]


def test_rows_of_a_parts_list_are_found_by_their_number_without_its_revision() -> None:
    old = [ListRow("1002 A", None, {"number": "1002 A", "quantity": "1"}), ListRow("1003", None, {"number": "1003", "quantity": "2"})]
    new = [ListRow("1002 B", None, {"number": "1002 B", "quantity": "1"}), ListRow("1004", None, {"number": "1004", "quantity": "1"})]
    assert told(list_changes(old, new)) == [
        ("changed", "1002 number", "1002 A", "1002 B"), ("removed", "1003", "number 1003, quantity 2", None),
        ("added", "1004", None, "number 1004, quantity 1")]


def test_rows_without_a_number_are_found_by_their_item() -> None:
    changed = list_changes([ListRow(None, "3", {"quantity": "4"})], [ListRow(None, "3", {"quantity": "6"})])
    assert told(changed) == [("changed", "item 3 quantity", "4", "6")]


def test_a_number_that_stands_twice_is_compared_row_by_row() -> None:
    rows = [ListRow("1002", None, {"quantity": "1"}), ListRow("1002", None, {"quantity": "2"})]
    assert list_changes(rows, rows) == []
    assert told(list_changes(rows, rows[:1])) == [("removed", "1002 #2", "quantity 2", None)]


@given(st.lists(st.builds(dim, st.sampled_from([1.0, 2.0, 3.0]), centre=st.tuples(st.floats(0, 90), st.floats(0, 90))), max_size=8),
       st.lists(st.builds(dim, st.sampled_from([1.0, 2.0, 3.0]), centre=st.tuples(st.floats(0, 90), st.floats(0, 90))), max_size=8))
def test_changes_account_for_every_dimension(old: list[Stated], new: list[Stated]) -> None:
    changes = dimension_changes(old, new)
    removed, added = (sum(one.change == kind for one in changes) for kind in ("removed", "added"))
    assert len(old) - removed == len(new) - added


def test_a_unit_that_one_of_two_sheets_does_not_tell_is_no_change() -> None:
    assert dimension_changes([dim(348)], [dim(348, unit="mm")]) == []
    assert dimension_changes([dim(8), dim(348, centre=(0.0, 0.0))], [dim(348, unit="mm", centre=(900.0, 0.0)), dim(8)]) == []


def test_what_reads_the_same_is_told_apart() -> None:
    assert told(dimension_changes([dim(1, unit="in")], [dim(1, unit="mm")])) == [("changed", "linear", "1 in", "1 mm")]
    assert told(dimension_changes([dim(45, kind="angle", unit="deg")], [dim(45, kind="angle", unit="deg", is_basic=True)])) == [
        ("changed", "angle", "45 deg", "45 deg basic")]
