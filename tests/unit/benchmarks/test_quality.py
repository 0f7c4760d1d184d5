"""The tables of the quality benchmark, from scores that are known."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from benchmarks.corpus import every, files_of
from benchmarks.quality import BEGIN, END, ROOT, one_spelling, project, put_between_marks, report, split, with_shares

PERFECT = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 3}
NOTHING = {"precision": None, "recall": None, "f1": None, "n": 0}
DIMENSIONS = {"recall": 0.5, "labelled": 4, "tolerance_recall": None, "tolerances": 0, "precision": 0.8,
              "stored_where_complete": 5, "extra": 1}
NO_DIMENSIONS = {"recall": None, "labelled": 0, "tolerance_recall": None, "tolerances": 0, "precision": None,
                 "stored_where_complete": 0, "extra": 0}


def scores() -> dict[str, object]:
    return with_shares({
        "files": 2, "fields": {"title": PERFECT, "date": NOTHING}, "all_fields": {**PERFECT, "precision": 0.9},
        "dimensions": {"pdf": DIMENSIONS, "dxf": NO_DIMENSIONS},
        "bom": {"labelled": 2, "row_count_right": 1, "first3_found": 3, "first3_labelled": 4}})


def test_a_program_that_spells_itself_in_two_ways_is_one() -> None:
    assert one_spelling({"a.pdf": "SolidWorks", "b.pdf": "SOLIDWORKS", "c.pdf": "AutoCAD"}) == {
        "a.pdf": "SOLIDWORKS", "b.pdf": "SOLIDWORKS", "c.pdf": "AutoCAD"}


def test_the_report_says_which_targets_are_met() -> None:
    lines = report({**scores(), "ocr": "off", "by_project": {"um2": scores()}, "by_program": {}})
    assert "| title-block fields, F1 | 1.00 | ≥ 0.92 | met |" in lines
    assert "| title-block fields, precision | 0.90 | ≥ 0.95 | missed |" in lines
    assert "| DXF dimensions, recall | - | ≥ 0.98 |  |" in lines
    assert "| parts lists with the right number of rows | 0.50 | ≥ 1.00 | missed |" in lines
    assert "| um2 | 2 | 0.90 | 1.00 | 1.00 | 0.80 | 0.50 | 4 | - | 1 of 2 |" in lines
    assert "| date | 0 | - | - | - |" in lines


def test_a_project_is_what_stands_before_two_underscores() -> None:
    rows = [{"file": "pdf/um2__a.pdf"}, {"file": "dxf/qcad__b.dxf"}, {"file": "pdf/um2__c__d.pdf"}]
    assert {name: len(part) for name, part in split(rows, project).items()} == {"qcad": 1, "um2": 2}


def test_tables_are_put_between_the_marks_of_a_document(tmp_path: Path) -> None:
    document = tmp_path / "quality.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_between_marks(document, "new")
    put_between_marks(document, "newer")
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"
    document.write_text("no marks", encoding="utf-8")
    with pytest.raises(click.ClickException, match="lacks the marks"):
        put_between_marks(document, "new")


def test_without_labels_it_says_so_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "quality.py"), "--corpus", str(tmp_path / "none"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.startswith("skipped: ")


def test_files_are_chosen_by_what_a_manifest_says_of_them(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.PDF", "c.dxf"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in files_of(tmp_path, ".pdf", frozenset({"drawing"}))] == ["a.pdf", "b.PDF"]
    (tmp_path / "MANIFEST.tsv").write_text("file\tkind\na.pdf\tdrawing\nb.PDF\tform\n", encoding="utf-8")
    assert [path.name for path in files_of(tmp_path, ".pdf", frozenset({"drawing"}))] == ["a.pdf"]
    assert [path.name for path in every(files_of(tmp_path, ".pdf"), 1)] == ["a.pdf"]


def test_scores_travel_as_json() -> None:
    assert json.loads(json.dumps(scores()))["bom"]["first3_share"] == 0.75
