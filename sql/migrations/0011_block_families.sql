-- 0011  The same block under other names.
-- Why     A symbol drawn once lives on in hundreds of files as BOLT_M8, *U17 and A$C4F1: only its geometry tells that it is one.
-- Blocks  Nothing: a new table and a view.
-- Undo    Drops them; B9 fills them again.

SET LOCAL lock_timeout = '5s';

CREATE TABLE block_families (
    tenant_id         uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    content_hash      text        NOT NULL,
    preferred_name    text        NOT NULL,
    name_count        integer     NOT NULL,
    file_count        integer     NOT NULL,
    definition_count  integer     NOT NULL,
    insert_count      bigint      NOT NULL,
    entity_count      integer,
    names             jsonb       NOT NULL,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, content_hash),
    CONSTRAINT block_families_has_several CHECK (definition_count > 1)
);
CREATE INDEX block_families_name_idx ON block_families (tenant_id, left(preferred_name, 200));
CREATE INDEX block_families_names_idx ON block_families (tenant_id, name_count DESC) WHERE name_count > 1;
COMMENT ON TABLE block_families IS 'Block definitions of the same geometry, wherever they stand and whatever they are called.';
COMMENT ON COLUMN block_families.preferred_name IS 'The name that most files use; one that a person gave goes before one that a program made.';
COMMENT ON COLUMN block_families.insert_count IS 'Insertions that show, over all files.';
COMMENT ON COLUMN block_families.entity_count IS 'Of the definition: a family of a single line may well be chance.';
COMMENT ON COLUMN block_families.names IS 'Name, files, inserts; the preferred name first, a hundred at most.';

CREATE VIEW block_synonyms WITH (security_invoker = true) AS
SELECT block.tenant_id, block.blob_id, block.block_name, family.preferred_name, block.insert_count, family.content_hash
FROM extracted_blocks AS block
JOIN block_families AS family ON family.tenant_id = block.tenant_id AND family.content_hash = block.content_hash
WHERE block.block_name <> family.preferred_name;
COMMENT ON VIEW block_synonyms IS 'Blocks that other files know under another name.';

SELECT protect_tenant_table('block_families', 'SELECT');
