"""What the readers return: plain data that travels between processes and goes into tables as it is.

A bbox is (x_min, y_min, x_max, y_max) in PDF points, origin top left. Confidences lie in [0, 1] and
`confidence_of` says of what ('field', 'text', 'dimension'). `method` names how a value was found.
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
    """A run of text that belongs together, in reading order."""

    text: str
    bbox: BBox | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page (PDF) or layout (DXF) of normalised text.

    width, height  PDF points as displayed, or drawing units for DXF; None where unknown
    rotation       degrees clockwise that the viewer turns the page: 0, 90, 180, 270
    method         'text_layer', 'dxf_text', 'none' (no text found)
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
    """One title-block field as the sheet shows it: `field` is 'drawing_number', 'title', 'revision', …"""

    field: str
    value: str
    raw_text: str
    place: Place
    method: str
    confidence: float
    confidence_of: str = "field"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension as shown.

    nominal, tol_plus, tol_minus  in `unit` as shown; tolerances are signed
    unit                          'mm', 'in', 'deg', or None where the file does not say
    value_mm                      the nominal in mm (degrees for angles); None where the unit is unknown
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
    confidence_of: str = "dimension"


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
    properties: dict[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    partial: bool = False
