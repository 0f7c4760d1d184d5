"""The texts of one sheet sorted into labels and values, each with its cell; which cell touches which.

Lengths are in the sheet's unit; y grows downwards.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pipeline.extract.field_values import accept, is_placeholder
from pipeline.extract.grid import Cell, Grid, union
from pipeline.extract.labels import LabelMatch, Labels
from pipeline.extract.sheet import TextLine, joined_place

Size = tuple[float, float]

# Fields whose label may stand before its value with no colon between them: 'SHEET 1 OF 2', 'REV A'.
_INLINE = frozenset({"scale", "sheet", "sheets", "revision", "drawing_number", "part_number", "date", "size", "weight"})
_NUMBERS = frozenset({"drawing_number", "part_number"})
_SAME_BY_FORM = frozenset({"scale", "sheet", "date", "weight", "size"})
_OF_A_VIEW = re.compile(
    r"^(?:section|detail|view|schnitt|einzelheit|ansicht|coupe|détail|vue|doorsnede|sezione|sección|corte|разрез|вид|剖面|局部)\b",
    re.IGNORECASE,
)
_STAMP = re.compile(  # of a program that may not be used for work: it lies across whatever stands there
    r"\b(?:student|educational|academic|evaluation|trial|demo)\s(?:edition|version|product|copy|licen[cs]e)\b"
    r"|\bfor\s(?:academic|educational|instructional|evaluation)\suse\sonly\b",
    re.IGNORECASE,
)
_CUT = re.compile(r"^([A-Z])\s?[-–]\s?\1$")  # 'A-A': the name of a section
_MAX_CELL_WIDTH, _MAX_CELL_HEIGHT = 0.6, 0.25  # shares of the sheet: a larger cell is a view, not a field
_IDEOGRAPH = re.compile(r"[\u3040-\u9fff]")  # of two, a word; no frame marks its zones with one
_BREAK = re.compile(r"\s+|[.:](?=\w)")
_MAX_SHIFT = 2.5  # characters between a rule and the place in the text where it is cut
_MAX_LABEL = 40  # characters of one line of a label
_EDGE_ZONE = 0.035  # share of the shorter side in which a lone character is a zone mark of the frame
_FRAME_ZONE = 0.15  # the same, where the mark stands on the opposite side, too
_OPPOSITE = 0.7  # share of the sheet between two marks of one zone
_COLUMN_ROWS = 4  # of labels with their values that make two columns of a block without rules
_OVERFLOW = 0.25  # a text that has left its cell after this share of its width stands in the next one


@dataclass(frozen=True, slots=True)
class Label:
    line: TextLine
    match: LabelMatch
    cell: Cell


@dataclass(frozen=True, slots=True)
class Value:
    line: TextLine
    cell: Cell


class LabelReader:
    """Matches lines against a dictionary; `tolerant` where OCR may have misread them."""

    def __init__(self, labels: Labels, *, tolerant: bool = False) -> None:
        self._labels = labels
        self._tolerant = tolerant
        self._known: dict[str, LabelMatch | None] = {}

    def match(self, text: str) -> LabelMatch | None:
        """The label that a line is or begins with, where what follows can be its value."""
        if text not in self._known:  # a block's texts are asked about again and again
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> LabelMatch | None:
        label = self._labels.match(text, tolerant=self._tolerant)
        if label is not None:
            return label
        leading = self._labels.match_leading(text, _INLINE, tolerant=self._tolerant)
        if leading is None or accept(leading.field, leading.rest) is None:
            return None
        if leading.field in _NUMBERS and not any(character.isdigit() for character in leading.rest):
            return None  # 'DWG NO LONGER VALID' is a sentence
        if leading.field in _SAME_BY_FORM and len(leading.rest) > 24:
            return None
        return leading


@dataclass(frozen=True)
class SheetTexts:
    """Everything that is looked at to read one title block."""

    labels: tuple[Label, ...]
    values: tuple[Value, ...]
    grid: Grid
    size: Size
    reader: LabelReader

    @cached_property
    def values_in(self) -> dict[Cell, list[Value]]:
        return _by_cell(self.values)

    @cached_property
    def labels_in(self) -> dict[Cell, list[Label]]:
        return _by_cell(self.labels)

    @cached_property
    def _by_row(self) -> tuple[list[Value], list[float]]:
        ordered = sorted(self.values, key=lambda value: value.line.middle)
        return ordered, [value.line.middle for value in ordered]

    def between(self, top: float, bottom: float) -> list[Value]:
        """The values whose middle lies between two heights, from the top down."""
        ordered, middles = self._by_row
        return ordered[bisect_left(middles, top) : bisect_left(middles, bottom)]

    @cached_property
    def in_columns(self) -> frozenset[tuple[float, float]]:
        """Where those labels without a cell start that stand in a column whose values start in another one, to the right."""
        rows: list[tuple[TextLine, float]] = []
        open_lines = [label.line for label in self.labels if not self.is_small(label.cell) and not label.match.rest]
        every_label = [label.line for label in self.labels]
        for line in open_lines:
            near = [*(value.line for value in self.between(line.bbox[1], line.bbox[3])), *every_label]
            right = [other.bbox[0] for other in near if other.bbox[0] > line.bbox[2] and on_one_row(other, line)]
            if right:
                rows.append((line, min(right)))

        def proves(other: tuple[TextLine, float], line: TextLine, start: float) -> bool:
            is_aligned = abs(other[0].bbox[0] - line.bbox[0]) < line.height and abs(other[1] - start) < line.height
            return is_aligned and abs(other[0].height - line.height) < 0.3 * line.height

        return frozenset(line.bbox[:2] for line, start in rows if sum(proves(other, line, start) for other in rows) >= _COLUMN_ROWS)

    def is_small(self, cell: Cell) -> bool:
        """Whether a cell is closed, and no larger than a field of a title block."""
        if not cell.is_closed:
            return False
        x0, y0, x1, y1 = cell.box()
        return x1 - x0 <= _MAX_CELL_WIDTH * self.size[0] and y1 - y0 <= _MAX_CELL_HEIGHT * self.size[1]

    def right_of(self, cell: Cell) -> list[Value]:
        return _flat(self.values_in, lambda other: self._is_right_of(other, cell))

    def below(self, cell: Cell) -> list[Value]:
        return _flat(self.values_in, lambda other: self._is_below(other, cell))

    def above(self, cell: Cell) -> list[Value]:
        return _flat(self.values_in, lambda other: other.is_closed and self._is_below(cell, other))

    def are_side_by_side(self, cell: Cell, other: Cell) -> bool:
        return self._is_right_of(cell, other) or self._is_right_of(other, cell)

    def has_label_right_of(self, cell: Cell) -> bool:
        return any(self._is_right_of(other, cell) for other in self.labels_in)

    def has_label_below(self, cell: Cell) -> bool:
        return any(self._is_below(other, cell) for other in self.labels_in)

    def has_label_above(self, cell: Cell) -> bool:
        return any(other.is_closed and self._is_below(cell, other) for other in self.labels_in)

    def _is_right_of(self, cell: Cell, of: Cell) -> bool:
        if cell.left is None or of.right is None or not cell.is_closed:
            return False
        touches = abs(cell.left - of.right) <= 2 * self.grid.tolerance
        return touches and shared_share(cell.box()[1::2], of.box()[1::2]) >= 0.5

    def _is_below(self, cell: Cell, of: Cell) -> bool:
        if cell.top is None or of.bottom is None or not cell.is_closed:
            return False
        touches = abs(cell.top - of.bottom) <= 2 * self.grid.tolerance
        return touches and shared_share(cell.box()[0::2], of.box()[0::2]) >= 0.5


_Text = TypeVar("_Text", Label, Value)


def _by_cell(texts: Iterable[_Text]) -> dict[Cell, list[_Text]]:
    found: dict[Cell, list[_Text]] = {}
    for text in texts:
        found.setdefault(text.cell, []).append(text)
    return found


def _flat(values_in: dict[Cell, list[Value]], wanted: Callable[[Cell], bool]) -> list[Value]:
    return [value for cell, values in values_in.items() if wanted(cell) for value in values]


def sort_texts(lines: Sequence[TextLine], grid: Grid, size: Size, reader: LabelReader) -> SheetTexts:
    """Labels and everything else, each with its cell; zone marks, stamps and the scales of single views are left out."""
    labels: list[Label] = []
    values: list[Value] = []
    written = [line for line in without_doubles(lines) if not _STAMP.search(line.text)]
    parted = [part for line in written for part in _parted_at_rules(line, grid, reader)]
    single = _with_wrapped_labels(parted, reader)
    captions = [line for line in single if _OF_A_VIEW.match(line.text) or _CUT.match(line.text)]
    for line in single:
        match = reader.match(line.text)
        cell = _cell_of(line, grid, is_label=match is not None)
        if match is None:
            values.append(Value(line, cell))
        elif match.field != "scale" or not _is_under_a_caption(line, captions):
            labels.append(Label(line, match, cell))
    values = _with_whole_cells(values, labels)
    named = {label.cell for label in labels}
    marks = _zone_marks(single, size)
    kept = tuple(value for value in values if id(value.line) not in marks and (value.cell in named or not is_at_the_edge(value.line, size)))
    return SheetTexts(tuple(labels), kept, grid, size, reader)


def _cell_of(line: TextLine, grid: Grid, *, is_label: bool) -> Cell:
    """The cell in which a line starts; for a value that leaves it soon, the one in which its middle stands."""
    x0, _, x1, _ = line.bbox
    cell = grid.cell_at(x0 + min(x1 - x0, line.height) / 2, line.middle)
    if is_label or cell.right is None or cell.right > x0 + _OVERFLOW * (x1 - x0):
        return cell
    return grid.cell_at((x0 + x1) / 2, line.middle)


def _is_under_a_caption(line: TextLine, captions: Sequence[TextLine]) -> bool:
    """Whether a scale belongs to the section or detail whose name stands right above it."""
    x0, y0, x1, _ = line.bbox
    return any(
        caption.bbox[0] < x1 and caption.bbox[2] > x0 and -0.5 * line.height <= y0 - caption.bbox[3] <= 1.5 * line.height
        for caption in captions
    )


def without_doubles(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines without second prints of the same text on the same spot, made to look bold."""
    kept: dict[tuple[str, int, int], TextLine] = {}
    for line in lines:
        step = 0.5 * max(line.height, 1e-9)
        across, down = int(line.bbox[0] // step), int(line.middle // step)
        if not any((line.text, across + dx, down + dy) in kept for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            kept[line.text, across, down] = line
    return list(kept.values())


def _with_wrapped_labels(lines: Sequence[TextLine], reader: LabelReader) -> list[TextLine]:
    """The lines with labels that are set over two lines ('Sheet' above 'number:') made one."""
    joined: dict[int, TextLine | None] = {}
    short = [(index, line) for index, line in enumerate(lines) if len(line.text) <= _MAX_LABEL]
    for index, upper in short:
        if (match := reader.match(upper.text)) is None or match.rest or upper.text.rstrip().endswith((":", "：")):
            continue
        for other, lower in short:
            if other in joined or not _is_set_under(lower, upper):
                continue
            whole = reader.match(f"{upper.text} {lower.text}")
            if whole is not None and not whole.rest:
                text = f"{upper.text} {lower.text}"
                joined[index] = TextLine(text, union([upper.bbox, lower.bbox]), joined_place([upper.place, lower.place]))
                joined[other] = None
                break
    return [kept for index, line in enumerate(lines) if (kept := joined.get(index, line)) is not None]


def _is_set_under(lower: TextLine, upper: TextLine) -> bool:
    gap, height = lower.bbox[1] - upper.bbox[3], upper.height
    aligned = abs(lower.bbox[0] - upper.bbox[0]) < height or abs(lower.bbox[0] + lower.bbox[2] - upper.bbox[0] - upper.bbox[2]) < 2 * height
    return aligned and -0.5 * height < gap < 0.6 * height and lower.middle > upper.middle and abs(lower.height - height) < 0.3 * height


def _parted_at_rules(line: TextLine, grid: Grid, reader: LabelReader) -> list[TextLine]:
    """A line that came as one though a rule parts it into a label and what stands in the next cell ('Drawn|Smith')."""
    x0, _, x1, _ = line.bbox
    for x in grid.verticals(x0 + line.height / 2, x1 - line.height / 2, line.middle):
        index = _break_near(line, x)
        if index is None:
            continue
        head, tail = line.text[:index].rstrip(), line.text[index:].lstrip()
        if head and tail and any((match := reader.match(part)) is not None and not match.rest for part in (head, tail)):
            first = TextLine(head, (x0, line.bbox[1], x, line.bbox[3]), line.place)
            rest = TextLine(tail, (x, line.bbox[1], x1, line.bbox[3]), line.place)
            return [first, *_parted_at_rules(rest, grid, reader)]
    return [line]


def _break_near(line: TextLine, x: float) -> int | None:
    """Where a text can be cut, a blank or behind a full stop, nearest to a position across; None where that is too far away."""
    x0, _, x1, _ = line.bbox
    expected = (x - x0) / (x1 - x0) * len(line.text)
    breaks = [match.end() for match in _BREAK.finditer(line.text)]
    best = min(breaks, key=lambda index: abs(index - expected), default=None)
    return best if best is not None and abs(best - expected) <= max(_MAX_SHIFT, 0.2 * len(line.text)) else None


def _with_whole_cells(values: Sequence[Value], labels: Sequence[Label]) -> list[Value]:
    """The values with the cell of the label beside them where a line cuts off only a part of it: that line is no rule."""
    wholes = {label.cell for label in labels if label.cell.is_closed}
    return [value if value.cell in wholes else Value(value.line, _whole_of(value.cell, wholes)) for value in values]


def _whole_of(cell: Cell, wholes: Iterable[Cell]) -> Cell:
    if not cell.is_closed:
        return cell
    shared = [whole for whole in wholes if sum((cell.left == whole.left, cell.top == whole.top, cell.right == whole.right,
                                                cell.bottom == whole.bottom)) == 3 and _contains(whole, cell)]
    return shared[0] if len(shared) == 1 else cell


def _contains(outer: Cell, inner: Cell) -> bool:
    a, b = outer.box(), inner.box()
    return a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]


def _zone_marks(lines: Sequence[TextLine], size: Size) -> set[int]:
    """Identities of the lone characters that stand twice, on opposite sides of the sheet: the zones of its frame."""
    marks: set[int] = set()
    seen: dict[str, list[TextLine]] = {}
    for line in lines:
        text = line.text.strip()
        if len(text) > 2 or not is_at_the_edge(line, size, _FRAME_ZONE):
            continue
        for twin in seen.setdefault(text, []):
            across, down = abs(twin.bbox[0] - line.bbox[0]), abs(twin.middle - line.middle)
            if (across < line.height and down > _OPPOSITE * size[1]) or (down < line.height and across > _OPPOSITE * size[0]):
                marks |= {id(line), id(twin)}
        seen[text].append(line)
    return marks


def is_at_the_edge(line: TextLine, size: Size, zone: float = _EDGE_ZONE) -> bool:
    """Whether a text is a lone letter or number at the very edge of the sheet, where frames have their zone marks.

    zone  width of the edge, as a share of the sheet's shorter side
    """
    text = line.text.strip()
    if len(text) > 2 or _IDEOGRAPH.search(text):
        return False
    margin = zone * min(size)
    x0, y0, x1, y1 = line.bbox
    across, down = (x0 + x1) / 2, (y0 + y1) / 2
    return not (margin < across < size[0] - margin and margin < down < size[1] - margin)


def shared_share(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Length that two intervals share, as a share of the longer one."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    longer = max(a[1] - a[0], b[1] - b[0])
    return shared / longer if longer > 0 else 0.0


def on_one_row(a: TextLine, b: TextLine) -> bool:
    shared = min(a.bbox[3], b.bbox[3]) - max(a.bbox[1], b.bbox[1])
    return shared >= 0.5 * min(a.height, b.height)


def is_filled(value: Value) -> bool:
    return not is_placeholder(value.line.text)
