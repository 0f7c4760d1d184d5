"""Limit deviations of a fit: 20 H7 is +0.021/0, 20 g6 is -0.007/-0.020.

Source: ISO 286-1:2010, tables 1 to 5, for nominal sizes up to 500 mm. Shafts' deviations are tabulated; holes' follow from
them by the general rule (mirrored) or the special rule (mirrored, plus the difference to the next finer grade).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

_FIT = re.compile(r"^(?P<letters>[A-Z]{1,2}|[a-z]{1,2})(?P<grade>01|0|1[0-8]|[1-9])$")
_MAX_SIZE = 500.0
_SMALL = 3.0  # mm: up to here the special rule does not apply

_MAIN_STEPS: Final = (3, 6, 10, 18, 30, 50, 80, 120, 180, 250, 315, 400, 500)
_FINE_STEPS: Final = (
    3, 6, 10, 14, 18, 24, 30, 40, 50, 65, 80, 100, 120, 140, 160, 180, 200, 225, 250, 280, 315, 355, 400, 450, 500)

# Standard tolerances in µm per step of _MAIN_STEPS.
_GRADES: Final[dict[str, tuple[float, ...]]] = {
    "01": (0.3, 0.4, 0.4, 0.5, 0.6, 0.6, 0.8, 1, 1.2, 2, 2.5, 3, 4),
    "0": (0.5, 0.6, 0.6, 0.8, 1, 1, 1.2, 1.5, 2, 3, 4, 5, 6),
    "1": (0.8, 1, 1, 1.2, 1.5, 1.5, 2, 2.5, 3.5, 4.5, 6, 7, 8),
    "2": (1.2, 1.5, 1.5, 2, 2.5, 2.5, 3, 4, 5, 7, 8, 9, 10),
    "3": (2, 2.5, 2.5, 3, 4, 4, 5, 6, 8, 10, 12, 13, 15),
    "4": (3, 4, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20),
    "5": (4, 5, 6, 8, 9, 11, 13, 15, 18, 20, 23, 25, 27),
    "6": (6, 8, 9, 11, 13, 16, 19, 22, 25, 29, 32, 36, 40),
    "7": (10, 12, 15, 18, 21, 25, 30, 35, 40, 46, 52, 57, 63),
    "8": (14, 18, 22, 27, 33, 39, 46, 54, 63, 72, 81, 89, 97),
    "9": (25, 30, 36, 43, 52, 62, 74, 87, 100, 115, 130, 140, 155),
    "10": (40, 48, 58, 70, 84, 100, 120, 140, 160, 185, 210, 230, 250),
    "11": (60, 75, 90, 110, 130, 160, 190, 220, 250, 290, 320, 360, 400),
    "12": (100, 120, 150, 180, 210, 250, 300, 350, 400, 460, 520, 570, 630),
    "13": (140, 180, 220, 270, 330, 390, 460, 540, 630, 720, 810, 890, 970),
    "14": (250, 300, 360, 430, 520, 620, 740, 870, 1000, 1150, 1300, 1400, 1550),
    "15": (400, 480, 580, 700, 840, 1000, 1200, 1400, 1600, 1850, 2100, 2300, 2500),
    "16": (600, 750, 900, 1100, 1300, 1600, 1900, 2200, 2500, 2900, 3200, 3600, 4000),
    "17": (1000, 1200, 1500, 1800, 2100, 2500, 3000, 3500, 4000, 4600, 5200, 5700, 6300),
    "18": (1400, 1800, 2200, 2700, 3300, 3900, 4600, 5400, 6300, 7200, 8100, 8900, 9700),
}

# Fundamental deviations of shafts in µm per step of _FINE_STEPS; None where there is none.
_CLEARANCE: Final[dict[str, tuple[int | None, ...]]] = {  # minus the upper deviation
    "a": (270, 270, 280, 290, 290, 300, 300, 310, 320, 340, 360, 380, 410, 460, 520, 580, 660, 740, 820, 920, 1050, 1200, 1350,
          1500, 1650),
    "b": (140, 140, 150, 150, 150, 160, 160, 170, 180, 190, 200, 220, 240, 260, 280, 310, 340, 380, 420, 480, 540, 600, 680,
          760, 840),
    "c": (60, 70, 80, 95, 95, 110, 110, 120, 130, 140, 150, 170, 180, 200, 210, 230, 240, 260, 280, 300, 330, 360, 400, 440, 480),
    "cd": (34, 46, 56, 70, 70, 85, 85, 100, 100, *[None] * 16),
    "d": (20, 30, 40, 50, 50, 65, 65, 80, 80, 100, 100, 120, 120, 145, 145, 145, 170, 170, 170, 190, 190, 210, 210, 230, 230),
    "e": (14, 20, 25, 32, 32, 40, 40, 50, 50, 60, 60, 72, 72, 85, 85, 85, 100, 100, 100, 110, 110, 125, 125, 135, 135),
    "ef": (10, 14, 18, 23, 23, 28, 28, 35, 35, *[None] * 16),
    "f": (6, 10, 13, 16, 16, 20, 20, 25, 25, 30, 30, 36, 36, 43, 43, 43, 50, 50, 50, 56, 56, 62, 62, 68, 68),
    "fg": (4, 6, 8, 10, 10, 12, 12, 15, 15, *[None] * 16),
    "g": (2, 4, 5, 6, 6, 7, 7, 9, 9, 10, 10, 12, 12, 14, 14, 14, 15, 15, 15, 17, 17, 18, 18, 20, 20),
    "h": (0,) * 25,
}
_INTERFERENCE: Final[dict[str, tuple[int | None, ...]]] = {  # the lower deviation
    "k": (0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5),
    "m": (2, 4, 6, 7, 7, 8, 8, 9, 9, 11, 11, 13, 13, 15, 15, 15, 17, 17, 17, 20, 20, 21, 21, 23, 23),
    "n": (4, 8, 10, 12, 12, 15, 15, 17, 17, 20, 20, 23, 23, 27, 27, 27, 31, 31, 31, 34, 34, 37, 37, 40, 40),
    "p": (6, 12, 15, 18, 18, 22, 22, 26, 26, 32, 32, 37, 37, 43, 43, 43, 50, 50, 50, 56, 56, 62, 62, 68, 68),
    "r": (10, 15, 19, 23, 23, 28, 28, 34, 34, 41, 43, 51, 54, 63, 65, 68, 77, 80, 84, 94, 98, 108, 114, 126, 132),
    "s": (14, 19, 23, 28, 28, 35, 35, 43, 43, 53, 59, 71, 79, 92, 100, 108, 122, 130, 140, 158, 170, 190, 208, 232, 252),
    "t": (*[None] * 6, 41, 48, 54, 66, 75, 91, 104, 122, 134, 146, 166, 180, 196, 218, 240, 268, 294, 330, 360),
    "u": (18, 23, 28, 33, 33, 41, 48, 60, 70, 87, 102, 124, 144, 170, 190, 210, 236, 258, 284, 315, 350, 390, 435, 490, 540),
    "v": (*[None] * 4, 39, 47, 55, 68, 81, 102, 120, 146, 172, 202, 228, 252, 284, 310, 340, 385, 425, 475, 530, 595, 660),
    "x": (20, 28, 34, 40, 45, 54, 64, 80, 97, 122, 146, 178, 210, 248, 280, 310, 350, 385, 425, 475, 525, 590, 660, 740, 820),
    "y": (*[None] * 5, 63, 75, 94, 114, 144, 174, 214, 254, 300, 340, 380, 425, 470, 520, 580, 650, 730, 820, 920, 1000),
    "z": (26, 35, 42, 50, 60, 73, 88, 112, 136, 172, 210, 258, 310, 365, 415, 465, 520, 575, 640, 710, 790, 900, 1000, 1100, 1250),
    "za": (32, 42, 52, 64, 77, 98, 118, 148, 180, 226, 274, 335, 400, 470, 535, 600, 670, 740, 820, 920, 1000, 1150, 1300, 1450,
           1600),
    "zb": (40, 50, 67, 90, 108, 136, 160, 200, 242, 300, 360, 445, 525, 620, 700, 780, 880, 960, 1050, 1200, 1300, 1500, 1650,
           1850, 2100),
    "zc": (60, 80, 97, 130, 150, 188, 218, 274, 325, 405, 480, 585, 690, 800, 900, 1000, 1150, 1250, 1350, 1550, 1700, 1900,
           2100, 2400, 2600),
}
# j and J exist for a few grades only, without a rule: shafts' lower, holes' upper deviations.
_J_SHAFT: Final[dict[str, tuple[int | None, ...]]] = {
    "5": (-2, -2, -2, -3, -3, -4, -4, -5, -5, -7, -7, -9, -9, -11, -11, -11, -13, -13, -13, -16, -16, -18, -18, -20, -20),
    "6": (-2, -2, -2, -3, -3, -4, -4, -5, -5, -7, -7, -9, -9, -11, -11, -11, -13, -13, -13, -16, -16, -18, -18, -20, -20),
    "7": (-4, -4, -5, -6, -6, -8, -8, -10, -10, -12, -12, -15, -15, -18, -18, -18, -21, -21, -21, -26, -26, -28, -28, -32, -32),
    "8": (-6, *[None] * 24),
}
_J_HOLE: Final[dict[str, tuple[int | None, ...]]] = {
    "6": (2, 5, 5, 6, 6, 8, 8, 10, 10, 13, 13, 16, 16, 18, 18, 18, 22, 22, 22, 25, 25, 29, 29, 33, 33),
    "7": (4, 6, 8, 10, 10, 12, 12, 14, 14, 18, 18, 22, 22, 26, 26, 26, 30, 30, 30, 36, 36, 39, 39, 43, 43),
    "8": (6, 10, 12, 15, 15, 20, 20, 24, 24, 28, 28, 34, 34, 41, 41, 41, 47, 47, 47, 55, 55, 60, 60, 66, 66),
}


def fit_deviations(nominal: float, fit: str) -> tuple[float, float] | None:
    """(upper, lower) deviation in mm, signed, of one fit such as 'H7' or 'g6'.

    nominal  size in mm
    Returns None for a size or a fit that the tables do not cover, pairs such as 'H7/g6' among them.
    """
    match = _FIT.match(fit)
    if match is None or not 0 < nominal <= _MAX_SIZE:
        return None
    letters, grade = match["letters"], match["grade"]
    width = standard_tolerance(nominal, grade)
    limits = _hole(nominal, letters, grade, width) if letters.isupper() else _shaft(nominal, letters, grade, width)
    if limits is None:
        return None
    upper, lower = limits
    return round(upper / 1000, 6) or 0.0, round(lower / 1000, 6) or 0.0


def standard_tolerance(nominal: float, grade: str) -> float:
    """The standard tolerance in µm of a grade, '01' to '18', for a size in (0, 500] mm."""
    return _GRADES[grade][bisect_left(_MAIN_STEPS, nominal)]


def _shaft(nominal: float, letters: str, grade: str, width: float) -> tuple[float, float] | None:
    if letters == "js":
        return width / 2, -width / 2
    if letters == "j":
        tabulated = _pick(_J_SHAFT.get(grade), nominal)
        return None if tabulated is None else (tabulated + width, tabulated)
    if letters in _CLEARANCE:
        clearance = _clearance(nominal, letters)
        return None if clearance is None else (-clearance, -clearance - width)
    lower = _interference(nominal, letters, grade)
    return None if lower is None else (lower + width, lower)


def _hole(nominal: float, letters: str, grade: str, width: float) -> tuple[float, float] | None:
    if letters == "JS":
        return width / 2, -width / 2
    if letters == "J":
        upper = _pick(_J_HOLE.get(grade), nominal)
        return None if upper is None else (upper, upper - width)
    shaft = letters.lower()
    if shaft in _CLEARANCE:
        clearance = _clearance(nominal, shaft)
        return None if clearance is None else (clearance + width, clearance)
    top = _hole_top(nominal, shaft, grade)
    return None if top is None else (top, top - width)


def _hole_top(nominal: float, shaft: str, grade: str) -> float | None:
    """The upper deviation of the holes K to ZC in µm."""
    number = int(grade)
    tabulated = _pick(_INTERFERENCE.get(shaft), nominal)
    if tabulated is None:
        return None
    if number > 8 and shaft == "k":
        return 0.0 if nominal <= _SMALL else None
    if number > 8 and shaft == "n" and nominal > _SMALL:
        return 0.0
    if shaft == "m" and number == 6 and 250 < nominal <= 315:
        return -9.0  # the standard's own exception
    finest = 8 if shaft in ("k", "m", "n") else 7
    if nominal <= _SMALL or not 3 <= number <= finest:
        return -float(tabulated)
    return standard_tolerance(nominal, grade) - standard_tolerance(nominal, str(number - 1)) - tabulated


def _clearance(nominal: float, letters: str) -> float | None:
    if letters in ("a", "b") and nominal <= 1:
        return None
    return _pick(_CLEARANCE[letters], nominal)


def _interference(nominal: float, letters: str, grade: str) -> float | None:
    if letters == "k" and not 4 <= int(grade) <= 7:
        return 0.0
    return _pick(_INTERFERENCE.get(letters), nominal)


def _pick(row: Sequence[int | None] | None, nominal: float) -> int | None:
    return None if row is None else row[bisect_left(_FINE_STEPS, nominal)]
