"""B6  Index materials, named values and parts lists by the tables of today: designations, families, units, columns.

Reads   extracted_materials, extracted_parameters, extracted_bom_items; MATERIAL_ALIASES
Writes  the same tables; only rows that differ
After   B3 and B4. Files are searchable as soon as they are stored; this brings rows of older releases up to date, and all rows
        after a change of MATERIAL_ALIASES. Stop at any time: the next run does the rest. Any number of machines may run it at once.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.index.materials import index_materials
from pipeline.worker.reading import own_materials


def run(context: Context) -> StepReport:
    figures = index_materials(
        context.database, tenant_id=context.tenant_id, own=own_materials(context.settings), stop=context.stop, dry_run=context.dry_run
    )
    return StepReport("B6", figures)


if __name__ == "__main__":
    main()
