"""What one reading of a file tells: its hash, its kind, and whether it points to other files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.inventory.mime import CREO_ASSEMBLY, CREO_DRAWING, HEAD_BYTES, STEP, mime_type

CHUNK_BYTES = 1 << 20
# A STEP file with one of these gets parts of its geometry from other files, so equal bytes may be different products.
REFERENCES = (b"EXTERNALLY_DEFINED", b"DOCUMENT_FILE", b"EXTERNAL_SOURCE")
_OVERLAP = max(map(len, REFERENCES)) - 1


class ReadStopped(Exception):
    """The run is to stop now; nothing of the file is kept."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """size in bytes as read; sha256 in hex; mime_type by content."""

    size: int
    sha256: str
    mime_type: str
    external_references: bool = False


def fingerprint(stream: BinaryIO, *, name: str, size: int, stopped: Callable[[], bool] = lambda: False) -> Fingerprint:
    """Read a stream to its end, once.

    size  what the listing said: the kind of a file may depend on how many bytes it has

    Raises ReadStopped, and whatever the stream raises.
    """
    digest = hashlib.sha256()
    head = stream.read(CHUNK_BYTES)
    kind = mime_type(head[:HEAD_BYTES], name=name, size=size if len(head) == CHUNK_BYTES else len(head))
    references = kind in {CREO_ASSEMBLY, CREO_DRAWING}
    total, tail, chunk = 0, b"", head
    while chunk:
        digest.update(chunk)
        total += len(chunk)
        if kind == STEP and not references:
            window = tail + chunk
            references = any(token in window for token in REFERENCES)
            tail = chunk[-_OVERLAP:]
        if stopped():
            raise ReadStopped
        chunk = stream.read(CHUNK_BYTES)
    return Fingerprint(total, digest.hexdigest(), kind, references)
