"""Values that say by their form what they are, where a title block has no labels for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.dates import find_date
from pipeline.extract.field_values import accept, is_placeholder, paper_size
from pipeline.extract.materials import is_material_name
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.company import is_legal_name
from pipeline.extract.title_block.texts import Size

_LONE, _GUESSED = 0.6, 0.45
_SCALE = re.compile(r"^(?:M\s?)?\d+(?:[.,]\d+)?\s?:\s?\d+(?:[.,]\d+)?$")
_SHEET = re.compile(r"^\d{1,3}\s*(?:/|of|von|sur|van|di|de|из)\s*\d{1,3}$", re.IGNORECASE)
_SHEETS = re.compile(r"^(?:(?:of|von|v\.)\s*\d{1,3}|\d{1,3}\s*(?:bl\.?|blätter|sheets))$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?=(?:.*\d){3})(?=.*[-._/A-ZА-Я])[A-ZА-Я0-9][A-ZА-Я0-9._/-]{4,30}$")
_MATERIAL = re.compile(r"^(?:сталь|ст\.?\s?\d|лист|круг|труба|алюминий|латунь|бронза|чугун|пластина)\b|\bГОСТ\s?\d", re.IGNORECASE)
_LEFT, _TOP = 0.4, 0.65  # shares of the sheet at which its lower right corner begins
_MAX_CORNER = 60  # lines: a fuller corner is a view or a table
_MIN_SIGNS = 3
_LARGER = 1.15  # than the corner's other words: how large a title is


def find_by_form(loose: Sequence[TextLine], block: Sequence[TextLine]) -> list[MetadataField]:
    """Scale, sheets and paper size among texts of a title block, each only where it stands there once.

    loose  those in cells without a label
    block  all of them that stand in no table
    """
    found = [
        _once("scale", [line for line in loose if _SCALE.match(line.text)]),
        _once("sheet", [line for line in loose if _SHEET.match(line.text)]),
        _once("sheets", [line for line in block if _SHEETS.match(line.text)]),
        _once("size", [line for line in block if paper_size(line.text) is not None]),
    ]
    return [field for field in found if field is not None]


def find_unlabelled_block(lines: Sequence[TextLine], size: Size) -> list[MetadataField]:
    """The fields of a block without labels: texts of the lower right corner, where three kinds of sign say that it is one."""
    corner = [line for line in lines if line.bbox[0] > _LEFT * size[0] and line.bbox[1] > _TOP * size[1]]
    if not _MIN_SIGNS <= len(corner) <= _MAX_CORNER:
        return []
    dates = [line for line in corner if find_date(line.text) == line.text.strip()]
    numbers = [line for line in corner if _NUMBER.match(line.text) and line not in dates and not _SCALE.match(line.text)
               and not is_material_name(line.text)]
    signs = [*find_by_form(corner, corner), *filter(None, (_once("date", dates), _once("drawing_number", numbers)))]
    if len(signs) < _MIN_SIGNS or not {"scale", "sheet"} & {field.field for field in signs}:
        return []
    title = _largest_words(corner)
    return signs if title is None else [*signs, title]


def find_unlabelled_names(loose: Sequence[TextLine]) -> list[MetadataField]:
    """Number, title and material in a block that has no labels for them, as GOST 2.104 has it: each is known by its form and size.

    loose  the texts in cells without a label
    """
    numbers = [line for line in loose if _NUMBER.match(line.text)]
    materials = [line for line in loose if _MATERIAL.search(line.text)]
    words = [line for line in loose if line not in numbers and line not in materials and not is_legal_name(line.text)]
    found = [_tallest("drawing_number", numbers), _largest_words(words), _once("material", materials)]
    return [field for field in found if field is not None]


def _tallest(name: str, lines: Sequence[TextLine]) -> MetadataField | None:
    line = max(lines, key=lambda line: line.height, default=None)
    if line is None or (value := accept(name, line.text)) is None:
        return None
    return MetadataField(name, value, line.text, line.place, "title_block.form", _GUESSED)


def _largest_words(lines: Sequence[TextLine]) -> MetadataField | None:
    """The title: the words that are larger than all others."""
    named = [line for line in lines if not is_placeholder(line.text) and not _NUMBER.match(line.text)]
    words = sorted((line for line in named if sum(map(str.isalpha, line.text)) >= 3), key=lambda line: -line.height)
    if not words or accept("title", words[0].text) is None:
        return None
    if len(words) > 1 and words[0].height < _LARGER * words[1].height:
        return None
    return MetadataField("title", words[0].text, words[0].text, words[0].place, "title_block.largest", _GUESSED)


def _once(name: str, found: Sequence[TextLine]) -> MetadataField | None:
    if len({line.text for line in found}) != 1:
        return None
    line = found[0]
    value = accept(name, line.text)
    return MetadataField(name, value, line.text, line.place, "title_block.form", _LONE) if value is not None else None
