"""Chunk records for other systems: part files in a folder, with a manifest that a reader polls.

    export_chunks(database, sink, Request(tenant_id, Path("chunks"), "jsonl"), keep_superseded=…)

Each export into a folder goes on from the one before: new part files, the outputs they hold, the documents that have gone.
A part is written whole, then noted; an export that was killed goes on behind its last part.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import fasteners

from pipeline.database import Connection, Database, Session
from pipeline.errors import ConfigError, UnavailableError
from pipeline.outputs.manifest import PARTIAL_NAME, Export, Manifest, Part, Unfinished, load, load_unfinished
from pipeline.outputs.parts import TEMPORARY, WRITERS, FileFacts, appearing, facts, load_arrow
from pipeline.outputs.selection import Cursor, Output, outputs_after, removed_documents, select, still_current
from pipeline.storage.base import Gone
from pipeline.storage.sink import Sink

ROWS_PER_PART = 100_000
# Outputs that are read ahead: what a bucket takes to answer, times its threads.
AHEAD, THREADS = 16, 8
# With nothing new, the manifest stays as it is, but its cursor must not get older than the traces of what was removed.
REFRESH_AFTER = timedelta(days=1)
LOCK_NAME = ".export.lock"
FILE_NAME = re.compile(r"(part|outputs|removed)-[0-9]{6,}\.(jsonl|csv|parquet)")

Filled = tuple[Output, list[bytes]]


@dataclass(frozen=True, slots=True)
class Request:
    """What to export. since: None goes on from the folder's manifest, or takes everything where there is none."""

    tenant_id: UUID
    folder: Path
    format: str = "jsonl"
    since: Cursor | datetime | None = None
    rows_per_part: int = ROWS_PER_PART


def export_chunks(database: Database, sink: Sink, request: Request, *, keep_superseded: timedelta) -> tuple[Manifest, Export | None]:
    """Export what is new. Returns the folder's manifest and this export, or None for it where there was nothing new.

    Raises ConfigError for a folder or a cursor that does not fit, UnavailableError where a current output is not in the store.
    """
    if request.format == "parquet":
        load_arrow()
    _make(request.folder)
    with _alone(request.folder), database.session("export") as session:
        for left in request.folder.glob(f".*{TEMPORARY}"):
            left.unlink(missing_ok=True)
        manifest = load(request.folder, request.tenant_id, request.format)
        under_way = _begin(session, manifest, request, keep_superseded)
        _write_parts(session, sink, request, manifest, under_way)
        return manifest, _finish(session, manifest, request, under_way)


def stream_chunks(database: Database, sink: Sink, tenant_id: UUID, since: Cursor | datetime | None, stream: IO[bytes], *,
                  keep_superseded: timedelta) -> Cursor:
    """Write the lines of all current outputs to a stream; returns the cursor for the next time."""
    with database.session("export") as session:
        selection = session.run(lambda conn: select(conn, tenant_id, since, keep_superseded=keep_superseded))
        for _, lines in _filled(session, sink, outputs_after(session, selection, selection.start)):
            stream.writelines(lines)
    return selection.until


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LOCK_NAME).touch()
    except OSError as exc:
        raise ConfigError(f"the folder {folder} cannot be made or written to ({exc.strerror}); name another one with --out") from exc


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = fasteners.InterProcessLock(folder / LOCK_NAME)
    if not lock.acquire(blocking=False):
        lock.lockfile.close()  # which a lock that is not got leaves open
        raise ConfigError(f"another export into {folder} is running; wait for it, or name another folder with --out")
    try:
        yield
    finally:
        lock.release()


def _begin(session: Session, manifest: Manifest, request: Request, keep_superseded: timedelta) -> Unfinished:
    """The export to go on with, or a new one."""
    known = Cursor.parse(manifest.cursor) if manifest.cursor else None
    if known is not None and request.since not in (None, known):
        raise ConfigError(f"{request.folder} has been exported up to {known}, from where it goes on by itself; leave out --since, "
                          "or name another folder with --out")
    since = known or request.since
    number = len(manifest.exports) + 1
    found = load_unfinished(request.folder, number, manifest, since)
    if found is not None:
        return found
    _forget_unfinished(manifest, request.folder)
    selection = session.run(lambda conn: select(conn, request.tenant_id, since, keep_superseded=keep_superseded))
    begun = Unfinished(Export(number, str(since) if since else None, str(selection.until)), selection, selection.start, request.format)
    begun.save(request.folder)
    return begun


def _forget_unfinished(manifest: Manifest, folder: Path) -> None:
    """Remove the files of an export that was never finished and will not be, or a reader might take them for whole ones."""
    known = manifest.file_names()
    strange = [path for path in folder.iterdir() if FILE_NAME.fullmatch(path.name) and path.name not in known]
    if strange and not (folder / PARTIAL_NAME).exists():
        raise ConfigError(f"{folder} holds {strange[0].name}, which no manifest there names; name another folder with --out")
    for path in strange:
        path.unlink(missing_ok=True)


def _write_parts(session: Session, sink: Sink, request: Request, manifest: Manifest, under_way: Unfinished) -> None:
    outputs = outputs_after(session, under_way.selection, under_way.position)
    for held in _groups(_filled(session, sink, outputs), request.rows_per_part):
        number = manifest.part_count + len(under_way.export.parts) + 1
        part, last = _write_part(request, under_way.export.number, number, held)
        under_way.export.parts.append(part)
        under_way.position = last.position
        under_way.save(request.folder)


def _groups(filled: Iterable[Filled], most: int) -> Iterator[Iterator[Filled]]:
    """Outputs in groups of `most` lines or fewer, save one that alone has more. Each group is used up before the next is asked for."""
    waiting = iter(filled)
    first = next(waiting, None)

    def group() -> Iterator[Filled]:
        nonlocal first
        rows = 0
        while first is not None and (rows == 0 or rows + len(first[1]) <= most):
            rows += len(first[1])
            yield first
            first = next(waiting, None)

    while first is not None:
        yield group()


def _write_part(request: Request, export: int, number: int, held: Iterable[Filled]) -> tuple[Part, Output]:
    path = request.folder / f"part-{number:06d}.{request.format}"
    listing = request.folder / f"outputs-{number:06d}.jsonl"
    rows, documents, last = 0, 0, None
    with (appearing(listing) as listed, appearing(path) as temporary, open(listed, "w", encoding="utf-8", newline="\n") as names,
          contextlib.closing(WRITERS[request.format](temporary)) as writer):
        for output, lines in held:
            writer.add(lines)
            names.write(json.dumps({"documentId": str(output.document_id), "export": export, "part": path.name, "rows": len(lines),
                                    "outputId": str(output.output_id), "key": output.key, "sha256": output.sha256}) + "\n")
            rows, documents, last = rows + len(lines), documents + 1, output
    assert last is not None
    return Part(facts(path, rows), facts(listing, documents)), last


def _filled(session: Session, sink: Sink, outputs: Iterable[Output]) -> Iterator[Filled]:
    """Each output with its lines, in order; some are read ahead. Those that newer ones replaced meanwhile are left out."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="export") as threads:
        ahead: deque[tuple[Output, Future[list[bytes] | None]]] = deque()
        try:
            for output in outputs:
                ahead.append((output, threads.submit(_lines, sink, output)))
                if len(ahead) >= AHEAD:
                    yield from _settled(session, *ahead.popleft())
            while ahead:
                yield from _settled(session, *ahead.popleft())
        finally:
            for _, future in ahead:
                future.cancel()


def _settled(session: Session, output: Output, future: Future[list[bytes] | None]) -> Iterator[Filled]:
    lines = future.result()
    if lines is not None:
        yield output, lines
    elif still_current(session, output):
        raise UnavailableError(f"the output {output.key} is not in the store as it was written; restore it, or have its file read again: "
                               "python run_pipeline.py sweep --mend, then --phase b; the same export goes on from there")


def _lines(sink: Sink, output: Output) -> list[bytes] | None:
    """The lines, or None where the file is gone or not the one that was registered."""
    try:
        data = sink.get(output.key)
    except Gone:
        return None
    if hashlib.sha256(data).hexdigest() != output.sha256:
        return None
    return [line + b"\n" for line in data.split(b"\n") if line]


def _finish(session: Session, manifest: Manifest, request: Request, under_way: Unfinished) -> Export | None:
    export, selection = under_way.export, under_way.selection
    export.removed = session.run(lambda conn: _write_removed(conn, request.folder, under_way))
    stale = selection.since is not None and selection.until.moment - selection.since.moment > REFRESH_AFTER
    is_new = bool(export.parts or export.removed.rows)
    if is_new:
        manifest.exports.append(export)
    else:
        (request.folder / export.removed.name).unlink()
    if is_new or stale or manifest.cursor is None:
        manifest.cursor = export.cursor
        manifest.save(request.folder)
    (request.folder / PARTIAL_NAME).unlink(missing_ok=True)
    return export if is_new else None


def _write_removed(conn: Connection, folder: Path, under_way: Unfinished) -> FileFacts:
    path = folder / f"removed-{under_way.export.number:06d}.jsonl"
    rows = 0
    with appearing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as stream:
        for document in removed_documents(conn, under_way.selection):
            stream.write(json.dumps({"documentId": str(document), "export": under_way.export.number}) + "\n")
            rows += 1
    return facts(path, rows)
