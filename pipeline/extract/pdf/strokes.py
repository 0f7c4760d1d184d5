"""What a page's paths are made of: straight lines, arrowheads, rings and small marks, found over whole arrays at once.

All in the reading frame, in points. The arrays are NumPy's, for a shaded view alone may have tens of thousands of pieces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.model import BBox
from pipeline.extract.sheet import Matrix, Point

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_MAX_PIECES = 60_000  # a page with more is a shaded picture or text drawn as outlines
_WHITE = 0.98  # of full brightness
_JOINED = 0.06  # points between the end of one piece and the start of the next
_MIN_LINE = 2.0  # points; shorter ones are parts of curves
_CURVE_STEPS = (0.25, 0.5, 0.75, 1.0)
_CURVED, _FOUR_SIDES = [True] * len(_CURVE_STEPS), [False] * 4  # whether the pieces of a curve and of a rectangle are curved
_ARROW_SIDE = (2.0, 40.0)  # points
_ARROW_SHAPE = (0.08, 0.9)  # base over side: from needles to open arrowheads
_EQUAL_SIDES = 0.1
_RING_PIECES = 8
_HEAD_PIECES = (4, 16)  # of a filled arrowhead with a notch or curved flanks
_HEAD_EXTENT = (2.5, 25.0)  # points
_MAX_HEADS, _MAX_BARBS = 800, 4000  # beyond, small filled shapes are letters and short lines a picture
_BARB_TURN = (0.08, 0.71)  # sine of half the angle between the two lines of an open arrowhead
_MAX_TABLE = 100_000  # pairs compared at once
_ROUND = 0.22  # how far a ring's points may lie off its mean radius, as a share of it


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed round outline."""

    centre: Point
    radius: float
    bbox: BBox


@dataclass(frozen=True, slots=True)
class Strokes:
    """A page's paths in pieces.

    pieces       (n, 4) x0, y0, x1, y1 of every straight piece and curve chord, in drawing order
    is_curved    (n,) whether a piece is a chord of a curve
    chains       (m, 2) first and last piece of each run of pieces that are joined end to start
    chain_boxes  (m, 4) x_min, y_min, x_max, y_max
    lines        (k, 4) the straight pieces that are long enough to be lines, the sides of arrowheads left out
    tips, axes   (a, 2) where arrowheads point to, and the vectors from their backs to there
    """

    pieces: FloatArray
    is_curved: BoolArray
    chains: IntArray
    chain_boxes: FloatArray
    lines: FloatArray
    tips: FloatArray
    axes: FloatArray
    rings: tuple[Ring, ...]


def read_strokes(drawings: Sequence[dict[str, Any]], matrix: Matrix) -> Strokes:
    """The strokes of MuPDF's paths; nothing where there are too many of them.

    matrix  from the paths' coordinates to the reading frame
    """
    pieces, is_curved, path_of, is_filled = _collect(drawings)
    pieces = _transformed(pieces, matrix)
    if not len(pieces):
        return lines_only(())
    chains = _chains(pieces, path_of, is_filled)
    boxes = _chain_boxes(pieces, chains)
    tips, axes, sides = _arrows(pieces, is_curved, is_filled, chains)
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    more = [*_filled_heads(pieces, is_filled, chains, boxes), *_open_heads(pieces[~is_curved & ~sides], length[~is_curved & ~sides])]
    if more:
        tips = np.vstack((tips, np.array([tip for tip, _ in more])))
        axes = np.vstack((axes, np.array([axis for _, axis in more])))
    return Strokes(
        pieces=pieces,
        is_curved=is_curved,
        chains=chains,
        chain_boxes=boxes,
        lines=pieces[(length >= _MIN_LINE) & ~is_curved & ~sides],
        tips=tips,
        axes=axes,
        rings=tuple(_rings(pieces, chains, boxes, is_filled)),
    )


def lines_only(lines: Sequence[tuple[float, float, float, float]]) -> Strokes:
    """Strokes of a page of which only some lines are known, such as a scan."""
    empty, points = np.empty((0, 4)), np.empty((0, 2))
    found = np.array(lines, dtype=np.float64).reshape(-1, 4)
    return Strokes(empty, np.empty(0, bool), np.empty((0, 2), np.int64), empty, found, points, points, ())


def batches(marks: FloatArray, others: int) -> Iterator[FloatArray]:
    """Marks in runs so short that a table of each run by so many others stays small."""
    step = max(1, _MAX_TABLE // max(others, 1))
    for start in range(0, len(marks), step):
        yield marks[start : start + step]


def without_letters(strokes: Strokes, texts: Sequence[tuple[float, float, float, float, float]]) -> Strokes:
    """The strokes but for lines and arrowheads that are parts of drawn letters; pieces stay, for they may be signs.

    texts  box of each text, and how long a stroke of its letters can be
    """
    low, high = np.minimum(strokes.lines[:, :2], strokes.lines[:, 2:]), np.maximum(strokes.lines[:, :2], strokes.lines[:, 2:])
    extent = (high - low).max(axis=1, initial=0.0)
    in_text = np.zeros(len(strokes.lines), dtype=bool)
    at_tip = np.zeros(len(strokes.tips), dtype=bool)
    size = np.hypot(strokes.axes[:, 0], strokes.axes[:, 1])
    for x0, y0, x1, y1, longest in texts:
        in_text |= (extent <= longest) & (low >= (x0, y0)).all(axis=1) & (high <= (x1, y1)).all(axis=1)
        backs = strokes.tips - strokes.axes
        at_tip |= (size <= longest) & (np.minimum(strokes.tips, backs) >= (x0, y0)).all(axis=1) & (
            np.maximum(strokes.tips, backs) <= (x1, y1)).all(axis=1)
    return replace(strokes, lines=strokes.lines[~in_text], tips=strokes.tips[~at_tip], axes=strokes.axes[~at_tip])


def _collect(drawings: Sequence[dict[str, Any]]) -> tuple[FloatArray, BoolArray, IntArray, BoolArray]:
    """Pieces, whether each is curved, the number of its path, and whether that is filled; nothing where there are too many."""
    drawn = [path for path in drawings if not _is_white(path)]
    nothing = np.empty((0, 4)), np.empty(0, bool), np.empty(0, np.int64), np.empty(0, bool)
    if sum(len(path["items"]) for path in drawn) > _MAX_PIECES:  # each is a piece at least
        return nothing
    straight: list[float] = []  # x0, y0, x1, y1 of one piece after the other, for NumPy takes in flat lists fastest
    curves: list[float] = []  # eight coordinates of each
    curved: list[bool] = []
    counts: list[int] = []
    for path in drawn:
        before = len(curved)
        for item in path["items"]:
            kind = item[0]
            if kind == "l":
                straight += item[1]
                straight += item[2]
                curved.append(False)
            elif kind == "c":
                curves += chain.from_iterable(item[1:5])
                curved += _CURVED
            else:
                corners = _corners(item)
                straight += chain.from_iterable((*corners[i - 1], *corners[i]) for i in range(4))
                curved += _FOUR_SIDES
        counts.append(len(curved) - before)
    if len(curved) > _MAX_PIECES:
        return nothing
    is_curved = np.array(curved, dtype=bool)
    pieces = np.empty((len(curved), 4))
    pieces[~is_curved] = np.array(straight, dtype=np.float64).reshape(-1, 4)
    pieces[is_curved] = _chords(np.array(curves, dtype=np.float64).reshape(-1, 4, 2))
    is_filled = np.array([path["type"] != "s" for path in drawn], dtype=bool)
    return pieces, is_curved, np.repeat(np.arange(len(drawn)), counts), np.repeat(is_filled, counts)


def _is_white(path: dict[str, Any]) -> bool:
    """Whether a path is a patch of paper, as is put behind texts so that lines do not cross them."""
    fill = path.get("fill")
    return path["type"] == "f" and fill is not None and min(fill) >= _WHITE


def _corners(item: tuple[Any, ...]) -> Sequence[Point]:
    if item[0] == "re":
        x0, y0, x1, y1 = item[1]
        return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
    upper_left, upper_right, lower_left, lower_right = item[1]
    return upper_left, upper_right, lower_right, lower_left


def _chords(curves: FloatArray) -> FloatArray:
    """(4 n, 4) the chords of (n, 4, 2) Bézier curves, a few of each."""
    a, b, c, d = np.moveaxis(curves, 1, 0)
    points = [a]
    for t in _CURVE_STEPS:
        s = 1 - t
        p, q, r, u = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        points.append(p * a + q * b + r * c + u * d)
    return np.stack([np.hstack(ends) for ends in pairwise(points)], axis=1).reshape(-1, 4)


def _transformed(pieces: FloatArray, matrix: Matrix) -> FloatArray:
    if matrix == (1.0, 0.0, 0.0, 1.0, 0.0, 0.0):
        return pieces
    a, b, c, d, e, f = matrix
    x, y = pieces[:, 0::2], pieces[:, 1::2]
    result = np.empty_like(pieces)
    result[:, 0::2], result[:, 1::2] = a * x + c * y + e, b * x + d * y + f
    return result


def _chains(pieces: FloatArray, path_of: IntArray, is_filled: BoolArray) -> IntArray:
    """Runs of joined pieces. Strokes may run on over paths, for some writers put every piece into one of its own."""
    apart = np.abs(pieces[1:, :2] - pieces[:-1, 2:]).max(axis=1, initial=0.0) > _JOINED
    apart |= (path_of[1:] != path_of[:-1]) & (is_filled[1:] | is_filled[:-1])
    firsts = np.concatenate(([0], np.nonzero(apart)[0] + 1))
    lasts = np.concatenate((firsts[1:] - 1, [len(pieces) - 1]))
    return np.stack((firsts, lasts), axis=1)


def _chain_boxes(pieces: FloatArray, chains: IntArray) -> FloatArray:
    firsts = chains[:, 0]
    low = np.minimum.reduceat(np.minimum(pieces[:, :2], pieces[:, 2:]), firsts)
    high = np.maximum.reduceat(np.maximum(pieces[:, :2], pieces[:, 2:]), firsts)
    return np.hstack((low, high))


def _arrows(pieces: FloatArray, is_curved: BoolArray, is_filled: BoolArray, chains: IntArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Tips and axes of arrowheads, and which pieces are their sides."""
    sides = np.zeros(len(pieces), dtype=bool)
    closed = _closed_triangles(pieces, is_curved)
    for offset in range(3):
        sides[closed + offset] = True
    pairs = chains[(chains[:, 1] - chains[:, 0] == 1), 0]
    pairs = pairs[~is_curved[pairs] & ~sides[pairs]]
    shut, tips, axes = _slim(np.stack((pieces[closed, :2], pieces[closed, 2:], pieces[closed + 1, 2:]), axis=1), any_corner=True)
    filled = pairs[is_filled[pairs]]
    for corners, any_corner in ((filled, True), (pairs[~is_filled[pairs]], False)):
        found, more_tips, more_axes = _slim(
            np.stack((pieces[corners, :2], pieces[corners, 2:], pieces[corners + 1, 2:]), axis=1), any_corner=any_corner)
        sides[corners[found]] = sides[corners[found] + 1] = True
        tips, axes = np.vstack((tips, more_tips)), np.vstack((axes, more_axes))
    for offset in range(3):
        sides[closed[~shut] + offset] = False
    return tips, axes, sides


def _closed_triangles(pieces: FloatArray, is_curved: BoolArray) -> IntArray:
    """First pieces of three that come back to where they started."""
    if len(pieces) < 3:
        return np.empty(0, np.int64)
    joined = np.abs(pieces[1:, :2] - pieces[:-1, 2:]).max(axis=1) <= _JOINED
    returns = np.abs(pieces[:-2, :2] - pieces[2:, 2:]).max(axis=1) <= _JOINED
    return np.nonzero(joined[:-1] & joined[1:] & returns & ~is_curved[:-2])[0]


def _slim(corners: FloatArray, *, any_corner: bool) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Which of (n, 3, 2) triangles are arrowheads, their tips and their axes; the tip is the middle corner where not any may be."""
    if not len(corners):
        return np.empty(0, bool), np.empty((0, 2)), np.empty((0, 2))
    opposite = np.hypot(*np.moveaxis(corners[:, [1, 2, 0]] - corners[:, [2, 0, 1]], 2, 0))  # side across from each corner
    tip = np.argmin(opposite, axis=1) if any_corner else np.ones(len(corners), dtype=np.int64)
    rows = np.arange(len(corners))
    base, left, right = opposite[rows, tip], opposite[rows, (tip + 1) % 3], opposite[rows, (tip + 2) % 3]
    side = np.maximum(left, right)
    safe = np.maximum(side, 1e-9)
    is_arrow = (np.abs(left - right) <= _EQUAL_SIDES * safe) & (side >= _ARROW_SIDE[0]) & (side <= _ARROW_SIDE[1])
    is_arrow &= (base >= _ARROW_SHAPE[0] * safe) & (base <= _ARROW_SHAPE[1] * safe)
    tips = corners[rows, tip]
    axes = tips - (corners[rows, (tip + 1) % 3] + corners[rows, (tip + 2) % 3]) / 2
    return is_arrow, tips[is_arrow], axes[is_arrow]


def _filled_heads(pieces: FloatArray, is_filled: BoolArray, chains: IntArray, boxes: FloatArray) -> Iterator[tuple[Point, Point]]:
    """(tip, axis) of small filled shapes that taper evenly to one point: arrowheads with a notch or with curved flanks."""
    count = chains[:, 1] - chains[:, 0] + 1
    extent = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    fits = is_filled[chains[:, 0]] & (count >= _HEAD_PIECES[0]) & (count <= _HEAD_PIECES[1])
    found = np.nonzero(fits & (extent >= _HEAD_EXTENT[0]) & (extent <= _HEAD_EXTENT[1]))[0]
    if len(found) > _MAX_HEADS:
        return
    for index in found:
        first, last = chains[index]
        corners = pieces[first : last + 1, :2]
        centre = corners.mean(axis=0)
        away = corners - centre
        tip = int(np.argmax(np.hypot(away[:, 0], away[:, 1])))
        length = float(np.hypot(*away[tip]))
        axis = away[tip] / max(length, 1e-9)
        along, across = away @ axis, away @ np.array([-axis[1], axis[0]])
        width, reach = float(np.ptp(across)), float(np.ptp(along))
        is_even = abs(float(across.max() + across.min())) <= 0.2 * width
        has_one_tip = int((along > along.max() - 0.15 * reach).sum()) == 1
        if is_even and has_one_tip and 0.15 * reach <= width <= 1.2 * reach:
            yield (float(corners[tip][0]), float(corners[tip][1])), (float(axis[0]) * reach, float(axis[1]) * reach)


def _open_heads(pieces: FloatArray, length: FloatArray) -> Iterator[tuple[Point, Point]]:
    """(tip, axis) of two equal short lines that meet in a point, each drawn by itself."""
    short = np.nonzero((length >= _ARROW_SIDE[0]) & (length <= _ARROW_SIDE[1]))[0]
    if len(short) > _MAX_BARBS:
        return
    at: dict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    for index, (x0, y0, x1, y1) in zip(short.tolist(), np.rint(pieces[short] * 5).astype(np.int64).tolist(), strict=True):
        at[x0, y0].append((index, True))
        at[x1, y1].append((index, False))
    pairs = [pair for ends in at.values() if 2 <= len(ends) <= 4 for pair in combinations(ends, 2)]
    if not pairs:
        return
    (one, one_starts), (other, other_starts) = np.moveaxis(np.array(pairs), 0, 2)
    starts, ends = pieces[:, :2], pieces[:, 2:]
    tip = np.where(one_starts[:, None], starts[one], ends[one])
    left = np.where(one_starts[:, None], ends[one], starts[one])
    right = np.where(other_starts[:, None], ends[other], starts[other])
    side, apart = length[one], left - right
    base = np.hypot(apart[:, 0], apart[:, 1]) / (2 * side)
    fits = (np.abs(side - length[other]) <= 0.05 * side) & (base >= _BARB_TURN[0]) & (base <= _BARB_TURN[1])
    axis = tip - (left + right) / 2
    yield from zip(map(tuple, tip[fits].tolist()), map(tuple, axis[fits].tolist()), strict=True)


def _rings(pieces: FloatArray, chains: IntArray, boxes: FloatArray, is_filled: BoolArray) -> Iterator[Ring]:
    firsts, lasts = chains[:, 0], chains[:, 1]
    size = boxes[:, 2:] - boxes[:, :2]
    gap = np.abs(pieces[firsts, :2] - pieces[lasts, 2:]).max(axis=1)
    is_round = (lasts - firsts + 1 >= _RING_PIECES) & ((gap <= 0.12 * size.max(axis=1)) | is_filled[firsts])
    is_round &= (size.min(axis=1) >= 1.5) & (size.min(axis=1) >= 0.75 * size.max(axis=1)) & (size.max(axis=1) <= 80)
    for index in np.nonzero(is_round)[0]:
        points = pieces[firsts[index] : lasts[index] + 1, :2]
        x0, y0, x1, y1 = boxes[index]
        centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        radii = np.hypot(*(points - centre).T)
        radius = float(radii.mean())
        if radius > 0 and float(np.abs(radii - radius).max()) <= _ROUND * radius:
            yield Ring((float(centre[0]), float(centre[1])), radius, (float(x0), float(y0), float(x1), float(y1)))
