-- 0008  What is read out of drawings beyond their title block and plain dimensions.
-- Why     Feature control frames, roughness, balloons and notes are no dimensions; a laser shop asks for outlines; dates, scales
--         and masses are compared in one form whatever form the sheet shows.
-- Blocks  All use of the four altered tables, and writers of blob_inventory (the new tables refer to it), until the end: nothing is
--         rewritten, but building one index reads extracted_blocks.
-- Undo    Drops them; `requeue --stale` after the next migration fills them again.

SET LOCAL lock_timeout = '5s';

ALTER TABLE extracted_metadata ADD COLUMN normalised text;
COMMENT ON COLUMN extracted_metadata.normalised IS 'ISO 8601 date, 1:2 scale, 1/3 sheet, mass in g; NULL where there is no such form.';

ALTER TABLE extracted_dimensions ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN extracted_dimensions.details IS 'limits, qualifier, depth, pitch, through, thread_standard, tolerance_source.';

ALTER TABLE extracted_bom_items ADD COLUMN balloons jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN extracted_bom_items.balloons IS 'Places on the views that bear the row''s item number.';

ALTER TABLE extracted_blocks ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN extracted_blocks.details IS 'entity_count, size in drawing units, names of nested blocks.';
CREATE INDEX extracted_blocks_content_idx ON extracted_blocks (tenant_id, content_hash) WHERE content_hash IS NOT NULL;

CREATE TABLE extracted_annotations (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_annotations_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_annotations_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_annotations_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    kind            text        NOT NULL,
    details         jsonb       NOT NULL DEFAULT '{}',
    raw_text        text        NOT NULL,
    CONSTRAINT extracted_annotations_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_annotations_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_annotations_blob_idx ON extracted_annotations (tenant_id, blob_id);
CREATE INDEX extracted_annotations_kind_idx ON extracted_annotations (tenant_id, kind);
COMMENT ON TABLE extracted_annotations IS 'Feature control frames, datums, surface roughness, general tolerances, balloons, notes.';

CREATE TABLE extracted_outlines (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id         uuid        NOT NULL,
    job_id          uuid        NOT NULL,
    page_number     integer     CONSTRAINT extracted_outlines_page_from_one CHECK (page_number > 0),
    bbox            real[]      CONSTRAINT extracted_outlines_bbox_has_four CHECK (array_length(bbox, 1) = 4),
    entity_handle   text,
    layer           text,
    method          text        NOT NULL,
    confidence      real        NOT NULL CONSTRAINT extracted_outlines_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    confidence_of   text        NOT NULL,
    width_mm        double precision NOT NULL,
    height_mm       double precision NOT NULL,
    cut_length_mm   double precision NOT NULL,
    area_mm2        double precision NOT NULL,
    inner_count     integer     NOT NULL DEFAULT 0,
    holes           jsonb       NOT NULL DEFAULT '[]',
    CONSTRAINT extracted_outlines_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT extracted_outlines_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX extracted_outlines_blob_idx ON extracted_outlines (tenant_id, blob_id);
CREATE INDEX extracted_outlines_size_idx ON extracted_outlines (tenant_id, width_mm, height_mm);
COMMENT ON TABLE extracted_outlines IS 'A closed outer contour with its holes and its cut length: flat patterns and plates.';

SELECT protect_tenant_table('extracted_annotations', 'SELECT');
SELECT protect_tenant_table('extracted_outlines', 'SELECT');
