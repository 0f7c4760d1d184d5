"""Which of several values is the group's."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.best_values import field_json, readings
from pipeline.index.evidence import FileEvidence, comparison_key
from pipeline.index.records import record_of
from tests.unit.index.evidence import STAINLESS, STAINLESS_EN, file


def best(name: str, *files: FileEvidence) -> str:
    return readings(one for each in files for one in each.statements if one.field == name)[0].best.value


def test_files_that_agree_outvote_a_surer_one() -> None:
    sure = file("a.pdf", said={"title": "Plate"}, confidence=0.95)
    agreeing = [file("b.pdf", said={"title": "COVER"}, confidence=0.6), file("c.dxf", said={"title": "Cover"}, confidence=0.6)]
    assert best("title", sure, *agreeing) == "COVER"


def test_the_surer_of_two_counts_and_a_drawing_before_its_dxf() -> None:
    assert best("title", file("a.pdf", said={"title": "Plate"}, confidence=0.5), file("b.pdf", said={"title": "Cover"})) == "Cover"
    assert best("title", file("a.dxf", said={"title": "Plate"}), file("b.pdf", said={"title": "Cover"})) == "Cover"


def test_spelling_does_not_make_two_values_of_one() -> None:
    found = readings([*file("a.pdf", said={"material": STAINLESS}).statements, *file("b.dxf", said={"material": STAINLESS_EN}).statements])
    assert len(found) == 1
    assert found[0].best.value == "AISI 304"


def test_a_file_name_speaks_only_where_no_sheet_does() -> None:
    named, said = file("a.dxf", named={"revision": "B"}), file("b.pdf", said={"revision": "A"}, confidence=0.05)
    assert best("revision", named, said) == "A"
    found = field_json(readings(named.statements))
    assert found["value"] == "B"
    assert found["source"]["method"] == "file_name"
    assert found["confidence"] < 0.5


def test_the_record_tells_the_source_who_agrees_and_the_alternatives() -> None:
    files = [file("a.pdf", said={"revision": "B"}), file("b.dxf", said={"revision": "rev. B"}), file("c.dxf", said={"revision": "A"})]
    found = record_of(files).fields["revision"]
    assert found["source"] == {"blob_id": "id of a.pdf", "file": "a.pdf", "kind": "pdf", "page_number": 1, "bbox": [1.0, 2.0, 3.0, 4.0],
                               "method": "title_block", "confidence": 0.9}
    assert [one["file"] for one in found["agreeing"]] == ["b.dxf"]
    assert [(one["value"], one["sources"][0]["file"]) for one in found["alternatives"]] == [("A", "c.dxf")]
    assert json.loads(json.dumps(found)) == found


def test_agreement_raises_the_confidence_and_dissent_lowers_it() -> None:
    alone, agreed, disputed = ([file(name, said={"revision": value}, confidence=0.7) for name, value in pairs] for pairs in (
        [("a.pdf", "B")], [("a.pdf", "B"), ("b.pdf", "B")], [("a.pdf", "B"), ("b.pdf", "C")]))
    confidence = [record_of(files).fields["revision"]["confidence"] for files in (disputed, alone, agreed)]
    assert confidence == sorted(set(confidence))


def test_a_value_that_says_nothing_is_none() -> None:
    assert record_of([file("a.pdf", said={"revision": "-"})]).revision is None
    assert record_of([]).fields == {}


def test_revisions_and_numbers_are_compared_without_their_trimmings() -> None:
    assert comparison_key("revision", "Rev. 03") == comparison_key("revision", "3")
    assert comparison_key("revision", "00") == "0"
    assert comparison_key("drawing_number", "DM-01001") == comparison_key("drawing_number", "dm 1001")
    assert comparison_key("units", "ALL DIMENSIONS IN MM") == "mm"


@given(st.permutations([("a.pdf", "B", 0.9), ("b.dxf", "B", 0.4), ("c.pdf", "C", 0.9), ("d.dxf", "D", 0.9), ("e.pdf", "C", 0.2)]))
def test_the_order_of_the_files_does_not_matter(order: list[tuple[str, str, float]]) -> None:
    record = record_of([file(name, said={"revision": value}, confidence=sure) for name, value, sure in order])
    again = record_of([file(name, said={"revision": value}, confidence=sure) for name, value, sure in sorted(order)])
    assert record == again
