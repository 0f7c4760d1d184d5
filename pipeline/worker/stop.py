"""Stopping on purpose: Ctrl+C, SIGTERM, or an operator's drain flag.

The first request finishes what is in hand and releases the rest; the second stops now.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopSignal:
    """Asked between units of work; requests may come from a signal or from another thread."""

    def __init__(self) -> None:
        self._requests = 0
        self._changed = threading.Event()
        self.interrupted = False  # a person or the system asked, rather than an operator's drain flag
        self.abrupt = False  # the second signal raises KeyboardInterrupt: for work that does not ask for `immediate`

    @property
    def requested(self) -> bool:
        """Finish what is in hand, take nothing new."""
        return self._requests > 0

    @property
    def immediate(self) -> bool:
        """Stop now; jobs in hand go back to the queue."""
        return self._requests > 1

    def request(self) -> None:
        self._requests += 1
        self._changed.set()

    def drain(self) -> None:
        """An operator's wish: like the first request, and harmless when repeated."""
        self._requests = max(self._requests, 1)
        self._changed.set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when a stop is requested. True where one was."""
        return self._changed.wait(seconds)

    def install(self) -> None:
        """Take SIGINT and SIGTERM (Windows: Ctrl+C and Ctrl+Break). Only from the main thread."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        for name in ("SIGBREAK", "SIGHUP"):  # Windows' Ctrl+Break; a terminal that was closed
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        self.request()
        if self._requests > 2 or (self.abrupt and self.immediate):  # a third does not even wait for the database
            raise KeyboardInterrupt
