"""The rows of a parts list: what its columns mean, which rows are parts, and what they say.

A table is a parts list if its header names a quantity or an item number beside a part number or a name, and its rows hold
such numbers. Tables of holes, changes and pins are none. Rows without number and quantity are headings, and sums are no parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.extract.bom_headers import (
    DESCRIPTION,
    FOREIGN,
    ITEM,
    MATERIAL,
    OTHER,
    PART,
    PART_NUMBER,
    QUANTITY,
    REVISION,
    column_kind,
    is_list_title,
    is_total,
    tag_kind,
)
from pipeline.extract.labels import normal_form
from pipeline.extract.model import BBox, BomItem, Place
from pipeline.extract.quantities import quantity
from pipeline.extract.tables import Table

GOOD_SHARE = 0.6  # of the rows that must hold a number where the header says so
_HEADER_DEPTH = 4  # rows of a table among which its header stands, unless it is the last
_ITEM = re.compile(r"^[(\[]?[A-Za-z]{0,2}[.-]?\d{1,4}(?:[.\-/]\d{1,3}){0,3}[A-Za-z]?[)\].]?$|^[A-Z]{1,2}$|^[①-⑳]$")
_VALUED = frozenset({ITEM, PART_NUMBER, DESCRIPTION, QUANTITY, MATERIAL, REVISION})
_ITEM_EDGES = "()[]. "
_CIRCLED = {chr(0x2460 + index): str(index + 1) for index in range(20)}


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a parts list before it is numbered: cells under their headers, values by kind of column."""

    raw_cells: dict[str, str]
    values: dict[str, str]
    place: Place

    @property
    def is_part(self) -> bool:
        """Whether a row names a part, and is no heading, remark or sum."""
        if any(self.values.get(kind) for kind in (ITEM, QUANTITY)):
            return True
        number = self.values.get(PART_NUMBER, "")
        return bool(number) and (len(self.raw_cells) > 1 or any(character.isdigit() for character in number))


@dataclass(frozen=True, slots=True)
class PartsList:
    """A parts list, or its share of one sheet.

    kinds   what each column holds: 'item', 'quantity', …; None for one without a header
    region  in the reading frame; None where the list is one entity
    table   all rows as they stand, headings and sums too; None where the list is one entity
    """

    page_number: int
    headers: tuple[str, ...]
    kinds: tuple[str | None, ...]
    rows: tuple[ListRow, ...]
    region: BBox | None
    method: str
    confidence: float
    table: Table | None = None


def are_columns(kinds: Iterable[str | None], *, titled: bool) -> bool:
    """Whether columns of these kinds make up a parts list; with a title over them, less is enough."""
    have = set(kinds)
    names = bool(have & {PART_NUMBER, DESCRIPTION, PART})
    if QUANTITY in have:
        return ITEM in have or names
    if ITEM in have and names:
        return PART_NUMBER in have or MATERIAL in have or titled
    return titled and len(have & {PART_NUMBER, DESCRIPTION, PART}) >= 2


def kinds_of(headers: Sequence[str]) -> tuple[str | None, ...]:
    """What the columns under these headers hold; each kind once, the first column that claims it."""
    kinds = [column_kind(header) if header else None for header in headers]
    for index, kind in enumerate(kinds):
        if kind == PART:
            kinds[index] = DESCRIPTION if PART_NUMBER in kinds else PART_NUMBER if DESCRIPTION in kinds else DESCRIPTION
    seen: set[str] = set()
    for index, kind in enumerate(kinds):
        if kind is not None and kind in seen:
            kinds[index] = OTHER
        seen.add(kind or "")
    return tuple(kinds)


def list_rows(headers: Sequence[str], kinds: Sequence[str | None], rows: Iterable[tuple[Sequence[str], Place]]) -> tuple[ListRow, ...]:
    """The parts among rows of cells; headings, sums and repeated headers are left out."""
    made = (_list_row(headers, kinds, cells, place) for cells, place in rows)
    heads = [normal_form(header) for header in headers]
    return tuple(row for row in made if row.is_part and not _is_sum(row) and not _repeats(row, heads))


def is_item_number(text: str) -> bool:
    """Whether a cell can be the number of a row: '3', '(3)', '1.2', 'A', '③'."""
    return _ITEM.match(text) is not None


def is_parts_list(kinds: Sequence[str | None], rows: Sequence[ListRow], *, titled: bool) -> bool:
    """Whether a table with these columns and rows is a parts list."""
    have = set(kinds)
    if not rows or not are_columns(have, titled=titled):
        return False
    if FOREIGN in have and not {ITEM, QUANTITY} <= have:
        return False
    if len(rows) == 1 and not titled and not ({ITEM, QUANTITY} <= have and _is_good(rows[0], strict=True)):
        return False  # one row of cells under labels is a title block's
    return sum(_is_good(row) for row in rows) >= GOOD_SHARE * len(rows)


def list_from_cells(
    rows: Sequence[tuple[Sequence[str], Place]],
    page_number: int,
    method: str,
    confidence: float,
    *,
    titled: bool,
    headers: Sequence[str] | None = None,
    kinds: Sequence[str | None] | None = None,
) -> PartsList | None:
    """The parts list that rows of cells make up; its header is looked for among the first and the last where none is given."""
    if headers is None or kinds is None:
        position = _header_position(rows)
        if position is None:
            return None
        titled = titled or any(is_list_title(cell) for cells, _ in rows[:position] for cell in cells)
        headers = rows[position][0]
        kinds = kinds_of(headers)
        rows = rows[position + 1 :] if position + 1 < len(rows) else rows[:position][::-1]
    parts = list_rows(headers, kinds, rows)
    if not is_parts_list(kinds, parts, titled=titled):
        return None
    return PartsList(page_number, tuple(headers), tuple(kinds), parts, None, method, confidence)


def _header_position(rows: Sequence[tuple[Sequence[str], Place]]) -> int | None:
    positions = [*range(min(_HEADER_DEPTH, len(rows))), *([len(rows) - 1] if rows else [])]
    return next((position for position in positions if are_columns(kinds_of(rows[position][0]), titled=True)), None)


def _is_good(row: ListRow, *, strict: bool = False) -> bool:
    item, count, number = row.values.get(ITEM, ""), row.values.get(QUANTITY, ""), row.values.get(PART_NUMBER, "")
    checks = [_ITEM.match(item) is not None, quantity(count) is not None]
    if strict:
        return all(checks)
    return any(checks) or any(character.isdigit() for character in number)


def _list_row(headers: Sequence[str], kinds: Sequence[str | None], cells: Sequence[str], place: Place) -> ListRow:
    raw: dict[str, str] = {}
    values: dict[str, str] = {}
    for header, kind, cell in _with_headless_joined(headers, kinds, cells):
        if not cell:
            continue
        name = header if header not in raw else f"{header} 2"
        raw[name] = cell
        if kind is not None and kind not in (OTHER, FOREIGN):
            values.setdefault(kind, cell)
    return ListRow(raw, values, place)


def _with_headless_joined(
    headers: Sequence[str], kinds: Sequence[str | None], cells: Sequence[str]
) -> Iterator[tuple[str, str | None, str]]:
    """Header, kind and cell of each column; a column without a header goes on the one at its left."""
    joined: list[tuple[str, str | None, str]] = []
    for header, kind, cell in zip(headers, kinds, cells, strict=False):
        if header or not joined:
            joined.append((header or "", kind, cell))
        elif cell:
            left_header, left_kind, left = joined[-1]
            joined[-1] = (left_header, left_kind, f"{left} {cell}".strip())
    yield from joined


def _is_sum(row: ListRow) -> bool:
    first = next(iter(row.raw_cells.values()), "")
    return is_total(first) and not row.values.get(PART_NUMBER, "").strip().isalnum()


def _repeats(row: ListRow, heads: Sequence[str]) -> bool:
    """Whether a row is the header once more."""
    texts = [normal_form(cell) for cell in row.raw_cells.values()]
    return len(texts) >= 2 and all(text in heads for text in texts)


def item_of(row: ListRow, number: int, one: PartsList) -> BomItem:
    """The numbered row of a list as it is stored."""
    values = values_of(row.values)
    return BomItem(number, row.raw_cells, row.place, one.method, one.confidence, *values)


class RowValues(NamedTuple):
    """What a row says, in the order of BomItem's fields."""

    item: str | None
    part_number: str | None
    description: str | None
    quantity: float | None
    material: str | None


def values_of(cells: Mapping[str, str]) -> RowValues:
    """What a row's cells, given by kind of column, say."""
    return RowValues(
        item_number(cells[ITEM]) if cells.get(ITEM) else None,
        _with_revision(cells),
        cells.get(DESCRIPTION) or None,
        quantity(cells[QUANTITY]) if cells.get(QUANTITY) else None,
        cells.get(MATERIAL) or None,
    )


def values_again(raw_cells: Mapping[str, str], headers: Sequence[str], *, are_tags: bool = False) -> RowValues | None:
    """What a stored row says by the dictionary of today; None where two columns claim one kind, for their order is lost.

    headers   of all rows of the list: an empty cell of this one is not stored
    are_tags  whether they are tags of block attributes
    """
    kinds = [tag_kind(header) for header in headers] if are_tags else kinds_of(headers)
    claimed = [kind for header in headers if (kind := tag_kind(header) if are_tags else column_kind(header)) in _VALUED]
    if len(set(claimed)) < len(claimed):
        return None
    cells = {kind: raw_cells.get(header, "") for header, kind in zip(headers, kinds, strict=True) if kind is not None}
    return values_of(cells)


def _with_revision(values: Mapping[str, str]) -> str | None:
    number, revision = values.get(PART_NUMBER), values.get(REVISION)
    if not number or not revision or number.endswith(revision):
        return number or None
    return f"{number} {revision}" if re.fullmatch(r"[A-Z]{1,2}|\d{1,2}", revision) else number


def item_number(text: str) -> str:
    """An item number as it is compared: '(3)', '3.' and '③' are '3'."""
    bare = text.strip(_ITEM_EDGES)
    return _CIRCLED.get(bare, bare) or text
