"""What a child process says on standard error: lines like its parent's, and nothing that a library says of a file."""

from __future__ import annotations

import logging
import multiprocessing
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.observe import logs
from pipeline.worker.child import Task
from pipeline.worker.children import ChildPool


def noisy(_: bytes, __: ReadOptions) -> str:
    """A reader that reports an event, as does a library beneath it."""
    logging.getLogger("pipeline.extract.pdf.ocr").warning("ocr.failed", extra={"page_number": 2, "error": "ValueError"})
    logging.getLogger("pipeline.extract.pdf.ocr").info("ocr.chatty")
    logging.getLogger("some.library").error("odd text SECRET")
    return "done"


def kept(result: Any) -> Any:
    return result


@pytest.fixture
def quiet_logging() -> Any:
    """The loggers as they were, whatever the test makes of them."""
    names = ("", *logs.OURS)
    before = [(logging.getLogger(name), logging.getLogger(name).level, [*logging.getLogger(name).handlers]) for name in names]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.usefixtures("quiet_logging")
@pytest.mark.parametrize(("level", "lines"), [("WARNING", 1), ("INFO", 2), ("ERROR", 0)])
def test_a_childs_events_have_time_level_and_fields_and_libraries_are_silent(
    level: str, lines: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure(level)
    spooled = tmp_path / "file"
    spooled.write_bytes(b"x")
    wake, ring = multiprocessing.Pipe(duplex=False)
    pool = ChildPool(1, DEFAULT_OPTIONS)
    try:
        pool.submit(Task(1, f"{__name__}:noisy", f"{__name__}:kept", str(spooled), 2048), timeout_s=60)
        answers, _ = pool.collect(60, wake)
    finally:
        pool.stop()
        wake.close()
        ring.close()
    assert [answer.result for answer in answers] == ["done"]
    said = capfd.readouterr().err.splitlines()
    assert len(said) == lines
    assert not any("SECRET" in line for line in said)
    if lines:
        assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING  ocr\.failed  page_number=2 error=ValueError", said[0])
