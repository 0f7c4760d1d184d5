"""The boxes of text on a whole sheet: found tile by tile, joined over the tiles' edges, cut where rules divide cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from typing import Any, Protocol

import cv2
import numpy as np

from pipeline.extract.grid import union
from pipeline.extract.model import BBox
from pipeline.extract.ocr.lines import Image, OcrLine, overlap_share
from pipeline.extract.ocr.models import TextBox
from pipeline.extract.ocr.raster import INK, SheetImage, ink_extent, tiles, turned, without_level_lines, without_stubs

_TILE, _OVERLAP = 1280, 192  # pixels: what bounds the memory of finding, about 300 MB
_EDGE = 6  # pixels: a box that ends this near to the edge of its tile may go on behind it
_LONG = 1.3  # long side by short side from which a box says which way its text runs
_SLANT = 8.0  # degrees off the axes from which a long box is cut out along its own direction
_SAME = 0.5  # share of the smaller of two boxes in the larger that makes them one
_MARGIN = 2  # pixels around a crop
_PART, _HIGHER = 0.4, 1.4  # of a region's area, and how much higher it is than the lines of text that it holds
_FLAT = frozenset("-–—_.,:;=~")  # a text of these only has no row of high characters
_HALF_CHARACTER = 0.45  # widest, of a crop's height
_CLEAR = 0.25  # of the height of a line of text, free of ink on both sides of a rule that surely divides it


class Finder(Protocol):
    """What finds text in one tile."""

    def find(self, image: Image) -> list[TextBox]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a line of text stands.

    bbox   axis-parallel box, pixels
    slant  degrees by which the text falls to the right; 0 for text along an axis
    quad   upper left, upper right, lower right, lower left of slanted text
    """

    bbox: BBox
    slant: float = 0.0
    quad: tuple[tuple[float, float], ...] = ()

    @property
    def width(self) -> float:
        return self.bbox[2] - self.bbox[0]

    @property
    def height(self) -> float:
        return self.bbox[3] - self.bbox[1]

    def scaled(self, by: float) -> Candidate:
        """The same place in an image of another resolution."""
        x0, y0, x1, y1 = self.bbox
        return Candidate((x0 * by, y0 * by, x1 * by, y1 * by), self.slant, tuple((x * by, y * by) for x, y in self.quad))

    @property
    def lies(self) -> bool:
        return bool(self.quad) or self.width >= _LONG * self.height

    @property
    def stands(self) -> bool:
        return not self.quad and self.height >= _LONG * self.width

    @property
    def length(self) -> float:
        """Along the line of text."""
        if not self.quad:
            return max(self.width, self.height)
        (x0, y0), (x1, y1), _, _ = self.quad
        return float(np.hypot(x1 - x0, y1 - y0))

    @property
    def thickness(self) -> float:
        """Of the line of text, its margins included."""
        if not self.quad:
            return min(self.width, self.height)
        (x0, y0), _, _, (x1, y1) = self.quad
        return float(np.hypot(x1 - x0, y1 - y0))


def find_candidates(sheet: SheetImage, finder: Finder) -> list[Candidate]:
    """The lines of text of a sheet, in no order.

    They are found among the drawn lines, for arrowheads cut off from theirs look like letters.
    """
    image = sheet.image
    height, width = image.shape
    found: list[tuple[Candidate, bool]] = []  # and whether it may go on in the next tile
    for x, y, part in tiles(image, _TILE, _OVERLAP):
        for box in finder.find(part):
            candidate = _candidate(box, x, y, width, height)
            if candidate is not None:
                found.append((candidate, _is_cut_off(candidate, x, y, part.shape, image.shape)))
    return _cut_at_rules(_without_doubles(_joined(found)), sheet)


def _candidate(box: TextBox, left: int, top: int, width: int, height: int) -> Candidate | None:
    centre = (box.x + left, box.y + top)
    corners = cv2.boxPoints((centre, (box.width, box.height), box.angle))
    xs, ys = corners[:, 0], corners[:, 1]
    bbox = (max(0.0, float(xs.min())), max(0.0, float(ys.min())), min(float(width), float(xs.max())), min(float(height), float(ys.max())))
    if bbox[2] - bbox[0] < 1 or bbox[3] - bbox[1] < 1:
        return None
    long, short = max(box.width, box.height), min(box.width, box.height)
    slant = box.angle if box.width >= box.height else box.angle - 90.0
    slant = (slant + 90.0) % 180.0 - 90.0  # of the long side, in [-90, 90)
    is_slanted = long >= 1.8 * short and _SLANT < abs(slant) < 90.0 - _SLANT
    if not is_slanted:
        return Candidate(bbox)
    return Candidate(bbox, slant, _quad(centre, long, short, slant))


def _quad(centre: tuple[float, float], long: float, short: float, slant: float) -> tuple[tuple[float, float], ...]:
    along = (cos(radians(slant)) * long / 2, sin(radians(slant)) * long / 2)
    down = (-sin(radians(slant)) * short / 2, cos(radians(slant)) * short / 2)
    x, y = centre
    return tuple((x + i * along[0] + j * down[0], y + i * along[1] + j * down[1]) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1)))


def _is_cut_off(candidate: Candidate, x: int, y: int, part: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    x0, y0, x1, y1 = candidate.bbox
    right, bottom = x + part[1], y + part[0]
    return (
        (x > 0 and x0 < x + _EDGE)
        or (y > 0 and y0 < y + _EDGE)
        or (right < whole[1] and x1 > right - _EDGE)
        or (bottom < whole[0] and y1 > bottom - _EDGE)
    )


def _joined(found: Iterable[tuple[Candidate, bool]]) -> list[Candidate]:
    """The candidates, those that a tile's edge cut off made one with what continues them."""
    whole = [candidate for candidate, is_cut in found if not is_cut]
    parts = [candidate for candidate, is_cut in found if is_cut]
    for part in parts:
        bbox = part.bbox
        if part.quad:  # the longer of two views of slanted text is the whole
            twins = [other for other in whole if _are_one_slant(part, other)]
            longest = max([part, *twins], key=lambda one: one.width + one.height)
            whole = [*(other for other in whole if other not in twins), longest]
            continue
        mates = [other for other in whole if not other.quad and _continues(bbox, other.bbox)]
        for mate in mates:
            whole.remove(mate)
            bbox = union([bbox, mate.bbox])
        whole.append(Candidate(bbox))
    return whole


def _continues(a: BBox, b: BBox) -> bool:
    """Whether two overlapping boxes are of one line of text."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if across <= 0 or down <= 0:
        return False
    if overlap_share(a, b) > 0.8:
        return True
    high, wide = max(a[3] - a[1], b[3] - b[1]), max(a[2] - a[0], b[2] - b[0])
    return down > 0.7 * high if wide > high else across > 0.7 * wide


def _without_doubles(candidates: Sequence[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    single = [one for one in candidates if not _holds_others(one, candidates)]
    for candidate in sorted(single, key=lambda one: -one.width * one.height):
        if not any(_are_one(candidate, other) for other in kept):
            kept.append(candidate)
    return kept


def _are_one(a: Candidate, b: Candidate) -> bool:
    if a.quad or b.quad:
        return _are_one_slant(a, b)
    return overlap_share(a.bbox, b.bbox) >= _SAME


def _are_one_slant(a: Candidate, b: Candidate) -> bool:
    """Whether two boxes hold the same slanted text; the upright boxes around such text say nothing."""
    if not (a.quad and b.quad) or abs(a.slant - b.slant) > _SLANT:
        return False
    distance = np.hypot((a.bbox[0] + a.bbox[2] - b.bbox[0] - b.bbox[2]) / 2, (a.bbox[1] + a.bbox[3] - b.bbox[1] - b.bbox[3]) / 2)
    return bool(distance < 0.5 * max(a.length, b.length))


def _holds_others(one: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a box is no line of text but a region around several, as shading and the joints of tiles give them."""
    if one.quad:
        return False
    x0, y0, x1, y1 = one.bbox
    area = one.width * one.height
    inner = [
        other
        for other in candidates
        if x0 - 2 <= other.bbox[0] and y0 - 2 <= other.bbox[1] and other.bbox[2] <= x1 + 2 and other.bbox[3] <= y1 + 2
        and other.width * other.height < _PART * area
    ]
    return len(inner) > 1 and min(one.width, one.height) > _HIGHER * max(min(other.width, other.height) for other in inner)


def _cut_at_rules(candidates: Sequence[Candidate], sheet: SheetImage) -> list[Candidate]:
    """Each line of text in pieces that no rule divides: what stands in two cells is two texts."""
    rules, clean = sheet.rules, sheet.clean
    upright = np.array([(rule.x0, rule.y0, rule.y1) for rule in rules if rule.is_vertical]).reshape(-1, 3)
    level = np.array([(rule.y0, rule.x0, rule.x1) for rule in rules if not rule.is_vertical]).reshape(-1, 3)
    result: list[Candidate] = []
    for candidate in candidates:
        x0, y0, x1, y1 = candidate.bbox
        if candidate.lies and not candidate.quad:
            ink = (clean[int(y0) : int(y1) + 1] < INK).any(axis=0)
            edges = [x0, *_crossings(upright, ink, x0, x1, y0, y1), x1]
            result.extend(Candidate((a, y0, b, y1)) for a, b in pairwise(edges))
        elif candidate.stands:
            ink = (clean[:, int(x0) : int(x1) + 1] < INK).any(axis=1)
            edges = [y0, *_crossings(level, ink, y0, y1, x0, x1), y1]
            result.extend(Candidate((x0, a, x1, b)) for a, b in pairwise(edges))
        else:
            result.append(candidate)
    return result


def _crossings(rules: Any, ink: Any, start: float, end: float, side: float, other: float) -> list[float]:
    """Where rules cross a line of text from side to side, away from its ends, in a gap between letters.

    ink  whether there is any at each pixel along the text; a rule through a letter is a dimension line that runs below
    """
    if not rules.size:
        return []
    inset, slack = 0.35 * (other - side), 0.2 * (other - side)
    at, low, high = rules[:, 0], rules[:, 1], rules[:, 2]
    crossing = at[(at > start + inset) & (at < end - inset) & (low < side + slack) & (high > other - slack)]
    edges: list[float] = []
    for position in sorted(crossing.tolist()):
        clear = round(_CLEAR * (other - side))
        if ink[max(0, int(position) - clear) : int(position) + clear + 1].any():
            continue
        if not edges or position - edges[-1] > inset:
            edges.append(position)
    return edges


def cut_out(image: Image, candidate: Candidate, turn: int, scale: float = 1.0) -> Image:
    """A candidate's piece of the image, turned clockwise by `turn`, without ends of lines.

    scale  of the image against the one that the candidate was found in
    """
    if candidate.quad:
        piece = _unslanted(image, [(x * scale, y * scale) for x, y in candidate.quad])
    else:
        x0, y0, x1, y1 = _pixels(candidate.bbox, image.shape, scale)
        piece = image[y0:y1, x0:x1]
    return without_stubs(turned(piece, turn))


def has_ink_before(image: Image, candidate: Candidate, turn: int, height: float) -> bool:
    """Whether anything as high as a letter stands in the first part, as long as `height`, of a candidate's crop."""
    crop = cut_out(image, candidate, turn)
    start = crop[:, : max(1, int(height))]
    ink = (start < INK + 60).any(axis=1)
    return bool(ink.sum() > 0.4 * crop.shape[0])


def _pixels(bbox: BBox, shape: tuple[int, ...], scale: float) -> tuple[int, int, int, int]:
    margin = _MARGIN * scale
    x0, y0 = max(0, int(bbox[0] * scale - margin)), max(0, int(bbox[1] * scale - margin))
    return x0, y0, min(shape[1], int(bbox[2] * scale + margin) + 1), min(shape[0], int(bbox[3] * scale + margin) + 1)


def _unslanted(image: Image, quad: Sequence[tuple[float, float]]) -> Image:
    (x0, y0), (x1, y1), _, (x3, y3) = quad
    width, height = max(2, round(np.hypot(x1 - x0, y1 - y0))), max(2, round(np.hypot(x3 - x0, y3 - y0)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(quad, np.float32), corners)
    piece = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    return without_level_lines(piece, length=max(3 * height // 2, width // 3))


def place_line(
    image: Image, candidate: Candidate, turn: int, text: str, confidence: float, centres: Sequence[float]
) -> OcrLine | None:
    """The line that was read in a candidate's crop, with its place in the image; None where there is no ink."""
    crop = cut_out(image, candidate, turn)
    wide = crop.shape[1]
    half = _HALF_CHARACTER * crop.shape[0]
    first, last = max(0, int(centres[0] * wide - half)), min(wide, int(centres[-1] * wide + half) + 1)
    is_high = len(text) > 2 and not any(one.islower() for one in text) and not set(text) <= _FLAT
    extent = ink_extent(crop, first, last, is_high=is_high)
    if extent is None:
        return None
    x0, y0, x1, y1 = extent
    along = tuple(share * wide - x0 for share in centres)
    line = OcrLine(text, confidence, (x0, y0, x1, y1), (x0, y1), (1.0, 0.0), y1 - y0, along)
    if candidate.quad:
        return _slanted_line(line, candidate)
    left, top, right, bottom = _pixels(candidate.bbox, image.shape, 1.0)
    back = line.turned_back(turn, right - left, bottom - top)
    a, b, c, d = back.bbox
    x, y = back.origin
    return OcrLine(text, confidence, (a + left, b + top, c + left, d + top), (x + left, y + top), back.direction, back.height, along)


def _slanted_line(line: OcrLine, candidate: Candidate) -> OcrLine:
    slant = radians(candidate.slant)
    direction, down = (cos(slant), sin(slant)), (-sin(slant), cos(slant))
    x, y = candidate.quad[0]
    x0, y0, x1, y1 = line.bbox
    corners = [(x + i * direction[0] + j * down[0], y + i * direction[1] + j * down[1]) for i in (x0, x1) for j in (y0, y1)]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    bbox = (min(xs), min(ys), max(xs), max(ys))
    return OcrLine(line.text, line.confidence, bbox, corners[1], direction, line.height, line.centres)
