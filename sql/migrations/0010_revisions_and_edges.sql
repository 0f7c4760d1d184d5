-- 0010  Revisions of a drawing told apart, what contradicts a group, and which document a row of a parts list means.
-- Why     The latest revision is what people want by default, older ones stay to be compared; a title block that names another
--         number than its file is for a person to look at; where-used needs edges.
-- Blocks  All use of document_group_members, and writers of blob_inventory, document_groups and extracted_bom_items (referred to),
--         until the end: nothing is rewritten, but a foreign key and an index read the members.
-- Undo    Drops all of it; A5 and B11 fill it again.

SET LOCAL lock_timeout = '5s';

ALTER TABLE document_group_members
    ADD COLUMN document_revision text,
    ADD COLUMN revision_source text
        CONSTRAINT document_group_members_revision_source_known CHECK (revision_source IN ('title_block', 'file_name')),
    ADD COLUMN revision_rank integer,
    ADD COLUMN is_latest boolean NOT NULL DEFAULT true,
    ADD COLUMN superseded_by uuid,
    ADD CONSTRAINT document_group_members_superseded_fk FOREIGN KEY (tenant_id, superseded_by)
        REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE SET NULL (superseded_by);
CREATE INDEX document_group_members_superseded_idx ON document_group_members (tenant_id, superseded_by)
    WHERE superseded_by IS NOT NULL;
COMMENT ON COLUMN document_group_members.document_revision IS
    'The revision as its title block has it, else as the file name has it; NULL where neither says.';
COMMENT ON COLUMN document_group_members.revision_rank IS
    'Place among the revisions of the same drawing in the same format, 1 the oldest; NULL where there is but one or no order.';
COMMENT ON COLUMN document_group_members.is_latest IS 'False where a newer revision of the same drawing, sheet and format is in the group.';
COMMENT ON COLUMN document_group_members.superseded_by IS 'The file that bears the newest revision.';

CREATE TABLE document_group_findings (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id     uuid        NOT NULL,
    kind        text        NOT NULL,
    reason      text        NOT NULL,
    evidence    jsonb       NOT NULL DEFAULT '{}',
    found_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_group_findings_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT document_group_findings_once UNIQUE (tenant_id, blob_id, kind),
    CONSTRAINT document_group_findings_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id)
        ON DELETE CASCADE
);
COMMENT ON TABLE document_group_findings IS 'What is read in a file against, or beyond, the group it stands in: for a person to settle.';
COMMENT ON COLUMN document_group_findings.kind IS
    'number_differs and revision_differs (name and title block), number_elsewhere (other groups bear it), number_twice (two files do).';

CREATE TABLE bom_item_links (
    tenant_id    uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    bom_item_id  bigint      NOT NULL,
    group_id     uuid        NOT NULL,
    method       text        NOT NULL,
    confidence   real        NOT NULL CONSTRAINT bom_item_links_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    PRIMARY KEY (tenant_id, bom_item_id),
    CONSTRAINT bom_item_links_item_fk FOREIGN KEY (tenant_id, bom_item_id) REFERENCES extracted_bom_items (tenant_id, id)
        ON DELETE CASCADE,
    CONSTRAINT bom_item_links_group_fk FOREIGN KEY (tenant_id, group_id) REFERENCES document_groups (tenant_id, group_id)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX bom_item_links_group_idx ON bom_item_links (tenant_id, group_id);
COMMENT ON TABLE bom_item_links IS 'The document group that a row of a parts list means, by its part number.';
COMMENT ON COLUMN bom_item_links.method IS 'file_name (the part''s key), title_block (the number its drawing states) or number_in_name (1011 of 1011-A2P).';
COMMENT ON COLUMN bom_item_links.confidence IS 'That the row means this group.';

-- Lists of older revisions are history: an assembly uses what its latest list says.
CREATE VIEW bom_edges WITH (security_invoker = true) AS
SELECT item.tenant_id, holder.group_id AS parent_group_id, link.group_id AS child_group_id, item.blob_id AS bom_blob_id,
       item.id AS bom_item_id, item.row_number, item.item, item.part_number, item.quantity, link.method, link.confidence
FROM bom_item_links AS link
JOIN extracted_bom_items AS item ON item.tenant_id = link.tenant_id AND item.id = link.bom_item_id
JOIN document_group_members AS holder ON holder.tenant_id = item.tenant_id AND holder.blob_id = item.blob_id
WHERE holder.is_latest AND holder.group_id <> link.group_id;
COMMENT ON VIEW bom_edges IS 'Assembly → part, one row an item of a parts list.';

CREATE VIEW latest_documents WITH (security_invoker = true) AS
SELECT document.tenant_id, document.document_id, document.blob_id, document.kind, document.title, member.group_id,
       member.document_revision, member.revision_rank
FROM documents AS document
JOIN document_group_members AS member ON member.tenant_id = document.tenant_id AND member.blob_id = document.blob_id
WHERE member.is_latest;
COMMENT ON VIEW latest_documents IS 'Documents without those that a newer revision supersedes: the default everywhere.';

SELECT protect_tenant_table('document_group_findings', 'SELECT');
SELECT protect_tenant_table('bom_item_links', 'SELECT');
GRANT SELECT ON bom_edges, latest_documents TO draftmill_app;
