-- How many jobs a minute does each type get through, and when will it be done?
-- Healthy: per_minute is steady over the two windows; eta is a time you can live with. No eta: nothing was completed
-- in the window (see 03_workers.sql and 09_nothing_is_claimed.sql).
-- Cost: reads the finished jobs once, as completed_at is in no index. minutes: the window, 10 by default:
--   psql -v minutes=60 -f sql/monitoring/02_throughput_and_eta.sql

\if :{?minutes}
\else
    \set minutes 10
\endif

WITH done AS (
    SELECT job_type,
           count(*) AS completed,
           count(*) FILTER (WHERE completed_at > now() - interval '1 minute') AS last_minute,
           round(avg(processing_time_ms)) AS mean_ms
    FROM extraction_jobs
    WHERE status = 'completed' AND completed_at > now() - make_interval(mins => :minutes)
    GROUP BY job_type
),
waiting AS (
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
rates AS (
    SELECT kind.job_type, kind.paused,
           coalesce(waiting.jobs, 0) + coalesce(backoff.jobs, 0) + coalesce(running.jobs, 0) AS remaining,
           coalesce(done.last_minute, 0) AS last_minute,
           coalesce(done.completed, 0)::numeric / :minutes AS per_minute,
           done.mean_ms
    FROM job_types AS kind
    LEFT JOIN done USING (job_type)
    LEFT JOIN waiting USING (job_type)
    LEFT JOIN backoff USING (job_type)
    LEFT JOIN running USING (job_type)
)
SELECT job_type, paused, remaining, last_minute, round(per_minute, 1) AS per_minute, mean_ms,
       date_trunc('second', make_interval(secs => (60 * remaining / nullif(per_minute, 0))::double precision)) AS time_left,
       date_trunc('second', now() + make_interval(secs => (60 * remaining / nullif(per_minute, 0))::double precision)) AS eta
FROM rates
ORDER BY job_type;
