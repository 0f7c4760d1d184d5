-- Which results are of other bytes than their file, or of an older reader, model or prompt than the newest of their kind?
-- Healthy: no rows; after an upgrade, numbers that fall while requeued jobs are done.
--   python run_pipeline.py requeue --stale --dry-run     says what doing them again costs
-- It knows only versions that some job was done with: until the first one of a new release,
-- python run_pipeline.py status --stale tells more.
-- Cost: reads extraction_jobs and blob_inventory once and sorts the jobs by file: half a minute for a million files.

WITH newest AS (
    SELECT DISTINCT ON (job.blob_id, job.job_type, job.scope)
        job.id, job.job_type, blob.mime_type, job.scope, job.source_version, blob.source_version AS file_version,
        job.extraction_version, job.model_version, job.prompt_hash, blob.size_bytes
    FROM extraction_jobs AS job
    JOIN blob_inventory AS blob ON blob.tenant_id = job.tenant_id AND blob.blob_id = job.blob_id
    WHERE job.status IN ('completed', 'failed') AND blob.status IN ('processing', 'extracted', 'failed')
    ORDER BY job.blob_id, job.job_type, job.scope, job.id DESC
),
present AS (
    -- completed_at would follow old jobs that were run again; ids rise with the queueing.
    SELECT DISTINCT ON (job_type, mime_type, scope) job_type, mime_type, scope, extraction_version, model_version, prompt_hash
    FROM newest
    ORDER BY job_type, mime_type, scope, id DESC
),
judged AS (
    SELECT newest.job_type, newest.mime_type, newest.extraction_version, newest.model_version, newest.size_bytes,
           CASE WHEN newest.source_version <> newest.file_version AND '' NOT IN (newest.source_version, newest.file_version) THEN 'bytes'
                WHEN newest.extraction_version <> present.extraction_version THEN 'version'
                WHEN newest.model_version IS DISTINCT FROM present.model_version THEN 'model'
                WHEN newest.prompt_hash IS DISTINCT FROM present.prompt_hash THEN 'prompt'
           END AS reason
    FROM newest
    JOIN present ON present.job_type = newest.job_type AND present.mime_type IS NOT DISTINCT FROM newest.mime_type
                AND present.scope = newest.scope
)
SELECT job_type, mime_type, reason, extraction_version, model_version, count(*) AS files, pg_size_pretty(sum(size_bytes)) AS bytes
FROM judged
WHERE reason IS NOT NULL
GROUP BY job_type, mime_type, reason, extraction_version, model_version
ORDER BY files DESC, job_type, mime_type, reason;
