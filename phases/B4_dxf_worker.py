"""B4  Read DXF drawings: texts, layers, header variables, dimensions, title-block attributes.

Reads   extraction_jobs of type 'dxf'; the files' bytes
Writes  documents, document_pages, extracted_metadata, extracted_dimensions, blob_inventory.status
After   B2. Stop at any time: the next run, here or elsewhere, takes up what is not completed.
"""

from __future__ import annotations

from phases.draining import drain
from phases.step import Context, StepReport, main

JOB_TYPES = ("dxf",)


def run(context: Context) -> StepReport:
    return drain(context, "B4", JOB_TYPES)


if __name__ == "__main__":
    main()
