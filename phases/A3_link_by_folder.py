"""A3  Join groups whose files share the folder of one part.

Reads   document_group_members, blob_inventory
Writes  document_groups, document_group_members; what a person confirmed stays
After   A2. Stopped early, nothing is half done: each run judges all folders again.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.linking import link_by_folder


def run(context: Context) -> StepReport:
    figures = link_by_folder(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run)
    return StepReport("A3", figures)


if __name__ == "__main__":
    main()
