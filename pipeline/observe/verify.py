"""Is this database the one that the release expects? Each check says what was found and how to mend what is wrong.

    for check in verify(conn):
        print(check.name, check.passed, check.found)

The database is read once; the checks are comparisons of plain data, so one that fails hinders no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from pipeline import migrations
from pipeline.database import Connection
from pipeline.observe import catalogue, checkpoints
from pipeline.observe.catalogue import APP_ROLE, Index, Schema, Server, Table

MINIMUM_SERVER = 15
MINIMUM_VECTOR = (0, 7)
RUN_A1 = "run: python run_pipeline.py --phase A1"
IN_PSQL = "in psql: "
CONDITIONS = {
    "a": "there must be document groups, and every live file must be in one",
    "b": f"no job may be open, and over {checkpoints.REQUIRED_PCT} % of those expected must be completed",
    "d": "every queued CAD file must have its models, or a permanent fault of its own",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and the mend."""

    what: str
    mend: str


@dataclass(frozen=True)
class Check:
    """One check's outcome. `figures` is filled by checkpoints alone."""

    group: str
    name: str
    found: str
    faults: list[Fault]
    figures: checkpoints.Figures = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Case:
    """Everything that the checks compare."""

    expected: Schema
    found: Schema
    server: Server
    ledger: Sequence[migrations.Applied]
    files: Sequence[migrations.Migration]
    files_fault: str = ""

    @property
    def pending(self) -> list[migrations.Migration]:
        return migrations.pending(self.ledger, self.files)

    def remake(self, statement: str) -> str:
        """The mend for something missing: A1 where migrations are pending, else the statement itself."""
        return RUN_A1 if self.pending else IN_PSQL + statement

    def home(self, kind: str, name: str) -> str:
        """The migration that makes a table or function, for a person to look at."""
        made = re.compile(rf"\bCREATE\b.*\b{kind} (?:IF NOT EXISTS )?{re.escape(name)}\b")
        paths = [f"sql/migrations/{migration.path.name}" for migration in self.files if made.search(migration.text)]
        return paths[-1] if paths else "pipeline/migrations.py"

    @property
    def absent(self) -> list[Fault]:
        """One fault where tables are missing: what belongs to them is not told again, thing by thing."""
        missing = len(self.expected.tables.keys() - self.found.tables.keys())
        what = f"{missing} tables are missing, and what belongs to them"
        return [Fault(what, "mend the check tables first")] if missing else []

    def common_tables(self) -> Iterator[tuple[str, Table, Table]]:
        """(name, expected, found) of the tables that are there."""
        for name, expected in self.expected.tables.items():
            if name in self.found.tables:
                yield name, expected, self.found.tables[name]


Outcome = tuple[str, list[Fault]]


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


# ---- schema ----------------------------------------------------------------------------------------------------


def _tables(case: Case) -> Outcome:
    faults = []
    for name, expected in case.expected.tables.items():
        found = case.found.tables.get(name)
        if found is None:
            mend = RUN_A1 if case.pending else f"restore it from a backup; it is made in {case.home('TABLE', name)}"
            faults.append(Fault(f"{expected.kind} {name} is missing", mend))
        elif found.kind != expected.kind:
            faults.append(Fault(f"{name} is a {found.kind}, expected a {expected.kind}", f"see {case.home('TABLE', name)}"))
    return _of("tables", len(case.expected.tables), faults), faults


def _columns(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        for column, definition in expected.columns.items():
            if column not in found.columns:
                faults.append(Fault(f"{name}.{column} is missing",
                                    case.remake(f"ALTER TABLE {name} ADD COLUMN {column} {definition};")))
            elif found.columns[column] != definition:
                faults.append(Fault(f"{name}.{column} is {found.columns[column]}, expected {definition}",
                                    f"bring it back with ALTER TABLE; it is made in {case.home('TABLE', name)}"))
    return _of("columns", sum(len(table.columns) for table in case.expected.tables.values()), faults), faults


def _constraints(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        faults += _compare_constraints(case, name, expected.constraints, found.constraints)
    return _of("constraints", sum(len(table.constraints) for table in case.expected.tables.values()), faults), faults


def _foreign_keys(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        faults += _compare_constraints(case, name, expected.foreign_keys, found.foreign_keys)
    faults += [Fault(f"foreign key {key} of {table} does not name tenant_id, so it can point across tenants",
                     f"{IN_PSQL}make it again over (tenant_id, ...) on both sides")
               for table, key in case.server.tenant_crossing]
    return _of("foreign keys", sum(len(table.foreign_keys) for table in case.expected.tables.values()), faults), faults


def _compare_constraints(case: Case, table: str, expected: dict[str, str], found: dict[str, str]) -> Iterator[Fault]:
    for name, definition in expected.items():
        remake = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition};"
        if name not in found:
            yield Fault(f"{name} of {table} is missing", case.remake(remake))
        elif (table, name) in case.server.unvalidated:
            yield Fault(f"{name} of {table} was never checked against the rows",
                        f"{IN_PSQL}ALTER TABLE {table} VALIDATE CONSTRAINT {name};")
        elif found[name] != definition:
            yield Fault(f"{name} of {table} is {found[name]}, expected {definition}",
                        f"{IN_PSQL}ALTER TABLE {table} DROP CONSTRAINT {name}; {remake}")


def _indexes(case: Case) -> Outcome:
    plain = {name: index for name, index in case.expected.indexes.items() if index.method != "hnsw"}
    found, faults = _compare_indexes(case, "indexes", plain)
    faults += [Fault(f"{name} is {state} and none of ours: it only costs writes", f"{IN_PSQL}DROP INDEX CONCURRENTLY {name};")
               for name, state in case.server.sick_indexes.items() if name not in case.expected.indexes]
    return found, faults


def _vector_indexes(case: Case) -> Outcome:
    vectors = {name: index for name, index in case.expected.indexes.items() if index.method == "hnsw"}
    return _compare_indexes(case, "HNSW indexes", vectors)


def _compare_indexes(case: Case, what: str, expected: dict[str, Index]) -> Outcome:
    faults = case.absent
    for name, index in expected.items():
        if index.table in case.found.tables and name not in case.expected.tables[index.table].constraints:
            faults += _index_faults(case, name, index, case.found.indexes.get(name))
        if name in case.server.sick_indexes:
            faults.append(Fault(f"{name} is {case.server.sick_indexes[name]}: a build was cut off, and no query uses it",
                                f"{IN_PSQL}REINDEX INDEX CONCURRENTLY {name};"))
    return _of(what, len(expected), faults), faults


def _index_faults(case: Case, name: str, expected: Index, found: Index | None) -> Iterator[Fault]:
    remake = expected.definition.replace("INDEX ", "INDEX CONCURRENTLY ", 1) + ";"
    if found is None:
        yield Fault(f"{name} on {expected.table} is missing", case.remake(remake))
        return
    again = f"{IN_PSQL}DROP INDEX CONCURRENTLY {name}; {remake}"
    if found.method != expected.method:
        yield Fault(f"{name} is of kind {found.method}, expected {expected.method}", again)
    elif found.predicate != expected.predicate:
        yield Fault(f"{name} covers {found.predicate or 'all rows'}, expected {expected.predicate or 'all rows'}", again)
    elif found.definition != expected.definition:
        yield Fault(f"{name} is {found.definition}, expected {expected.definition}", again)


def _functions(case: Case) -> Outcome:
    faults = []
    for name, definition in case.expected.functions.items():
        found = case.found.functions.get(name)
        if found == definition:
            continue
        home = case.home("FUNCTION", name.split("(")[0])
        mend = RUN_A1 if case.pending else f"run CREATE OR REPLACE FUNCTION again as in {home}"
        faults.append(Fault(f"{name} is missing" if found is None else f"{name} is {found}, expected {definition}", mend))
    return _of("functions", len(case.expected.functions), faults), faults


def _triggers(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        for trigger, definition in expected.triggers.items():
            there = found.triggers.get(trigger)
            if there is None:
                faults.append(Fault(f"trigger {trigger} of {name} is missing", case.remake(definition + ";")))
            elif there == definition + " (disabled)":
                faults.append(Fault(f"trigger {trigger} of {name} is disabled",
                                    f"{IN_PSQL}ALTER TABLE {name} ENABLE TRIGGER {trigger};"))
            elif there != definition:
                faults.append(Fault(f"trigger {trigger} of {name} is {there}, expected {definition}",
                                    f"{IN_PSQL}DROP TRIGGER {trigger} ON {name}; {definition};"))
    return _of("triggers", sum(len(table.triggers) for table in case.expected.tables.values()), faults), faults


def _domains(case: Case) -> Outcome:
    faults = []
    for name, definition in case.expected.domains.items():
        found = case.found.domains.get(name)
        if found is None:
            faults.append(Fault(f"domain {name} is missing", case.remake(f"CREATE DOMAIN {name} AS {definition};")))
        elif found != definition:
            faults.append(Fault(f"domain {name} is {found}, expected {definition}",
                                f"bring it back with ALTER DOMAIN; it is made in {case.home('DOMAIN', name)}"))
    return _of("domains", len(case.expected.domains), faults), faults


# ---- tenants ---------------------------------------------------------------------------------------------------


def _row_level_security(case: Case) -> Outcome:
    faults = case.absent
    held = {name: table for name, table in case.found.tables.items() if "tenant_id" in table.columns}
    for name, table in held.items():
        if table.kind == "view" and table.privileges:
            faults.append(Fault(f"view {name} shows {APP_ROLE} the rows of every tenant: it reads with its owner's rights",
                                f"{IN_PSQL}ALTER VIEW {name} SET (security_invoker = true);"))
        elif table.kind == "table" and not table.row_security:
            faults.append(Fault(f"{name} holds tenants' data and has row-level security off",
                                f"{IN_PSQL}ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"))
        elif table.forced:
            faults.append(Fault(f"{name} forces row-level security on its owner, so the pipeline would see no rows",
                                f"{IN_PSQL}ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY;"))
    return _of("tables with tenant_id, protected", len(held), faults), faults


def _policies(case: Case) -> Outcome:
    faults = case.absent
    isolation = case.expected.tables["tenants"].policies["tenant_isolation"]
    held = {name: table for name, table in case.found.tables.items() if table.kind == "table" and "tenant_id" in table.columns}
    for name, table in held.items():
        again = f"SELECT protect_tenant_table('{name}', '{', '.join(table.privileges) or 'SELECT'}');"
        found = table.policies.get("tenant_isolation")
        if found is None:
            faults.append(Fault(f"{name} has no policy tenant_isolation", case.remake(again)))
        elif found != isolation:
            faults.append(Fault(f"tenant_isolation on {name} is {found}, expected {isolation}",
                                f"{IN_PSQL}DROP POLICY tenant_isolation ON {name}; {again}"))
    for name, table in case.found.tables.items():
        known = case.expected.tables[name].policies.keys() if name in case.expected.tables else set()
        faults += [Fault(f"policy {policy} on {name} is none of ours and may let in other tenants' rows",
                         f"{IN_PSQL}DROP POLICY {policy} ON {name};")
                   for policy in table.policies.keys() - known - {"tenant_isolation"}]
    return _of("tables with tenant_id, with tenant_isolation", len(held), faults), faults


def _app_role(case: Case) -> Outcome:
    role, login = case.server.app_role, case.server.login
    if role is None:
        create = f"CREATE ROLE {APP_ROLE} NOLOGIN NOBYPASSRLS; GRANT {APP_ROLE} TO {login};"
        mend = RUN_A1 if case.pending else f"as an administrator, {IN_PSQL}{create}"
        return f"no role {APP_ROLE}", [Fault(f"role {APP_ROLE} is missing", mend)]
    faults = []
    if role.superuser or role.bypasses_row_security:
        faults.append(Fault(f"{APP_ROLE} is a superuser or bypasses row-level security: it sees every tenant",
                            f"as an administrator, {IN_PSQL}ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS;"))
    if role.owned_objects:
        faults.append(Fault(f"{APP_ROLE} owns {role.owned_objects} objects; policies do not hold for an owner",
                            f"{IN_PSQL}REASSIGN OWNED BY {APP_ROLE} TO {login};"))
    if role.member_of:
        roles = ", ".join(role.member_of)
        faults.append(Fault(f"{APP_ROLE} is a member of {roles} and may take those rights",
                            f"{IN_PSQL}REVOKE {roles} FROM {APP_ROLE};"))
    if not role.reachable:
        option = " WITH SET TRUE" if case.server.version >= 160000 else ""
        faults.append(Fault(f"{login} may not SET ROLE {APP_ROLE}, so the API cannot work",
                            f"as an administrator, {IN_PSQL}GRANT {APP_ROLE} TO {login}{option};"))
    return f"{APP_ROLE} is there" + ("" if faults else f", owns nothing, bypasses nothing, {login} may take it"), faults


def _privileges(case: Case) -> Outcome:
    if case.server.app_role is None:
        return "not judged", [Fault(f"role {APP_ROLE} is missing", "mend the check app-role first")]
    faults = case.absent
    for name, expected, found in case.common_tables():
        lacking = [privilege for privilege in expected.privileges if privilege not in found.privileges]
        surplus = [privilege for privilege in found.privileges if privilege not in expected.privileges]
        if lacking:
            faults.append(Fault(f"{APP_ROLE} may not {', '.join(lacking)} on {name}",
                                case.remake(f"GRANT {', '.join(lacking)} ON {name} TO {APP_ROLE};")))
        if surplus:
            faults.append(Fault(f"{APP_ROLE} may {', '.join(surplus)} on {name}, which it never needs",
                                f"{IN_PSQL}REVOKE {', '.join(surplus)} ON {name} FROM {APP_ROLE}, PUBLIC;"))
    return _of("tables, granted as they should be", len(case.expected.tables), faults), faults


def _ownership(case: Case) -> Outcome:
    login = case.server.login
    faults = case.absent
    faults += [Fault(f"{name} belongs to {case.server.owners[name]}; row-level security would hide its rows from {login}",
                    f"connect as {case.server.owners[name]}, or {IN_PSQL}ALTER TABLE {name} OWNER TO {login};")
               for name in case.server.foreign_tables if name in case.expected.tables]
    return _of(f"tables, owned by {login}", len(case.expected.tables), faults), faults


def _of(what: str, total: int, faults: Sequence[Fault]) -> str:
    return f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in {total} {what}" if faults else f"{total} {what}"


CHECKS: tuple[tuple[str, str, Callable[[Case], Outcome]], ...] = (
    ("server", "server-version", _server_version),
    ("server", "extension-vector", _extension_vector),
    ("migrations", "migrations-applied", _migrations_applied),
    ("migrations", "migrations-known", _migrations_known),
    ("migrations", "migration-checksums", _migration_checksums),
    ("schema", "tables", _tables),
    ("schema", "columns", _columns),
    ("schema", "domains", _domains),
    ("schema", "constraints", _constraints),
    ("schema", "foreign-keys", _foreign_keys),
    ("schema", "indexes", _indexes),
    ("schema", "vector-indexes", _vector_indexes),
    ("schema", "functions", _functions),
    ("schema", "triggers", _triggers),
    ("tenants", "row-level-security", _row_level_security),
    ("tenants", "policies", _policies),
    ("tenants", "app-role", _app_role),
    ("tenants", "privileges", _privileges),
    ("tenants", "ownership", _ownership),
)
