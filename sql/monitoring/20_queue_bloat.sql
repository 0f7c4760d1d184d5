-- Is the queue swelling with dead rows?
-- Healthy: dead_pct below 10, last_autovacuum minutes ago while work is done, hot_pct of extraction_jobs above 50
-- (heartbeats touch no index). Rising dead rows under a recent autovacuum: something holds vacuum back
-- (21_transactions_holding_back_vacuum.sql). Mend: VACUUM (ANALYZE) extraction_jobs;
-- Cost: statistics only.

SELECT relname AS table_name,
       n_live_tup AS live_rows,
       n_dead_tup AS dead_rows,
       round(100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0), 1) AS dead_pct,
       round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) AS hot_pct,
       n_mod_since_analyze AS changed_since_analyze,
       date_trunc('second', greatest(last_autovacuum, last_vacuum)) AS last_vacuum,
       date_trunc('second', greatest(last_autoanalyze, last_analyze)) AS last_analyze,
       pg_size_pretty(pg_table_size(relid)) AS table_size,
       pg_size_pretty(pg_indexes_size(relid)) AS index_size
FROM pg_stat_user_tables
WHERE relname IN ('extraction_jobs', 'extraction_attempts', 'job_claims', 'workers', 'job_types', 'blob_inventory')
ORDER BY n_dead_tup DESC;

-- The queue's indexes. Healthy: bytes_per_entry below about 100 (a partial index that is nearly empty has no say);
-- far above: REINDEX INDEX CONCURRENTLY name;
SELECT stat.indexrelname AS index_name,
       pg_size_pretty(pg_relation_size(stat.indexrelid)) AS size,
       round(pg_relation_size(stat.indexrelid) / nullif(relation.reltuples, 0)) AS bytes_per_entry,
       stat.idx_scan AS scans
FROM pg_stat_user_indexes AS stat
JOIN pg_class AS relation ON relation.oid = stat.indexrelid
WHERE stat.relname = 'extraction_jobs'
ORDER BY pg_relation_size(stat.indexrelid) DESC;
