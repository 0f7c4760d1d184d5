"""The texts and ruled lines of a layout as the readers of title blocks and tables take them, in drawing units."""

from __future__ import annotations

from typing import Any

from pipeline.extract.dxf.sheets import RULE_TYPES, DxfText, LayoutWalker, read_rules
from pipeline.extract.grid import Line
from pipeline.extract.model import Place
from pipeline.extract.sheet import TextLine

_MAX_RULES = 100_000
_LINE_PITCH = 5 / 3  # of MTEXT, in text heights


def read_lines(text: DxfText, page_number: int) -> list[TextLine]:
    """The lines of one text; none where it does not read from left to right."""
    if text.bbox is None:
        return []
    x0, y0, x1, _ = text.bbox
    place = Place(page_number, None, text.handle, text.layer)
    pitch = text.height * _LINE_PITCH
    return [
        TextLine(line, (x0, y0 + row * pitch, x1, y0 + row * pitch + text.height), place)
        for row, line in enumerate(text.text.split("\n"))
        if line.strip()
    ]


def rules_of(layout: Any, walker: LayoutWalker) -> list[Line]:
    """The straight edges of a layout's lines and polylines; none where there are too many to be rules."""
    rules: list[Line] = []
    for placed in walker.walk(layout, RULE_TYPES):
        rules.extend(read_rules(placed))
        if len(rules) > _MAX_RULES:
            return []
    return rules
