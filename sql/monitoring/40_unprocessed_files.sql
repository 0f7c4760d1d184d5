-- Which files has nobody worked on yet, in the order in which they will be taken?
-- Healthy: no rows after --phase all. rows_shown: 100 by default.
-- Cost: the status index of blob_inventory.

\if :{?rows_shown}
\else
    \set rows_shown 100
\endif

SELECT blob_id, file_name, mime_type, size_bytes, extraction_priority, discovered_at, left(blob_key, 100) AS blob_key
FROM blob_inventory
WHERE status = 'pending'
ORDER BY extraction_priority DESC, discovered_at
LIMIT :rows_shown;
