"""Block definitions: how often each shows, its attributes, and a hash that knows the same block under any name."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.model import BlockUse
from tests.unit.extract.drawings import dxf_bytes, new_dxf


def blocks(document: Any) -> dict[str, BlockUse]:
    return {found.block_name: found for found in read_dxf(dxf_bytes(document)).blocks}


def draw_valve(
    block: Any, *, at: tuple[float, float] = (0, 0), layer: str = "0", color: int = 256, order: int | None = None, size: float = 1.0
) -> None:
    """A symbol of lines, an arc, a circle, a polyline and a text, wherever and in whatever order."""
    x, y = at
    attributes = {"layer": layer, "color": color}

    def point(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * size, y + dy * size

    pieces: list[Callable[[], Any]] = [
        lambda: block.add_line(point(0, 0), point(10, 5), dxfattribs=attributes),
        lambda: block.add_line(point(0, 5), point(10, 0), dxfattribs=attributes),
        lambda: block.add_circle(point(5, 2.5), 1.25 * size, dxfattribs=attributes),
        lambda: block.add_arc(point(5, 8), 2 * size, 20, 160, dxfattribs=attributes),
        lambda: block.add_lwpolyline([(*point(0, 0), 0.3), (*point(0, 5), 0.0)], format="xyb", dxfattribs=attributes),
        lambda: block.add_text("V", height=1.5 * size, dxfattribs=attributes).set_placement(point(4, 9)),
    ]
    if order is not None:
        random.Random(order).shuffle(pieces)
    for draw in pieces:
        draw()


def test_insertions_are_counted_with_those_in_other_blocks() -> None:
    document = new_dxf()
    draw_valve(document.blocks.new("VALVE"))
    group = document.blocks.new("GROUP")
    for x in (0, 20, 40):
        group.add_blockref("VALVE", (x, 0))
    space = document.modelspace()
    space.add_blockref("GROUP", (0, 0))
    space.add_blockref("GROUP", (0, 100))
    space.add_blockref("VALVE", (0, 200))
    found = blocks(document)
    assert {name: block.insert_count for name, block in found.items()} == {"GROUP": 2, "VALVE": 7}
    assert found["GROUP"].details["nested"] == ["VALVE"]


def test_blocks_in_blocks_are_counted_however_many_ways_lead_to_them() -> None:
    document = new_dxf()
    for name in (f"L{level}{side}" for level in range(14) for side in "abcd"):
        document.blocks.new(name).add_line((0, 0), (1, 0))
    for level in range(13):
        for outer in "abcd":
            for inner in "abcd":
                document.blocks.get(f"L{level}{outer}").add_blockref(f"L{level + 1}{inner}", (0, 0))
    document.blocks.get("L13a").add_blockref("L0a", (0, 0))  # in a circle
    document.modelspace().add_blockref("L0a", (0, 0))
    found = blocks(document)
    assert (found["L0a"].insert_count, found["L1b"].insert_count, found["L13d"].insert_count) == (1, 1, 4**12)


def test_an_array_of_insertions_counts_each_place() -> None:
    document = new_dxf()
    draw_valve(document.blocks.new("VALVE"))
    array = {"row_count": 3, "column_count": 4, "row_spacing": 9, "column_spacing": 9}
    document.modelspace().add_blockref("VALVE", (0, 0), dxfattribs=array)
    assert blocks(document)["VALVE"].insert_count == 12


def test_insertions_that_do_not_show_are_counted_apart() -> None:
    document = new_dxf()
    document.layers.add("OFF").off()
    draw_valve(document.blocks.new("VALVE"))
    document.modelspace().add_blockref("VALVE", (0, 0), dxfattribs={"layer": "OFF"})
    found = blocks(document)["VALVE"]
    assert (found.insert_count, found.details["hidden_inserts"]) == (0, 1)


def test_attributes_keep_the_values_of_all_insertions() -> None:
    document = new_dxf()
    block = document.blocks.new("TAG")
    block.add_attdef("POS", (0, 0), height=2)
    for number in (1, 2):
        insert = document.modelspace().add_blockref("TAG", (number * 50, 0))
        insert.add_attrib("POS", f"P-{number}", (0, 0))
    assert blocks(document)["TAG"].attributes == {"POS": ["P-1", "P-2"]}


def test_blocks_of_dimensions_hatches_and_unused_arrows_are_left_out() -> None:
    document = new_dxf("R2000")
    space = document.modelspace()
    space.add_linear_dim(base=(0, 10), p1=(0, 0), p2=(25, 0)).render()
    assert any(block.name.startswith("*D") for block in document.blocks)
    document.blocks.new("_DOT").add_circle((0, 0), 0.5)
    assert blocks(document) == {}


def test_a_block_made_by_a_program_says_so() -> None:
    document = new_dxf()
    draw_valve(document.blocks.new("*U7"))
    document.modelspace().add_blockref("*U7", (0, 0))
    found = blocks(document)["*U7"]
    assert (found.insert_count, found.details["is_anonymous"]) == (1, True)


def test_a_block_that_inserts_itself_ends() -> None:
    document = new_dxf()
    block = document.blocks.new("LOOP")
    block.add_line((0, 0), (1, 0))
    block.add_blockref("LOOP", (0, 0))
    document.modelspace().add_blockref("LOOP", (0, 0))
    assert blocks(document)["LOOP"].insert_count == 1


def test_size_and_number_of_entities_are_told() -> None:
    document = new_dxf()
    block = document.blocks.new("BAR")
    block.add_line((5, 5), (45, 25))
    assert blocks(document)["BAR"].details == {"entity_count": 1, "size": [40.0, 20.0]}


# The hash ----------------------------------------------------------------------------------------------------------------------


def hash_of(draw: Callable[[Any], Any], *, version: str = "R2010", name: str = "B", base: tuple[float, float] = (0, 0)) -> str | None:
    document = new_dxf(version)
    block = document.blocks.new(name, base_point=base)
    draw(block)
    document.modelspace().add_blockref(name, (0, 0))
    return blocks(document)[name].content_hash


SAME: dict[str, Callable[[], str | None]] = {
    "name": lambda: hash_of(draw_valve, name="A$C4F1"),
    "base point": lambda: hash_of(draw_valve, base=(3, 4)),
    "place": lambda: hash_of(lambda block: draw_valve(block, at=(1234.567, -98.7))),
    "layer and colour": lambda: hash_of(lambda block: draw_valve(block, layer="PIPES", color=3)),
    "order": lambda: hash_of(lambda block: draw_valve(block, order=5)),
    "release": lambda: hash_of(draw_valve, version="R2000"),
}


@pytest.mark.parametrize("change", SAME, ids=str)
def test_the_same_geometry_has_the_same_hash_whatever_its(change: str) -> None:
    original = hash_of(draw_valve)
    assert original is not None
    assert SAME[change]() == original


def draw_valve_and_line(block: Any) -> None:
    draw_valve(block)
    block.add_line((0, 0), (10, 0))


@pytest.mark.parametrize(
    "draw",
    [
        lambda block: draw_valve(block, size=1.01),
        draw_valve_and_line,
        lambda block: block.add_line((0, 0), (10, 5)),
    ],
    ids=["size", "one line more", "one line alone"],
)
def test_other_geometry_has_another_hash(draw: Callable[[Any], Any]) -> None:
    assert hash_of(draw) != hash_of(draw_valve)


def test_lines_and_polylines_hash_the_same_from_either_end() -> None:
    there = hash_of(lambda block: (block.add_line((0, 0), (9, 3)), block.add_lwpolyline([(0, 0), (4, 1), (5, 7)])))
    back = hash_of(lambda block: (block.add_line((9, 3), (0, 0)), block.add_lwpolyline([(5, 7), (4, 1), (0, 0)])))
    assert there == back


def test_noise_in_the_last_digits_does_not_change_the_hash() -> None:
    exact = hash_of(lambda block: [block.add_line((x / 8, 0), (x / 8, 0.5)) for x in range(200)])
    noisy = hash_of(lambda block: [block.add_line((x / 8 + 3e-11, 1e-12), (x / 8 - 2e-11, 0.5)) for x in range(200)])
    assert exact == noisy


def test_a_block_knows_the_blocks_within_it_by_their_geometry() -> None:
    def nested(inner_name: str, inner_base: tuple[float, float], *, size: float = 1.0) -> str | None:
        document = new_dxf()
        inner = document.blocks.new(inner_name, base_point=inner_base)
        draw_valve(inner, at=inner_base, size=size)
        document.blocks.new("OUTER").add_blockref(inner_name, (7, 8))
        document.modelspace().add_blockref("OUTER", (0, 0))
        return blocks(document)["OUTER"].content_hash

    assert nested("V1", (0, 0)) == nested("OTHER", (50, 60))
    assert nested("V1", (0, 0)) != nested("V1", (0, 0), size=2.0)


def test_a_block_of_nothing_has_no_hash() -> None:
    document = new_dxf()
    document.blocks.new("EMPTY")
    assert blocks(document)["EMPTY"].content_hash is None


def test_an_old_file_and_a_new_one_know_the_same_block() -> None:
    def drawn(version: str) -> str | None:
        document = new_dxf(version)
        block = document.blocks.new("PLATE")
        corners = [(0, 0), (40, 0), (40, 20)]
        if version == "R12":
            block.add_polyline2d(corners, close=True)
        else:
            block.add_lwpolyline(corners, close=True)
        return blocks(document)["PLATE"].content_hash

    assert drawn("R12") == drawn("R2018") is not None
