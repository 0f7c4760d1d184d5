"""Geometrical characteristics by the names of ISO 1101 in snake_case, one for all readers, and what stands for them on drawings."""

from __future__ import annotations

from typing import Final

OF_SYMBOL: Final[dict[str, str]] = {
    "⏤": "straightness", "⏥": "flatness", "○": "roundness", "⌭": "cylindricity", "⌒": "line_profile",
    "⌓": "surface_profile", "∠": "angularity", "⊥": "perpendicularity", "⟂": "perpendicularity", "//": "parallelism",
    "∥": "parallelism", "⌖": "position", "◎": "concentricity", "⌯": "symmetry", "↗": "circular_run_out", "⌰": "total_run_out",
}  # fmt: skip
CHARACTERISTICS: Final = frozenset(OF_SYMBOL.values())

# Letters of the common GD&T fonts, AutoCAD's GDT first among them, in lower case: characteristics and other signs.
SIGN_OF_LETTER: Final[dict[str, str]] = {
    "a": "∠", "b": "⊥", "c": "⏥", "d": "⌓", "e": "○", "f": "//", "g": "⌭", "h": "↗", "i": "⌯", "j": "⌖", "k": "⌒",
    "l": "Ⓛ", "m": "Ⓜ", "n": "Ø", "o": "□", "p": "Ⓟ", "q": "℄", "r": "◎", "s": "Ⓢ", "t": "⌰", "u": "⏤", "v": "⌴", "w": "⌵",
    "x": "↧", "y": "⌲", "z": "⌳",
}  # fmt: skip
