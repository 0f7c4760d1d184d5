-- 0006  What is read out of drawings.
-- Why     Each value says where it stands (page and bbox, or entity handle and layer), how it was found and how sure that is.
-- Blocks  Nothing: new tables only.
-- Undo    Drops the tables; running phase B again fills them.
--
-- job_id has no foreign key: old job rows are swept, results stay. bbox is (x_min, y_min, x_max, y_max) in PDF
-- points, origin top left.

SET LOCAL lock_timeout = '5s';

CREATE TABLE extracted_metadata (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_metadata_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_metadata_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_metadata_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    field           text        NOT NULL,
    value           text,
    raw_text        text,
    CONSTRAINT extracted_metadata_once_a_page UNIQUE NULLS NOT DISTINCT (tenant_id, blob_id, page_number, field),
    CONSTRAINT extracted_metadata_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_metadata_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_metadata_field_idx ON extracted_metadata (tenant_id, field, left(value, 200));
COMMENT ON TABLE extracted_metadata IS 'One title-block field of one page, only as the sheet shows it.';

CREATE TABLE extracted_dimensions (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_dimensions_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_dimensions_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_dimensions_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    kind            text        NOT NULL,
    nominal         double precision,
    unit            text,
    value_mm        double precision,
    tol_plus        double precision,
    tol_minus       double precision,
    fit_class       text,
    count           integer     NOT NULL DEFAULT 1 CONSTRAINT extracted_dimensions_count_positive CHECK (count > 0),
    is_reference    boolean     NOT NULL DEFAULT false,
    is_basic        boolean     NOT NULL DEFAULT false,
    raw_text        text        NOT NULL,
    CONSTRAINT extracted_dimensions_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_dimensions_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_dimensions_blob_idx ON extracted_dimensions (tenant_id, blob_id);
CREATE INDEX extracted_dimensions_value_idx ON extracted_dimensions (tenant_id, value_mm) INCLUDE (kind) WHERE value_mm IS NOT NULL;
COMMENT ON TABLE extracted_dimensions IS 'nominal and tolerances in `unit` as shown, tolerances signed; value_mm in mm, degrees for angles.';

CREATE TABLE extracted_parameters (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_parameters_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_parameters_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_parameters_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    name            text        NOT NULL,
    value           text,
    value_number    double precision,
    unit            text,
    source          text,
    raw_text        text,
    CONSTRAINT extracted_parameters_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_parameters_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_parameters_blob_idx ON extracted_parameters (tenant_id, blob_id);
CREATE INDEX extracted_parameters_name_idx ON extracted_parameters (tenant_id, left(name, 200), value_number);
COMMENT ON TABLE extracted_parameters IS 'Name, value and unit from notes, tables and attributes.';

CREATE TABLE extracted_materials (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_materials_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_materials_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_materials_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    raw_text        text        NOT NULL,
    designation     text,
    standard        text,
    family          text,
    thickness_mm    double precision,
    treatment       text,
    CONSTRAINT extracted_materials_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_materials_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_materials_blob_idx ON extracted_materials (tenant_id, blob_id);
CREATE INDEX extracted_materials_designation_idx ON extracted_materials (tenant_id, left(designation, 200));
COMMENT ON TABLE extracted_materials IS 'A material as written, and its normalised designation.';

CREATE TABLE extracted_bom_items (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_bom_items_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_bom_items_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_bom_items_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    row_number      integer     NOT NULL,
    item            text,
    part_number     text,
    description     text,
    quantity        numeric,
    material        text,
    raw_cells       jsonb       NOT NULL DEFAULT '{}',
    CONSTRAINT extracted_bom_items_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_bom_items_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_bom_items_blob_idx ON extracted_bom_items (tenant_id, blob_id, row_number);
CREATE INDEX extracted_bom_items_part_idx ON extracted_bom_items (tenant_id, left(part_number, 200));
COMMENT ON TABLE extracted_bom_items IS 'One row of a bill of materials; raw_cells holds every cell under its own header.';

CREATE TABLE extracted_blocks (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_blocks_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_blocks_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_blocks_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    block_name      text        NOT NULL,
    insert_count    integer     NOT NULL DEFAULT 1,
    attributes      jsonb       NOT NULL DEFAULT '{}',
    content_hash    text,
    CONSTRAINT extracted_blocks_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_blocks_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_blocks_blob_idx ON extracted_blocks (tenant_id, blob_id);
CREATE INDEX extracted_blocks_name_idx ON extracted_blocks (tenant_id, left(block_name, 200));
COMMENT ON TABLE extracted_blocks IS 'A DXF block and the attributes of one insertion.';

SELECT protect_tenant_table('extracted_metadata', 'SELECT');
SELECT protect_tenant_table('extracted_dimensions', 'SELECT');
SELECT protect_tenant_table('extracted_parameters', 'SELECT');
SELECT protect_tenant_table('extracted_materials', 'SELECT');
SELECT protect_tenant_table('extracted_bom_items', 'SELECT');
SELECT protect_tenant_table('extracted_blocks', 'SELECT');
