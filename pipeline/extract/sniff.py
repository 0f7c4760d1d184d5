"""Say what bytes look like, so that a file with the wrong name gets a helpful message."""

from __future__ import annotations

import re

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive (an Office file, perhaps)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file or another OLE container"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "gzip data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF document"),
    (b"ISO-10303-21;", "a STEP file"),
    (b"AutoCAD Binary DXF", "a binary DXF"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)
_DWG = re.compile(rb"(?:AC10\d\d|AC1\.\d|AC2\.\d\d|MC0\.0)\x00")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DXF_SECTION = re.compile(rb"(?:^|[\r\n])[ \t]*0[ \t]*\r?\n[ \t]*SECTION\b")
_HEAD_BYTES = 4096


def is_dwg(data: bytes) -> bool:
    """Whether the bytes begin like a DWG drawing of any version."""
    return _DWG.match(data) is not None or re.match(rb"AC10\d\d", data[:6]) is not None


def has_dxf_section(data: bytes) -> bool:
    """Whether a SECTION of an ASCII DXF stands anywhere in the bytes."""
    return _DXF_SECTION.search(data) is not None


def describe(data: bytes) -> str | None:
    """What the bytes look like ('a PDF', 'an HTML page', …), or None where nothing is recognised."""
    head = data[:_HEAD_BYTES]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_dwg(data):
        return "a DWG drawing"
    if b"%PDF-" in head[:1024]:
        return "a PDF"
    for magic, name in _MAGIC:
        if head.startswith(magic) or start.startswith(magic):
            return name
    if _HTML.search(head):
        return "an HTML page"
    if start.startswith(b"<?xml"):
        return "an XML file"
    if has_dxf_section(head):
        return "a DXF"
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    return None
