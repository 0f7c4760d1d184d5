"""Find the fields of a title block among the text lines and ruled lines of one sheet.

A label is known by the dictionary (labels.py). Its value is, in this order, what follows it on the same
line, what stands with it in its cell, the cell to the right, the cell below; where nothing is ruled, the
nearest text to the right or below. An empty cell gives nothing. Lengths are in the sheet's unit; y grows
downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.extract.field_values import accept
from pipeline.extract.grid import Cell, Grid
from pipeline.extract.labels import OTHER, LabelMatch, match_label, match_leading_label
from pipeline.extract.model import MetadataField
from pipeline.extract.sheet import TextLine, joined_place

# A label of these says that a sheet is a drawing; 'date' or 'title' alone stand on every form.
_TELLING = frozenset({"drawing_number", "scale", "revision", "material", "sheet"})
_KNOWN_BY_FORM = frozenset({"scale", "sheet", "date"})
_INLINE = frozenset({"scale", "sheet", "revision", "drawing_number"})
_SAME_LINE, _SAME_CELL, _CELL_RIGHT, _CELL_BELOW, _NEAREST = 0.9, 0.9, 0.8, 0.7, 0.5
_WEAK = 0.15  # taken off for a label that only may mean its field
_MAX_LINES = 3000
_MAX_TITLE_LINES = 3
_MAX_CELLS_RIGHT = 3
_MAX_CELL_WIDTH, _MAX_CELL_HEIGHT = 0.6, 0.25  # shares of the sheet: a larger cell is a view, not a field
_EDGE_ZONE = 0.035  # share of the shorter side in which a lone character is a zone mark of the frame


@dataclass(frozen=True, slots=True)
class _Label:
    line: TextLine
    match: LabelMatch
    cell: Cell


@dataclass(frozen=True, slots=True)
class _Value:
    line: TextLine
    cell: Cell


def looks_like_title_block(lines: Iterable[str]) -> bool:
    """Whether a sheet's lines hold enough labels for its rules to be worth reading."""
    found = {match.field for match in map(_match, lines) if match is not None}
    fields = found - {OTHER}
    return bool(fields & _TELLING) and len(found) >= 2


def find_fields(lines: Sequence[TextLine], grid: Grid, size: tuple[float, float]) -> tuple[MetadataField, ...]:
    """The fields that a sheet's title block shows, at most one of each, by name of the field.

    size  (width, height) of the sheet
    """
    if len(lines) > _MAX_LINES or not looks_like_title_block(line.text for line in lines):
        return ()
    labels, values = _split(_without_doubles(lines), grid, size)
    candidates: dict[str, list[MetadataField]] = {}
    for label in labels:
        if label.match.field == OTHER:
            continue
        found = _field_for(label, labels, values, grid, size)
        if found is not None:
            candidates.setdefault(found.field, []).append(found)
    if not candidates.keys() & _TELLING or candidates.keys() <= {"sheet", "date", "title"}:
        return ()  # a form with a page number and a date is no drawing
    return tuple(max(candidates[name], key=_preference) for name in sorted(candidates))


def _preference(field: MetadataField) -> tuple[float, float, float]:
    """The surest first, then the one nearest to the lower right corner, where title blocks stand."""
    x0, y0, _, _ = field.place.bbox or (0.0, 0.0, 0.0, 0.0)
    return field.confidence, y0, x0


def _without_doubles(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines without second prints of the same text on the same spot, made to look bold."""
    kept: dict[str, list[TextLine]] = {}
    result: list[TextLine] = []
    for line in lines:
        twins = kept.setdefault(line.text, [])
        slack = 0.5 * line.height
        if any(abs(twin.bbox[0] - line.bbox[0]) < slack and abs(twin.middle - line.middle) < slack for twin in twins):
            continue
        twins.append(line)
        result.append(line)
    return result


def _match(text: str) -> LabelMatch | None:
    label = match_label(text)
    if label is not None:
        return label
    leading = match_leading_label(text, _INLINE)
    if leading is None or accept(leading.field, leading.rest) is None:
        return None
    if leading.field == "drawing_number" and not any(character.isdigit() for character in leading.rest):
        return None  # 'DWG NO LONGER VALID' is a sentence
    return leading


def _split(lines: Sequence[TextLine], grid: Grid, size: tuple[float, float]) -> tuple[list[_Label], list[_Value]]:
    """Labels and everything else, each with its cell; zone marks of the frame are left out."""
    labels: list[_Label] = []
    values: list[_Value] = []
    for line in lines:
        x0, _, x1, _ = line.bbox
        cell = grid.cell_at(x0 + min(x1 - x0, line.height) / 2, line.middle)
        match = _match(line.text)
        if match is not None:
            labels.append(_Label(line, match, cell))
        elif not _is_zone_mark(line, size):
            values.append(_Value(line, cell))
    return labels, values


def _is_zone_mark(line: TextLine, size: tuple[float, float]) -> bool:
    if len(line.text.strip()) > 2:
        return False
    margin = _EDGE_ZONE * min(size)
    x0, y0, x1, y1 = line.bbox
    across, down = (x0 + x1) / 2, (y0 + y1) / 2
    return not (margin < across < size[0] - margin and margin < down < size[1] - margin)


def _field_for(
    label: _Label, labels: Sequence[_Label], values: Sequence[_Value], grid: Grid, size: tuple[float, float]
) -> MetadataField | None:
    if label.match.rest:
        return _make(label, [label.line], "same_line", _SAME_LINE, text=label.match.rest)
    if not _is_small(label.cell, size):
        if label.match.is_weak:
            return None
        return _make(label, _nearest(label, labels, values), "nearest", _NEAREST)
    beside = [value for value in values if value.cell == label.cell]
    rivals = [other for other in labels if other.cell == label.cell]
    own_cell = _from_own_cell(label, rivals, beside)
    if own_cell is not None:
        return own_cell
    if beside or len(rivals) > 1 or label.match.is_weak or _has_room_for_a_value(label):
        return None
    return _from_right(label, labels, values, grid) or _from_below(label, labels, values, grid)


def _from_own_cell(label: _Label, rivals: Sequence[_Label], beside: Sequence[_Value]) -> MetadataField | None:
    """The nearest text in the label's own cell; for fields that are known by their form, any text there."""
    found = _make(label, _nearest(label, rivals, beside, reach=float("inf")), "same_cell", _SAME_CELL)
    if found is not None or label.match.field not in _KNOWN_BY_FORM or len(rivals) > 1:
        return found
    others = (_make(label, [value.line], "same_cell", _SAME_CELL) for value in beside)
    return next((other for other in others if other is not None), None)


def _has_room_for_a_value(label: _Label) -> bool:
    """Whether the label sits at the top of a higher cell: its value belongs there, and is missing."""
    _, top, _, bottom = label.cell.box()
    height = bottom - top
    return height > 2.2 * label.line.height and label.line.middle - top < 0.4 * height


def _from_right(label: _Label, labels: Sequence[_Label], values: Sequence[_Value], grid: Grid) -> MetadataField | None:
    """The value in the cell to the right; a name may stand behind a date ('Drawn | 02.05.16 | Frank')."""
    cell = label.cell
    for _ in range(_MAX_CELLS_RIGHT if label.match.field == "author" else 1):
        beside = [value for value in values if _is_right_of(value.cell, cell, grid)]
        if not beside or any(_is_right_of(other.cell, cell, grid) for other in labels):
            return None
        found = _make(label, _stack(beside, label.match.field), "cell_right", _CELL_RIGHT)
        if found is not None:
            return found
        cell = beside[0].cell
    return None


def _from_below(label: _Label, labels: Sequence[_Label], values: Sequence[_Value], grid: Grid) -> MetadataField | None:
    """The value in the cell below, unless it heads a column of several values: that is a table."""
    below = [value for value in values if _is_below(value.cell, label.cell, grid)]
    if not below or any(_is_below(other.cell, label.cell, grid) for other in labels):
        return None
    further = [value for value in values if _is_below(value.cell, below[0].cell, grid)]
    if further and label.match.field != "date":
        return None
    return _make(label, _stack(below, label.match.field), "cell_below", _CELL_BELOW)


def _is_small(cell: Cell, size: tuple[float, float]) -> bool:
    if not cell.is_closed:
        return False
    x0, y0, x1, y1 = cell.box()
    return x1 - x0 <= _MAX_CELL_WIDTH * size[0] and y1 - y0 <= _MAX_CELL_HEIGHT * size[1]


def _is_right_of(cell: Cell, of: Cell, grid: Grid) -> bool:
    if cell.left is None or of.right is None or not cell.is_closed:
        return False
    touches = abs(cell.left - of.right) <= 2 * grid.tolerance
    return touches and _overlap(cell.box()[1::2], of.box()[1::2]) >= 0.5


def _is_below(cell: Cell, of: Cell, grid: Grid) -> bool:
    if cell.top is None or of.bottom is None or not cell.is_closed:
        return False
    touches = abs(cell.top - of.bottom) <= 2 * grid.tolerance
    return touches and _overlap(cell.box()[0::2], of.box()[0::2]) >= 0.5


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Length that two intervals share, as a share of the longer one."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    longer = max(a[1] - a[0], b[1] - b[0])
    return shared / longer if longer > 0 else 0.0


def _nearest(label: _Label, rivals: Sequence[_Label], values: Sequence[_Value], *, reach: float = 6.0) -> list[TextLine]:
    """The lines that stand beside or under a label and nearer to it than to any other label.

    reach  how far to the right of the label a value may begin, in heights of the label; below, a third of it
    """
    x0, _, x1, y1 = label.line.bbox
    unit = max(label.line.height, 1e-9)
    right = [
        value for value in values if _on_one_row(label.line, value.line) and -unit / 2 <= value.line.bbox[0] - x1 <= reach * unit
    ]
    right = [value for value in right if not _label_between(label, value.line, rivals)]
    if right:
        first = min(right, key=lambda value: value.line.bbox[0])
        return _stack([first, *_continuations(first, values)], label.match.field)
    below = sorted(
        (
            value
            for value in values
            if value.line.middle > y1 - unit / 4
            and value.line.bbox[1] - y1 <= max(reach / 3, 1.5) * unit
            and value.line.bbox[0] < max(x1, x0 + 8 * unit)
            and value.line.bbox[2] > x0 - unit
            and not _label_above(label, value.line, rivals)
        ),
        key=lambda value: (value.line.bbox[1], value.line.bbox[0]),
    )
    return _stack(below, label.match.field)


def _continuations(first: _Value, values: Sequence[_Value]) -> list[_Value]:
    """The texts below a value that stand under it, where it may go on."""
    x0, _, x1, _ = first.line.bbox
    return [
        value
        for value in values
        if value.line.middle > first.line.bbox[3] - first.line.height / 4
        and value.line.bbox[0] < x1
        and value.line.bbox[2] > x0
        and value.cell == first.cell
    ]


def _on_one_row(a: TextLine, b: TextLine) -> bool:
    shared = min(a.bbox[3], b.bbox[3]) - max(a.bbox[1], b.bbox[1])
    return shared >= 0.5 * min(a.height, b.height)


def _label_between(label: _Label, line: TextLine, rivals: Sequence[_Label]) -> bool:
    return any(
        _on_one_row(other.line, line) and label.line.bbox[0] < other.line.bbox[0] <= line.bbox[0]
        for other in rivals
        if other is not label
    )


def _label_above(label: _Label, line: TextLine, rivals: Sequence[_Label]) -> bool:
    """Whether another label is the nearer owner of a line under `label`."""
    for other in rivals:
        if other is label:
            continue
        x0, y0, x1, _ = other.line.bbox
        on_its_row = _on_one_row(other.line, line) and x1 <= line.bbox[0] + other.line.height
        between = label.line.bbox[1] < y0 <= line.bbox[1] and x0 < line.bbox[2] and x1 > line.bbox[0]
        offset, own_offset = abs(x0 - line.bbox[0]), abs(label.line.bbox[0] - line.bbox[0])
        beside = _on_one_row(other.line, label.line) and offset < own_offset
        if on_its_row or between or beside:
            return True
    return False


def _stack(values: Sequence[_Value], field: str) -> list[TextLine]:
    """The first line, and for texts that wrap the lines set close below it in the same size."""
    ordered = _joined_rows([value.line for value in values])
    if not ordered or field not in ("title", "material", "company"):
        return ordered[:1]
    stack = ordered[:1]
    for line in ordered[1:_MAX_TITLE_LINES]:
        last = stack[-1]
        is_far = line.bbox[1] - last.bbox[3] > 0.8 * last.height
        if is_far or abs(line.height - last.height) > 0.3 * last.height:
            break
        stack.append(line)
    return stack


def _joined_rows(lines: Sequence[TextLine]) -> list[TextLine]:
    """Pieces that touch on one row made one line: the 'B' and the '1011-A' of 'B1011-A' may come apart."""
    rows: list[TextLine] = []
    for line in sorted(lines, key=lambda line: line.bbox[0]):
        mate = next((row for row in rows if _touches(row, line)), None)
        if mate is None:
            rows.append(line)
            continue
        gap = line.bbox[0] - mate.bbox[2]
        text = mate.text + (" " if gap > 0.25 * line.height else "") + line.text
        x0, y0, _, y1 = mate.bbox
        bbox = (x0, min(y0, line.bbox[1]), line.bbox[2], max(y1, line.bbox[3]))
        rows[rows.index(mate)] = TextLine(text, bbox, joined_place([mate.place, line.place]))
    return sorted(rows, key=lambda line: (line.bbox[1], line.bbox[0]))


def _touches(before: TextLine, after: TextLine) -> bool:
    gap = after.bbox[0] - before.bbox[2]
    level = abs(before.middle - after.middle) < 0.3 * min(before.height, after.height)
    return level and -0.2 * after.height <= gap <= 0.6 * after.height


def _make(
    label: _Label, lines: Sequence[TextLine], method: str, confidence: float, *, text: str | None = None
) -> MetadataField | None:
    if not lines:
        return None
    raw = text if text is not None else "\n".join(line.text for line in lines)
    value = accept(label.match.field, raw.replace("_\n", "_"))
    if value is None or _match(value) is not None:
        return None
    if method == "nearest" and ":" in value and label.match.field not in ("scale", "date"):
        return None  # a label that the dictionary does not know, or prose
    return MetadataField(
        field=label.match.field,
        value=value,
        raw_text=raw,
        place=joined_place([line.place for line in lines]),
        method=f"title_block.{method}",
        confidence=round(confidence - (_WEAK if label.match.is_weak else 0.0), 2),
    )
