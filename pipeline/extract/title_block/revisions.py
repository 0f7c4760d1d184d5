"""The newest entry of a revision table: a column of revisions beside what was changed, when and by whom.

Its header stands above the entries or, as in DIN 6771, below them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipeline.extract.dates import find_date
from pipeline.extract.field_values import accept
from pipeline.extract.grid import Cell
from pipeline.extract.labels import normal_form
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.texts import Label, SheetTexts, Value, is_filled, on_one_row

_NEWEST = 0.7
_MAX_ENTRIES = 60
_STATE = frozenset({"zust", "zustand", "rev", "ltr", "zone", "изм", "标记", "記号", "index", "ind"})  # headers of the column of revisions
_COLUMN = _STATE | {"revision", "nr", "no", "ind", "änd", "aend"}  # the same, where no title block is known
_MAX_HEADER = 30  # characters
_BESIDE = frozenset({"date", "author", "approved_by", "checked_by"})
_CHANGE = re.compile(
    r"\b(?:descriptions?|changes?|revision(?:s| history)?|details?|ecn|eco|änderung\w*|aenderung\w*|modifications?|wijziging\w*"
    r"|omschrijving|modifica|descrizione|descripción|modificación|date|datum|fecha|дата|name|originor|sign\w*|appr\w*)\b|更改|日期|变更|改訂",
    re.IGNORECASE,
)


def revision_headers(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """The rows of texts that head a table of revisions: a column of revisions, and what was changed beside it."""
    heads = [line for line in lines if len(line.text) <= _MAX_HEADER and normal_form(line.text) in _COLUMN]
    beside = [line for line in lines if len(line.text) <= _MAX_HEADER and _CHANGE.search(line.text)] if heads else []
    rows = ([head, *(line for line in beside if line is not head and on_one_row(line, head))] for head in heads)
    return [row for row in rows if len(row) > 1]


def newest_revision(texts: SheetTexts) -> MetadataField | None:
    """The revision of the last entry that says more than its letter; None without a table."""
    best: list[tuple[tuple[int, str], MetadataField]] = []
    for header in texts.labels:
        if _heads_revisions(header) and texts.is_small(header.cell) and _has_company(header, texts):
            best.extend(_entries(header, texts))
    return max(best, key=lambda entry: entry[0])[1] if best else None


def _heads_revisions(label: Label) -> bool:
    return not label.match.rest and (label.match.field == "revision" or normal_form(label.line.text) in _STATE)


def _has_company(header: Label, texts: SheetTexts) -> bool:
    """Whether other columns of a revision table stand in the header's row."""
    others = [label for label in texts.labels if label is not header and on_one_row(label.line, header.line)]
    others = [label for label in others if _same_row(label.cell, header.cell)]
    return any(label.match.field in _BESIDE or _CHANGE.search(label.line.text) for label in others)


def _same_row(a: Cell, b: Cell) -> bool:
    return a.top == b.top and a.bottom == b.bottom


def _entries(header: Label, texts: SheetTexts) -> list[tuple[tuple[int, str], MetadataField]]:
    """(order, field) of the entries below the header, else of those above it, that are filled in beside the revision."""
    for step in (texts.below, texts.above):
        column = _column(header.cell, step)
        entries = []
        for value in column:
            revision = accept("revision", value.line.text)
            row = _row_of(value, texts)
            if revision is None or not row:
                continue
            field = MetadataField("revision", revision, value.line.text, value.line.place, "title_block.revision_table", _NEWEST)
            entries.append((_rank(revision), field))
        if entries:
            return entries
    return []


def _column(cell: Cell, step: Callable[[Cell], list[Value]]) -> list[Value]:
    found: list[Value] = []
    for _ in range(_MAX_ENTRIES):
        values = [value for value in step(cell) if (value.cell.left, value.cell.right) == (cell.left, cell.right)]
        if not values:
            break
        found.append(values[0])
        cell = values[0].cell
    return found


def _row_of(entry: Value, texts: SheetTexts) -> Sequence[Value]:
    """What is filled in beside an entry: a date, or words."""
    near = texts.between(entry.line.middle - entry.line.height, entry.line.middle + entry.line.height)
    return [
        value
        for value in near
        if value.cell != entry.cell and _same_row(value.cell, entry.cell) and is_filled(value)
        and (find_date(value.line.text) or sum(map(str.isalpha, value.line.text)) >= 2)
    ]


def _rank(revision: str) -> tuple[int, str]:
    """Numbers and letters in the order in which they are given: 9 before 10, Z before AA."""
    return len(revision), revision.upper()
