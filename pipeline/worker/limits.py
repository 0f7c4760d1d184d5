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
    """A Job Object: children assigned to it may not exceed a size, and die with the parent.

    Source: learn.microsoft.com, JOBOBJECT_EXTENDED_LIMIT_INFORMATION. Does nothing on other systems.
    """

    KILL_ON_JOB_CLOSE = 0x2000
    PROCESS_MEMORY = 0x100
    EXTENDED_LIMIT_INFORMATION = 9
    ACCESS = 0x0100 | 0x0001  # PROCESS_SET_QUOTA | PROCESS_TERMINATE

    def __init__(self, megabytes: int) -> None:
        self._handle: Any = None
        if sys.platform == "win32":
            self._handle = self._create(megabytes)

    def add(self, pid: int) -> None:
        if sys.platform == "win32" and self._handle:
            kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            kernel.OpenProcess.restype = ctypes.c_void_p
            process = kernel.OpenProcess(self.ACCESS, False, pid)
            if process:
                kernel.AssignProcessToJobObject(ctypes.c_void_p(self._handle), ctypes.c_void_p(process))
                kernel.CloseHandle(ctypes.c_void_p(process))

    def close(self) -> None:
        if sys.platform == "win32" and self._handle:
            ctypes.WinDLL("kernel32").CloseHandle(ctypes.c_void_p(self._handle))
            self._handle = None

    def _create(self, megabytes: int) -> Any:
        if sys.platform != "win32":
            return None
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        handle = kernel.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.basic.limit_flags = self.KILL_ON_JOB_CLOSE | self.PROCESS_MEMORY
        limits.process_memory_limit = megabytes * MEGABYTE
        kernel.SetInformationJobObject(ctypes.c_void_p(handle), self.EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits),
                                       ctypes.sizeof(limits))
        return handle


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
