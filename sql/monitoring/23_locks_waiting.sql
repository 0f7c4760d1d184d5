-- Who waits for a lock, and who holds it?
-- Healthy: no rows, or rows that are gone a second later. Claims never wait (SKIP LOCKED); migrations and
-- hand-made ALTER TABLE do. Mend: end the holder's transaction, or SELECT pg_terminate_backend(held_by_pid);
-- Cost: the sessions that wait, no others.

SELECT waiting.pid AS waiting_pid, waiting.application_name AS waiting_application,
       date_trunc('second', now() - waiting.state_change) AS waits_for,
       waiting.wait_event AS lock_kind,
       left(waiting.query, 60) AS waiting_statement,
       holding.pid AS held_by_pid, holding.application_name AS held_by_application, holding.state AS holder_state,
       date_trunc('second', now() - holding.xact_start) AS holder_open_for
FROM pg_stat_activity AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
LEFT JOIN pg_stat_activity AS holding ON holding.pid = blocker.pid
WHERE waiting.wait_event_type = 'Lock' AND waiting.datname = current_database()
ORDER BY waits_for DESC;
