"""The folder rules on made-up places; a group is named by a letter."""

from __future__ import annotations

import pytest

from pipeline.linking.family import Drawing, Parts, drawing_of
from pipeline.linking.folder import judge_place, parts_below
from pipeline.linking.keys import drawing_key
from pipeline.linking.places import File, folder_of, kind_of
from pipeline.linking.words import misspelt


def place(**paths_by_group: list[str]) -> list[File]:
    return [
        File(
            folder_of(path),
            path.rpartition("/")[2],
            group,
            drawing_key(path.rpartition("/")[2]).key,
            kind_of(path),
            path,
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


def test_a_plural_and_a_word_for_drawing_name_no_other_part() -> None:
    files = place(a=["p/Front_Panels_Drawing.pdf"], b=["p/DXF/front-panel.dxf"], c=["p/nozzle_drawing.pdf"], d=["p/Nozzle.step"])
    assert {(left, right) for left, right, _ in joined(files)} == {("a", "b"), ("c", "d")}


def test_words_glued_together_are_the_same_words() -> None:
    assert joined(place(a=["p/FrontPanel.pdf"], b=["p/Front Panel.step"], c=["p/other thing.step"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("plate 10 30.pdf", "plate 30 10.step"), ("panel left.pdf", "panel right.step"), ("1 A.pdf", "A 1.step")],
    ids=["numbers in another order", "hands", "too short to tell"],
)
def test_words_that_differ_are_two_parts(one: str, other: str) -> None:
    assert not joined(place(a=[f"p/{one}"], b=[f"p/{other}"], c=["p/nut.step"]))


def test_hands_are_two_parts_even_alone_in_their_folder() -> None:
    assert not joined(place(a=["lever/panel left.pdf"], b=["lever/panel right.step"]))


def test_a_prefix_that_all_drawings_bear_is_no_part_of_their_names() -> None:
    files = place(
        a=["p/AB7 front plate.pdf"], b=["p/AB7 rear plate.pdf"], c=["p/front_plate.step"], d=["p/rear_plate.step"], e=["p/nut.step"]
    )
    assert {(left, right) for left, right, _ in joined(files)} == {("a", "c"), ("b", "d")}


def test_one_drawing_of_several_parts_beside_it() -> None:
    files = place(a=["p/Side_Panels.pdf"], b=["p/Side_Panel_80.dxf"], c=["p/Side_Panel_100.dxf"], d=["p/Top_Panel.dxf"])
    assert {(left, right) for left, right, _ in joined(files)} == {("a", "b"), ("a", "c")}


def test_a_singular_drawing_shows_no_family() -> None:
    assert not joined(place(a=["p/Side_Panel.pdf"], b=["p/Side_Panel_80.dxf"], c=["p/Side_Panel_100.dxf"]))


def test_two_family_drawings_leave_the_choice_to_a_person() -> None:
    files = place(
        a=["p/Side_Panels.pdf"], b=["p/Side_Panel_Dimensions.pdf"], c=["p/Side_Panel_80.dxf"], d=["p/Side_Panel_100.dxf"]
    )
    assert not joined(files)


def parts(**paths_by_group: list[str]) -> list[tuple[str, Parts]]:
    return list(parts_below(place(**paths_by_group), []))


TOPHAT = {"b": ["v/DXF/Tophat/Tophat_Side_80.dxf"], "c": ["v/DXF/Tophat/Tophat_Top_Side.dxf"]}


def test_parts_in_a_folder_find_their_drawing_in_a_place_above() -> None:
    found = dict(parts(**TOPHAT))
    assert list(found) == ["v", ""]
    drawings = [Drawing("a", "tophat-sides"), Drawing("x", "bottom-sides")]
    assert [(pair.left, pair.right) for pair in drawing_of(found["v"], drawings)] == [("a", "b"), ("a", "c")]


@pytest.mark.parametrize(
    "keys", [["tophat-side"], ["hats"], ["tophat-front-sides"], ["tophat-sides", "tophat-side-dimensions"], []],
    ids=["singular", "another word", "a word that the parts lack", "two drawings", "none"],
)
def test_a_drawing_above_that_is_not_clearly_theirs_is_left(keys: list[str]) -> None:
    above = dict(parts(**TOPHAT))["v"]
    assert not drawing_of(above, [Drawing(f"d{number}", key) for number, key in enumerate(keys)])


def test_a_folder_that_has_drawings_of_its_own_needs_none_from_above() -> None:
    assert not parts(**TOPHAT, d=["v/DXF/Tophat/lid.pdf"])


def test_a_folder_of_another_name_says_nothing_of_a_drawing_above() -> None:
    assert not parts(b=["v/misc/Tophat_Side_80.dxf"], c=["v/misc/Tophat_Top_Side.dxf"])


def test_a_misspelt_word_is_the_same_word_where_nothing_else_fits() -> None:
    assert joined(place(a=["p/Z motor braket.pdf"], b=["p/Z motor bracket.step"], c=["p/nut.step"]))
    assert not joined(place(a=["p/Z motor braket.pdf"], b=["p/Z motor bracket.step"], c=["p/Z motor brakett.step"]))
    assert not joined(place(a=["p/X motor bracket.pdf"], b=["p/Z motor bracket.step"], c=["p/nut.step"]))
    assert not joined(place(a=["p/clamp a1.pdf"], b=["p/clamp a2.step"], c=["p/nut.step"]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("bracket", "braket", True), ("screw", "srew", False), ("clamps", "clamsp", True),
     ("screws", "scerws", True), ("shaft", "shift", False), ("housing", "hausing", True),
     ("panel", "panel", False), ("holder", "folders", False), ("m3x10", "m3x12", False), ("housing", "hosuing", True)],
)
def test_one_letter_apart(one: str, other: str, expected: bool) -> None:
    assert misspelt(one, other) is misspelt(other, one) is expected


def test_umlauts_and_accents_may_be_spelt_out() -> None:
    assert joined(place(a=["p/Führungsstück.pdf"], b=["p/Fuehrungsstueck.step"], c=["p/nut.step"]))


def test_the_order_of_a_list_is_no_part_of_a_name() -> None:
    files = place(
        a=["p/01 front panel.pdf"], b=["p/02 rear panel.pdf"], c=["p/03 lid.pdf"], d=["p/front_panel.step"], e=["p/rear_panel.step"]
    )
    assert {(left, right) for left, right, _ in joined(files)} == {("a", "d"), ("b", "e")}
