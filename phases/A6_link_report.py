"""A6  Report how files were linked, as Markdown and JSON, and judge checkpoint A.

Reads   document_groups, document_group_members, blob_inventory
Writes  link_report.md and link_report.json under DATA_DIR/reports
After   A5. Checkpoint A passes where there are groups and every live file is in one.
"""

from __future__ import annotations

from phases.step import CheckpointResult, Context, StepReport, main
from pipeline.linking import link_report
from pipeline.observe import checkpoints


def run(context: Context) -> StepReport:
    folder = context.settings.report_dir
    figures = link_report(context.database, tenant_id=context.tenant_id, report_dir=folder, dry_run=context.dry_run)
    notes = [] if context.dry_run else [f"read {folder / 'link_report.md'}"]
    with context.database.transaction("A6") as conn:
        passed, measured = checkpoints.judge(conn, "a", context.tenant_id)
    return StepReport("A6", figures, notes, CheckpointResult("a", passed, measured))


if __name__ == "__main__":
    main()
