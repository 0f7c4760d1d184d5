-- Is every file accounted for?
-- Healthy: after --phase all nothing is pending or processing; every check in the second result is ok.
-- Cost: an index scan of blob_inventory; the second result looks at the jobs of files in processing.

SELECT blob.status,
       count(*) AS files,
       round(100.0 * count(*) / nullif(sum(count(*)) OVER (), 0), 1) AS pct,
       pg_size_pretty(sum(blob.size_bytes)) AS size,
       count(*) FILTER (WHERE blob.partial) AS partly_read
FROM blob_inventory AS blob
GROUP BY blob.status
ORDER BY files DESC;

WITH counted AS (
    SELECT count(*) AS files,
           count(*) FILTER (WHERE status IN ('pending', 'processing', 'extracted', 'failed', 'archived', 'unsupported', 'deleted',
                                             'duplicate')) AS in_a_state
    FROM blob_inventory
),
adrift AS (
    SELECT count(*) AS files
    FROM blob_inventory AS blob
    WHERE blob.status = 'processing'
      AND NOT EXISTS (SELECT FROM extraction_jobs AS job WHERE job.blob_id = blob.blob_id AND job.status IN ('pending', 'processing'))
),
orphaned AS (
    SELECT count(*) AS files
    FROM blob_inventory AS blob JOIN blob_inventory AS original
        ON original.tenant_id = blob.tenant_id AND original.blob_id = blob.duplicate_of
    WHERE blob.status = 'duplicate' AND original.status IN ('deleted', 'duplicate')
)
SELECT 'the states add up to the files' AS question, files - in_a_state AS files,
       CASE WHEN files = in_a_state THEN 'ok' ELSE 'WRONG' END AS verdict
FROM counted
UNION ALL
SELECT 'processing, but no job is open', files, CASE WHEN files = 0 THEN 'ok' ELSE 'WRONG' END FROM adrift
UNION ALL
SELECT 'duplicate of a file that is itself gone', files, CASE WHEN files = 0 THEN 'ok' ELSE 'run A2 again' END FROM orphaned;

-- Why files were not read.
SELECT status, left(coalesce(status_reason, 'no reason'), 120) AS reason, count(*) AS files
FROM blob_inventory
WHERE status IN ('failed', 'unsupported')
GROUP BY 1, 2
ORDER BY files DESC
LIMIT 30;
