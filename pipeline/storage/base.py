"""The interface that every kind of store offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from pipeline.errors import DraftmillError

MOST_ERRORS = 100


class Gone(DraftmillError):
    """The file is no longer in the store."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a listing.

    key      path relative to the source with '/'; undecodable bytes and '%' before two hex digits percent-encoded
    version  ETag or version id; '<size>-<mtime_ns>' in a directory
    """

    key: str
    size: int
    version: str
    modified_at: datetime | None = None
    etag: str | None = None


@dataclass
class Listing:
    """What went wrong while listing; complete only if nothing did. Filled while `Source.list` runs.

    errors  the first MOST_ERRORS faults, in words; fault_count counts all
    other   what is no file and was left out, by kind: 'special' (sockets, pipes, devices), 'broken_link', 'link_loop'
    """

    errors: list[str] = field(default_factory=list)
    fault_count: int = 0
    other: Counter[str] = field(default_factory=Counter)

    @property
    def complete(self) -> bool:
        return not self.errors

    def fault(self, text: str) -> None:
        """Something could not be listed, so files may be missing from the listing."""
        self.fault_count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(text)


class Source(Protocol):
    """A tree of files that is only read.

    Errors: Gone where the file is no longer there, TransientError where another try may help, PermanentError
    ('unreadable', 'bad_key') where none will, UnavailableError where the whole store is out of reach.
    """

    url: str  # without credentials

    def list(self, listing: Listing) -> Iterator[Entry]:
        """Every regular file below the source, each once, in a stable order; faults go into `listing`."""

    def stat(self, key: str) -> Entry:
        """The file as it is now."""

    def open(self, key: str) -> BinaryIO:
        """A stream of its bytes; the caller closes it."""
