"""Which cells of a sheet make up its title block."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.grid import Cell, union
from pipeline.extract.labels import OTHER
from pipeline.extract.model import BBox
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.texts import SheetTexts, Value

_SEAM = 3.0  # gap between neighbouring cells that are ruled with double lines, in tolerances of the grid
_ROOM, _ACROSS = 2.5, 4.0  # for values around the outermost labels: heights of a label, and how much more to the right
_BESIDE, _ABOVE = 0.4, 0.05  # shares of the sheet by which groups of cells of one block may stand apart
_ROOM_OF_NOTE = 4.0  # heights of a note: a cell of a block leaves its text less
_MAX_GROWTH = 2.5  # by cells without a label
_MAX_HEIGHT = 0.45  # share of the sheet
_MAX_SHARE = 0.6  # of the sheet's area: what is larger is no title block


def block_cells(texts: SheetTexts, wanted: set[str]) -> list[Cell]:
    """The small cells around labels that hang together and name the most of the wanted fields, and the cells that fill up their outline."""
    named = {cell: {label.match.field for label in labels} - {OTHER} for cell, labels in texts.labels_in.items() if texts.is_small(cell)}
    if not named:
        return []
    slack = _SEAM * texts.grid.tolerance
    clusters = _clusters(list(named), slack)

    def worth(cells: Sequence[Cell]) -> tuple[int, float]:
        return len(set().union(*(named[cell] & wanted for cell in cells))), max(cell.box()[3] for cell in cells)

    best = max(clusters, key=worth)
    others = [cluster for cluster in clusters if cluster is not best and any(named[cell] for cell in cluster)]
    best = _with_neighbours(best, [cluster for cluster in others if not _is_note(cluster, texts)], texts)
    loose = [cell for cell in texts.values_in if texts.is_small(cell) and cell not in named]
    return _filled_up(best, loose, slack)


def region_of(cells: Sequence[Cell], labels: Sequence[BBox], texts: SheetTexts) -> BBox | None:
    """The box of the block's cells; of a block without cells, of its labels with room for the values around them."""
    if cells:
        region = union([cell.box() for cell in cells])
    elif labels:
        x0, y0, x1, y1 = union(labels)
        room = _ROOM * max(box[3] - box[1] for box in labels)
        region = (x0 - room, y0 - room, min(x1 + _ACROSS * room, texts.size[0]), min(y1 + room, texts.size[1]))
    else:
        return None
    return region if _area(region) <= _MAX_SHARE * texts.size[0] * texts.size[1] else None


def loose_values(cells: Sequence[Cell], texts: SheetTexts) -> list[Value]:
    """The texts of the block that stand in no label's cell: names, logos, addresses, and values that say what they are."""
    return [value for cell in cells if cell not in texts.labels_in for value in texts.values_in.get(cell, ())]


def unheaded_values(cells: Sequence[Cell], texts: SheetTexts) -> tuple[list[TextLine], list[TextLine]]:
    """(those in no label's cell, all) of the block's texts that stand in no column of a table, below or above its header."""
    loose: list[TextLine] = []
    every: list[TextLine] = []
    for cell in cells:
        lines = [value.line for value in texts.values_in.get(cell, ())]
        if cell in texts.labels_in:
            every += lines
        elif lines and not texts.has_label_below(cell) and not texts.has_label_above(cell):
            loose += lines
            every += lines
    return loose, every


def _clusters(cells: Sequence[Cell], slack: float) -> list[list[Cell]]:
    clusters: list[list[Cell]] = []
    for cell in cells:
        touching = [cluster for cluster in clusters if any(_touch(cell.box(), other.box(), slack) for other in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in touching]
        clusters.append([cell, *(other for cluster in touching for other in cluster)])
    return clusters


def _filled_up(cells: list[Cell], loose: list[Cell], slack: float) -> list[Cell]:
    """The cells with those unlabelled ones that lie in their outline, or continue it to any side."""
    result = list(cells)
    most = _MAX_GROWTH * _area(union([cell.box() for cell in cells]))
    for _ in range(3):  # cells that continue what was added
        outline = union([cell.box() for cell in result])
        added = {cell for cell in loose if _continues(cell.box(), outline, slack)}
        if not added or _area(union([outline, *(cell.box() for cell in added)])) > most:
            break
        result += added
        loose = [cell for cell in loose if cell not in added]
    return result


def _is_note(cells: Sequence[Cell], texts: SheetTexts) -> bool:
    """Whether a group is one line of text, label and value, in a wide space that only lines of the drawing happen to enclose."""
    if len(cells) != 1:
        return False
    labels = texts.labels_in[cells[0]]
    _, top, _, bottom = cells[0].box()
    return all(label.match.rest and bottom - top > _ROOM_OF_NOTE * label.line.height for label in labels)


def _with_neighbours(cells: list[Cell], others: list[list[Cell]], texts: SheetTexts) -> list[Cell]:
    """The cells with those groups that stand beside or right above them: empty cells between them part one block."""
    width, height = texts.size
    for other in sorted(others, key=lambda cluster: -max(cell.box()[3] for cell in cluster)):
        a, b = union([cell.box() for cell in cells]), union([cell.box() for cell in other])
        across, down = max(b[0] - a[2], a[0] - b[2]), max(b[1] - a[3], a[1] - b[3])
        is_near = (down < 0 and across <= _BESIDE * width) or (across < 0 and down <= _ABOVE * height)
        if is_near and max(a[3], b[3]) - min(a[1], b[1]) <= _MAX_HEIGHT * height:
            cells = [*cells, *other]
    return cells


def _area(box: BBox) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _continues(box: BBox, outline: BBox, slack: float) -> bool:
    across = box[0] >= outline[0] - slack and box[2] <= outline[2] + slack
    down = box[1] >= outline[1] - slack and box[3] <= outline[3] + slack
    if across and down:
        return True
    if across and box[1] <= outline[3] + slack and box[3] >= outline[1] - slack:
        return True
    return down and min(abs(box[2] - outline[0]), abs(box[0] - outline[2])) <= slack


def _touch(a: BBox, b: BBox, slack: float) -> bool:
    return a[0] <= b[2] + slack and b[0] <= a[2] + slack and a[1] <= b[3] + slack and b[1] <= a[3] + slack
