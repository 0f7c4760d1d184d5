"""How much OCR one file may have: pages, and seconds of work.

Seconds of this thread's own work count, not those on the wall: a busy machine must read the same pages as an idle one, or the same file
would give other text tomorrow. Time on the wall is the last bound alone, before the file outlasts its job.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.extract.options import ReadOptions

_WALL_SHARE = 0.9  # of the time that the file has, for what is still to be done after OCR


@dataclass
class OcrBudget:
    """The bounds of one file, from its first page on."""

    options: ReadOptions
    _worked: float = 0.0  # seconds of CPU
    _start: float = field(default_factory=time.monotonic)

    def allows(self, pages_read: int) -> bool:
        """Whether one more page may be read after so many."""
        return (pages_read < self.options.ocr_max_pages and self._worked < self.options.ocr_seconds
                and time.monotonic() - self._start < _WALL_SHARE * self.options.pdf_seconds)

    @contextmanager
    def spent(self) -> Iterator[None]:
        """What runs within counts."""
        start = time.thread_time()
        try:
            yield
        finally:
            self._worked += time.thread_time() - start
