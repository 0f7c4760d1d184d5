"""The folder rules on made-up places; a group is named by a letter."""

from __future__ import annotations

import pytest

from pipeline.linking.folder import File, judge_place
from pipeline.linking.keys import drawing_key
from pipeline.linking.places import folder_of, kind_of


def place(**paths_by_group: list[str]) -> list[File]:
    return [
        File(
            folder_of(path),
            path.rpartition("/")[2],
            group,
            drawing_key(path.rpartition("/")[2]).key,
            kind_of(path),
            False,
            len(paths),
        )
        for group, paths in paths_by_group.items()
        for path in paths
    ]


def joined(files: list[File]) -> list[tuple[str, str, str]]:
    return [(pair.left, pair.right, pair.reason) for pair in judge_place(files)]


def test_files_that_bear_their_folders_number_are_joined() -> None:
    files = place(a=["1281_Clip/1281.pdf"], b=["1281_Clip/1281-B2P-C.STEP"], c=["1281_Clip/flat 1281.dxf"])
    assert joined(files) == [
        ("a", "b", "the folder's number stands in the names"),
        ("a", "c", "the folder's number stands in the names"),
    ]


def test_an_assembly_folder_whose_parts_share_its_number_is_not_joined() -> None:
    assert not joined(place(a=["P-1234/P-1234-01.pdf"], b=["P-1234/P-1234-02.pdf"], c=["P-1234/P-1234-01x.step"]))
    assert not joined(place(a=["P-1234/P-1234-01.pdf"], b=["P-1234/P-1234-02.step"]))


def test_the_only_drawing_and_the_only_model_of_a_folder_are_joined() -> None:
    assert joined(place(a=["pump/lever/scan.pdf"], b=["pump/lever/export.step"])) == [
        ("a", "b", "the only drawing and the only model of their folder")
    ]


@pytest.mark.parametrize("folder", ["", "misc", "PDF", "new folder", "downloads", "Drawings"])
def test_a_heap_is_no_part(folder: str) -> None:
    assert not joined(place(a=[f"{folder}/scan.pdf".lstrip("/")], b=[f"{folder}/export.step".lstrip("/")]))


@pytest.mark.parametrize("third", ["lever/notes.txt", "lever/other.pdf", "lever/other.step"])
def test_a_third_file_speaks_against_a_pair(third: str) -> None:
    assert not joined(place(a=["lever/scan.pdf"], b=["lever/export.step"], c=[third]))


def test_a_group_that_stands_elsewhere_too_is_not_joined_to_what_lies_beside_it() -> None:
    files = place(a=["lever/scan.pdf"], b=["lever/export.step"])
    assert not joined([files[0], files[1]._replace(group_size=2)])
    assert not joined([files[0], files[1]._replace(is_duplicate=True)])


def test_drawings_and_models_pair_off_by_number() -> None:
    files = place(
        a=["bed/AB-BP-250.pdf"], b=["bed/AB-BP-300.pdf"], c=["bed/Bed_250.step"], d=["bed/Bed_300.step"], e=["bed/notes.txt"]
    )
    assert [(left, right) for left, right, _ in joined(files)] == [("a", "c"), ("b", "d")]


def test_one_that_is_left_over_speaks_against_pairing_off() -> None:
    files = place(
        a=["bed/AB-BP-250.pdf"], b=["bed/AB-BP-300.pdf"], c=["bed/Bed_250.step"], d=["bed/Bed_300.step"], e=["bed/Bed_350.step"]
    )
    assert not joined(files)


def test_two_drawings_of_one_number_do_not_pair_off() -> None:
    files = place(a=["bed/front-250.pdf"], b=["bed/rear-250.pdf"], c=["bed/Bed_250.step"], d=["bed/Bed_300.step"])
    assert not joined(files)


def test_the_same_words_in_another_order_are_joined() -> None:
    files = place(a=["p/DXF/Rear_Panel_Bottom.dxf"], b=["p/Drawings/Lower_Rear_Panel_v0.2.pdf"], c=["p/DXF/Side_Panel.dxf"])
    assert [(left, right) for left, right, _ in joined(files)] == [("a", "b")]


def test_the_same_words_in_files_of_one_kind_are_two_parts() -> None:
    assert not joined(place(a=["p/plate rear upper.pdf"], b=["p/upper rear plate.pdf"]))
