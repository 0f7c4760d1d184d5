"""What a drawing says beside its dimensions: feature control frames, datums, roughness, balloons, notes, general tolerances."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.extract.grid import union
from pipeline.extract.model import Annotation, BBox, Json
from pipeline.extract.pdf.frames import find_frame, may_be_framed
from pipeline.extract.pdf.rows import Row
from pipeline.extract.pdf.surroundings import Surroundings
from pipeline.extract.sheet import Sheet
from pipeline.extract.sheet_notes import general_tolerance

_SURE, _LIKELY = 0.9, 0.75
_ROUGHNESS = re.compile(r"(?<![A-Za-z])(?P<parameter>R(?:a|z|t|max|q))\s?[=:]?\s?(?P<value>\d+(?:[.,]\d+)?)(?![.,]?\d)")
_GRADE = re.compile(r"^N(?:[1-9]|1[0-2])$")
_BALLOON = re.compile(r"^\d{1,3}[A-Za-z]?$")
_DATUM = re.compile(r"^[A-HJ-NPR-Z]$")
_NUMBERED = re.compile(r"^(?P<number>\d{1,2})\s?[.)](?!\d)\s*(?P<text>.*)$")
_PREFERRED_ROUGHNESS = frozenset({0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.3, 12.5, 25.0, 50.0})  # µm, ISO 1302
_CHECK_SLOPE = (1.2, 2.6)  # rise over run of the arms of a roughness symbol: 60 degrees
_NOTE_STEP = 2.2  # font sizes from one line of a note to the next
_NOTE_INDENT = 8.0  # font sizes from a note's number to its text
_MAX_NOTES = 60
_MIN_LETTERS = 8  # of a note that stands alone


def find_annotations(sheet: Sheet, rows: Sequence[Row], surroundings: Surroundings) -> tuple[tuple[Annotation, ...], set[int]]:
    """The annotations among a page's rows, and the indices of the rows that they are made of."""
    found: list[Annotation] = []
    used: set[int] = set()
    for index, row in enumerate(rows):
        annotation = _annotation(sheet, row, rows, surroundings)
        if annotation is not None:
            found.append(annotation)
            used.add(index)
    notes, note_rows = _notes(sheet, rows)
    return (*_without_doubles(found), *notes, *_tolerance_notes(sheet)), used | note_rows


def _annotation(sheet: Sheet, row: Row, rows: Sequence[Row], surroundings: Surroundings) -> Annotation | None:
    rough = _ROUGHNESS.search(row.text) if len(row.text) <= 40 else None
    if rough is not None:
        return _made(sheet, "surface_roughness", row, _SURE, _roughness(rough["parameter"], rough["value"]))
    if _GRADE.match(row.text) and _is_checked(row, surroundings):
        return _made(sheet, "surface_roughness", row, _LIKELY, {"grade": row.text})
    if _is_plain_roughness(row) and _is_checked(row, surroundings):
        return _made(sheet, "surface_roughness", row, _LIKELY, _roughness(None, row.text))
    if _BALLOON.match(row.text) and _is_alone_in_ring(row, rows, surroundings):
        return _made(sheet, "balloon", row, _SURE, {"item": row.text})
    if not (_DATUM.match(row.text) or may_be_framed(row)):
        return None
    box = surroundings.box(row)
    if box is None:
        return None
    if _DATUM.match(row.text):
        return None if box.has_neighbour or not box.is_tight else _made(sheet, "datum", row, _SURE, {"letter": row.text})
    return find_frame(sheet, row, box, rows, surroundings) if box.has_neighbour else None


def _made(sheet: Sheet, kind: str, row: Row, confidence: float, details: dict[str, Json], text: str | None = None,
          box: BBox | None = None) -> Annotation:
    return Annotation(
        kind=kind,
        raw_text=text or row.text,
        place=sheet.place(box or row.box),
        method=sheet.method if sheet.method == "ocr" else "text_row",
        confidence=confidence if row.confidence is None else round(confidence * row.confidence, 3),
        details=details,
    )


def _roughness(parameter: str | None, value: str) -> dict[str, Json]:
    details: dict[str, Json] = {"value": float(value.replace(",", ".")), "unit": "µm"}
    return {"parameter": parameter, **details} if parameter else details


def _is_plain_roughness(row: Row) -> bool:
    if not re.match(r"^\d+(?:[.,]\d+)?$", row.text):
        return False
    return float(row.text.replace(",", ".")) in _PREFERRED_ROUGHNESS


def _is_checked(row: Row, surroundings: Surroundings) -> bool:
    """Whether a roughness symbol stands under a row: two arms that rise at 60 degrees from one point, the right one higher."""
    starts, ends = surroundings.near(row)
    if not len(starts):
        return False
    run, rise = np.abs(ends[:, 0] - starts[:, 0]), np.abs(ends[:, 1] - starts[:, 1])
    steep = (rise >= _CHECK_SLOPE[0] * run) & (rise <= _CHECK_SLOPE[1] * run) & (rise >= 0.5 * row.size)
    feet = np.where((starts[:, 1] > ends[:, 1])[:, None], starts, ends)[steep]
    heads = np.where((starts[:, 1] > ends[:, 1])[:, None], ends, starts)[steep]
    for foot, head in zip(feet, heads, strict=True):
        if head[0] <= foot[0] or not row.v - 0.3 * row.size <= foot[1] <= row.v + 2.5 * row.size:
            continue
        meeting = np.abs(feet - foot).max(axis=1) <= 1.0
        if bool((heads[meeting, 0] < foot[0]).any()):
            return True
    return False


def _is_alone_in_ring(row: Row, rows: Sequence[Row], surroundings: Surroundings) -> bool:
    """A number by itself in a ring is an item's; two texts in one ring are a datum target."""
    ring = surroundings.ring(row)
    if ring is None:
        return False
    x0, y0, x1, y1 = ring.bbox
    within = [other for other in rows if x0 <= other.middle[0] <= x1 and y0 <= other.middle[1] <= y1]
    return len(within) == 1


def _notes(sheet: Sheet, rows: Sequence[Row]) -> tuple[list[Annotation], set[int]]:
    """Numbered notes, each with the lines that belong to it."""
    upright = [(index, row) for index, row in enumerate(rows) if row.direction[0] > 0.99]
    starts = [(index, row, match) for index, row in upright if (match := _NUMBERED.match(row.text)) is not None]
    starts = [one for one in starts if _is_only(one[2]) or sum(abs(one[1].u0 - other[1].u0) <= 0.6 * one[1].size for other in starts) >= 2]
    if not starts or len(starts) > _MAX_NOTES:
        return [], set()
    starts.sort(key=lambda one: one[1].v)
    found: list[Annotation] = []
    used: set[int] = set()
    for position, (index, first, match) in enumerate(starts):
        limit = next((other.v for _, other, _ in starts[position + 1 :] if abs(other.u0 - first.u0) <= first.size), float("inf"))
        parts = [(index, first), *_continued(index, first, upright, limit)]
        words = " ".join([match["text"], *(row.text for _, row in parts[1:])]).strip()
        if sum(character.isalpha() for character in words) >= 4:
            used.update(one for one, _ in parts)
            found.append(_made(sheet, "note", first, _LIKELY, {"number": int(match["number"])}, f"{match['number']}. {words}",
                               union([row.box for _, row in parts])))
    return found, used


def _is_only(match: re.Match[str]) -> bool:
    """Whether a row can be a list of one note: the first, and in words."""
    return match["number"] == "1" and sum(character.isalpha() for character in match["text"]) >= _MIN_LETTERS


def _continued(index: int, first: Row, upright: Sequence[tuple[int, Row]], limit: float) -> Iterator[tuple[int, Row]]:
    """The rows that run on from a note's first one: to its right, or below it in the same column."""
    last = first.v
    for other, row in sorted(upright, key=lambda one: (round(one[1].v), one[1].u0)):
        is_beside = -0.6 * first.size <= row.v - first.v <= 0.6 * first.size and 0 <= row.u0 - first.u1 <= _NOTE_INDENT * first.size
        is_below = first.v + 0.6 * first.size < row.v < limit - 0.5 * first.size and row.v - last <= _NOTE_STEP * first.size
        is_in_column = -0.5 * first.size <= row.u0 - first.u0 <= _NOTE_INDENT * first.size
        if other != index and (is_beside or (is_below and is_in_column)):
            last = max(last, row.v)
            yield other, row


def _tolerance_notes(sheet: Sheet) -> Iterator[Annotation]:
    """The general tolerances that a sheet names, the title block's among them."""
    for line in sheet.lines:
        designation = general_tolerance(line.text)
        if designation is not None:
            yield Annotation("general_tolerance", line.text, line.place, "text_row", _SURE, {"designation": designation})


def _without_doubles(found: Sequence[Annotation]) -> list[Annotation]:
    """One frame may be met through several of its cells."""
    seen: set[tuple[str, BBox | None]] = set()
    result: list[Annotation] = []
    for one in found:
        key = one.kind, one.place.bbox
        if key not in seen:
            seen.add(key)
            result.append(one)
    return result
