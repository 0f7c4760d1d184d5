"""B7  Report what extraction brought, as Markdown and JSON, and judge checkpoint B.

Reads   extraction_jobs, extraction_attempts, blob_inventory, documents, document_pages, extracted_*
Writes  extraction_report.md and extraction_report.json under DATA_DIR/reports
After   every other step of phase B. It may be run at any time; open jobs keep the checkpoint from passing.
"""

from __future__ import annotations

from phases.step import CheckpointResult, Context, StepReport, main
from pipeline.observe import extraction_report
from pipeline.observe.reports import write_report


def run(context: Context) -> StepReport:
    with context.database.session("B7") as session:
        passed, checkpoint, figures = session.run(lambda conn: extraction_report.read(conn, context.tenant_id))
    report = StepReport("B7", extraction_report.headline(figures), checkpoint=CheckpointResult("b", passed, checkpoint))
    if not context.dry_run:
        text = extraction_report.markdown(passed, checkpoint, figures)
        path = write_report(context.settings.report_dir, "extraction_report", figures, text)
        report.notes.append(f"read {path}")
    return report


if __name__ == "__main__":
    main()
