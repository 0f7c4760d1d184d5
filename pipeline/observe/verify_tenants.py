"""The checks that keep tenants apart: row-level security, its policies, the API's role and what it may do."""

from __future__ import annotations

from pipeline.observe.catalogue import APP_ROLE
from pipeline.observe.verify_case import IN_PSQL, RUN_A1, Case, Fault, Outcome, told


def row_level_security(case: Case) -> Outcome:
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
    return told("tables with tenant_id, protected", len(held), faults), faults


def policies(case: Case) -> Outcome:
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
    return told("tables with tenant_id, with tenant_isolation", len(held), faults), faults


def app_role(case: Case) -> Outcome:
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


def privileges(case: Case) -> Outcome:
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
    return told("tables, granted as they should be", len(case.expected.tables), faults), faults


def ownership(case: Case) -> Outcome:
    login = case.server.login
    faults = case.absent
    faults += [Fault(f"{name} belongs to {case.server.owners[name]}; row-level security would hide its rows from {login}",
                    f"connect as {case.server.owners[name]}, or {IN_PSQL}ALTER TABLE {name} OWNER TO {login};")
               for name in case.server.foreign_tables if name in case.expected.tables]
    return told(f"tables, owned by {login}", len(case.expected.tables), faults), faults
