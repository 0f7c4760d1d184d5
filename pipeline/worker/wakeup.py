"""Waking the loop: from other threads, and by NOTIFY where a direct connection allows it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from multiprocessing import Pipe

import psycopg

from pipeline.jobs.queue import CHANNEL

log = logging.getLogger(__name__)


class Wakeup:
    """A pipe that the loop waits on beside its children; `ring` may be called from any thread."""

    def __init__(self) -> None:
        self.reader, self._writer = Pipe(duplex=False)
        self._lock = threading.Lock()
        self._closed = False

    def ring(self) -> None:
        with self._lock:
            if not self._closed and not self.reader.poll():  # one byte is enough; a full pipe would block
                self._writer.send_bytes(b"!")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._writer.close()
            self.reader.close()


class Listener:
    """LISTENs on a direct connection and calls `ring`. Losing it costs nothing: the loop polls anyway."""

    def __init__(self, url: str, ring: Callable[[], None]) -> None:
        self._url = url
        self._ring = ring
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as exc:
                log.info("listener.lost", extra={"reason": type(exc).__name__})
                self._stopping.wait(5)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="draftmill listener", connect_timeout=10) as conn:
            conn.execute(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                for _ in conn.notifies(timeout=0.25, stop_after=1):
                    self._ring()
