"""Mark files whose stored values an index step has changed: the records of their groups see by it that they are to be made anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection

# In one order, so that two machines never wait for each other in a circle.
LOCK_DOCUMENTS: LiteralString = "SELECT FROM documents WHERE tenant_id = %s AND blob_id = ANY (%s) ORDER BY blob_id FOR UPDATE"
TOUCH_DOCUMENTS: LiteralString = "UPDATE documents SET updated_at = now() WHERE tenant_id = %s AND blob_id = ANY (%s)"


def touch_documents(conn: Connection, tenant_id: str, blobs: Iterable[UUID]) -> None:
    """In the transaction of the change itself, so that neither is ever seen without the other; no query where there are none.

    Before the change: whoever stores a drawing again takes its document first and its rows after it, too.
    """
    changed = list(dict.fromkeys(blobs))
    if changed:
        conn.execute(LOCK_DOCUMENTS, (tenant_id, changed))
        conn.execute(TOUCH_DOCUMENTS, (tenant_id, changed))
