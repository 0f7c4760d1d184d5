-- Which jobs are held by a worker that has stopped, is lost, or was never registered?
-- Healthy: no rows, or rows that are gone within the stall timeout: they are requeued then.
-- Mend at once: python run_pipeline.py requeue --stalled
-- Cost: the running jobs alone (view running_jobs).

SELECT job.claimed_by,
       coalesce(worker.state, 'unknown') AS worker_state,
       worker.machine,
       count(*) AS jobs,
       count(*) FILTER (WHERE job.handed_over) AS begun,
       min(job.id) AS first_job,
       date_trunc('second', now() - max(job.heartbeat)) AS silent_for
FROM running_jobs AS job
LEFT JOIN workers AS worker ON worker.worker_id = job.claimed_by
WHERE worker.worker_id IS NULL OR worker.state IN ('stopped', 'lost')
GROUP BY 1, 2, 3
ORDER BY silent_for DESC;
