-- 0001  Tenants, the API's role, and the one way in which a table is put behind row-level security.
-- Why     Every table that holds a tenant's data is protected from its first day; adding it later means a rewrite.
-- Blocks  Nothing: new objects only. CREATE ROLE takes a short lock on pg_authid.
-- Undo    Drops the table and the function. The role stays: it belongs to the cluster and other databases may use it.

SET LOCAL lock_timeout = '5s';

DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS vector;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'pgvector is not in this database and % may not add it', current_user
        USING HINT = 'As an administrator of the server, run in this database: CREATE EXTENSION vector;';
END
$$;

-- Roles are the cluster's, not the database's: two databases may be migrated at the same moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'draftmill_app') THEN
        BEGIN
            CREATE ROLE draftmill_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'role draftmill_app is missing and % may not create it', current_user
                    USING HINT = 'As an administrator, run: CREATE ROLE draftmill_app NOLOGIN NOBYPASSRLS; '
                                 'GRANT draftmill_app TO ' || quote_ident(current_user) || ';';
        END;
    END IF;
END
$$;

-- From PostgreSQL 16 on, being an administrator of a role does not mean that one may SET ROLE to it.
DO $$
BEGIN
    IF pg_has_role(current_user, 'draftmill_app', 'MEMBER')
       AND (current_setting('server_version_num')::int < 160000
            OR pg_has_role(current_user, 'draftmill_app', 'SET')) THEN
        RETURN;
    END IF;
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE format('GRANT draftmill_app TO %I WITH SET TRUE, INHERIT FALSE', current_user);
    ELSE
        EXECUTE format('GRANT draftmill_app TO %I', current_user);
    END IF;
EXCEPTION
    WHEN unique_violation THEN NULL;  -- another database of this cluster granted it just now
    WHEN SQLSTATE 'XX000' THEN       -- "tuple concurrently updated", the same race
        IF NOT pg_has_role(current_user, 'draftmill_app', 'MEMBER') THEN RAISE; END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO draftmill_app;

CREATE TABLE tenants (
    tenant_id   uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    name        text        NOT NULL CONSTRAINT tenants_name_unique UNIQUE,
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenants IS 'Whose data it is. The bulk pipeline works for the default tenant.';

INSERT INTO tenants (tenant_id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'default');

CREATE FUNCTION protect_tenant_table(target regclass, privileges text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    -- The sub-select makes it one look-up a query instead of one a row. No context: no rows.
    EXECUTE format(
        'CREATE POLICY tenant_isolation ON %s TO draftmill_app '
        'USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid)) '
        'WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', target);
    EXECUTE format('GRANT %s ON %s TO draftmill_app', privileges, target);
END
$$;
COMMENT ON FUNCTION protect_tenant_table IS
    'Puts a table with tenant_id behind row-level security and grants the API''s role what it may do there.';
REVOKE ALL ON FUNCTION protect_tenant_table FROM PUBLIC;

SELECT protect_tenant_table('tenants', 'SELECT');
