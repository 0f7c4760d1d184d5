-- 0007  CAD models and their embeddings, assemblies, features and views.
-- Why     The dual representation of the requirements: B-Rep graph and learnt shape code side by side.
-- Blocks  Nothing: new tables only. The HNSW indexes are built on empty tables.
-- Undo    Drops the tables; phase D fills them again.

SET LOCAL lock_timeout = '5s';

CREATE TABLE cad_models (
    cad_model_id     uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id        uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id          uuid        NOT NULL,
    job_id           uuid        NOT NULL,
    part_key         text        NOT NULL DEFAULT '',
    part_name        text,
    status           text        NOT NULL DEFAULT 'completed' CONSTRAINT cad_models_status_known CHECK (status IN
        ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    extraction_mode  text        NOT NULL CONSTRAINT cad_models_mode_known CHECK (extraction_mode IN ('grpc', 'local', 'json')),
    brep_genome      jsonb,
    deepsdf_latent   real[],
    point_cloud      jsonb,
    face_count       integer,
    edge_count       integer,
    solid_count      integer,
    volume_mm3       double precision,
    area_mm2         double precision,
    bbox_mm          double precision[] CONSTRAINT cad_models_bbox_has_six CHECK (array_length(bbox_mm, 1) = 6),
    properties       jsonb       NOT NULL DEFAULT '{}',
    warnings         text[]      NOT NULL DEFAULT '{}',
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cad_models_tenant_key UNIQUE (tenant_id, cad_model_id),
    CONSTRAINT cad_models_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
CREATE INDEX cad_models_blob_idx ON cad_models (tenant_id, blob_id);
COMMENT ON TABLE cad_models IS 'One row a part of a CAD file. Arrays inside brep_genome and point_cloud are packed, about 150 kB a part at most.';

CREATE TABLE cad_model_embeddings (
    embedding_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    cad_model_id     uuid        NOT NULL,
    embedding_type   text        NOT NULL,
    model_name       text        NOT NULL,
    model_version    text        NOT NULL,
    embedding        vector      NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cad_model_embeddings_once UNIQUE (tenant_id, cad_model_id, embedding_type, model_name, model_version),
    CONSTRAINT cad_model_embeddings_model_fk FOREIGN KEY (tenant_id, cad_model_id)
        REFERENCES cad_models (tenant_id, cad_model_id) ON DELETE CASCADE,
    -- The HNSW indexes cast to these sizes: a wrong one must fail here, by name, not there.
    CONSTRAINT cad_model_embeddings_type_and_size CHECK (vector_dims(embedding) = CASE embedding_type
        WHEN 'brep' THEN 256 WHEN 'clip_text' THEN 512 WHEN 'clip_image' THEN 512 WHEN 'geometry' THEN 128
        WHEN 'point_cloud' THEN 256 WHEN 'deepsdf' THEN 256 WHEN 'fused' THEN 512 ELSE -1 END)
);
COMMENT ON TABLE cad_model_embeddings IS 'L2-normalised vectors, compared by cosine, keyed by the model and its version.';

CREATE INDEX cad_model_embeddings_brep_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(256)) vector_cosine_ops) WHERE embedding_type = 'brep';
CREATE INDEX cad_model_embeddings_clip_text_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(512)) vector_cosine_ops) WHERE embedding_type = 'clip_text';
CREATE INDEX cad_model_embeddings_clip_image_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(512)) vector_cosine_ops) WHERE embedding_type = 'clip_image';
CREATE INDEX cad_model_embeddings_geometry_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(128)) vector_cosine_ops) WHERE embedding_type = 'geometry';
CREATE INDEX cad_model_embeddings_point_cloud_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(256)) vector_cosine_ops) WHERE embedding_type = 'point_cloud';
CREATE INDEX cad_model_embeddings_deepsdf_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(256)) vector_cosine_ops) WHERE embedding_type = 'deepsdf';
CREATE INDEX cad_model_embeddings_fused_hnsw ON cad_model_embeddings
    USING hnsw ((embedding::vector(512)) vector_cosine_ops) WHERE embedding_type = 'fused';

CREATE TABLE cad_assembly_relations (
    relation_id       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id         uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id           uuid    NOT NULL,
    job_id            uuid    NOT NULL,
    node_key          text    NOT NULL,
    parent_node_key   text,
    cad_model_id      uuid,
    name              text,
    transform         double precision[] CONSTRAINT cad_assembly_relations_transform_has_twelve CHECK (array_length(transform, 1) = 12),
    colour            text,
    depth             integer NOT NULL DEFAULT 0,
    CONSTRAINT cad_assembly_relations_node UNIQUE (tenant_id, blob_id, node_key),
    CONSTRAINT cad_assembly_relations_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE,
    CONSTRAINT cad_assembly_relations_model_fk FOREIGN KEY (tenant_id, cad_model_id) REFERENCES cad_models (tenant_id, cad_model_id) ON DELETE CASCADE
);
CREATE INDEX cad_assembly_relations_model_idx ON cad_assembly_relations (tenant_id, cad_model_id);
COMMENT ON COLUMN cad_assembly_relations.transform IS 'Row-major 3×4 placement in the parent, mm.';

CREATE TABLE cad_manufacturing_features (
    feature_id    bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id     uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    cad_model_id  uuid    NOT NULL,
    kind          text    NOT NULL,
    face_ids      integer[] NOT NULL,
    parameters    jsonb   NOT NULL DEFAULT '{}',
    confidence    real    NOT NULL CONSTRAINT cad_manufacturing_features_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    method        text    NOT NULL,
    CONSTRAINT cad_manufacturing_features_model_fk FOREIGN KEY (tenant_id, cad_model_id) REFERENCES cad_models (tenant_id, cad_model_id) ON DELETE CASCADE
);
CREATE INDEX cad_manufacturing_features_model_idx ON cad_manufacturing_features (tenant_id, cad_model_id);
CREATE INDEX cad_manufacturing_features_kind_idx ON cad_manufacturing_features (tenant_id, kind);

CREATE TABLE cad_rendered_views (
    view_id       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id     uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    cad_model_id  uuid    NOT NULL,
    view_name     text    NOT NULL,
    mime_type     text    NOT NULL,
    width         integer,
    height        integer,
    camera        jsonb   NOT NULL DEFAULT '{}',
    image         bytea,
    output_id     uuid,
    CONSTRAINT cad_rendered_views_once UNIQUE (tenant_id, cad_model_id, view_name, mime_type),
    CONSTRAINT cad_rendered_views_model_fk FOREIGN KEY (tenant_id, cad_model_id) REFERENCES cad_models (tenant_id, cad_model_id) ON DELETE CASCADE,
    CONSTRAINT cad_rendered_views_has_pixels CHECK (image IS NOT NULL OR output_id IS NOT NULL)
);

SELECT protect_tenant_table('cad_models', 'SELECT');
SELECT protect_tenant_table('cad_model_embeddings', 'SELECT');
SELECT protect_tenant_table('cad_assembly_relations', 'SELECT');
SELECT protect_tenant_table('cad_manufacturing_features', 'SELECT');
SELECT protect_tenant_table('cad_rendered_views', 'SELECT');
