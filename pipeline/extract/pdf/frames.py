"""Feature control frames: the characteristic drawn in the first cell, the tolerance and the datums written in the others."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.extract.gdt import OF_SYMBOL
from pipeline.extract.grid import union
from pipeline.extract.model import Annotation, BBox, Json
from pipeline.extract.pdf.glyphs import has_digit
from pipeline.extract.pdf.rows import ASCENT, Piece, Row
from pipeline.extract.pdf.strokes import FloatArray, Ring
from pipeline.extract.pdf.surroundings import Box, Surroundings
from pipeline.extract.sheet import Point, Sheet

_TOLERANCE = re.compile(r"^(?P<zone>S?Ø)?\s?(?P<value>\d+(?:[.,]\d+)?)(?:\s?/\s?(?P<per>\d+(?:[.,]\d+)?))?\s?(?P<rest>.*)$")
_DATUM = re.compile(r"^(?P<letters>[A-Z](?:\s?-\s?[A-Z])?)\s?(?P<modifier>[ⓂⓁⓈ]|[MLS])?$")
_MODIFIERS = {"M": "Ⓜ", "L": "Ⓛ", "S": "Ⓢ", "P": "Ⓟ", "F": "Ⓕ", "T": "Ⓣ", "U": "Ⓤ", "E": "Ⓔ"}
_MAX_CELLS = 6
_READ, _GUESSED = 0.9, 0.6


def find_frame(sheet: Sheet, row: Row, box: Box, rows: Sequence[Row], surroundings: Surroundings) -> Annotation | None:
    """The feature control frame in whose cells a row stands; None where the cells are of another kind."""
    cells = surroundings.cells(row, box)
    if not 2 <= len(cells) <= _MAX_CELLS:
        return None
    pieces = [
        piece for other in rows if other.direction == row.direction for piece in other.pieces
        if box.v0 < piece.v - ASCENT / 2 * piece.size < box.v1 and cells[0][0] - 1 <= piece.u0 and piece.u1 <= cells[-1][1] + 1
    ]
    texts = [_cell_text([piece for piece in pieces if u0 - 1 <= (piece.u0 + piece.u1) / 2 < u1], surroundings) for u0, u1 in cells]
    symbol, first_is_empty = texts[0].strip(), not texts[0].strip()
    drawn = characteristic_of(surroundings, row.direction, (*cells[0], box.v0, box.v1)) if first_is_empty else None
    characteristic = OF_SYMBOL.get(symbol) or drawn
    tolerance = _TOLERANCE.match(texts[1].strip())
    if tolerance is None or (characteristic is None and not first_is_empty):
        return None
    datums = [_DATUM.match(text.strip()) for text in texts[2:] if text.strip()]
    if any(datum is None for datum in datums) or (characteristic is None and not datums):
        return None
    details: dict[str, Json] = {
        "characteristic": characteristic,
        "tolerance": float(tolerance["value"].replace(",", ".")),
        "datums": [_datum_text(datum) for datum in datums if datum is not None],
    }
    if tolerance["zone"]:
        details["zone"] = "diameter" if tolerance["zone"] == "Ø" else "sphere"
    if tolerance["per"]:
        details["per"] = float(tolerance["per"].replace(",", "."))
    modifiers: list[Json] = list(re.findall(r"[ⓂⓁⓈⓅⒻⓉⓊⒺ]|\bCZ\b|CZ", tolerance["rest"]))
    if modifiers:
        details["modifiers"] = modifiers
    words = [characteristic or "", *(text.strip() for text in texts[1:])]
    return Annotation(
        kind="gdt",
        raw_text=" | ".join(word for word in words if word),
        place=sheet.place(_frame_box(row, cells, box)),
        method=sheet.method if sheet.method == "ocr" else "frame",
        confidence=_READ if characteristic else _GUESSED,
        details=details,
    )


def _cell_text(pieces: Sequence[Piece], surroundings: Surroundings) -> str:
    return "".join(_modifier(piece, surroundings) for piece in sorted(pieces, key=lambda piece: piece.u0))


def _modifier(piece: Piece, surroundings: Surroundings) -> str:
    """A letter in a ring is a modifier."""
    text = piece.text.strip()
    if text not in _MODIFIERS:
        return piece.text
    x, y = (piece.box[0] + piece.box[2]) / 2, (piece.box[1] + piece.box[3]) / 2
    ringed = any(
        abs(ring.centre[0] - x) < 0.5 * ring.radius and abs(ring.centre[1] - y) < 0.5 * ring.radius and ring.radius < 1.5 * piece.size
        for ring in surroundings.strokes.rings
    )
    return _MODIFIERS[text] if ringed else piece.text


def _datum_text(datum: re.Match[str]) -> str:
    return f"{datum['letters'].replace(' ', '')}{datum['modifier'] or ''}"


def _frame_box(row: Row, cells: Sequence[tuple[float, float]], box: Box) -> BBox:
    x, y = row.direction
    corners = [(u * x - v * y, u * y + v * x) for u in (cells[0][0], cells[-1][1]) for v in (box.v0, box.v1)]
    return union([(*corner, *corner) for corner in corners])


def characteristic_of(surroundings: Surroundings, direction: Point, cell: tuple[float, float, float, float]) -> str | None:
    """The geometric characteristic that is drawn in a cell (u0, u1, v0, v1), by the lines and rings that make its symbol."""
    strokes = surroundings.strokes
    u0, u1, v0, v1 = cell
    x, y = direction
    height = v1 - v0
    rings = _distinct([ring for ring in strokes.rings if _holds(cell, _local(ring.centre, x, y))])
    arrows = sum(_holds(cell, _local((float(tip[0]), float(tip[1])), x, y)) for tip in strokes.tips)
    lines = _lines_within(strokes.lines, direction, (u0, u1, v0, v1), 0.14 * height)
    flat = int((lines[:, 1] < 0.1 * lines[:, 0]).sum())
    upright = int((lines[:, 0] < 0.1 * lines[:, 1]).sum())
    slanted = len(lines) - flat - upright
    if rings:
        return _with_rings(len(rings), flat, upright, slanted)
    plain = {
        (2, 0, 2): "flatness", (0, 0, 2): "parallelism", (1, 1, 0): "perpendicularity", (1, 0, 1): "angularity",
        (1, 0, 0): "straightness", (3, 0, 0): "symmetry",
    }
    found = plain.get((flat, upright, slanted))
    if arrows and found != "angularity":  # whose two lines may look like an open arrowhead
        return "total_run_out" if arrows > 1 else "circular_run_out"
    return found


def _with_rings(rings: int, flat: int, upright: int, slanted: int) -> str | None:
    if flat and upright:
        return "position"
    if slanted >= 2 and not flat:
        return "cylindricity"
    if flat or upright or slanted:
        return None
    return "concentricity" if rings == 2 else "roundness"


def _lines_within(lines: FloatArray, direction: Point, cell: tuple[float, float, float, float], shortest: float) -> FloatArray:
    """(n, 2) extents along and across of the distinct lines that lie within a cell, its own edges left out."""
    x, y = direction
    u0, u1, v0, v1 = cell
    starts = np.stack((lines[:, 0] * x + lines[:, 1] * y, -lines[:, 0] * y + lines[:, 1] * x), axis=1)
    ends = np.stack((lines[:, 2] * x + lines[:, 3] * y, -lines[:, 2] * y + lines[:, 3] * x), axis=1)
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    inside = (low[:, 0] > u0 + 0.4) & (high[:, 0] < u1 - 0.4) & (low[:, 1] > v0 + 0.4) & (high[:, 1] < v1 - 0.4)
    inside &= np.hypot(*(ends - starts).T) >= shortest
    found = np.round(np.hstack((low[inside], high[inside])) * 2)
    _, first = np.unique(found, axis=0, return_index=True)
    return (high - low)[np.nonzero(inside)[0][first]]


def _distinct(rings: Sequence[Ring]) -> list[Ring]:
    """Rings of different size: one drawn twice is one."""
    result: list[Ring] = []
    for ring in rings:
        if all(abs(ring.radius - other.radius) > 0.15 * other.radius for other in result):
            result.append(ring)
    return result


def _local(point: Point, x: float, y: float) -> Point:
    return point[0] * x + point[1] * y, -point[0] * y + point[1] * x


def _holds(cell: tuple[float, float, float, float], point: Point) -> bool:
    return cell[0] < point[0] < cell[1] and cell[2] < point[1] < cell[3]


def may_be_framed(row: Row) -> bool:
    """Whether a row may stand in the tolerance cell of a frame."""
    return has_digit(row.text) and len(row.text) <= 40
