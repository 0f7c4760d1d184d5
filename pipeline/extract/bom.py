"""Parts lists on the sheets of a document: found by their headers, followed over sheets, numbered, linked to balloons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.extract.bom_headers import ITEM, OTHER, PART, PART_NUMBER, QUANTITY, column_kind, is_list_title
from pipeline.extract.bom_rows import (
    GOOD_SHARE,
    ListRow,
    PartsList,
    are_columns,
    is_item_number,
    is_parts_list,
    item_number,
    item_of,
    kinds_of,
    list_rows,
)
from pipeline.extract.grid import Grid
from pipeline.extract.labels import normal_form
from pipeline.extract.model import Annotation, BBox, BomItem, Place
from pipeline.extract.open_tables import continued_open, open_tables
from pipeline.extract.quantities import quantity
from pipeline.extract.sheet import Sheet, TextLine, joined_place
from pipeline.extract.tables import Pieces, Table, continued_ruled, cut_at_rules, ruled_tables, text_rows

_RULED, _OPEN = 0.9, 0.75
_UPRIGHT = 0.99
_TITLE_REACH = 12.0  # how far from the table its title may stand, in text heights
_TOP_SHARE = 0.25  # of a sheet, where a list goes on that began on the sheet before
_MAX_PIECES = 20_000
_MAX_HEADERS = 12  # header rows tried on one sheet


def pieces_of(sheet: Sheet) -> list[TextLine]:
    """The upright texts of a sheet as its tables are read from: runs of text, finer than lines."""
    return [TextLine(span.text, span.bbox, sheet.place(span.bbox)) for span in sheet.spans if span.direction[0] > _UPRIGHT]


class BomReader:
    """Reads the parts lists of one document sheet by sheet; a list may go on from the sheet before."""

    def __init__(self) -> None:
        self.lists: list[PartsList] = []
        self._open_list: tuple[int, Table] | None = None  # page and geometry of the list that may go on

    def read_sheet(self, sheet: Sheet, grid: Callable[[], Grid]) -> tuple[PartsList, ...]:
        """The lists of the next sheet. The grid is asked for only where a header or a list to be continued stands."""
        texts = [line.text for line in sheet.lines] + [span.text for span in sheet.spans]
        if sheet.method == "ocr":
            return self._read_scanned(sheet, grid)
        may_go_on = self._open_list is not None and self._open_list[0] == sheet.page_number - 1
        if len(texts) > 2 * _MAX_PIECES or not (may_go_on or may_hold_list(texts)):
            return ()
        return self.read_texts(sheet.lines, pieces_of(sheet), grid(), sheet.page_number, sheet.size[1])

    def _read_scanned(self, sheet: Sheet, grid: Callable[[], Grid]) -> tuple[PartsList, ...]:
        """The lists of a sheet read by OCR, which may take the texts of neighbouring cells for one."""
        words = [word for line in sheet.lines for word in (line.text, *line.text.split())]
        if len(sheet.spans) > _MAX_PIECES or not may_hold_list(words):
            return ()
        rules = grid()
        pieces = [part for piece in pieces_of(sheet) for part in cut_at_rules(piece, rules)]
        return self.read_texts(pieces, pieces, rules, sheet.page_number, sheet.size[1], trust=sheet.confidence or 1.0, goes_on=False)

    def read_texts(
        self,
        lines: Sequence[TextLine],
        pieces: Sequence[TextLine],
        grid: Grid,
        page_number: int,
        page_height: float,
        *,
        trust: float = 1.0,
        goes_on: bool = True,
    ) -> tuple[PartsList, ...]:
        """The lists among lines and finer pieces of text.

        trust    scales the confidence
        goes_on  whether a list may go on from the page before: layouts of a DXF are no consecutive pages
        """
        found = list(_find(lines, pieces, grid))
        if not found and goes_on and self._open_list is not None and self._open_list[0] == page_number - 1:
            found = _go_on(self._open_list[1], pieces, grid, page_height)
        self._open_list = (page_number, found[-1]) if found else None
        lists = tuple(_parts_list(table, page_number, trust) for table in found)
        self.lists.extend(lists)
        return lists

    def add(self, lists: Iterable[PartsList]) -> None:
        """Lists that were found by other means than a sheet's geometry."""
        self.lists.extend(lists)

    def items(self, annotations: Iterable[Annotation] = ()) -> tuple[BomItem, ...]:
        """All rows, numbered over the sheets of each list, with the balloons that bear their item number."""
        items: list[BomItem] = []
        above, before = 0, None  # rows of the same list on the sheets before
        for one in self.lists:
            above = above if before is not None and _goes_on(before, one) else 0
            items.extend(item_of(row, above + index, one) for index, row in enumerate(one.rows, start=1))
            above, before = above + len(one.rows), one
        balloons, rows = _balloons(annotations), Counter(item.item for item in items)
        return tuple(replace(item, balloons=_linked(item, balloons, is_only=rows[item.item] == 1)) for item in items)


def may_hold_list(texts: Iterable[str]) -> bool:
    """Whether a sheet's texts name the columns of a parts list; quick, and no more than a reason to look."""
    kinds = {kind for text in texts if len(text) <= 45 and (kind := column_kind(text.strip())) is not None}
    return are_columns(kinds, titled=True)


def _find(lines: Sequence[TextLine], pieces: Sequence[TextLine], grid: Grid) -> Iterator[Table]:
    """The tables of a sheet that are parts lists, from top to bottom of their headers."""
    titles = [line for line in lines if is_list_title(line.text)]
    index = Pieces(pieces)
    regions: list[BBox] = []
    for header in _header_rows(lines, pieces)[:_MAX_HEADERS]:
        if any(_is_inside(piece.bbox, region) for piece in header for region in regions):
            continue
        best = _best(header, index, grid, titles)
        if best is not None:
            regions.append(best.region)
            yield best


def _best(header: Sequence[TextLine], pieces: Pieces, grid: Grid, titles: Sequence[TextLine]) -> Table | None:
    """The reading of a header with the most parts: ruled before open, downwards before upwards."""
    for tables in (ruled_tables(header, pieces, grid), open_tables(header, pieces, _key_headers(header))):
        scored = [(len(rows), table) for table in tables if (rows := _believed(table, titles))]
        if scored:
            return max(scored, key=lambda pair: pair[0])[1]
    return None


def _key_headers(header: Sequence[TextLine]) -> list[str]:
    """The header whose column every row fills."""
    by_kind = {column_kind(piece.text.strip()): piece.text.strip() for piece in reversed(header)}
    for kind in (ITEM, QUANTITY, PART_NUMBER, PART):
        if kind in by_kind:
            return [by_kind[kind]]
    return []


def _believed(table: Table, titles: Sequence[TextLine]) -> tuple[ListRow, ...]:
    """The rows of a table that is a parts list; none otherwise."""
    headers = [column.header for column in table.columns]
    kinds = kinds_of(headers)
    rows = _rows_of(table, headers, kinds)
    titled = any(_is_over(title, table) for title in titles)
    return rows if is_parts_list(kinds, rows, titled=titled) else ()


def _rows_of(table: Table, headers: Sequence[str], kinds: Sequence[str | None]) -> tuple[ListRow, ...]:
    return list_rows(headers, kinds, ((row.cells, joined_place([piece.place for piece in row.pieces])) for row in table.rows))


def _is_over(title: TextLine, table: Table) -> bool:
    x0, y0, x1, y1 = title.bbox
    left, top, right, bottom = table.region
    reach = _TITLE_REACH * title.height
    return x0 < right and left < x1 and top - reach <= y1 and y0 <= bottom + reach


def _header_rows(lines: Sequence[TextLine], pieces: Sequence[TextLine]) -> list[list[TextLine]]:
    """Texts side by side that name the columns of a parts list, from top to bottom."""
    known = [line for line in lines if column_kind(line.text.strip()) is not None]
    words = [piece for piece in pieces if column_kind(piece.text.strip()) is not None]
    known += [word for word in words if not any(_is_inside(word.bbox, line.bbox) for line in known)]
    rows: list[list[TextLine]] = []
    for row in text_rows(known):
        rows.extend(_apart(sorted(row, key=lambda piece: piece.bbox[0])))
    return [row for row in rows if are_columns({column_kind(piece.text.strip()) for piece in row}, titled=True)]


def _apart(row: Sequence[TextLine]) -> list[list[TextLine]]:
    """One row of headers cut where another table's begins: a column's name comes again, far to the right."""
    parts: list[list[TextLine]] = [[]]
    for piece in row:
        kind = column_kind(piece.text.strip())
        names = {normal_form(one.text) for one in parts[-1]}
        if kind not in (OTHER, PART) and normal_form(piece.text) in names:
            parts.append([])
        parts[-1].append(piece)
    return parts


def _is_inside(box: BBox, region: BBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return region[0] <= x <= region[2] and region[1] <= y <= region[3]


def _go_on(table: Table, pieces: Sequence[TextLine], grid: Grid, page_height: float) -> list[Table]:
    """The rows of a list that goes on at the top of the next sheet without its header."""
    left, right = table.columns[0].left, table.columns[-1].right
    inside = [piece for piece in pieces if left <= piece.bbox[0] <= right]
    first = min(inside, key=lambda piece: piece.bbox[1], default=None)
    if first is None or table.grows_up or first.bbox[1] > _TOP_SHARE * page_height:
        return []
    index = Pieces(pieces)
    key = [column.header for column in table.columns if column_kind(column.header) in (ITEM, QUANTITY, PART_NUMBER)]
    more = continued_ruled(table.columns, first, index, grid) if table.is_ruled else continued_open(table.columns, first, index, key)
    return [more] if more is not None and _believed_more(more) else []


def _believed_more(table: Table) -> bool:
    """Whether rows without a header are the same list's: nearly all are parts, by stricter signs."""
    headers = [column.header for column in table.columns]
    kinds = kinds_of(headers)
    rows = _rows_of(table, headers, kinds)
    if not rows or len(rows) < GOOD_SHARE * len(table.rows):
        return False
    sign = QUANTITY if QUANTITY in kinds else ITEM if ITEM in kinds else PART_NUMBER
    test: Callable[[str], bool] = {
        QUANTITY: lambda text: quantity(text) is not None,
        ITEM: is_item_number,
        PART_NUMBER: lambda text: any(character.isdigit() for character in text),
    }[sign]
    return sum(test(row.values.get(sign, "")) for row in rows) >= GOOD_SHARE * len(rows)


def _parts_list(table: Table, page_number: int, trust: float) -> PartsList:
    headers = tuple(column.header for column in table.columns)
    kinds = kinds_of(headers)
    method, confidence = ("table.ruled", _RULED) if table.is_ruled else ("table.open", _OPEN)
    rows = _rows_of(table, headers, kinds)
    return PartsList(page_number, headers, kinds, rows, table.region, method, round(confidence * trust, 3), table)


def _goes_on(before: PartsList, after: PartsList) -> bool:
    """Whether a list is the continuation of the one before: the same columns, and its items do not begin again."""
    if [normal_form(header) for header in before.headers] != [normal_form(header) for header in after.headers]:
        return False
    first, again = (next((row.values.get(ITEM) for row in one.rows), None) for one in (before, after))
    return first is None or first != again


def _balloons(annotations: Iterable[Annotation]) -> dict[str, list[Place]]:
    """Item number → the balloons that bear it."""
    found: dict[str, list[Place]] = defaultdict(list)
    for one in annotations:
        if one.kind == "balloon":
            found[item_number(str(one.details.get("item") or one.raw_text))].append(one.place)
    return found


def _linked(item: BomItem, balloons: Mapping[str, Sequence[Place]], *, is_only: bool) -> tuple[Place, ...]:
    """The balloons that bear the item's number; those of the same sheet alone unless it is the only row with that number."""
    if item.item is None:
        return ()
    return tuple(place for place in balloons.get(item.item, ()) if is_only or place.page_number == item.place.page_number)
