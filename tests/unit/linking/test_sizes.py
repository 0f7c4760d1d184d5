"""Contours and drawings of one place, matched by title and by size. Equal sizes by chance join nothing."""

from __future__ import annotations

import json

from pipeline.linking.inside import _bench
from pipeline.linking.sizes import Contour, Piece, Sheet, judge_bench

DOOR = Sheet("door", "front-door", (), (4.0, 212.0, 239.0))
PANEL = Piece("panel", "front-panel", (Contour(211.99, 239.0),))


def joined(*args: object) -> list[tuple[str, str, str]]:
    return [(pair.left, pair.right, pair.method) for pair in judge_bench(*args)]  # type: ignore[arg-type]


def test_a_contour_and_the_drawing_of_its_size_are_one_part_where_a_word_agrees() -> None:
    assert joined([DOOR], [PANEL]) == [("door", "panel", "size")]


def test_round_sizes_alone_are_a_coincidence() -> None:
    assert not joined([Sheet("s", "lid", (), (100.0, 200.0))], [Piece("p", "deck", (Contour(100, 200),))])


def test_sizes_that_are_not_round_and_holes_are_none() -> None:
    assert joined([Sheet("s", "lid", (), (103.4, 217.7))], [Piece("p", "deck", (Contour(217.7, 103.4),))])
    assert joined([Sheet("s", "lid", (), (3.4, 100.0, 217.7))], [Piece("p", "deck", (Contour(217.7, 100, (3.4,)),))])
    assert not joined([Sheet("s", "lid", (), (100.0, 217.7))], [Piece("p", "deck", (Contour(217.7, 100, (3.4,)),))])


def test_two_drawings_or_two_contours_of_one_size_are_for_a_person() -> None:
    assert not joined([DOOR, DOOR._replace(group_id="other")], [PANEL])
    assert not joined([DOOR], [PANEL, PANEL._replace(group_id="other")])


def test_a_twin_that_has_its_drawing_takes_the_size_its_weight() -> None:
    sheet, piece = Sheet("s", "lid", (), (103.4, 217.7)), Piece("p", "deck", (Contour(217.7, 103.4),))
    assert not joined([sheet], [piece], [Contour(103.4, 217.7)])
    assert joined([DOOR], [PANEL], [Contour(212, 239)])


def test_mirrored_parts_are_two_parts() -> None:
    assert not joined([Sheet("s", "cover-left", (), (103.4, 217.7))], [Piece("p", "cover-right", (Contour(217.7, 103.4),))])


def test_one_length_is_not_enough() -> None:
    assert not joined([DOOR._replace(sizes=(212.0, 240.0))], [PANEL])
    assert not joined([DOOR._replace(sizes=(212.1, 239.0))], [PANEL])


def test_a_nest_of_plates_is_no_plate() -> None:
    assert not joined([DOOR], [PANEL._replace(contours=(Contour(212, 239), Contour(212, 230)))])


def test_small_things_are_of_any_size() -> None:
    assert not joined([Sheet("s", "front-clip", (), (5.3, 7.7))], [Piece("p", "front-hook", (Contour(5.3, 7.7),))])


def test_a_title_that_is_the_name_of_one_model_joins_them() -> None:
    sheet = Sheet("s", "scan17", ("e-motor-bracket",))
    assert joined([sheet], [Piece("p", "e-motor-bracket"), Piece("q", "x-motor-bracket")]) == [("s", "p", "title_block")]
    assert not joined([sheet, sheet._replace(group_id="t")], [Piece("p", "e-motor-bracket")])
    assert not joined([sheet], [Piece("p", "e-motor-bracket"), Piece("q", "bracket-motor-e")])
    assert not joined([Sheet("s", "scan17", ("pin",))], [Piece("p", "pin")])


def test_a_copied_title_block_joins_nothing() -> None:
    pieces = [Piece("p", "front-panel")]
    assert not joined([Sheet("s", "rear-panel", ("front-panel",))], pieces)
    assert not joined([Sheet("s", "lid-cover", ("front-panel",))], pieces)
    assert joined([Sheet("s", "front-door", ("front-panel",))], pieces)


def test_rows_of_the_database_become_a_bench() -> None:
    small, large = ({"width": w, "height": w, "holes": [{"diameter": 3.4, "count": 2}, {"count": 1}]} for w in (10, 100))
    rows = [(1, "s", "lid", True, False, ["Deckel Oben"], [3.0, 5.0], None), (1, "p", "k", False, True, [], [], [large, small]),
            (1, "b", "k", True, True, [], [], [small | {"holes": json.dumps(small["holes"])}])]
    sheets, pieces, others = _bench(rows)
    assert sheets == [Sheet("s", "lid", ("deckel-oben",), (3.0, 5.0))]
    assert pieces == [Piece("p", "k", (Contour(100, 100, (3.4,)),))]
    assert others == [Contour(10, 10, (3.4,))]
