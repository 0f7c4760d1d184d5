-- Which phases have done their work, and on what figures?
-- Healthy: passed is true for the newest look at the source. Judge again: python verify_migration.py --checkpoint b
-- Cost: nothing to speak of.

SELECT point.name, point.passed, point.inventory_run, run.finished_at AS inventory_finished, point.checked_at, point.checked_by,
       jsonb_pretty(point.figures) AS figures
FROM checkpoints AS point
LEFT JOIN inventory_runs AS run ON run.tenant_id = point.tenant_id AND run.run_id = point.inventory_run
ORDER BY point.checked_at DESC
LIMIT 20;
