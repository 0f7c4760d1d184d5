"""Is this database the one that the release expects? Each check says what was found and how to mend what is wrong.

    for check in verify(conn):
        print(check.name, check.passed, check.found)

The database is read once; the checks are comparisons of plain data, so one that fails hinders no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from pipeline import migrations
from pipeline.database import Connection
from pipeline.observe import catalogue, checkpoints, verify_schema, verify_tenants
from pipeline.observe.catalogue import Schema
from pipeline.observe.verify_case import IN_PSQL, RUN_A1, Case, Check, Fault, Outcome

MINIMUM_SERVER = 15
MINIMUM_VECTOR = (0, 7)
CONDITIONS = {
    "a": "there must be document groups, and every live file must be in one",
    "b": f"no job may be open, and over {checkpoints.REQUIRED_PCT} % of those expected must be completed",
    "d": "every queued CAD file must have its models, or a permanent fault of its own",
}


def verify(conn: Connection, *, folder: Path = migrations.MIGRATIONS, expected: Schema | None = None) -> list[Check]:
    """Every check of the schema, in the order in which a person should read them."""
    found, server = catalogue.read(conn)
    files: list[migrations.Migration] = []
    files_fault = ""
    try:
        files = migrations.available(folder)
    except migrations.MigrationError as exc:
        files_fault = str(exc)
    case = Case(expected or catalogue.expected(), found, server, migrations.applied(conn), files, files_fault)
    return [Check(group, name, *judge(case)) for group, name, judge in CHECKS]


def verify_checkpoint(conn: Connection, name: str, tenant_id: str) -> Check:
    """The phase's condition as a check. A schema that lacks what the condition reads fails it."""
    try:
        with conn.transaction():
            passed, figures = checkpoints.judge(conn, name, tenant_id)
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as exc:
        fault = Fault(f"cannot be judged: {exc.diag.message_primary}", "mend the schema first")
        return Check("checkpoint", f"checkpoint-{name}", "not judged", [fault])
    faults = [] if passed else [Fault(CONDITIONS[name], _checkpoint_mend(name, figures))]
    return Check("checkpoint", f"checkpoint-{name}", "reached" if passed else "not reached", faults, figures)


def _checkpoint_mend(name: str, figures: checkpoints.Figures) -> str:
    if name == "a":
        return "run: python run_pipeline.py --phase a"
    if not figures["drained"]:
        return f"{figures['open_jobs']} jobs are still open: wait, or run: python run_pipeline.py --phase {name}"
    return "see sql/monitoring/06_dead_letters.sql; mend the cause, then run: python run_pipeline.py requeue --failed"


# ---- server ----------------------------------------------------------------------------------------------------


def _server_version(case: Case) -> Outcome:
    major = case.server.version // 10000
    faults = []
    if major < MINIMUM_SERVER:
        faults.append(Fault(f"PostgreSQL {major} is too old", f"move the database to PostgreSQL {MINIMUM_SERVER} or newer"))
    return f"PostgreSQL {major}.{case.server.version % 10000}", faults


def _extension_vector(case: Case) -> Outcome:
    found = case.server.vector_version
    if found is None:
        return "not installed", [Fault("extension vector is not in this database", IN_PSQL + "CREATE EXTENSION vector;")]
    if tuple(int(part) for part in re.findall(r"\d+", found)[:2]) < MINIMUM_VECTOR:
        return f"vector {found}", [Fault(f"vector {found} is older than 0.7", IN_PSQL + "ALTER EXTENSION vector UPDATE;")]
    return f"vector {found}", []


# ---- migrations ------------------------------------------------------------------------------------------------


def _migrations_applied(case: Case) -> Outcome:
    found = f"{len(case.ledger)} applied, {len(case.pending)} pending"
    if case.files_fault:
        return found, [Fault(case.files_fault, "restore sql/migrations from the release")]
    return found, [Fault(f"{migration} is not applied", RUN_A1) for migration in case.pending]


def _migrations_known(case: Case) -> Outcome:
    files = {migration.version for migration in case.files}
    return _ledger_faults(case, [row for row in case.ledger if row.version not in files], "all known to this release")


def _migration_checksums(case: Case) -> Outcome:
    files = {migration.version for migration in case.files}
    return _ledger_faults(case, [row for row in case.ledger if row.version in files], "as they were applied")


def _ledger_faults(case: Case, rows: Sequence[migrations.Applied], fine: str) -> Outcome:
    faults = [Fault(what, mend) for what, _, mend in (text.partition("; ") for text in migrations.faults(rows, case.files))]
    return f"{len(faults)} faults" if faults else fine, faults


CHECKS: tuple[tuple[str, str, Callable[[Case], Outcome]], ...] = (
    ("server", "server-version", _server_version),
    ("server", "extension-vector", _extension_vector),
    ("migrations", "migrations-applied", _migrations_applied),
    ("migrations", "migrations-known", _migrations_known),
    ("migrations", "migration-checksums", _migration_checksums),
    ("schema", "tables", verify_schema.tables),
    ("schema", "columns", verify_schema.columns),
    ("schema", "domains", verify_schema.domains),
    ("schema", "constraints", verify_schema.constraints),
    ("schema", "foreign-keys", verify_schema.foreign_keys),
    ("schema", "indexes", verify_schema.indexes),
    ("schema", "vector-indexes", verify_schema.vector_indexes),
    ("schema", "functions", verify_schema.functions),
    ("schema", "triggers", verify_schema.triggers),
    ("tenants", "row-level-security", verify_tenants.row_level_security),
    ("tenants", "policies", verify_tenants.policies),
    ("tenants", "app-role", verify_tenants.app_role),
    ("tenants", "privileges", verify_tenants.privileges),
    ("tenants", "ownership", verify_tenants.ownership),
)
