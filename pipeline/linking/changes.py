"""What changed between two revisions of a drawing: fields, dimensions, rows of its parts list. Pure: rows in, changes out.

A dimension is found again by its kind and value, else by its entity, else by the place where it stands on the sheet: what stands
there with another value has changed, what has no counterpart was added or removed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pipeline.linking.keys import number_key

# A dimension that moved further than this is another one. PDF points, or drawing units of a DXF.
NEAR = 40.0
# Values are compared as written: a thousandth of a millimetre is no rounding of theirs.
DIGITS = 4
# Pairs of places that are looked at; a drawing of more changed dimensions is another drawing.
MOST_PAIRS = 250_000

T = TypeVar("T")


@dataclass(frozen=True)
class Stated:
    """One dimension, as far as its change matters.

    value, tol_plus, tol_minus  in `unit`; centre: of its place on the page
    """

    kind: str
    value: float | None
    raw_text: str
    unit: str | None = None
    tol_plus: float | None = None
    tol_minus: float | None = None
    fit_class: str | None = None
    count: int = 1
    is_reference: bool = False
    is_basic: bool = False
    page: int | None = None
    centre: tuple[float, float] | None = None
    handle: str | None = None

    @property
    def size(self) -> tuple[Hashable, ...]:
        return self.kind, self.unit, _rounded(self.value) if self.value is not None else self.raw_text.strip()

    @property
    def whole(self) -> tuple[Hashable, ...]:
        return (*self.size, _rounded(self.tol_plus), _rounded(self.tol_minus), self.fit_class, self.count, self.is_reference, self.is_basic)


@dataclass(frozen=True)
class ListRow:
    """One row of a parts list: `cells` are quantity, description, material, …, those that are None left out."""

    part_number: str | None
    item: str | None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """change  'added', 'removed' or 'changed'; old is None for what was added, new for what was removed"""

    change: str
    name: str
    old: str | None
    new: str | None
    page: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"change": self.change, "name": self.name, "old": self.old, "new": self.new, "page": self.page}


def field_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Title-block fields by name. Case and spaces are no change."""
    return [_change(name, old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys())
            if _plain(old.get(name)) != _plain(new.get(name))]


def paged_field_changes(old: Mapping[int, Mapping[str, str]], new: Mapping[int, Mapping[str, str]]) -> list[Change]:
    """Title-block fields of drawings by page, each page against the sheet of the same number, else the same page, of the other.

    Where one of them has a single page with fields, what each says first is compared. What changes alike on several pages is told once,
    with the first of them.
    """
    if min(len(old), len(new)) < 2:
        return field_changes(_first_values(old), _first_values(new))
    before, after = _by_sheet(old), _by_sheet(new)
    if before is None or after is None:
        before, after = ({str(page): page for page in one} for one in (old, new))
    found: dict[tuple[str, str | None, str | None], Change] = {}
    for sheet in sorted(before.keys() | after.keys(), key=lambda one: after.get(one, before.get(one, 0))):
        page = after.get(sheet, before.get(sheet))
        for one in field_changes(old.get(before.get(sheet, 0), {}), new.get(after.get(sheet, 0), {})):
            found.setdefault((one.name, one.old, one.new), replace(one, page=page))
    return sorted(found.values(), key=lambda one: (one.name, one.page or 0))


def dimension_changes(old: Sequence[Stated], new: Sequence[Stated]) -> list[Change]:
    """Dimensions, whatever their order; equal ones are counted, not listed."""
    before, after = _without_equals(old, new)
    pairs = _paired(before, after, lambda one: one.size)
    pairs += _paired(before, after, lambda one: (one.size[0], one.size[2]))  # of which one sheet tells the unit and the other does not
    pairs += _paired(before, after, lambda one: (one.kind, one.handle) if one.handle else None)
    pairs += _nearest(before, after)
    found = [Change("changed", one.kind, *_told_apart(one, other), other.page) for one, other in pairs if not _may_be_equal(one, other)]
    found += [Change("removed", one.kind, shown(one), None, one.page) for one in before]
    found += [Change("added", one.kind, None, shown(one), one.page) for one in after]
    return sorted(found, key=lambda one: (one.change, one.name, one.old or "", one.new or ""))


def list_changes(old: Sequence[ListRow], new: Sequence[ListRow]) -> list[Change]:
    """Rows of the parts list by part number, those without one by item number."""
    before, after = _by_name(old), _by_name(new)
    found: list[Change] = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            found.append(_change(name, _row_text(one), _row_text(other)))
            continue
        found += [_change(f"{name} {cell}", one.cells.get(cell), other.cells.get(cell))
                  for cell in sorted(one.cells.keys() | other.cells.keys()) if _plain(one.cells.get(cell)) != _plain(other.cells.get(cell))]
    return found


def shown(one: Stated) -> str:
    """A dimension for a person: as it stands, with the tolerance where the text lacks it."""
    count = f"{one.count}× " if one.count > 1 and str(one.count) not in one.raw_text.split("x")[0].split("×")[0] else ""
    text = " ".join(one.raw_text.split())
    return f"{count}{text}{_tolerance(one, text)}"


def _first_values(pages: Mapping[int, Mapping[str, str]]) -> dict[str, str]:
    return {name: value for page in sorted(pages, reverse=True) for name, value in pages[page].items()}


def _by_sheet(pages: Mapping[int, Mapping[str, str]]) -> dict[str, int] | None:
    """Page by sheet number; None where a page has none, or two have the same."""
    sheets = {fields.get("sheet", "").partition("/")[0].strip(): page for page, fields in pages.items()}
    return sheets if len(sheets) == len(pages) and "" not in sheets else None


def _may_be_equal(one: Stated, other: Stated) -> bool:
    """Whether all that differs is that one of them has no unit."""
    return None in (one.unit, other.unit) and one.size[::2] == other.size[::2] and one.whole[3:] == other.whole[3:]


def _told_apart(one: Stated, other: Stated) -> tuple[str, str]:
    """Both for a person, with what their texts do not show where they read the same."""
    texts = shown(one), shown(other)
    return texts if texts[0] != texts[1] else (_in_full(one), _in_full(other))


def _in_full(one: Stated) -> str:
    words = (shown(one), one.unit, one.fit_class, "reference" if one.is_reference else None, "basic" if one.is_basic else None)
    return " ".join(word for word in words if word)


def _tolerance(one: Stated, text: str) -> str:
    if (one.tol_plus is None and one.tol_minus is None) or any(sign in text for sign in "±+"):
        return ""
    plus, minus = one.tol_plus or 0.0, one.tol_minus or 0.0
    return f" ±{plus:g}" if math.isclose(plus, -minus) else f" {plus:+g}/{minus:+g}"


def _without_equals(old: Sequence[Stated], new: Sequence[Stated]) -> tuple[list[Stated], list[Stated]]:
    return _left(old, Counter(one.whole for one in new)), _left(new, Counter(one.whole for one in old))


def _left(some: Iterable[Stated], others: Counter[tuple[Hashable, ...]]) -> list[Stated]:
    left = []
    for one in some:
        if others[one.whole] > 0:
            others[one.whole] -= 1
        else:
            left.append(one)
    return left


def _paired(before: list[Stated], after: list[Stated], key: Callable[[Stated], Hashable | None]) -> list[tuple[Stated, Stated]]:
    """Takes those of one key out of both lists, in their order."""
    waiting: dict[Hashable, list[Stated]] = defaultdict(list)
    for one in after:
        if (name := key(one)) is not None:
            waiting[name].append(one)
    pairs = []
    for one in list(before):
        name = key(one)
        if name is not None and waiting[name]:
            other = waiting[name].pop(0)
            pairs.append((one, other))
            _take(before, one)
            _take(after, other)
    return pairs


def _nearest(before: list[Stated], after: list[Stated]) -> list[tuple[Stated, Stated]]:
    """Takes those of one kind out of both lists that stand nearest to each other on one page."""
    if len(before) * len(after) > MOST_PAIRS:
        return []
    near = sorted(((math.dist(one.centre, other.centre), i, j) for i, one in enumerate(before) for j, other in enumerate(after)
                   if one.kind == other.kind and one.page == other.page and one.centre and other.centre), key=lambda found: found)
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for distance, i, j in near:
        if distance <= NEAR and i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((before[i], after[j]))
    for one, other in pairs:
        _take(before, one)
        _take(after, other)
    return pairs


def _take(some: list[T], one: T) -> None:
    """That very object: equal dimensions stand in several places."""
    del some[next(position for position, other in enumerate(some) if other is one)]


def _by_name(rows: Sequence[ListRow]) -> dict[str, ListRow]:
    named: dict[str, ListRow] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        name = _row_name(row)
        seen[name] += 1
        named[f"{name} #{seen[name]}" if seen[name] > 1 else name] = row
    return named


def _row_name(row: ListRow) -> str:
    """The part number without its revision: a part of a newer revision is the same row, changed."""
    if row.part_number and (text := " ".join(row.part_number.split())):
        key = number_key(text)
        return key.key.upper() if key.revision else text
    return f"item {row.item}" if row.item else (row.cells.get("description") or "row")


def _row_text(row: ListRow | None) -> str | None:
    return None if row is None else ", ".join(f"{name} {text}" for name, text in row.cells.items()) or "no cells"


def _change(name: str, old: str | None, new: str | None) -> Change:
    return Change("added" if old is None else "removed" if new is None else "changed", name, old, new)


def _plain(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split()).casefold()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
