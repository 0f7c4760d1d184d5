"""The child's side: take a task, read the spooled file, call the pure reader, send back what came of it."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.extract.errors import ExtractionError
from pipeline.extract.options import ReadOptions
from pipeline.observe import logs
from pipeline.worker import limits

OURS = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class Task:
    """One job for a child. reader, rows: 'module:function', see Handler; memory_mb: growth allowed; arguments: for the reader, too."""

    id: int
    reader: str
    rows: str
    path: str
    memory_mb: int
    imports: tuple[str, ...] = ()
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child made of a task: a result, or kind, reason and error as in pipeline.jobs.Failure."""

    id: int
    duration_ms: int
    result: Any = None
    kind: str | None = None
    reason: str = ""
    error: str = ""


def serve(pipe: Connection, options: ReadOptions, log_level: str) -> None:
    """Answer tasks until the parent hangs up; `options` go to every reader, events of `log_level` and above to standard error."""
    logs.configure(log_level, others=logging.CRITICAL)  # what a library says of a file may quote it
    limits.settle_child()
    _silence_standard_output()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        if task is None:
            return
        try:
            pipe.send(answer(task, options))
        except (BrokenPipeError, ConnectionResetError):
            return


def answer(task: Task, options: ReadOptions) -> Answer:
    """Read one file. Every error becomes an answer; what kills the process is seen by the parent."""
    start = time.perf_counter()
    try:
        for module in task.imports:
            importlib.import_module(module)
        reader, rows = load(task.reader), load(task.rows)
        data = Path(task.path).read_bytes()
        limits.limit_memory(task.memory_mb)
        result = rows(reader(data, options, *task.arguments))
    except ExtractionError as exc:
        return _failed(task, start, "permanent", exc.reason, str(exc))
    except MemoryError:
        return _failed(task, start, "poison", "memory", f"the reader asked for more than JOB_MEMORY_MB ({task.memory_mb} MB)")
    except OSError as exc:
        return _failed(task, start, "transient", "io", f"{type(exc).__name__}: {exc.strerror}")
    except Exception as exc:  # a fault of the reader: the same bytes meet it again
        return _failed(task, start, "permanent", "reader_error", f"{type(exc).__name__} at {innermost_place(exc)}")
    return Answer(task.id, _milliseconds(start), result)


@functools.cache
def load(name: str) -> Callable[..., Any]:
    """The function behind 'module:function'."""
    module, _, function = name.partition(":")
    loaded: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return loaded


def innermost_place(exc: BaseException) -> str:
    """file:line of the deepest frame of ours. The exception's own text may quote the document, so it stays out."""
    frames = traceback.extract_tb(exc.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(OURS)] or list(frames)
    if not ours:
        return "an unknown place"
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def _failed(task: Task, start: float, kind: str, reason: str, error: str) -> Answer:
    return Answer(task.id, _milliseconds(start), None, kind, reason, error)


def _milliseconds(start: float) -> int:
    return round((time.perf_counter() - start) * 1000)


def _silence_standard_output() -> None:
    """Libraries print, those in C too; standard output belongs to the parent's one JSON document."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  kept open for the life of the process
