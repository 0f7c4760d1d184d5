"""A4  Give each group the project code that most of its members' paths bear.

Reads   document_group_members, blob_inventory; PROJECT_CODE_PATTERNS
Writes  document_groups.project_code and other_project_codes; what a person confirmed stays
After   A3. Stopped early, nothing is changed.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.linking import assign_project_codes


def run(context: Context) -> StepReport:
    figures = assign_project_codes(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run,
                                   patterns=context.settings.project_code_patterns)
    notes = []
    if not figures.get("groups_with_code"):
        notes.append("no path bears a project code; set PROJECT_CODE_PATTERNS in config.txt to what your codes look like")
    return StepReport("A4", figures, notes)


if __name__ == "__main__":
    main()
