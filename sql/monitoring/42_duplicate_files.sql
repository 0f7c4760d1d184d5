-- Which files hold the same bytes?
-- Healthy: extracted is 1 a row: content is worked on once, the others are duplicates of it.
-- Cost: the hash index of blob_inventory, in order.

SELECT
    byte_hash_sha256,
    count(*) AS files,
    count(*) FILTER (WHERE status = 'extracted') AS extracted,
    count(*) FILTER (WHERE status = 'duplicate') AS duplicates,
    pg_size_pretty(min(size_bytes) * (count(*) - 1)) AS stored_in_vain,
    (array_agg(left(blob_key, 100) ORDER BY blob_key COLLATE "C"))[1:5] AS first_places
FROM blob_inventory
WHERE byte_hash_sha256 IS NOT NULL AND status <> 'deleted' AND size_bytes > 0
GROUP BY tenant_id, byte_hash_sha256
HAVING count(*) > 1
ORDER BY min(size_bytes) * (count(*) - 1) DESC
LIMIT 100;
