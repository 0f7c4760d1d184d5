from __future__ import annotations

import pytest

from pipeline.linking.places import folder_of, is_format_folder, kind_of, neighbourhood


@pytest.mark.parametrize("name", ["PDF", "stp", "STEP files", "Drawings_DXFs", "2D", "3D-Modelle", "flat patterns dxf"])
def test_a_folder_that_only_names_a_format_is_looked_through(name: str) -> None:
    assert is_format_folder(name)


@pytest.mark.parametrize("name", ["", "files", "Mechanical", "1036_PDF", "Print Head", "part drawings for pump"])
def test_a_folder_that_says_more_is_a_place(name: str) -> None:
    assert not is_format_folder(name)


def test_mirrored_trees_below_format_folders_are_one_place() -> None:
    assert neighbourhood("gearbox/PDF/housing") == neighbourhood("gearbox/STEP/housing") == "gearbox/housing"
    assert neighbourhood("gearbox/PDF/housing") != neighbourhood("pump/PDF/housing")


@pytest.mark.parametrize("folder", ["um/1155/1155-G", "um/1155/1155_rev b", "um/1155/Rev B", "um/1155/rev02"])
def test_a_folder_that_only_names_a_revision_is_looked_through(folder: str) -> None:
    assert neighbourhood(folder) == "um/1155"


@pytest.mark.parametrize("folder", ["um/1155/1155-01", "um/1155/1156-G", "um/box/box-a", "um/v2", "um/1155/1155-L", "um/1155/review"])
def test_a_folder_of_another_part_is_a_place(folder: str) -> None:
    assert neighbourhood(folder) == folder


def test_the_top_has_no_folder() -> None:
    assert folder_of("cover.pdf") == ""
    assert folder_of("a/b/cover.pdf") == "a/b"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", "drawing"),
        ("a.dxf", "drawing"),
        ("a.Step", "model"),
        ("a.prt.12", "model"),
        ("a.drw.3", "drawing"),
        ("a.xlsx", "other"),
        ("README", "other"),
    ],
)
def test_kind_is_told_by_the_suffix(name: str, kind: str) -> None:
    assert kind_of(name) == kind
