-- Are connections running out?
-- Healthy: used_pct below 80. A machine uses a handful, whatever its number of worker processes.
-- Mend: find who opens them in the second result; put PgBouncer in transaction mode before the database; raise max_connections.
-- Cost: statistics only.

SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS used,
       count(*) FILTER (WHERE backend_type = 'client backend' AND datname = current_database()) AS used_by_this_database,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int AS reserved,
       round(100.0 * count(*) FILTER (WHERE backend_type = 'client backend')
             / (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int), 1) AS used_pct
FROM pg_stat_activity;

SELECT usename AS login, application_name, host(client_addr) AS machine, coalesce(state, 'unknown') AS state,
       count(*) AS connections,
       date_trunc('second', now() - min(backend_start)) AS oldest
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database()
GROUP BY 1, 2, 3, 4
ORDER BY connections DESC;
