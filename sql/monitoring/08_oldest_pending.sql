-- How long has the oldest job of each type been waiting, and is anything left behind in backoff?
-- Healthy: next_waits falls or stays while work is done; backoff_overdue is empty or a few seconds: workers wake such jobs.
-- Cost: the two partial indexes of pending jobs.

SELECT kind.job_type,
       next.id AS next_job,
       next.priority,
       date_trunc('second', now() - next.queued_at) AS next_waits,
       oldest.id AS oldest_job,
       date_trunc('second', now() - oldest.queued_at) AS oldest_waits
FROM job_types AS kind
LEFT JOIN LATERAL (
    SELECT id, priority, queued_at
    FROM extraction_jobs
    WHERE job_type = kind.job_type AND ready
    ORDER BY priority DESC, id
    LIMIT 1
) AS next ON true
LEFT JOIN (
    SELECT job_type, min(id) AS id FROM extraction_jobs WHERE ready GROUP BY job_type
) AS first ON first.job_type = kind.job_type
LEFT JOIN extraction_jobs AS oldest ON oldest.id = first.id
ORDER BY kind.job_type;

SELECT count(*) AS in_backoff,
       count(*) FILTER (WHERE available_at < now()) AS due,
       date_trunc('second', now() - min(available_at) FILTER (WHERE available_at < now())) AS backoff_overdue
FROM extraction_jobs
WHERE NOT ready AND available_at IS NOT NULL AND status = 'pending';
