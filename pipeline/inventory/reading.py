"""Reading new and changed files once each, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.errors import PermanentError, TransientError
from pipeline.inventory.fingerprint import Fingerprint, ReadStopped, fingerprint
from pipeline.storage.base import Entry, Gone, Source

READ_THREADS = 6  # hashing leaves the GIL alone, and on a network share most of the time is waiting
READ_AHEAD = 500


class Stop(Protocol):
    """Asked between files; pipeline.worker.stop.StopSignal is one."""

    @property
    def requested(self) -> bool: ...

    @property
    def immediate(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was read, or the fault that kept it from being read."""

    entry: Entry
    fingerprint: Fingerprint | None
    fault: str | None = None


def read_ahead(source: Source, entries: Iterable[Entry], stop: Stop) -> Iterator[Found]:
    """Each entry read, in order; those that are gone meanwhile are left out. Raises UnavailableError."""
    pool = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="inventory")
    waiting: deque[Future[Found | None]] = deque()
    try:
        for entry in entries:
            waiting.append(pool.submit(read, source, entry, stop))
            if len(waiting) >= READ_AHEAD:
                yield from _known(waiting.popleft())
        while waiting:
            yield from _known(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _known(future: Future[Found | None]) -> Iterator[Found]:
    found = future.result()
    if found is not None:
        yield found


def read(source: Source, entry: Entry, stop: Stop) -> Found | None:
    """The file's fingerprint, or why there is none; None where the file is gone or the run is to stop now."""
    try:
        seen = _fingerprint(source, entry, stop)
        if seen.size != entry.size:  # written to since it was listed
            entry = source.stat(entry.key)
            seen = _fingerprint(source, entry, stop)
    except (Gone, ReadStopped):
        return None
    except (PermanentError, TransientError) as exc:
        return Found(entry, None, fault=f"unreadable: {exc}")
    if seen.size != entry.size:
        return Found(replace(entry, size=seen.size), None, fault="unreadable: it is being written to; the next sync tries again")
    return Found(entry, seen)


def _fingerprint(source: Source, entry: Entry, stop: Stop) -> Fingerprint:
    try:
        with source.open(entry.key) as stream:
            return fingerprint(stream, name=entry.key, size=entry.size, stopped=lambda: stop.immediate)
    except OSError as exc:
        source.stat(entry.key)  # raises Gone or UnavailableError where that is the reason
        raise TransientError(exc.strerror or type(exc).__name__) from exc
