"""B6: stored materials, named values and parts-list rows are brought up to date by the tables of today."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.extract.materials import read_material
from pipeline.extract.model import BomItem, Drawing, Material, Parameter, Place
from pipeline.extract.parameters import read_amount
from pipeline.index import materials
from pipeline.index.materials import index_materials
from pipeline.worker.stop import StopSignal
from tests.stored import HERE, drawing, store

LIST = (["Item", "Part No", "Name", "Qty", "Material"], ["1", "4711", "Plate", "2 pcs", "1.4301"], ["2", "4712", "Lid", "1", ""])


def index(database: Database, own: str = "", *, dry_run: bool = False) -> dict[str, Any]:
    return index_materials(database, tenant_id=DEFAULT_TENANT, own=own, stop=StopSignal(), dry_run=dry_run)


def sample() -> Drawing:
    header, *rows = LIST
    shown = [Material(text, HERE, "title_block", 0.9, **vars_of(text)) for text in ("AISI 304, 0.5mm", "Stahl verzinkt", "FZ 2265")]
    values = [parameter("Härte", "58-62 HRC"), parameter("TORQUE", "10 Ncm"), parameter("NOTE", "as agreed")]
    items = [
        BomItem(number, {head: cell for head, cell in zip(header, row, strict=True) if cell}, Place(1, HERE.bbox), "table.ruled", 0.9,
                row[0], row[1], row[2], float(row[3].split()[0]), row[4] or None)
        for number, row in enumerate(rows, start=1)
    ]
    return drawing("pdf", materials=tuple(shown), parameters=tuple(values), bom_items=tuple(items))


def vars_of(text: str) -> dict[str, Any]:
    found = read_material(text)
    return {name: getattr(found, name) for name in ("designation", "standard", "family", "thickness_mm", "treatment")}


def parameter(name: str, value: str) -> Parameter:
    amount = read_amount(value)
    number, unit = (amount.number, amount.unit) if amount else (None, None)
    return Parameter(name, value, f"{name} {value}", HERE, "note", 0.8, "note", number, unit)


def everything(conn: Connection, blob_id: UUID) -> list[list[tuple[Any, ...]]]:
    return [
        conn.execute(query, (blob_id,)).fetchall()
        for query in (
            "SELECT raw_text, designation, standard, family, thickness_mm, treatment FROM extracted_materials"
            " WHERE blob_id = %s ORDER BY id",
            "SELECT name, name_key, value_number, unit, value_si, unit_si FROM extracted_parameters WHERE blob_id = %s ORDER BY id",
            "SELECT row_number, item, part_number, description, quantity, material FROM extracted_bom_items WHERE blob_id = %s ORDER BY id",
        )
    ]  # fmt: skip


def forget(conn: Connection) -> None:
    """Rows as a release stored them that knew nothing."""
    conn.execute("UPDATE extracted_materials SET designation = 'x', standard = NULL, family = NULL, thickness_mm = NULL, treatment = NULL")
    conn.execute("UPDATE extracted_parameters SET name_key = NULL, value_number = NULL, unit = NULL, value_si = NULL, unit_si = NULL")
    conn.execute("UPDATE extracted_bom_items SET item = NULL, part_number = NULL, description = 'x', quantity = NULL, material = NULL")


def test_a_stored_file_is_up_to_date_at_once_and_indexing_changes_nothing(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", sample())
    shown, values, _ = stored = everything(conn, blob_id)
    assert shown[0] == ("AISI 304, 0.5mm", "1.4301", "EN 10088-1", "stainless steel", 0.5, None)
    assert values[:2] == [("Härte", "hardness", None, "HRC", None, None), ("TORQUE", "torque", 10.0, "Ncm", 0.1, "Nm")]
    assert values[2] == ("NOTE", "note", None, None, None, None)
    figures = index(database)
    assert [figures[f"{name}_updated"] for name in ("materials", "parameters", "bom_rows")] == [0, 0, 0]
    assert figures["materials_unknown"] == 1
    assert everything(conn, blob_id) == stored


def test_rows_of_an_older_release_become_what_storing_makes_today(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", sample())
    stored = everything(conn, blob_id)
    forget(conn)
    figures = index(database)
    assert [figures[f"{name}_updated"] for name in ("materials", "parameters", "bom_rows")] == [3, 3, 2]
    assert everything(conn, blob_id) == stored
    assert index(database)["materials_updated"] == 0


def test_a_dry_run_counts_and_writes_nothing(database: Database, conn: Connection) -> None:
    blob_id = store(conn, "a.pdf", sample())
    forget(conn)
    before = everything(conn, blob_id)
    assert index(database, dry_run=True)["bom_rows_to_update"] == 2
    assert everything(conn, blob_id) == before


def test_a_users_table_reaches_stored_rows_and_its_withdrawal_too(database: Database, conn: Connection, tmp_path: Path) -> None:
    blob_id = store(conn, "a.pdf", sample())
    stored = everything(conn, blob_id)
    own = tmp_path / "materials.toml"
    section = '[house]\nfamily = "bronze"\nstandard = "Höganäs"\n[house.materials]\n"FZ2265" = { names = ["FZ 2265"] }\n'
    own.write_text(section, encoding="utf-8")
    assert index(database, str(own))["materials_updated"] == 1
    assert everything(conn, blob_id)[0][2] == ("FZ 2265", "FZ2265", "Höganäs", "bronze", None, None)
    assert index(database)["materials_updated"] == 1
    assert everything(conn, blob_id) == stored


def test_other_tenants_rows_stay_as_they_are(database: Database, conn: Connection) -> None:
    other = str(uuid4())
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    theirs = store(conn, "a.pdf", sample(), tenant=other)
    forget(conn)
    before = everything(conn, theirs)
    index(database)
    assert everything(conn, theirs) == before


def test_several_machines_at_once_leave_what_one_leaves(database: Database, conn: Connection, monkeypatch: Any) -> None:
    monkeypatch.setattr(materials, "FILES_A_RANGE", 2)
    blobs = [store(conn, f"{number}.pdf", sample()) for number in range(7)]
    stored = [everything(conn, blob_id) for blob_id in blobs]
    forget(conn)
    with ThreadPoolExecutor(3) as machines:
        figures = [run.result() for run in [machines.submit(index, database) for _ in range(3)]]
    assert sum(one["bom_rows_updated"] for one in figures) == 14
    assert [everything(conn, blob_id) for blob_id in blobs] == stored
