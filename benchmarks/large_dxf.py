"""A DXF of any size: a real small drawing whose ENTITIES section is filled up with lines, outlines, texts and inserts."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import ezdxf

Tags = tuple[tuple[int, object], ...]

FIRST_HANDLE = 0x100000  # beyond every handle of the small drawing
HANDLE_SEED = 0x7FFFFFF


def write_large_dxf(path: Path, megabytes: int) -> int:
    """Write the file, ASCII, R2010; returns how many entities it has beyond the small drawing's."""
    before, after = _small_drawing()
    written, size = 0, len(before) + len(after)
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(before)
        for entity in _entities():
            stream.write(entity)
            written, size = written + 1, size + len(entity)
            if size >= megabytes * 1_000_000:
                break
        stream.write(after)
    return written


def _small_drawing() -> tuple[str, str]:
    """The text of a drawing with layers, a block, dimensions and a title block, cut at the end of its entities."""
    document: Any = ezdxf.new("R2010", setup=True, units=4)
    document.header["$HANDSEED"] = f"{HANDLE_SEED:X}"
    for number in range(20):
        document.layers.add(f"LAYER_{number}")
    block = document.blocks.new("BOLT")
    block.add_circle((0, 0), 4)
    block.add_attdef("SIZE", (0, 6), dxfattribs={"height": 2})
    space = document.modelspace()
    for row in range(50):
        dimension = space.add_linear_dim(base=(0, row * 20 + 8), p1=(0, row * 20), p2=(100 + row, row * 20))
        dimension.render()
    space.add_mtext("DRAWING NO.\\PDM-1042-03").set_location((500, 10))
    stream = io.StringIO()
    document.write(stream)
    text = stream.getvalue()
    entities = text.index("  2\nENTITIES\n")
    cut = text.index("  0\nENDSEC\n", entities)
    return text[:cut], text[cut:]


def _entities() -> Iterator[str]:
    """Entity after entity, without end: for a hundred 70 lines, 20 arcs and circles, 6 closed outlines, 3 inserts, 1 text."""
    for number in count():
        handle, place = f"{FIRST_HANDLE + number:X}", number % 100
        x, y = (number % 1000) * 3.7, (number // 1000) * 2.9
        layer = f"LAYER_{number % 20}"
        point: Tags = ((10, x), (20, y), (30, 0.0))
        if place < 70:
            yield _entity("LINE", handle, layer, "AcDbLine", (*point, (11, x + 3.1234567), (21, y + 1.7654321), (31, 0.0)))
        elif place < 80:
            yield _entity("CIRCLE", handle, layer, "AcDbCircle", (*point, (40, 1.25)))
        elif place < 90:
            yield _entity("ARC", handle, layer, "AcDbCircle", (*point, (40, 1.25), (100, "AcDbArc"), (50, 0.0), (51, 90.0)))
        elif place < 96:
            corners = [(x + 2 * math.cos(step * math.tau / 6), y + 2 * math.sin(step * math.tau / 6)) for step in range(6)]
            points = [pair for px, py in corners for pair in ((10, px), (20, py))]
            yield _entity("LWPOLYLINE", handle, layer, "AcDbPolyline", ((90, 6), (70, 1), *points))
        elif place < 99:
            yield _entity("INSERT", handle, layer, "AcDbBlockReference", ((2, "BOLT"), *point))
        else:
            yield _entity("TEXT", handle, layer, "AcDbText", (*point, (40, 2.5), (1, f"PART {number}"), (100, "AcDbText")))


def _entity(kind: str, handle: str, layer: str, subclass: str, tags: Tags) -> str:
    lines = ["  0", kind, "  5", handle, "330", "17", "100", "AcDbEntity", "  8", layer, "100", subclass]
    for code, value in tags:
        lines += [f"{code:3}", repr(value) if isinstance(value, float) else str(value)]
    return "\n".join(lines) + "\n"
