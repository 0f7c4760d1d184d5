"""B5  Index dimensions: sizes in mm, the bounds of their tolerances, units from sheet or project.

Reads   extracted_dimensions, extracted_metadata, documents, document_groups
Writes  extracted_dimensions: value_mm, value_min_mm, value_max_mm, details; only rows that differ
After   B3 and B4. Files are searchable as soon as they are stored; this brings rows of older releases up to date and
        fills in what only the whole store knows. Stop at any time: the next run does the rest.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.index.dimensions import index_dimensions


def run(context: Context) -> StepReport:
    figures = index_dimensions(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run)
    return StepReport("B5", figures)


if __name__ == "__main__":
    main()
