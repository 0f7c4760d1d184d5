"""The blocks of a layout: its texts from top to bottom, tables as tables, then what its dimensions show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.extract.bom_rows import PartsList
from pipeline.extract.dxf.parts_lists import tabbed_cells, table_cells
from pipeline.extract.dxf.sheets import DxfText, LayoutWalker
from pipeline.extract.model import Block, Page
from pipeline.extract.normalise import join_lines

_TABS = re.compile(r"\^I|\t")
_LEAST_ROWS = 2


@dataclass(frozen=True, slots=True)
class _Table:
    """A table and the positions of the texts that it is made of, in the layout's reading order."""

    block: Block
    texts: frozenset[int]


def page_blocks(
    layout: Any, texts: Sequence[DxfText], shown: Iterable[str], walker: LayoutWalker, lists: Sequence[PartsList]
) -> tuple[Block, ...]:
    """The blocks of a layout.

    shown  what its dimensions and frames show
    lists  its parts lists
    """
    tables = [*_entity_tables(layout, texts, walker), *_listed(layout, texts, lists)]
    owner: dict[int, _Table] = {}
    for table in tables:
        if not any(position in owner for position in table.texts):
            owner.update(dict.fromkeys(table.texts, table))
    placed: set[int] = set()
    blocks: list[Block] = []
    for position, text in enumerate(texts):
        mine = owner.get(position)
        if mine is None:
            blocks.append(Block(text.text))
        elif id(mine) not in placed:
            placed.add(id(mine))
            blocks.append(mine.block)
    blocks.extend(table.block for table in tables if not table.texts)
    return (*blocks, *(Block(text) for text in shown))


def named(page: Page, name: str) -> Page:
    """The page under the name of its layout."""
    blocks = (Block(name, kind="heading", level=1), *page.blocks)
    return replace(page, blocks=blocks, text=join_lines(block.text for block in blocks))


def _entity_tables(layout: Any, texts: Sequence[DxfText], walker: LayoutWalker) -> Iterator[_Table]:
    """Table entities, and paragraphs whose tabs make columns."""
    positions: dict[str | None, list[int]] = {}
    for position, text in enumerate(texts):
        positions.setdefault(text.handle, []).append(position)
    for entity in layout.query("ACAD_TABLE MTEXT"):
        rows = [] if walker.is_hidden(entity) else _rows(entity)
        block = _table_block(rows)
        if block is not None and (entity.dxftype() == "ACAD_TABLE" or positions.get(entity.dxf.handle)):
            yield _Table(block, frozenset(positions.get(entity.dxf.handle, ())))


def _rows(entity: Any) -> list[Sequence[str]]:
    """The cells of a table entity or of tabbed text; none where they cannot be read, or are no table."""
    is_table = entity.dxftype() == "ACAD_TABLE"
    if not is_table and not _TABS.search(entity.text):
        return []
    try:
        rows = table_cells(entity) if is_table else tabbed_cells(entity)
    except MemoryError:
        raise
    except Exception:  # a damaged table costs its form, not its texts
        return []
    return rows if is_table or sum(len(row) > 1 for row in rows) >= max(_LEAST_ROWS, len(rows) / 2) else []


def _listed(layout: Any, texts: Sequence[DxfText], lists: Sequence[PartsList]) -> Iterator[_Table]:
    """Parts lists drawn with lines and texts, and those whose rows are insertions of a block."""
    for one in lists:
        if one.table is not None:
            rows: list[Sequence[str]] = [[column.header for column in one.table.columns], *(row.cells for row in one.table.rows)]
            found = frozenset(_inside(one, rows, texts))
        elif one.method == "block_attributes":
            rows = [one.headers, *([row.raw_cells.get(header, "") for header in one.headers] for row in one.rows)]
            handles = _attribute_handles(layout, one)
            found = frozenset(position for position, text in enumerate(texts) if text.handle in handles)
        else:
            continue
        block = _table_block(rows, header_rows=1)
        if block is not None and found:
            yield _Table(block, found)


def _inside(one: PartsList, rows: Sequence[Sequence[str]], texts: Sequence[DxfText]) -> Iterator[int]:
    """The texts in a list's region whose words its table has."""
    x0, y0, x1, y1 = one.region or (0.0, 0.0, 0.0, 0.0)
    words = [_compact(cell) for row in rows for cell in row]
    for position, text in enumerate(texts):
        if not (x0 <= text.x <= x1 and y0 <= text.y <= y1):
            continue
        if all(any(_compact(line) in word for word in words) for line in text.text.split("\n")):
            yield position


def _compact(text: str) -> str:
    return "".join(text.split())


def _attribute_handles(layout: Any, one: PartsList) -> set[str]:
    inserts = (layout.doc.entitydb.get(row.place.entity_handle) for row in one.rows if row.place.entity_handle)
    return {str(attribute.dxf.handle) for insert in inserts if insert is not None for attribute in insert.attribs}


def _table_block(rows: Sequence[Sequence[str]], header_rows: int | None = None) -> Block | None:
    """Rows of cells as a block; None without any text."""
    lines = ["\t".join(" ".join(cell.split()) for cell in row).rstrip("\t") for row in rows]
    kept = [line for line in lines if line]
    if not kept:
        return None
    return Block("\n".join(kept), kind="table", header_rows=_header_rows(kept) if header_rows is None else header_rows)


def _header_rows(lines: Sequence[str]) -> int:
    """Rows up to the first that names several columns, a title over them included; 0 where the rows below say no more."""
    first = next((index for index, line in enumerate(lines[:2]) if "\t" in line), None)
    if first is None or first + 1 >= len(lines) or any(cell.strip().isdecimal() for cell in lines[first].split("\t")):
        return 0
    return first + 1
