"""Files that say something, made the short way."""

from __future__ import annotations

from typing import Any

from pipeline.index.evidence import FILE_NAME, FileEvidence, Source, Statement, comparison_key


def file(name: str, *, kind: str | None = None, confidence: float = 0.9, named: dict[str, str] | None = None,
         said: dict[str, Any] | None = None, **more: Any) -> FileEvidence:
    """said  field → value, or (value, details)"""
    suffix = name.rpartition(".")[2].lower()
    found = FileEvidence(f"id of {name}", name, kind or {"step": "cad", "stp": "cad"}.get(suffix, suffix), **more)
    for field, given in (said or {}).items():
        value, details = given if isinstance(given, tuple) else (given, {})
        source = Source(found.blob_id, name, found.kind, "title_block", confidence, 1, (1.0, 2.0, 3.0, 4.0))
        key = comparison_key(field, value, None, details.get("designation"))
        found.statements.append(Statement(field, value, key, source, details=details))
    for field, value in (named or {}).items():
        source = Source(found.blob_id, name, found.kind, FILE_NAME, 0.3)
        found.statements.append(Statement(field, value, comparison_key(field, value), source))
    return found


ALUMINIUM = ("6061", {"designation": "EN AW-6061", "family": "aluminium"})
STAINLESS = ("AISI 304", {"designation": "1.4301", "family": "stainless steel"})
STAINLESS_EN = ("1.4301", {"designation": "1.4301", "family": "stainless steel"})
STAINLESS_316 = ("AISI 316", {"designation": "1.4401", "family": "stainless steel"})
