"""Title-block fields of a layout: from block attributes first, then from texts among ruled lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from pipeline.extract.dxf.lines import read_lines, rules_of
from pipeline.extract.dxf.sheets import DxfText, LayoutWalker
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.field_values import accept
from pipeline.extract.grid import Line, make_grid, union
from pipeline.extract.labels import Labels, load_labels
from pipeline.extract.model import MetadataField, Place
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block import find_title_block, finish_fields, looks_like_title_block

_ATTRIBUTE = 0.95
_MAX_INSERTS = 3  # of one block with such attributes: more of them are the rows of a parts list
_TELLING = frozenset({"drawing_number", "part_number", "scale", "revision", "sheet"})


def read_fields(
    layout: Any, texts: Sequence[DxfText], walker: LayoutWalker, page_number: int, labels: Labels | None = None
) -> tuple[MetadataField, ...]:
    """At most one value of each field, by name of the field; attributes of an inserted title block before its texts."""
    dictionary = labels or load_labels()
    lines = [line for text in texts for line in read_lines(text, page_number)]
    found = {field.field: field for field in _from_texts(layout, lines, walker, dictionary)}
    attributes = finish_fields(_from_attributes(layout, page_number, dictionary).values(), lines, (0.0, 0.0), dictionary)
    found.update((field.field, field) for field in attributes)
    return tuple(found[name] for name in sorted(found))


def _from_attributes(layout: Any, page_number: int, labels: Labels) -> dict[str, MetadataField]:
    inserts = [insert for insert in layout.query("INSERT") if insert.attribs]
    uses = Counter(insert.dxf.get("name", "") for insert in inserts)
    best: dict[str, MetadataField] = {}
    for insert in inserts:
        if uses[insert.dxf.get("name", "")] > _MAX_INSERTS:
            continue
        fields = _fields_of_insert(insert, page_number, labels)
        if len(fields) >= 2 and fields.keys() & _TELLING and len(fields) > len(best):
            best = fields
    return best


def _fields_of_insert(insert: Any, page_number: int, labels: Labels) -> dict[str, MetadataField]:
    fields: dict[str, MetadataField] = {}
    for attribute in insert.attribs:
        name = labels.field_of_attribute(name_text(attribute.dxf.get("tag", "")))
        if name is None or name in fields:
            continue
        raw = _attribute_text(attribute)
        value = accept(name, raw)
        if value is not None:
            place = Place(page_number, None, attribute.dxf.get("handle"), name_text(attribute.dxf.get("layer", "0")))
            fields[name] = MetadataField(name, value, raw, place, "block_attribute", _ATTRIBUTE)
    return fields


def _attribute_text(attribute: Any) -> str:
    if attribute.has_embedded_mtext_entity:
        return paragraph_text(attribute.virtual_mtext_entity().text)
    return line_text(attribute.dxf.get("text", ""))


def _from_texts(layout: Any, lines: Sequence[TextLine], walker: LayoutWalker, labels: Labels) -> Iterable[MetadataField]:
    """The fields of the layout's texts; places keep their entity, for boxes of DXF texts are estimates."""
    if not lines:
        return ()
    rules = rules_of(layout, walker) if looks_like_title_block((line.text for line in lines), labels) else []
    left, top, right, bottom = union([*(line.bbox for line in lines), *(_ordered(rule) for rule in rules)])
    shifted = [_moved(line, left, top) for line in lines]
    unit = median(line.height for line in lines)
    grid = make_grid((_shift(rule, left, top) for rule in rules), min_length=0.9 * unit, tolerance=0.1 * unit)
    block = find_title_block(shifted, lambda: grid, (right - left, bottom - top), labels)
    return (replace(field, place=replace(field.place, bbox=None)) for field in block.fields)


def _moved(line: TextLine, left: float, top: float) -> TextLine:
    """The line with its box, also as its place, counted from the drawing's upper left corner."""
    box = _shift(line.bbox, left, top)
    return TextLine(line.text, box, replace(line.place, bbox=box))


def _ordered(line: Line) -> Line:
    x0, y0, x1, y1 = line
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _shift(box: Line, left: float, top: float) -> Line:
    x0, y0, x1, y1 = box
    return x0 - left, y0 - top, x1 - left, y1 - top
