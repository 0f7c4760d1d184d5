"""B11  Link again by what was read inside the files: numbers, titles, sizes; revisions and parts lists.

Reads   extracted_metadata, extracted_dimensions, extracted_outlines, extracted_bom_items, document_groups
Writes  document_groups, document_group_members, document_group_findings, bom_item_links, link_report; what a person
        confirmed stays
After   B3 and B4. Run it again at any time: what is right already is not written again.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.linking import link_by_content, link_report


def run(context: Context) -> StepReport:
    figures = link_by_content(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run)
    report = StepReport("B11", figures)
    if not context.dry_run and not figures["stopped"]:
        folder = context.settings.report_dir
        link_report(context.database, tenant_id=context.tenant_id, report_dir=folder)
        report.notes.append(f"read {folder / 'link_report.md'}")
    return report


if __name__ == "__main__":
    main()
