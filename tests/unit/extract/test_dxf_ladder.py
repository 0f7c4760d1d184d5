"""Damaged, binary and large DXFs: each rung of the reading ladder, and what is left out before loading."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from pipeline.extract.dxf import read_dxf, slim
from pipeline.extract.dxf.tags import ascii_of_binary
from pipeline.extract.errors import ExtractionError
from pipeline.extract.model import Drawing
from tests.unit.extract.drawings import dxf_bytes, new_dxf

RELEASES = ("R12", "R2000", "R2004", "R2007", "R2010", "R2013", "R2018")


def sample(version: str = "R2010") -> Any:
    """A drawing with something of everything that is looked at, and of what is not."""
    document = new_dxf(version)
    space = document.modelspace()
    block = document.blocks.new("BOLT")
    block.add_circle((0, 0), 4)
    insert = space.add_blockref("BOLT", (50, 50))
    insert.add_attrib("SIZE", "M8", (50, 50))
    for row in range(3):
        space.add_text(f"note {row}", height=2.5).set_placement((0, 100 + 10 * row))
        space.add_linear_dim(base=(0, row * 20 + 8), p1=(0, row * 20), p2=(100 + row, row * 20), dimstyle="Standard").render()
    space.add_point((1, 1))
    if version != "R12":
        space.add_hatch(color=2).paths.add_polyline_path([(0, 0), (10, 0), (10, 10)])
        space.add_mtext("more words", dxfattribs={"insert": (0, 200), "char_height": 2.5})
    return document


def nominals(drawing: Drawing) -> list[float]:
    return sorted(found.nominal or 0.0 for found in drawing.dimensions)


# Releases and forms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_every_release_is_read_in_both_forms(version: str, binary: bool) -> None:
    drawing = read_dxf(dxf_bytes(sample(version), binary=binary))
    assert nominals(drawing) == [100.0, 101.0, 102.0]
    assert "note 2" in drawing.pages[0].text
    assert [(block.block_name, block.insert_count, block.attributes) for block in drawing.blocks] == [("BOLT", 1, {"SIZE": ["M8"]})]
    assert (drawing.warnings, drawing.partial) == ((), False)


@pytest.mark.parametrize("version", ["R12", "R2010"])
def test_a_binary_dxf_becomes_the_text_form_tag_by_tag(version: str) -> None:
    document = sample(version)
    text, is_whole = ascii_of_binary(dxf_bytes(document, binary=True))
    assert is_whole
    plain = read_dxf(dxf_bytes(document))
    again = read_dxf(text)
    assert (again.pages, again.dimensions, again.blocks) == (plain.pages, plain.dimensions, plain.blocks)


def test_windows_line_ends_and_comments_change_nothing() -> None:
    data = dxf_bytes(sample())
    commented = data.replace(b"  0\nSECTION\n  2\nENTITIES\n", b"999\nmade by hand\n  0\nSECTION\n  2\nENTITIES\n")
    plain = read_dxf(data)
    for other in (data.replace(b"\n", b"\r\n"), commented):
        assert (read_dxf(other).pages, read_dxf(other).dimensions) == (plain.pages, plain.dimensions)


def test_a_value_of_nought_before_a_group_code_starts_no_entity() -> None:
    document = new_dxf()
    document.modelspace().add_text("0", height=2.5)
    document.modelspace().add_text("after", height=2.5).set_placement((0, -50))
    assert read_dxf(dxf_bytes(document)).pages[0].text == "0\nafter"


def test_rubbish_behind_the_end_is_not_read() -> None:
    assert read_dxf(dxf_bytes(sample()) + b"not\na\ndxf\n").warnings == ()


def test_a_file_without_a_header_but_with_markers_is_not_taken_for_release_12() -> None:
    data = dxf_bytes(sample())
    without = data[data.index(b"  0\nSECTION\n  2\nTABLES"):]
    drawing = read_dxf(without)
    assert (nominals(drawing), drawing.warnings) == ([100.0, 101.0, 102.0], ())


# What is left out ------------------------------------------------------------------------------------------------


def test_what_nobody_looks_at_is_not_loaded_but_counted() -> None:
    document = sample()
    document.layers.add("FILL")
    document.modelspace().add_hatch(dxfattribs={"layer": "FILL"}).paths.add_polyline_path([(0, 0), (5, 0), (5, 5)])
    data = dxf_bytes(document)
    runs, left_out = slim.slim(data)
    assert (left_out.kinds, left_out.cut) == ({"HATCH": 2, "POINT": 1}, {})
    assert sum(map(len, runs)) < 0.8 * len(data)
    properties: Any = read_dxf(data).properties
    assert (properties["entity_counts"]["HATCH"], properties["entity_counts"]["DIMENSION"]) == (2, 3)
    assert next(layer["entities"] for layer in properties["layers"] if layer["name"] == "FILL") == 1


def test_of_a_large_file_texts_and_dimensions_go_before_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    document = sample()
    for number in range(2000):
        document.modelspace().add_line((number, 0), (number, 5))
    data = dxf_bytes(document)
    monkeypatch.setattr(slim, "LARGE", 1000)
    monkeypatch.setattr(slim, "_ROOM_OF_LARGE", 150_000)
    drawing = read_dxf(data)
    assert (nominals(drawing), drawing.partial) == ([100.0, 101.0, 102.0], False)
    assert drawing.warnings[0].startswith("left_out_for_size:20")
    counts: Any = drawing.properties["entity_counts"]
    assert counts["LINE"] == 2000
    assert (drawing.outlines, drawing.blocks[0].content_hash) == ((), None)


def test_a_file_is_partial_when_even_texts_had_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    document = sample()
    room = sum(map(len, slim.slim(dxf_bytes(document))[0])) + 20_000
    for number in range(500):
        document.modelspace().add_text(f"text {number}", height=1).set_placement((0, number))
    monkeypatch.setattr(slim, "LARGE", 1000)
    monkeypatch.setattr(slim, "_ROOM_OF_LARGE", room)
    drawing = read_dxf(dxf_bytes(document))
    assert drawing.partial
    assert nominals(drawing) == [100.0, 101.0, 102.0]
    assert 0 < drawing.pages[0].text.count("text ") < 500


# Damage ----------------------------------------------------------------------------------------------------------


def test_a_lost_end_of_section_is_recovered_whole() -> None:
    data = dxf_bytes(sample())
    at = data.rindex(b"  0\nENDSEC\n", 0, data.index(b"  2\nENTITIES"))
    drawing = read_dxf(data[:at] + data[at + 11:])
    assert (nominals(drawing), drawing.warnings) == ([100.0, 101.0, 102.0], ("recovered",))


def test_lines_lost_out_of_tags_are_resynchronised() -> None:
    data = dxf_bytes(sample())
    at = data.index(b"note 1\n")
    drawing = read_dxf(data[:at] + data[at + 7:])
    assert nominals(drawing) == [100.0, 101.0, 102.0]
    assert "note 2" in drawing.pages[0].text
    assert drawing.partial
    assert drawing.warnings[0] in ("recovered", "resynchronised", "entities_only")


def test_entities_are_found_one_by_one_where_nothing_holds_them_together() -> None:
    data = dxf_bytes(sample())
    broken = re.sub(rb"(?m)^ *(?:SECTION|ENDSEC|TABLE|ENDTAB)$", b"#####", data)
    broken += b"  0\nSECTION\n  2\nENTITIES\n"
    drawing = read_dxf(broken)
    assert nominals(drawing) == [100.0, 101.0, 102.0]
    assert drawing.partial


def test_one_entity_beyond_repair_costs_only_itself() -> None:
    data = dxf_bytes(sample())
    header_end = data.index(b"ENDSEC")
    no_header = data[:header_end].replace(b"$INSUNITS\n 70\n", b"$INSUNITS\n") + data[header_end:]
    at = no_header.index(b"note 1")
    start = no_header.rindex(b"  0\nTEXT\n", 0, at)
    drawing = read_dxf(no_header[:start] + no_header[start:at].replace(b"100\nAcDb", b"1xx\nAcDb") + no_header[at:])
    assert ("note 0" in drawing.pages[0].text, "note 2" in drawing.pages[0].text) == (True, True)
    assert (nominals(drawing), drawing.warnings) == ([100.0, 101.0, 102.0], ("entities_only",))


@pytest.mark.parametrize("version", ["R12", "R2010"])
def test_a_binary_file_damaged_in_the_middle_keeps_what_lies_before_and_behind(version: str) -> None:
    data = bytearray(dxf_bytes(sample(version), binary=True))
    at = data.index(b"note 1")
    data[at - 30:at + 40] = b"\xee" * 70
    drawing = read_dxf(bytes(data))
    assert drawing.warnings[0] == "binary_damaged"
    assert drawing.partial
    assert ("note 0" in drawing.pages[0].text, "note 2" in drawing.pages[0].text) == (True, True)
    assert len(drawing.dimensions) >= 2


def test_a_binary_file_cut_off_keeps_what_lies_before() -> None:
    data = dxf_bytes(sample(), binary=True)
    drawing = read_dxf(data[:data.index(b"note 2")])
    assert "note 1" in drawing.pages[0].text
    assert (drawing.partial, drawing.warnings[0]) == (True, "binary_damaged")


def test_damage_at_random_ends_in_a_drawing_or_in_a_named_error() -> None:
    rng = random.Random(20_240)
    plain, binary = dxf_bytes(sample()), dxf_bytes(sample(), binary=True)
    read = 0
    for number in range(40):
        data = bytearray(binary if number % 4 == 0 else plain)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data))
            data[at:at + rng.randint(0, 40)] = rng.randbytes(rng.randint(0, 40))
        try:
            drawing = read_dxf(bytes(data))
        except ExtractionError:
            continue
        read += bool(drawing.dimensions)
    assert read >= 30
