"""The image of a sheet: contrast, rules taken out, tiles, turning."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.extract.ocr.decode import Alphabet, decode
from pipeline.extract.ocr.raster import short_rules, stretch, take_out_rules, tiles, turned


def paper(height: int = 300, width: int = 400, grey: int = 255) -> np.ndarray:
    return np.full((height, width), grey, np.uint8)


def test_faint_print_of_a_scan_becomes_dark_and_its_paper_white() -> None:
    scan = paper(grey=240)
    scan[100:110, 50:90] = 180
    result = stretch(scan, is_scan=True)
    assert result[0, 0] == 255
    assert result[105, 60] < 160


def test_white_on_black_is_inverted() -> None:
    drawing = paper(grey=0)
    drawing[100:110, 50:90] = 255
    result = stretch(drawing)
    assert result[0, 0] == 255
    assert result[105, 60] == 0


def test_a_rule_goes_and_what_crosses_it_stays() -> None:
    image = paper()
    image[150:152, 20:380] = 0  # the rule
    image[140:165, 200:203] = 0  # the stem of a letter across it
    clean, rules = take_out_rules(image, 200)
    assert [(rule.x0, rule.x1, rule.is_vertical) for rule in rules] == [(20, 380, False)]
    assert (clean[150:152, 30:190] == 255).all()
    assert (clean[140:165, 201] == 0).all()


def test_thick_bars_are_no_rules() -> None:
    image = paper()
    image[100:140, 20:380] = 0
    clean, rules = take_out_rules(image, 200)
    assert rules == []
    assert (clean == image).all()


def test_short_lines_are_seen_outside_texts_only() -> None:
    image = paper()
    image[150, 100:150] = 0
    image[250, 100:150] = 0
    found = short_rules(image, 200, [(90, 240, 160, 260)])
    assert [(rule.x0, rule.y0, rule.x1) for rule in found] == [(100, 150.5, 150)]


@pytest.mark.parametrize("size", [(100, 100), (1280, 1281), (1654, 2339), (4000, 900)])
def test_tiles_cover_everything_and_none_is_too_large(size: tuple[int, int]) -> None:
    image = np.zeros(size, np.uint8)
    seen = np.zeros(size, bool)
    for x, y, part in tiles(image, 1280, 192):
        assert max(part.shape) <= 1280
        seen[y : y + part.shape[0], x : x + part.shape[1]] = True
    assert seen.all()


def test_blank_tiles_are_left_out() -> None:
    assert list(tiles(paper(3000, 3000), 1280, 192)) == []


def test_four_quarter_turns_are_none() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert (turned(turned(image, 270), 90) == image).all()
    assert turned(image, 90)[0].tolist() == image[::-1, 0].tolist()


ALPHABET = Alphabet(["0", "3", "Ø", "∅", "A"])  # after index 0, which is no character; the last is the space


def scores(*columns: dict[int, float]) -> np.ndarray:
    result = np.zeros((len(columns), 7), np.float32)
    for row, column in enumerate(columns):
        for index, value in column.items():
            result[row, index] = value
    return result


def test_belief_that_is_spread_over_the_likes_of_a_diameter_sign_counts_together() -> None:
    reading = decode(scores({3: 0.3, 4: 0.3, 0: 0.4}, {0: 1.0}, {2: 1.0}), ALPHABET, 1.0)
    assert reading.text == "Ø3"


def test_a_likely_diameter_sign_before_a_number_needs_less_belief_than_elsewhere() -> None:
    before_number = decode(scores({0: 0.8, 4: 0.2}, {2: 1.0}), ALPHABET, 1.0)
    before_letter = decode(scores({0: 0.8, 4: 0.2}, {5: 1.0}), ALPHABET, 1.0)
    assert (before_number.text, before_letter.text) == ("Ø3", "A")


def test_a_nought_stays_a_nought_where_no_diameter_sign_is_likely() -> None:
    assert decode(scores({1: 1.0}, {0: 1.0}, {2: 1.0}), ALPHABET, 1.0).text == "03"


def test_characters_know_where_they_stand() -> None:
    reading = decode(scores({0: 1.0}, {2: 1.0}, {0: 1.0}, {5: 1.0}), ALPHABET, 1.0)
    assert reading.centres == (0.375, 0.875)
