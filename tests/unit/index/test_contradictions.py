"""What counts as a contradiction, and what does not."""

from __future__ import annotations

import pytest

from pipeline.index.contradictions import Conflict, find_conflicts
from pipeline.index.evidence import FileEvidence, Finding, PartsList
from tests.unit.index.evidence import ALUMINIUM, STAINLESS, STAINLESS_316, STAINLESS_EN, file


def found(*files: FileEvidence) -> list[tuple[str, str]]:
    return [(one.field, one.severity) for one in find_conflicts(files)]


def one(*files: FileEvidence) -> Conflict:
    conflicts = find_conflicts(files)
    assert len(conflicts) == 1
    return conflicts[0]


def test_a_material_of_another_family_is_grave_and_told_in_the_words_of_the_files() -> None:
    conflict = one(file("a.pdf", said={"material": ALUMINIUM}), file("a.step", said={"material": STAINLESS}))
    assert (conflict.field, conflict.severity) == ("material", "high")
    assert conflict.reason == "material: PDF says 6061, STEP says AISI 304"
    assert [(value["value"], value["file"], value["kind"]) for value in conflict.values] == [
        ("6061", "a.pdf", "pdf"), ("AISI 304", "a.step", "cad")]


@pytest.mark.parametrize(("left", "right", "expected"), [
    pytest.param({"material": STAINLESS}, {"material": STAINLESS_EN}, [], id="one steel under two names"),
    pytest.param({"material": STAINLESS}, {"material": STAINLESS_316}, [("material", "medium")], id="two steels of one family"),
    pytest.param({"material": "see note"}, {"material": STAINLESS}, [], id="a material that no table knows"),
    pytest.param({"revision": "A"}, {"revision": "B"}, [("revision", "high")], id="two revisions"),
    pytest.param({"revision": "01"}, {"revision": "rev 1"}, [], id="one revision in two spellings"),
    pytest.param({"revision": "-"}, {"revision": "B"}, [], id="a dash is no revision"),
    pytest.param({"revision": "A"}, {}, [], id="silence is no contradiction"),
    pytest.param({"title": "Mounting plate"}, {"title": "PLATE"}, [], id="a title worded anew"),
    pytest.param({"title": "Mounting plate"}, {"title": "Gear wheel"}, [("title", "low")], id="titles of different things"),
    pytest.param({"general_tolerance": "ISO 2768-m"}, {"general_tolerance": "ISO 2768-f"}, [("general_tolerance", "medium")],
                 id="two tolerance classes"),
    pytest.param({"drawing_number": "DM-1001"}, {"drawing_number": "DM-1002"}, [("drawing_number", "medium")], id="two numbers"),
    pytest.param({"drawing_number": "DM-1001"}, {"drawing_number": "DM-1001-02"}, [], id="a number with its sheet"),
    pytest.param({"drawing_number": "DM-1001", "revision": "A"}, {"drawing_number": "DM-1002", "revision": "B"},
                 [("drawing_number", "medium")], id="other drawings have other revisions"),
    pytest.param({"weight": ("1 kg", {"grams": 1000.0})}, {"weight": ("1030 g", {"grams": 1030.0})}, [], id="about one weight"),
    pytest.param({"weight": ("1 kg", {"grams": 1000.0})}, {"weight": ("2 kg", {"grams": 2000.0})}, [("weight", "medium")],
                 id="two weights"),
])
def test_two_files_of_a_group(left: dict[str, object], right: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert found(file("a.pdf", said=left), file("b.dxf", said=right)) == expected
    assert found(file("b.dxf", said=right), file("a.pdf", said=left)) == expected


def test_a_file_of_several_sheets_agrees_where_one_of_them_does() -> None:
    book = file("a.pdf", said={"revision": "A"})
    book.statements += file("a.pdf", said={"revision": "B"}).statements
    assert found(book, file("b.dxf", said={"revision": "B"})) == []


def test_two_files_of_one_format_are_told_apart_by_their_names() -> None:
    conflict = one(file("x/a.pdf", said={"revision": "A"}), file("y/b.pdf", said={"revision": "B"}))
    assert conflict.reason == "revision: a.pdf says A, b.pdf says B"


def test_a_flat_dxf_has_its_revision_in_its_name() -> None:
    conflict = one(file("a.pdf", said={"revision": "B"}), file("a_revA.dxf", named={"revision": "A"}))
    assert (conflict.severity, conflict.reason) == ("medium", "revision: PDF says B, DXF is named A")


def test_a_name_that_bears_another_revision_than_the_sheet() -> None:
    conflict = one(file("x/a_revA.pdf", said={"revision": "B"}, named={"revision": "A"}))
    assert conflict.reason == "revision: the name a_revA.pdf says A, its title block B"


def test_what_linking_found_against_a_number_is_passed_on() -> None:
    finding = Finding("number_differs", "named 1001, its title block says 1002", {"file_name": "1001"})
    conflict = one(file("a.pdf", findings=[finding]))
    assert (conflict.field, conflict.severity, conflict.reason) == ("drawing_number", "medium", finding.reason)


def test_units_of_title_block_and_header() -> None:
    assert found(file("a.pdf", said={"units": "mm"}), file("a.dxf", header_unit="in")) == [("units", "medium")]
    assert found(file("a.pdf", said={"units": "mm"}), file("a.dxf", header_unit="mm")) == []


@pytest.mark.parametrize(("sides", "lengths", "expected"), [
    pytest.param((212.99, 100.0), (213.0, 100.0, 5.0), [], id="the sheet's sizes"),
    pytest.param((210.0, 100.0), (213.0, 100.0, 5.0), [("overall_size", "medium")], id="one side a little off"),
    pytest.param((120.0, 79.0), (120.0, 96.0, 80.0, 76.0), [("overall_size", "medium")], id="a size among hole spacings"),
    pytest.param((210.0, 100.0), (213.0, 208.0, 100.0), [], id="two sizes that could be meant"),
    pytest.param((180.0, 100.0), (213.0, 100.0, 5.0), [], id="a side that the sheet may give in a chain"),
    pytest.param((180.0, 90.0), (213.0, 100.0, 5.0), [], id="nothing alike: a bent part's flat pattern"),
    pytest.param((8.3858, 3.937), (213.0, 100.0), [("units", "high")], id="inches taken for millimetres"),
    pytest.param((5410.2, 2540.0), (213.0, 100.0), [("units", "high")], id="scaled once too often"),
    pytest.param((213.0, 100.0), (), [], id="a drawing without dimensions"),
])
def test_a_flat_outline_against_the_drawing(sides: tuple[float, ...], lengths: tuple[float, ...], expected: list[tuple[str, str]]) -> None:
    assert found(file("a.dxf", sides=sides), file("a.pdf", lengths=lengths)) == expected


def test_a_model_against_its_flat_outline() -> None:
    assert found(file("a.dxf", sides=(213.0, 100.0)), file("a.step", sides=(213.0, 100.0, 3.0))) == []
    assert found(file("a.dxf", sides=(213.0, 99.0)), file("a.step", sides=(213.0, 100.0, 3.0))) == [("overall_size", "medium")]


@pytest.mark.parametrize(("parts", "expected"), [
    (PartsList(17, 17, 16), [("bom_total", "medium")]), (PartsList(17, 17, 17), []), (PartsList(5, 16, 16), []),
    (PartsList(5, None, None), [])])
def test_a_stated_total_against_the_rows(parts: PartsList, expected: list[tuple[str, str]]) -> None:
    assert found(file("a.pdf", parts_list=parts)) == expected


def test_the_gravest_comes_first_and_one_field_is_told_once() -> None:
    files = [file(f"{number}.pdf", said={"revision": str(number), "title": f"thing{number}"}) for number in range(1, 5)]
    assert found(*files) == [("revision", "high"), ("title", "low")]
