"""Bringing a job's bytes onto this machine, ahead of the children: one spool file a job, removed after it."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.errors import PermanentError
from pipeline.inventory.fingerprint import fingerprint
from pipeline.jobs import Claim
from pipeline.storage import Source

BLOCK = 1024 * 1024

BLOBS: LiteralString = """
    SELECT blob_id, tenant_id, source_store, blob_key, source_version, byte_hash_sha256, size_bytes, status, mime_type, file_name,
           etag
    FROM blob_inventory WHERE blob_id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class Blob:
    """What the inventory knows of the file that a job is about."""

    blob_id: UUID
    tenant_id: UUID
    source_store: str
    blob_key: str
    source_version: str
    byte_hash_sha256: str | None
    size_bytes: int | None
    status: str
    mime_type: str | None = None
    file_name: str = ""
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file on this machine. changed: these are not the bytes that the job was queued for; their format is in mime_type."""

    path: Path
    sha256: str
    size: int
    version: str
    changed: bool = False
    mime_type: str | None = None


def load_blobs(conn: Connection, claims: Sequence[Claim]) -> dict[UUID, Blob]:
    """The blobs of these claims."""
    rows = conn.execute(BLOBS, ([claim.blob_id for claim in claims],)).fetchall()
    return {row[0]: Blob(*row) for row in rows}


def fetch(source: Source, blob: Blob, path: Path, *, max_mb: int) -> Fetched:
    """Copy the file to `path`, hashing on the way; memory stays at one block whatever the file's size.

    A different modification time alone is no change where the hash is the same: machines may hold copies.
    Raises Gone, TransientError or UnavailableError (see Source), PermanentError for a file over max_mb.
    """
    entry = source.stat(blob.blob_key)
    if entry.size > max_mb * BLOCK:
        raise PermanentError(f"the file has {entry.size // BLOCK} MB, more than the {max_mb} that are read; "
                             "raise MAX_FILE_MB in config.txt, or TEXT_MAX_MB where it is neither PDF nor DXF", reason="too_large")
    try:
        sha256, size = _copy(source, blob.blob_key, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    known = blob.byte_hash_sha256
    changed = sha256 != known if known else entry.version != blob.source_version
    if not changed:
        return Fetched(path, sha256, size, entry.version)
    with open(path, "rb") as stream:
        seen = fingerprint(stream, name=blob.blob_key, size=size)
    return Fetched(path, sha256, size, entry.version, changed=True, mime_type=seen.mime_type)


def _copy(source: Source, key: str, path: Path) -> tuple[str, int]:
    """SHA-256 and size of the bytes copied."""
    digest, size = hashlib.sha256(), 0
    with source.open(key) as stream, open(path, "wb") as out:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            out.write(block)
    return digest.hexdigest(), size


def free_disk_mb(folder: Path) -> float:
    """Free space where `folder` lies, MB."""
    return shutil.disk_usage(folder).free / BLOCK


def remove_old_spools(folder: Path, *, older_than_s: float = 86_400) -> int:
    """Remove the spool folders that killed workers left in `folder`; a living one is touched all the time. Returns how many."""
    removed = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            if time.time() - path.stat().st_mtime > older_than_s:
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
    return removed
