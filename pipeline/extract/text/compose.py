"""Pieces laid out as one text: the immutable text of a document, with what stands where in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.extract.text.normalise import joint, word_after, word_before
from pipeline.extract.text.sentences import last_blank, safe_cut
from pipeline.extract.text.structure import Piece

_TABLE_SHARE = 0.9  # of a chunk: what a segment of a table may fill, so that its heading still fits in front
_HEADER_SHARE = 0.5  # of a chunk: a longer header is not repeated
_GOES_ON = ",-\u2010"  # what a paragraph ends with, beside a letter, when the next column takes it up


class Unit(NamedTuple):
    """A span of the text that is of one kind. Between two units stand only blanks.

    page     index into the document's pages
    section  counts the headings up to here; a heading is the first unit of its section
    level    of a heading; 0 elsewhere
    """

    start: int
    stop: int
    kind: str
    page: int
    section: int = 0
    level: int = 0


class Composed(NamedTuple):
    """The text of a document and its units in order."""

    text: str
    units: tuple[Unit, ...]


def compose(pieces: Iterable[Piece], chunk_chars: int) -> Composed:
    """The pieces one below the other. A table longer than a chunk is laid out in segments, each under its header."""
    parts: list[str] = []
    units: list[Unit] = []
    length = section = 0
    before: Piece | None = None
    for piece in (part for whole in pieces for part in _segments(whole, chunk_chars)):
        if before is not None:
            gap, dropped = _gap(before, piece)
            if dropped:
                parts[-1] = parts[-1][:-dropped]
                length -= dropped
                units[-1] = units[-1]._replace(stop=length)
            parts.append(gap)
            length += len(gap)
        section += piece.kind == "heading"
        units.append(Unit(length, length + len(piece.text), piece.kind, piece.page, section, piece.level))
        parts.append(piece.text)
        length += len(piece.text)
        before = piece
    return Composed("".join(parts), tuple(units))


def _gap(before: Piece, after: Piece) -> tuple[str, int]:
    """What stands between two pieces, and how many characters the first loses at its end."""
    if before.kind == after.kind == "lines":
        return ("\n" if before.page == after.page else "\n\n"), 0
    is_prose = before.kind == "prose" and (after.kind == "prose" or (after.kind == "lines" and "\n" not in after.text))
    if is_prose and after.text[0].islower() and (before.text[-1].isalpha() or before.text[-1] in _GOES_ON):
        return _continuation(before.text, after.text)
    return "\n\n", 0


def _continuation(before: str, after: str) -> tuple[str, int]:
    """A sentence that goes on in the next column or on the next page."""
    hyphen = before[-1]
    if hyphen not in "-\u2010" or not before[-2:-1].isalpha():
        return " ", 0
    between = joint(word_before(before, len(before) - 1), word_after(after, 0), hyphen)
    if between == "":
        return "", 1
    return ("", 0) if between == hyphen else (" ", 0)


def _segments(piece: Piece, chunk_chars: int) -> Iterator[Piece]:
    room = max(1, int(chunk_chars * _TABLE_SHARE))
    if piece.kind != "table" or len(piece.text) <= room:
        yield piece
        return
    rows = piece.text.split("\n")
    header = "\n".join(rows[: piece.header_rows])
    if len(header) > chunk_chars * _HEADER_SHARE:
        header = ""
    body = rows[piece.header_rows :] if header else rows
    for lines in _packed(_short_rows(body, room - len(header) - 1), room - len(header)):
        yield Piece(piece.page, "table", f"{header}\n{lines}" if header else lines, 0, piece.header_rows if header else 0)


def _short_rows(rows: Iterable[str], room: int) -> Iterator[str]:
    """Rows that fit; a longer one is parted between cells or words, and only then anywhere."""
    for row in rows:
        start = 0
        while len(row) - start > room:
            bar = row.rfind(" | ", start + 1, start + room)
            cut = bar if bar > 0 else (last_blank(row, start, start + room) or safe_cut(row, start, start + room))
            yield row[start:cut].strip()
            start = cut + 3 if bar > 0 else cut
        rest = row[start:].strip()
        if rest:
            yield rest


def _packed(rows: Iterable[str], room: int) -> Iterator[str]:
    lines: list[str] = []
    length = 0
    for row in rows:
        if lines and length + len(row) + 1 > room:
            yield "\n".join(lines)
            lines, length = [], 0
        lines.append(row)
        length += len(row) + 1
    if lines:
        yield "\n".join(lines)
