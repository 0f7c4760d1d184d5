"""The extraction report over a few documents whose figures are known."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.observe import extraction_quality, extraction_report
from pipeline.observe.quality_sheets import choose

PLACED = "(blob_id, job_id, page_number, method, confidence, confidence_of, "


def document(conn: Connection, key: str, *, kind: str = "pdf", properties: dict[str, object] | None = None, text: str = "words",
             method: str = "text_layer", confidence: float | None = 1.0, width: float = 842, partial: bool = False,
             warnings: tuple[str, ...] = ()) -> UUID:
    """An extracted file with one page."""
    row = conn.execute("INSERT INTO blob_inventory (blob_key, file_name, status, partial) VALUES (%s, %s, 'extracted', %s)"
                       " RETURNING blob_id", (key, key.rsplit("/", 1)[-1], partial)).fetchone()
    assert row is not None
    blob_id: UUID = row[0]
    conn.execute("INSERT INTO documents (document_id, blob_id, job_id, kind, page_count, properties, warnings)"
                 " VALUES (%s, %s, %s, %s, 1, %s, %s)", (uuid4(), blob_id, uuid4(), kind, Jsonb(properties or {}), list(warnings)))
    conn.execute("INSERT INTO document_pages (blob_id, page_number, job_id, text, text_sha256, char_count, method, confidence, width,"
                 " height) VALUES (%s, 1, %s, %s, '', %s, %s, %s, %s, 595)",
                 (blob_id, uuid4(), text, len(text), method, confidence, width))
    return blob_id


def field(conn: Connection, blob_id: UUID, name: str, value: str, confidence: float = 0.9) -> None:
    conn.execute(f"INSERT INTO extracted_metadata {PLACED} field, value) VALUES (%s, %s, 1, 'test', %s, 'field', %s, %s)",
                 (blob_id, uuid4(), confidence, name, value))


def dimension(conn: Connection, blob_id: UUID, raw_text: str) -> None:
    conn.execute(f"INSERT INTO extracted_dimensions {PLACED} kind, raw_text) VALUES (%s, %s, 1, 'test', 0.9, 'dimension', 'linear', %s)",
                 (blob_id, uuid4(), raw_text))


@pytest.fixture
def filled(conn: Connection) -> Connection:
    """A good drawing, one without dimensions, a scan without text, a DXF that lost its dimensions, one that has none."""
    good = document(conn, "a/good.pdf", properties={"creator": "SolidWorks 2013 SP1.0 (2012330)"})
    field(conn, good, "drawing_number", "DM-1")
    field(conn, good, "revision", "B")
    dimension(conn, good, "20")
    bare = document(conn, "a/bare.pdf", properties={"creator": "SOLIDWORKS 2019 SP4.0", "producer": "SOLIDWORKS PDF Publisher"})
    field(conn, bare, "revision", "B", 0.5)
    field(conn, bare, "scale", "1:2")
    document(conn, "b/scan.pdf", text="", method="none", confidence=None, properties={"producer": "https://imagemagick.org"})
    document(conn, "b/lost.dxf", kind="dxf", properties={"release": "R2000", "entity_counts": {"DIMENSION": 3}}, partial=True)
    found = document(conn, "b/found.dxf", kind="dxf", properties={"release": "R2000", "entity_counts": {"DIMENSION": 1, "LINE": 4}})
    dimension(conn, found, "12.5")
    document(conn, "b/plate.dxf", kind="dxf", properties={"release": "R12", "entity_counts": {"LINE": 4}})
    return conn


def test_the_requirements_marks_count_only_files_that_can_reach_them(filled: Connection) -> None:
    coverage = extraction_quality.coverage(filled, DEFAULT_TENANT)
    targets = {target["name"]: target for target in extraction_quality.targets(coverage, 100.0, 6)}

    text = targets["PDFs with text"]
    assert (text["measured_pct"], text["of"], text["met"]) == (66.7, 3, False)
    dimensions = targets["DXFs with dimensions, of those with dimension entities"]
    assert (dimensions["measured_pct"], dimensions["of"], dimensions["met"]) == (50.0, 2, False)
    assert targets["jobs done, input faults aside"]["met"]


def test_programs_are_one_whatever_their_version_and_folders_have_figures_of_their_own(filled: Connection) -> None:
    programs = extraction_quality.by_program(filled, DEFAULT_TENANT)
    assert {name.lower(): row["documents"] for name, row in programs.items()} == {
        "solidworks": 2, "dxf r2000": 2, "dxf r12": 1, "https://imagemagick.org": 1}
    folders = extraction_quality.by_folder(filled, DEFAULT_TENANT)
    assert {name: (row["documents"], row["drawings"], row["partly_read"]) for name, row in folders.items()} == {
        "a": (2, 2, 0), "b": (4, 1, 1)}


def test_the_worst_files_come_first_with_the_reasons_and_good_ones_not_at_all(filled: Connection) -> None:
    worst = extraction_quality.worst_files(filled, DEFAULT_TENANT)
    assert [row["file"] for row in worst] == ["b/lost.dxf", "a/bare.pdf", "b/scan.pdf"]
    assert worst[0]["reasons"] == ["dimension entities, but no dimension", "read in part"]
    assert worst[1]["reasons"] == [
        "a title block, but no dimension", "neither number nor title in the title block", "a field with confidence below 0.6"]


def test_a_superseded_file_counts_but_is_not_for_a_person_to_look_at(filled: Connection) -> None:
    group = filled.execute("INSERT INTO document_groups (group_key, method, confidence) VALUES ('main: lost', 'base_name', 1)"
                           " RETURNING group_id").fetchone()
    assert group is not None
    filled.execute("INSERT INTO document_group_members (group_id, blob_id, method, confidence, drawing_key, is_latest)"
                   " SELECT %s, blob_id, 'base_name', 1, 'lost', file_name <> 'lost.dxf' FROM blob_inventory"
                   " WHERE file_name IN ('lost.dxf', 'found.dxf')", group)
    assert [row["file"] for row in extraction_quality.worst_files(filled, DEFAULT_TENANT)] == ["a/bare.pdf", "b/scan.pdf"]
    shown = {sheet.blob_key for sheet in choose(filled, DEFAULT_TENANT, store="main", most=10, seed="1")}
    assert "b/found.dxf" in shown
    assert "b/lost.dxf" not in shown
    assert extraction_quality.coverage(filled, DEFAULT_TENANT)["dxf"]["documents"] == 3


def test_the_report_shows_the_same_to_programs_and_to_people(filled: Connection) -> None:
    passed, checkpoint, figures = extraction_report.read(filled, DEFAULT_TENANT)
    text = extraction_report.markdown(passed, checkpoint, figures)

    assert figures["by_folder"]["a"]["with_title_block"] == 1
    assert "| a | 2 | 2 | 2 | 2 | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| b/lost.dxf | 9 | dimension entities, but no dimension; read in part | DXF R2000 |" in text


def test_a_database_without_documents_has_a_report_too(conn: Connection) -> None:
    figures = extraction_report.read(conn, DEFAULT_TENANT)[2]
    assert figures["worst_files"] == []
    assert all(target["met"] is None for target in figures["targets"] if target["name"].startswith(("PDFs", "DXFs")))


def test_the_quality_page_looks_at_the_files_at_hand_before_those_of_other_stores(filled: Connection) -> None:
    filled.execute("UPDATE blob_inventory SET source_store = 'demo' WHERE blob_key LIKE 'b/%'")

    def keys(store: str, most: int) -> set[str]:
        return {sheet.blob_key for sheet in choose(filled, DEFAULT_TENANT, store=store, most=most, seed="1")}

    assert keys("main", 2) == {"a/good.pdf", "a/bare.pdf"}
    assert all(key.startswith("b/") for key in keys("demo", 2))
    assert {"a/good.pdf", "b/found.dxf"} < keys("main", 50)
