"""What an export folder says of itself: `manifest.json` for readers, `manifest.partial.json` for an export under way."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pipeline.errors import ConfigError
from pipeline.outputs.parts import FileFacts, write_whole
from pipeline.outputs.selection import Cursor, Position, Selection
from pipeline.store.chunks import SCHEMA_VERSION

NAME, PARTIAL_NAME = "manifest.json", "manifest.partial.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part file and the list of the outputs whose chunks it holds."""

    chunks: FileFacts
    outputs: FileFacts


@dataclass
class Export:
    """One export into the folder. since: the cursor or date that it began from, or None; removed: None until the parts are written."""

    number: int
    since: str | None
    cursor: str
    parts: list[Part] = field(default_factory=list)
    removed: FileFacts | None = None

    @property
    def rows(self) -> int:
        return sum(part.chunks.rows for part in self.parts)

    @property
    def documents(self) -> int:
        return sum(part.outputs.rows for part in self.parts)

    def facts(self) -> dict[str, Any]:
        return {
            "number": self.number, "since": self.since, "cursor": self.cursor, "rows": self.rows, "documents": self.documents,
            "parts": [dataclasses.asdict(part.chunks) | {"outputs": dataclasses.asdict(part.outputs)} for part in self.parts],
            "removed": dataclasses.asdict(self.removed) if self.removed else None}


@dataclass
class Manifest:
    """All exports into a folder, in their order. cursor: where the next one begins, and --since of one into another folder."""

    tenant_id: UUID
    format: str
    cursor: str | None = None
    exports: list[Export] = field(default_factory=list)

    @property
    def part_count(self) -> int:
        return sum(len(export.parts) for export in self.exports)

    def file_names(self) -> set[str]:
        """Of all files but the manifest itself."""
        files = [one for export in self.exports for part in export.parts for one in (part.chunks, part.outputs)]
        return {one.name for one in [*files, *(export.removed for export in self.exports if export.removed)]}

    def document(self) -> dict[str, Any]:
        return {"manifest_version": MANIFEST_VERSION, "schema_version": SCHEMA_VERSION, "format": self.format,
                "tenant_id": str(self.tenant_id), "cursor": self.cursor, "exports": [export.facts() for export in self.exports]}

    def save(self, folder: Path) -> None:
        write_whole(folder / NAME, json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n")


@dataclass
class Unfinished:
    """An export under way: what is written of it, and after which output it goes on."""

    export: Export
    selection: Selection
    position: Position
    format: str

    def save(self, folder: Path) -> None:
        selection = self.selection
        write_whole(folder / PARTIAL_NAME, json.dumps({
            "manifest_version": MANIFEST_VERSION, "format": self.format, "tenant_id": str(selection.tenant_id),
            "until": str(selection.until), "since": str(selection.since) if selection.since else None,
            "date": selection.date.isoformat() if selection.date else None,
            "position": [self.position.xid, str(self.position.output_id)], "export": self.export.facts()}, indent=1) + "\n")


def load(folder: Path, tenant_id: UUID, format_name: str) -> Manifest:
    """The folder's manifest, or a new one. Raises ConfigError where the folder holds an export of another kind."""
    given = _read(folder / NAME)
    if given is None:
        return Manifest(tenant_id, format_name)
    if (given["format"], given["tenant_id"]) != (format_name, str(tenant_id)):
        raise ConfigError(f"{folder} holds an export of tenant {given['tenant_id']} as {given['format']}; "
                          "name another folder with --out, or leave out --format and --tenant")
    return Manifest(tenant_id, format_name, given["cursor"], [_export(one) for one in given["exports"]])


def load_unfinished(folder: Path, number: int, manifest: Manifest, since: Cursor | datetime | None) -> Unfinished | None:
    """The export number `number` as far as it came, or None where there is none or it was of something else."""
    given = _read(folder / PARTIAL_NAME)
    kind = (number, manifest.format, str(manifest.tenant_id))
    if given is None or (given["export"]["number"], given["format"], given["tenant_id"]) != kind:
        return None
    cursor = Cursor.parse(given["since"]) if given["since"] else None
    until = Cursor.parse(given["until"])
    assert until is not None
    selection = Selection(UUID(given["tenant_id"]), until, cursor, datetime.fromisoformat(given["date"]) if given["date"] else None)
    if since != (selection.since or selection.date):
        return None
    export = _export(given["export"])
    for written in (one for part in export.parts for one in (part.chunks, part.outputs)):
        path = folder / written.name
        if not path.is_file() or path.stat().st_size != written.bytes:
            return None
    return Unfinished(export, selection, Position(given["position"][0], UUID(given["position"][1])), manifest.format)


def _read(path: Path) -> Any:
    """The JSON document, or None where there is no file."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise ConfigError(f"{path} is no manifest of an export; name another folder with --out") from None
    if not isinstance(given, dict) or given.get("manifest_version") != MANIFEST_VERSION:
        raise ConfigError(f"{path} is not of this release; name another folder with --out")
    return given


def _export(given: Mapping[str, Any]) -> Export:
    parts = [Part(_facts(part), _facts(part["outputs"])) for part in given["parts"]]
    return Export(given["number"], given["since"], given["cursor"], parts, _facts(given["removed"]) if given["removed"] else None)


def _facts(given: Mapping[str, Any]) -> FileFacts:
    return FileFacts(given["name"], given["rows"], given["bytes"], given["sha256"])
