"""What a sheet says of its part in notes beside or in the title block: material, tolerances, units, finish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.extract.field_values import accept, has_tolerance_standard
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine, joined_place

_NOTE, _STANDARD, _STATED = 0.6, 0.7, 0.75
_MAX_NOTE = 200  # characters of a line that can be a note
_NUMBERED = r"^\s*(?:(?:note\s*)?\d{1,2}\s*[.):-]\s*)?"
_MATERIAL = re.compile(
    _NUMBERED + r"(?:part |raw )?(?:material|werkstoff|matière|materiaal|materiale|материал|材料|材質)\s*"
    r"(?:to be|is|shall be|must be|:|：|=|[-–]\s)\s*(?P<value>.+?)\s*\.?$",
    re.IGNORECASE,
)
_TOLERANCE = re.compile(
    r"\b(?:(?:general |linear |untoleranced )?tolerances?|(?:allgemein)?toleranz(?:en)?|tolérances?|toleranties?|tolleranze|tolerancias?)\b"
    r"[^±+\d]{0,40}"
    r"(?P<value>(?:±|\+\s?/\s?-|[+])\s?\d*[.,]?\d+(?:\s?/?\s?-\s?\d*[.,]?\d+)?\s*(?:mm|in(?:ch(?:es)?)?|\"|°)?)",
    re.IGNORECASE,
)
_LINEAR = re.compile(r"^(?:linear|lineal|linéaires?|lineair|längen?(?:maße)?|lineari)\b[\s:：]*[±+\d].*$", re.IGNORECASE)
_PLACES = re.compile(
    r"^(?:\.?[xX0](?:[.,]?[xX])+|[123](?:\s|-)?(?:pl(?:ace)?s?\.?|place decimals?|dec\w*)|angles?|angular)\b[\s:=]*(?:±|\+\s?/?\s?-).*$",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"\b(?:(?:all |linear )?dimensions?|dims?|measurements?|units?)\b[^.\d]{0,30}?\b(?:in|are|:)\s+(?:in\s+)?"
    r"(?P<en>millimet\w+|mm|inch(?:es)?|centimet\w+|cm)\b"
    r"|\b(?:(?:alle )?(?:maße|masse|bemaßungen|bemassungen|abmessungen))\b[^.\d]{0,30}?\bin\s+(?P<de>millimeter\w*|mm|zoll|cm)\b"
    r"|\b(?:toutes )?(?:les )?(?:cotes|dimensions)\b[^.\d]{0,40}?\ben\s+(?P<fr>millimètres|mm|pouces)\b"
    r"|\b(?:alle )?(?:maten|afmetingen)\b[^.\d]{0,20}?\bin\s+(?P<nl>millimeters?|mm|inch)\b"
    r"|\b(?:las )?(?:cotas|dimensiones)\b[^.\d]{0,40}?\ben\s+(?P<es>mil[ií]metros|mm|pulgadas)\b"
    r"|\b(?:quote|misure|dimensioni)\b[^.\d]{0,30}?\bin\s+(?P<it>millimetri|mm|pollici)\b"
    r"|(?:размеры)[^.\d]{0,20}?\bв\s+(?P<ru>мм|миллиметрах)|单位\s*[:：]?\s*(?P<zh>毫米|mm)|単位\s*[:：]?\s*(?P<ja>mm|ミリ)",
    re.IGNORECASE,
)
_ROUGHNESS = re.compile(r"^(?:[√▽∇]\s?)?R\s?(?:a|z|max)\s*\d+(?:[.,]\d+)?(?:\s*[µμ]m)?$", re.IGNORECASE)


def find_notes(lines: Sequence[TextLine]) -> list[MetadataField]:
    """The fields that notes state, at most one of each, by the first note that does."""
    found: dict[str, MetadataField] = {}
    short = [line for line in lines if len(line.text) <= _MAX_NOTE]
    for line in short:
        for field in _of_line(line):
            if field.field not in found or field.confidence > found[field.field].confidence:
                found[field.field] = field
    for of_several in (_tolerance_by_places(short), _only_roughness(short)):
        if of_several is not None:
            found.setdefault(of_several.field, of_several)
    return list(found.values())


def _of_line(line: TextLine) -> Iterator[MetadataField]:
    text = line.text
    material = _MATERIAL.match(text)
    if material is not None and (value := accept("material", material["value"])) is not None:
        yield _field("material", value, [line], _NOTE)
    tolerance = _TOLERANCE.search(text)
    if tolerance is not None:
        yield _field("general_tolerance", tolerance["value"].strip(), [line], _STATED)
    if has_tolerance_standard(text) and (value := accept("general_tolerance", text)) is not None:
        yield _field("general_tolerance", value, [line], _STANDARD)
    elif _LINEAR.match(text):
        yield _field("general_tolerance", text, [line], _NOTE)
    units = _UNITS.search(text)
    if units is not None:
        yield _field("units", next(unit for unit in units.groups() if unit), [line], _STATED)


def _tolerance_by_places(lines: Sequence[TextLine]) -> MetadataField | None:
    """'X.X ±0.1' above 'X.XX ±0.05': tolerances by the number of decimal places."""
    rows = [line for line in lines if _PLACES.match(line.text)]
    if not 2 <= len(rows) <= 6:
        return None
    return _field("general_tolerance", "; ".join(line.text for line in rows), rows, _NOTE)


def _only_roughness(lines: Sequence[TextLine]) -> MetadataField | None:
    """The roughness of the whole part: the one that stands by itself, where the sheet shows no other."""
    marks = [line for line in lines if _ROUGHNESS.match(line.text)]
    return _field("surface_finish", marks[0].text, marks, _NOTE) if len(marks) == 1 else None


def _field(name: str, value: str, lines: Sequence[TextLine], confidence: float) -> MetadataField:
    raw = "\n".join(line.text for line in lines)
    return MetadataField(name, value, raw, joined_place([line.place for line in lines]), "title_block.note", confidence)
