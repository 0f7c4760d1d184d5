-- Whose old snapshot keeps dead rows alive, so that claims crawl?
-- Healthy: no row older than a few minutes. A dump, a forgotten transaction in psql, or a replica are the usual ones.
-- Mend: end it there, or SELECT pg_terminate_backend(pid);
-- Cost: statistics only. Sessions of other logins show their age only to members of pg_monitor.

SELECT 'session' AS holder, pid::text AS name, usename AS login, application_name, state,
       age(backend_xmin) AS transactions_behind,
       date_trunc('second', now() - xact_start) AS open_for,
       left(query, 60) AS statement
FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
UNION ALL
SELECT 'replication slot', slot_name, NULL, NULL, CASE WHEN active THEN 'active' ELSE 'inactive' END,
       greatest(age(xmin), age(catalog_xmin)), NULL, NULL
FROM pg_replication_slots
WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
UNION ALL
SELECT 'prepared transaction', gid, owner, NULL, 'prepared', age(transaction), date_trunc('second', now() - prepared), NULL
FROM pg_prepared_xacts
WHERE database = current_database()
ORDER BY transactions_behind DESC NULLS LAST;

-- Sessions that sit in an open transaction and do nothing. Healthy: no row older than a minute.
SELECT pid, usename AS login, application_name, date_trunc('second', now() - state_change) AS idle_for
FROM pg_stat_activity
WHERE state LIKE 'idle in transaction%' AND datname = current_database()
ORDER BY state_change;
