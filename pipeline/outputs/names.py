"""The names of outputs: '<blob_id>/<job>.<attempt>.<suffix>'. No two attempts share one, so no writer meets another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

# Digits enough for a bigint and an integer of PostgreSQL, and never too many for them.
_NAME = re.compile(r"(?P<blob>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<job>[1-9][0-9]{0,17})\.(?P<attempt>[1-9][0-9]{0,8})\."
                   r"(?P<suffix>jsonl|document\.json)")


@dataclass(frozen=True, slots=True)
class OutputName:
    """What the name of an output says."""

    blob_id: UUID
    job: int
    attempt: int
    suffix: str

    @property
    def key(self) -> str:
        return f"{self.blob_id}/{self.job}.{self.attempt}.{self.suffix}"


def parse_key(key: str) -> OutputName | None:
    """What the key says, or None where no job of ours wrote it."""
    found = _NAME.fullmatch(key)
    if found is None:
        return None
    return OutputName(UUID(found["blob"]), int(found["job"]), int(found["attempt"]), found["suffix"])
