"""Chunks of stored pages are those of the pages that were read: nothing gets lost on the way through the database."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from pipeline.config import Settings
from pipeline.database import Connection
from pipeline.extract.model import Block, Page
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import TextDocument
from pipeline.extract.text.stored import stored_document
from pipeline.jobs import Claim
from pipeline.store.pages import COPY_PAGES, page_row
from pipeline.store.rows import copy_rows
from pipeline.worker.fetch import Blob
from pipeline.worker.inputs import load_pages

TENANT = UUID("00000000-0000-0000-0000-000000000001")
PROSE = ("The bearings are greased every month by the person who runs the machine. "
         "Use the grease that the table names, and no other, for it would harm the seals.")
BLOCKS = (Block("Maintenance", (72, 80, 200, 96), kind="heading", level=1, size=16.0), Block(PROSE, (72, 100, 500, 140), size=10.0),
          Block("Part\tGrease\nBearing\tLGMT 2", (72, 150, 300, 190), kind="table", header_rows=1))


def document(*pages: Page) -> TextDocument:
    return TextDocument("pdf", pages, title="Manual", warnings=("ocr:1",))


@pytest.mark.parametrize("read", [
    pytest.param(document(Page(1, "\n".join(block.text for block in BLOCKS), "text_layer", 595.0, 842.0, 0, True, 1.0, BLOCKS)),
                 id="blocks"),
    pytest.param(document(Page(1, f"{PROSE}\n\n{PROSE}", "ocr", 595.0, 842.0, 90, False, 0.5)), id="text alone"),
    pytest.param(document(Page(1, PROSE, "text_layer"), Page(2, "8\n7\nØ12", "ocr", 842.0, 595.0, 0, False, 0.75)), id="two pages"),
])
def test_stored_pages_give_the_chunks_of_the_pages_that_were_read(conn: Connection, tmp_path: Path, read: TextDocument) -> None:
    blob_id = uuid4()
    conn.execute("INSERT INTO blob_inventory (blob_id, blob_key, file_name, mime_type)"
                 " VALUES (%s, 'a.pdf', 'a.pdf', 'application/pdf')", (blob_id,))
    conn.execute("INSERT INTO documents (document_id, blob_id, kind, properties, warnings) VALUES (%s, %s, 'pdf', %s, %s)",
                 (uuid4(), blob_id, Jsonb({"title": read.title}), list(read.warnings)))
    copy_rows(conn, COPY_PAGES, [(TENANT, blob_id, uuid4(), *page_row(page)) for page in read.pages])
    claim = Claim(1, 1, TENANT, blob_id, "text", 0, 0, 3, False, "")
    blob = Blob(blob_id, TENANT, "main", "a.pdf", "", None, None, "processing", "application/pdf")

    found = load_pages(conn, [claim], {blob_id: blob}, Settings.load(None, {}, data_dir=str(tmp_path)),
                       read_by_others=frozenset({"application/pdf"}))[1]

    assert isinstance(found, bytes)
    assert stored_document(found) == read
    assert chunk_document(stored_document(found), DEFAULT_OPTIONS).chunks == chunk_document(read, DEFAULT_OPTIONS).chunks
