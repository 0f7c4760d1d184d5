"""Dimensions of PDF pages: what stands at a dimension line is one, what only looks like one is none."""

from __future__ import annotations

from typing import Any

import pymupdf
import pytest

from pipeline.extract.pdf.glyphs import nameless_symbol_fonts, symbol_text
from pipeline.extract.pdf.parting import parted, pieces_of
from pipeline.extract.pdf.rows import build_rows
from pipeline.extract.sheet import Span
from tests.unit.extract.dimensioned import arrow, box, dimension, dimensions_of, drawn_diameter, line_between, lines, text
from tests.unit.extract.drawings import ENGLISH, draw_cells

PROOF = dimension(350, 700, "99.9")  # a dimension that shows that the page is a drawing


def test_a_bare_number_over_a_dimension_line_is_a_dimension() -> None:
    found = dimensions_of(dimension(100, 200, "42"))
    assert found.keys() == {"42"}
    assert (found["42"].kind, found["42"].nominal, found["42"].method) == ("linear", 42.0, "text_row")


def test_a_number_in_the_gap_of_a_vertical_dimension_line_is_a_dimension() -> None:
    parts = (lines((100, 200, 100, 245), (100, 260, 100, 300)), arrow(100, 200, 100, 300), arrow(100, 300, 100, 200))
    assert dimensions_of(*parts, text(92, 256, "17.5")).keys() == {"17.5"}


def test_a_number_that_reads_upwards_beside_its_line_is_a_dimension() -> None:
    assert dimensions_of(line_between(200, 100, 200, 300), text(196, 210, "28.3", rotate=90)).keys() == {"28.3"}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_frame_the_text_on_the_displayed_page(rotation: int) -> None:
    found = dimensions_of(dimension(100, 200, "42.5"), rotation=rotation)["42.5"]
    assert found.place.bbox is not None
    x0, y0, x1, y1 = found.place.bbox
    upright = rotation in (0, 180)
    long, short = (x1 - x0, y1 - y0) if upright else (y1 - y0, x1 - x0)
    assert 15 < long < 25
    assert 8 < short < 18


def test_oblique_strokes_end_a_dimension_line_as_arrowheads_do() -> None:
    ticks = lines((97, 203, 103, 197), (217, 203, 223, 197))
    assert dimensions_of(lines((98, 200, 222, 200)), ticks, text(150, 197, "3625")).keys() == {"3625"}
    assert dimensions_of(lines((98, 200, 222, 200)), text(150, 197, "3625")) == {}


def test_a_value_in_a_cell_of_an_unknown_block_is_none() -> None:
    assert dimensions_of(PROOF, box(100, 100, 200, 130), text(120, 126, "12.5")).keys() == {"99.9"}


def test_a_page_without_a_dimension_line_has_no_dimensions() -> None:
    assert dimensions_of(text(100, 100, "Ø12"), text(100, 130, "25.4 ±0.1"), text(100, 160, "7"), box(50, 50, 300, 300)) == {}


def test_a_number_far_from_any_line_is_none() -> None:
    assert dimensions_of(PROOF, text(100, 100, "1234")).keys() == {"99.9"}


def test_a_zone_mark_of_the_frame_is_none() -> None:
    frame = (box(10, 10, 585, 832), lines((100, 10, 100, 30), (200, 10, 200, 30), (10, 30, 585, 30)))
    assert dimensions_of(PROOF, *frame, text(148, 25, "3")).keys() == {"99.9"}


def test_a_number_at_a_dimension_line_near_the_edge_is_no_zone_mark() -> None:
    assert dimensions_of(dimension(300, 25, "40")).keys() == {"40"}


def test_the_cells_of_a_table_are_none() -> None:
    rules = lines(*((100, y, 300, y) for y in (100, 116, 132, 148)), *((x, 100, x, 148) for x in (100, 200, 300)))
    cells = (text(110, 112, "0.5 - 3"), text(210, 112, "±0.1"), text(110, 128, "6"), text(210, 128, "0.2"), text(110, 144, "30 max"))
    assert dimensions_of(PROOF, rules, *cells).keys() == {"99.9"}


def test_a_number_on_the_shelf_of_a_leader_is_an_item_but_a_diameter_there_is_a_dimension() -> None:
    leaders = (lines((100, 100, 130, 100), (130, 100, 170, 140), (100, 200, 130, 200), (130, 200, 170, 240)),
               arrow(170, 140, 130, 100), arrow(170, 240, 130, 200))
    assert dimensions_of(PROOF, *leaders, text(108, 97, "7"), text(104, 197, "Ø 8")).keys() == {"99.9", "Ø 8"}


def test_a_diameter_sign_drawn_over_the_blank_before_a_number_is_read() -> None:
    found = dimensions_of(line_between(100, 200, 220, 200), drawn_diameter(137, 197), text(146, 197, "6.05"))
    assert found.keys() == {"Ø6.05"}
    assert found["Ø6.05"].kind == "diameter"
    assert found["Ø6.05"].place.bbox is not None
    assert found["Ø6.05"].place.bbox[0] < 138


def test_a_centre_mark_is_no_diameter_sign() -> None:
    def mark(page: Any) -> None:
        page.draw_circle((140, 193.5), 3.3, width=0.4)
        page.draw_line((135, 193.5), (145, 193.5))
        page.draw_line((140, 188.5), (140, 198.5))

    assert dimensions_of(line_between(100, 200, 220, 200), mark, text(146, 197, "6.05")).keys() == {"6.05"}


def test_drawn_counterbore_and_depth_signs_are_read() -> None:
    tray = lines((100, 189, 100, 197), (100, 197, 115, 197), (115, 197, 115, 189))

    def joined_tray(page: Any) -> None:
        page.draw_polyline([(100, 189), (100, 197), (115, 197), (115, 189)], width=0.4)

    depth = lines((160, 190, 168, 190), (164, 190, 164, 197), (161, 193, 164, 197), (167, 193, 164, 197))
    texts = (text(130, 197, "18,00"), text(172, 197, "12,00"), drawn_diameter(121, 197))
    found = dimensions_of(PROOF, joined_tray, depth, *texts)
    counterbore = next(one for one in found.values() if one.kind == "counterbore")
    assert (counterbore.nominal, counterbore.details["depth"]) == (18.0, 12.0)
    assert counterbore.raw_text.startswith("⌴")
    assert not any(one.kind == "counterbore" for one in dimensions_of(PROOF, tray, text(130, 297, "18,00")).values())


def test_a_stacked_pair_is_the_tolerance_of_the_number_before_it() -> None:
    parts = (line_between(100, 200, 260, 200), text(140, 197, "6.60"), text(163, 187, "+0.40"), text(163, 197, "-0.10"))
    found = dimensions_of(*parts)
    assert found.keys() == {"6.60 +0.40/-0.10"}
    assert (found["6.60 +0.40/-0.10"].tol_plus, found["6.60 +0.40/-0.10"].tol_minus) == (0.4, -0.1)


def test_a_small_tolerance_beside_the_middle_of_its_number_is_found() -> None:
    parts = (line_between(100, 200, 260, 200), text(140, 197, "24.8"), text(162, 192, "+0.2", size=7), text(164, 200, "0", size=7))
    found = next(iter(dimensions_of(*parts).values()))
    assert (found.nominal, found.tol_plus, found.tol_minus) == (24.8, 0.2, 0.0)


def test_two_numbers_over_each_other_are_limits() -> None:
    found = dimensions_of(line_between(100, 200, 220, 200), text(150, 187, "16.00"), text(150, 197, "15.50"))
    assert found.keys() == {"16.00/15.50"}
    assert (found["16.00/15.50"].nominal, found["16.00/15.50"].details["limits"]) == (None, [15.5, 16.0])


def test_a_fit_is_resolved_by_the_standard() -> None:
    found = dimensions_of(dimension(100, 200, "Ø20 H7"), text(100, 600, "ALL DIMENSIONS IN MM"))["Ø20 H7"]
    assert (found.fit_class, found.tol_plus, found.tol_minus) == ("H7", 0.021, 0.0)
    assert found.details["tolerance_source"] == "ISO 286-2"


def test_a_number_in_a_box_is_basic() -> None:
    found = dimensions_of(line_between(100, 200, 220, 200), text(150, 196, "7.00"), box(147, 186, 173, 199))
    assert found["7.00"].is_basic


def test_a_white_patch_behind_a_number_makes_it_no_basic_dimension() -> None:
    def patch(page: Any) -> None:
        page.draw_rect((147, 186, 173, 199), color=None, fill=(1, 1, 1))

    assert not dimensions_of(line_between(100, 200, 220, 200), patch, text(150, 196, "7.00"))["7.00"].is_basic


def test_brackets_drawn_around_a_number_make_it_a_reference() -> None:
    def bracket(x: float, bulge: float) -> Any:
        return lambda page: page.draw_bezier((x, 186), (x + bulge, 190), (x + bulge, 195), (x, 199), width=0.4)

    plain = (line_between(100, 200, 220, 200), text(150, 197, "7.00"))
    assert dimensions_of(*plain, bracket(147, -3), bracket(174, 3))["7.00"].is_reference
    assert not dimensions_of(*plain, bracket(147, -3))["7.00"].is_reference


def test_ordinates_are_told_by_their_zero() -> None:
    parts = [text(x, y + 4, written) for x, y, written in ((66, 100, "50"), (60, 150, "20.5"), (70, 200, "0"))]
    found = dimensions_of(PROOF, *parts, lines(*((80, y, 200, y) for y in (100, 150, 200))))
    assert {written: one.kind for written, one in found.items()} == {"99.9": "linear", "50": "ordinate", "20.5": "ordinate"}


def test_words_after_a_number_at_its_line_are_a_note_to_it() -> None:
    found = dimensions_of(line_between(100, 200, 260, 200), text(120, 197, "10.00 All Around"))
    assert found["10.00 All Around"].details["note"] == "All Around"


def test_places_under_a_callout_are_its_count() -> None:
    found = dimensions_of(PROOF, text(100, 200, "Ø3.4 THRU"), text(100, 213, "TYP 3 PLCS"))
    assert (found["Ø3.4 THRU"].kind, found["Ø3.4 THRU"].count) == ("hole", 3)


def test_the_unit_and_the_general_tolerance_of_the_sheet_apply() -> None:
    found = dimensions_of(dimension(100, 200, "42"), dimension(100, 300, "10 ±0.1"), text(100, 700, "General tolerances ISO 2768-mK"))
    assert (found["42"].unit, found["42"].value_mm) == ("mm", 42.0)
    assert found["42"].details["general_tolerance"] == "ISO 2768-mK"
    assert (found["42"].tol_plus, found["10 ±0.1"].details) == (None, {})


def test_dual_dimensions_say_their_unit() -> None:
    found = dimensions_of(dimension(100, 200, "25.4 [1.00]"))["25.4 [1.00]"]
    assert (found.nominal, found.unit, found.details["dual"]) == (25.4, "mm", 1.0)


def test_the_parts_of_a_circuit_are_no_radii() -> None:
    parts = [text(100 + 40 * (number % 8), 300 + 30 * (number // 8), f"R{number}") for number in range(1, 20)]
    assert dimensions_of(PROOF, *parts).keys() == {"99.9"}


@pytest.mark.parametrize(
    ("written", "font", "shown"),
    [("n", "AIGDT", "Ø"), ("v", "ABCDEF+SWGDT", "⌴"), ("x", "AMGDT", "↧"), ("n", "Helvetica", "n"), ("%%c12 %%p0.1", "txt", "Ø12 ±0.1")],
)
def test_letters_of_symbol_fonts_are_the_symbols_that_they_show(written: str, font: str, shown: str) -> None:
    assert symbol_text(Span(written, (0, 0, 1, 1), (0, 1), (1, 0), 10, font)) == shown


def test_reading_dimensions_leaves_a_page_of_prose_alone() -> None:
    prose = [text(72, 80 + 14 * row, f"{row + 1}. In 2021 the plant made 400 parts of 12 mm, 7 of them faulty.") for row in range(30)]
    assert dimensions_of(*prose) == {}


def test_slanted_text_is_read_along_its_direction() -> None:
    def draw(page: Any) -> None:
        line_between(100, 300, 200, 200)(page)
        turned = pymupdf.Matrix(1, 0, 0, 1, 0, 0).prerotate(45)
        page.insert_text((140, 252), "R10,00", fontsize=10, morph=(pymupdf.Point(140, 252), turned))

    assert dimensions_of(draw).keys() == {"R10,00"}


def test_a_scan_with_a_text_layer_over_it_gives_the_numbers_that_can_be_sizes() -> None:
    def draw(page: Any) -> None:
        block = pymupdf.open()
        draw_cells(block.new_page(), ENGLISH)
        page.insert_image(page.rect, pixmap=block[0].get_pixmap(dpi=40))
        for x0, y0, _, _, label, value in ENGLISH:
            page.insert_text((x0 + 3, y0 + 8), label, fontsize=6, render_mode=3)
            page.insert_text((x0 + 6, y0 + 22), value, fontsize=10, render_mode=3)
        for y, written in ((100, "337"), (150, "Ø12"), (200, "7")):
            page.insert_text((100, y), written, fontsize=10, render_mode=3)

    found = dimensions_of(draw)
    assert {"337", "Ø12"} <= found.keys()
    assert "7" not in found


def test_balloons_side_by_side_on_a_picture_are_no_number() -> None:
    """OCR gives one text with one box for two of them."""

    def draw(page: Any) -> None:
        block = pymupdf.open()
        drawn = block.new_page()
        draw_cells(drawn, ENGLISH)
        for x in (95, 195):
            drawn.draw_line((x, 103), (x + 40, 103), width=1)
        page.insert_image(page.rect, pixmap=block[0].get_pixmap(dpi=60))
        for x0, y0, _, _, label, value in ENGLISH:
            page.insert_text((x0 + 3, y0 + 8), label, fontsize=6, render_mode=3)
            page.insert_text((x0 + 6, y0 + 22), value, fontsize=10, render_mode=3)
        page.insert_text((200, 100), "480", fontsize=10, render_mode=3)
        page.insert_text((100, 300), "heat shrink tubing", fontsize=10, render_mode=3)
        page.insert_text((100, 100), "460", fontsize=10, render_mode=3, morph=(pymupdf.Point(100, 100), pymupdf.Matrix(4, 0, 0, 1, 0, 0)))

    assert dimensions_of(draw).keys() == {"480"}


@pytest.mark.parametrize(
    ("written", "size", "length", "count"), [
        ("2-4*9", 4.0, 9.0, 2), ("4-3.5x5.5", 3.5, 5.5, 4), ("3-6.2X5.2", 5.2, 6.2, 3), ("4.1*12.6", 4.1, 12.6, 1)])
def test_a_count_and_two_sizes_at_a_leader_are_slots(written: str, size: float, length: float, count: int) -> None:
    leader = (lines((100, 200, 140, 200), (140, 200, 170, 150)), arrow(170, 150, 140, 200))
    slot = dimensions_of(PROOF, *leader, text(104, 197, written))[written]
    assert (slot.kind, slot.nominal, slot.count, slot.details["length"]) == ("slot", size, count, length)


def test_a_count_and_two_sizes_without_a_leader_are_none() -> None:
    assert dimensions_of(PROOF, text(104, 197, "2-4*9")).keys() == {"99.9"}


def test_two_numbers_that_only_blanks_keep_apart_in_one_run_are_two() -> None:
    parts = (line_between(100, 200, 124, 200), line_between(124, 200, 172, 200))
    found = dimensions_of(*parts, text(105, 197, "12      24"))
    assert found.keys() == {"12", "24"}
    first, second = found["12"].place.bbox, found["24"].place.bbox
    assert first is not None
    assert second is not None
    assert first[2] < second[0]


def test_a_counterbore_behind_its_hole_in_one_row_is_a_dimension_of_its_own_with_the_same_count() -> None:
    def tray(page: Any) -> None:
        page.draw_polyline([(100, 189), (100, 197), (115, 197), (115, 189)], width=0.4)

    texts = (text(68, 197, "4-"), drawn_diameter(78, 197), text(86, 197, "5.4"), text(130, 197, "9.6"), drawn_diameter(121, 197))
    found = {one.kind: one for one in dimensions_of(PROOF, tray, *texts).values()}
    assert (found["diameter"].nominal, found["diameter"].count) == (5.4, 4)
    assert (found["counterbore"].nominal, found["counterbore"].count) == (9.6, 4)
    boxes = found["diameter"].place.bbox, found["counterbore"].place.bbox
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0][2] <= boxes[1][0]


def test_a_countersink_within_the_text_of_its_hole_is_parted_from_it() -> None:
    """Where a font has the sign, all of it is one run."""
    piece = pieces_of(span_of("Ø4.5 THRU ⌵ Ø9 X 90°", "arial", 100))[0]
    [row] = build_rows([((1.0, 0.0), piece, "arial", None)])
    assert [part.text for part in parted(row)] == ["Ø4.5 THRU", "⌵ Ø9 X 90°"]


def test_a_row_of_which_one_part_is_no_dimension_stays_whole() -> None:
    piece = pieces_of(span_of("see sheet 2 ⌵ Ø9 X 90°", "arial", 100))[0]
    [row] = build_rows([((1.0, 0.0), piece, "arial", None)])
    assert parted(row) == [row]


def span_of(written: str, font: str, x: float, *, y: float = 100.0, size: float = 10.0) -> Span:
    return Span(written, (x, y - 8, x + 5.0 * len(written), y + 2), (x, y), (1.0, 0.0), size, font)


def test_a_font_of_lone_letters_before_numbers_is_a_symbol_font_whatever_it_is_called() -> None:
    callout = [span_of("n", "CIDFont+F2", 100), span_of("3.4 THRU", "CIDFont+F1", 105), span_of("x", "CIDFont+F2", 160)]
    assert nameless_symbol_fonts(callout) == {"CIDFont+F2"}
    assert symbol_text(callout[0], nameless_symbol_fonts(callout)) == "Ø"


@pytest.mark.parametrize(
    "spans",
    [
        [span_of("n", "F2", 100), span_of("3.4", "F1", 105), span_of("note", "F2", 200)],  # words are set in it, too
        [span_of("n", "F2", 100), span_of("3.4", "F1", 130)],  # apart from the number
        [span_of("n", "F1", 100), span_of("3.4", "F1", 105)],  # the number's own font
        [span_of("a", "F2", 100), span_of("3.4", "F1", 105)],
    ],
)
def test_a_font_with_words_in_it_is_no_symbol_font(spans: list[Span]) -> None:
    assert nameless_symbol_fonts(spans) == frozenset()


def test_marked_sizes_of_a_drawing_whose_lines_end_in_nothing_known_are_read_and_bare_numbers_are_not() -> None:
    def sheet(page: Any) -> None:
        for y, written in ((200, "Ø8 H7"), (260, "120 ±0.1"), (320, "42")):
            page.draw_line((100, y), (220, y), width=0.5)
            page.insert_text((140, y - 3), written, fontsize=10)
        for x, label, value in ((300, "Scale", "1:2"), (400, "Drawing No.", "DM-1001"), (500, "Material", "S235JR")):
            page.draw_rect((x, 760, x + 90, 800), width=0.5)
            page.insert_text((x + 3, 770), label, fontsize=6)
            page.insert_text((x + 3, 790), value, fontsize=10)

    assert dimensions_of(sheet).keys() == {"Ø8 H7", "120 ±0.1"}
