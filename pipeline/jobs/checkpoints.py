"""Whether a phase has done its work, recorded once for each inventory run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from pipeline.database import Connection

RECORD: LiteralString = """
    INSERT INTO checkpoints (tenant_id, name, inventory_run, passed, figures, checked_by)
    VALUES (%(tenant_id)s, %(name)s, %(run)s, %(passed)s, %(figures)s, %(by)s)
    ON CONFLICT (tenant_id, name, inventory_run) DO UPDATE
        SET passed = excluded.passed, figures = excluded.figures, checked_at = now(), checked_by = excluded.checked_by
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    name: str
    inventory_run: int | None
    passed: bool
    figures: dict[str, Any]
    checked_at: datetime
    checked_by: str


def latest_inventory_run(conn: Connection, tenant_id: str) -> int | None:
    """Number of the last look at the source that ended; None before the first."""
    row = conn.execute(
        "SELECT max(run_id) FROM inventory_runs WHERE tenant_id = %s AND finished_at IS NOT NULL", (tenant_id,)).fetchone()
    return row[0] if row else None


def record_checkpoint(conn: Connection, *, tenant_id: str, name: str, passed: bool, figures: dict[str, Any], by: str) -> None:
    """Record the outcome for the latest inventory run; a later check of the same run replaces it."""
    conn.execute(RECORD, {"tenant_id": tenant_id, "name": name, "run": latest_inventory_run(conn, tenant_id), "passed": passed,
                          "figures": Jsonb(figures), "by": by})


def latest_checkpoint(conn: Connection, *, tenant_id: str, name: str) -> Checkpoint | None:
    """The outcome for the latest inventory run; None where it was not checked yet."""
    row = conn.execute(
        "SELECT name, inventory_run, passed, figures, checked_at, checked_by FROM checkpoints "
        "WHERE tenant_id = %s AND name = %s AND inventory_run IS NOT DISTINCT FROM %s",
        (tenant_id, name, latest_inventory_run(conn, tenant_id))).fetchone()
    return Checkpoint(*row) if row else None
