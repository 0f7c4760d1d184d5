"""What a sheet without a title block is called: the heading over a parts list or over a drawing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.bom_headers import QUANTITY, column_kind
from pipeline.extract.field_values import accept
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.texts import Size, on_one_row

_LIST_TITLE, _LIST_NUMBER, _DRAWING_TITLE = 0.7, 0.65, 0.5
_MIN_COLUMNS = 3
_LARGER = 1.1  # than the list's header: how large its heading is at least
_MAX_LINES = 400  # of a drawing without a block: more is prose
_NEARLY = 0.9  # as tall, or its letters as wide, as the largest words: heights of texts read by OCR vary
_MIN_SIZES = 5  # lone numbers on a drawing
_TOP = 0.35  # share of the sheet in which a heading stands
_SIZE = re.compile(r"^(?:\d+\s?[x×]\s?)?[ØR⌀φM]?\s?=?\s?\d+(?:[.,]\d+)?\s?(?:mm|\"|°)?(?:\s?±.*)?$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?=.*\d)[A-Z0-9][\w./-]{1,30}$", re.IGNORECASE)
_NUMBER_AHEAD = re.compile(r"^(?P<number>(?=(?:\S*\d){3})[A-Z0-9][A-Z0-9./-]*)\s+(?P<title>[^\W\d_]{2}.*)$")  # '1476 Reel holder'
_OF_A_DRAWING = re.compile(
    r"\b(?:drawing|specification|spec|dimensions?|mechanical|assembly|layout|schematic|outline|plan|diagram|blueprint|template|datasheet|detail"
    r"|zeichnung|maßblatt|abmessungen|zusammenstellung|schaltplan|tekening|samenstelling|dessin|schéma|disegno|schema|plano|esquema|чертеж|схема)\b",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"\s*(?:©|\(c\)|\bcopyright\b).*$", re.IGNORECASE)


def find_heading(lines: Sequence[TextLine], size: Size) -> list[MetadataField]:
    """The title of a sheet without a block, and the number beside it on a parts list; nothing on a sheet of prose."""
    header_top = _list_header(lines)
    if header_top is not None:
        return _over_list(lines, *header_top)
    title = _over_drawing(lines, size)
    return [title] if title is not None else []


def _list_header(lines: Sequence[TextLine]) -> tuple[float, float] | None:
    """The top of a parts list's header row and the height of its text; None where the sheet has no list."""
    headers = [(line, kinds) for line in lines if (kinds := _column_kinds(line.text))]
    for line, kinds in headers:
        if QUANTITY in kinds:
            row = [(other, found) for other, found in headers if on_one_row(line, other)]
            if sum(len(found) for _, found in row) >= _MIN_COLUMNS:
                return min(other.bbox[1] for other, _ in row), line.height
    return None


def _column_kinds(text: str) -> tuple[str, ...]:
    """The columns that a text heads: one, or two whose headers were set so close that they came as one line."""
    kind = column_kind(text)
    if kind is not None:
        return (kind,)
    words = text.split()
    for count in range(1, len(words) if len(words) <= 4 else 0):
        first, second = column_kind(" ".join(words[:count])), column_kind(" ".join(words[count:]))
        if first is not None and second is not None:
            return first, second
    return ()


def _over_list(lines: Sequence[TextLine], top: float, height: float) -> list[MetadataField]:
    above = [line for line in lines if line.bbox[3] <= top + 0.2 * height and line.height >= _LARGER * height]
    titles = [line for line in above if accept("title", line.text) is not None and not _NUMBER.match(line.text)]
    if not titles:
        return []
    largest = [line for line in titles if line.height >= 0.9 * max(title.height for title in titles)]
    title = max(largest, key=lambda line: (_NUMBER_AHEAD.match(line.text) is not None, len(line.text)))
    numbered = _NUMBER_AHEAD.match(title.text)
    if numbered is not None:
        return [_field("title", numbered["title"], title, _LIST_TITLE), _field("drawing_number", numbered["number"], title, _LIST_NUMBER)]
    fields = [_field("title", title.text, title, _LIST_TITLE)]
    beside = [line for line in above if on_one_row(line, title) and _NUMBER.match(line.text) and line.height >= 0.8 * title.height]
    if len(beside) == 1 and accept("drawing_number", beside[0].text) is not None:
        fields.append(_field("drawing_number", beside[0].text, beside[0], _LIST_NUMBER))
    return fields


def _over_drawing(lines: Sequence[TextLine], size: Size) -> MetadataField | None:
    """The topmost line, where it stands out over a drawing and speaks of one."""
    if len(lines) > _MAX_LINES or sum(_SIZE.match(line.text) is not None for line in lines) < _MIN_SIZES:
        return None
    top = min(lines, key=lambda line: line.middle)
    text = _RIGHTS.sub("", top.text).strip(" -–:")
    if len(text.split()) < 3 or top.middle > _TOP * size[1] or not _OF_A_DRAWING.search(text):
        return None
    others = [line for line in lines if sum(map(str.isalpha, line.text)) >= 8]
    is_tall = top.height >= _NEARLY * max((line.height for line in others), default=0.0)
    is_wide = _letter_width(top) >= _NEARLY * max(map(_letter_width, others), default=0.0)
    if not (is_tall or is_wide):
        return None
    return _field("title", text, top, _DRAWING_TITLE)


def _letter_width(line: TextLine) -> float:
    return (line.bbox[2] - line.bbox[0]) / len(line.text)


def _field(name: str, value: str, line: TextLine, confidence: float) -> MetadataField:
    return MetadataField(name, value, line.text, line.place, "title_block.heading", confidence)
