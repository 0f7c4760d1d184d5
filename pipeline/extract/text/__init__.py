"""Text out of every format but PDF and DXF, which have readers of their own, and chunks out of all text.

`read_text` takes a file's bytes and MIME type; each format's reader is imported when the first file of it comes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pipeline.extract.errors import EmptyFile, UnsupportedFormat
from pipeline.extract.text.formats.raw import Raw

if TYPE_CHECKING:
    from pipeline.extract.options import ReadOptions
    from pipeline.extract.text.model import TextDocument

__all__ = ["CONVERTED_MIME_TYPES", "READERS", "TEXT_MIME_TYPES", "read_text"]

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_OPEN: Final = "application/vnd.oasis.opendocument"

# MIME type → 'module:function' within pipeline.extract.text.formats; the function takes a Raw.
_DIRECT: Final = {
    f"{_OFFICE}.wordprocessingml.document": "docx:read_docx",
    f"{_OFFICE}.presentationml.presentation": "pptx:read_pptx",
    f"{_OFFICE}.spreadsheetml.sheet": "xlsx:read_xlsx",
    "text/html": "html:read_html",
    "text/markdown": "markdown:read_markdown",
    "text/plain": "plain:read_plain",
    "text/csv": "delimited:read_delimited",
    "text/tab-separated-values": "delimited:read_delimited",
    "message/rfc822": "mail:read_mail",
    "application/json": "code:read_code",
    "application/x-ndjson": "code:read_code",
    "application/xml": "code:read_code",
    "image/svg+xml": "svg:read_svg",
    "image/png": "images:read_picture",
    "image/jpeg": "images:read_picture",
    "image/tiff": "images:read_picture",
    "image/bmp": "images:read_picture",
    "image/gif": "images:read_picture",
    "image/webp": "images:read_picture",
    "application/x-encrypted-office": "ole:refuse_container",  # read only to say that it is locked
}
_CONVERTED: Final = {
    "application/msword": "office:read_document",
    "application/vnd.ms-excel": "office:read_workbook",
    "application/vnd.ms-powerpoint": "office:read_slides",
    "application/rtf": "office:read_document",
    f"{_OPEN}.text": "office:read_document",
    f"{_OPEN}.spreadsheet": "office:read_workbook",
    f"{_OPEN}.presentation": "office:read_slides",
}
# New Office files under a password are OLE containers, as much else is: read only to say so.
_REFUSED: Final = {"application/x-ole-storage": "ole:refuse_container"}

READERS: Final = {**_DIRECT, **_CONVERTED, **_REFUSED}
TEXT_MIME_TYPES: Final[tuple[str, ...]] = tuple(_DIRECT)
CONVERTED_MIME_TYPES: Final[tuple[str, ...]] = tuple(_CONVERTED)


def read_text(data: bytes, options: ReadOptions, mime_type: str, name: str) -> TextDocument:
    """The text of one file.

    mime_type  as the inventory tells it, by content
    name       of the file; only a hint

    Raises an ExtractionError where the file cannot be read: EmptyFile, EncryptedFile, CorruptFile, BombFile, UnsupportedFormat.
    """
    if not data:
        raise EmptyFile("the file has no bytes: copy it again from its source")
    place = READERS.get(mime_type)
    if place is None:
        raise UnsupportedFormat(f"no reader for {mime_type}")
    return reader_of(place)(Raw(data, options, mime_type, name))


def reader_of(place: str) -> Callable[[Raw], TextDocument]:
    """The function behind an entry of READERS."""
    module, function = place.split(":")
    reader: Callable[[Raw], TextDocument] = getattr(importlib.import_module(f"{__name__}.formats.{module}"), function)
    return reader
