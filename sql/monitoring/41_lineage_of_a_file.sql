-- Where did a file's results come from: source, jobs, outputs?
-- Healthy: one completed job of the newest version a type, and its outputs.
--   psql -v file='%/bracket-7.pdf' -f sql/monitoring/41_lineage_of_a_file.sql
-- file: a pattern for the path below the source; the file that changed last where none is given. All its pages and rows:
-- python run_pipeline.py lineage FILE
-- Cost: a pattern reads blob_inventory once; the rest is found by index.

\if :{?file}
\else
    SELECT coalesce((SELECT regexp_replace(blob_key, '([\\%_])', '\\\1', 'g')
                     FROM blob_inventory
                     ORDER BY updated_at DESC
                     LIMIT 1), '') AS file \gset
\endif

SELECT
    blob.blob_key,
    blob.status AS blob_status,
    original.blob_key AS duplicate_of,
    job.id AS job,
    job.job_type,
    job.status AS job_status,
    job.extraction_version,
    job.attempt,
    job.chunk_count,
    output.output_type,
    output.output_blob_key,
    output.created_at AS extracted_at
FROM (SELECT * FROM blob_inventory WHERE blob_key LIKE :'file' LIMIT 20) AS blob
LEFT JOIN blob_inventory AS original ON original.tenant_id = blob.tenant_id AND original.blob_id = blob.duplicate_of
-- A duplicate's rows are borne by the original.
LEFT JOIN extraction_jobs AS job ON job.blob_id = coalesce(original.blob_id, blob.blob_id)
LEFT JOIN extraction_outputs AS output
    ON output.tenant_id = job.tenant_id AND output.blob_id = job.blob_id AND output.job_id = job.job_id
ORDER BY blob.blob_key, job.job_type, job.id DESC;
