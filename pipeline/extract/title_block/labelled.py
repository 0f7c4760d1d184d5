"""The value of a label: where it stands, and what is believed.

The value is, in this order, what follows the label on the same line, what stands with it in its cell, the cell to the
right, the cell below or above; where nothing is ruled, the nearest text to the right or below. An empty cell gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.extract.dates import find_date
from pipeline.extract.field_normal import mass_under
from pipeline.extract.field_values import PEOPLE, accept, is_placeholder
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine, joined_place
from pipeline.extract.title_block.texts import Label, SheetTexts, Value, is_filled, on_one_row

_KNOWN_BY_FORM = frozenset({"scale", "sheet", "date", "size", "weight", "general_tolerance"})
_WRAPPING = frozenset({"title", "material", "company", "project", "surface_treatment"})
_NUMBERS = frozenset({"drawing_number", "part_number", "part_of_assembly"})
SAME_LINE, SAME_CELL, CELL_RIGHT, CELL_BELOW, CELL_ABOVE, NEAREST = 0.9, 0.9, 0.8, 0.7, 0.6, 0.5
_WEAK = 0.15  # taken off for a label that only may mean its field
_MAX_TITLE_LINES = 3
_MAX_CELLS_RIGHT = 3
_REACH = 6.0  # how far to the right of a label its value may begin, in heights of the label; below, a third of it
_REACH_OF_COLON = 12.0  # the same where the label ends with a colon: it promises a value
_REACH_IN_COLUMNS = 30.0  # the same where labels stand in one column and values in another, so that each row proves the others
_HYPHENATED = re.compile(r"([_]|(?<=\d)-)\n")  # a name or number that goes on in the next line
_CODE = re.compile(r"^(?=.*\d)(?=.*[A-Z])[A-Z0-9]+(?:[-_./][A-Z0-9]+)+$", re.IGNORECASE)
_STAINLESS = re.compile(r"^A[1-5]$")  # ISO 3506; elsewhere the same is a size of paper
_PREFIX_GAP = 3.0  # between a number and the letter before it, in heights of the text
_GAP = 0.6  # between pieces of one text, in heights of the text
_COLON = re.compile(r"[:：]")
_WIDE_CELL = 3.0  # widths of its label: a narrower one heads the cell beside it
_FILLED_CELLS = 3  # that hold label and value, and so show how a block is filled in
_ROWS_FILLED = 2  # the same, of one column
_BLOCK_LABELS = 5  # a block with so many labels is one, though it has no rules


def value_of(label: Label, texts: SheetTexts) -> MetadataField | None:
    """The field that a label names with its value; None where there is none, or none that fits."""
    if label.match.rest:
        return _made(label, [label.line], "same_line", SAME_LINE, texts, raw=label.match.rest)
    if not texts.is_small(label.cell):
        if label.match.is_weak and len(texts.labels) < _BLOCK_LABELS:
            return None
        return _made(label, _nearest(label, texts.labels, texts), "nearest", NEAREST, texts)
    beside, rivals = texts.values_in.get(label.cell, []), texts.labels_in[label.cell]
    own_cell = _from_own_cell(label, rivals, beside, texts)
    if own_cell is not None:
        return own_cell
    if beside or len(rivals) > 1 or label.match.is_weak or _has_room_for_a_value(label) or _is_left_open(label, texts):
        return None
    if (right := _from_right(label, texts)) is not None or _is_filled_to_the_right(label, texts):
        return right
    return _from_below(label, texts) or _from_above(label, texts)


def _from_own_cell(label: Label, rivals: Sequence[Label], beside: Sequence[Value], texts: SheetTexts) -> MetadataField | None:
    """The nearest text in the label's own cell; else any text there of a field known by its form, or the text above."""
    if not beside:
        return None
    is_alone = len(rivals) == 1
    found = _made(label, _nearest(label, rivals, texts, own_cell=beside, is_alone=is_alone), "same_cell", SAME_CELL, texts)
    if found is not None or not is_alone:
        return found
    if label.match.field in _KNOWN_BY_FORM:
        others = (_made(label, [value.line], "same_cell", SAME_CELL, texts) for value in beside)
        return next((other for other in others if other is not None), None)
    above = [value for value in beside if value.line.middle < label.line.bbox[1]]
    if len(above) != len(beside):
        return None
    lines = _joined_rows([value.line for value in above], _GAP)
    return _made(label, lines[-_MAX_TITLE_LINES:] if label.match.field in _WRAPPING else lines[-1:], "same_cell_above", CELL_RIGHT, texts)


def _has_room_for_a_value(label: Label) -> bool:
    """Whether the label sits at the top of a higher cell: its value belongs there, and is missing."""
    _, top, _, bottom = label.cell.box()
    height = bottom - top
    return height > 2.2 * label.line.height and label.line.middle - top < 0.4 * height


def _is_left_open(label: Label, texts: SheetTexts) -> bool:
    """Whether a label with a colon stands alone in a wide cell, where the cells of other such labels hold their values, too."""
    (x0, _, x1, _), (left, _, right, _) = label.line.bbox, label.cell.box()
    if not label.line.text.rstrip().endswith((":", "：")) or right - left < _WIDE_CELL * (x1 - x0):
        return False
    filled = [other for other in texts.labels if _COLON.search(other.line.text) and (other.match.rest or texts.values_in.get(other.cell))]
    return sum(texts.is_small(other.cell) for other in filled) >= _FILLED_CELLS


def _is_filled_to_the_right(label: Label, texts: SheetTexts) -> bool:
    """Whether other labels of the same column have their values in the cells to the right: then one without has none."""
    sides = label.cell.left, label.cell.right
    others = {other.cell for other in texts.labels if (other.cell.left, other.cell.right) == sides and other.cell != label.cell}
    return sum(bool(texts.right_of(cell)) and not texts.has_label_right_of(cell) for cell in others) >= _ROWS_FILLED


def _from_right(label: Label, texts: SheetTexts) -> MetadataField | None:
    """The value in the cell to the right; a name may stand behind a date ('Drawn | 02.05.16 | Frank')."""
    cell = label.cell
    for _ in range(_MAX_CELLS_RIGHT if label.match.field in PEOPLE else 1):
        beside = texts.right_of(cell)
        if not beside or texts.has_label_right_of(cell):
            return None
        found = _made(label, _stack([value.line for value in beside], label.match.field), "cell_right", CELL_RIGHT, texts)
        if found is not None:
            return found
        cell = beside[0].cell
    return None


def _from_below(label: Label, texts: SheetTexts) -> MetadataField | None:
    """The value in the cell below, unless it heads a column of several values: that is a table."""
    below = texts.below(label.cell)
    if not below or texts.has_label_below(label.cell):
        return None
    further = texts.below(below[0].cell)
    is_name_over_date = label.match.field in PEOPLE and all(find_date(value.line.text) == value.line.text for value in further)
    if label.match.field != "date" and not is_name_over_date and _is_column(below[0], further):
        return None
    return _made(label, _stack([value.line for value in below], label.match.field), "cell_below", CELL_BELOW, texts)


def _from_above(label: Label, texts: SheetTexts) -> MetadataField | None:
    """The value in the cell above a label that sits under it, unless that cell has its own label or ends a column."""
    above = texts.above(label.cell)
    if not above or texts.has_label_above(label.cell) or label.match.field == "date":
        return None
    if _is_column(above[0], texts.above(above[0].cell)):
        return None
    return _made(label, _stack([value.line for value in above], label.match.field), "cell_above", CELL_ABOVE, texts)


def _is_column(value: Value, further: Sequence[Value]) -> bool:
    """Whether filled cells of the same width go on behind a value."""
    sides = value.cell.left, value.cell.right
    return any((other.cell.left, other.cell.right) == sides and is_filled(other) for other in further)


def _nearest(
    label: Label, rivals: Sequence[Label], texts: SheetTexts, *, own_cell: Sequence[Value] | None = None, is_alone: bool = False
) -> list[TextLine]:
    """The lines that stand beside or under a label and nearer to it than to any other label.

    own_cell  the values of the label's cell, where it has one: however far away they stand, they are candidates
    """
    x0, _, x1, y1 = label.line.bbox
    unit = max(label.line.height, 1e-9)
    reach = float("inf") if own_cell is not None else _reach(label, texts)
    values = own_cell if own_cell is not None else texts.between(label.line.bbox[1] - 6 * unit, y1 + max(_REACH / 3, 1.5) * unit + 6 * unit)
    right = [value for value in values if on_one_row(label.line, value.line) and -unit / 2 <= value.line.bbox[0] - x1 <= reach * unit]
    right = [value for value in right if not _label_between(label, value.line, rivals)]
    gap = _PREFIX_GAP if is_alone and label.match.field in _NUMBERS else _GAP
    if right:
        first = min(right, key=lambda value: value.line.bbox[0])
        continued = [first.line, *_until_headed(_continuations(first, values), label, [*rivals, *values])]
        return _stack(continued if not is_alone else [*continued, *_row_mates(first, values)], label.match.field, gap)
    drop = float("inf") if own_cell is not None else max(_REACH / 3, 1.5)
    under = [value.line for value in values if value.line.middle > y1 - unit / 4 and value.line.bbox[1] - y1 <= drop * unit]
    below = [line for line in under if line.bbox[0] < max(x1, x0 + 8 * unit) and line.bbox[2] > x0 - unit]
    if not below and is_alone:
        below = under  # set at the far end of a cell that is all its own
    below = [line for line in below if not _label_above(label, line, rivals)]
    return _stack(sorted(below, key=lambda line: (line.bbox[1], line.bbox[0])), label.match.field, gap)


def _reach(label: Label, texts: SheetTexts) -> float:
    if label.line.bbox[:2] in texts.in_columns:
        return _REACH_IN_COLUMNS
    return _REACH_OF_COLON if label.line.text.rstrip().endswith((":", "：")) else _REACH


def _continuations(first: Value, values: Sequence[Value]) -> list[TextLine]:
    """The texts below a value that stand under it, where it may go on."""
    x0, _, x1, _ = first.line.bbox
    return [
        value.line
        for value in values
        if value.line.middle > first.line.bbox[3] - first.line.height / 4
        and value.line.bbox[0] < x1
        and value.line.bbox[2] > x0
        and value.cell == first.cell
    ]


def _until_headed(lines: Sequence[TextLine], label: Label, others: Sequence[Label | Value]) -> Iterator[TextLine]:
    """The lines down to the first on whose row a text stands in the label's column: that is the next label, known or not."""
    x0, unit = label.line.bbox[0], label.line.height
    column = [other.line for other in others if other.line is not label.line and abs(other.line.bbox[0] - x0) < unit]
    for line in sorted(lines, key=lambda line: line.middle):
        if any(on_one_row(head, line) and head.bbox[2] <= line.bbox[0] for head in column):
            return
        yield line


def _row_mates(first: Value, values: Sequence[Value]) -> list[TextLine]:
    return [value.line for value in values if value is not first and abs(value.line.middle - first.line.middle) < 0.3 * first.line.height]


def _label_between(label: Label, line: TextLine, rivals: Sequence[Label]) -> bool:
    return any(
        on_one_row(other.line, line) and label.line.bbox[0] < other.line.bbox[0] <= line.bbox[0]
        for other in rivals
        if other is not label
    )


def _label_above(label: Label, line: TextLine, rivals: Sequence[Label]) -> bool:
    """Whether another label is the nearer owner of a line under `label`."""
    for other in rivals:
        if other is label:
            continue
        x0, y0, x1, _ = other.line.bbox
        on_its_row = on_one_row(other.line, line) and x1 <= line.bbox[0] + other.line.height
        between = label.line.bbox[1] < y0 <= line.bbox[1] and x0 < line.bbox[2] and x1 > line.bbox[0]
        offset, own_offset = abs(x0 - line.bbox[0]), abs(label.line.bbox[0] - line.bbox[0])
        beside = on_one_row(other.line, label.line) and offset < own_offset
        if on_its_row or between or beside:
            return True
    return False


def _stack(lines: Sequence[TextLine], field: str, gap: float = _GAP) -> list[TextLine]:
    """The first line, and for texts that wrap the lines set close below it in the same size."""
    ordered = _joined_rows(lines, gap, only_after_a_letter=gap > _GAP)
    if not ordered:
        return []
    if field not in _WRAPPING and not (field in _NUMBERS and ordered[0].text.endswith(("-", "_"))):
        return ordered[:1]
    stack = ordered[:1]
    for line in ordered[1:_MAX_TITLE_LINES]:
        last = stack[-1]
        is_far = line.bbox[1] - last.bbox[3] > 0.8 * last.height
        if is_far or abs(line.height - last.height) > 0.3 * last.height:
            break
        stack.append(line)
    return stack


def _joined_rows(lines: Sequence[TextLine], gap: float, *, only_after_a_letter: bool = False) -> list[TextLine]:
    """Pieces that touch on one row made one line: the 'B' and the '1011-A' of 'B1011-A' may come apart.

    only_after_a_letter  whether a wider gap than usual is closed behind a lone letter or two only
    """
    rows: list[TextLine] = []
    for line in sorted(lines, key=lambda line: line.bbox[0]):
        mate = next((row for row in rows if _touches(row, line, gap if not only_after_a_letter or len(row.text) <= 2 else _GAP)), None)
        if mate is None:
            rows.append(line)
            continue
        distance = line.bbox[0] - mate.bbox[2]
        text = mate.text + (" " if distance > 0.25 * line.height else "") + line.text
        x0, y0, _, y1 = mate.bbox
        bbox = (x0, min(y0, line.bbox[1]), line.bbox[2], max(y1, line.bbox[3]))
        rows[rows.index(mate)] = TextLine(text, bbox, joined_place([mate.place, line.place]))
    return sorted(rows, key=lambda line: (line.bbox[1], line.bbox[0]))


def _touches(before: TextLine, after: TextLine, gap: float) -> bool:
    distance = after.bbox[0] - before.bbox[2]
    level = abs(before.middle - after.middle) < 0.3 * min(before.height, after.height)
    return level and -0.2 * after.height <= distance <= gap * after.height


def _made(
    label: Label, lines: Sequence[TextLine], method: str, confidence: float, texts: SheetTexts, *, raw: str | None = None
) -> MetadataField | None:
    if not lines:
        return None
    raw = raw if raw is not None else "\n".join(line.text for line in lines)
    field = label.match.field
    value = accept(field, _HYPHENATED.sub(r"\1", raw))
    if value is None and field == "title" and confidence >= SAME_CELL and _CODE.match(raw) and find_date(raw) is None:
        value = raw  # a part that is called by its code, in the cell of its name
    if value is None and field == "material" and confidence >= SAME_CELL and _STAINLESS.match(raw):
        value = raw
    if value is not None and value.endswith((":", "：")):
        return None  # a label that the dictionary does not know
    if value is None or texts.reader.match(value) is not None:
        return None
    if method == "nearest" and (is_placeholder(value) or (":" in value and field not in ("scale", "date"))):
        return None  # a label that the dictionary does not know, or prose
    return MetadataField(
        field=field,
        value=value,
        raw_text=raw,
        place=joined_place([line.place for line in lines]),
        method=f"title_block.{method}",
        confidence=round(confidence - (_WEAK if label.match.is_weak else 0.0), 2),
        normalised=mass_under(label.line.text.partition(":")[0], value) if field == "weight" else None,
    )
