-- 0005  Documents, their pages, outputs, and the groups of files that belong together.
-- Why     Pages are read once and used by every later step; groups are what people search for.
-- Blocks  Nothing: new tables only.
-- Undo    Drops the tables; pages and groups are rebuilt by running phases A and B again.

SET LOCAL lock_timeout = '5s';

CREATE TABLE documents (
    document_id     uuid        PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid,
    kind            text        NOT NULL,
    title           text,
    page_count      integer,
    has_text_layer  boolean,
    status          text        NOT NULL DEFAULT 'extracted',
    session_id      uuid,
    properties      jsonb       NOT NULL DEFAULT '{}',
    warnings        text[]      NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT documents_tenant_key UNIQUE (tenant_id, document_id),
    CONSTRAINT documents_one_a_blob UNIQUE (tenant_id, blob_id),
    CONSTRAINT documents_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
COMMENT ON COLUMN documents.document_id IS 'UUID version 5 of tenant, store and key: the same on every machine.';
COMMENT ON COLUMN documents.properties IS 'The file''s own facts: PDF document information, DXF header variables and layers.';

CREATE TABLE document_pages (
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    page_number     integer     NOT NULL CONSTRAINT document_pages_number_from_one CHECK (page_number > 0),
    job_id          uuid        NOT NULL,
    text            text        NOT NULL,
    text_sha256     text        NOT NULL,
    char_count      integer     NOT NULL,
    method          text        NOT NULL,
    confidence      real        CONSTRAINT document_pages_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    has_text_layer  boolean     NOT NULL DEFAULT false,
    width           real,
    height          real,
    rotation        smallint    NOT NULL DEFAULT 0,
    blocks          jsonb       NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant_id, blob_id, page_number),
    CONSTRAINT document_pages_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
COMMENT ON TABLE document_pages IS 'Normalised text of each page, so that nothing is parsed or read by OCR twice.';
COMMENT ON COLUMN document_pages.width IS 'PDF points as displayed, drawing units for DXF.';

CREATE TABLE extraction_outputs (
    output_id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id            uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    job_id               uuid        NOT NULL,
    blob_id              uuid        NOT NULL,
    output_store         text        NOT NULL,
    output_blob_key      text        NOT NULL,
    output_type          text        NOT NULL,
    chunk_count          integer,
    size_bytes           bigint,
    content_hash_sha256  text,
    schema_version       text        NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT extraction_outputs_tenant_key UNIQUE (tenant_id, output_id),
    CONSTRAINT extraction_outputs_place UNIQUE (tenant_id, output_store, output_blob_key),
    CONSTRAINT extraction_outputs_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extraction_outputs_blob_idx ON extraction_outputs (tenant_id, blob_id);
COMMENT ON TABLE extraction_outputs IS 'Files that jobs wrote under OUTPUT_URL. job_id has no foreign key: an output outlives its job row.';

CREATE TABLE document_groups (
    group_id       uuid        NOT NULL DEFAULT gen_random_uuid(),
    tenant_id      uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001' REFERENCES tenants (tenant_id),
    group_key      text        NOT NULL,
    method         text        NOT NULL,
    confidence     real        NOT NULL CONSTRAINT document_groups_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    reason         text,
    needs_review   boolean     NOT NULL DEFAULT false,
    review_reason  text,
    project_code   text,
    other_project_codes  text[],
    member_count   integer     NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, group_id),
    CONSTRAINT document_groups_review_says_why CHECK (needs_review = (review_reason IS NOT NULL))
);
-- Keys come from file names and may be longer than an index row.
CREATE UNIQUE INDEX document_groups_key ON document_groups (tenant_id, md5(group_key));
CREATE INDEX document_groups_review_idx ON document_groups (tenant_id, group_id) WHERE needs_review;
CREATE INDEX document_groups_project_idx ON document_groups (tenant_id, project_code) WHERE project_code IS NOT NULL;
COMMENT ON COLUMN document_groups.confidence IS 'That the members belong together.';

COMMENT ON COLUMN document_groups.other_project_codes IS 'Codes that a minority of the members bear; NULL where all agree.';

CREATE TABLE document_group_members (
    tenant_id    uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id      uuid        NOT NULL,
    group_id     uuid        NOT NULL,
    method       text        NOT NULL,
    confidence   real        NOT NULL CONSTRAINT document_group_members_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    reason       text,
    drawing_key  text        NOT NULL,
    revision     text,
    sheet        text,
    base_key       text,
    key_strength   smallint  NOT NULL DEFAULT 0 CONSTRAINT document_group_members_strength_known CHECK (key_strength IN (0, 1, 2)),
    neighbourhood  bigint,
    path_hash      bigint,
    added_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, blob_id),
    CONSTRAINT document_group_members_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE,
    CONSTRAINT document_group_members_group_fk FOREIGN KEY (tenant_id, group_id) REFERENCES document_groups (tenant_id, group_id)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX document_group_members_group_idx ON document_group_members (tenant_id, group_id);
COMMENT ON TABLE document_group_members IS 'The primary key says it: a file is in exactly one group.';
COMMENT ON COLUMN document_group_members.drawing_key IS 'The file name''s normalised drawing key, by which it was linked.';
COMMENT ON COLUMN document_group_members.base_key IS 'The key under which the same part may stand nearby; NULL where there is none.';
COMMENT ON COLUMN document_group_members.key_strength IS '0 plain words, 1 a short or standard number, 2 a drawing number.';
COMMENT ON COLUMN document_group_members.neighbourhood IS 'Hash of store and folder without format folders (PDF, STEP, drawings).';
COMMENT ON COLUMN document_group_members.path_hash IS 'Of path and key version: where it differs, the file is linked anew.';

SELECT protect_tenant_table('documents', 'SELECT');
SELECT protect_tenant_table('document_pages', 'SELECT');
SELECT protect_tenant_table('extraction_outputs', 'SELECT');
SELECT protect_tenant_table('document_groups', 'SELECT, INSERT, UPDATE, DELETE');
SELECT protect_tenant_table('document_group_members', 'SELECT, INSERT, UPDATE, DELETE');
