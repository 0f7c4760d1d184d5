"""What the readers return: plain data that travels between processes and goes into tables as it is.

A bbox is (x_min, y_min, x_max, y_max) in PDF points, origin top left. Confidences lie in [0, 1] and
`confidence_of` says of what ('field', 'text', 'dimension', 'material', …). `method` names how a value was found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BBox = tuple[float, float, float, float]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in its file: page and bbox for PDF, entity handle and layer for DXF."""

    page_number: int | None = None  # 1-based
    bbox: BBox | None = None
    entity_handle: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that belongs together, in reading order.

    kind         'text', 'heading', 'list', 'table', 'code', 'caption', 'header' or 'footer' (what a page repeats of others)
    level        of a heading, 1 the highest; None elsewhere
    size         height of its letters in points; None where unknown
    header_rows  of a table: how many of its first rows name the columns. A table's text has a line a row and tabs between cells
    """

    text: str
    bbox: BBox | None = None
    kind: str = "text"
    level: int | None = None
    size: float | None = None
    header_rows: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page (PDF) or layout (DXF) of normalised text.

    width, height  PDF points as displayed, or drawing units for DXF; None where unknown
    rotation       degrees clockwise that the viewer turns the page: 0, 90, 180, 270
    method         'text_layer', 'ocr', 'dxf_text', 'none' (no text found)
    """

    page_number: int
    text: str
    method: str
    width: float | None = None
    height: float | None = None
    rotation: int = 0
    has_text_layer: bool = False
    confidence: float | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataField:
    """One title-block field as the sheet shows it: `field` is 'drawing_number', 'title', 'revision', …

    normalised  the value in one form for all sheets: ISO 8601 dates, '1:2' scales, '1/3' sheets, mass in 'g'; None where
                there is no such form
    """

    field: str
    value: str
    raw_text: str
    place: Place
    method: str
    confidence: float
    confidence_of: str = "field"
    normalised: str | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension as shown.

    nominal, tol_plus, tol_minus  in `unit` as shown; tolerances are signed
    unit                          'mm', 'in', 'deg', or None where the file does not say
    value_mm                      the nominal in mm (degrees for angles); None where the unit is unknown
    details                       what only some dimensions have: 'limits' [low, high], 'qualifier' ('max', 'min', 'typ'),
                                  'depth', 'pitch', 'through', 'thread_standard', 'tolerance_source' ('ISO 286-2', …)
    """

    kind: str
    raw_text: str
    place: Place
    method: str
    confidence: float
    nominal: float | None = None
    unit: str | None = None
    value_mm: float | None = None
    tol_plus: float | None = None
    tol_minus: float | None = None
    fit_class: str | None = None
    count: int = 1
    is_reference: bool = False
    is_basic: bool = False
    details: dict[str, Json] = field(default_factory=dict)
    confidence_of: str = "dimension"


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a drawing says beside its dimensions.

    kind     'gdt' (a feature control frame), 'datum', 'surface_roughness', 'general_tolerance', 'balloon', 'note'
    details  its parts under stable names, such as {'characteristic': 'flatness', 'tolerance': 0.2, 'datums': ['A']}
    """

    kind: str
    raw_text: str
    place: Place
    method: str
    confidence: float
    details: dict[str, Json] = field(default_factory=dict)
    confidence_of: str = "annotation"


@dataclass(frozen=True, slots=True)
class Material:
    """A material as written and what it is called elsewhere.

    designation   the normalised designation, e.g. '1.4301'; None where the text is in no table of ours
    standard      whose designation that is, e.g. 'EN 10088'
    family        'stainless steel', 'aluminium', 'plastic', …
    thickness_mm  of sheet or plate, where written with the material
    treatment     surface or heat treatment, where written with the material
    """

    raw_text: str
    place: Place
    method: str
    confidence: float
    designation: str | None = None
    standard: str | None = None
    family: str | None = None
    thickness_mm: float | None = None
    treatment: str | None = None
    confidence_of: str = "material"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of a note, a table or an attribute.

    value_number  the value as a number in `unit`, where it is one
    source        'note', 'table', 'attribute', 'title_block'
    """

    name: str
    value: str
    raw_text: str
    place: Place
    method: str
    confidence: float
    source: str
    value_number: float | None = None
    unit: str | None = None
    confidence_of: str = "parameter"


@dataclass(frozen=True, slots=True)
class BomItem:
    """One row of a bill of materials.

    row_number  1-based, in the order of the list, top down, over all pages of the list
    raw_cells   every cell under its own header, as written
    balloons    places on the views that bear the row's item number
    """

    row_number: int
    raw_cells: dict[str, str]
    place: Place
    method: str
    confidence: float
    item: str | None = None
    part_number: str | None = None
    description: str | None = None
    quantity: float | None = None
    material: str | None = None
    balloons: tuple[Place, ...] = ()
    confidence_of: str = "bom_row"


@dataclass(frozen=True, slots=True)
class BlockUse:
    """A DXF block definition and how often it is used.

    insert_count  insertions that show, those within other blocks included
    attributes    tag → values of its insertions
    content_hash  the same for the same geometry whatever the block's name, place of its base point and layers
    details       'entity_count', 'size' [width, height] in drawing units, 'nested' names, 'is_anonymous', …
    """

    block_name: str
    place: Place
    method: str
    confidence: float
    insert_count: int
    attributes: dict[str, Json] = field(default_factory=dict)
    content_hash: str | None = None
    details: dict[str, Json] = field(default_factory=dict)
    confidence_of: str = "block"


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed outer contour with what lies in it: what a laser cutter asks for. Lengths in mm, areas in mm².

    width_mm, height_mm  of the smallest axis-parallel box
    cut_length_mm        of the contour and all inner contours
    holes                [{'diameter': 5.0, 'count': 4}, …], ascending; other openings are counted in `inner_count` only
    """

    place: Place
    method: str
    confidence: float
    width_mm: float
    height_mm: float
    cut_length_mm: float
    area_mm2: float
    inner_count: int
    holes: tuple[dict[str, Json], ...] = ()
    confidence_of: str = "outline"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that one PDF or DXF gave.

    kind        'pdf' or 'dxf'
    properties  the file's own facts as JSON: PDF document information, DXF header variables, layers
    warnings    what was repaired or left out, as stable words ('recovered', 'pages_unreadable:3')
    partial     True where something in the file could not be read
    """

    kind: str
    page_count: int
    has_text_layer: bool
    pages: tuple[Page, ...]
    metadata: tuple[MetadataField, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    materials: tuple[Material, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bom_items: tuple[BomItem, ...] = ()
    blocks: tuple[BlockUse, ...] = ()
    outlines: tuple[Outline, ...] = ()
    properties: dict[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    partial: bool = False
