-- Which jobs' worker has been silent for longer than the stall timeout?
-- Healthy: no rows. The same rows a minute later mean that nothing requeues: no worker is running (03_workers.sql),
-- or a lock is held (23_locks_waiting.sql). Mend: python run_pipeline.py requeue --stalled
-- Cost: the running jobs alone (view running_jobs). stall_seconds: STALL_TIMEOUT_SECONDS of config.txt, 300 by default.

\if :{?stall_seconds}
\else
    \set stall_seconds 300
\endif

SELECT job.id, job.job_type, job.claimed_by, job.attempt, job.handed_over,
       date_trunc('second', now() - job.heartbeat) AS silent_for,
       date_trunc('second', now() - job.claimed_at) AS claimed_for,
       left(blob.blob_key, 100) AS file
FROM running_jobs AS job
JOIN blob_inventory AS blob USING (tenant_id, blob_id)
WHERE job.heartbeat < now() - make_interval(secs => :stall_seconds)
ORDER BY job.heartbeat
LIMIT 100;
