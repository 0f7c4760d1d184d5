-- What was done each day, how long did it take, and how many tokens did it use?
-- Healthy: avg_processing_ms is steady; a jump is a new kind of file, or a slower machine.
-- Cost: reads the finished jobs once.

SELECT
    date(completed_at) AS date,
    job_type,
    count(*) AS jobs_completed,
    sum(chunk_count) AS total_chunks,
    round(avg(processing_time_ms)) AS avg_processing_ms,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY processing_time_ms)) AS p95_processing_ms,
    sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) AS total_tokens
FROM extraction_jobs
WHERE status = 'completed'
GROUP BY date(completed_at), job_type
ORDER BY date DESC, job_type;
