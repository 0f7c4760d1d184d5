"""Output files on their way out: written to OUTPUT_URL by threads, before the transaction that registers them.

A name holds the job's attempt, so nobody else ever writes it; what is written and never registered (the machine died,
the claim was lost) is found by the sweep.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from pipeline.errors import DraftmillError, PermanentError, UnavailableError
from pipeline.jobs import Claim, Failure
from pipeline.outputs.names import OutputName
from pipeline.storage.sink import Sink
from pipeline.store.item import NewOutput, Published
from pipeline.worker.child import Answer
from pipeline.worker.outcomes import Outcome, Returned

Result = tuple[Claim, Answer, tuple[Published, ...] | Outcome]


class Publishing:
    """The outputs that are being written.

    wait   how long the store may be out of reach
    pause  called with the reason when nothing should be claimed for a while
    done   called, from a thread, when a job's outputs are written
    """

    def __init__(self, sink: Sink, threads: ThreadPoolExecutor, *, wait: timedelta, pause: Callable[[str], None],
                 done: Callable[[], None]) -> None:
        self._sink = sink
        self._threads = threads
        self._wait = wait.total_seconds()
        self._away_since: float | None = None
        self._pause = pause
        self._done = done
        self._writing: dict[int, tuple[Claim, Answer, Future[tuple[Published, ...]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._writing)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._writing

    def start(self, claim: Claim, answer: Answer, outputs: tuple[NewOutput, ...]) -> None:
        future = self._threads.submit(publish, self._sink, claim, outputs)
        self._writing[claim.id] = claim, answer, future
        future.add_done_callback(lambda _: self._done())

    def clear(self) -> None:
        self._writing.clear()

    def take(self) -> Iterator[Result]:
        """What has been written since the last call, or what becomes of the job whose outputs could not be.

        Raises UnavailableError where nothing could be written for `wait`.
        """
        for job_id in [job_id for job_id, (_, _, future) in self._writing.items() if future.done()]:
            claim, answer, future = self._writing.pop(job_id)
            error = future.exception()
            if not isinstance(error, UnavailableError):
                self._away_since = None
            yield claim, answer, future.result() if error is None else self._judge(claim, error)

    def _judge(self, claim: Claim, error: BaseException) -> Outcome:
        if isinstance(error, UnavailableError):
            now = time.monotonic()
            self._away_since = self._away_since or now
            if now - self._away_since > self._wait:
                raise UnavailableError(f"the outputs' store stayed out of reach: {error}") from error
            self._pause("the outputs' store is out of reach")
            return Returned(claim)
        if isinstance(error, PermanentError):
            return Failure(claim, "permanent", error.reason, str(error))
        if isinstance(error, DraftmillError):
            return Failure(claim, "transient", "outputs", str(error))
        what = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        self._pause(f"outputs cannot be written ({what})")
        return Failure(claim, "transient", "outputs", f"the output could not be written: {what}")


def publish(sink: Sink, claim: Claim, outputs: tuple[NewOutput, ...]) -> tuple[Published, ...]:
    """Write a job's outputs under names that only this attempt bears."""
    written = []
    for output in outputs:
        key = OutputName(claim.blob_id, claim.id, claim.attempt, output.suffix).key
        sink.put(key, output.data)
        written.append(Published(output.output_type, key, len(output.data), hashlib.sha256(output.data).hexdigest(), output.chunk_count))
    return tuple(written)
