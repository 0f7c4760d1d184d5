"""A2  Inventory: sync the source into blob_inventory, then link files by base name.

Reads   the source's listing; the bytes of new and changed files, once
Writes  inventory_runs, inventory_changes, blob_inventory, document_groups, document_group_members; cancels jobs of files
        that went; inventory_changes.md and .json under DATA_DIR/reports
After   A1. Stop at any time: the next run goes on from there. Any number of machines may run it at once.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.errors import ConfigError
from pipeline.inventory.changes import read_changes
from pipeline.inventory.sync import sync
from pipeline.linking import link_by_base_name
from pipeline.observe.inventory_report import markdown
from pipeline.observe.reports import write_report
from pipeline.storage import open_source
from pipeline.worker.handlers import readable_mime_types, waiting_reasons

REPORTED_FILES = 1000  # of each kind


def run(context: Context) -> StepReport:
    report = StepReport("A2")
    if context.settings.source_url:
        _sync(context, report)
    else:
        _need_inventory(context)
        report.notes.append("no source named: the inventory stays as it is, its files are linked again")
    if not context.stop.requested:
        report.figures["linking"] = link_by_base_name(context.database, tenant_id=context.tenant_id, stop=context.stop,
                                                      patterns=context.settings.project_code_patterns,
                                                      dry_run=context.dry_run)
    return report


def _sync(context: Context, report: StepReport) -> None:
    settings = context.settings
    source = open_source(settings.source_url, exclude=settings.data_dir)
    done = sync(context.database, source, tenant_id=context.tenant_id, store=settings.source_name, readable=readable_mime_types(settings),
                waiting=waiting_reasons(settings), stop=context.stop, limit=context.limit,
                allow_deletes=context.allow_deletes, dry_run=context.dry_run, run_id=context.inventory_run,
                progress=context.progress)
    report.figures |= done.figures
    report.notes += done.notes
    if not context.dry_run:
        report.notes.append(_report_changes(context, done.figures["run_id"]))


def _report_changes(context: Context, run_id: int) -> str:
    """Write what this run changed, file by file; returns where it can be read."""
    settings = context.settings
    with context.database.transaction("A2 changes") as conn:
        found = read_changes(conn, tenant_id=context.tenant_id, store=settings.source_name, run=run_id, limit=REPORTED_FILES,
                             list_first=False)
    document = found.document()
    path = write_report(settings.report_dir, "inventory_changes", document, markdown(document))
    counts = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items() if count)
    return f"what changed: {counts or 'nothing'}; read {path}"


def _need_inventory(context: Context) -> None:
    with context.database.transaction("A2") as conn:
        row = conn.execute("SELECT EXISTS (SELECT FROM blob_inventory WHERE tenant_id = %s AND source_store = %s)",
                           (context.tenant_id, context.settings.source_name)).fetchone()
    if row != (True,):
        raise ConfigError("nothing to read: name a folder with --source or SOURCE_URL in config.txt")


if __name__ == "__main__":
    main()
