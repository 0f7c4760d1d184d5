-- What fills the disk?
-- Healthy: pages, chunks and CAD models lead; extraction_jobs takes about 1 kB a job with its indexes.
-- Cost: file sizes only.

SELECT pg_size_pretty(pg_database_size(current_database())) AS database_size;

SELECT relation.relname AS table_name,
       pg_size_pretty(pg_total_relation_size(relation.oid)) AS total,
       pg_size_pretty(pg_relation_size(relation.oid)) AS rows_only,
       pg_size_pretty(pg_indexes_size(relation.oid)) AS indexes,
       pg_size_pretty(coalesce(pg_total_relation_size(nullif(relation.reltoastrelid, 0)), 0)) AS large_values,
       greatest(relation.reltuples, 0)::bigint AS about_rows
FROM pg_class AS relation
WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind = 'r'
ORDER BY pg_total_relation_size(relation.oid) DESC;
