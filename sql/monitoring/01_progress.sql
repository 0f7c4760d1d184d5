-- How far is each phase, and each job type in it?
-- Healthy: progress_pct rises between two looks; failed stays small beside completed.
-- Cost: reads extraction_jobs once (under a second a million rows); 02 says how long the rest will take.

SELECT
    coalesce(kind.phase, 'all') AS phase,
    coalesce(job.job_type, 'all types') AS job_type,
    count(*) FILTER (WHERE job.status = 'pending') AS pending,
    count(*) FILTER (WHERE job.status = 'pending' AND NOT job.ready) AS in_backoff,
    count(*) FILTER (WHERE job.status = 'processing') AS processing,
    count(*) FILTER (WHERE job.status = 'completed') AS completed,
    count(*) FILTER (WHERE job.status = 'failed') AS failed,
    count(*) FILTER (WHERE job.status = 'cancelled') AS cancelled,
    round(100.0 * count(*) FILTER (WHERE job.status = 'completed')
          / nullif(count(*) FILTER (WHERE job.status <> 'cancelled'), 0), 1) AS progress_pct
FROM extraction_jobs AS job
JOIN job_types AS kind USING (job_type)
GROUP BY ROLLUP (kind.phase, job.job_type)
ORDER BY kind.phase NULLS LAST, job.job_type NULLS LAST;
