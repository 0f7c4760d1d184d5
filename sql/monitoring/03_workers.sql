-- Which workers are there, which are silent, draining or waiting, and what do they hold?
-- Healthy: every verdict is "working"; silent_for stays below a few heartbeats (15 s each).
-- Cost: the workers table and the running jobs, both small. silent_seconds: 60 by default.

\if :{?silent_seconds}
\else
    \set silent_seconds 60
\endif

SELECT worker.worker_id, worker.machine, worker.pid, worker.release, worker.job_types, worker.children,
       worker.jobs_done, worker.jobs_failed,
       coalesce(held.jobs, 0) AS jobs_in_hand,
       date_trunc('second', now() - worker.started_at) AS up_for,
       date_trunc('second', now() - worker.last_seen) AS silent_for,
       CASE WHEN worker.state IN ('stopped', 'lost') THEN worker.state
            WHEN worker.last_seen < now() - make_interval(secs => :silent_seconds) THEN 'silent: look at the machine'
            WHEN worker.drain OR worker.state = 'draining' THEN 'draining'
            WHEN worker.note IS NOT NULL THEN 'waiting: ' || worker.note
            ELSE 'working' END AS verdict
FROM workers AS worker
LEFT JOIN (SELECT claimed_by, count(*) AS jobs FROM running_jobs GROUP BY claimed_by) AS held
    ON held.claimed_by = worker.worker_id
WHERE worker.state IN ('running', 'draining') OR worker.last_seen > now() - interval '1 hour'
ORDER BY worker.state IN ('stopped', 'lost'), worker.last_seen;

-- What the claims themselves say, whatever the workers say of themselves.
-- Healthy: stall_time below the stall timeout (300 s).
SELECT
    claimed_by,
    count(*) AS jobs_claimed,
    max(heartbeat) AS last_heartbeat,
    now() - max(heartbeat) AS stall_time
FROM running_jobs
GROUP BY claimed_by
ORDER BY stall_time DESC;
