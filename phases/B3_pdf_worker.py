"""B3  Read PDF drawings: pages, title block, dimensions.

Reads   extraction_jobs of type 'pdf'; the files' bytes
Writes  documents, document_pages, extracted_metadata, extracted_dimensions, blob_inventory.status
After   B2. Stop at any time: the next run, here or elsewhere, takes up what is not completed.
"""

from __future__ import annotations

from phases.draining import drain
from phases.step import Context, StepReport, main

JOB_TYPES = ("pdf",)


def run(context: Context) -> StepReport:
    return drain(context, "B3", JOB_TYPES)


if __name__ == "__main__":
    main()
