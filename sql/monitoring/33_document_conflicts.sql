-- Where do the files of one part contradict each other?
-- Healthy: no rows of severity high; a field that disputes thousands of groups points at a reader, not at the drawings.
-- Cost: reads document_conflicts once, and the groups of the 100 gravest.

SELECT
    field,
    count(*) AS conflicts,
    count(*) FILTER (WHERE severity = 'high') AS high,
    count(*) FILTER (WHERE severity = 'medium') AS medium,
    count(*) FILTER (WHERE severity = 'low') AS low,
    max(found_at) AS last_found
FROM document_conflicts
GROUP BY field
ORDER BY high DESC, conflicts DESC, field;

-- The gravest, with the group to look at.
SELECT conflict.severity, conflict.reason, linked.group_key, linked.project_code, conflict.found_at
FROM document_conflicts AS conflict
JOIN document_groups AS linked ON linked.tenant_id = conflict.tenant_id AND linked.group_id = conflict.group_id
WHERE conflict.severity IN ('high', 'medium')
ORDER BY conflict.severity, conflict.found_at DESC, conflict.id
LIMIT 100;
