DROP TABLE blob_inventory;
DROP TABLE inventory_runs;
DROP FUNCTION ordered_uuid;
