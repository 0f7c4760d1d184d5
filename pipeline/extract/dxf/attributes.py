"""Block attributes as named values: tag and text of those that no title block and no parts list uses."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.extract.bom_headers import tag_kind
from pipeline.extract.dxf.sheets import LayoutWalker
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.labels import load_labels
from pipeline.extract.model import Parameter, Place
from pipeline.extract.normalise import clean_line
from pipeline.extract.parameters import read_amount

_CONFIDENCE = 0.9
_MAX_INSERTS = 10  # of one block: more of them are symbols of a plan, such as survey points
_MAX_LENGTH = 120
_MAX_PARAMETERS = 500  # of one layout


def attribute_text(attribute: Any) -> str:
    """What a block attribute shows, on one line."""
    if attribute.has_embedded_mtext_entity:
        return clean_line(paragraph_text(attribute.virtual_mtext_entity().text))
    return line_text(attribute.dxf.get("text", ""))


def read_attributes(layout: Any, walker: LayoutWalker, page_number: int) -> tuple[list[Parameter], int]:
    """The attributes of a layout's insertions that show, each name and value once; and how many insertions are damaged."""
    inserts = [insert for insert in layout.query("INSERT") if insert.attribs and not walker.is_hidden(insert)]
    uses = Counter(insert.dxf.get("name", "") for insert in inserts)
    found: dict[tuple[str, str], Parameter] = {}
    damaged = 0
    for insert in inserts:
        if uses[insert.dxf.get("name", "")] > _MAX_INSERTS:
            continue
        try:
            for parameter in _of_insert(insert, page_number):
                found.setdefault((parameter.name, parameter.value), parameter)
        except MemoryError:
            raise
        except Exception:  # one damaged insertion never costs the others
            damaged += 1
        if len(found) >= _MAX_PARAMETERS:
            break
    return list(found.values()), damaged


def _of_insert(insert: Any, page_number: int) -> list[Parameter]:
    return [parameter for attribute in insert.attribs if (parameter := _parameter(attribute, page_number)) is not None]


def _parameter(attribute: Any, page_number: int) -> Parameter | None:
    if getattr(attribute, "is_invisible", True):  # hidden, or damaged and loaded as another kind of entity
        return None
    tag, value = name_text(attribute.dxf.get("tag", "")), attribute_text(attribute)
    if not tag or not value or len(value) > _MAX_LENGTH:
        return None
    if load_labels().field_of_attribute(tag) is not None or tag_kind(tag) is not None:
        return None
    amount = read_amount(value)
    place = Place(page_number, None, attribute.dxf.get("handle"), name_text(attribute.dxf.get("layer", "0")))
    number, unit = (amount.number, amount.unit) if amount is not None else (None, None)
    return Parameter(tag, value, value, place, "block_attribute", _CONFIDENCE, "attribute", number, unit)
