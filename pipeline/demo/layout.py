"""The sheet around the views: frame with zones, title block, revision table, parts list, notes.

All coordinates are mm on paper, origin at the lower left corner of the sheet. The title block comes as cells,
because a PDF draws them and a DXF makes them a block with attributes.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.demo.shapes import Item, Line, Outline, Text, rectangle
from pipeline.demo.spec import PAPER_MM, DrawingSpec, Language

BLOCK_WIDTH = 180.0
BLOCK_HEIGHT = 46.0
MARGIN = 10.0
BINDING = 20.0  # ISO 5457: the left margin is wide enough for a binder
ROW = 5.5

LABELS: dict[Language, dict[str, str]] = {
    "en": {
        "company": "Company", "drawing_number": "Drawing number", "title": "Title", "material": "Material",
        "scale": "Scale", "revision": "Rev.", "date": "Date", "author": "Drawn by", "approved": "Approved by",
        "sheet": "Sheet", "mass": "Mass", "tolerance": "General tolerances", "size": "Size",
        "history": "Revision|Change|Date|Name", "bom": "Item|Qty|Part number|Description|Material",
        "notes": "NOTES",
    },
    "de": {
        "company": "Firma", "drawing_number": "Zeichnungsnummer", "title": "Benennung", "material": "Werkstoff",
        "scale": "Maßstab", "revision": "Änd.", "date": "Datum", "author": "Gezeichnet", "approved": "Geprüft",
        "sheet": "Blatt", "mass": "Masse", "tolerance": "Allgemeintoleranzen", "size": "Format",
        "history": "Änd.|Änderung|Datum|Name", "bom": "Pos.|Menge|Sachnummer|Benennung|Werkstoff",
        "notes": "HINWEISE",
    },
    "fr": {
        "company": "Société", "drawing_number": "N° de plan", "title": "Désignation", "material": "Matière",
        "scale": "Échelle", "revision": "Indice", "date": "Date", "author": "Dessiné par",
        "approved": "Vérifié par", "sheet": "Folio", "mass": "Masse", "tolerance": "Tolérances générales",
        "size": "Format", "history": "Indice|Modification|Date|Nom",
        "bom": "Rep.|Qté|Référence|Désignation|Matière", "notes": "NOTES",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of the title block, relative to the block's lower left corner.

    key     the field's name, which is also the attribute's tag in a DXF
    height  mm, of the value's capitals
    """

    key: str
    x: float
    y: float
    width: float
    tall: float
    label: str
    value: str
    height: float = 2.6
    bold: bool = False

    @property
    def lines(self) -> tuple[Item, ...]:
        return (Outline(rectangle(self.x, self.y, self.width, self.tall), style="thin"),)

    @property
    def label_text(self) -> Text:
        return Text((self.x + 1.2, self.y + self.tall - 2.7), self.label, 1.5)

    @property
    def value_text(self) -> Text:
        return Text((self.x + 2.0, self.y + 1.8), self.value, self.height, bold=self.bold)


def sheet_size(spec: DrawingSpec) -> tuple[float, float]:
    """Width and height of the sheet as displayed, in mm."""
    return PAPER_MM[spec.paper]


def block_corner(spec: DrawingSpec) -> tuple[float, float]:
    """The lower left corner of the title block."""
    return (sheet_size(spec)[0] - MARGIN - BLOCK_WIDTH, MARGIN)


def title_cells(spec: DrawingSpec, sheet: int) -> tuple[Cell, ...]:
    """The title block of sheet number `sheet` (1-based), after ISO 7200."""
    label = LABELS[spec.language]
    of = f"{sheet} / {len(spec.sheets)}"
    return (
        Cell("company", 0, 0, 62, 22, label["company"], spec.company, 2.4, bold=True),
        Cell("drawing_number", 62, 0, 66, 11, label["drawing_number"], spec.number, 4.2, bold=True),
        Cell("revision", 128, 0, 16, 11, label["revision"], spec.revision, 3.6, bold=True),
        Cell("size", 144, 0, 16, 11, label["size"], spec.paper.split()[0]),
        Cell("sheet", 160, 0, 20, 11, label["sheet"], of),
        Cell("title", 62, 11, 118, 11, label["title"], spec.title, 3.6, bold=True),
        Cell("author", 0, 22, 44, 12, label["author"], spec.author),
        Cell("date", 44, 22, 36, 12, label["date"], spec.date),
        Cell("approved", 80, 22, 48, 12, label["approved"], spec.approved),
        Cell("scale", 128, 22, 22, 12, label["scale"], spec.scale_text),
        Cell("mass", 150, 22, 30, 12, label["mass"], spec.mass),
        Cell("material", 0, 34, 100, 12, label["material"], spec.material),
        Cell("tolerance", 100, 34, 80, 12, label["tolerance"], spec.tolerance_class),
    )


def surroundings(spec: DrawingSpec) -> tuple[Item, ...]:
    """Everything on the sheet but the views and the title block."""
    return (*frame(spec), *revision_table(spec), *parts_list(spec), *notes(spec))


def frame(spec: DrawingSpec) -> tuple[Item, ...]:
    """The border with its zone letters and numbers (about 50 mm a zone, no I and no O)."""
    width, height = sheet_size(spec)
    inner_width, inner_height = width - BINDING - MARGIN, height - 2 * MARGIN
    items: list[Item] = [
        Outline(rectangle(BINDING - 5, MARGIN - 5, inner_width + 10, inner_height + 10), style="thin"),
        Outline(rectangle(BINDING, MARGIN, inner_width, inner_height)),
    ]
    columns, rows = round(inner_width / 50), round(inner_height / 50)
    for k in range(columns):
        x = BINDING + (k + 0.5) * inner_width / columns
        items += [Text((x, y), str(k + 1), 2.0, "centre") for y in (MARGIN - 3.5, height - MARGIN + 1.5)]
        items += _ticks_x(BINDING + k * inner_width / columns, height) if k else []
    for k in range(rows):
        y = height - MARGIN - (k + 0.5) * inner_height / rows - 1
        items += [Text((x, y), "ABCDEFGH"[k], 2.0, "centre") for x in (BINDING - 2.5, width - MARGIN + 2.5)]
        items += _ticks_y(height - MARGIN - k * inner_height / rows, width) if k else []
    return tuple(items)


def _ticks_x(x: float, height: float) -> list[Item]:
    return [Line((x, y), (x, y + 5), "thin") for y in (MARGIN - 5, height - MARGIN)]


def _ticks_y(y: float, width: float) -> list[Item]:
    return [Line((x, y), (x + 5, y), "thin") for x in (BINDING - 5, width - MARGIN)]


def revision_table(spec: DrawingSpec) -> tuple[Item, ...]:
    """The history, newest at the bottom, in the upper right corner."""
    widths = (16.0, 54.0, 22.0, 22.0)
    width, height = sheet_size(spec)
    rows = [tuple(LABELS[spec.language]["history"].split("|"))]
    rows += [(entry.letter, entry.text, entry.date, entry.name) for entry in spec.revisions]
    return table(rows, widths, width - MARGIN - sum(widths), height - MARGIN - ROW * len(rows))


def parts_list(spec: DrawingSpec) -> tuple[Item, ...]:
    """The parts list above the title block: heading at the top, or nothing on a part's drawing."""
    if not spec.bom:
        return ()
    x, y = block_corner(spec)
    rows = [tuple(LABELS[spec.language]["bom"].split("|"))]
    rows += [(str(b.item), str(b.quantity), b.number, b.description, b.material) for b in spec.bom]
    return table(rows, (13.0, 15.0, 40.0, 67.0, 45.0), x, y + BLOCK_HEIGHT + 4)


def table(rows: list[tuple[str, ...]], widths: tuple[float, ...], x: float, y: float) -> tuple[Item, ...]:
    """A ruled table whose lower left corner is (x, y); the first row is the heading."""
    total, top = sum(widths), y + ROW * len(rows)
    items: list[Item] = [Line((x, y + ROW * k), (x + total, y + ROW * k), "thin") for k in range(len(rows) + 1)]
    left = x
    for column, width in enumerate(widths):
        items.append(Line((left, y), (left, top), "thin"))
        for k, row in enumerate(rows):
            at = (left + 1.2, top - ROW * (k + 1) + 1.7)
            items.append(Text(at, row[column], 1.8, bold=k == 0))
        left += width
    items.append(Line((left, y), (left, top), "thin"))
    return tuple(items)


def notes(spec: DrawingSpec) -> tuple[Item, ...]:
    """Numbered notes in the upper left corner of the frame."""
    if not spec.notes:
        return ()
    x, y = BINDING + 5, sheet_size(spec)[1] - MARGIN - 7
    heading = Text((x, y), LABELS[spec.language]["notes"], 2.2, bold=True)
    lines = (Text((x, y - 4.5 * (k + 1)), f"{k + 1}. {note}", 2.0) for k, note in enumerate(spec.notes))
    return (heading, *lines)
