"""B2  Queue a job for every file of this store (SOURCE_NAME) that has no result for its present bytes.

Reads   blob_inventory, extraction_jobs
Writes  extraction_jobs (pending), blob_inventory.status
After   A2. Queueing twice is harmless.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.inventory.stale import Need, count_needed, heal_statuses, queue_needed
from pipeline.worker.handlers import HANDLERS

PHASE_B = ("pdf", "dxf")


def run(context: Context) -> StepReport:
    report = StepReport("B2")
    if not context.dry_run:
        with context.database.transaction("B2") as conn:
            heal_statuses(conn, context.tenant_id)
    left = context.limit
    for job_type in PHASE_B:
        handler = HANDLERS[job_type]
        need = Need(job_type, handler.formats(context.settings), handler.version)
        count = _count(context, need) if context.dry_run else _queue(context, need, left)
        report.figures[job_type] = count
        left = None if left is None else left - count
    return report


def _count(context: Context, need: Need) -> int:
    with context.database.transaction("B2") as conn:
        return count_needed(conn, need, tenant_id=context.tenant_id, store=context.settings.source_name)


def _queue(context: Context, need: Need, limit: int | None) -> int:
    with context.database.session("B2") as session:
        return session.run(lambda conn: queue_needed(
            conn, need, tenant_id=context.tenant_id, store=context.settings.source_name, max_attempts=context.settings.max_attempts,
            limit=limit))


if __name__ == "__main__":
    main()
