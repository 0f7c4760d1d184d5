DROP TABLE inventory_changes;
DROP INDEX inventory_runs_store_idx;
ALTER TABLE inventory_runs DROP COLUMN active_at;
ALTER TABLE blob_inventory DROP COLUMN discovered_in_run;
