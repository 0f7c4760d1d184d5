"""Symbols that are not text: drawn as paths (Ø, ±, ⌴, ⌵, ↧, □) or set in a symbol font where 'n' shows a Ø.

Drawing programs that have no such characters in their font draw them, and leave a blank in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from pipeline.extract.gdt import SIGN_OF_LETTER
from pipeline.extract.model import BBox
from pipeline.extract.pdf.rows import Piece
from pipeline.extract.pdf.strokes import FloatArray, Ring, Strokes
from pipeline.extract.sheet import Point, Span

_SYMBOL_FONT = re.compile(r"AI?S?W?GDT|GDT|ISOGPS|Y14[._]?5M?|AMGDT|SWGDT|GD&T|ASMEFONT", re.IGNORECASE)
_SYMBOL_LETTERS = str.maketrans(SIGN_OF_LETTER)
_PRIVATE_USE = str.maketrans(
    {"\uf06e": "Ø", "\uf076": "⌴", "\uf077": "⌵", "\uf078": "↧", "\uf06f": "□", "\uf0c6": "Ø", "\uf0b1": "±", "\uf0b0": "°"})
_AUTOCAD = re.compile(r"%%([cdpCDP])")
_AUTOCAD_CODES = {"c": "Ø", "d": "°", "p": "±"}

_NEAR = 4.2  # font sizes to the left of a number in which its symbols stand: a counterbore's comes before the Ø
_BESIDE = 1.6  # font sizes between a number and the middle of its Ø
_RING = (0.3, 1.1)  # diameter of a Ø's ring in font sizes
_SLASH = (0.85, 2.3)  # length of its slash in diameters
_SLASH_TURN = (25.0, 88.0)  # degrees from the baseline
_MARK = (0.35, 1.9)  # width and height of a drawn symbol in font sizes
_MAX_MARKS, _MAX_MARKS_BESIDE = 3000, 30  # on a page, and beside one number: more are a picture
_DIGIT = re.compile(r"\d")
_DIGIT_AHEAD = re.compile(r"\s?\d")
_LONE_LETTER = re.compile(r"[a-z]$")


def nameless_symbol_fonts(spans: Iterable[Span]) -> frozenset[str]:
    """Symbol fonts that have lost their names, as printed files have them: all that is set in them are a few lone small letters.

    One of the letters is an n or a v right before a number in another font: a Ø or a counterbore.
    """
    texts: dict[str, set[str]] = defaultdict(set)
    confirmed: set[str] = set()
    before: Span | None = None
    for span in spans:
        text = span.text.strip()
        if not text:
            continue
        texts[span.font].add(text)
        if before is not None and before.font != span.font and before.text.strip() in ("n", "v") and _is_set_before(before, span):
            confirmed.add(before.font)
        before = span
    return frozenset(font for font in confirmed if all(_LONE_LETTER.match(text) for text in texts[font]))


def _is_set_before(sign: Span, number: Span) -> bool:
    """Whether a number begins where a sign ends, on its baseline."""
    gap = number.bbox[0] - sign.bbox[2]
    is_level = abs(number.origin[1] - sign.origin[1]) <= 0.3 * number.size
    return number.direction == sign.direction and _DIGIT_AHEAD.match(number.text) is not None and is_level and abs(gap) <= 0.4 * number.size


def symbol_text(span: Span, nameless: frozenset[str] = frozenset()) -> str:
    """The text of a span with symbols of a symbol font as the sheet shows them.

    nameless  the sheet's fonts without a telling name that are symbol fonts
    """
    text = span.text
    if span.font in nameless or _SYMBOL_FONT.search(span.font):
        text = text.translate(_SYMBOL_LETTERS)
    if "%%" in text:
        text = _AUTOCAD.sub(lambda match: _AUTOCAD_CODES[match[1].lower()], text)
    return text if text.isascii() else text.translate(_PRIVATE_USE)


def drawn_symbols(strokes: Strokes, numbers: Sequence[tuple[Point, Piece]]) -> Iterator[tuple[Point, Piece]]:
    """The symbols drawn beside numbers, each in the direction and the size of the number that it stands by.

    numbers  (direction, piece) of the texts that hold a digit
    """
    if not numbers:
        return
    taken: set[tuple[int, int]] = set()
    yield from _without_repeats(_diameters(strokes, numbers), taken)
    yield from _without_repeats(_marks(strokes, numbers), taken)


def _without_repeats(found: Iterator[tuple[Point, Piece]], taken: set[tuple[int, int]]) -> Iterator[tuple[Point, Piece]]:
    """Each place once: outlines are often drawn twice."""
    for direction, piece in found:
        x0, y0, x1, y1 = piece.box
        key = round((x0 + x1) / 4), round((y0 + y1) / 4)
        if not any((key[0] + dx, key[1] + dy) in taken for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            taken.add(key)
            yield direction, piece


def _diameters(strokes: Strokes, numbers: Sequence[tuple[Point, Piece]]) -> Iterator[tuple[Point, Piece]]:
    """A ring with a slash through its middle, beside a number."""
    places = np.array([_middle(piece.box) for _, piece in numbers])
    for ring in strokes.rings:
        near = _nearest(places, numbers, ring.centre, 2 * ring.radius)
        if near is None:
            continue
        direction, number = near
        slash = _slash(strokes.lines, ring, direction)
        if slash is not None:
            box = _union(ring.bbox, slash)
            yield direction, _symbol("Ø", ring.bbox, box, direction, number)


def _nearest(
    places: FloatArray, numbers: Sequence[tuple[Point, Piece]], centre: Point, diameter: float
) -> tuple[Point, Piece] | None:
    """The number in whose row, at either end, a symbol stands; None where there is none that fits its size."""
    distance = np.hypot(places[:, 0] - centre[0], places[:, 1] - centre[1])
    best: tuple[Point, Piece] | None = None
    best_gap = np.inf
    for index in np.argsort(distance)[:6]:
        direction, number = numbers[index]
        if not _RING[0] * number.size <= diameter <= _RING[1] * number.size:
            continue
        u = centre[0] * direction[0] + centre[1] * direction[1]
        v = -centre[0] * direction[1] + centre[1] * direction[0]
        gap = max(number.u0 - u, u - number.u1, 0.0)
        if gap <= _BESIDE * number.size and -0.8 * number.size <= v - number.v <= 0.15 * number.size and gap < best_gap:
            best, best_gap = numbers[index], gap
    return best


def _slash(lines: FloatArray, ring: Ring, direction: Point) -> BBox | None:
    """The box of the one line that crosses a ring slantwise through its middle."""
    x, y = ring.centre
    diameter = 2 * ring.radius
    run, rise = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    length = np.hypot(run, rise)
    off = np.hypot((lines[:, 0] + lines[:, 2]) / 2 - x, (lines[:, 1] + lines[:, 3]) / 2 - y)
    fits = (off <= 0.3 * diameter) & (length >= _SLASH[0] * diameter) & (length <= _SLASH[1] * diameter)
    found = np.nonzero(fits)[0]
    turns = set()
    for index in found:
        along = run[index] * direction[0] + rise[index] * direction[1]
        across = -run[index] * direction[1] + rise[index] * direction[0]
        turn = float(np.degrees(np.arctan2(abs(across), abs(along))))
        if not _SLASH_TURN[0] <= turn <= _SLASH_TURN[1] or along * across > 0:
            return None  # a centre mark, or a slash that falls
        turns.add(round(turn / 8))
    if not len(found) or len(turns) > 2:
        return None
    x0, y0, x1, y1 = lines[found[0]]
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _marks(strokes: Strokes, numbers: Sequence[tuple[Point, Piece]]) -> Iterator[tuple[Point, Piece]]:
    """Counterbore, countersink, depth and square symbols: a few straight lines to the left of a number, or of its Ø."""
    sizes = [piece.size for _, piece in numbers]
    low, high = _MARK[0] * min(sizes), _MARK[1] * max(sizes)
    extent = (strokes.chain_boxes[:, 2:] - strokes.chain_boxes[:, :2]).max(axis=1, initial=0.0)
    length = strokes.chains[:, 1] - strokes.chains[:, 0] + 1
    small = np.nonzero((extent >= low) & (extent <= high) & (length <= 4) & ~strokes.is_curved[strokes.chains[:, 0]])[0]
    if len(small) > _MAX_MARKS:
        return
    boxes = strokes.chain_boxes[small]
    for direction, number in numbers:
        reach = _NEAR * number.size
        x, y = _point(number.u0 - 0.5 * reach, number.v - 0.37 * number.size, direction)
        along, across = 0.6 * reach, 1.2 * number.size
        half_x = abs(direction[0]) * along + abs(direction[1]) * across
        half_y = abs(direction[1]) * along + abs(direction[0]) * across
        inside = (boxes[:, 0] >= x - half_x) & (boxes[:, 2] <= x + half_x) & (boxes[:, 1] >= y - half_y) & (boxes[:, 3] <= y + half_y)
        chains = small[np.nonzero(inside)[0]]
        if len(chains) > _MAX_MARKS_BESIDE:
            continue
        parts = [_local_chain(strokes, int(chain), direction) for chain in chains]
        parts = [part for part in parts if _in_row(part, number)]
        for text, found in _classified(parts, number.size):
            u0, v0, u1, v1 = _extent(found)
            corners = [_point(u, v, direction) for u in (u0, u1) for v in (v0, v1)]
            xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
            yield direction, Piece(text, u0, u1, number.v, number.size, (min(xs), min(ys), max(xs), max(ys)), is_symbol=True)


def _local_chain(strokes: Strokes, chain: int, direction: Point) -> FloatArray:
    """(n + 1, 2) the corners of a chain as (u, v) along a direction."""
    first, last = strokes.chains[chain]
    points = np.vstack((strokes.pieces[first : last + 1, :2], strokes.pieces[last, 2:]))
    x, y = direction
    return np.stack((points[:, 0] * x + points[:, 1] * y, -points[:, 0] * y + points[:, 1] * x), axis=1)


def _in_row(corners: FloatArray, number: Piece) -> bool:
    """Whether a chain stands to the left of a number on its line."""
    (u0, v0), (u1, v1) = corners.min(axis=0), corners.max(axis=0)
    size = number.size
    return bool(
        u1 <= number.u0 + 0.3 * size
        and u0 >= number.u0 - _NEAR * size
        and v0 >= number.v - 1.2 * size
        and v1 <= number.v + 0.35 * size
    )


def _classified(parts: list[FloatArray], size: float) -> Iterator[tuple[str, list[FloatArray]]]:
    for part in parts:
        text = _single(part, size)
        if text is not None:
            yield text, [part]
    sign = _plus_minus(parts, size)
    if sign is not None:
        yield "±", sign
    arrow = _depth(parts, size)
    if arrow is not None:
        yield "↧", arrow


def _single(corners: FloatArray, size: float) -> str | None:
    """The symbol that one chain of lines is."""
    width, height = np.ptp(corners, axis=0)
    if len(corners) == 4 and height >= 0.3 * size and width >= 0.6 * size:
        (a, b, c, d) = corners
        is_tray = abs(a[0] - b[0]) < 0.1 * width and abs(c[0] - d[0]) < 0.1 * width and abs(b[1] - c[1]) < 0.1 * height
        if is_tray and b[1] > a[1] and c[1] > d[1] and abs(a[1] - d[1]) < 0.15 * height:
            return "⌴"
    if len(corners) == 3 and width >= 0.5 * size:
        (a, b, c) = corners
        is_even = abs(a[1] - c[1]) < 0.12 * height and abs((a[0] + c[0]) / 2 - b[0]) < 0.12 * width
        if is_even and b[1] > a[1] and 0.3 * width <= height <= 0.8 * width:
            return "⌵"
    if len(corners) == 5 and np.abs(corners[0] - corners[4]).max() < 0.1 and 0.4 * size <= width <= 0.9 * size:
        sides = np.abs(np.diff(corners, axis=0))
        if bool((sides.min(axis=1) < 0.05 * width).all()) and abs(width - height) < 0.08 * width:
            return "□"
    return None


def _plus_minus(parts: list[FloatArray], size: float) -> list[FloatArray] | None:
    """A stem across the middle of a bar, and a second bar as wide below: the ± that a font did not have."""
    lines = [part for part in parts if len(part) == 2]
    thin, least, most = 0.05 * size, 0.2 * size, 0.8 * size
    bars = [line for line in lines if abs(line[0][1] - line[1][1]) < thin and least <= abs(line[0][0] - line[1][0]) <= most]
    stems = [line for line in lines if abs(line[0][0] - line[1][0]) < thin and least <= abs(line[0][1] - line[1][1]) <= most]
    near = 0.08 * size
    for stem in stems:
        (u, middle), low = stem.mean(axis=0), stem[:, 1].max()
        centred = [bar for bar in bars if abs(bar[:, 0].mean() - u) <= near]
        across = [bar for bar in centred if abs(bar[:, 1].mean() - middle) <= near]
        under = [bar for bar in centred if -near <= bar[:, 1].mean() - low <= 0.4 * size]
        if len(across) == 1 and len(under) == 1 and abs(np.ptp(across[0][:, 0]) - np.ptp(under[0][:, 0])) <= near:
            return [stem, across[0], under[0]]
    return None


def _depth(parts: list[FloatArray], size: float) -> list[FloatArray] | None:
    """A bar over a stem that ends in an arrowhead pointing down."""
    lines = [line for part in parts for line in pairwise(part)]
    for top in lines:
        if abs(top[0][1] - top[1][1]) > 0.05 * size or abs(top[0][0] - top[1][0]) < 0.35 * size:
            continue
        middle = (top[0][0] + top[1][0]) / 2
        for stem in lines:
            high, low = sorted(stem, key=lambda point: float(point[1]))
            is_stem = abs(high[0] - middle) < 0.1 * size and abs(low[0] - middle) < 0.1 * size and low[1] - high[1] > 0.3 * size
            if not is_stem or abs(high[1] - top[0][1]) > 0.1 * size:
                continue
            barbs = [
                line for line in lines
                if any(np.abs(point - low).max() < 0.08 * size for point in line) and abs(line[0][0] - line[1][0]) > 0.1 * size
                and abs(line[0][1] - line[1][1]) > 0.1 * size
            ]
            if len(barbs) >= 2:
                return [np.array(line) for line in (top, stem, *barbs)]
    return None


def _extent(parts: Sequence[FloatArray]) -> BBox:
    points = np.vstack(parts)
    (u0, v0), (u1, v1) = points.min(axis=0), points.max(axis=0)
    return float(u0), float(v0), float(u1), float(v1)


def _symbol(text: str, inner: BBox, box: BBox, direction: Point, number: Piece) -> Piece:
    """A drawn symbol as a piece of its number's row; `inner` says where it stands, `box` how far it reaches."""
    x, y = direction
    u = (inner[0] + inner[2]) / 2 * x + (inner[1] + inner[3]) / 2 * y
    half = max(inner[2] - inner[0], inner[3] - inner[1]) / 2
    return Piece(text, u - half, u + half, number.v, number.size, box, is_symbol=True)


def _point(u: float, v: float, direction: Point) -> Point:
    x, y = direction
    return u * x - v * y, u * y + v * x


def _middle(box: BBox) -> Point:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _union(first: BBox, second: BBox) -> BBox:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None
