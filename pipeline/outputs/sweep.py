"""Removing what nobody names, and finding what is named but not there.

The fence: an output is registered in the transaction that completes its job, which needs the job to be 'processing' with
the attempt in the output's name. Attempts only rise. So a file that no row names can still be registered only while its job
is 'processing' with just that attempt, or may yet reach it (a database restored from an older copy). All others never can.

The order matters. A file is listed first and its job looked at afterwards: what is listed has been written, and what is then
neither registered nor about to be will stay so. A superseded output's row goes first and its file afterwards, so that no row
is ever without its file, and a sweep killed in between leaves a file that the next one finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection, Database, Session
from pipeline.outputs.names import OutputName, parse_key
from pipeline.storage.sink import Sink, SinkEntry
from pipeline.store.results import OUTPUT_STORE, discard_chunks

BATCH = 1000
LEFTOVERS_AFTER = timedelta(days=1)
MOST_NAMED = 100  # of what is missing; all are counted
_BEFORE_ALL, _AFTER_ALL = UUID(int=0), UUID(int=2**128 - 1)

# One statement, one snapshot: a job that is seen as completed is seen with its outputs.
JUDGE: LiteralString = """
    SELECT listed.key,
           CASE WHEN EXISTS (SELECT FROM extraction_outputs AS output
                             WHERE (output.tenant_id, output.blob_id) = (blob.tenant_id, blob.blob_id)
                               AND output.output_blob_key = listed.key) THEN 'named'
                WHEN blob.blob_id IS NULL THEN 'foreign'
                WHEN job.id IS NULL AND listed.job > coalesce(pg_sequence_last_value('extraction_jobs_id_seq'), 0) THEN 'open'
                WHEN listed.attempt > job.attempt OR (listed.attempt = job.attempt AND job.status = 'processing') THEN 'open'
                ELSE 'orphan' END
    FROM unnest(%s::text[], %s::uuid[], %s::bigint[], %s::integer[]) AS listed (key, blob_id, job, attempt)
    LEFT JOIN blob_inventory AS blob ON blob.blob_id = listed.blob_id
    LEFT JOIN extraction_jobs AS job ON job.id = listed.job AND job.blob_id = listed.blob_id
"""

# SKIP LOCKED: several machines may sweep at once.
TAKE_SUPERSEDED: LiteralString = """
    WITH old AS (
        SELECT output_id
        FROM extraction_outputs
        WHERE superseded_at < statement_timestamp() - %(keep)s AND output_store = %(store)s
        ORDER BY superseded_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM extraction_outputs AS output USING old WHERE output.output_id = old.output_id
    RETURNING output.output_blob_key, output.size_bytes
"""

COUNT_SUPERSEDED: LiteralString = """
    SELECT count(*), coalesce(sum(size_bytes), 0)
    FROM extraction_outputs
    WHERE superseded_at < statement_timestamp() - %(keep)s AND output_store = %(store)s
"""

# Rows of the blobs in (low, high] whose file was not in the listing, tenant by tenant, for the index begins with the tenant.
UNLISTED: LiteralString = """
    SELECT found.output_id, found.tenant_id, found.blob_id, found.output_blob_key, found.superseded_at IS NULL, blob.blob_key
    FROM tenants AS tenant
    CROSS JOIN LATERAL (
        SELECT output.*
        FROM extraction_outputs AS output
        WHERE output.tenant_id = tenant.tenant_id AND output.blob_id > %(low)s AND output.blob_id <= %(high)s
          AND output.output_store = %(store)s AND output.output_blob_key <> ALL (%(listed)s)
          AND (output.tenant_id, output.blob_id, output.output_id) > (%(tenant)s, %(blob)s, %(output)s)
    ) AS found
    JOIN blob_inventory AS blob ON (blob.tenant_id, blob.blob_id) = (found.tenant_id, found.blob_id)
    ORDER BY found.tenant_id, found.blob_id, found.output_id
    LIMIT %(limit)s
"""

# Copied from another cluster (pg_dump), rows bear transaction ids that this one reaches much later; readers that poll would
# wait for them. They count as committed now.
RENEW: LiteralString = """
    UPDATE extraction_outputs AS output SET committed_in = DEFAULT
    FROM (
        SELECT ahead.output_id
        FROM tenants AS tenant
        JOIN extraction_outputs AS ahead ON ahead.tenant_id = tenant.tenant_id AND ahead.committed_in > (SELECT pg_current_xact_id())
        LIMIT %s
    ) AS restored
    WHERE output.output_id = restored.output_id
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """An output that a row names and that is not there. file: key of the source file; current: search and export use it."""

    output_id: UUID
    blob_id: UUID
    key: str
    current: bool
    file: str


@dataclass
class SweepReport:
    """What a sweep found and did. Counts are files, unless they say otherwise.

    kept_open   that their jobs may still register
    foreign     named like ours, but of files that this database does not know: another database uses the same OUTPUT_URL
    other       of other names; never touched
    missing     outputs that a row names and that are not there, missing_current those that search and export use
    mended      source files that will be read again, for their output is missing
    renewed     rows that came from another cluster
    """

    dry_run: bool
    listed: int = 0
    listed_bytes: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    superseded: int = 0
    superseded_bytes: int = 0
    leftovers: int = 0
    kept_open: int = 0
    foreign: int = 0
    other: int = 0
    missing: int = 0
    missing_current: int = 0
    missing_outputs: list[Missing] = field(default_factory=list)
    mended: int = 0
    renewed: int = 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Listed outputs of the blobs in (low, high], all of them."""

    low: UUID
    high: UUID
    files: Sequence[tuple[OutputName, SinkEntry]]


def sweep_outputs(database: Database, sink: Sink, *, keep_superseded: timedelta, dry_run: bool = False, foreign: bool = False,
                  mend: bool = False) -> SweepReport:
    """Go once over all outputs, of all tenants. May be stopped and started at any time, on several machines at once.

    keep_superseded  how long the outputs of older versions stay
    dry_run          count only; nothing is removed
    foreign          remove also what is named like ours but of files that this database does not know
    mend             have the source files read again whose current output is missing
    """
    report = SweepReport(dry_run)
    with database.session("sweep") as session:
        _renew(session, report)
        _sweep_superseded(session, sink, keep_superseded, report)
        now: datetime = session.run(lambda conn: _one(conn, "SELECT statement_timestamp()"))
        for batch in _batches(_ours(sink, now, report)):
            _sweep_orphans(session, sink, batch, report, foreign=foreign)
            _find_missing(session, sink, batch, report, mend=mend)
    return report


def _renew(session: Session, report: SweepReport) -> None:
    while not report.dry_run:
        renewed = session.run(lambda conn: conn.execute(RENEW, (BATCH,)).rowcount)
        report.renewed += renewed
        if renewed < BATCH:
            return


def _sweep_superseded(session: Session, sink: Sink, keep: timedelta, report: SweepReport) -> None:
    values = {"keep": keep, "store": OUTPUT_STORE, "limit": BATCH}
    if report.dry_run:
        report.superseded, report.superseded_bytes = session.run(lambda conn: conn.execute(COUNT_SUPERSEDED, values).fetchone() or (0, 0))
        return
    while taken := session.run(lambda conn: conn.execute(TAKE_SUPERSEDED, values).fetchall()):
        sink.delete(key for key, _ in taken)  # the rows' end is committed
        report.superseded += len(taken)
        report.superseded_bytes += sum(size or 0 for _, size in taken)


def _ours(sink: Sink, now: datetime, report: SweepReport) -> Iterator[tuple[OutputName, SinkEntry]]:
    """The listed outputs of ours, by blob; old leftovers are removed on the way."""
    for entry in sink.list(leftovers=True):
        if entry.leftover:
            if parse_key(entry.key) and entry.modified_at < now - LEFTOVERS_AFTER:
                report.leftovers += 1
                sink.discard([] if report.dry_run else [entry])
            continue
        name = parse_key(entry.key)
        if name is None:
            report.other += 1
            continue
        report.listed += 1
        report.listed_bytes += entry.size
        yield name, entry


def _batches(files: Iterable[tuple[OutputName, SinkEntry]]) -> Iterator[_Batch]:
    """The files in groups of about BATCH, those of one blob together; the ranges of blobs cover all there are."""
    low, held = _BEFORE_ALL, list[tuple[OutputName, SinkEntry]]()
    for name, entry in files:
        if len(held) >= BATCH and name.blob_id != held[-1][0].blob_id:
            yield _Batch(low, held[-1][0].blob_id, held)
            low, held = held[-1][0].blob_id, []
        held.append((name, entry))
    yield _Batch(low, _AFTER_ALL, held)


def _sweep_orphans(session: Session, sink: Sink, batch: _Batch, report: SweepReport, *, foreign: bool) -> None:
    verdicts = session.run(lambda conn: _judge(conn, batch.files))
    report.kept_open += sum(verdict == "open" for verdict in verdicts.values())
    report.foreign += sum(verdict == "foreign" for verdict in verdicts.values())
    wanted = {"orphan", "foreign"} if foreign else {"orphan"}
    doomed = [(name, entry) for name, entry in batch.files if verdicts[entry.key] in wanted]
    if not doomed:
        return
    # Once more, for somebody may have changed a job by hand since.
    verdicts = session.run(lambda conn: _judge(conn, doomed))
    doomed = [(name, entry) for name, entry in doomed if verdicts[entry.key] in wanted]
    report.orphans += len(doomed)
    report.orphan_bytes += sum(entry.size for _, entry in doomed)
    if not report.dry_run:
        sink.delete(entry.key for _, entry in doomed)


def _judge(conn: Connection, files: Sequence[tuple[OutputName, SinkEntry]]) -> dict[str, str]:
    """For each key 'named' (by a row), 'open' (may still be registered), 'orphan' or 'foreign'."""
    names = [name for name, _ in files]
    return dict(conn.execute(JUDGE, ([entry.key for _, entry in files], [name.blob_id for name in names], [name.job for name in names],
                                     [name.attempt for name in names])).fetchall())


def _find_missing(session: Session, sink: Sink, batch: _Batch, report: SweepReport, *, mend: bool) -> None:
    for rows in _unlisted(session, batch):
        # Written since the listing, or swept by another machine: its row went before its file.
        absent = [Missing(row[0], *row[2:]) for row in rows if not sink.exists(row[3])]
        missing = session.run(partial(_still_named, missing=absent))
        report.missing += len(missing)
        report.missing_current += sum(one.current for one in missing)
        report.missing_outputs += missing[:MOST_NAMED - len(report.missing_outputs)]
        if mend and not report.dry_run:
            report.mended += session.run(partial(_mend, missing=missing))


def _unlisted(session: Session, batch: _Batch) -> Iterator[list[tuple[Any, ...]]]:
    values: dict[str, Any] = {"low": batch.low, "high": batch.high, "listed": [entry.key for _, entry in batch.files], "limit": BATCH,
                              "store": OUTPUT_STORE, "tenant": _BEFORE_ALL, "blob": _BEFORE_ALL, "output": _BEFORE_ALL}
    while rows := session.run(lambda conn: conn.execute(UNLISTED, values).fetchall()):
        values.update({"tenant": rows[-1][1], "blob": rows[-1][2], "output": rows[-1][0]})
        yield rows


def _still_named(conn: Connection, missing: Sequence[Missing]) -> list[Missing]:
    """Those whose rows are there now."""
    rows = conn.execute("SELECT output_id FROM extraction_outputs WHERE output_id = ANY (%s)", ([one.output_id for one in missing],))
    left = {row[0] for row in rows}
    return [one for one in missing if one.output_id in left]


def _mend(conn: Connection, missing: Sequence[Missing]) -> int:
    """Call these outputs superseded: B2 queues a file whose current output is not there."""
    blobs = sorted({one.blob_id for one in missing if one.current})
    discard_chunks(conn, blobs)
    return len(blobs)


def _one(conn: Connection, query: LiteralString) -> Any:
    row = conn.execute(query).fetchone()
    return row[0] if row else None
