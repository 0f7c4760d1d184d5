"""Walk a layout: its visible texts with their places, those of inserted blocks included, and its ruled lines.

Points are given with y growing downwards, as everywhere in this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ezdxf.math import Matrix44, Vec3

from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.grid import Line
from pipeline.extract.model import BBox

_MAX_DEPTH = 16  # of blocks within blocks
_MAX_ENTITIES = 400_000  # visited in one layout, blocks unfolded
_CHARACTER_WIDTH = 0.75  # of a letter, in text heights: an estimate, fonts are not at hand
_LINE_PITCH = 5 / 3  # of MTEXT, in text heights

TEXT_TYPES = frozenset({"TEXT", "MTEXT", "ATTRIB", "ATTDEF", "MULTILEADER", "MLEADER"})
_UNFOLDED = frozenset({"INSERT", "ACAD_TABLE"})
RULE_TYPES = frozenset({"LINE", "LWPOLYLINE", "POLYLINE"})


@dataclass(frozen=True, slots=True)
class DxfText:
    """One text entity; bbox is estimated, in drawing units, and None where the text is not horizontal."""

    text: str
    x: float
    y: float
    height: float
    bbox: BBox | None
    handle: str | None
    layer: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An entity, where it is drawn from (None: where it stands), and the layer that decides whether it shows."""

    entity: Any
    matrix: Matrix44 | None
    layer: str
    handle: str | None


class LayoutWalker:
    """Visits the entities of a layout that show, unfolding inserted blocks."""

    def __init__(self, document: Any) -> None:
        self._blocks = document.blocks
        self._hidden = {layer.dxf.name.casefold() for layer in document.layers if layer.is_off() or layer.is_frozen()}
        self._line_types = {name_text(layer.dxf.name).casefold(): str(layer.dxf.get("linetype", "")) for layer in document.layers}
        self._types = {str(block.name).casefold(): _types_in(block) for block in self._blocks}
        self._deep_types: dict[str, frozenset[str]] = {}
        self._all_types = frozenset[str]().union(*self._types.values())
        self.hidden_texts = 0

    def has_in_blocks(self, types: frozenset[str]) -> bool:
        """Whether a definition of a block holds any of these, so that blocks are worth unfolding for them."""
        return any(not types.isdisjoint(self._types[str(block.name).casefold()]) for block in self._blocks if not block.is_any_layout)

    def walk(self, layout: Iterable[Any], types: frozenset[str], *, unfold_tables: bool = True) -> Iterator[Placed]:
        """Entities of the given types in drawing order, at most `_MAX_ENTITIES` looked at."""
        if types.isdisjoint(self._all_types):
            return
        budget = [_MAX_ENTITIES]
        if not unfold_tables:
            layout = (entity for entity in layout if entity.dxftype() != "ACAD_TABLE")
        yield from self._walk(layout, types, None, None, None, (), budget)

    def _walk(
        self,
        entities: Iterable[Any],
        types: frozenset[str],
        matrix: Matrix44 | None,
        parent_layer: str | None,
        parent_handle: str | None,
        inside: tuple[str, ...],
        budget: list[int],
    ) -> Iterator[Placed]:
        """inside: the blocks that the entities stand in, the outermost first."""
        for entity in entities:
            budget[0] -= 1
            if budget[0] < 0:
                return
            kind = entity.dxftype()
            layer = layer_of(entity)
            if layer == "0" and parent_layer is not None:
                layer = parent_layer
            handle = parent_handle or entity.dxf.handle
            if self._is_hidden(entity, layer):
                self.hidden_texts += types is TEXT_TYPES and kind in types
                continue
            if kind in types and not (kind == "ATTDEF" and not (inside and entity.is_const)):
                yield Placed(entity, matrix, name_text(layer), handle)
            if kind == "INSERT":
                yield from self._attributes(entity, types, matrix, layer)
            inner = self._block_of(entity, kind, types)
            if inner is not None and len(inside) < _MAX_DEPTH and inner[0].name not in inside:
                block, own = inner
                combined = own if matrix is None else own @ matrix
                yield from self._walk(block, types, combined, layer, handle, (*inside, block.name), budget)

    def is_hidden(self, entity: Any) -> bool:
        """Whether an entity of a layout itself does not show."""
        return self._is_hidden(entity, layer_of(entity))

    def line_type(self, entity: Any, layer: str) -> str:
        """The name of the line type that an entity on `layer` is drawn in."""
        own = str(_attribute(entity, "linetype", "BYLAYER"))
        return self._line_types.get(layer.casefold(), "") if own.upper() in ("BYLAYER", "BYBLOCK") else own

    def _is_hidden(self, entity: Any, layer: str) -> bool:
        return layer.casefold() in self._hidden or bool(_attribute(entity, "invisible", 0))

    def _attributes(self, insert: Any, types: frozenset[str], matrix: Matrix44 | None, layer: str) -> Iterator[Placed]:
        if "ATTRIB" not in types:
            return
        for attribute in insert.attribs:
            if not attribute.is_invisible:
                yield Placed(attribute, matrix, name_text(layer), attribute.dxf.get("handle"))

    def _block_of(self, entity: Any, kind: str, types: frozenset[str]) -> tuple[Any, Matrix44] | None:
        """The block that an entity draws, with the way from block to layout; None for others and where nothing is wanted of it."""
        if kind not in ("INSERT", "ACAD_TABLE"):
            return None
        name = entity.dxf.get("name" if kind == "INSERT" else "geometry", "")
        block = self._blocks.get(name)
        if block is None or block.block.is_xref or types.isdisjoint(self._types_below(name.casefold(), 0)):
            return None
        if kind == "INSERT":
            return block, entity.matrix44()
        insert = Vec3(entity.dxf.get("insert", (0, 0, 0)))
        return block, Matrix44.translate(insert.x, insert.y, insert.z)

    def _types_below(self, name: str, depth: int) -> frozenset[str]:
        """The types of all entities that a block draws, those of blocks within it included."""
        if name not in self._deep_types:
            own = self._types.get(name, frozenset())
            self._deep_types[name] = own  # a block that holds itself ends here
            if depth < _MAX_DEPTH and not own.isdisjoint(_UNFOLDED):
                names = {str(entity.dxf.get("name" if entity.dxftype() == "INSERT" else "geometry", "")).casefold()
                         for entity in self._blocks.get(name) if entity.dxftype() in _UNFOLDED}
                self._deep_types[name] = own.union(*(self._types_below(inner, depth + 1) for inner in names))
        return self._deep_types[name]


def _types_in(entities: Iterable[Any]) -> frozenset[str]:
    """The types of entities; attributes are kept by their insertions, not beside them."""
    types = {entity.dxftype() for entity in entities}
    return frozenset(types | {"ATTRIB"} if "INSERT" in types else types)


def layer_of(entity: Any) -> str:
    """The name of an entity's layer as the file writes it; '0' where it has none."""
    return str(_attribute(entity, "layer", "0"))


def _attribute(entity: Any, name: str, default: Any) -> Any:
    """An attribute that entities which ezdxf only carries along do not have at all; the way round its checks is much faster."""
    return entity.dxf.__dict__.get(name, default)


def read_text(placed: Placed) -> DxfText | None:
    """The text of a placed text entity; None where it is empty."""
    entity, kind = placed.entity, placed.entity.dxftype()
    if kind in ("MULTILEADER", "MLEADER"):
        return _leader_text(placed)
    if kind == "ATTRIB" and entity.has_embedded_mtext_entity:
        entity, kind = entity.virtual_mtext_entity(), "MTEXT"
    text = paragraph_text(entity.text) if kind == "MTEXT" else line_text(entity.dxf.get("text", ""))
    if not text:
        return None
    height = float(entity.dxf.get("char_height" if kind == "MTEXT" else "height", 1.0)) or 1.0
    across, down = _anchor(entity, kind)
    point, angle = _position(entity, kind, across, down)
    return _place_text(placed, text, point, angle, height, (across, down), is_mtext=kind == "MTEXT")


def _leader_text(placed: Placed) -> DxfText | None:
    leader = placed.entity
    content = leader.context.mtext if leader.context is not None else None
    text = paragraph_text(leader.get_mtext_content())
    if content is None or not text:
        return None
    height = float(leader.context.char_height) or 1.0
    return _place_text(placed, text, Vec3(content.insert), 0.0, height, (0.0, 0.0), is_mtext=True)


def _anchor(entity: Any, kind: str) -> tuple[float, float]:
    """Where the insertion point lies in the text: (0, 0) upper left to (1, 1) lower right."""
    if kind == "MTEXT":
        point = int(entity.dxf.get("attachment_point", 1)) - 1
        return (point % 3) / 2, min(max(point // 3, 0), 2) / 2
    horizontal, vertical = int(entity.dxf.get("halign", 0)), int(entity.dxf.get("valign", 0))
    across = {1: 0.5, 4: 0.5, 2: 1.0}.get(horizontal, 0.0)
    middle = vertical == 2 or horizontal == 4
    return across, 0.5 if middle else 0.0 if vertical == 3 else 1.0


def _position(entity: Any, kind: str, across: float, down: float) -> tuple[Vec3, float]:
    """The insertion point and the rotation in degrees."""
    point = Vec3(entity.dxf.get("insert", (0, 0, 0)))
    if kind != "MTEXT":
        is_aligned = (across, down) != (0.0, 1.0) and entity.dxf.hasattr("align_point")
        point = Vec3(entity.dxf.align_point) if is_aligned else point
        point = entity.ocs().to_wcs(point)
    angle = entity.get_rotation() if kind == "MTEXT" else entity.dxf.get("rotation", 0.0)
    return point, float(angle)


def _place_text(
    placed: Placed, text: str, point: Vec3, angle: float, height: float, anchor: tuple[float, float], *, is_mtext: bool
) -> DxfText:
    direction = Vec3.from_deg_angle(angle)
    if placed.matrix is not None:
        point = placed.matrix.transform(point)
        height *= placed.matrix.transform_direction(Vec3(0, 1, 0)).magnitude or 1.0
        direction = placed.matrix.transform_direction(direction).normalize()
    lines = text.split("\n")
    width = max(len(line) for line in lines) * height * _CHARACTER_WIDTH
    depth = height * (1 + _LINE_PITCH * (len(lines) - 1)) if is_mtext else height
    bbox = None
    if direction.x > 0.99:
        left, top = point.x - anchor[0] * width, -point.y - anchor[1] * depth
        bbox = (left, top, left + width, top + depth)
    return DxfText(text, point.x, -point.y, height, bbox, placed.handle, placed.layer)


def read_rules(placed: Placed) -> Iterator[Line]:
    """The straight edges of a placed line or polyline."""
    points = list(_vertices(placed.entity))
    if placed.matrix is not None:
        points = list(placed.matrix.transform_vertices(points))
    for start, end in pairwise(points):
        yield start.x, -start.y, end.x, -end.y


def _vertices(entity: Any) -> Iterator[Vec3]:
    kind = entity.dxftype()
    if kind == "LINE":
        yield Vec3(entity.dxf.start)
        yield Vec3(entity.dxf.end)
        return
    points = [Vec3(x, y) for x, y in entity.get_points("xy")] if kind == "LWPOLYLINE" else list(entity.points())
    yield from points
    if entity.is_closed and points:
        yield points[0]
