"""Closed outlines of DXFs that the tests make: sizes, cut lengths, areas and holes against figures known beforehand."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.dxf import read_dxf
from pipeline.extract.model import Outline
from tests.unit.extract.drawings import dxf_bytes, new_dxf


def outlines(document: Any) -> tuple[Outline, ...]:
    return read_dxf(dxf_bytes(document)).outlines


def only_outline(document: Any) -> Outline:
    (found,) = outlines(document)
    return found


def rectangle(space: Any, width: float, height: float, *, at: tuple[float, float] = (0, 0), **attributes: Any) -> None:
    x, y = at
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    space.add_lwpolyline(corners, close=True, dxfattribs=attributes)


def rounded_plate(space: Any, width: float, height: float, radius: float, *, shuffle: int | None = None) -> None:
    """A plate of single lines and arcs, in any order and direction."""
    w, h, r = width, height, radius
    sides = [((r, 0), (w - r, 0)), ((w, r), (w, h - r)), ((w - r, h), (r, h)), ((0, h - r), (0, r))]
    corners = [((w - r, r), 270, 360), ((w - r, h - r), 0, 90), ((r, h - r), 90, 180), ((r, r), 180, 270)]
    pieces: list[Any] = [lambda s=start, e=end: space.add_line(s, e) for start, end in sides]
    pieces += [lambda c=center, a=first, b=last: space.add_arc(c, r, a, b) for center, first, last in corners]
    if shuffle is not None:
        random.Random(shuffle).shuffle(pieces)
    for draw in pieces:
        draw()


def test_a_plate_of_lines_and_arcs_gives_size_cut_length_and_area() -> None:
    document = new_dxf()
    rounded_plate(document.modelspace(), 213, 150, 8, shuffle=1)
    found = only_outline(document)
    assert (found.width_mm, found.height_mm, found.inner_count, found.holes) == (213.0, 150.0, 0, ())
    assert found.cut_length_mm == pytest.approx(2 * (213 - 16 + 150 - 16) + math.tau * 8, abs=1e-3)
    assert found.area_mm2 == pytest.approx(213 * 150 - (4 - math.pi) * 64, abs=1e-3)


def test_holes_are_counted_by_diameter_and_other_openings_are_not() -> None:
    document = new_dxf()
    space = document.modelspace()
    rectangle(space, 100, 60)
    for x in (10, 90):
        for y in (10, 50):
            space.add_circle((x, y), 1.7)
    space.add_circle((50, 30), 10)
    rectangle(space, 8, 4, at=(70, 30))
    found = only_outline(document)
    assert found.holes == ({"diameter": 3.4, "count": 4}, {"diameter": 20.0, "count": 1})
    assert found.inner_count == 6
    assert found.cut_length_mm == pytest.approx(320 + 4 * math.pi * 3.4 + math.pi * 20 + 24, abs=1e-3)
    assert found.area_mm2 == pytest.approx(6000 - 4 * math.pi * 1.7**2 - math.pi * 100 - 32, abs=1e-3)


def test_a_hole_of_two_arcs_is_round_and_a_hexagon_is_not() -> None:
    document = new_dxf()
    space = document.modelspace()
    rectangle(space, 100, 60)
    space.add_lwpolyline([(20, 30, 1), (26, 30, 1)], format="xyb", close=True)
    space.add_lwpolyline([(60 + 5 * math.cos(a), 30 + 5 * math.sin(a)) for a in (k * math.tau / 6 for k in range(6))], close=True)
    found = only_outline(document)
    assert (found.holes, found.inner_count) == (({"diameter": 6.0, "count": 1},), 2)


def test_what_lies_in_a_hole_is_a_part_of_its_own() -> None:
    document = new_dxf()
    space = document.modelspace()
    for radius in (50, 40, 30, 20):
        space.add_circle((0, 0), radius)
    assert [(one.width_mm, one.inner_count) for one in outlines(document)] == [(100.0, 1), (60.0, 1)]


@pytest.mark.parametrize(("units", "factor"), [(1, 25.4), (4, 1.0), (5, 10.0)], ids=["in", "mm", "cm"])
def test_outlines_are_in_millimetres_whatever_the_drawing_is_in(units: int, factor: float) -> None:
    document = new_dxf(units=units)
    rectangle(document.modelspace(), 4, 3)
    found = only_outline(document)
    assert (found.width_mm, found.height_mm) == pytest.approx((4 * factor, 3 * factor))
    assert found.area_mm2 == pytest.approx(12 * factor**2)


def test_a_unit_that_makes_a_part_longer_than_any_sheet_is_doubted() -> None:
    document = new_dxf(units=1)
    rectangle(document.modelspace(), 300, 200)
    drawing = read_dxf(dxf_bytes(document))
    assert (drawing.outlines[0].width_mm, drawing.outlines[0].confidence) == (300.0, 0.7)
    assert (drawing.properties["unit"], drawing.properties["unit_doubts"]) == (None, ["size"])


def test_an_outline_stands_at_its_first_entity() -> None:
    document = new_dxf()
    document.layers.add("CUT")
    rectangle(document.modelspace(), 40, 30, layer="CUT")
    (entity,) = document.modelspace()
    found = only_outline(document)
    assert (found.place.page_number, found.place.entity_handle, found.place.layer) == (1, entity.dxf.handle, "CUT")


def test_inserted_blocks_are_parts_where_they_stand_turned_and_scaled() -> None:
    document = new_dxf()
    block = document.blocks.new("PART")
    rectangle(block, 40, 20)
    block.add_circle((10, 10), 2)
    document.modelspace().add_blockref("PART", (500, 0), dxfattribs={"rotation": 90, "xscale": 2, "yscale": 2})
    found = only_outline(document)
    assert (found.width_mm, found.height_mm) == pytest.approx((40, 80))
    assert found.holes == ({"diameter": 8.0, "count": 1},)
    assert found.area_mm2 == pytest.approx(40 * 80 - math.pi * 16, abs=1e-3)


def test_a_mirrored_part_has_the_same_area() -> None:
    document = new_dxf()
    block = document.blocks.new("PART")
    rounded_plate(block, 60, 40, 10)
    document.modelspace().add_blockref("PART", (0, 0), dxfattribs={"xscale": -1})
    assert only_outline(document).area_mm2 == pytest.approx(60 * 40 - (4 - math.pi) * 100, abs=1e-3)


def test_bend_lines_and_lines_that_cross_the_part_do_not_open_its_outline() -> None:
    document = new_dxf()
    space = document.modelspace()
    corners = [(0, 0), (30, 0), (100, 0), (100, 50), (30, 50), (0, 50)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        space.add_line(start, end)
    space.add_line((30, 0), (30, 50))  # a bend, drawn in full
    space.add_line((60, 10), (60, 20), dxfattribs={"linetype": "CENTER"})
    found = only_outline(document)
    assert (found.width_mm, found.height_mm, found.cut_length_mm, found.area_mm2) == (100.0, 50.0, 300.0, 5000.0)


def test_lines_drawn_twice_make_one_part() -> None:
    document = new_dxf()
    for _ in range(2):
        rounded_plate(document.modelspace(), 60, 40, 5)
        document.modelspace().add_circle((30, 20), 4)
    found = only_outline(document)
    assert (found.inner_count, found.holes) == (1, ({"diameter": 8.0, "count": 1},))


def test_an_open_outline_is_none() -> None:
    document = new_dxf()
    document.modelspace().add_lwpolyline([(0, 0), (50, 0), (50, 30), (0, 30), (0, 1)])
    assert outlines(document) == ()


def test_ellipses_and_splines_close_an_outline() -> None:
    document = new_dxf()
    space = document.modelspace()
    space.add_ellipse((0, 0), (50, 0), ratio=0.5)
    found = only_outline(document)
    assert (found.width_mm, found.height_mm) == pytest.approx((100, 50), rel=1e-3)
    assert found.area_mm2 == pytest.approx(math.pi * 50 * 25, rel=5e-3)


def test_a_nest_of_labelled_parts_is_parts_and_a_form_of_framed_texts_is_none() -> None:
    for has_hole, count in ((True, 12), (False, 0)):
        document = new_dxf()
        space = document.modelspace()
        for number in range(12):
            rectangle(space, 40, 30, at=(number * 50, 0))
            space.add_text(f"P-{number}", height=3).set_placement((number * 50 + 5, 5))
            if has_hole:
                space.add_circle((number * 50 + 30, 20), 4)
        assert len(outlines(document)) == count


def test_the_frame_of_a_sheet_is_no_part() -> None:
    document = new_dxf()
    space = document.modelspace()
    rectangle(space, 420, 297)
    rectangle(space, 390, 277, at=(20, 10))
    space.add_text("TITLE", height=5).set_placement((300, 20))
    rectangle(space, 50, 30, at=(100, 100))
    assert outlines(document) == ()


def test_a_plate_of_a_paper_size_with_nothing_else_drawn_is_a_part() -> None:
    document = new_dxf()
    rectangle(document.modelspace(), 420, 297)
    document.modelspace().add_circle((20, 20), 3)
    assert only_outline(document).holes == ({"diameter": 6.0, "count": 1},)


def test_views_of_a_dimensioned_drawing_are_no_parts() -> None:
    document = new_dxf()
    space = document.modelspace()
    for number in range(5):
        rectangle(space, 50, 30, at=(number * 100, 0))
    space.add_linear_dim(base=(0, 40), p1=(0, 30), p2=(50, 30)).render()
    assert outlines(document) == ()


def test_a_single_dimensioned_plate_is_a_part_with_less_confidence() -> None:
    document = new_dxf()
    rectangle(document.modelspace(), 50, 30)
    document.modelspace().add_linear_dim(base=(0, 40), p1=(0, 30), p2=(50, 30)).render()
    assert only_outline(document).confidence == pytest.approx(0.6)


def test_a_view_with_many_loose_lines_is_no_part() -> None:
    document = new_dxf(units=0)
    space = document.modelspace()
    rectangle(space, 10, 30)
    for x in range(10):
        space.add_line((100 + x, 0), (100 + x, 50))
    assert outlines(document) == ()


@settings(max_examples=25, deadline=None)
@given(
    width=st.floats(20, 500), height=st.floats(20, 500), radius=st.floats(0.5, 9), x=st.floats(-1e4, 1e4), y=st.floats(-1e4, 1e4),
    order=st.integers(0, 1000),
)
def test_size_and_area_do_not_depend_on_place_order_or_direction(
    width: float, height: float, radius: float, x: float, y: float, order: int
) -> None:
    document = new_dxf()
    block = document.blocks.new("PART")
    rounded_plate(block, width, height, radius, shuffle=order)
    document.modelspace().add_blockref("PART", (x, y))
    found = only_outline(document)
    assert (found.width_mm, found.height_mm) == pytest.approx((width, height), abs=1e-3)
    assert found.area_mm2 == pytest.approx(width * height - (4 - math.pi) * radius**2, rel=1e-5)


def test_contours_beyond_all_reach_cost_neither_the_file_nor_the_parts() -> None:
    document = new_dxf()
    rectangle(document.modelspace(), 100, 50)
    document.modelspace().add_circle((1e300, 1e300), 1e299)
    rectangle(document.modelspace(), 1e160, 1e160)
    assert (only_outline(document).width_mm, only_outline(document).height_mm) == (100.0, 50.0)


def test_a_perforated_sheet_is_read_in_time() -> None:
    document = new_dxf()
    space = document.modelspace()
    rectangle(space, 1000, 1000)
    for x in range(90):
        for y in range(90):
            space.add_circle((10 + 11 * x, 10 + 11 * y), 2.5)
    start = time.process_time()
    found = only_outline(document)
    assert found.holes == ({"diameter": 5.0, "count": 8100},)
    assert time.process_time() - start < 20, "every hole against every other would take minutes"
