"""Parts lists of a layout: table entities, tabbed texts, blocks whose insertions are rows, and lines with texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from ezdxf.entities.acad_table import read_acad_table_content

from pipeline.extract.bom import BomReader, may_hold_list
from pipeline.extract.bom_headers import DESCRIPTION, ITEM, PART_NUMBER, QUANTITY, is_list_title, tag_kind
from pipeline.extract.bom_rows import PartsList, list_from_cells
from pipeline.extract.dxf.attributes import attribute_text
from pipeline.extract.dxf.lines import read_lines, rules_of
from pipeline.extract.dxf.sheets import DxfText, LayoutWalker
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.grid import make_grid
from pipeline.extract.model import Place
from pipeline.extract.normalise import clean_line
from pipeline.extract.sheet import TextLine

_TABLE, _TABS, _HIDDEN, _INSERTS = 0.95, 0.85, 0.6, 0.9
_TAB = re.compile(r"\^I|\t")
_MARK = "\u241f"  # stands for a tab while formatting codes are taken out, which would turn it into spaces
_MIN_ROWS = 2  # insertions of a block that make a list
_MAX_ROWS = 5000
_MAX_TITLE = 200  # characters of an MTEXT with its formatting
_LETTER_WIDTH = 0.75  # of the width that read_lines assumes: what is left falls within a cell even in narrow fonts

_Rows = list[tuple[Sequence[str], Place]]


def read_parts_lists(layout: Any, texts: Sequence[DxfText], walker: LayoutWalker, page_number: int, bom: BomReader) -> int:
    """Add the parts lists of one layout to those of its document; returns how many entities are damaged."""
    entities = list(layout.query("ACAD_TABLE TEXT MTEXT INSERT"))
    titled = any(is_list_title(text.text) for text in texts) or any(map(_is_title, entities))
    tables = {str(entity.dxf.handle) for entity in entities if entity.dxftype() == "ACAD_TABLE"}
    damaged = _read_entities(entities, walker, page_number, bom, titled=titled)
    free = [text for text in texts if text.handle not in tables]
    if may_hold_list(line for text in free for line in text.text.split("\n")):
        _read_drawn(layout, free, walker, page_number, bom)
    return damaged


def listed_handles(texts: Sequence[DxfText], bom: BomReader, page_number: int) -> frozenset[str]:
    """The handles of the texts that the lists drawn on a layout are made of: none of them is a field of its title block."""
    regions = [one.region for one in bom.lists if one.page_number == page_number and one.region is not None]
    if not regions:
        return frozenset()
    inside = (text for text in texts if any(x0 <= text.x <= x1 and y0 <= text.y <= y1 for x0, y0, x1, y1 in regions))
    return frozenset(text.handle for text in inside if text.handle is not None)


def _read_entities(entities: Sequence[Any], walker: LayoutWalker, page_number: int, bom: BomReader, *, titled: bool) -> int:
    damaged = 0
    for entity in entities:
        try:
            bom.add(_of_entity(entity, walker, page_number, titled=titled))
        except MemoryError:
            raise
        except Exception:  # one damaged entity never costs the others
            damaged += 1
    bom.add(_of_inserts([entity for entity in entities if entity.dxftype() == "INSERT" and entity.attribs], walker, page_number))
    return damaged


def _of_entity(entity: Any, walker: LayoutWalker, page_number: int, *, titled: bool) -> Iterator[PartsList]:
    kind = entity.dxftype()
    if kind == "ACAD_TABLE" and not walker.is_hidden(entity):
        yield from _made(_table_rows(entity, page_number), page_number, "acad_table", _TABLE, titled=titled)
    elif kind == "MTEXT" and _TAB.search(entity.text):
        confidence = _HIDDEN if walker.is_hidden(entity) else _TABS
        yield from _made(_tabbed_rows(entity, page_number), page_number, "mtext_tabs", confidence, titled=titled)


def _made(rows: _Rows, page_number: int, method: str, confidence: float, *, titled: bool) -> Iterator[PartsList]:
    found = list_from_cells(rows, page_number, method, confidence, titled=titled)
    if found is not None:
        yield found


def _is_title(entity: Any) -> bool:
    """Whether an entity, even a hidden one, is the title of a list."""
    kind = entity.dxftype()
    if kind == "TEXT":
        return is_list_title(line_text(entity.dxf.get("text", "")))
    return kind == "MTEXT" and len(entity.text) < _MAX_TITLE and is_list_title(clean_line(paragraph_text(entity.text)))


def _place(entity: Any, page_number: int) -> Place:
    return Place(page_number, None, entity.dxf.get("handle"), name_text(entity.dxf.get("layer", "0")))


def _table_rows(table: Any, page_number: int) -> _Rows:
    place = _place(table, page_number)
    return [(row, place) for row in table_cells(table)]


def table_cells(table: Any) -> list[Sequence[str]]:
    """The cells of a table entity."""
    return [[clean_line(paragraph_text(str(cell))) for cell in row] for row in read_acad_table_content(table)[:_MAX_ROWS]]


def _tabbed_rows(text: Any, page_number: int) -> _Rows:
    place = _place(text, page_number)
    return [(row, place) for row in tabbed_cells(text)]


def tabbed_cells(text: Any) -> list[Sequence[str]]:
    """Lines cut at their tabs; where their number varies, it only makes up for the length of what stands before."""
    lines = [line.strip() for line in paragraph_text(_TAB.sub(_MARK, text.text)).split("\n")]
    lines = [line for line in lines if line.strip(_MARK)][:_MAX_ROWS]
    is_even = len({line.count(_MARK) for line in lines if _MARK in line}) == 1
    cut = re.compile(_MARK if is_even else rf"(?:{_MARK}\s*)+")
    return [[clean_line(cell) for cell in cut.split(line)] for line in lines]


def _of_inserts(inserts: Sequence[Any], walker: LayoutWalker, page_number: int) -> Iterator[PartsList]:
    """Blocks inserted once a row, their attributes being the cells."""
    groups: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for insert in inserts[:_MAX_ROWS]:
        if not walker.is_hidden(insert):
            groups[(insert.dxf.get("name", ""), *(name_text(attribute.dxf.get("tag", "")) for attribute in insert.attribs))].append(insert)
    for (_, *tags), rows in groups.items():
        kinds = [tag_kind(tag) for tag in tags]
        if len(rows) < _MIN_ROWS or not {ITEM, QUANTITY} & set(kinds) or not {PART_NUMBER, DESCRIPTION} & set(kinds):
            continue
        ordered = sorted(rows, key=lambda insert: (-insert.dxf.insert.y, insert.dxf.insert.x))
        cells = [([attribute_text(attribute) for attribute in insert.attribs], _place(insert, page_number)) for insert in ordered]
        items = [row[kinds.index(ITEM)] for row, _ in cells] if ITEM in kinds else []
        if len(set(items)) < len(items):
            continue  # parts drawn several times, not rows of a list
        if items and all(item.isdecimal() for item in items):
            cells = [cells[index] for index in sorted(range(len(cells)), key=lambda index: int(items[index]))]
        found = list_from_cells(cells, page_number, "block_attributes", _INSERTS, titled=False, headers=tags, kinds=kinds)
        if found is not None:
            yield found


def _read_drawn(layout: Any, texts: Sequence[DxfText], walker: LayoutWalker, page_number: int, bom: BomReader) -> None:
    """Lists drawn as lines and texts, through the same cells as those of a PDF page."""
    lines = [_narrowed(line, text) for text in texts for line in read_lines(text, page_number)]
    if not lines:
        return
    unit = median(line.height for line in lines)
    grid = make_grid(rules_of(layout, walker), min_length=0.9 * unit, tolerance=0.1 * unit)
    top, bottom = min(line.bbox[1] for line in lines), max(line.bbox[3] for line in lines)
    bom.read_texts(lines, lines, grid, page_number, bottom - top, goes_on=False)


def _narrowed(line: TextLine, text: DxfText) -> TextLine:
    """The line with less than its estimated width, about the point where it is anchored."""
    x0, y0, x1, y1 = line.bbox
    width = x1 - x0
    own = _LETTER_WIDTH * width * len(line.text) / max(len(one) for one in text.text.split("\n"))
    share = min(max((text.x - x0) / width, 0.0), 1.0) if width > 0 else 0.0
    left = text.x - share * own if 0.0 <= share <= 1.0 else x0
    return replace(line, bbox=(left, y0, left + own, y1))

