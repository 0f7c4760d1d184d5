-- Which jobs were given up, and why?
-- Healthy: few, and only reasons of the files themselves (encrypted, corrupt, empty, unsupported, too_large, bomb).
-- transient ones: mend the network, store or database, then: python run_pipeline.py requeue --failed
-- poison ones killed or outlasted their process twice: docs/howto/a-file-killed-its-worker.md
-- Cost: the failed jobs alone: the partial index holds those that have an error_kind, as every failed one has.

SELECT job_type,
       error_kind,
       coalesce(error_reason, 'unknown') AS error_reason,
       count(*) AS jobs,
       max(completed_at) AS latest,
       (array_agg(id ORDER BY id DESC))[1:3] AS examples,
       left((array_agg(last_error ORDER BY id DESC))[1], 160) AS latest_error
FROM extraction_jobs
WHERE status = 'failed' AND error_kind IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY jobs DESC, job_type;

-- The newest twenty, with their files.
SELECT job.id, job.job_type, job.error_kind, job.error_reason, job.attempt, left(blob.blob_key, 100) AS file
FROM (SELECT * FROM extraction_jobs WHERE status = 'failed' AND error_kind IS NOT NULL ORDER BY id DESC LIMIT 20) AS job
JOIN blob_inventory AS blob USING (tenant_id, blob_id)
ORDER BY job.id DESC;
