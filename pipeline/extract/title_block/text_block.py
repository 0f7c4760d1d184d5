"""What a sheet without a ruled block says of itself in a few lines set together, where a line says the scale.

    Bracket left - 11.8.2020
    Aluminium 7075
    A4 drawing - Scale 4:1
    Dimensions in millimeters

The lines have no labels but the one before the scale; the first, or the largest, is the title, and each other part is
known by its form. Lines below a view ('SECTION A-A', 'SCALE 2:1') say too little else to be such a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.extract.dates import find_date
from pipeline.extract.field_values import accept, has_tolerance_standard
from pipeline.extract.grid import union
from pipeline.extract.labels import Labels, normal_form
from pipeline.extract.materials import is_material_name
from pipeline.extract.model import BBox, MetadataField, Place
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.company import is_legal_name
from pipeline.extract.title_block.notes import find_notes

Words = tuple[TextLine, str]  # a row, and what it says beside the parts known by their form

_TRUST = 0.6
_MAX_LINES = 400  # of a sheet: more is prose
_MAX_ROWS, _MAX_LENGTH = 14, 90  # of a block; characters of each of its lines
_MIN_SIGNS = 3
_GAP, _OVERLAP = 0.9, 0.4  # between two rows, in heights of the smaller
_RATIO_OF_HEIGHTS = 1.7
_ASKEW = 0.6  # how far two rows' middles or left ends may differ, in heights
_LARGER = 1.15  # than the first row: how large a title further down is
_RATIO = re.compile(r"\b\d+(?:[.,]\d+)?\s?[:：]\s?\d+(?:[.,]\d+)?(?![\d:])")
_SEPARATOR = re.compile(r"\s+[-–—/|·•]\s+|\s*[|;•]\s*|,\s+")
_PAPER = re.compile(r"^(?:DIN |ISO )?A[0-4]\b", re.IGNORECASE)
_VIEW = re.compile(
    r"^(?:detail|section|view|cut|schnitt|ansicht|einzelheit|coupe|vue|détail|sezione|vista|doorsnede|aanzicht)\b", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://|\bwww\.)(?P<host>[\w.-]+)", re.IGNORECASE)
_MIN_NAME = 6  # letters of a name that a web address repeats
_SIGNS = frozenset({"scale", "date", "size", "units", "general_tolerance", "sheet", "material"})
_READ_BY_LABEL = frozenset({"drawing_number", "part_number", "revision", "material", "scale", "date", "author", "checked_by", "approved_by",
                            "company", "sheet", "size", "weight"})


def find_text_block(lines: Sequence[TextLine], labels: Labels) -> tuple[list[MetadataField], BBox | None]:
    """The fields of the sheet's one such block and its box; nothing where the sheet has none, or several that differ."""
    if len(lines) > _MAX_LINES:
        return [], None
    blocks = {tuple(rows) for line in lines if _scale_of(line.text, labels) and (rows := _rows_around(line, lines))}
    read = [(fields, block) for block in blocks if (fields := _fields_of(block, labels))]
    if len(read) != 1:
        return [], None
    fields, block = read[0]
    return fields, union([row.bbox for row in block])


def _rows_around(seed: TextLine, lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines set with one, from top to bottom; none where they are more than a block has."""
    rows = [seed]
    while (above := _next_row(rows[0], lines, -1)) is not None and len(rows) <= _MAX_ROWS:
        rows.insert(0, above)
    while (below := _next_row(rows[-1], lines, 1)) is not None and len(rows) <= _MAX_ROWS:
        rows.append(below)
    return rows if 2 <= len(rows) <= _MAX_ROWS else []


def _next_row(row: TextLine, lines: Sequence[TextLine], way: int) -> TextLine | None:
    """The nearest line above (way -1) or below (1) that is set with a row: close, aligned, of a like height."""
    found = [line for line in lines if line is not row and (line.middle - row.middle) * way > 0 and _is_set_with(row, line)]
    return min(found, key=lambda line: abs(line.middle - row.middle), default=None)


def _is_set_with(row: TextLine, line: TextLine) -> bool:
    upper, lower = (row, line) if row.middle < line.middle else (line, row)
    smaller, larger = sorted((row.height, line.height))
    gap = lower.bbox[1] - upper.bbox[3]
    if larger > _RATIO_OF_HEIGHTS * smaller or not -_OVERLAP * smaller <= gap <= _GAP * smaller or len(line.text) > _MAX_LENGTH:
        return False
    centred = abs(row.bbox[0] + row.bbox[2] - line.bbox[0] - line.bbox[2]) / 2
    return min(centred, abs(row.bbox[0] - line.bbox[0])) <= _ASKEW * larger


def _scale_of(text: str, labels: Labels) -> str | None:
    """The ratio behind a word for the scale."""
    for match in _RATIO.finditer(text):
        words = normal_form(text[: match.start()]).split()
        if words and labels.field_of.get(words[-1]) == "scale":
            return accept("scale", match[0])
    return None


def _fields_of(rows: Sequence[TextLine], labels: Labels) -> list[MetadataField]:
    """The fields of a block; none where too few of its parts say of what kind they are, or none of its words is a title."""
    found, others = _read_rows(rows, labels)
    for note in find_notes(rows):
        found.setdefault(note.field, note)
    title = _title(others)
    if len(found.keys() & _SIGNS) < _MIN_SIGNS or title is None:
        return []
    company = _company([other for other in others if other != title], rows)
    for name, words in (("title", title), ("company", company)):
        if words is not None:
            found[name] = _field(name, words[1], words[0])
    return list(found.values())


def _read_rows(rows: Sequence[TextLine], labels: Labels) -> tuple[dict[str, MetadataField], list[Words]]:
    """The fields of those parts that are known by their form, and the words between the others of each row."""
    found: dict[str, MetadataField] = {}
    others: list[Words] = []
    for row in rows:
        unknown: list[str] = []
        for part in _SEPARATOR.split(row.text):
            read = _read_part(part, labels)
            for name, value in read:
                found.setdefault(name, _field(name, value, row))
            if not read and part.strip():
                unknown.append(part)
        if unknown:
            start, stop = row.text.index(unknown[0]), row.text.rindex(unknown[-1]) + len(unknown[-1])
            others.append((row, row.text[start:stop].strip()))
    return found, others


def _read_part(part: str, labels: Labels) -> list[tuple[str, str]]:
    """What one part of a row is by its label or its form: (field, value); nothing for other words."""
    scale = _scale_of(part, labels)
    size = accept("size", part) if _PAPER.match(part) else None
    if scale is not None:
        return [("scale", scale), *([("size", size)] if size is not None else [])]
    if size is not None and len(part.split()) <= 2:
        return [("size", size)]
    if find_date(part) == part.strip():
        return [("date", part.strip())]
    match = labels.match(part)
    if match is None or not match.rest:
        match = labels.match_leading(part, _READ_BY_LABEL)
    if match is not None and match.rest and not match.is_weak and match.field in _READ_BY_LABEL:
        value = accept(match.field, match.rest)
        return [(match.field, value)] if value is not None else []
    return [("material", part.strip())] if is_material_name(part) else []


def _title(others: Sequence[Words]) -> Words | None:
    """The first row's words, or larger ones below; not the name of a company, a note or the caption of a view."""
    named = [(row, text) for row, text in others if not _is_note(text) and not is_legal_name(text)]
    if not named:
        return None
    first, largest = named[0], max(named, key=lambda one: one[0].height)
    title = largest if largest[0].height >= _LARGER * first[0].height else first
    return title if accept("title", title[1]) is not None and not _VIEW.match(title[1]) else None


def _is_note(text: str) -> bool:
    if _WEB.search(text) or has_tolerance_standard(text):
        return True
    noted = find_notes([TextLine(text, (0.0, 0.0, 0.0, 0.0), Place())])
    return any(field.field in ("units", "general_tolerance") for field in noted)


def _company(others: Sequence[Words], rows: Sequence[TextLine]) -> Words | None:
    """The name with a legal form, or the one that the block's web address repeats."""
    hosts = ["".join(_letters(match["host"])) for row in rows if (match := _WEB.search(row.text))]
    for row, text in others:
        name = "".join(_letters(text))
        if is_legal_name(text) or (len(name) >= _MIN_NAME and any(name in host for host in hosts)):
            return row, text
    return None


def _letters(text: str) -> Iterator[str]:
    return (character for character in text.casefold() if character.isalnum())


def _field(name: str, value: str, row: TextLine) -> MetadataField:
    return MetadataField(name, value, row.text, row.place, "title_block.text_block", _TRUST)
