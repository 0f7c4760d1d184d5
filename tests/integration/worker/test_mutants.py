"""Damaged PDFs and DXFs through real child processes: each ends in a named state, and none costs another anything.

The nightly number is that of benchmarks/mutants.py; this is the same judgement over a smaller one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.corpus import CORPUS
from benchmarks.mutants import judge, originals, queue_files, run_worker, write_mutants
from benchmarks.mutations import DAMAGES, mutants
from pipeline.database import Connection, Database
from pipeline.demo.files import write_sample_files
from tests.factories import settings

COUNT = 110


@pytest.mark.parametrize("corpus", [
    pytest.param(Path("no corpus"), id="made by the demo"),
    pytest.param(CORPUS, id="real files", marks=[
        pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository"), pytest.mark.slow]),
])
def test_every_mutant_ends_in_a_named_state_and_harms_no_other(
        database: Database, conn: Connection, tmp_path: Path, corpus: Path) -> None:
    folder = tmp_path / "mutants"
    write_mutants(originals(corpus, tmp_path), folder, COUNT, seed=20)
    queue_files(conn, folder)
    run_worker(database, settings(tmp_path, folder, ocr="off", job_memory_mb="1024", job_timeout_seconds="60"))

    verdict = judge(conn)
    assert sum(verdict.ends.values()) == COUNT
    assert verdict.unfinished == []
    assert verdict.unnamed == []
    assert verdict.harmed == []
    assert verdict.cut_and_whole == []
    assert verdict.ends.get("completed, partial", 0) > 0


def test_what_a_mutant_that_was_cut_off_still_holds_is_kept(database: Database, conn: Connection, tmp_path: Path) -> None:
    write_sample_files(tmp_path / "samples")
    (tmp_path / "mutants").mkdir()
    for name in ("drawings/DM-1006.pdf", "cad/DM-1001_revB.dxf"):
        path = tmp_path / "samples" / "P-2041 Gearbox" / name
        data = path.read_bytes()
        (tmp_path / "mutants" / f"cut{path.suffix}").write_bytes(data[: int(len(data) * 0.9)])
    queue_files(conn, tmp_path / "mutants")
    run_worker(database, settings(tmp_path, tmp_path / "mutants", ocr="off"))

    found = conn.execute(
        "SELECT blob_key, blob.status, partial, (SELECT sum(char_count) FROM document_pages AS page WHERE page.blob_id = blob.blob_id) > 50"
        " FROM blob_inventory AS blob ORDER BY blob_key").fetchall()
    assert found == [("cut.dxf", "extracted", True, True), ("cut.pdf", "extracted", True, True)]


def test_the_same_seed_makes_the_same_mutants_and_every_damage_changes_its_file(tmp_path: Path) -> None:
    files = originals(Path("no corpus"), tmp_path)[:3]
    first = list(mutants(files, 3 * len(DAMAGES), seed=4))
    assert first == list(mutants(files, 3 * len(DAMAGES), seed=4))
    assert {mutant.damage for mutant in first} == set(DAMAGES)
    assert [mutant.data for mutant in first] != [mutant.data for mutant in mutants(files, 3 * len(DAMAGES), seed=5)]
