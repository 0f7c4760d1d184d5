DROP FUNCTION refresh_blob_status(uuid[]);
