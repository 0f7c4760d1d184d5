DROP TABLE blob_inventory;
DROP TABLE inventory_runs;
