"""Texts that hold more than one dimension, cut into them: ' 10  20 ' in one run, '4x Ø5.4 ⌴ Ø9.6 ↧ 6' in one row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from pipeline.extract.dimension_text import parse_dimension
from pipeline.extract.model import BBox
from pipeline.extract.normalise import clean_line
from pipeline.extract.pdf.rows import ASCENT, Piece, Row, local_piece, row_of
from pipeline.extract.sheet import Point, Span

_DESCENT = 0.2  # of the font size
_NUMBER = r"[ØR]?\d+(?:[.,]\d+)?°?"
_SEVERAL = re.compile(rf"^\s*{_NUMBER}(?:\s{{2,}}{_NUMBER})+\s*$")
_WORD = re.compile(r"\S+")
_FEATURE = re.compile(r"[⌴⌵]|(?<!\S)(?:C['’]?BORE|C['’]?SINK|CSK|M\d)", re.IGNORECASE)


def pieces_of(span: Span) -> list[Piece]:
    """A span in the frame of its direction; numbers that only blanks keep apart in it are pieces each for itself."""
    piece = local_piece(span)
    text = piece.text.strip()
    if not _SEVERAL.match(text):
        return [piece]
    whole = replace(piece, text=text)
    return [_part(whole, match.start(), match.end(), span.direction) for match in _WORD.finditer(text)]


def parted(row: Row) -> list[Row]:
    """A row cut before each counterbore, countersink or thread, where all its parts are dimensions; else the row as it is."""
    if len(row.text) < 2 or not _FEATURE.search(row.text, 1):
        return [row]
    groups: list[list[Piece]] = [[]]
    for piece in _cut_before_features(row):
        if groups[-1] and _FEATURE.match(piece.text.lstrip()):
            groups.append([])
        groups[-1].append(piece)
    rows = [row_of(group, row) for group in groups]
    return rows if len(rows) > 1 and all(_is_dimension(one.text) for one in rows) else [row]


def _is_dimension(text: str) -> bool:
    parsed = parse_dimension(text)
    return parsed is not None and parsed.marked


def _cut_before_features(row: Row) -> Iterator[Piece]:
    """The pieces of a row, those cut that hold such a sign in their middle."""
    for piece in sorted(row.pieces, key=lambda piece: piece.u0):
        text = clean_line(piece.text)
        cuts = sorted({0, *(match.start() for match in _FEATURE.finditer(text)), len(text)})
        if len(cuts) <= 2:
            yield piece
            continue
        whole = replace(piece, text=text)
        for start, stop in pairwise(cuts):
            yield replace(_part(whole, start, stop, row.direction), text=text[start:stop].rstrip(" ,;"))


def _part(piece: Piece, start: int, stop: int, direction: Point) -> Piece:
    """The characters `start` to `stop` of a piece, as wide as their number says."""
    step = (piece.u1 - piece.u0) / max(len(piece.text), 1)
    u0, u1 = piece.u0 + start * step, piece.u0 + stop * step
    return replace(piece, text=piece.text[start:stop], u0=u0, u1=u1, box=_box(u0, u1, piece, direction))


def _box(u0: float, u1: float, piece: Piece, direction: Point) -> BBox:
    along, across = direction
    corners = [(u, v) for u in (u0, u1) for v in (piece.v - ASCENT * piece.size, piece.v + _DESCENT * piece.size)]
    xs = [u * along - v * across for u, v in corners]
    ys = [u * across + v * along for u, v in corners]
    return min(xs), min(ys), max(xs), max(ys)
