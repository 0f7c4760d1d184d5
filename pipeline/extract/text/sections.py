"""Which units may share a chunk: sections, small ones with what follows them, drawing sheets each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.extract.text.compose import Unit

_SMALL = 0.25  # of a chunk: a smaller section is joined with the next


class Section(NamedTuple):
    """The units [first, after) from a heading to the next.

    headings  unit indexes of the headings above its text, the highest first, its own last
    """

    first: int
    after: int
    headings: tuple[int, ...]


def sections_of(units: Sequence[Unit]) -> list[Section]:
    """All sections in order; what stands before the first heading is one of its own."""
    result: list[Section] = []
    above: list[int] = []
    first = 0
    for index, unit in enumerate(units):
        if unit.kind != "heading":
            continue
        if index > first:
            result.append(Section(first, index, tuple(above)))
        while above and units[above[-1]].level >= unit.level:
            above.pop()
        above.append(index)
        first = index
    if units:
        result.append(Section(first, len(units), tuple(above)))
    return result


def regions(units: Sequence[Unit], sections: Sequence[Section], sheets: Sequence[bool], aim: int) -> Iterator[tuple[int, int]]:
    """Runs of units [first, after) that are cut by themselves."""
    for first, after in _joined(units, sections, aim):
        begin = first
        for index in range(first + 1, after):
            page, before = units[index].page, units[index - 1].page
            if page != before and (sheets[page] or sheets[before]) and units[index - 1].kind != "heading":
                yield begin, index
                begin = index
        yield begin, after


def _joined(units: Sequence[Unit], sections: Sequence[Section], aim: int) -> Iterator[tuple[int, int]]:
    """Sections with small ones joined to the next under the same parent."""
    group: list[Section] = []
    for section in sections:
        if group and not _joins(units, group, section, aim):
            yield group[0].first, group[-1].after
            group = []
        group.append(section)
    if group:
        yield group[0].first, group[-1].after


def _joins(units: Sequence[Unit], group: Sequence[Section], section: Section, aim: int) -> bool:
    last = group[-1]
    if units[last.after - 1].kind == "heading" and len(section.headings) > len(last.headings):
        return True  # a heading whose text begins with the next heading
    is_sibling = section.headings[:-1] == last.headings[:-1]
    is_child = len(section.headings) > len(last.headings) and section.headings[: len(last.headings)] == last.headings
    if not (is_sibling or is_child):
        return False
    size, further = _size(units, group[0].first, last.after), _size(units, section.first, section.after)
    return size < _SMALL * aim or (further < _SMALL * aim and size + further <= aim)


def _size(units: Sequence[Unit], first: int, after: int) -> int:
    return units[after - 1].stop - units[first].start


def common_headings(units: Sequence[Unit], sections: Sequence[Section], first: int, last: int) -> tuple[int, ...]:
    """The headings above everything in the sections [first, last]; a heading without text of its own counts with what it leads to."""
    common: tuple[int, ...] | None = None
    for number in range(first, last + 1):
        section = sections[number]
        if number < last and units[section.after - 1].kind == "heading" and len(sections[number + 1].headings) > len(section.headings):
            continue
        common = section.headings if common is None else _common(common, section.headings)
    return common or ()


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
