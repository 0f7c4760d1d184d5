"""What the tests of the readers share: files read, blocks in short, parts of archives exchanged."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text import read_text
from pipeline.extract.text.model import TextDocument

OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{OFFICE}.wordprocessingml.document"
PPTX = f"{OFFICE}.presentationml.presentation"
XLSX = f"{OFFICE}.spreadsheetml.sheet"


def read(data: bytes | str, mime_type: str, *, name: str = "file", max_chars: int | None = None) -> TextDocument:
    options = DEFAULT_OPTIONS if max_chars is None else replace(DEFAULT_OPTIONS, text_max_chars=max_chars)
    return read_text(data.encode("utf-8") if isinstance(data, str) else data, options, mime_type, name)


def blocks(document: TextDocument, page: int = 1) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.pages[page - 1].blocks]


def texts(document: TextDocument) -> str:
    return "\n".join(page.text for page in document.pages)


def with_parts(data: bytes, parts: Mapping[str, bytes | str]) -> bytes:
    """The archive with some of its parts exchanged or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry.filename, old.read(entry))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode("utf-8")
