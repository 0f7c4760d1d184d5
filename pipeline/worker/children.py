"""The parent's side of its child processes: each has a pipe of its own, a current task and a few waiting behind it.

A private pipe means that whatever happens to one child (kill -9, a segfault, an endless loop) is seen in that
child alone and blamed on the task it had begun; there is no lock that a dying child could keep.
See docs/decisions/0004-own-child-processes.md.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.observe import logs
from pipeline.worker import limits
from pipeline.worker.child import Answer, Task, serve

SPAWN = multiprocessing.get_context("spawn")
# Readers leak a little: a fresh process now and then keeps a machine's memory flat.
JOBS_A_CHILD = 500
RECYCLE_ABOVE_MB = 1024
LOOK_EVERY_JOBS = 20
POLL_MEMORY_SECONDS = 0.5
# What an idle child needs on Windows, where the limit is on the whole process.
BASE_MEMORY_MB = 512


@dataclass
class _Begun:
    task: Task
    timeout_s: float
    deadline: float | None = None  # monotonic; set when the child begins it


@dataclass
class Child:
    """One process. `current` is what it works on, as far as the parent can tell."""

    process: Any
    pipe: Connection
    job: limits.WindowsJob
    queue: deque[_Begun] = field(default_factory=deque)
    done: int = 0
    verdict: tuple[str, str] | None = None  # (reason, error) where the parent itself killed it

    @property
    def current(self) -> Task | None:
        return self.queue[0].task if self.queue else None

    @property
    def idle(self) -> bool:
        return not self.queue


class ChildPool:
    """Up to `size` children. `submit`, then `collect` answers; a dead child answers for the task it had begun."""

    def __init__(self, size: int, options: ReadOptions = DEFAULT_OPTIONS) -> None:
        self.size = size
        self.options = options
        self.children: list[Child] = []
        self._memory_checked = 0.0

    @property
    def running(self) -> int:
        """Tasks that children have begun."""
        return sum(1 for child in self.children if child.queue)

    def begun(self) -> set[int]:
        """Ids of the tasks that children have begun."""
        return {child.queue[0].task.id for child in list(self.children) if child.queue}

    def has_room(self, *, depth: int) -> bool:
        """Can a task be submitted so that no child has more than `depth`?"""
        return len(self.children) < self.size or any(len(child.queue) < depth for child in self.children)

    def submit(self, task: Task, *, timeout_s: float, fresh: bool = False) -> None:
        """Give the task to the least busy child, starting one where there is room; `fresh` demands a new process."""
        child = self._start() if fresh or self._should_start() else min(self.children, key=lambda c: len(c.queue))
        child.queue.append(_Begun(task, timeout_s))
        if len(child.queue) == 1:
            child.queue[0].deadline = time.monotonic() + timeout_s
        try:
            child.pipe.send(task)
        except (BrokenPipeError, OSError):
            return  # it has just died; collect() sees that and hands the task back

    def collect(self, timeout: float, wake: Connection) -> tuple[list[Answer], list[Task]]:
        """Wait for answers, deaths, deadlines or a byte on `wake`; at most `timeout` seconds.

        Returns the answers, and the tasks that a dead child had not begun: they are innocent.
        """
        answers: list[Answer] = []
        orphans: list[Task] = []
        pipes = {child.pipe: child for child in self.children}
        for ready in wait([*pipes, wake], self._patience(timeout)):
            if ready is wake:
                wake.recv_bytes()
            else:
                self._take(pipes[ready], answers, orphans)  # type: ignore[index]
        self._enforce()
        return answers, orphans

    def stop(self, *, grace_s: float = 2.0) -> None:
        """End all children: idle ones by themselves, the rest by force."""
        for child in self.children:
            try:
                child.pipe.send(None)
            except OSError:
                pass
        deadline = time.monotonic() + grace_s
        for child in self.children:
            child.process.join(max(0.0, deadline - time.monotonic()) if child.idle else 0)
            self._discard(child)
        self.children.clear()

    def kill(self) -> None:
        """Kill every child now, from any thread; the owner of the pool then calls `forget`."""
        for child in list(self.children):
            with contextlib.suppress(ValueError):  # its owner has just closed it
                child.process.kill()

    def forget(self) -> None:
        """Drop all children and what they had, without answers."""
        for child in self.children:
            self._discard(child)
        self.children.clear()

    # ---- one child ------------------------------------------------------------------------------------------

    def _should_start(self) -> bool:
        return len(self.children) < self.size and all(child.queue for child in self.children)

    def _start(self) -> Child:
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=serve, args=(theirs, self.options, logs.level_of_events()), daemon=True, name="draftmill-child")
        process.start()
        theirs.close()  # or the child's death would not be an end of file here
        child = Child(process, ours, limits.WindowsJob(self._largest_memory() + BASE_MEMORY_MB))
        child.job.add(process.pid)
        self.children.append(child)
        return child

    def _largest_memory(self) -> int:
        return max((begun.task.memory_mb for child in self.children for begun in child.queue), default=2048)

    def _take(self, child: Child, answers: list[Answer], orphans: list[Task]) -> None:
        try:
            answer = child.pipe.recv()
        except Exception:  # end of file, or an answer cut off in the middle: either way the child is lost
            self._bury(child, answers, orphans)
            return
        child.queue.popleft()
        child.done += 1
        answers.append(answer)
        if child.queue:
            child.queue[0].deadline = time.monotonic() + child.queue[0].timeout_s
        if child.done >= JOBS_A_CHILD or (child.done % LOOK_EVERY_JOBS == 0
                                          and limits.resident_mb(child.process.pid) > RECYCLE_ABOVE_MB):
            self._recycle(child, orphans)

    def _recycle(self, child: Child, orphans: list[Task]) -> None:
        orphans.extend(begun.task for begun in child.queue)
        self.children.remove(child)
        self._discard(child)

    def _bury(self, child: Child, answers: list[Answer], orphans: list[Task]) -> None:
        child.process.join(5)
        self.children.remove(child)
        if child.queue:
            begun = child.queue.popleft()
            reason, error = child.verdict or ("crashed", f"its process {_end(child.process.exitcode)}")
            answers.append(Answer(begun.task.id, 0, None, "poison", reason, error))
        orphans.extend(begun.task for begun in child.queue)
        self._discard(child)

    @staticmethod
    def _discard(child: Child) -> None:
        if child.process.is_alive():
            child.process.kill()
            child.process.join(5)
        child.pipe.close()
        child.job.close()
        child.process.close()

    # ---- deadlines and memory -------------------------------------------------------------------------------

    def _patience(self, timeout: float) -> float:
        now = time.monotonic()
        deadlines = [child.queue[0].deadline - now for child in self.children if child.queue and child.queue[0].deadline]
        return max(0.0, min([timeout, *deadlines]))

    def _enforce(self) -> None:
        now = time.monotonic()
        check_memory = now - self._memory_checked > POLL_MEMORY_SECONDS
        for child in self.children:
            if not child.queue or child.verdict:
                continue
            begun = child.queue[0]
            if begun.deadline is not None and now >= begun.deadline:
                self._kill(child, "timeout", f"it ran longer than its {begun.timeout_s:g} s and was killed")
            elif check_memory and limits.resident_mb(child.process.pid) > begun.task.memory_mb + BASE_MEMORY_MB:
                self._kill(child, "memory", f"it used more than JOB_MEMORY_MB ({begun.task.memory_mb} MB) and was killed")
        if check_memory:
            self._memory_checked = now

    @staticmethod
    def _kill(child: Child, reason: str, error: str) -> None:
        child.verdict = (reason, error)
        child.process.kill()  # its pipe then ends, and collect() buries it


def _end(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        try:
            return f"was ended by {signal.Signals(-exitcode).name}"
        except ValueError:
            return f"was ended by signal {-exitcode}"
    return f"ended with status {exitcode}"

