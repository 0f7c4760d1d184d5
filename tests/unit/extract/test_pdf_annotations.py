"""Feature control frames, datums, roughness, balloons and notes of PDF pages: annotations, never dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.extract.dimensioned import annotations_of, box, dimension, dimensions_of, lines, text
from tests.unit.extract.drawings import ENGLISH, draw_cells

PROOF = dimension(350, 700, "99.9")  # a dimension that shows that the page is a drawing
CELLS = ((100, 120), (120, 160), (160, 180))  # u from and to of a frame's cells; its symbol has the first


def frame(*written: str) -> tuple[Callable[[Any], None], ...]:
    """A feature control frame at y 200 to 220, without its symbol."""
    cells = CELLS[: len(written) + 1]
    rules = lines((100, 200, cells[-1][1], 200), (100, 220, cells[-1][1], 220), (100, 200, 100, 220),
                  *((end, 200, end, 220) for _, end in cells))
    return rules, *(text(start + 5, 214, one) for (start, _), one in zip(cells[1:], written, strict=True))


def ring(x: float, y: float, radius: float) -> Callable[[Any], None]:
    return lambda page: page.draw_circle((x, y), radius, width=0.4)


def outline(*points: tuple[float, float]) -> Callable[[Any], None]:
    return lambda page: page.draw_polyline(list(points), closePath=True, width=0.4)


SYMBOLS: dict[str, tuple[Callable[[Any], None], ...]] = {
    "flatness": (outline((104, 215), (108, 205), (117, 205), (113, 215)),),
    "parallelism": (lines((104, 216, 109, 204), (110, 216, 115, 204)),),
    "perpendicularity": (lines((104, 216, 116, 216), (110, 216, 110, 204)),),
    "angularity": (lines((104, 216, 116, 216), (104, 216, 114, 205)),),
    "straightness": (lines((104, 210, 116, 210)),),
    "symmetry": (lines((104, 207, 116, 207), (103, 210, 117, 210), (104, 213, 116, 213)),),
    "position": (ring(110, 210, 4), lines((103, 210, 117, 210), (110, 203, 110, 217))),
    "concentricity": (ring(110, 210, 6), ring(110, 210, 3)),
    "roundness": (ring(110, 210, 5),),
    "cylindricity": (ring(110, 210, 3.5), lines((103, 216, 107, 204), (113, 216, 117, 204))),
}


@pytest.mark.parametrize("characteristic", SYMBOLS)
def test_the_characteristic_of_a_frame_is_known_by_its_drawn_symbol(characteristic: str) -> None:
    found = [one for one in annotations_of(PROOF, *SYMBOLS[characteristic], *frame("0.2", "A")) if one.kind == "gdt"]
    assert len(found) == 1
    assert found[0].details == {"characteristic": characteristic, "tolerance": 0.2, "datums": ["A"]}
    assert found[0].raw_text == f"{characteristic} | 0.2 | A"


def test_a_frame_is_no_dimension() -> None:
    assert dimensions_of(PROOF, *SYMBOLS["flatness"], *frame("0.2")).keys() == {"99.9"}


def test_the_box_of_a_frame_is_that_of_all_its_cells() -> None:
    found = next(one for one in annotations_of(PROOF, *SYMBOLS["flatness"], *frame("0.2", "A")) if one.kind == "gdt")
    assert found.place.bbox == pytest.approx((100, 200, 180, 220), abs=1)


def test_a_letter_in_a_box_is_a_datum_and_one_without_is_none() -> None:
    parts = (box(100, 200, 116, 216), text(104, 212, "B"), text(200, 212, "C"))
    assert [(one.kind, one.details) for one in annotations_of(PROOF, *parts)] == [("datum", {"letter": "B"})]


def test_a_number_in_a_ring_is_a_balloon_and_no_dimension() -> None:
    parts = (PROOF, ring(200, 200, 9), text(197, 203.5, "3"))
    assert [(one.kind, one.details) for one in annotations_of(*parts)] == [("balloon", {"item": "3"})]
    assert dimensions_of(*parts).keys() == {"99.9"}


def test_roughness_is_read_with_its_parameter() -> None:
    found = annotations_of(PROOF, text(100, 200, "Ra 3,2"))
    assert [(one.kind, one.details) for one in found] == [("surface_roughness", {"parameter": "Ra", "value": 3.2, "unit": "µm"})]


def test_a_number_over_a_roughness_symbol_is_no_dimension() -> None:
    parts = (PROOF, text(100, 200, "3.2"), lines((106, 216, 100, 206), (106, 216, 117, 197), (100, 206, 112, 206)))
    assert [(one.kind, one.details["value"]) for one in annotations_of(*parts)] == [("surface_roughness", 3.2)]
    assert dimensions_of(*parts).keys() == {"99.9"}


def test_numbered_notes_are_read_with_their_lines() -> None:
    parts = (text(60, 500, "1. BREAK ALL EDGES"), text(60, 514, "2. PAINT BLACK UNLESS"), text(74, 528, "OTHERWISE STATED"),
             text(300, 528, "far"))
    notes = [one for one in annotations_of(PROOF, *parts) if one.kind == "note"]
    assert [(one.raw_text, one.details) for one in notes] == [
        ("1. BREAK ALL EDGES", {"number": 1}), ("2. PAINT BLACK UNLESS OTHERWISE STATED", {"number": 2})]


def test_the_general_tolerance_is_noted() -> None:
    found = annotations_of(PROOF, text(60, 500, "Tolerances acc. to ISO 2768-mK"))
    assert [(one.kind, one.details) for one in found] == [("general_tolerance", {"designation": "ISO 2768-mK"})]


def test_a_sheet_without_dimensions_has_its_balloons_where_a_title_block_says_that_it_is_a_drawing() -> None:
    balloon = (ring(200, 200, 9), text(197, 203.5, "3"))
    assert [one.kind for one in annotations_of(lambda page: draw_cells(page, ENGLISH), *balloon)] == ["balloon"]
    assert annotations_of(*balloon) == []
