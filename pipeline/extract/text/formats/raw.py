"""What a reader is given."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one file and what is known of them.

    mime_type  by content; '' where nobody looked
    name       of the file; only a hint
    depth      files that this one lies in: attachments of a mail have 1
    """

    data: bytes
    options: ReadOptions = DEFAULT_OPTIONS
    mime_type: str = ""
    name: str = ""
    depth: int = 0
