"""What is drawn around a row of text: dimension lines with arrowheads, plain lines, a box, a ring.

A bare number is a dimension when it stands at a dimension line; geometry tells it from a zone mark, a balloon or a table cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from pipeline.extract.pdf.rows import Row
from pipeline.extract.pdf.strokes import BoolArray, FloatArray, IntArray, Ring, Strokes, batches

_REACH = 2.2  # font sizes around a row in which lines are looked at
_ON_LINE = 0.9  # points between an arrowhead's tip and its line
_BEYOND_HEAD = 8.0  # points, beside an arrowhead's own length, between its tip and the end of its line
_TICK, _DOT = (2.0, 14.0), 2.5  # points: length of an oblique stroke and radius of a dot that end a dimension line
_MAX_TICKS = 1500
_TOUCH = 1.0  # points between two lines that meet
_PARALLEL = 0.05  # sine of the angle between two lines that count as parallel
_BOX_GAP = 1.1  # font sizes from a text to the box around it
_CELL_GAP = 2.6  # … to the sides of a cell
_SIDES = 3  # lines around a text in a box, at least: an upright one may be both its sides
_ADVANCE = 0.8  # font sizes beyond a box in which its neighbours would show


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle close around a text, in the text's frame: v grows downwards.

    has_neighbour  whether another cell of the same height adjoins on the left or the right, as in a feature control frame or a table
    is_tight       whether it is no wider than its text needs
    """

    u0: float
    v0: float
    u1: float
    v1: float
    has_neighbour: bool
    is_tight: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a row stands among the lines.

    arrowed   at a line that bears an arrowhead along it: a dimension line
    doubled   … with arrowheads both ways: no leader
    led       at a line that meets one with an arrowhead: the shelf of a leader
    led_double  … that meets one with arrowheads both ways: the shelf of a dimension line
    lined     at a line under it, or running into it from the left, the right, above or below
    celled    between two rules and beside a third, as in the cell of a table
    at_end    a line runs into one of the text's ends and bears no arrowhead: how ordinates are drawn
    """

    arrowed: bool = False
    doubled: bool = False
    led: bool = False
    led_double: bool = False
    lined: bool = False
    at_end: bool = False
    celled: bool = False


class Surroundings:
    """The lines of a page, ready to be asked what stands around a row."""

    def __init__(self, strokes: Strokes) -> None:
        self.strokes = strokes
        self._lines = strokes.lines
        low, high = np.minimum(self._lines[:, :2], self._lines[:, 2:]), np.maximum(self._lines[:, :2], self._lines[:, 2:])
        self._bounds = np.hstack((low, high))
        self._standings: dict[int, tuple[Row, Standing]] = {}  # by the rows' identities, which last as long as the rows are kept
        self._boxes: dict[int, Box | None] = {}
        self._around_row: dict[int, tuple[Row, tuple[IntArray, FloatArray, FloatArray]]] = {}
        self._ring_places = np.array([[*ring.centre, ring.radius] for ring in strokes.rings]).reshape(-1, 3)

    @property
    def has_arrows(self) -> bool:
        return bool(self._arrowed.any())

    @property
    def arrowed_lines(self) -> FloatArray:
        """(n, 4) the lines that bear an arrowhead."""
        return self._lines[self._arrowed]

    def standing(self, row: Row) -> Standing:
        """How a row stands among the lines."""
        if id(row) not in self._standings:
            self._standings[id(row)] = row, self._find_standing(row)
        return self._standings[id(row)][1]

    def box(self, row: Row) -> Box | None:
        """The rectangle close around a row, whatever its direction; None where a side is missing."""
        if id(row) not in self._boxes:
            self._boxes[id(row)] = self._find_box(row)
        return self._boxes[id(row)]

    def _find_standing(self, row: Row) -> Standing:
        near, starts, ends = self._around(row)
        if not len(near):
            return Standing()
        far, under, over, beside_ends, across = _relations(starts, ends, row)
        holds = far | over | beside_ends | across
        arrowed = self._arrowed[near]
        forward, backward = self._heads
        return Standing(
            arrowed=bool((holds & arrowed).any()),
            doubled=bool((holds & forward[near] & backward[near]).any()),
            led=bool(((under | beside_ends) & self._led[near]).any()),
            led_double=bool(((under | beside_ends) & self._led_double[near]).any()),
            lined=bool((under | beside_ends | across).any()),
            at_end=bool((beside_ends & ~arrowed).any()) and not bool((holds & arrowed).any()),
            celled=_is_celled(starts, ends, row),
        )

    def _find_box(self, row: Row) -> Box | None:
        near, starts, ends = self._around(row)
        if len(near) < _SIDES:
            return None
        gap, slack, wide = _BOX_GAP * row.size, 0.25 * row.size, _CELL_GAP * row.size
        u0, u1, v0, v1 = row.u0, row.u1, row.top, row.v
        flat = np.abs(ends[:, 1] - starts[:, 1]) <= 0.5
        low_u, high_u = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
        low_v, high_v = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
        covers_u = flat & (low_u <= u0 + 0.2 * row.size) & (high_u >= u1 - 0.2 * row.size)
        top = _closest(low_v[covers_u & (low_v <= v0 + slack) & (low_v >= v0 - gap)], v0)
        bottom = None if top is None else _closest(low_v[covers_u & (low_v >= v1 - slack / 2) & (low_v <= v1 + gap)], v1)
        if top is None or bottom is None:  # most texts: their sides need not be looked for
            return None
        upright = np.abs(ends[:, 0] - starts[:, 0]) <= 0.5
        covers_v = upright & (low_v <= v0 + 0.2 * row.size) & (high_v >= v1 - 0.2 * row.size)
        left = _closest(low_u[covers_v & (low_u <= u0 + slack) & (low_u >= u0 - wide)], u0)
        right = _closest(low_u[covers_v & (low_u >= u1 - slack) & (low_u <= u1 + wide)], u1)
        if left is None or right is None:
            return None
        reaches = _ADVANCE * row.size
        beyond = flat & ((np.abs(low_v - top) <= 0.8) | (np.abs(low_v - bottom) <= 0.8))
        has_neighbour = bool((beyond & (high_u > right + reaches) & (low_u <= right + 1)).sum() >= 2) or bool(
            (beyond & (low_u < left - reaches) & (high_u >= left - 1)).sum() >= 2)
        return Box(left, top, right, bottom, has_neighbour, is_tight=left >= u0 - gap and right <= u1 + gap)

    def is_in_drawn_brackets(self, row: Row) -> bool:
        """Whether round brackets stand at both ends of a row as curves: the sign of a reference dimension."""
        sides = [False, False]
        size = row.size
        for index in self._arcs_near(row):
            first, last = self.strokes.chains[index]
            corners = np.vstack((self.strokes.pieces[first : last + 1, :2], self.strokes.pieces[last, 2:]))
            x, y = row.direction
            u, v = corners[:, 0] * x + corners[:, 1] * y, -corners[:, 0] * y + corners[:, 1] * x
            if float(np.ptp(u)) > 0.5 * float(np.ptp(v)) or v.min() > row.top + 0.2 * size or v.max() < row.v - 0.1 * size:
                continue
            ends, belly = (u[0] + u[-1]) / 2, u[len(u) // 2]
            sides[0] |= bool(belly < ends and -0.2 * size <= row.u0 - u.max() <= size)
            sides[1] |= bool(belly > ends and -0.2 * size <= u.min() - row.u1 <= size)
        return all(sides)

    def _arcs_near(self, row: Row) -> IntArray:
        """Chains that may be brackets: curves about as high as the text, near it."""
        arcs, boxes, extent = self._arcs
        fits = (extent >= 0.8 * row.size) & (extent <= 2.2 * row.size)
        x0, y0, x1, y1 = row.box
        reach = row.size
        fits &= (boxes[:, 2] >= x0 - reach) & (boxes[:, 0] <= x1 + reach) & (boxes[:, 3] >= y0 - reach) & (boxes[:, 1] <= y1 + reach)
        return arcs[fits]

    @cached_property
    def _arcs(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """The chains with pieces enough for a curve, their boxes and the longer sides of these."""
        arcs = np.nonzero(self.strokes.chains[:, 1] - self.strokes.chains[:, 0] >= 3)[0]
        boxes = self.strokes.chain_boxes[arcs]
        return arcs, boxes, (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)

    def cells(self, row: Row, box: Box) -> list[tuple[float, float]]:
        """(u0, u1) of every cell of the frame that a boxed row stands in, from left to right."""
        x, y = row.direction
        lines = self._lines
        u = np.stack((lines[:, 0] * x + lines[:, 1] * y, lines[:, 2] * x + lines[:, 3] * y), axis=1)
        v = np.stack((-lines[:, 0] * y + lines[:, 1] * x, -lines[:, 2] * y + lines[:, 3] * x), axis=1)
        upright = (np.abs(u[:, 1] - u[:, 0]) <= 0.5) & (v.min(axis=1) <= box.v0 + 1) & (v.max(axis=1) >= box.v1 - 1)
        upright &= v.max(axis=1) - v.min(axis=1) <= 6 * (box.v1 - box.v0)
        flat = (np.abs(v[:, 1] - v[:, 0]) <= 0.5) & ((np.abs(v[:, 0] - box.v0) <= 0.8) | (np.abs(v[:, 0] - box.v1) <= 0.8))
        start, end = box.u0, box.u1
        for low, high in sorted((float(a), float(b)) for a, b in zip(u[flat].min(axis=1), u[flat].max(axis=1), strict=True)):
            if low <= end + 1 and high >= start - 1:
                start, end = min(start, low), max(end, high)
        edges: list[float] = []
        for edge in sorted(float(value) for value in u[upright, 0]):
            if start - 1 <= edge <= end + 1 and (not edges or edge - edges[-1] > 1.5):
                edges.append(edge)
        return list(pairwise(edges))

    def ring(self, row: Row) -> Ring | None:
        """The ring around a row: its balloon or its datum target."""
        if not len(self._ring_places):
            return None
        x, y = row.middle
        distance = np.hypot(self._ring_places[:, 0] - x, self._ring_places[:, 1] - y)
        radius = self._ring_places[:, 2]
        holds = (distance <= 0.75 * radius) & (radius >= 0.5 * row.width) & (radius <= 0.5 * row.width + 2.2 * row.size)
        found = np.nonzero(holds & (radius >= 0.55 * row.size))[0]
        return self.strokes.rings[int(found[np.argmin(radius[found])])] if len(found) else None

    def near(self, row: Row) -> tuple[FloatArray, FloatArray]:
        """(n, 2) starts and ends, in a row's frame, of the lines around it."""
        _, starts, ends = self._around(row)
        return starts, ends

    def _around(self, row: Row) -> tuple[IntArray, FloatArray, FloatArray]:
        """Indices of the lines around a row, and their starts and ends in its frame."""
        if id(row) not in self._around_row:
            near = self._near(row)
            self._around_row[id(row)] = row, (near, *self._local(near, row))
        return self._around_row[id(row)][1]

    def _near(self, row: Row) -> IntArray:
        reach = _REACH * row.size
        x0, y0, x1, y1 = row.box
        bounds = self._bounds
        inside = (bounds[:, 2] >= x0 - reach) & (bounds[:, 0] <= x1 + reach) & (bounds[:, 3] >= y0 - reach) & (bounds[:, 1] <= y1 + reach)
        return np.nonzero(inside)[0]

    def _local(self, indices: IntArray, row: Row) -> tuple[FloatArray, FloatArray]:
        """(n, 2) starts and ends of lines in a row's frame."""
        x, y = row.direction
        lines = self._lines[indices]
        starts = np.stack((lines[:, 0] * x + lines[:, 1] * y, -lines[:, 0] * y + lines[:, 1] * x), axis=1)
        ends = np.stack((lines[:, 2] * x + lines[:, 3] * y, -lines[:, 2] * y + lines[:, 3] * x), axis=1)
        return starts, ends

    @cached_property
    def _heads(self) -> tuple[BoolArray, BoolArray]:
        """Which lines bear an arrowhead that points towards their end, and which one towards their start."""
        forward, backward = np.zeros(len(self._lines), dtype=bool), np.zeros(len(self._lines), dtype=bool)
        if not len(self._lines):
            return forward, backward
        run = self._lines[:, 2:] - self._lines[:, :2]
        length = np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)
        along = run / length[:, None]
        for heads in batches(_distinct_heads(self.strokes), len(length)):
            head, line, place = _on_lines(heads[:, 0], self._lines[:, :2], along)
            axis, direction = heads[head, 1], along[line]
            size = np.hypot(axis[:, 0], axis[:, 1])
            turn = np.abs(direction[:, 0] * axis[:, 1] - direction[:, 1] * axis[:, 0])
            reach = size + _BEYOND_HEAD
            found = (turn <= _PARALLEL * size) & (place >= -reach) & (place <= length[line] + reach)
            is_forward = direction[:, 0] * axis[:, 0] + direction[:, 1] * axis[:, 1] > 0
            forward[line[found & is_forward]] = True
            backward[line[found & ~is_forward]] = True
        if bool(forward.any() or backward.any()):
            return forward, backward
        ticked = self._ticked(along, length)  # a sheet has the one or the other
        return ticked, ticked

    def _ticked(self, along: FloatArray, length: FloatArray) -> BoolArray:
        """Which lines end in oblique strokes or dots at both ends, as dimension lines of architects and of some offices do."""
        at_start, at_end = np.zeros(len(length), dtype=bool), np.zeros(len(length), dtype=bool)
        short = np.nonzero((length >= _TICK[0]) & (length <= _TICK[1]))[0]
        strokes = np.stack(((self._lines[short, :2] + self._lines[short, 2:]) / 2, along[short]), axis=1)  # place, direction
        dots = np.array([(ring.centre, (0.0, 0.0)) for ring in self.strokes.rings if ring.radius <= _DOT]).reshape(-1, 2, 2)
        if len(strokes) + len(dots) > _MAX_TICKS:
            return at_start
        long = np.nonzero(length > _TICK[1])[0]
        for ticks in batches(np.vstack((strokes, dots)), len(long)):
            tick, on, place = _on_lines(ticks[:, 0], self._lines[long, :2], along[long])
            slope, line = ticks[tick, 1], long[on]
            slant = np.abs(along[line, 0] * slope[:, 1] - along[line, 1] * slope[:, 0])
            fits = ((slant >= 0.5) & (slant <= 0.87)) | ~slope.any(axis=1)
            at_start[line[fits & (np.abs(place) <= _BEYOND_HEAD)]] = True
            at_end[line[fits & (np.abs(place - length[line]) <= _BEYOND_HEAD)]] = True
        return at_start & at_end

    @cached_property
    def _arrowed(self) -> BoolArray:
        forward, backward = self._heads
        return forward | backward

    @cached_property
    def _led(self) -> BoolArray:
        """Which lines meet, end to end, one that bears an arrowhead: shelves of leaders."""
        return self._meeting(self._arrowed)

    @cached_property
    def _led_double(self) -> BoolArray:
        forward, backward = self._heads
        return self._meeting(forward & backward)

    def _meeting(self, which: BoolArray) -> BoolArray:
        """Which lines, without an arrowhead themselves, end where one of these ends."""
        met = np.zeros(len(self._lines), dtype=bool)
        ends = np.unique(np.round(self._lines[which].reshape(-1, 2), 1), axis=0)
        for some in np.array_split(ends, max(1, len(ends) // 64)):  # so that the tables of distances stay small
            for corner in (self._lines[:, :2], self._lines[:, 2:]):
                off_x = np.abs(corner[:, 0, None] - some[None, :, 0])
                off_y = np.abs(corner[:, 1, None] - some[None, :, 1])
                met |= ((off_x <= _TOUCH) & (off_y <= _TOUCH)).any(axis=1)
        return met & ~self._arrowed


def _distinct_heads(strokes: Strokes) -> FloatArray:
    """(n, 2, 2) tips and axes, each arrowhead once: many are both filled and outlined."""
    heads = np.stack((strokes.tips, strokes.axes), axis=1)
    if not len(heads):
        return heads
    _, first = np.unique(np.round(np.hstack((strokes.tips, np.sign(strokes.axes))) * 2), axis=0, return_index=True)
    return heads[first]


def _on_lines(places: FloatArray, starts: FloatArray, along: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Which places lie on which lines, and how far from the line's start; lines may end before."""
    off_x, off_y = places[:, None, 0] - starts[None, :, 0], places[:, None, 1] - starts[None, :, 1]
    place, line = np.nonzero(np.abs(along[:, 0] * off_y - along[:, 1] * off_x) <= _ON_LINE)
    return place, line, along[line, 0] * off_x[place, line] + along[line, 1] * off_y[place, line]


def _closest(values: FloatArray, to: float) -> float | None:
    return None if not len(values) else float(values[np.argmin(np.abs(values - to))])


def _is_celled(starts: FloatArray, ends: FloatArray, row: Row) -> bool:
    """Whether rules run over and under a row, further than its text, and another from the one to the other beside it."""
    size = row.size
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    flat = np.abs(ends[:, 1] - starts[:, 1]) <= 0.5
    wide = flat & (low[:, 0] <= row.u0) & (high[:, 0] >= row.u1) & (high[:, 0] - low[:, 0] >= 1.5 * row.width)
    over = low[wide & (low[:, 1] <= row.top + 0.1 * size) & (low[:, 1] >= row.top - 1.3 * size), 1]
    under = low[wide & (low[:, 1] >= row.v) & (low[:, 1] <= row.v + 1.3 * size), 1]
    if not len(over) or not len(under):
        return False
    top, bottom = float(over.max()), float(under.min())
    upright = (np.abs(ends[:, 0] - starts[:, 0]) <= 0.5) & (low[:, 1] <= top + 1) & (high[:, 1] >= bottom - 1)
    return bool(upright.any())


def _relations(starts: FloatArray, ends: FloatArray, row: Row) -> tuple[BoolArray, BoolArray, BoolArray, BoolArray, BoolArray]:
    """Which lines run some way under a row, close under it, over it, into one of its ends along it, or into it from above or below."""
    size, top, bottom = row.size, row.top, row.v
    delta = np.abs(ends - starts)
    length = np.maximum(np.hypot(delta[:, 0], delta[:, 1]), 1e-9)
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    middle_v = (starts[:, 1] + ends[:, 1]) / 2
    flat = delta[:, 1] <= _PARALLEL * length + 0.2
    upright = delta[:, 0] <= _PARALLEL * length + 0.2
    overlap = np.minimum(high[:, 0], row.u1) - np.maximum(low[:, 0], row.u0)
    covers = flat & (overlap >= 0.45 * row.width)
    far = covers & (middle_v >= bottom - 0.05 * size) & (middle_v <= bottom + 1.4 * size)
    under = far & (middle_v <= bottom + 0.8 * size)
    over = covers & (middle_v <= top + 0.05 * size) & (middle_v >= top - 0.8 * size)
    before, after = row.u0 - high[:, 0], low[:, 0] - row.u1
    level = flat & (length >= 0.6 * size) & (middle_v >= top - 0.1 * size) & (middle_v <= bottom + 0.1 * size)
    at_ends = level & (((before >= -0.5 * size) & (before <= 1.4 * size)) | ((after >= -0.5 * size) & (after <= 1.4 * size)))
    middle_u = (starts[:, 0] + ends[:, 0]) / 2
    within = upright & (length >= 0.6 * size) & (middle_u >= row.u0 - 0.6 * size) & (middle_u <= row.u1 + 0.4 * size)
    above, below = top - high[:, 1], low[:, 1] - bottom
    across = within & (((above >= -0.3 * size) & (above <= size)) | ((below >= -0.3 * size) & (below <= size)))
    return far, under, over, at_ends, across
