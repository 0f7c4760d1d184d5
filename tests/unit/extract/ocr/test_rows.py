"""Pieces of text on one baseline: parted, joined, and the geometry that turned sheets need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract.ocr.lines import OcrLine
from pipeline.extract.ocr.rows import joined, parted

PITCH = 8.0


def line(text: str, x: float = 0.0, y: float = 100.0, *, gap: float = 0.0) -> OcrLine:
    """A line of characters 8 wide and 10 high; `gap` is added at each space."""
    centres, at = [], PITCH / 2
    for character in text:
        centres.append(at)
        at += PITCH + (gap if character == " " else 0.0)
    return OcrLine(text, 0.9, (x, y - 10, x + at - PITCH / 2, y), (x, y), (1.0, 0.0), 10.0, tuple(centres))


def test_numbers_that_stand_apart_are_two_dimensions() -> None:
    assert [piece.text for piece in parted([line("49 56.5", gap=4.0)], ())] == ["49", "56.5"]


def test_words_stay_one_line() -> None:
    assert [piece.text for piece in parted([line("FRONT PANEL", gap=4.0)], ())] == ["FRONT PANEL"]


def test_a_rule_between_two_words_parts_them() -> None:
    wall = (5.5 * PITCH, 0.0, 5.5 * PITCH, 200.0)
    assert [piece.text for piece in parted([line("FRONT PANEL")], [wall])] == ["FRONT", "PANEL"]


@pytest.mark.parametrize("text", [" 12 ", "  ", "A  B", " A"])
def test_blanks_at_the_ends_and_double_blanks_do_no_harm(text: str) -> None:
    assert "".join("".join(piece.text.split()) for piece in parted([line(text)], ())) == "".join(text.split())


def test_the_pieces_of_a_line_have_their_own_places() -> None:
    first, second = parted([line("49 56.5", gap=4.0)], ())
    assert first.bbox[2] <= second.bbox[0]
    assert second.origin[0] == pytest.approx(second.bbox[0])


def test_pieces_that_touch_are_joined_unless_a_rule_stands_between() -> None:
    pieces = [line("FRONT"), line("PANEL", x=50.0)]
    assert [one.text for one in joined(pieces, ())] == ["FRONT PANEL"]
    assert sorted(one.text for one in joined(pieces, [(46.0, 0.0, 46.0, 200.0)])) == ["FRONT", "PANEL"]


def test_two_numbers_side_by_side_are_never_joined() -> None:
    assert len(joined([line("49"), line("56.5", x=22.0)], ())) == 2


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_line_turned_back_keeps_its_size_and_reads_along_its_box(turn: int) -> None:
    upright = line("FRONT", x=30.0, y=50.0)
    back = upright.turned_back(turn, 400.0, 300.0)
    wide, high = back.bbox[2] - back.bbox[0], back.bbox[3] - back.bbox[1]
    assert {wide, high} == {upright.bbox[2] - upright.bbox[0], 10.0}
    end = (back.origin[0] + back.direction[0] * 40, back.origin[1] + back.direction[1] * 40)
    assert back.bbox[0] - 1 <= end[0] <= back.bbox[2] + 1
    assert back.bbox[1] - 1 <= end[1] <= back.bbox[3] + 1


def test_rising_pieces_are_joined_along_their_own_direction() -> None:
    rising = [replace(one.turned_back(90, 0.0, 0.0), centres=()) for one in (line("FRONT"), line("PANEL", x=50.0))]
    assert [one.text for one in joined(rising, ())] == ["FRONT PANEL"]
