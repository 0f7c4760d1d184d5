"""Materials: what a text in the place of one says, and which texts name none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.errors import ConfigError
from pipeline.extract.material_table import key_of, load_materials
from pipeline.extract.materials import Reading, find_materials, is_none, materials_of_items, read_material
from pipeline.extract.model import BomItem, MetadataField, Place
from pipeline.extract.sheet import TextLine
from pipeline.worker.reading import own_materials

HERE = Place(1, (0.0, 0.0, 10.0, 5.0))


def line(text: str, y: float = 0.0) -> TextLine:
    box = (0.0, y, 100.0, y + 5.0)
    return TextLine(text, box, Place(1, box))


@pytest.mark.parametrize(
    ("text", "designation", "family"),
    [
        ("1.4301", "1.4301", "stainless steel"), ("AISI 304", "1.4301", "stainless steel"), ("X5CrNi18-10", "1.4301", "stainless steel"),
        ("SUS304", "1.4301", "stainless steel"), ("06Cr19Ni10", "1.4301", "stainless steel"), ("304", "1.4301", "stainless steel"),
        ("不锈钢304", "1.4301", "stainless steel"), ("1.4301 (X5CrNi18-10)", "1.4301", "stainless steel"),
        ("316L Stainless", "1.4404", "stainless steel"),
        ("1.1191 (C45E)", "C45E", "steel"), ("45#", "C45E", "steel"), ("S 235 JR", "S235JR", "steel"), ("St37-2", "S235JR", "steel"),
        ("EN AW-6082", "EN AW-6082", "aluminium"), ("AlMgSi1", "EN AW-6082", "aluminium"), ("6061-T6", "EN AW-6061", "aluminium"),
        ("3.3535-H111 (EN-AW 5754)", "EN AW-5754", "aluminium"), ("ALU 3.2315", "EN AW-6082", "aluminium"),
        ("A7075", "EN AW-7075", "aluminium"),
        ("Brass 2.0401", "CW614N", "brass"), ("Ms58", "CW614N", "brass"), ("2.1090 (G-CuSn7ZnPb)", "CC493K", "bronze"),
        ("GG-25", "EN-GJL-250", "cast iron"),
        ("POM", "POM", "plastic"), ("POM (M90-44)", "POM-C", "plastic"), ("PA6 GF30 (K224-G6)", "PA6-GF30", "plastic"),
        ("PC-ABS", "PC+ABS", "plastic"),
        ("Plexiglas 3 mm", "PMMA", "plastic"), ("Viton 70 Shore A", "FKM", "rubber"), ("Zn-Druckguss Zamak 5", "ZP5", "zinc"),
        ("Stahl", None, "steel"), ("Edelstahl", None, "stainless steel"), ("acier", None, "steel"), ("不锈钢", None, "stainless steel"),
        ("staal", None, "steel"),
        ("acciaio inox", None, "stainless steel"), ("aluminio", None, "aluminium"), ("нержавеющая сталь", None, "stainless steel"),
        ("真鍮", None, "brass"),
        ("Birch Plywood", None, "wood"), ("Glass", None, "glass"), ("Alu", None, "aluminium"), ("Brass", None, "brass"),
        ("MIC-6, ATP-5, ALCA 5 OR EQUIVALENT", None, "aluminium"), ("AISI 304 or AISI 316", None, "stainless steel"),
        ("316L / 304", None, "stainless steel"), ("304 or 316", None, "stainless steel"), ("6061-T6 / 7075-T6", None, "aluminium"),
        ("S235 / 304", None, None), ("316L / 1.4404", "1.4404", "stainless steel"), ("S235 / 1020 mm", "S235JR", "steel"),
        ("EPDM / PVC Foam", None, None),
        ("FZ 2265", None, None), ("2651 28AWG cable", None, None), ("Zinc plated", None, None), ("4711", None, None),
    ],
)  # fmt: skip
def test_texts_name_the_material_that_a_draughtsman_reads(text: str, designation: str | None, family: str | None) -> None:
    found = read_material(text)
    assert (found.designation, found.family) == (designation, family)


@pytest.mark.parametrize(
    ("text", "thickness"),
    [
        ("6061 T=3", 3.0), ("SPCC T=0.8", 0.8), ("AISI 304, 0.5mm", 0.5), ("SUS 304 t2", 2.0), ("DC01 1,5mm", 1.5),
        ("Stahlblech Dicke: 2", 2.0), ('1/8" 6061', 3.175),
        ("6061-T6", None), ("Ø20 mm 1.4301", None), ("20x20 mm S235", None), ("S235JR", None), ("42CrMo4", None), ("ABS", None),
        ("厚度=1.2 SPCC", 1.2),
    ],
)  # fmt: skip
def test_a_thickness_is_told_from_tempers_diameters_and_sections(text: str, thickness: float | None) -> None:
    assert read_material(text).thickness_mm == thickness


@pytest.mark.parametrize(
    ("text", "treatment"),
    [
        ("Q235 black powder", "black powder coated"), ("S235JR verzinkt", "zinc plated"),
        ("Aluminium 6082-T6 anodised black", "black anodized, T6"),
        ("42CrMo4+QT", "hardened and tempered"), ("Zinc plated steel", "zinc plated"), ("DX51D", "hot-dip galvanized"),
        ("Q235镀锌", "zinc plated"), ("S235JR", None),
    ],
)  # fmt: skip
def test_treatments_have_one_name_in_all_languages(text: str, treatment: str | None) -> None:
    assert read_material(text).treatment == treatment


@pytest.mark.parametrize("text", ["None", "-", "see notes", "Multiple", "Material <not specified>", "N/A", "siehe Stückliste", "", "  ",
"???"])
def test_texts_that_name_none_give_none(text: str) -> None:
    assert is_none(text)
    assert find_materials([MetadataField("material", text, text, HERE, "title_block", 0.9)], []) == ()


def test_the_title_block_is_kept_as_written_and_a_note_only_where_it_is_known() -> None:
    shown = [MetadataField("material", "FZ 2265", "FZ 2265", HERE, "title_block", 0.9), MetadataField("title", "Stahl",
    "Stahl", HERE, "title_block", 0.9)]
    notes = ["2. MATERIAL: AISI 304", "MATERIAL: TO BE AGREED", "All material handling by hand", "Werkstoff：C45E"]
    lines = [line(text, 20.0 * row) for row, text in enumerate(notes, start=1)]
    found = find_materials(shown, lines)
    assert [(one.raw_text, one.designation, one.method) for one in found] == [
        ("FZ 2265", None, "title_block"), ("AISI 304", "1.4301", "note"), ("C45E", "C45E", "note")]  # fmt: skip
    assert found[1].place.bbox == (0.0, 20.0, 100.0, 25.0)


def test_a_lists_materials_come_once_a_sheet_with_the_place_of_their_row() -> None:
    def item(number: int, material: str | None, page: int = 1) -> BomItem:
        return BomItem(number, {}, Place(page, (0.0, float(number), 9.0, number + 1.0)), "table.ruled", 0.9, material=material)

    found = materials_of_items([item(1, "PC-ABS"), item(2, "PC ABS"), item(3, "Multiple"), item(4, None), item(5, "PC-ABS", 2)])
    assert [(one.raw_text, one.designation, one.place.page_number) for one in found] == [("PC-ABS", "PC+ABS", 1), ("PC-ABS", "PC+ABS", 2)]


def test_every_name_of_the_table_reads_as_its_own_material() -> None:
    table = load_materials()
    assert len({entry.designation for entry in table.names.values()}) >= 150
    for name, entry in table.names.items():
        assert read_material(name).designation in (entry.designation, None)
        assert read_material(entry.designation).designation == entry.designation, entry.designation


def test_a_users_table_goes_before_ours_and_is_refused_with_a_reason(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    names = '{ names = ["AISI 304", "FZ 2265"], numbers = ["12"] }'
    own.write_text(f'[house]\nfamily = "steel"\n[house.materials]\n"H-1" = {names}\n', encoding="utf-8")
    assert read_material("FZ 2265", str(own)).designation == "H-1"
    assert read_material("AISI 304", str(own)).designation == "H-1"
    assert read_material("1.4404", str(own)).designation == "1.4404"
    for content, reason in (("[house", "is not TOML"), ('[house]\nmaterials = "x"\n', "is not of the form")):
        own.with_name("bad.toml").write_text(content, encoding="utf-8")
        load_materials.cache_clear()
        with pytest.raises(ValueError, match=reason):
            load_materials(str(own.with_name("bad.toml")))
    with pytest.raises(ValueError, match="cannot be read"):
        load_materials(str(tmp_path / "missing.toml"))


def test_a_users_table_that_cannot_be_used_stops_before_any_work(tmp_path: Path) -> None:
    assert own_materials(Settings.load(environment={})) == ""
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigError, match="MATERIAL_ALIASES"):
        own_materials(Settings.load(environment={}, material_aliases=str(missing)))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_and_the_same_text_reads_the_same(text: str) -> None:
    assert read_material(text) == read_material(text)
    assert key_of(text) == key_of(text.upper()) or not text.isascii()


@given(st.sampled_from(["AISI 304", "EN AW-6082", "X5CrNi18-10", "CuZn39Pb3"]), st.sampled_from([" ", "-", "", " - ", "/"]), st.booleans())
def test_case_and_separators_do_not_matter(name: str, separator: str, lower: bool) -> None:
    changed = name.replace(" ", separator).replace("-", separator)
    assert read_material(changed.lower() if lower else changed).designation == read_material(name).designation


def test_a_text_that_the_users_table_calls_none_is_none_even_where_ours_has_a_name(tmp_path: Path) -> None:
    own = tmp_path / "none.toml"
    own.write_text('[none]\ntexts = ["1.4301", "Stahl"]\n', encoding="utf-8")
    for text in ("1.4301", "STAHL"):
        assert is_none(text, str(own))
        assert read_material(text, str(own)) == Reading()
    assert read_material("1.4301").designation == "1.4301"
    assert read_material("Stahl verzinkt", str(own)).family == "steel"  # another text than the one that names none


def test_a_name_of_the_users_table_goes_before_our_texts_that_name_none(tmp_path: Path) -> None:
    own = tmp_path / "named.toml"
    own.write_text('[house]\nfamily = "steel"\n[house.materials]\n"H-1" = { names = ["Default"] }\n', encoding="utf-8")
    assert is_none("Default")
    assert not is_none("Default", str(own))
    assert read_material("Default", str(own)).designation == "H-1"
