-- What is being tried again and again, and what keeps going wrong?
-- Healthy: few rows, with retry_count 1. Many of one reason: something outside is broken (store, network, database).
-- claims far above retry_count: the job is claimed and let go, over and over; look at its workers (03_workers.sql).
-- Cost: reads the open jobs once; retry_count is in no index.

SELECT job_type,
       coalesce(error_kind, 'none yet') AS last_error_kind,
       coalesce(error_reason, 'unknown') AS last_reason,
       count(*) AS open_jobs,
       count(*) FILTER (WHERE NOT ready) AS in_backoff,
       max(retry_count) AS most_retries,
       max(attempt) AS most_claims,
       (array_agg(id ORDER BY attempt DESC, id))[1:3] AS worst
FROM extraction_jobs
WHERE status IN ('pending', 'processing') AND (retry_count > 0 OR attempt > 3)
GROUP BY 1, 2, 3
ORDER BY open_jobs DESC, job_type;

-- Attempts of the last hour that did not complete.
SELECT attempt.outcome, coalesce(attempt.error_reason, 'unknown') AS reason, job.job_type,
       count(*) AS attempts,
       count(DISTINCT attempt.id) AS jobs,
       count(DISTINCT split_part(attempt.claimed_by, '/', 1)) AS machines,
       max(attempt.ended_at) AS latest
FROM extraction_attempts AS attempt
LEFT JOIN extraction_jobs AS job ON job.id = attempt.id
WHERE attempt.ended_at > now() - interval '1 hour'
GROUP BY 1, 2, 3
ORDER BY attempts DESC;
