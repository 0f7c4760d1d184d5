"""Block definitions of a DXF: how often each shows, the values of its attributes, what it is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ezdxf.render.arrows import ARROWS

from pipeline.extract.dxf.block_geometry import BlockHasher
from pipeline.extract.dxf.sheets import LayoutWalker, layer_of
from pipeline.extract.dxf.strings import line_text, name_text, paragraph_text
from pipeline.extract.model import BlockUse, Json, Place

_MAX_BLOCKS = 5_000
_MAX_VALUES = 1_000  # of one attribute
_MAX_COUNT = 10**9  # nested arrays multiply
_CONFIDENCE = 1.0
_DRAWN_BY_PROGRAM: Final = ("*D", "*X", "*T")  # dimensions, hatches, tables


def read_blocks(document: Any, walker: LayoutWalker, *, is_complete: bool) -> tuple[BlockUse, ...]:
    """The block definitions by name, those that programs make for dimensions, hatches and tables left out.

    is_complete  False where parts of the geometry were not loaded, so that no hash can be given
    """
    blocks = [block for block in document.blocks if _is_of_interest(block)]
    blocks.sort(key=lambda block: str(block.name))
    counts = _Counts(document, walker)
    hasher = BlockHasher(document.blocks)
    found: list[BlockUse] = []
    for block in blocks[:_MAX_BLOCKS]:
        content_hash, size = hasher.hash_and_size(block) if is_complete else (None, None)
        name = str(block.name).casefold()
        if not counts.of[name] and _is_stock_arrow(block.name):
            continue
        found.append(BlockUse(
            block_name=name_text(block.name),
            place=Place(None, None, block.block.dxf.get("handle"), name_text(layer_of(block.block))),
            method="dxf_block",
            confidence=_CONFIDENCE,
            insert_count=min(counts.of[name], _MAX_COUNT),
            attributes={tag: [*values] for tag, values in sorted(counts.attributes[name].items())},
            content_hash=content_hash,
            details=_details(document, block, size, counts.hidden[name]),
        ))
    return tuple(found)


def _is_of_interest(block: Any) -> bool:
    if block.is_any_layout or block.block is None or block.block.is_xref:
        return False
    return not str(block.name).upper().startswith(_DRAWN_BY_PROGRAM)


def _is_stock_arrow(name: str) -> bool:
    """Arrow heads come with the program; they tell nothing where they are not used."""
    return bool(ARROWS.is_acad_arrow(ARROWS.arrow_name(name)) or ARROWS.is_ezdxf_arrow(ARROWS.arrow_name(name)))


def _details(document: Any, block: Any, size: tuple[float, float] | None, hidden: int) -> dict[str, Json]:
    details: dict[str, Json] = {"entity_count": len(block)}
    if hidden:
        details["hidden_inserts"] = hidden
    if size is not None:
        details["size"] = [*size]
    nested: set[Json] = {name_text(insert.dxf.get("name", "")) for insert in block if insert.dxftype() == "INSERT"}
    if nested:
        details["nested"] = sorted(nested, key=str)
    if str(block.name).startswith("*"):
        details["is_anonymous"] = True
        origin = _dynamic_origin(document, block)
        if origin is not None:
            details["dynamic_of"] = origin
    return details


def _dynamic_origin(document: Any, block: Any) -> str | None:
    """The name of the dynamic block of which this is a variant: programs leave its record's handle in the extended data."""
    record = block.block_record
    if record is None or not record.has_xdata("AcDbBlockRepBTag"):
        return None
    handle = next((tag.value for tag in record.get_xdata("AcDbBlockRepBTag") if tag.code == 1005), None)
    origin = document.entitydb.get(handle) if handle else None
    return name_text(origin.dxf.get("name", "")) if origin is not None and origin.dxftype() == "BLOCK_RECORD" else None


class _Counts:
    """How often each block shows, blocks within blocks included, and the attributes of its insertions; names folded."""

    def __init__(self, document: Any, walker: LayoutWalker) -> None:
        self._walker = walker
        self.of: Counter[str] = Counter()
        self.hidden: Counter[str] = Counter()  # insertions as they stand, on layers that are off or frozen
        self.attributes: dict[str, dict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
        self._inside = {str(block.name).casefold(): self._inserts(block) for block in document.blocks if not block.is_any_layout}
        drawn: Counter[str] = Counter()
        for layout in document.layouts:
            drawn += self._inserts(layout)
        self._unfold(drawn)

    def _inserts(self, entities: Iterable[Any]) -> Counter[str]:
        """Insertions that show, by name; a MINSERT counts for each of its places."""
        inserts: Counter[str] = Counter()
        for insert in entities:
            if insert.dxftype() != "INSERT":
                continue
            name = str(insert.dxf.get("name", "")).casefold()
            if self._walker.is_hidden(insert):
                self.hidden[name] += max(1, int(insert.mcount))
                continue
            inserts[name] += max(1, int(insert.mcount))
            for tag, value in _attributes(insert):
                values = self.attributes[name][tag]
                if len(values) < _MAX_VALUES:
                    values.append(value)
        return inserts

    def _unfold(self, drawn: Counter[str]) -> None:
        """Count what shows within blocks, each definition looked at once: the ways through nested ones multiply with every level."""
        order, inside = self._outermost_first(drawn)
        self.of.update({name: count for name, count in drawn.items() if name in inside})
        for name in order:
            for inner, count in inside[name].items():
                self.of[inner] = min(self.of[inner] + self.of[name] * count, _MAX_COUNT)

    def _outermost_first(self, drawn: Iterable[str]) -> tuple[list[str], dict[str, Counter[str]]]:
        """(blocks, each before those that it inserts; their insertions but for those by which a block holds itself)."""
        inside: dict[str, Counter[str]] = {}
        done: list[str] = []
        open_ones: dict[str, Iterator[tuple[str, int]]] = {}
        for start in drawn:
            if start in self._inside and start not in inside:
                open_ones[start], inside[start] = iter(self._inside[start].items()), Counter()
            while open_ones:
                name = next(reversed(open_ones))
                step = next(open_ones[name], None)
                if step is None:
                    done.append(name)
                    del open_ones[name]
                    continue
                inner, count = step
                if inner not in self._inside or inner in open_ones:
                    continue
                inside[name][inner] = count
                if inner not in inside:
                    open_ones[inner], inside[inner] = iter(self._inside[inner].items()), Counter()
        return done[::-1], inside


def _attributes(insert: Any) -> Iterator[tuple[str, str]]:
    for attribute in insert.attribs:
        text = attribute.virtual_mtext_entity().text if attribute.has_embedded_mtext_entity else attribute.dxf.get("text", "")
        value = paragraph_text(text) if attribute.has_embedded_mtext_entity else line_text(text)
        yield name_text(attribute.dxf.get("tag", "")), value
