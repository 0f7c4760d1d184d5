-- 0009  One record a group of files: best values, their sources, and where its files contradict each other.
-- Why     People ask for "the part's material", not for the five places that may state it; and a PDF that says 6061 beside a
--         model of AISI 304 is what they most want to be told. Dimensions get the bounds within which a size may lie.
-- Blocks  All use of extracted_dimensions, and writers of document_groups (a new table refers to it), until the end: nothing is
--         rewritten, but building the index reads all dimensions.
-- Undo    Drops the tables, columns and functions; B5 and B10 fill them again.

SET LOCAL lock_timeout = '5s';

ALTER TABLE extracted_dimensions
    ADD COLUMN value_min_mm double precision,
    ADD COLUMN value_max_mm double precision;
COMMENT ON COLUMN extracted_dimensions.value_min_mm IS
    'Least size that the drawing allows, mm or degrees: of limits, tolerances or a fit; value_mm where it states none.';
COMMENT ON COLUMN extracted_dimensions.value_max_mm IS 'Greatest size that the drawing allows; NULL where it is open (MIN).';

-- "Which dimensions allow 12.5?" is a search for intervals: no B-tree finds them. Boxes are built in (btree_gist is not), and
-- the tenant is their second side, so that one tenant never reads through the intervals of another.
CREATE FUNCTION dimension_span(tenant uuid, low double precision, high double precision) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN box(point(low, uuid_hash(tenant)), point(high, uuid_hash(tenant)));
COMMENT ON FUNCTION dimension_span IS 'An interval of sizes of one tenant as a box, for the GiST index of extracted_dimensions.';

-- Sizes without a tolerance of their own are found by their value.
CREATE INDEX extracted_dimensions_span_idx ON extracted_dimensions
    USING gist (dimension_span(tenant_id, value_min_mm, value_max_mm)) WHERE value_min_mm < value_max_mm;

CREATE FUNCTION dimensions_allowing(tenant uuid, size double precision) RETURNS SETOF extracted_dimensions
-- Text, not BEGIN ATOMIC: the table's next column must not break it.
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT found.*
    FROM public.extracted_dimensions AS found
    WHERE found.tenant_id = tenant AND found.value_min_mm < found.value_max_mm
      AND public.dimension_span(found.tenant_id, found.value_min_mm, found.value_max_mm) && public.dimension_span(tenant, size, size)
      AND size BETWEEN found.value_min_mm AND found.value_max_mm
    UNION ALL
    SELECT found.*
    FROM public.extracted_dimensions AS found
    WHERE found.tenant_id = tenant AND found.value_mm BETWEEN size - 1e-6 AND size + 1e-6
      AND (found.value_min_mm < found.value_max_mm) IS NOT TRUE;
$$;
COMMENT ON FUNCTION dimensions_allowing IS 'Dimensions within whose bounds a size lies, mm or degrees; those without a tolerance at that very value.';

CREATE TABLE document_records (
    tenant_id             uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    group_id              uuid        NOT NULL,
    drawing_number        text,
    title                 text,
    revision              text,
    material              text,
    material_designation  text,
    material_family       text,
    weight_g              double precision,
    width_mm              double precision,
    height_mm             double precision,
    depth_mm              double precision,
    fields                jsonb       NOT NULL DEFAULT '{}',
    conflicts             jsonb       NOT NULL DEFAULT '[]',
    conflict_count        integer     NOT NULL GENERATED ALWAYS AS (jsonb_array_length(conflicts)) STORED,
    input_hash            text        NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, group_id),
    CONSTRAINT document_records_group_fk FOREIGN KEY (tenant_id, group_id) REFERENCES document_groups (tenant_id, group_id)
        ON DELETE CASCADE
);
CREATE INDEX document_records_number_idx ON document_records (tenant_id, left(drawing_number, 200));
CREATE INDEX document_records_material_idx ON document_records (tenant_id, left(material_designation, 200))
    WHERE material_designation IS NOT NULL;
CREATE INDEX document_records_size_idx ON document_records (tenant_id, width_mm, height_mm) WHERE width_mm IS NOT NULL;
COMMENT ON TABLE document_records IS 'What the files of a group say together: one best value a field.';
COMMENT ON COLUMN document_records.fields IS
    'Field → value, normalised, confidence (that this is the group''s value), source (blob, page, bbox or handle, method), alternatives.';
COMMENT ON COLUMN document_records.conflicts IS 'Field, severity, reason and values of each contradiction; document_conflicts holds them as rows.';
COMMENT ON COLUMN document_records.width_mm IS 'Overall size, greatest side first; depth_mm only where a model gives it.';
COMMENT ON COLUMN document_records.input_hash IS 'Of what the record was made from: where it differs, B10 makes it anew.';

CREATE TABLE document_conflicts (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    group_id    uuid        NOT NULL,
    field       text        NOT NULL,
    severity    text        NOT NULL CONSTRAINT document_conflicts_severity_known CHECK (severity IN ('high', 'medium', 'low')),
    reason      text        NOT NULL,
    values      jsonb       NOT NULL,
    found_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_conflicts_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT document_conflicts_record_fk FOREIGN KEY (tenant_id, group_id) REFERENCES document_records (tenant_id, group_id)
        ON DELETE CASCADE
);
CREATE INDEX document_conflicts_group_idx ON document_conflicts (tenant_id, group_id);
CREATE INDEX document_conflicts_field_idx ON document_conflicts (tenant_id, field, severity);
COMMENT ON TABLE document_conflicts IS 'Where the files of a group contradict each other, and what each of them says.';
COMMENT ON COLUMN document_conflicts.severity IS 'high: a wrong part would be made; medium: somebody should look; low: worth knowing.';
COMMENT ON COLUMN document_conflicts.values IS 'Each value with its file, page, bbox or handle.';

SELECT protect_tenant_table('document_records', 'SELECT');
SELECT protect_tenant_table('document_conflicts', 'SELECT');
