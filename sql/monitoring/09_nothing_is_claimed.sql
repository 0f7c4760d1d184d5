-- Jobs are pending and nobody takes them: why?
-- Healthy: verdict is "being worked on" or "nothing to do" for every type.
-- Mend: run_pipeline.py resume TYPE; run_pipeline.py cap TYPE N; start a worker that takes the type.
-- Cost: the partial indexes of pending jobs, and the running ones.

WITH waiting AS (
    SELECT job_type, count(*) AS jobs FROM extraction_jobs WHERE ready GROUP BY job_type
),
backoff AS (
    SELECT job_type, count(*) AS jobs
    FROM extraction_jobs
    WHERE NOT ready AND available_at IS NOT NULL AND status = 'pending'
    GROUP BY job_type
),
running AS (
    SELECT job_type, count(*) AS jobs FROM running_jobs GROUP BY job_type
),
takers AS (
    SELECT taken.job_type, count(*) AS workers
    FROM workers AS worker CROSS JOIN LATERAL unnest(worker.job_types) AS taken (job_type)
    WHERE worker.state = 'running' AND NOT worker.drain AND worker.last_seen > now() - interval '1 minute'
    GROUP BY taken.job_type
)
SELECT kind.job_type, kind.phase, kind.paused, kind.max_concurrent AS cap,
       coalesce(takers.workers, 0) AS workers,
       coalesce(running.jobs, 0) AS running,
       coalesce(waiting.jobs, 0) AS pending,
       coalesce(backoff.jobs, 0) AS in_backoff,
       CASE WHEN coalesce(waiting.jobs, 0) = 0 AND coalesce(backoff.jobs, 0) > 0 THEN 'all waiting jobs are in backoff'
            WHEN coalesce(waiting.jobs, 0) = 0 THEN 'nothing to do'
            WHEN kind.paused THEN 'paused by an operator'
            WHEN coalesce(takers.workers, 0) = 0 THEN 'no live worker takes this type'
            WHEN running.jobs >= kind.max_concurrent THEN 'the cap is reached'
            WHEN coalesce(running.jobs, 0) = 0 THEN 'workers are there but hold nothing: look at their notes in 03_workers.sql'
            ELSE 'being worked on' END AS verdict
FROM job_types AS kind
LEFT JOIN waiting USING (job_type)
LEFT JOIN backoff USING (job_type)
LEFT JOIN running USING (job_type)
LEFT JOIN takers USING (job_type)
ORDER BY kind.phase, kind.job_type;
