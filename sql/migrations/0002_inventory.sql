-- 0002  The inventory: every file that was ever discovered, and each look at the source.
-- Why     Every file is accounted for: the states of blob_inventory add up to the files that exist.
-- Blocks  Nothing: new tables only.
-- Undo    Drops both tables; the files themselves are never touched.

SET LOCAL lock_timeout = '5s';

CREATE TABLE inventory_runs (
    run_id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id     uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001' REFERENCES tenants (tenant_id),
    source_store  text        NOT NULL,
    source_url    text        NOT NULL,
    machine       text        NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    complete      boolean     NOT NULL DEFAULT false,
    figures       jsonb       NOT NULL DEFAULT '{}',
    CONSTRAINT inventory_runs_tenant_key UNIQUE (tenant_id, run_id)
);
COMMENT ON TABLE inventory_runs IS 'One look at a source: what was new, changed, moved and gone.';
COMMENT ON COLUMN inventory_runs.source_url IS 'Without credentials.';
COMMENT ON COLUMN inventory_runs.complete IS 'The whole source was listed without an error; only then are deletions believed.';

-- UUIDs in the order of their making (version 7; PostgreSQL has uuidv7() from 18 on): rows made together lie together in
-- every index that starts with blob_id. With random ones each claim touched as many index pages as it took jobs.
CREATE FUNCTION ordered_uuid() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
        || substr(gen_random_uuid()::text, 16))::uuid;
COMMENT ON FUNCTION ordered_uuid IS 'A random UUID that sorts by the millisecond of its making.';

CREATE TABLE blob_inventory (
    blob_id              uuid        PRIMARY KEY DEFAULT ordered_uuid(),
    tenant_id            uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001' REFERENCES tenants (tenant_id),
    source_store         text        NOT NULL DEFAULT 'main',
    blob_key             text        NOT NULL,
    -- Keys may be longer than an index row, so their hash stands in. convert_to() is not immutable; this is the
    -- same bytes by functions that are.
    identity_sha256      bytea       NOT NULL GENERATED ALWAYS AS
        (sha256(decode(replace(source_store || E'\x1f' || blob_key, E'\\', E'\\\\'), 'escape'))) STORED,
    file_name            text        NOT NULL,
    mime_type            text,
    size_bytes           bigint      CONSTRAINT blob_inventory_size_positive CHECK (size_bytes >= 0),
    source_version       text        NOT NULL DEFAULT '',
    source_modified_at   timestamptz,
    byte_hash_sha256     text        CONSTRAINT blob_inventory_hash_is_hex CHECK (byte_hash_sha256 ~ '^[0-9a-f]{64}$'),
    etag                 text,
    external_references  boolean     NOT NULL DEFAULT false,
    status               text        NOT NULL DEFAULT 'pending' CONSTRAINT blob_inventory_status_known CHECK (status IN
        ('pending', 'processing', 'extracted', 'failed', 'archived', 'unsupported', 'deleted', 'duplicate')),
    status_reason        text,
    partial              boolean     NOT NULL DEFAULT false,
    duplicate_of         uuid,
    extraction_priority  integer     NOT NULL DEFAULT 0,
    last_seen_run        bigint,
    moved_from           text,
    discovered_at        timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT blob_inventory_tenant_key UNIQUE (tenant_id, blob_id),
    CONSTRAINT blob_inventory_identity UNIQUE (tenant_id, identity_sha256),
    CONSTRAINT blob_inventory_duplicate_fk FOREIGN KEY (tenant_id, duplicate_of)
        REFERENCES blob_inventory (tenant_id, blob_id),
    CONSTRAINT blob_inventory_duplicate_has_original CHECK ((status = 'duplicate') <= (duplicate_of IS NOT NULL)),
    CONSTRAINT blob_inventory_unsupported_has_reason CHECK ((status = 'unsupported') <= (status_reason IS NOT NULL))
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
COMMENT ON COLUMN blob_inventory.source_store IS 'The store''s logical name: the same file has the same identity wherever a machine mounts it.';
COMMENT ON COLUMN blob_inventory.blob_key IS 'Path relative to the source with "/"; undecodable bytes percent-encoded.';
COMMENT ON COLUMN blob_inventory.source_version IS 'ETag or version id; size and modification time in a directory.';
COMMENT ON COLUMN blob_inventory.external_references IS
    'An assembly that takes parts from other files: equal bytes may be different products, so it is never a duplicate.';
COMMENT ON COLUMN blob_inventory.status IS 'Derived from the file''s jobs by refresh_blob_status(); archived is an operator''s word.';
COMMENT ON COLUMN blob_inventory.partial IS 'Extracted, but something in the file could not be read.';

CREATE INDEX blob_inventory_status_idx ON blob_inventory (tenant_id, status, extraction_priority DESC, discovered_at);
CREATE INDEX blob_inventory_hash_idx ON blob_inventory (tenant_id, byte_hash_sha256) WHERE byte_hash_sha256 IS NOT NULL;
CREATE INDEX blob_inventory_duplicate_idx ON blob_inventory (duplicate_of) WHERE duplicate_of IS NOT NULL;

SELECT protect_tenant_table('inventory_runs', 'SELECT');
SELECT protect_tenant_table('blob_inventory', 'SELECT, INSERT, UPDATE');
