"""Which outputs an export takes, and which documents have gone since the one before.

created_at is when a transaction began; it may commit after others that began later, and a reader that asks for "newer than
what I saw last" never sees its rows. So rows bear the id of their transaction (committed_in), and an export takes what lies
below pg_snapshot_xmin(): the id below which every transaction has ended, so that no row can appear there any more. That
id is the cursor, from which the next export goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString, NamedTuple
from uuid import UUID

from pipeline.database import Connection, Session
from pipeline.errors import ConfigError
from pipeline.store.chunks import CHUNK_LINES

PAGE = 500
# superseded_at is when a transaction began, too; what bounds the search in time must be older than any that still runs.
LONGEST_TRANSACTION = timedelta(days=1)
_CURSOR = re.compile(r"([0-9]{1,19})@(\S+)")

WATERMARK: LiteralString = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
           statement_timestamp(),
           EXISTS (SELECT FROM extraction_outputs
                   WHERE tenant_id = %s AND committed_in > (SELECT pg_snapshot_xmax(pg_current_snapshot())))
"""

CURRENT: LiteralString = """
    SELECT committed_in::text::bigint, output_id, document_id, blob_id, output_blob_key, content_hash_sha256, chunk_count, schema_version
    FROM extraction_outputs
    WHERE tenant_id = %(tenant)s AND (committed_in, output_id) > (%(xid)s::text::xid8, %(output)s)
      AND committed_in < %(until)s::text::xid8
      AND output_type = %(type)s AND superseded_at IS NULL AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
    ORDER BY committed_in, output_id
    LIMIT %(limit)s
"""

# xmin, the transaction that wrote a row as it is now, here the one that superseded it, has the lower half of the id alone:
# the differences below are right as long as fewer than two thousand million transactions lie between two exports.
REMOVED: LiteralString = """
    SELECT DISTINCT old.document_id
    FROM extraction_outputs AS old
    WHERE old.tenant_id = %(tenant)s AND old.output_type = %(type)s AND old.superseded_at >= %(after)s
      AND (%(xid)s = 0 OR (old.xmin::text::bigint - %(xid)s %% 4294967296 + 4294967296) %% 4294967296 < 2147483648)
      AND (%(until)s %% 4294967296 - old.xmin::text::bigint - 1 + 4294967296) %% 4294967296 < 2147483648
      AND NOT EXISTS (SELECT FROM extraction_outputs AS newer
                      WHERE (newer.tenant_id, newer.blob_id, newer.document_id) = (old.tenant_id, old.blob_id, old.document_id)
                        AND newer.output_type = %(type)s AND newer.superseded_at IS NULL)
    ORDER BY old.document_id
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has read: everything of transactions below xid, as of that moment."""

    xid: int
    moment: datetime

    def __str__(self) -> str:
        return f"{self.xid}@{self.moment.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """None where the text is no cursor."""
        found = _CURSOR.fullmatch(text)
        try:
            return cls(int(found[1]), _moment(found[2])) if found else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Selection:
    """What one export takes.

    since  where the reader is, or None for everything
    date   created from then on; only without a cursor
    until  where the reader will be
    """

    tenant_id: UUID
    until: Cursor
    since: Cursor | None = None
    date: datetime | None = None

    @property
    def start(self) -> Position:
        return Position(self.since.xid if self.since else 0, UUID(int=0))


class Position(NamedTuple):
    """After which output an export goes on."""

    xid: int
    output_id: UUID


class Output(NamedTuple):
    """A current output of chunk records."""

    xid: int
    output_id: UUID
    document_id: UUID
    blob_id: UUID
    key: str
    sha256: str
    chunk_count: int
    schema_version: str

    @property
    def position(self) -> Position:
        return Position(self.xid, self.output_id)


def parse_since(text: str) -> Cursor | datetime:
    """A cursor as an export prints it, or a date. Raises ConfigError for anything else."""
    cursor = Cursor.parse(text)
    if cursor is not None:
        return cursor
    try:
        return _moment(text)
    except ValueError:
        raise ConfigError(f'--since "{text}" is neither a date, such as 2026-01-31 or 2026-01-31T08:00:00Z, '
                          "nor a cursor that an export printed") from None


def select(conn: Connection, tenant_id: UUID, since: Cursor | datetime | None, *, keep_superseded: timedelta) -> Selection:
    """What an export that starts now takes. Raises ConfigError where it could not tell all that changed since the cursor."""
    row = conn.execute(WATERMARK, (tenant_id,)).fetchone()
    assert row is not None
    xmin, xmax, now, from_elsewhere = row
    if from_elsewhere:
        raise ConfigError("the database was copied from another server, and its outputs bear that server's transaction ids; run "
                          "python run_pipeline.py sweep once, then export everything into a new folder")
    until = Cursor(xmin, now)
    if not isinstance(since, Cursor):
        return Selection(tenant_id, until, date=since)
    if since.xid > xmax:
        raise ConfigError("the cursor is ahead of the database, which was restored from an older copy; export everything into a "
                          "new folder, without --since")
    if since.moment < now - keep_superseded:
        raise ConfigError(f"the cursor is of {since.moment:%Y-%m-%d}, and the traces of documents removed since then may have been swept "
                          "(KEEP_SUPERSEDED_DAYS); export everything into a new folder, without --since")
    return Selection(tenant_id, until, since=since)


def outputs_after(session: Session, selection: Selection, position: Position) -> Iterator[Output]:
    """The current outputs of a selection behind `position`, in their order; read page by page, each a short transaction."""
    values = {"tenant": selection.tenant_id, "until": str(selection.until.xid), "type": CHUNK_LINES, "since": selection.date,
              "limit": PAGE, "xid": str(position.xid), "output": position.output_id}
    while rows := session.run(lambda conn: conn.execute(CURRENT, values).fetchall()):
        for row in rows:
            yield Output(*row)
        values.update({"xid": str(rows[-1][0]), "output": rows[-1][1]})


def still_current(session: Session, output: Output) -> bool:
    """False where a newer output has taken its place meanwhile."""
    return session.run(lambda conn: conn.execute(
        "SELECT FROM extraction_outputs WHERE output_id = %s AND superseded_at IS NULL", (output.output_id,)).fetchone()) is not None


def removed_documents(conn: Connection, selection: Selection) -> Iterator[UUID]:
    """Documents that a reader may have and that have no chunks any more, in order; inside one transaction."""
    if selection.since is None and selection.date is None:
        return
    after = selection.date if selection.since is None else selection.since.moment - LONGEST_TRANSACTION
    values = {"tenant": selection.tenant_id, "type": CHUNK_LINES, "after": after, "until": selection.until.xid,
              "xid": selection.since.xid if selection.since else 0}
    with conn.cursor(name="removed_documents") as cursor:
        cursor.execute(REMOVED, values)
        for row in cursor:
            yield row[0]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
