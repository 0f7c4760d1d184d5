-- 0015  What each look at the source changed, file by file, and whether a look is still under way.
-- Why     Counts alone do not say which file moved where; syncs on a schedule must not run twice at once.
-- Blocks  All use of blob_inventory and inventory_runs for a moment (new columns without a rewrite).
-- Undo    Drops the history of changes; files and results stay as they are.

SET LOCAL lock_timeout = '5s';

-- New files are known by this column alone: the first look at a million files writes no second row for each.
ALTER TABLE blob_inventory ADD COLUMN discovered_in_run bigint;
COMMENT ON COLUMN blob_inventory.discovered_in_run IS 'The inventory run that found it new; NULL where none did, and for files from before 0015.';
-- Rows of one run lie together, so the smallest kind of index finds them.
CREATE INDEX blob_inventory_discovered_idx ON blob_inventory USING brin (discovered_in_run) WITH (pages_per_range = 32);

ALTER TABLE inventory_runs ADD COLUMN active_at timestamptz;
COMMENT ON COLUMN inventory_runs.active_at IS 'When it last gave a sign of life; NULL once nobody works on it.';
CREATE INDEX inventory_runs_store_idx ON inventory_runs (tenant_id, source_store, run_id);

CREATE TABLE inventory_changes (
    change_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    run_id      bigint,
    blob_id     uuid        NOT NULL,
    change      text        NOT NULL CONSTRAINT inventory_changes_change_known CHECK (change IN
        ('changed', 'moved', 'deleted', 'reappeared', 'unreadable', 'readable')),
    blob_key    text        NOT NULL,
    moved_from  text,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_changes_once_a_run UNIQUE (tenant_id, run_id, blob_id),
    CONSTRAINT inventory_changes_moved_from_somewhere CHECK ((change = 'moved') = (moved_from IS NOT NULL)),
    CONSTRAINT inventory_changes_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
COMMENT ON TABLE inventory_changes IS 'What became of known files; new ones are those with that blob_inventory.discovered_in_run.';
COMMENT ON COLUMN inventory_changes.run_id IS 'The look that found it; NULL where a worker met it between two looks.';
COMMENT ON COLUMN inventory_changes.blob_key IS 'Where the file was then: it may have moved since.';
CREATE INDEX inventory_changes_blob_idx ON inventory_changes (tenant_id, blob_id);
CREATE INDEX inventory_changes_between_idx ON inventory_changes (tenant_id, changed_at) WHERE run_id IS NULL;

SELECT protect_tenant_table('inventory_changes', 'SELECT');
