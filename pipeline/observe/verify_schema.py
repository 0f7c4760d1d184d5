"""The checks of what is there: tables, columns, constraints, indexes, functions, triggers."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.observe.catalogue import Index
from pipeline.observe.verify_case import IN_PSQL, RUN_A1, Case, Fault, Outcome, told


def tables(case: Case) -> Outcome:
    faults = []
    for name, expected in case.expected.tables.items():
        found = case.found.tables.get(name)
        if found is None:
            mend = RUN_A1 if case.pending else f"restore it from a backup; it is made in {case.home('TABLE', name)}"
            faults.append(Fault(f"{expected.kind} {name} is missing", mend))
        elif found.kind != expected.kind:
            faults.append(Fault(f"{name} is a {found.kind}, expected a {expected.kind}", f"see {case.home('TABLE', name)}"))
    return told("tables", len(case.expected.tables), faults), faults


def columns(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        for column, definition in expected.columns.items():
            if column not in found.columns:
                faults.append(Fault(f"{name}.{column} is missing",
                                    case.remake(f"ALTER TABLE {name} ADD COLUMN {column} {definition};")))
            elif found.columns[column] != definition:
                faults.append(Fault(f"{name}.{column} is {found.columns[column]}, expected {definition}",
                                    f"bring it back with ALTER TABLE; it is made in {case.home('TABLE', name)}"))
    return told("columns", sum(len(table.columns) for table in case.expected.tables.values()), faults), faults


def constraints(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        faults += _compare_constraints(case, name, expected.constraints, found.constraints)
    return told("constraints", sum(len(table.constraints) for table in case.expected.tables.values()), faults), faults


def foreign_keys(case: Case) -> Outcome:
    faults = case.absent
    for name, expected, found in case.common_tables():
        faults += _compare_constraints(case, name, expected.foreign_keys, found.foreign_keys)
    faults += [Fault(f"foreign key {key} of {table} does not name tenant_id, so it can point across tenants",
                     f"{IN_PSQL}make it again over (tenant_id, ...) on both sides")
               for table, key in case.server.tenant_crossing]
    return told("foreign keys", sum(len(table.foreign_keys) for table in case.expected.tables.values()), faults), faults


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


def indexes(case: Case) -> Outcome:
    plain = {name: index for name, index in case.expected.indexes.items() if index.method != "hnsw"}
    found, faults = _compare_indexes(case, "indexes", plain)
    faults += [Fault(f"{name} is {state} and none of ours: it only costs writes", f"{IN_PSQL}DROP INDEX CONCURRENTLY {name};")
               for name, state in case.server.sick_indexes.items() if name not in case.expected.indexes]
    return found, faults


def vector_indexes(case: Case) -> Outcome:
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
    return told(what, len(expected), faults), faults


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


def functions(case: Case) -> Outcome:
    faults = []
    for name, definition in case.expected.functions.items():
        found = case.found.functions.get(name)
        if found == definition:
            continue
        home = case.home("FUNCTION", name.split("(")[0])
        mend = RUN_A1 if case.pending else f"run CREATE OR REPLACE FUNCTION again as in {home}"
        faults.append(Fault(f"{name} is missing" if found is None else f"{name} is {found}, expected {definition}", mend))
    return told("functions", len(case.expected.functions), faults), faults


def triggers(case: Case) -> Outcome:
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
    return told("triggers", sum(len(table.triggers) for table in case.expected.tables.values()), faults), faults


def domains(case: Case) -> Outcome:
    faults = []
    for name, definition in case.expected.domains.items():
        found = case.found.domains.get(name)
        if found is None:
            faults.append(Fault(f"domain {name} is missing", case.remake(f"CREATE DOMAIN {name} AS {definition};")))
        elif found != definition:
            faults.append(Fault(f"domain {name} is {found}, expected {definition}",
                                f"bring it back with ALTER DOMAIN; it is made in {case.home('DOMAIN', name)}"))
    return told("domains", len(case.expected.domains), faults), faults
