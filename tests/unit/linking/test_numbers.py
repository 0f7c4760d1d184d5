"""What a number in a title block joins, and what it leaves to a person. Made-up projects try to trick it."""

from __future__ import annotations

import time

import pytest

from pipeline.linking.keys import Strength, drawing_key, number_key
from pipeline.linking.numbers import DIFFERS, ELSEWHERE, TWICE, Bearer, contradicts, judge_number, related


def bearer(path: str, *, group: str = "", stated: bool = True, sheet: str | None = None, project: str | None = None) -> Bearer:
    """A file in a group of its own, unless `group` names one."""
    folder, _, name = path.rpartition("/")
    key = drawing_key(name)
    return Bearer(path, group or path, f"main: {folder}", project, stated, key.key, int(key.strength), sheet,
                  frozenset({name.rpartition(".")[2].lower()}))


def named(path: str, *, group: str = "", project: str | None = None) -> Bearer:
    return bearer(path, group=group, stated=False, project=project)


def judged(*bearers: Bearer, number: str = "4711a2p") -> tuple[set[tuple[str, str]], list[tuple[str, str]]]:
    pairs, findings = judge_number(number, number_key(number).strength, bearers)
    return {(pair.left, pair.right) for pair in pairs}, [(one.blob_id, one.kind) for one in findings]


def test_a_scan_joins_the_model_whose_number_it_states() -> None:
    assert judged(bearer("p/scan1.pdf"), named("p/4711-A2P.step")) == ({("p/4711-A2P.step", "p/scan1.pdf")}, [])


def test_two_files_that_state_one_number_join_where_their_formats_differ() -> None:
    assert judged(bearer("p/scan1.pdf"), bearer("p/flat.dxf")) == ({("p/flat.dxf", "p/scan1.pdf")}, [])


def test_a_drawing_in_a_folder_above_or_below_is_near() -> None:
    assert judged(bearer("p/docs/old/scan.pdf"), named("p/4711-A2P.step"))[0]
    assert judged(bearer("p/scan.pdf"), named("p/parts/4711-A2P.step"))[0]


@pytest.mark.parametrize(("one", "other"), [("p/scan.pdf", "q/4711-A2P.step"), ("p/a/scan.pdf", "p/b/4711-A2P.step"),
                                            ("scan.pdf", "p/4711-A2P.step")], ids=["projects", "siblings", "the top of the store"])
def test_the_same_number_afar_is_for_a_person(one: str, other: str) -> None:
    assert judged(bearer(one), named(other)) == (set(), [(one, ELSEWHERE)])


def test_one_project_code_makes_far_folders_near() -> None:
    assert judged(bearer("p/a/scan.pdf", project="P-1"), named("p/b/4711-A2P.step", project="P-1"))[0]
    assert not judged(bearer("p/a/scan.pdf", project="P-1"), named("q/b/4711-A2P.step", project="P-2"))[0]


def test_a_short_number_joins_in_its_own_place_only() -> None:
    assert judged(bearer("p/scan.pdf"), named("p/4711.step"), number="4711")[0]
    assert judged(bearer("p/sub/scan.pdf"), named("p/4711.step"), number="4711") == (set(), [])


def test_words_and_counts_are_no_numbers() -> None:
    assert judged(bearer("p/scan.pdf"), named("p/1.step"), number="1") == (set(), [])


def test_a_copied_title_block_joins_no_two_drawings() -> None:
    assert judged(bearer("p/lid.pdf"), bearer("p/cover.pdf"), named("p/4711-A2P.step")) == (
        set(), [("p/cover.pdf", TWICE), ("p/lid.pdf", TWICE)])


def test_two_sheets_of_one_drawing_are_no_copy() -> None:
    assert judged(bearer("p/scan1.pdf", sheet="1"), bearer("p/scan2.pdf", sheet="2"))[0] == {("p/scan1.pdf", "p/scan2.pdf")}
    assert not judged(bearer("p/scan1.pdf", sheet="1"), bearer("p/scan2.pdf", sheet="1"))[0]


def test_sheets_and_formats_are_told_apart_among_several_groups() -> None:
    sheets = [bearer(f"p/scan{n}.pdf", sheet=str(n)) for n in (1, 2, 3)]
    assert not judged(*sheets)[1]
    assert judged(*sheets, bearer("p/again.pdf", sheet="2")) == (set(), [("p/again.pdf", TWICE), ("p/scan2.pdf", TWICE)])
    pairs, findings = judged(*sheets, bearer("p/unknown.pdf"))
    assert (pairs, len(findings)) == (set(), 4)
    assert not judged(*sheets, bearer("p/model.step"))[1]


def test_a_number_in_thousands_of_names_takes_no_longer_than_their_count_deserves() -> None:
    bearers = [bearer("p/scan.pdf"), *(named(f"p/4711-A2P copy {n}.step") for n in range(4_000))]
    started = time.process_time()
    assert len(judged(*bearers)[0]) == 4_000
    assert time.process_time() - started < 2


def test_a_name_that_is_another_number_is_a_contradiction_and_joins_nothing() -> None:
    assert judged(bearer("p/4712-A2P.pdf"), named("p/4711-A2P.step")) == (set(), [("p/4712-A2P.pdf", DIFFERS)])


def test_a_contradiction_does_not_keep_others_apart() -> None:
    pairs, findings = judged(bearer("p/4712-A2P.pdf"), bearer("p/scan.pdf"), named("p/4711-A2P.step"))
    assert (pairs, findings) == ({("p/4711-A2P.step", "p/scan.pdf")}, [("p/4712-A2P.pdf", DIFFERS)])


def test_files_of_one_group_are_joined_already() -> None:
    assert judged(bearer("p/scan.pdf", group="g"), named("p/4711-A2P.step", group="g")) == (set(), [])


def test_a_number_on_every_form_joins_nothing() -> None:
    assert judged(*(bearer(f"p/{n}-cover.pdf") for n in range(300))) == (set(), [])


@pytest.mark.parametrize(("name", "number", "one"), [
    pytest.param("B1501-D fan cap.PDF", "1501-D", True, id="title and format letter"),
    pytest.param("um2__B1153-B2P-B.pdf", "B1153-B2P-B", True, id="prefix"),
    pytest.param("1281.PDF", "1281-B2P-A", True, id="suffix"),
    pytest.param("VRN-BP-VT-250-R0_-_Plate_250mm.pdf", "VRN-BP-VT-250", True, id="revision and title"),
    pytest.param("1155-B2P.pdf", "1157-B2P", False, id="another number"),
    pytest.param("cover.pdf", "1157-B2P", True, id="words are no number"),
])
def test_names_and_numbers_of_one_part(name: str, number: str, one: bool) -> None:
    assert contradicts(bearer(f"p/{name}"), number_key(number).key) is not one


def test_a_stated_number_loses_its_revision_and_its_title() -> None:
    assert number_key("B1306-Z2P-B hot end holder bottom")[:2] == ("b1306z2p", "b")
    assert number_key("1002 A")[:2] == ("1002", "a")
    assert number_key("DIN 912 M3x10").key == "din912m3x10"
    assert number_key("12.345.678 Rev. 3")[:2] == ("12-345-678", "3")
    assert number_key("  ").strength is Strength.WEAK


def test_related_numbers() -> None:
    assert related("b1036a2p", "1036a2p")
    assert related("1501~fan-cap", "1501")
    assert not related("1036a2p", "1037a2p")
