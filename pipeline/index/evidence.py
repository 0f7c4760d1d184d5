"""What the files of one group say: statements with the place that each stands in, comparable across sheets and formats."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.extract.dimension_values import unit_named
from pipeline.linking.keys import normalised
from pipeline.linking.revision_order import plain_revision

Json = dict[str, Any]

FILE_NAME = "file_name"  # method of a value that no sheet states
_WORD = re.compile(r"[^\W_]+")
_DASHES = re.compile(r"^[\W_]*$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands. `kind` is the document's: 'pdf', 'dxf', 'cad', …; `share` the part of the file's pages that say so."""

    blob_id: str
    file: str
    kind: str
    method: str
    confidence: float
    page_number: int | None = None
    bbox: tuple[float, ...] | None = None
    entity_handle: str | None = None
    layer: str | None = None
    share: float = 1.0

    def as_json(self) -> Json:
        place = {"page_number": self.page_number, "bbox": list(self.bbox) if self.bbox else None,
                 "entity_handle": self.entity_handle, "layer": self.layer}
        known = {name: value for name, value in place.items() if value is not None}
        return {"blob_id": self.blob_id, "file": self.file, "kind": self.kind, **known, "method": self.method,
                "confidence": round(self.confidence, 3)}


@dataclass(frozen=True, slots=True)
class Statement:
    """One field as one file says it. Statements of a field with equal `key` say the same."""

    field: str
    value: str
    key: str
    source: Source
    normalised: str | None = None
    details: Json = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartsList:
    """A file's parts list in figures; `stated` is the total that the sheet itself gives."""

    rows: int
    quantity: float | None
    stated: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What linking found against a file's number: kind, reason and evidence of document_group_findings."""

    kind: str
    reason: str
    evidence: Json


@dataclass(slots=True)
class FileEvidence:
    """One file of a group.

    sides    greatest first, mm: of a DXF's one outer contour, of a model's bounding box
    lengths  mm, the linear and diameter dimensions that a PDF shows, greatest first
    """

    blob_id: str
    file: str
    kind: str
    statements: list[Statement] = dataclasses.field(default_factory=list)
    header_unit: str | None = None
    sides: tuple[float, ...] = ()
    sides_source: Source | None = None
    lengths: tuple[float, ...] = ()
    parts_list: PartsList | None = None
    findings: list[Finding] = dataclasses.field(default_factory=list)

    @property
    def label(self) -> str:
        """'PDF', 'DXF', 'STEP': what people call the file beside another format."""
        suffix = self.file.rpartition("/")[2].rpartition(".")[2]
        return {"stp": "STEP", "igs": "IGES"}.get(suffix.lower(), suffix.upper()) if suffix else self.kind.upper()

    def said(self, name: str) -> list[Statement]:
        """What the sheets or the model say of a field."""
        return [one for one in self.statements if one.field == name and one.source.method != FILE_NAME]

    def named(self, name: str) -> list[Statement]:
        """What the file's name says of a field."""
        return [one for one in self.statements if one.field == name and one.source.method == FILE_NAME]


def comparison_key(name: str, value: str, normal: str | None = None, designation: str | None = None) -> str:
    """What is left of a value when spelling does not count; '' for a value that says nothing."""
    if name == "drawing_number":
        return normalised(value.casefold())
    if name == "revision":
        plain = plain_revision(value)
        return "" if _DASHES.match(plain) else plain.lstrip("0") or "0"
    if name == "material":
        return (designation or words_of(value)).casefold()
    if name == "units":
        return unit_named(value) or words_of(value)
    return (normal or "").casefold() or words_of(value)


def words_of(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def distinct(values: Iterable[str]) -> list[str]:
    """Each value once, in the order in which they come."""
    return list(dict.fromkeys(values))
