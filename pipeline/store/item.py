"""One result on its way into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

# Fixed for ever: document ids are derived in it.
DOCUMENT_NAMESPACE = UUID("6f3b0f0a-6d27-5c55-9f0b-1d2f4f1f8a10")


@dataclass(frozen=True, slots=True)
class NewOutput:
    """A file that a job makes. output_type: 'chunk_jsonl' or 'document_json'; suffix: of its name."""

    output_type: str
    suffix: str
    data: bytes
    chunk_count: int


@dataclass(frozen=True, slots=True)
class Published:
    """An output that has been written, and waits to be registered."""

    output_type: str
    key: str
    size: int
    sha256: str
    chunk_count: int


@dataclass(frozen=True, slots=True)
class StoreItem:
    """A job's result with what its rows need. `result` is what the job type's reader returned."""

    tenant_id: UUID
    blob_id: UUID
    job_id: UUID
    source_store: str
    blob_key: str
    byte_hash_sha256: str
    result: Any
    attempt: int = 0
    outputs: tuple[Published, ...] = ()

    @property
    def document_id(self) -> UUID:
        return document_id(self.tenant_id, self.source_store, self.blob_key)


def document_id(tenant_id: UUID, source_store: str, blob_key: str) -> UUID:
    """The same on every machine: UUID version 5 of tenant, store and key."""
    return uuid5(DOCUMENT_NAMESPACE, f"{tenant_id}/{source_store}/{blob_key}")
