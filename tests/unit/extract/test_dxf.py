"""Reading DXFs that the tests make."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from ezdxf.enums import TextEntityAlignment

from pipeline.extract.dxf import measure, read_dxf
from pipeline.extract.errors import CorruptFile, EmptyFile, ExtractionError, UnsupportedFormat
from pipeline.extract.model import Dimension
from tests.unit.extract.drawings import ENGLISH, dxf_bytes, new_dxf, pdf_of


def only_dimension(document: Any) -> Dimension:
    (dimension,) = read_dxf(dxf_bytes(document)).dimensions
    return dimension


def linear(document: Any, length: float = 25.0, *, render: bool = True, **options: Any) -> Any:
    """A horizontal linear dimension of the given length; without `render` it has no drawn text."""
    options = {"dimstyle": "Standard", **options}
    dimension = document.modelspace().add_linear_dim(base=(0, 10), p1=(0, 0), p2=(length, 0), **options)
    if render:
        dimension.render()
    else:
        dimension.commit()
    return dimension.dimension


# Text and layouts ------------------------------------------------------------------------------------------------


def test_texts_in_blocks_are_read_ten_levels_down_and_those_in_circles_of_blocks_end() -> None:
    document = new_dxf()
    document.blocks.new("LEVEL0").add_text("DEEP")
    for level in range(1, 11):
        document.blocks.new(f"LEVEL{level}").add_blockref(f"LEVEL{level - 1}", (1, 1))
    document.modelspace().add_blockref("LEVEL10", (0, 0))
    for name, other in (("ROUND", "ABOUT"), ("ABOUT", "ROUND")):
        for _ in range(3):
            (document.blocks.get(name) or document.blocks.new(name)).add_blockref(other, (0, 0))
    document.modelspace().add_blockref("ROUND", (0, 0))
    assert read_dxf(dxf_bytes(document)).pages[0].text == "DEEP"


def test_texts_of_all_kinds_are_read_from_top_to_bottom() -> None:
    document = new_dxf()
    space = document.modelspace()
    space.add_text("below", height=2.5).set_placement((0, 0))
    space.add_mtext(r"{\fArial|b1;Bold} and\Pnew line", dxfattribs={"insert": (0, 100), "char_height": 2.5})
    space.add_text("diameter %%c5 %%p0.1 45%%d", height=2.5).set_placement((0, 50), align=TextEntityAlignment.MIDDLE_LEFT)
    drawing = read_dxf(dxf_bytes(document))
    page = drawing.pages[0]
    assert page.text == "Bold and\nnew line\ndiameter Ø5 ±0.1 45°\nbelow"
    assert (page.method, page.has_text_layer, drawing.has_text_layer, drawing.kind) == ("dxf_text", True, True, "dxf")


def test_a_dimension_in_blocks_that_multiply_is_read_a_thousand_times_at_most() -> None:
    document = new_dxf()
    document.blocks.new("LEVEL0").add_linear_dim(base=(0, 10), p1=(0, 0), p2=(25, 0)).render()
    for level in range(1, 5):
        block = document.blocks.new(f"LEVEL{level}")
        for x in range(10):
            block.add_blockref(f"LEVEL{level - 1}", (x, 0))
    document.modelspace().add_blockref("LEVEL4", (0, 0))
    assert len(read_dxf(dxf_bytes(document)).dimensions) == 1_000


def test_block_texts_and_attributes_are_read_where_they_are_inserted() -> None:
    document = new_dxf()
    inner = document.blocks.new("INNER")
    inner.add_text("inner text", height=2)
    block = document.blocks.new("OUTER")
    block.add_blockref("INNER", (0, 0))
    block.add_attdef("NAME", (0, 10), "default", height=2)
    insert = document.modelspace().add_blockref("OUTER", (0, 500))
    insert.add_attrib("NAME", "attribute text", (0, 600))
    document.modelspace().add_text("plain", height=2)
    assert read_dxf(dxf_bytes(document)).pages[0].text == "attribute text\ninner text\nplain"


def test_a_block_that_holds_itself_does_not_go_on_for_ever() -> None:
    document = new_dxf()
    block = document.blocks.new("LOOP")
    block.add_text("once", height=2)
    block.add_blockref("LOOP", (5, 5))
    document.modelspace().add_blockref("LOOP", (0, 0))
    assert "once" in read_dxf(dxf_bytes(document)).pages[0].text


def test_paper_layouts_with_content_become_pages_after_the_model() -> None:
    document = new_dxf()
    document.modelspace().add_text("model", height=2)
    document.layouts.new("Empty")
    document.layouts.new("Sheet A").add_text("sheet a", height=2)
    drawing = read_dxf(dxf_bytes(document))
    assert [(page.page_number, page.text) for page in drawing.pages] == [(1, "model"), (2, "Sheet A\nsheet a")]
    assert drawing.page_count == 2


def test_text_on_hidden_layers_is_left_out_and_counted() -> None:
    document = new_dxf()
    document.layers.add("OFF").off()
    document.layers.add("FROZEN").freeze()
    space = document.modelspace()
    for layer in ("0", "OFF", "FROZEN"):
        space.add_text(f"on {layer}", height=2, dxfattribs={"layer": layer})
    drawing = read_dxf(dxf_bytes(document))
    assert drawing.pages[0].text == "on 0"
    assert drawing.warnings == ("hidden_texts:2",)


def test_unicode_escapes_are_decoded_in_text_and_layer_names() -> None:
    document = new_dxf("R2000")
    document.layers.add("XLAYERX")
    document.modelspace().add_text("XTEXTX", height=2, dxfattribs={"layer": "XLAYERX"})
    data = dxf_bytes(document).replace(b"XTEXTX", rb"St\U+00e4rke \U+56FE").replace(b"XLAYERX", rb"Ma\U+00DFe")
    drawing = read_dxf(data)
    assert drawing.pages[0].text == "Stärke 图"
    assert "Maße" in [layer["name"] for layer in drawing.properties["layers"]]  # type: ignore[index, union-attr, call-overload]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_umlauts_are_read_in_the_declared_code_page_and_in_utf8(encoding: str) -> None:
    document = new_dxf("R2000")
    document.modelspace().add_text("XTEXTX", height=2)
    data = dxf_bytes(document).replace(b"XTEXTX", "Gehäuse".encode(encoding))
    assert read_dxf(data).pages[0].text == "Gehäuse"


def test_control_characters_and_surrogates_do_not_come_through() -> None:
    document = new_dxf()
    document.modelspace().add_text("XTEXTX", height=2)
    text = read_dxf(dxf_bytes(document).replace(b"XTEXTX", b"a\x00b\xff\x02c")).pages[0].text
    text.encode("utf-8")
    assert "\x00" not in text
    assert "\x02" not in text


# Properties ------------------------------------------------------------------------------------------------------


def test_header_layers_and_counts_become_properties() -> None:
    document = new_dxf()
    document.layers.add("CUT", color=3).freeze()
    document.modelspace().add_line((0, 0), (1, 1), dxfattribs={"layer": "CUT"})
    document.header["$LIMMAX"] = (420, 297)
    properties: Any = read_dxf(dxf_bytes(document)).properties
    assert (properties["dxf_version"], properties["unit"]) == ("AC1024", "mm")
    assert (properties["header"]["$INSUNITS"], properties["header"]["$LIMMAX"]) == (4, [420.0, 297.0])
    cut = next(layer for layer in properties["layers"] if layer["name"] == "CUT")
    assert cut == {
        "name": "CUT", "color": 3, "line_type": "Continuous", "frozen": True, "off": False, "locked": False, "entities": 1}
    assert properties["entity_counts"] == {"LINE": 1}


def test_numbers_that_are_none_stay_out() -> None:
    document = new_dxf()
    document.header["$LTSCALE"] = float("nan")
    document.header["$EXTMAX"] = (float("inf"), 1.0, 0.0)
    linear(document, 10.0, render=False).dxf.defpoint3 = (float("nan"), 0)
    drawing = read_dxf(dxf_bytes(document))
    json.dumps(drawing.properties, allow_nan=False)
    assert (drawing.pages[0].width, drawing.pages[0].height) == (None, None)
    assert drawing.dimensions == ()


def test_a_file_without_a_header_claims_no_unit() -> None:
    drawing = read_dxf(b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n  8\n0\n 10\n0\n 20\n0\n 11\n5\n 21\n5\n  0\nENDSEC\n  0\nEOF\n")
    assert drawing.properties["unit"] is None
    assert drawing.properties["header"] == {}


# Dimensions ------------------------------------------------------------------------------------------------------


def test_a_linear_dimension_gives_its_shown_value() -> None:
    document = new_dxf()
    entity = linear(document, 25.0, dxfattribs={"layer": "DIM"})
    found = only_dimension(document)
    assert (found.kind, found.nominal, found.unit, found.value_mm) == ("linear", 25.0, "mm", 25.0)
    assert (found.place.page_number, found.place.entity_handle, found.place.layer) == (1, entity.dxf.handle, "DIM")
    assert found.raw_text == "25"


def test_dimension_texts_are_part_of_the_page() -> None:
    document = new_dxf()
    linear(document, 25.0, text="4x <> TYP")
    assert read_dxf(dxf_bytes(document)).pages[0].text == "4x 25 TYP"


@pytest.mark.parametrize(
    ("kind", "make", "value"),
    [
        ("linear", lambda m: m.add_linear_dim((0, 9), (0, 0), (30, 40), angle=90, dimstyle="Standard"), 40.0),
        ("aligned", lambda m: m.add_aligned_dim((0, 0), (30, 40), 5, dimstyle="Standard"), 50.0),
        ("diameter", lambda m: m.add_diameter_dim((5, 5), radius=6, angle=30, dimstyle="Standard"), 12.0),
        ("radius", lambda m: m.add_radius_dim((5, 5), radius=6, angle=30, dimstyle="Standard"), 6.0),
        ("angle", lambda m: m.add_angular_dim_2l((6, 6), ((0, 1), (0, 9)), ((1, 0), (9, 0)), dimstyle="Standard"), 90.0),
        ("angle", lambda m: m.add_angular_dim_3p((9, 4), (0, 0), (9, 0), (5, 5), dimstyle="Standard"), 45.0),
        ("ordinate", lambda m: m.add_ordinate_x_dim((17, 4), (0, 20), origin=(2, 2), dimstyle="Standard"), 15.0),
        ("ordinate", lambda m: m.add_ordinate_y_dim((17, 4), (20, 0), origin=(2, 1), dimstyle="Standard"), 3.0),
    ],
    ids=["linear", "aligned", "diameter", "radius", "angle-2-lines", "angle-3-points", "ordinate-x", "ordinate-y"],
)
@pytest.mark.parametrize("recorded", ["by ezdxf", "not", "minus one"])
def test_each_kind_of_dimension_is_measured_however_group_42_was_written(
    kind: str, make: Any, value: float, recorded: str
) -> None:
    document = new_dxf()
    dimension = make(document.modelspace())
    entity = dimension.render().dimension if recorded == "by ezdxf" else dimension.dimension
    if kind == "aligned":
        entity.dxf.dimtype = 1 | 32  # ezdxf writes it as a turned linear dimension
    if recorded == "not":
        entity.dxf.discard("actual_measurement")
    elif recorded == "minus one":
        entity.dxf.actual_measurement = -1
    found = only_dimension(document)
    assert (found.kind, found.nominal) == (kind, pytest.approx(value))
    assert found.unit == ("deg" if kind == "angle" else "mm")


def test_the_angle_is_the_one_on_the_side_of_the_arc() -> None:
    document = new_dxf()
    lines = {"line1": ((1, 0), (9, 0)), "line2": ((1, 1), (9, 9))}
    for base in ((9, 2), (-2, 9)):
        document.modelspace().add_angular_dim_2l(base=base, **lines)  # not rendered: no text, group 42 unset
    assert [found.nominal for found in read_dxf(dxf_bytes(document)).dimensions] == [pytest.approx(45), pytest.approx(135)]


def test_group_42_of_an_angle_is_in_radians() -> None:
    document = new_dxf()
    dimension = document.modelspace().add_angular_dim_3p(base=(9, 9), center=(0, 0), p1=(9, 0), p2=(5, 5)).dimension
    dimension.dxf.actual_measurement = math.radians(45)
    assert only_dimension(document).nominal == pytest.approx(45)


@pytest.mark.parametrize("has_text", [True, False], ids=["drawn", "not drawn"])
def test_the_linear_factor_is_applied(has_text: bool) -> None:
    document = new_dxf()
    linear(document, 10.0, override={"dimlfac": 2.0}, render=has_text)
    found = only_dimension(document)
    assert (found.nominal, found.value_mm) == (pytest.approx(20.0), pytest.approx(20.0))


def test_a_negative_linear_factor_counts_in_paper_space_only() -> None:
    document = new_dxf()
    linear(document, 10.0, override={"dimlfac": -2.0}, render=False)
    paper = document.layouts.new("Sheet").add_linear_dim((0, 9), (0, 0), (10, 0), dimstyle="Standard", override={"dimlfac": -2.0})
    paper.commit()
    assert [(d.place.page_number, d.nominal) for d in read_dxf(dxf_bytes(document)).dimensions] == [(1, 10.0), (2, 20.0)]


def test_a_free_text_replaces_the_measured_value() -> None:
    document = new_dxf()
    linear(document, 24.7, text="25")
    found = only_dimension(document)
    assert (found.raw_text, found.nominal, found.method) == ("25", 25.0, "dxf_dimension.override")


@pytest.mark.parametrize(
    ("override", "text", "kind", "count"),
    [
        ("4x %%c<>", "4x Ø25", "diameter", 4),
        ("<> REF", "25 REF", "linear", 1),
        (r"M25x1.5", "M25x1.5", "thread", 1),
        (r"2x \U+2205<> H7", "2x ∅25 H7", "diameter", 2),
    ],
)
def test_overrides_are_expanded_and_read(override: str, text: str, kind: str, count: int) -> None:
    document = new_dxf()
    linear(document, 25.0, text=override, render=False)
    found = only_dimension(document)
    assert (found.raw_text, found.kind, found.count, found.nominal) == (text, kind, count, 25.0)


def test_a_text_that_is_no_number_keeps_the_measured_value() -> None:
    document = new_dxf()
    linear(document, 30.7574, text=r"\A1;A\SB^ C;", render=False)
    found = only_dimension(document)
    assert (found.raw_text, found.nominal) == ("A B/C", pytest.approx(30.7574))


def test_a_stacked_fraction_is_not_run_into_the_number_before_it() -> None:
    document = new_dxf(units=1)
    linear(document, 2.5, text=r'2{\H0.7x;\S1#2;}"', render=False)
    found = only_dimension(document)
    assert (found.raw_text, found.nominal, found.unit, found.value_mm) == ('2 1/2"', 2.5, "in", 63.5)


def test_stacked_tolerances_in_the_text_are_read() -> None:
    document = new_dxf()
    linear(document, 20.0, text=r"<>{\H0.7x;\S+0.1^ -0.2;}", render=False)
    found = only_dimension(document)
    assert (found.nominal, found.tol_plus, found.tol_minus) == (20.0, 0.1, -0.2)


@pytest.mark.parametrize("variable", ["dimtol", "dimlim"])
def test_tolerances_of_the_style_are_signed(variable: str) -> None:
    document = new_dxf()
    linear(document, 20.0, override={variable: 1, "dimtp": 0.3, "dimtm": 0.1}, render=False)
    found = only_dimension(document)
    assert (found.nominal, found.tol_plus, found.tol_minus) == (20.0, 0.3, -0.1)


def test_tolerances_that_the_style_does_not_show_are_not_read() -> None:
    document = new_dxf()
    linear(document, 20.0, override={"dimtp": 0.3, "dimtm": 0.1}, render=False)
    found = only_dimension(document)
    assert (found.tol_plus, found.tol_minus) == (None, None)


def test_a_boxed_dimension_is_basic() -> None:
    document = new_dxf()
    linear(document, 20.0, override={"dimgap": -0.6}, render=False)
    assert only_dimension(document).is_basic


def test_a_suppressed_text_gives_no_dimension() -> None:
    document = new_dxf()
    linear(document, 20.0, text=" ", render=False)
    assert read_dxf(dxf_bytes(document)).dimensions == ()


@pytest.mark.parametrize(
    ("units", "measurement", "unit", "mm"),
    [(4, 0, "mm", 10.0), (1, 1, "in", 254.0), (6, 1, "m", 10000.0), (0, 1, "mm", 10.0), (0, 0, "in", 254.0)],
)
def test_the_unit_is_insunits_else_measurement(units: int, measurement: int, unit: str, mm: float) -> None:
    document = new_dxf(units=units)
    document.header["$INSUNITS"] = units
    document.header["$MEASUREMENT"] = measurement
    linear(document, 10.0, render=False)
    found = only_dimension(document)
    assert (found.unit, found.value_mm) == (unit, pytest.approx(mm))


def test_a_missing_dimension_style_does_not_lose_the_dimension() -> None:
    document = new_dxf()
    linear(document, 10.0, render=False).dxf.dimstyle = "GONE"
    assert only_dimension(document).nominal == 10.0


def test_dimensions_on_hidden_layers_are_less_sure() -> None:
    document = new_dxf()
    document.layers.add("OFF").off()
    linear(document, 10.0)
    linear(document, 20.0, dxfattribs={"layer": "OFF"})
    shown, hidden = read_dxf(dxf_bytes(document)).dimensions
    assert hidden.confidence < shown.confidence


# Title blocks ----------------------------------------------------------------------------------------------------


def test_title_block_attributes_give_fields() -> None:
    document = new_dxf()
    document.blocks.new("FRAME")
    insert = document.modelspace().add_blockref("FRAME", (0, 0))
    tags = {"DWG_NO": "DM-7", "TITLE": "Housing", "REV": "C", "SCALE": "1:2", "MATERIAL": "", "CHECKED": "nobody"}
    for tag, value in tags.items():
        insert.add_attrib(tag, value, (0, 0), dxfattribs={"layer": "TB"})
    drawing = read_dxf(dxf_bytes(document))
    assert {f.field: f.value for f in drawing.metadata} == {
        "drawing_number": "DM-7",
        "title": "Housing",
        "revision": "C",
        "scale": "1:2",
        "checked_by": "nobody",
    }
    assert {f.method for f in drawing.metadata} == {"block_attribute"}
    assert all(f.place.entity_handle and f.place.layer == "TB" for f in drawing.metadata)


def test_attributes_of_a_parts_list_are_no_title_block() -> None:
    document = new_dxf()
    document.blocks.new("ROW")
    for row in range(5):
        insert = document.modelspace().add_blockref("ROW", (0, row))
        for tag, value in {"PART_NO": f"P-{row}", "REV": "A", "MATERIAL": "Steel"}.items():
            insert.add_attrib(tag, value, (0, 0))
    assert read_dxf(dxf_bytes(document)).metadata == ()


@pytest.mark.parametrize("in_block", [False, True], ids=["plain", "in a block"])
def test_a_title_block_of_lines_and_texts_gives_fields(in_block: bool) -> None:
    document = new_dxf()
    space = document.blocks.new("TB") if in_block else document.modelspace()
    space.add_lwpolyline([(0, 0), (594, 0), (594, 841), (0, 841)], close=True)
    for x0, y0, x1, y1, label, value in ENGLISH:
        space.add_lwpolyline([(x0, 841 - y0), (x1, 841 - y0), (x1, 841 - y1), (x0, 841 - y1)], close=True)
        space.add_text(label, height=4).set_placement((x0 + 2, 841 - y0 - 7))
        space.add_mtext(value, dxfattribs={"insert": (x0 + 4, 841 - y0 - 14), "char_height": 6})
    if in_block:
        document.modelspace().add_blockref("TB", (100, 50), dxfattribs={"xscale": 0.5, "yscale": 0.5})
    fields = read_dxf(dxf_bytes(document)).metadata
    assert {f.field: f.value for f in fields} == {
        "title": "Bearing housing",
        "drawing_number": "DM-1042-03",
        "material": "EN AW-6082",
        "scale": "1:2",
        "revision": "B",
        "sheet": "1/2",
        "sheets": "2",
    }
    assert all(f.place.bbox is None and f.place.entity_handle for f in fields)


# Damaged and foreign files ---------------------------------------------------------------------------------------


def sample() -> bytes:
    document = new_dxf()
    document.modelspace().add_text("still here", height=2)
    linear(document, 25.0)
    return dxf_bytes(document)


def test_a_binary_dxf_gives_what_the_text_form_gives() -> None:
    document = new_dxf()
    document.modelspace().add_text("Gehäuse", height=2)
    linear(document, 25.0)
    plain, binary = read_dxf(dxf_bytes(document)), read_dxf(dxf_bytes(document, binary=True))
    assert (binary.pages, binary.dimensions, binary.properties) == (plain.pages, plain.dimensions, plain.properties)


def test_a_dxf_cut_off_in_its_entities_is_rescued_in_part() -> None:
    data = sample()
    drawing = read_dxf(data[: data.index(b"still here") + 200])
    assert "still here" in drawing.pages[0].text
    assert drawing.partial
    assert "truncated" in drawing.warnings


def test_a_broken_tag_is_rescued() -> None:
    data = sample()
    entities = data.index(b"ENTITIES")
    drawing = read_dxf(data[: entities + 9] + b"not a group code\n" + data[entities + 9 :])
    assert "still here" in drawing.pages[0].text
    assert drawing.warnings[0] in ("recovered", "resynchronised")


def test_a_missing_end_of_section_is_rescued() -> None:
    data = sample()
    at = data.rindex(b"ENDSEC", 0, data.index(b"ENTITIES"))
    drawing = read_dxf(data[: data.rindex(b"  0", 0, at)] + data[at + 7 :])
    assert "still here" in drawing.pages[0].text
    assert drawing.warnings


def test_a_damaged_header_does_not_cost_the_drawing() -> None:
    data = sample()
    header_end = data.index(b"ENDSEC")
    drawing = read_dxf(data[:header_end].replace(b"$INSUNITS\n 70\n", b"$INSUNITS\n") + data[header_end:])
    assert "still here" in drawing.pages[0].text
    assert [found.nominal for found in drawing.dimensions] == [25.0]
    assert (drawing.partial, drawing.warnings) == (True, ("entities_only",))
    assert (drawing.properties["unit"], drawing.dimensions[0].value_mm) == (None, None)


def test_an_empty_file_is_named() -> None:
    with pytest.raises(EmptyFile):
        read_dxf(b"")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"AC1032\x00\x00\x00\x00" + bytes(200), UnsupportedFormat, "DWG"),
        (pdf_of([lambda page: page.insert_text((72, 72), "pdf")]), CorruptFile, "PDF"),
        (b"<html><body>Please log in</body></html>", CorruptFile, "HTML"),
        (b"PK\x03\x04" + bytes(100), CorruptFile, "ZIP"),
        (b"some words\n" * 50, CorruptFile, "no section"),
        (b"AutoCAD Binary DXF\r\n\x1a\x00" + b"\x07" * 400, CorruptFile, "binary DXF"),
        (b"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER", CorruptFile, "nothing in it can be rescued"),
    ],
    ids=["dwg", "pdf", "html", "zip", "text", "binary", "header-only"],
)
def test_what_is_no_readable_dxf_is_named_for_what_it_looks_like(data: bytes, error: type[ExtractionError], words: str) -> None:
    with pytest.raises(error, match=words):
        read_dxf(data)


def test_no_document_content_reaches_an_error_message() -> None:
    with pytest.raises(CorruptFile) as caught:
        read_dxf(b"  0\nSECTION\n  2\nHEADER\n  9\n$PROJECTNAME\n  1\nSECRET-4711\nSECRET-4711\n")
    assert "SECRET" not in str(caught.value)


def test_one_damaged_dimension_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    original = measure.measured

    def fail_on_ten(dimension: Any, kind: int) -> float | None:
        value = original(dimension, kind)
        if value == 10.0:
            raise ValueError("damaged")
        return value

    monkeypatch.setattr(measure, "measured", fail_on_ten)
    document = new_dxf()
    linear(document, 10.0)
    linear(document, 20.0)
    drawing = read_dxf(dxf_bytes(document))
    assert [found.nominal for found in drawing.dimensions] == [20.0]
    assert (drawing.partial, drawing.warnings) == (True, ("entities_unreadable:1",))


def test_reading_twice_gives_the_same_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    data = sample()
    assert read_dxf(data) == read_dxf(data)
    with pytest.raises(CorruptFile):
        read_dxf(b"  0\nSECTION\n  2\nENTITIES\n garbage")
    assert capfd.readouterr() == ("", "")


def test_nothing_read_depends_on_the_time_of_reading() -> None:
    code = (
        "import sys, hashlib; from pipeline.extract.dxf import read_dxf\n"
        "print(hashlib.sha256(repr(read_dxf(sys.stdin.buffer.read())).encode()).hexdigest())"
    )
    seen = {
        subprocess.run([sys.executable, "-c", code], input=sample_once, check=True, capture_output=True, timeout=60).stdout
        for sample_once in [sample()] * 2
    }
    assert len(seen) == 1


def test_reading_a_dxf_does_not_load_mupdf() -> None:
    code = "import sys, pipeline.extract.dxf.reader; assert 'pymupdf' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
