"""What a listing of an output store says of one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SinkEntry:
    """One file of an output store.

    leftover  '' for a whole file; else the store's own name of an unfinished one: a temporary file, or a multipart upload
    """

    key: str
    size: int
    modified_at: datetime
    leftover: str = ""
