"""Feature control frames, dimensions inside blocks, limits and fits, and what speaks against a drawing's unit."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.model import Annotation, Dimension, Drawing
from tests.unit.extract.drawings import dxf_bytes, new_dxf

TWO_DECIMALS = {"dimdec": 2, "dimtdec": 2, "dimzin": 0, "dimtzin": 0, "dimdsep": 46}


def add_dimension(space: Any, length: float = 25.0, *, at: float = 0.0, drawn: bool = True, **options: Any) -> None:
    dimension = space.add_linear_dim(base=(0, at + 10), p1=(0, at), p2=(length, at), dimstyle="Standard", **options)
    if drawn:
        dimension.render()
    else:
        dimension.commit()


def dimensions(document: Any) -> tuple[Dimension, ...]:
    return read_dxf(dxf_bytes(document)).dimensions


def frames(content: str) -> list[Annotation]:
    document = new_dxf()
    document.modelspace().new_entity("TOLERANCE", {"content": content, "insert": (0, 0), "layer": "GDT"})
    return [*read_dxf(dxf_bytes(document)).annotations]


# Feature control frames ------------------------------------------------------------------------------------------


def test_a_feature_control_frame_is_taken_apart() -> None:
    (found,) = frames(r"{\Fgdt;j}%%v{\Fgdt;n}0.25{\Fgdt;m}%%v%%vA%%vB{\Fgdt;m}%%vC")
    assert (found.kind, found.raw_text, found.place.layer) == ("gdt", "position | Ø0.25Ⓜ | A | BⓂ | C", "GDT")
    assert found.details == {
        "characteristic": "position", "tolerance": 0.25, "zone": "diameter", "modifiers": ["Ⓜ"], "datums": ["A", "BⓂ", "C"]}


def test_each_row_of_a_composite_frame_is_a_frame() -> None:
    found = frames(r"{\Fgdt;j}%%v0.5%%v%%vA%%vB%%v^J{\Fgdt;c}%%v0,2%%v%%v%%v%%v")
    assert [(one.details["characteristic"], one.details["tolerance"]) for one in found] == [("position", 0.5), ("flatness", 0.2)]


def test_a_datum_under_a_frame_is_a_datum() -> None:
    found = frames(r"{\Fgdt;b}%%v0.1%%v%%vA%%v%%v^J^J-D-")
    assert [(one.kind, one.details.get("letter")) for one in found] == [("gdt", None), ("datum", "D")]


@pytest.mark.parametrize("content", ["", "%%v%%v%%v%%v%%v", r"{\Fgdt;n}%%v0.1", "words"])
def test_a_frame_without_a_characteristic_is_none(content: str) -> None:
    assert frames(content) == []


def test_frames_are_no_dimensions_and_stand_in_the_text() -> None:
    document = new_dxf()
    document.modelspace().new_entity("TOLERANCE", {"content": r"{\Fgdt;c}%%v0.2%%v%%v%%v%%v", "insert": (0, 0)})
    drawing = read_dxf(dxf_bytes(document))
    assert drawing.dimensions == ()
    assert "flatness | 0.2" in drawing.pages[0].text


# Dimensions inside blocks ----------------------------------------------------------------------------------------


def test_a_dimension_in_a_block_counts_once_for_each_place_where_it_shows() -> None:
    document = new_dxf()
    document.layers.add("OFF").off()
    inner = document.blocks.new("INNER")
    add_dimension(inner, 12.0)
    outer = document.blocks.new("OUTER")
    outer.add_blockref("INNER", (0, 0))
    space = document.modelspace()
    space.add_blockref("INNER", (0, 0))
    space.add_blockref("OUTER", (100, 0))
    space.add_blockref("INNER", (200, 0), dxfattribs={"layer": "OFF"})
    document.blocks.new("UNUSED").add_blockref("INNER", (0, 0))
    add_dimension(space, 30.0, at=500)
    found = dimensions(document)
    assert sorted((one.nominal or 0.0) for one in found) == [12.0, 12.0, 30.0]
    inserted = [one for one in found if one.nominal == 12.0]
    (handle,) = {one.place.entity_handle for one in inserted}
    assert handle == next(entity.dxf.handle for entity in inner if entity.dxftype() == "DIMENSION")
    assert len({str(one.details["insert"]) for one in inserted}) == 2


# What dimensions show --------------------------------------------------------------------------------------------


def test_limits_of_the_style_are_shown_and_kept() -> None:
    document = new_dxf()
    add_dimension(document.modelspace(), 20.0, drawn=False, override={"dimlim": 1, "dimtp": 0.2, "dimtm": 0.1, **TWO_DECIMALS})
    (found,) = dimensions(document)
    assert (found.raw_text, found.nominal, found.tol_plus, found.tol_minus) == ("20.20/19.90", 20.0, 0.2, -0.1)
    assert found.details["limits"] == [19.9, 20.2]


def test_tolerances_of_the_style_are_written_as_the_sheet_shows_them() -> None:
    document = new_dxf()
    override = {**TWO_DECIMALS, "dimtol": 1, "dimtp": 0.2, "dimtm": 0.1, "dimdec": 1, "dimdsep": 44}
    add_dimension(document.modelspace(), 20.0, drawn=False, override=override)
    (found,) = dimensions(document)
    assert (found.raw_text, found.tol_plus, found.tol_minus) == ("20,0 +0,20/-0,10", 0.2, -0.1)


def test_a_fit_in_the_text_has_its_deviations_by_the_tables() -> None:
    document = new_dxf()
    add_dimension(document.modelspace(), 20.0, text="%%c<> H7", override={"dimdec": 0})
    (found,) = dimensions(document)
    assert (found.kind, found.fit_class, found.tol_plus, found.tol_minus) == ("diameter", "H7", 0.021, 0.0)
    assert found.details["tolerance_source"] == "ISO 286-2"


def test_a_tolerance_of_the_text_wins_over_the_style() -> None:
    document = new_dxf()
    add_dimension(document.modelspace(), 20.0, drawn=False, text="20 %%p0.5", override={"dimtol": 1, "dimtp": 9.0, "dimtm": 9.0})
    (found,) = dimensions(document)
    assert (found.tol_plus, found.tol_minus) == (0.5, -0.5)


# Units -----------------------------------------------------------------------------------------------------------


def test_the_source_of_the_unit_is_told() -> None:
    properties = read_dxf(dxf_bytes(new_dxf())).properties
    assert (properties["unit"], properties["unit_source"], properties["unit_doubts"]) == ("mm", "insunits", [])


def test_a_unit_written_beside_the_numbers_speaks_against_the_header() -> None:
    document = new_dxf(units=1)
    for row in range(3):
        add_dimension(document.modelspace(), 20.0 + row, at=row * 30.0, text="<> mm")
    drawing = read_dxf(dxf_bytes(document))
    assert drawing.properties["unit_doubts"] == ["dimension_texts"]
    assert {one.unit for one in drawing.dimensions} == {"mm"}


def big_part(*notes: str, units: int = 1) -> Drawing:
    """A part of 1200 × 600 with its dimension, in a file whose header says `units`."""
    document = new_dxf(units=units)
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (1200, 0), (1200, 600), (0, 600)], close=True)
    add_dimension(space, 1200.0, at=-40.0)
    for row, note in enumerate(notes):
        space.add_text(note, height=10).set_placement((0, 700 + 20 * row))
    return read_dxf(dxf_bytes(document))


def test_a_unit_doubted_for_the_parts_is_not_given_to_the_dimensions() -> None:
    drawing = big_part()
    assert drawing.outlines[0].width_mm == 1200.0
    assert [(one.nominal, one.unit, one.value_mm) for one in drawing.dimensions] == [(1200.0, None, None)]
    assert (drawing.properties["unit"], drawing.properties["unit_doubts"]) == (None, ["size"])


@pytest.mark.parametrize("units", [0, 1, 6])
def test_a_note_that_states_the_unit_counts_for_dimensions_and_parts(units: int) -> None:
    drawing = big_part("ALL DIMENSIONS IN mm", units=units)
    assert drawing.outlines[0].width_mm == 1200.0
    assert [(one.unit, one.value_mm) for one in drawing.dimensions] == [("mm", 1200.0)]
    assert drawing.properties["unit"] == "mm"


def test_a_note_that_agrees_with_the_header_changes_nothing_and_two_notes_that_differ_say_nothing() -> None:
    assert big_part("ALL DIMENSIONS IN mm", units=4).dimensions == big_part(units=4).dimensions
    assert big_part("ALL DIMENSIONS IN mm", "DIMENSIONS IN INCHES", units=4).dimensions == big_part(units=4).dimensions


def test_feet_and_inches_as_the_number_format_speak_against_millimetres() -> None:
    document = new_dxf()
    document.header["$LUNITS"] = 4
    add_dimension(document.modelspace(), 20.0)
    drawing = read_dxf(dxf_bytes(document))
    assert drawing.properties["unit_doubts"] == ["lunits"]
    assert drawing.dimensions[0].confidence < 0.9


@pytest.mark.parametrize("name", ["read_fields", "read_parts_lists", "read_outlines", "read_blocks"])
def test_a_reader_that_stumbles_costs_the_others_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise AttributeError("damaged")

    monkeypatch.setattr(f"pipeline.extract.dxf.reader.{name}", fail)
    document = new_dxf()
    document.modelspace().add_text("HELLO", height=5)
    drawing = read_dxf(dxf_bytes(document))
    assert "HELLO" in drawing.pages[0].text
    assert (drawing.partial, drawing.warnings) == (True, ("entities_unreadable:1",))
