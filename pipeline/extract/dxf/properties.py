"""A DXF's own facts: header variables, units, layers, and what it is made of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.extract.dxf.opening import OpenedDxf
from pipeline.extract.dxf.sheets import layer_of
from pipeline.extract.dxf.strings import name_text
from pipeline.extract.dxf.units import DrawingUnit
from pipeline.extract.model import Json
from pipeline.extract.normalise import clean_line

_VARIABLES = (
    "$ACADVER",
    "$ACADMAINTVER",
    "$DWGCODEPAGE",
    "$INSUNITS",
    "$MEASUREMENT",
    "$LUNITS",
    "$LUPREC",
    "$AUNITS",
    "$LIMMIN",
    "$LIMMAX",
    "$EXTMIN",
    "$EXTMAX",
    "$PLIMMIN",
    "$PLIMMAX",
    "$PEXTMIN",
    "$PEXTMAX",
    "$LTSCALE",
    "$DIMSCALE",
    "$DIMLFAC",
    "$DIMSTYLE",
    "$DIMDEC",
    "$DIMTOL",
    "$DIMLIM",
    "$DIMTP",
    "$DIMTM",
    "$TEXTSIZE",
    "$LASTSAVEDBY",
    "$PROJECTNAME",
)  # fmt: skip; no $TDCREATE and the like: ezdxf sets them to the time of reading
_MAX_LAYERS = 2000
_UNSET = 1e19  # extents of an empty drawing are set to 1e20


def read_properties(opened: OpenedDxf, unit: DrawingUnit, extents: tuple[float, float] | None) -> dict[str, Json]:
    """Version, encoding, header variables, unit, layers, layouts and counts, as JSON.

    extents  (width, height) of what is drawn in the model space, measured
    """
    document, variables = opened.document, opened.variables
    header: dict[str, Json] = {}
    for name in _VARIABLES:
        if name in variables and name in document.header.hdrvars:
            value = _json(document.header.get(name))
            if value not in (None, ""):
                header[name] = value
    entities = [(entity.dxftype(), layer_of(entity).casefold()) for layout in document.layouts for entity in layout]
    counts = Counter(kind for kind, _ in entities) + opened.left_out.kinds
    used = Counter(layer for _, layer in entities) + opened.left_out.layers
    return {
        "dxf_version": str(document.dxfversion),
        "release": str(document.acad_release),
        "encoding": str(document.encoding),
        "unit": unit.name,
        "unit_source": unit.source,
        "unit_doubts": [*unit.doubts],
        "extents": [*extents] if extents is not None else None,
        "header": header,
        "layers": _layers(document, used),
        "layouts": [name_text(name) for name in document.layouts.names_in_taborder()],
        "entity_counts": {kind: counts[kind] for kind in sorted(counts)},
        "block_count": sum(not block.is_any_layout for block in document.blocks),
    }


def extent(document: Any, variables: frozenset[str], layout: Any) -> tuple[float | None, float | None]:
    """(width, height) of a layout in its units as the file states them; None where it does not."""
    if layout.is_modelspace:
        corners = [document.header.get(name) for name in ("$EXTMIN", "$EXTMAX") if name in variables]
    else:
        corners = [layout.dxf.get(name) for name in ("extmin", "extmax")]
    points = [tuple(corner)[:2] for corner in corners if corner is not None]
    if len(points) < 2 or any(abs(value) >= _UNSET for point in points for value in point):
        return None, None
    width, height = points[1][0] - points[0][0], points[1][1] - points[0][1]
    return (round(width, 6), round(height, 6)) if width > 0 and height > 0 else (None, None)


def _json(value: Any) -> Json:
    if isinstance(value, str):
        return clean_line(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if _is_figure(value) else None
    coordinates = [float(number) for number in value]
    return [*coordinates] if all(map(_is_figure, coordinates)) else None


def _is_figure(value: float) -> bool:
    return abs(value) < _UNSET  # false for NaN too


def _layers(document: Any, used: Counter[str]) -> list[Json]:
    """The layers by name: colour (AutoCAD's index), line type, state, and how many entities of the layouts lie on each."""
    layers: list[Json] = []
    for layer in sorted(document.layers, key=lambda layer: str(layer.dxf.name))[:_MAX_LAYERS]:
        layers.append(
            {
                "name": name_text(layer.dxf.name),
                "color": abs(int(layer.dxf.get("color", 7))),
                "line_type": name_text(layer.dxf.get("linetype", "")),
                "frozen": layer.is_frozen(),
                "off": layer.is_off(),
                "locked": layer.is_locked(),
                "entities": used[layer.dxf.name.casefold()],
            }
        )
    return layers
