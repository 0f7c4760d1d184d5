"""Parts lists, materials and named values of one document, collected sheet by sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.extract.bom import BomReader
from pipeline.extract.grid import Grid
from pipeline.extract.hole_tables import find_hole_tables, hole_headers, hole_tables
from pipeline.extract.materials import find_materials, materials_of_items
from pipeline.extract.model import Annotation, BBox, BomItem, Material, MetadataField, Parameter
from pipeline.extract.parameters import find_parameters, may_hold_table
from pipeline.extract.sheet import Sheet, TextLine
from pipeline.extract.tables import Table


class TextFindings:
    """What the texts of a document's sheets say in lists and notes.

    material_aliases  path of a user's table of materials, '' for none
    """

    def __init__(self, material_aliases: str = "") -> None:
        self.bom = BomReader()
        self._own_materials = material_aliases
        self._materials: list[Material] = []
        self._parameters: list[Parameter] = []
        self.tables: tuple[Table, ...] = ()
        """Of the sheet read last: parts lists and tables of holes."""

    def read_sheet(
        self, sheet: Sheet, grid: Callable[[], Grid], fields: Sequence[MetadataField]
    ) -> tuple[tuple[BBox, ...], tuple[MetadataField, ...]]:
        """Read the next sheet; returns the regions of its parts lists, in the reading frame, and the fields outside them.

        A list's column is headed like a field of the title block, and its first row would be taken for the field's value.
        """
        lists = self.bom.read_sheet(sheet, grid)
        self.tables = tuple(one.table for one in lists if one.table is not None)
        regions = tuple(one.region for one in lists if one.region is not None)
        outside = [line for line in sheet.lines if not any(_is_inside(line.bbox, region) for region in regions)]
        shown = [sheet.place(region).bbox for region in regions]
        kept = tuple(field for field in fields if not any(_is_inside(field.place.bbox, region) for region in shown))
        self.read_lines(outside, kept, grid)
        return regions, kept

    def read_lines(self, lines: Sequence[TextLine], fields: Sequence[MetadataField], grid: Callable[[], Grid] | None = None) -> None:
        """Materials and named values among the lines of a sheet; the grid is asked for only where a table may stand."""
        self._materials.extend(find_materials(fields, lines, self._own_materials))
        holes = hole_headers(lines)
        rules = grid() if grid is not None and (holes or may_hold_table(lines)) else None
        self._parameters.extend(find_parameters(lines, rules))
        if rules is not None:
            self._parameters.extend(find_hole_tables(holes, lines, rules))
            self.tables += tuple(hole_tables(holes, lines, rules))

    def add_parameters(self, parameters: Iterable[Parameter]) -> None:
        """Named values that were found by other means than a sheet's lines."""
        self._parameters.extend(parameters)

    def items(self, annotations: Iterable[Annotation] = ()) -> tuple[BomItem, ...]:
        """The rows of all parts lists, with the balloons among the annotations that bear their number."""
        return self.bom.items(annotations)

    def materials(self, items: Iterable[BomItem]) -> tuple[Material, ...]:
        """The materials of title blocks and notes, then those of the parts lists' rows."""
        return (*self._materials, *materials_of_items(items, self._own_materials))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(self._parameters)


def _is_inside(box: BBox | None, region: BBox | None) -> bool:
    if box is None or region is None:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return region[0] <= x <= region[2] and region[1] <= y <= region[3]
