"""Files on their way to this machine: a few threads copy ahead of the children, and what goes wrong is judged here.

A file that is missing may be gone, or its whole folder may not be mounted; a store that does not answer may answer
in a minute. What a failed copy means for its job is one of the outcomes of pipeline.worker.settle.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

from pipeline.config import Settings
from pipeline.database import Session
from pipeline.errors import DraftmillError, PermanentError, UnavailableError
from pipeline.inventory.settle import HANDFUL
from pipeline.jobs import Claim, Failure
from pipeline.storage import Gone, Source
from pipeline.worker.fetch import Blob, Fetched, fetch
from pipeline.worker.outcomes import GoneAway, Outcome, Returned

DISK_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
SOURCE_STAYS_AWAY = 60.0

LIVE_FILES: LiteralString = """
    SELECT count(*) FROM blob_inventory WHERE source_store = %s AND status NOT IN ('deleted', 'archived')
"""


class Fetching:
    """The files that are being copied.

    pause  called with the reason when nothing should be claimed for a while
    done   called, from a thread, when a copy has ended
    """

    def __init__(self, source: Source, settings: Settings, session: Session, threads: ThreadPoolExecutor, spool: Path, *,
                 pause: Callable[[str], None], done: Callable[[], None]) -> None:
        self.source_away = False
        self._source = source
        self._settings = settings
        self._session = session
        self._threads = threads
        self._spool = spool
        self._pause = pause
        self._done = done
        self._copies: dict[int, tuple[Claim, Future[Fetched]]] = {}
        self._away_since: float | None = None
        self._away_last = 0.0
        self._gone = self._files_at_start = 0

    def __bool__(self) -> bool:
        return bool(self._copies)

    def start(self, claim: Claim, blob: Blob, *, max_mb: int) -> None:
        future = self._threads.submit(fetch, self._source, blob, self._spool / f"{claim.id}.{claim.attempt}", max_mb=max_mb)
        self._copies[claim.id] = claim, future
        future.add_done_callback(lambda _: self._done())

    def cancel(self, job_id: int) -> None:
        """Nobody waits for this file any more."""
        _, future = self._copies.pop(job_id, (None, None))
        if future is not None:
            future.cancel()

    def clear(self) -> None:
        self._copies.clear()

    def take(self) -> Iterator[tuple[Claim, Fetched | Outcome]]:
        """What has ended since the last call: the file, or what becomes of its job without it.

        Raises UnavailableError where the source has been out of reach for DB_WAIT_SECONDS.
        """
        for job_id in [job_id for job_id, (_, future) in self._copies.items() if future.done()]:
            claim, future = self._copies.pop(job_id)
            error = future.exception()
            if error is None:
                self._is_back()
                yield claim, future.result()
            else:
                yield claim, self._judge(claim, error)

    def _judge(self, claim: Claim, error: BaseException) -> Outcome:
        if isinstance(error, Gone):
            if self._believable():
                self._is_back()
                return GoneAway(claim)
            error = UnavailableError("more than a tenth of its files are gone at once; is the right folder mounted?")
        if isinstance(error, UnavailableError):
            self._is_away(error)
            return Returned(claim)
        self._is_back()
        if isinstance(error, PermanentError):
            return Failure(claim, "permanent", error.reason, str(error))
        if isinstance(error, DraftmillError):
            return Failure(claim, "transient", "storage", str(error))
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            self._pause("the disk of DATA_DIR is full")
            return Returned(claim)
        what = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return Failure(claim, "transient", "storage", f"the file could not be copied: {what}")

    def _believable(self) -> bool:
        """May one more file really be gone? As in A2: more than a tenth at once looks like a folder that is not mounted."""
        self._gone += 1
        if self._gone <= HANDFUL:
            return True
        if not self._files_at_start:
            row = self._session.run(lambda conn: conn.execute(LIVE_FILES, (self._settings.source_name,)).fetchone())
            self._files_at_start = self._gone + int(row[0] if row else 0)
        return self._gone * 10 <= self._files_at_start

    def _is_back(self) -> None:
        self._away_since = None
        self.source_away = False

    def _is_away(self, error: UnavailableError) -> None:
        now = time.monotonic()
        if self._away_since is None or now - self._away_last > SOURCE_STAYS_AWAY:
            self._away_since = now  # it was back in between, or nobody looked
        self._away_last = now
        self.source_away = True
        if now - self._away_since > self._session.database.wait.total_seconds():
            raise UnavailableError(f"the source stayed out of reach: {error}") from error
        self._pause("the source is out of reach")
