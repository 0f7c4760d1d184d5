-- 0004  The one place that says what state a file is in.
-- Why     blob_inventory.status is derived from the file's jobs; two derivations would disagree one night.
-- Blocks  Nothing: a new function.
-- Undo    Drops the function.

SET LOCAL lock_timeout = '5s';

-- Only the newest job of each (type, scope) counts, and only of the bytes that are there now: a PDF's failure says
-- nothing of the DXF that took its place. 'fields' jobs
-- never count. deleted, archived, duplicate and unsupported are facts of the inventory and stay as they are.
CREATE FUNCTION refresh_blob_status(blobs uuid[]) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, public
AS $$
    WITH newest AS (
        SELECT DISTINCT ON (job.blob_id, job.job_type, job.scope) job.blob_id, job.job_type, job.status, job.last_error
        FROM public.extraction_jobs AS job JOIN public.blob_inventory AS blob USING (blob_id)
        WHERE job.blob_id = ANY (blobs) AND job.job_type <> 'fields' AND (job.source_version = blob.source_version OR '' IN (job.source_version, blob.source_version))
        ORDER BY job.blob_id, job.job_type, job.scope, job.id DESC
    ),
    summary AS (
        SELECT blob_id,
               bool_or(newest.status IN ('pending', 'processing')) AS open,
               bool_or(newest.status = 'failed' AND kind.required) AS failed,
               bool_or(newest.status = 'completed') AS completed,
               min(newest.last_error) FILTER (WHERE newest.status = 'failed' AND kind.required) AS reason
        FROM newest JOIN public.job_types AS kind USING (job_type)
        GROUP BY blob_id
    ),
    derived AS (
        SELECT blob.blob_id,
               CASE WHEN summary.open THEN 'processing'
                    WHEN summary.failed THEN 'failed'
                    WHEN summary.completed THEN 'extracted'
                    ELSE 'pending' END AS status,
               CASE WHEN summary.open THEN NULL WHEN summary.failed THEN summary.reason END AS reason
        FROM public.blob_inventory AS blob LEFT JOIN summary USING (blob_id)
        WHERE blob.blob_id = ANY (blobs)
          AND blob.status NOT IN ('deleted', 'archived', 'duplicate', 'unsupported')
    ),
    changed AS (
        UPDATE public.blob_inventory AS blob
        SET status = derived.status, status_reason = derived.reason, updated_at = now()
        FROM derived
        WHERE blob.blob_id = derived.blob_id
          AND (blob.status, blob.status_reason) IS DISTINCT FROM (derived.status, derived.reason)
        RETURNING 1
    )
    SELECT count(*) FROM changed
$$;
COMMENT ON FUNCTION refresh_blob_status IS 'Derives the status of these files from their jobs; returns how many changed.';
REVOKE ALL ON FUNCTION refresh_blob_status FROM PUBLIC;
