"""B2  Queue a job for every file of this store (SOURCE_NAME) that has no result for its present bytes.

Reads   blob_inventory, extraction_jobs, extraction_outputs
Writes  extraction_jobs (pending), blob_inventory.status
After   A2. Queueing twice is harmless. What works on other jobs' results is queued by their completion.
"""

from __future__ import annotations

from collections import Counter

from phases.step import Context, StepReport, main
from pipeline.inventory.stale import Need, count_needed, heal_statuses, queue_needed
from pipeline.worker.handlers import needs


def run(context: Context) -> StepReport:
    if not context.dry_run:
        with context.database.transaction("B2") as conn:
            heal_statuses(conn, context.tenant_id)
    left = context.limit
    queued: Counter[str] = Counter()
    for need in needs(context.settings):
        if need.job_type == "embed" and context.settings.embeddings == "deferred":
            continue  # B8 queues them when all text is done
        count = _count(context, need) if context.dry_run else _queue(context, need, left)
        queued[need.job_type] += count
        left = None if left is None else left - count
    return StepReport("B2", dict(queued))


def _count(context: Context, need: Need) -> int:
    with context.database.transaction("B2") as conn:
        return sum(count_needed(conn, need, tenant_id=context.tenant_id, store=context.settings.source_name).values())


def _queue(context: Context, need: Need, limit: int | None) -> int:
    with context.database.session("B2") as session:
        return session.run(lambda conn: queue_needed(
            conn, need, tenant_id=context.tenant_id, store=context.settings.source_name, max_attempts=context.settings.max_attempts,
            limit=limit))


if __name__ == "__main__":
    main()
