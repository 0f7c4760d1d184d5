"""B8  Index text: pages of every text-bearing format into chunks, and chunks into vectors.

Reads   extraction_jobs of types 'text' and 'embed'; document_pages of PDF and DXF; the bytes of all other formats
Writes  documents, document_pages, document_texts, extraction_outputs and their files under OUTPUT_URL, chunk_index
After   B2; B3 and B4 queue its jobs as theirs complete. Stop at any time: the next run takes up what is not completed.
"""

from __future__ import annotations

from typing import LiteralString

from phases.draining import drain, drain_together
from phases.step import Context, StepReport, main
from pipeline.embed import version_of
from pipeline.inventory.stale import queue_needed
from pipeline.search import build_vector_index
from pipeline.worker.handlers import needs

JOB_TYPES = ("text", "embed")
INDEXED_FROM = 10_000  # chunks: below, all vectors are compared in some milliseconds

ENOUGH: LiteralString = "SELECT count(*) FROM (SELECT FROM chunk_index WHERE embedding_model = %s LIMIT %s) AS first"


def run(context: Context) -> StepReport:
    report = drain(context, "B8", JOB_TYPES)
    finish(context, report)
    return report


def finish(context: Context, report: StepReport) -> None:
    """When all text is done: vectors that waited for it, and their index, which is built faster than it is kept."""
    settings = context.settings
    if context.dry_run or context.stop.requested or settings.embeddings == "off":
        return
    if settings.embeddings == "deferred" and _queue_vectors(context):
        later = drain_together(context, {"B8": ("embed",)})[0]
        report.figures["vectors"] = later.figures.get("completed", 0)
    if not context.stop.requested:
        report.notes += _index_vectors(context)


def _queue_vectors(context: Context) -> int:
    settings = context.settings
    with context.database.session("B8") as session:
        return sum(session.run(lambda conn, need=need: queue_needed(  # type: ignore[misc]
            conn, need, tenant_id=context.tenant_id, store=settings.source_name, max_attempts=settings.max_attempts, limit=context.limit))
            for need in needs(settings) if need.job_type == "embed")


def _index_vectors(context: Context) -> list[str]:
    """The index of the present model, where there are so many chunks that looking at each would take long."""
    model = version_of(context.settings.embedding_model, context.settings.embedding_api_key)
    with context.database.connect("B8", autocommit=True) as conn:
        row = conn.execute(ENOUGH, (model, INDEXED_FROM)).fetchone()
        if row != (INDEXED_FROM,):
            return []
        context.progress("B8  building the index of the vectors")
        return build_vector_index(conn, model, int(model.rpartition("/")[2]))


if __name__ == "__main__":
    main()
