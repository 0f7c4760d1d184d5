"""A5  Mark superseded revisions, and flag the groups that a person should look at, each with its reasons.

Reads   document_groups, document_group_members, document_group_findings, blob_inventory
Writes  document_groups.needs_review and review_reason, document_group_members.is_latest; what a person confirmed stays
After   A4. May be run again at any time: flags go when their reasons go.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.linking import flag_for_review


def run(context: Context) -> StepReport:
    figures = flag_for_review(context.database, tenant_id=context.tenant_id, dry_run=context.dry_run)
    notes = []
    if waiting := figures["groups_in_review"]:
        notes.append(f"{waiting} groups wait for a person: "
                     "SELECT group_key, review_reason FROM document_groups WHERE needs_review")
    return StepReport("A5", figures, notes)


if __name__ == "__main__":
    main()
