"""Whose drawing it is, where no label says so: legal forms, copyright lines, the large name beside a logo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.extract.field_values import is_placeholder
from pipeline.extract.grid import Cell
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine, joined_place
from pipeline.extract.title_block.texts import Value

_LEGAL_FORM = re.compile(
    r"(?:\b(?i:ltd|limited|inc|incorporated|corp|corporation|company|gmbh|mbh|pty|plc|sarl|s\.?p\.?a|s\.?r\.?l|b\.v|n\.v|s\.a\.s|d\.o\.o|s\.r\.o)"
    r"|\b(?:LLC|L\.L\.C|LLP|AG|KG|KGaA|OHG|e\.K|BV|NV|S\.A|SA|SAS|SL|S\.L|Oy|Oyj|ApS|A/S|Sp\. ?z ?o\. ?o|Kft|a\.s)"
    r"|\b(?i:co\.?\s*,?\s*\.?\s*,?\s*ltd))\.?$"
    r"|(?:有限公司|股份公司|集团公司|有限责任公司|株式会社|有限会社|合同会社|研究所|研究院)|^(?:株式会社|有限会社)"
    r"|^(?:ООО|ОАО|ЗАО|ПАО|АО|НПО|ФГУП)\b"
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright\b(?=\s*(?:©|\(c\)|by\b|\d{4})))[\s:]*(?:\(c\)|©)?\s*(?:by\s+)?(?:\d{4}(?:\s*[-–/,]\s*\d{2,4})*)?[\s,]*(?:by\s+)?"
    r"(?P<name>[^\W\d_][^,;|]*?)(?:[\s,]*\d{4}(?:\s*[-–/,]\s*\d{2,4})*)?(?:[\s.,;-]*all rights reserved.*)?[\s.]*$",
    re.IGNORECASE,
)
_PROPERTY = re.compile(r"\bproperty of\s+(?P<name>[^\W\d_].{2,60}?)(?=\.(?:\s|$)|,| and | any | which | it |$)", re.IGNORECASE)
_TRADE = re.compile(
    r"\b(?:design|engineering|technolog\w*|industr\w*|systems?|solutions?|products?|manufacturing|mechanics|automation|robotics|electronics|tools?"
    r"|werke?|maschinenbau|technik|ingenieurbüro|konstruktion\w*|bureau|atelier|studio|machines?|group|gruppe|labs?|works?|institut\w*|universit\w*"
    r"|hochschule|school)\b",
    re.IGNORECASE,
)
_SPACED_OUT = re.compile(r"^(?:\S )+\S$")
_IN_BLOCK, _ELSEWHERE, _OWNER, _BY_SIZE = 0.8, 0.6, 0.55, 0.55
_MAX_WORDS, _MAX_NAME_WORDS, _MAX_LENGTH = 10, 5, 80
_LARGER = 1.4  # than the block's other values: how large the name beside a logo stands out


def find_company(
    block: Sequence[Value], margins: Sequence[TextLine], value_heights: Sequence[float], *, has_title: bool
) -> MetadataField | None:
    """The company that a sheet names without a label, the surest sign first.

    block          texts of the title block that stand in no label's cell
    margins        lines near the top and the bottom of the sheet
    value_heights  of the block's values, to know a large name by
    has_title      whether the title is known, so that a large name is not it
    """
    by_form = max((value.line for value in block if is_legal_name(value.line.text)), key=lambda line: line.height, default=None)
    if by_form is not None:
        return _field([by_form], by_form.text, _IN_BLOCK, "legal_form")
    elsewhere = next((line for line in margins if is_legal_name(line.text)), None)
    if elsewhere is not None:
        return _field([elsewhere], elsewhere.text, _ELSEWHERE, "legal_form")
    return _large_name(block, value_heights, has_title=has_title) or _owner([*(value.line for value in block), *margins])


def is_legal_name(text: str) -> bool:
    """Whether a text is the name of a company with its legal form."""
    words = text.split()
    if not 1 < len(text) <= _MAX_LENGTH or len(words) > _MAX_WORDS or (len(words) == 1 and text.isascii()):
        return False
    return _LEGAL_FORM.search(text) is not None and not is_placeholder(text)


def _owner(lines: Iterable[TextLine]) -> MetadataField | None:
    """The name in '© 2014 Name' or 'is the property of Name'."""
    for line in lines:
        match = _COPYRIGHT.search(line.text) or _PROPERTY.search(line.text)
        if match is None:
            continue
        name = match["name"].strip(" .")
        if len(name) >= 3 and len(name.split()) <= 6 and not is_placeholder(name) and name[:1].isupper():
            return _field([line], name, _OWNER, "owner")
    return None


def _large_name(block: Sequence[Value], value_heights: Sequence[float], *, has_title: bool) -> MetadataField | None:
    """The largest text of the block's unlabelled cells, with the line set below it, where it stands out, has no digit and is alone."""
    named = [value for value in block if _is_name(value.line.text)]
    if not named or not value_heights:
        return None
    largest = max(named, key=lambda value: value.line.height)
    if largest.line.height < _LARGER * median(value_heights):
        return None
    values = [largest, *[value for value in named if value is not largest and _stands_below(value.line, largest.line)][:1]]
    if any(_is_within(other.line, value.cell) for value in values for other in block if other not in values):
        return None  # a caption that no dictionary knows, an address: the name is something else's value
    lines = [value.line for value in values]
    name = " ".join(_closed_up(line.text) for line in lines)
    if not has_title and not _TRADE.search(name):
        return None
    return _field(lines, name, _BY_SIZE, "large_name")


def _is_within(line: TextLine, cell: Cell) -> bool:
    x0, y0, x1, y1 = cell.box()
    return x0 <= (line.bbox[0] + line.bbox[2]) / 2 <= x1 and y0 <= line.middle <= y1


def _is_name(text: str) -> bool:
    if ":" in text or any(character.isdigit() for character in text) or is_placeholder(text):
        return False
    return sum(character.isalpha() for character in text) >= 3 and len(_closed_up(text).split()) <= _MAX_NAME_WORDS


def _stands_below(line: TextLine, above: TextLine) -> bool:
    gap = line.bbox[1] - above.bbox[3]
    is_close = -0.5 * above.height < gap < 0.8 * above.height and line.middle > above.middle
    return is_close and line.bbox[0] < above.bbox[2] and line.bbox[2] > above.bbox[0]


def _closed_up(text: str) -> str:
    """'D E S I G N' as 'DESIGN'."""
    return text.replace(" ", "") if _SPACED_OUT.match(text) else text


def _field(lines: Sequence[TextLine], value: str, confidence: float, method: str) -> MetadataField:
    raw, place = "\n".join(line.text for line in lines), joined_place([line.place for line in lines])
    return MetadataField("company", value, raw, place, f"title_block.{method}", confidence)
