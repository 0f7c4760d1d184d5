"""B9  Find the same block under other names: definitions of equal geometry in all files.

Reads   extracted_blocks
Writes  block_families; only rows that differ
After   B4. Stop at any time: the next run does the rest. Any number of machines may run it at once.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.index.block_families import find_families


def run(context: Context) -> StepReport:
    figures = find_families(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run)
    notes = []
    if figures["families_with_several_names"]:
        notes.append("which they are: SELECT preferred_name, names FROM block_families WHERE name_count > 1 ORDER BY file_count DESC")
    return StepReport("B9", figures, notes)


if __name__ == "__main__":
    main()
