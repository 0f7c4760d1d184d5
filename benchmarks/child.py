"""One job in a fresh process: what it brought, how long it took, how much memory that process had at most."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import psutil

MEGABYTE = 1024 * 1024
SPAWN = multiprocessing.get_context("spawn")


class Measured(NamedTuple):
    """result: what the function returned; peak_mb: resident memory at its highest; base_mb: before the function ran."""

    result: Any
    peak_mb: float
    base_mb: float


def in_child(function: Callable[..., Any], *arguments: Any) -> Measured:
    """Call a top-level function in a process of its own. Raises RuntimeError where that dies."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_call, args=(theirs, function, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        measured: Measured = ours.recv()
    except EOFError:
        raise RuntimeError(f"{function.__name__} ended its process") from None
    finally:
        process.join()
    return measured


def _call(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    base = resident_mb()
    result = function(*arguments)
    pipe.send(Measured(result, peak_mb(), base))


def resident_mb() -> float:
    """Resident memory of this process now, MB."""
    return float(psutil.Process().memory_info().rss) / MEGABYTE


def peak_mb() -> float:
    """The most resident memory that this process ever had, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts the parent's memory in where a process was forked from it
        match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if match:
            return int(match[1]) / 1024
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / MEGABYTE
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)
