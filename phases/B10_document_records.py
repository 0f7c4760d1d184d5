"""B10  Make one record a document group: best values, their sources, and where its files contradict each other.

Reads   document_groups, document_group_members, document_group_findings, documents, extracted_*, cad_models
Writes  document_records, document_conflicts; only for groups whose files, results or links changed
After   B5, B6 and B11. Stop at any time: the next run does the rest.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.index.records import make_records


def run(context: Context) -> StepReport:
    figures = make_records(context.database, tenant_id=context.tenant_id, stop=context.stop, dry_run=context.dry_run)
    notes = []
    if grave := figures["conflicts_high"] + figures["conflicts_medium"]:
        notes.append(f"{grave} contradictions wait for a person: "
                     "SELECT reason FROM document_conflicts WHERE severity <> 'low', or sql/monitoring/33_document_conflicts.sql")
    return StepReport("B10", figures, notes)


if __name__ == "__main__":
    main()
