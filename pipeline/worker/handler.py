"""How jobs of one type are done: their reader, their store, and what hangs on their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pipeline.config import Settings
from pipeline.database import Connection
from pipeline.jobs import Claim
from pipeline.store.item import StoreItem
from pipeline.worker.fetch import Blob
from pipeline.worker.inputs import Input

Store = Callable[[Connection, Sequence[StoreItem]], None]
Load = Callable[[Connection, Sequence[Claim], Mapping[UUID, Blob], Settings], dict[int, Input]]


@dataclass(frozen=True)
class Handler:
    """How jobs of one type are done.

    reader      'module:function', bytes and ReadOptions to dataclasses; runs in a child process
    rows        'module:function', dataclasses to what `store` takes, as plain as possible; runs in the child, too
    imports     modules that the reader needs; imported before the memory of the job is limited
    version     extraction version: raise it when the reader's results change, then `requeue --stale`
    mime_types  the formats that jobs of this type are queued for
    converted   formats that are read where a setting names a program that converts them: format → (setting, why it waits)
    store       writes the results of a batch; called inside the transaction that completes the jobs
    load        what jobs work on that is no file: see pipeline.worker.inputs; None: each reads its file
    loaded      reader of what `load` gives
    arguments   what the reader is told beside the bytes and the options
    followers   job types that work on its results: queued when it completes, and again whenever it does
    upstream    format → version of the reader whose results it works on, which is part of its own version
    model_version  of the model that it works with; None where there is none
    max_mb      largest file; None: MAX_FILE_MB
    """

    job_type: str
    reader: str
    rows: str
    version: str
    mime_types: tuple[str, ...]
    store: Store
    imports: tuple[str, ...] = ()
    converted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    load: Load | None = None
    loaded: str = ""
    arguments: Callable[[Blob, Settings, str], tuple[Any, ...]] | None = None
    followers: tuple[str, ...] = ()
    upstream: Mapping[str, str] = field(default_factory=dict)
    model_version: str | None = None
    max_mb: int | None = None

    def formats(self, settings: Settings) -> tuple[str, ...]:
        """The formats that these settings let it read."""
        return (*self.mime_types, *(mime for mime, (name, _) in self.converted.items() if getattr(settings, name)))

    def version_for(self, mime_type: str | None) -> str:
        """The extraction version of a result for a file of this format."""
        below = self.upstream.get(mime_type or "")
        return f"{self.version}+{below}" if below else self.version
