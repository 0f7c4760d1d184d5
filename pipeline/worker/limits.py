"""What holds a child process in check: its memory, and the life of its parent.

POSIX: RLIMIT_AS, set anew before each job, makes the allocation itself fail; PR_SET_PDEATHSIG (Linux) ends a
child whose parent was killed. Windows: a Job Object with a memory limit that the kernel enforces, closed, and
its processes with it, when the parent's last handle goes. Polling memory from outside loses to a fast bomb;
it is only the second line (`resident_mb`), for systems whose kernel ignores the first.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from typing import Any

import psutil

MEGABYTE = 1024 * 1024
PR_SET_PDEATHSIG = 1


def settle_child() -> None:
    """Called once in a new child: Ctrl+C is the parent's business, and the parent's death is ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def limit_memory(megabytes: int) -> None:
    """From here on this process may grow by `megabytes`; further allocations fail. POSIX only; see WindowsJob."""
    if sys.platform == "win32":
        return
    import resource

    grown = psutil.Process().memory_info().vms + megabytes * MEGABYTE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        grown = min(grown, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (grown, hard))
    except (ValueError, OSError):  # macOS refuses; the parent's polling remains
        return


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MB; 0 where it is gone."""
    try:
        return float(psutil.Process(pid).memory_info().rss) / MEGABYTE
    except psutil.Error:
        return 0.0


class WindowsJob:
    """A Job Object: children assigned to it may not exceed a size, and die with the parent. Nothing on other systems."""

    def __init__(self, megabytes: int) -> None:
        self._handle = _create_job(megabytes)

    def add(self, pid: int | None) -> None:
        if self._handle and pid:
            _assign_to_job(self._handle, pid)

    def close(self) -> None:
        if self._handle:
            _close_handle(self._handle)
            self._handle = None


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64), ("per_job_user_time", ctypes.c_int64), ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t), ("maximum_working_set", ctypes.c_size_t), ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t), ("priority_class", ctypes.c_uint32), ("scheduling_class", ctypes.c_uint32))


class _IoCounters(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in (
        "read_operations", "write_operations", "other_operations", "read_bytes", "write_bytes", "other_bytes"))


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits), ("io", _IoCounters), ("process_memory_limit", ctypes.c_size_t),
        ("job_memory_limit", ctypes.c_size_t), ("peak_process_memory", ctypes.c_size_t), ("peak_job_memory", ctypes.c_size_t))


# Source: learn.microsoft.com, "JOBOBJECT_EXTENDED_LIMIT_INFORMATION" and "AssignProcessToJobObject".
if sys.platform == "win32":
    KILL_ON_JOB_CLOSE = 0x2000
    LIMIT_PROCESS_MEMORY = 0x100
    EXTENDED_LIMIT_INFORMATION = 9
    SET_QUOTA_AND_TERMINATE = 0x0100 | 0x0001
    KERNEL = ctypes.WinDLL("kernel32", use_last_error=True)
    KERNEL.CreateJobObjectW.restype = ctypes.c_void_p
    KERNEL.OpenProcess.restype = ctypes.c_void_p

    def _create_job(megabytes: int) -> Any:
        handle = KERNEL.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.basic.limit_flags = KILL_ON_JOB_CLOSE | LIMIT_PROCESS_MEMORY
        limits.process_memory_limit = megabytes * MEGABYTE
        KERNEL.SetInformationJobObject(ctypes.c_void_p(handle), EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits))
        return handle

    def _assign_to_job(handle: Any, pid: int) -> None:
        process = KERNEL.OpenProcess(SET_QUOTA_AND_TERMINATE, False, pid)
        if process:
            KERNEL.AssignProcessToJobObject(ctypes.c_void_p(handle), ctypes.c_void_p(process))
            KERNEL.CloseHandle(ctypes.c_void_p(process))

    def _close_handle(handle: Any) -> None:
        KERNEL.CloseHandle(ctypes.c_void_p(handle))

else:

    def _create_job(megabytes: int) -> Any:  # noqa: ARG001
        return None

    def _assign_to_job(handle: Any, pid: int) -> None: ...

    def _close_handle(handle: Any) -> None: ...
