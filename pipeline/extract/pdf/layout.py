"""A page's blocks in reading order: paragraphs, list items and tables on pages of prose; on drawings the file's blocks and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.extract.grid import Grid, union
from pipeline.extract.model import BBox, Block
from pipeline.extract.normalise import join_lines
from pipeline.extract.pdf.columns import in_columns
from pipeline.extract.pdf.page_tables import FoundTable, is_tabular, prose_tables
from pipeline.extract.pdf.pages import block_text, main_size
from pipeline.extract.pdf.parts import Part, in_rows, is_prose, paragraphs, part_of
from pipeline.extract.sheet import Sheet, ShownLine

_TABLE_SHARE = 0.5  # of a page's letters, in tables, that make it a page of a document


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The blocks of one page before headings are known, for those depend on the whole document.

    bold      whether the letters of each block are
    is_prose  whether it is a page of running text or of tables, as documents have
    is_sheet  whether it is a drawing sheet, on which nothing is a heading
    """

    blocks: tuple[Block, ...]
    bold: tuple[bool, ...]
    is_prose: bool
    is_sheet: bool

    @property
    def text(self) -> str:
        return join_lines(block.text for block in self.blocks)


def lay_out(sheet: Sheet, tables: Sequence[FoundTable], grid: Callable[[], Grid], *, is_sheet: bool) -> PageLayout:
    """The page's blocks.

    tables    those that the readers of lists found
    is_sheet  whether the page is a drawing sheet
    """
    lines = [line for group in sheet.groups for line in group]
    prose = not is_sheet and is_prose(lines)
    if prose or (not is_sheet and is_tabular(lines)):
        taken = {id(line) for table in tables for line in table.lines}
        found = prose_tables([line for line in lines if id(line) not in taken], grid, sheet.size[1])
        prose = prose or _share(found, lines) >= _TABLE_SHARE
        tables = [*tables, *found] if prose else tables
    if is_sheet and not tables:
        return PageLayout(sheet.blocks, tuple(all(line.is_bold for line in group) for group in sheet.groups), prose, is_sheet)
    parts = _with_tables(sheet.groups, tables)
    if prose:
        parts = _prose(parts)
    elif not is_sheet:
        parts = [in_rows(part) for part in parts]
    return PageLayout(
        tuple(_block(part, is_prose=prose) for part in parts),
        tuple(part.table is None and all(line.is_bold for line in part.lines) for part in parts),
        prose,
        is_sheet,
    )


def _share(tables: Sequence[FoundTable], lines: Sequence[ShownLine]) -> float:
    """Share of the page's letters in tables."""
    total = sum(len(line.text) for line in lines)
    return sum(len(line.text) for table in tables for line in table.lines) / total if total else 0.0


def _prose(parts: Sequence[Part]) -> list[Part]:
    """The upright parts column by column, then what is written along the margins."""
    upright = [part for part in parts if part.lines[0].is_upright]
    return paragraphs([*in_columns(upright), *(part for part in parts if not part.lines[0].is_upright)])


def _with_tables(groups: Sequence[Sequence[ShownLine]], tables: Sequence[FoundTable]) -> list[Part]:
    """The groups as parts without the lines of tables, and each table where its first line stood."""
    owner = {id(line): table for table in tables for line in table.lines}
    placed: set[int] = set()
    parts: list[Part] = []
    for group in groups:
        rest = [line for line in group if id(line) not in owner]
        if rest:
            parts.append(part_of(rest))
        for line in group:
            table = owner.get(id(line))
            if table is not None and id(table) not in placed:
                placed.add(id(table))
                parts.append(table.part)
    return parts


def _block(part: Part, *, is_prose: bool) -> Block:
    bbox: BBox = union([line.bbox for line in part.lines])
    size = main_size(part.lines)
    if part.table is not None:
        return Block(part.table.text, bbox, "table", size=size, header_rows=part.table.header_rows)
    return Block(block_text(part.lines), bbox, "list" if is_prose and part.is_list else "text", size=size)
