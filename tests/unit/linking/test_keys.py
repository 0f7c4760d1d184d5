from __future__ import annotations

import time

import pytest

from pipeline.linking.keys import Strength, base_key, drawing_key

SAME_PART = [
    pytest.param(
        ["1036-A2P-A.STEP", "1036-A2P.pdf", "1036_a2p_revB.dxf", "1036-A2P-C.PDF"], id="letter revision behind a number"
    ),
    pytest.param(
        ["Bottom_Panel.dxf", "bottom panel.PDF", "Bottom-Panel_v0.2.PDF", "BOTTOM PANEL Rev 3.step"], id="words, case, separators"
    ),
    pytest.param(
        ["4711-R0.pdf", "4711_R12.pdf", "4711 (Rev. C).pdf", "4711-rev-c.pdf", "4711revC.pdf"], id="spellings of a revision"
    ),
    pytest.param(["Cover index B.pdf", "Cover_Ausgabe 2.pdf", "Cover version 2.1.pdf", "cover.pdf"], id="words for revision"),
    pytest.param(
        ["77001_sheet 2 of 3.pdf", "77001_sh2.pdf", "77001-S2.pdf", "77001 Blatt 3 von 4.pdf", "77001 (1 of 2).pdf"], id="sheets"
    ),
    pytest.param(["77001-A-S2.pdf", "77001-S2-A.pdf", "77001_sheet1_revB.pdf", "77001_revB_sheet1.pdf"], id="sheet and revision"),
    pytest.param(
        [
            "120045 (2).pdf",
            "120045 - Copy.pdf",
            "120045 - Kopie (3).pdf",
            "Copy of 120045.pdf",
            "Kopie von 120045.pdf",
            "120045_copy2.pdf",
        ],
        id="copies of a number",
    ),
    pytest.param(["cover - Copy.pdf", "Copy of cover.pdf", "cover.pdf"], id="copies of words"),
    pytest.param(["0012345.pdf", "12345.step"], id="leading zeros"),
    pytest.param(["DWG-1001.pdf", "DWG1001.dxf", "dwg_1001.DXF", "dwg 01001.step"], id="separator between letters and digits"),
    pytest.param(["12.345.678.pdf", "12-345-678.dxf", "12 345 678.step"], id="dots in a number"),
    pytest.param(
        ["1301-Z2P-D integrated nozzle 3mm.STEP", "1301-Z2P-D  Nozzle.PDF", "1301-Z2P.pdf"], id="title behind a revision"
    ),
    pytest.param(["AB-250-R0_-_Build_Plate.pdf", "AB-250.step"], id="title behind a dash"),
    pytest.param(["shaft.prt.12", "shaft.prt.1", "SHAFT.step"], id="creo versions"),
    pytest.param(["shaft (x2).pdf", "shaft.step"], id="quantity"),
    pytest.param(["Ｆｌａｎｓｃｈ.pdf", "flansch.step"], id="full width letters"),
    pytest.param(["Größe.pdf", "GRÖSSE.step"], id="sharp s"),
]

DIFFERENT_PARTS = [
    pytest.param("Feeder_Clamp_A.pdf", "Feeder_Clamp_B.pdf", id="a letter behind a word is part of the name"),
    pytest.param("partA.step", "partB.step", id="a letter in a word"),
    pytest.param("1001-L.step", "1001-R.step", id="hands"),
    pytest.param("1001-X.step", "1001-Y.step", id="axes"),
    pytest.param("P-1234-01.pdf", "P-1234-02.pdf", id="running numbers"),
    pytest.param("1-23.pdf", "12-3.pdf", id="digits do not flow together"),
    pytest.param("M3x10.step", "M3x12.step", id="sizes"),
    pytest.param("scan (1).pdf", "scan (2).pdf", id="counted scans"),
    pytest.param("12345 left.pdf", "12345 right.pdf", id="titles without a revision"),
    pytest.param("Tophat_Side_Panel_80mm.dxf", "Tophat_Side_Panel_100mm.dxf", id="measures"),
    pytest.param("Print Core AA 0.4.pdf", "Print Core AA 0.8.pdf", id="decimals are no extension"),
    pytest.param("B1036.pdf", "1036.pdf", id="a format letter is settled nearby only"),
]

TAKEN_OFF = [
    pytest.param("1036-A2P-B.pdf", "b", None, id="letter"),
    pytest.param("Deck_Panel_v0.2.PDF", "0.2", None, id="version"),
    pytest.param("4711_R03_sheet 02 of 05.pdf", "3", "2", id="both, without zeros"),
    pytest.param("4711-S2-C.pdf", "c", "2", id="sheet before revision"),
    pytest.param("VRN-BP-VT-250-R0_-_Plate_250mm.pdf", "0", None, id="before a title"),
    pytest.param("shaft.prt.12", None, None, id="creo's count is no revision"),
    pytest.param("cover.pdf", None, None, id="neither"),
]

STRENGTHS = [
    pytest.param("1036-A2P-A.STEP", Strength.STRONG, id="number with letters"),
    pytest.param("120045.pdf", Strength.STRONG, id="six digits"),
    pytest.param("1320-D.pdf", Strength.MEDIUM, id="four digits"),
    pytest.param("ISO 7380 M3x10.step", Strength.MEDIUM, id="standard"),
    pytest.param("2024-05-17.pdf", Strength.MEDIUM, id="date"),
    pytest.param("20240517.pdf", Strength.MEDIUM, id="date in one"),
    pytest.param("200045.pdf", Strength.STRONG, id="no date"),
    pytest.param("cover.pdf", Strength.WEAK, id="word"),
    pytest.param("1.pdf", Strength.WEAK, id="count"),
    pytest.param("IMG_20240517.jpg", Strength.WEAK, id="camera"),
    pytest.param("scan00012345.pdf", Strength.WEAK, id="scanner"),
    pytest.param("README", Strength.WEAK, id="no extension"),
    pytest.param("Bracket 12345.pdf", Strength.WEAK, id="long word"),
]

BASES = [
    pytest.param("B1036-A2P-A.PDF", "1036a2p", id="format letter"),
    pytest.param("F1036.pdf", None, id="F is no sheet format here"),
    pytest.param("BR1036.pdf", None, id="two letters"),
    pytest.param("120045 bracket.pdf", "120045", id="title"),
    pytest.param("scan (2).pdf", "scan", id="counted words"),
    pytest.param("cover.pdf", None, id="plain"),
]


@pytest.mark.parametrize("names", SAME_PART)
def test_spellings_of_one_part_have_one_key(names: list[str]) -> None:
    assert len({drawing_key(name).key for name in names}) == 1, [drawing_key(name) for name in names]


@pytest.mark.parametrize(("one", "other"), DIFFERENT_PARTS)
def test_different_parts_have_different_keys(one: str, other: str) -> None:
    assert drawing_key(one).key != drawing_key(other).key


@pytest.mark.parametrize(("name", "revision", "sheet"), TAKEN_OFF)
def test_revision_and_sheet_are_kept_beside_the_key(name: str, revision: str | None, sheet: str | None) -> None:
    found = drawing_key(name)
    assert (found.revision, found.sheet) == (revision, sheet)


@pytest.mark.parametrize(("name", "strength"), STRENGTHS)
def test_a_key_is_as_strong_as_its_number(name: str, strength: Strength) -> None:
    assert drawing_key(name).strength is strength


@pytest.mark.parametrize(("name", "base"), BASES)
def test_a_variant_names_the_key_that_it_may_belong_to(name: str, base: str | None) -> None:
    assert base_key(drawing_key(name).key) == base


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".pdf", "---.pdf", "()", "rev", "_v2", "(2).pdf", "copy", " ", "~", "\n.pdf", "%00.pdf", "Ω", "図面.pdf"],
)
def test_any_name_has_a_key(name: str) -> None:
    assert drawing_key(name).key


def test_a_name_of_a_thousand_characters_takes_no_longer_than_its_length_deserves() -> None:
    started = time.perf_counter()
    for name in (
        "a-" * 500,
        "1_" * 500,
        " (2)" * 250,
        "- copy " * 140,
        "rev " * 250,
        "x.1" * 330,
        "_" * 1000,
        "1-a " * 250,
        "(" * 1000,
        "copy" + " " * 1000 + "x",
        "copy" + "_" * 1000 + "-" + " " * 1000 + "x (",
        "copy " + "- " * 500 + ")",
    ):
        drawing_key(name)
    assert time.perf_counter() - started < 1


def test_a_copy_says_so() -> None:
    assert [drawing_key(name).is_copy for name in ("a (2).pdf", "Kopie von a.pdf", "a.pdf")] == [True, True, False]


@pytest.mark.parametrize("mark", [
    "copy", " copy", "_copy", "-copy", " - copy", " -  Kopie (2)", "_(copy)", " ( copy)", "  _copy2", "-_copy 3",
])
def test_a_copy_is_spelt_in_many_ways(mark: str) -> None:
    plain = mark == "copy"  # a word of the name
    assert drawing_key(f"120045{mark}.pdf").is_copy is not plain
    assert (drawing_key(f"120045{mark}.pdf").key == "120045") is not plain


def test_a_hundred_thousand_names_take_seconds_at_most() -> None:
    names = [f"B{number}-A2P-{'ABCD'[number % 4]} (2) housing_{number % 7}.PDF" for number in range(100_000)]
    started = time.process_time()
    for name in names:
        drawing_key(name)
    assert time.process_time() - started < 5  # about 0.8 s on a quiet core
