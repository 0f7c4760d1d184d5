"""B7  Report what extraction brought, as Markdown and JSON, with a page of sheets to look at, and judge checkpoint B.

Reads   extraction_jobs, extraction_attempts, blob_inventory, documents, document_pages, extracted_*; the source's files, for pictures
Writes  extraction_report.md, extraction_report.json and quality_page.html under DATA_DIR/reports
After   every other step of phase B. It may be run at any time; open jobs keep the checkpoint from passing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from phases.step import CheckpointResult, Context, StepReport, main
from pipeline.database import Session
from pipeline.errors import ConfigError
from pipeline.observe import extraction_report
from pipeline.observe.quality_page import View, write_page
from pipeline.observe.quality_sheets import Sheet, choose, marks_of
from pipeline.observe.reports import write_report
from pipeline.storage import open_source
from pipeline.worker.pictures import Painter, known_blobs, painter

SEED = "1"  # of the sheets that are drawn by lot
SECONDS = 180.0  # for all pictures; sheets after that are left out


def run(context: Context) -> StepReport:
    with context.database.session("B7") as session:
        passed, checkpoint, figures = session.run(lambda conn: extraction_report.read(conn, context.tenant_id))
        report = StepReport("B7", extraction_report.headline(figures), checkpoint=CheckpointResult("b", passed, checkpoint))
        if not context.dry_run:
            text = extraction_report.markdown(passed, checkpoint, figures)
            path = write_report(context.settings.report_dir, "extraction_report", figures, text)
            report.notes.append(f"read {path}")
            report.notes.append(_quality_page(context, session, tuple(report.figures["targets"].items())))
    return report


def _quality_page(context: Context, session: Session, targets: Sequence[tuple[str, str]]) -> str:
    """Write the page of sheets to look at; says where it is, or why there is none."""
    settings = context.settings
    if settings.quality_sheets == 0:
        return "no quality page: QUALITY_SHEETS is 0"
    try:
        source = open_source(settings.source_url)
    except ConfigError:
        return "no quality page: its pictures need the files; name the folder with --source"
    sheets = session.run(lambda conn: choose(
        conn, context.tenant_id, store=settings.source_name, most=settings.quality_sheets, seed=SEED))
    path = settings.report_dir / "quality_page.html"
    with painter(source, settings.spool_dir) as artist:
        shown = write_page(path, targets, _views(context, session, artist, sheets))
    left_out = f"; {len(sheets) - shown} more were left out, as time ran short" if shown < len(sheets) else ""
    return f"look at {shown} sheets in {path}{left_out}"


def _views(context: Context, session: Session, artist: Painter, sheets: Sequence[Sheet]) -> Iterator[View]:
    """Each sheet with its findings and its picture, until time is up or a stop is asked for."""
    blobs = session.run(lambda conn: known_blobs(conn, [sheet.blob_id for sheet in sheets]))
    end = time.monotonic() + SECONDS
    for done, sheet in enumerate(sheets):
        if time.monotonic() > end or context.stop.requested:
            return
        context.progress(f"B7  {done} of {len(sheets)} sheets drawn", done, len(sheets))
        marks = session.run(partial(marks_of, sheet=sheet))
        if sheet.source_store != context.settings.source_name:
            yield View(sheet, marks, f"it lies in the store {sheet.source_store}")
            continue
        handles = list(dict.fromkeys(mark.handle for mark in marks if mark.handle))
        yield View(sheet, marks, artist.paint(blobs[sheet.blob_id], sheet.kind, sheet.page_number, handles))


if __name__ == "__main__":
    main()
