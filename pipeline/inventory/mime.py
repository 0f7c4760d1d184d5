"""What a file is, by its first bytes. Its name only settles which kind of plain text it is.

    mime_type(head, name="plan.pdf", size=18_233)

Registered names where there is one; x- names (Creo, B-rep) where there is none.
"""

from __future__ import annotations

import math
import re
import struct
from pathlib import PurePosixPath

from pipeline.inventory.text_kind import text_type

HEAD_BYTES = 65_536  # enough for the first entries of an Office file; 8 KiB settle all other kinds

PDF = "application/pdf"
DXF = "image/vnd.dxf"
DWG = "image/vnd.dwg"
STEP = "model/step"
IGES = "model/iges"
STL = "model/stl"
BREP = "model/x-brep"
CREO_PART = "application/x-creo-part"
CREO_ASSEMBLY = "application/x-creo-assembly"
CREO_DRAWING = "application/x-creo-drawing"
EMPTY = "application/x-empty"
UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
ENCRYPTED_OFFICE = "application/x-encrypted-office"

_OFFICE = "application/vnd.openxmlformats-officedocument"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"AutoCAD Binary DXF", DXF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"PK\x05\x06", ZIP),
    (b"%!PS", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
)
_ZIP_ENTRIES: tuple[tuple[str, str], ...] = (
    ("word/", f"{_OFFICE}.wordprocessingml.document"),
    ("xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}.presentationml.presentation"),
    ("3D/3dmodel", "model/3mf"),
)
# Entries of an OLE container, as they stand in its directory.
_OLE_ENTRIES: tuple[tuple[str, str], ...] = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("EncryptedPackage", ENCRYPTED_OFFICE),
)
# A large picture may stand before the first entry that tells; the name is believed then, and the reader will see.
_OFFICE_NAMES = {".docx": _ZIP_ENTRIES[0][1], ".xlsx": _ZIP_ENTRIES[1][1], ".pptx": _ZIP_ENTRIES[2][1]}
# The directory of a container may lie at its end: then the name of a new Office file, which is no OLE container, says it.
_NEW_OFFICE = frozenset({".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".ppsx"})
_CREO_KINDS = {b"ASSEMBLY": CREO_ASSEMBLY, b"DRAWING": CREO_DRAWING}

_PDF_HEADER = re.compile(rb"%PDF-\d\.\d")
_DWG_VERSION = re.compile(rb"(?:AC10\d\d|AC1\.\d{1,2}|AC2\.\d{1,2})(?![\x20-\x7e\r\n])")
# Possessive quantifiers throughout: hostile heads must not make these go back and forth.
_NEXT = rb"[ \t]*+(?>\r\n|\r|\n)\s*+"
# Comments (group 999) may come before the first section.
_DXF_START = re.compile(rb"\s*+(?>999[ \t]*+(?>\r\n|\r|\n)[^\r\n]*+[\r\n]++\s*+)*+0" + _NEXT + rb"SECTION\b")
_DXF_SECTION = re.compile(rb"(?:^|[\r\n])[ \t]*+0" + _NEXT + rb"SECTION" + _NEXT + rb"2" + _NEXT
                          + rb"(?:HEADER|CLASSES|TABLES|BLOCKS|ENTITIES|OBJECTS)\b")
# A PDF that lost its header still begins with its objects, and readers mend it.
_PDF_OBJECT = re.compile(rb"(?:^|[\r\n])\d{1,10} \d{1,5} obj\b[\s\S]{0,400}?<<[\s\S]{0,400}?/Type\b")
_IGES_START = re.compile(rb"[^\r\n]{72}[SBC][ 0]{0,6}1[ ]*(?:[\r\n]|[^\r\n]{72}[SGBC]|$)")
_CREO_HEADER = re.compile(rb"#UGC:2\s+([A-Z]+)")
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_FACET = struct.Struct("<12f")


def mime_type(head: bytes, *, name: str = "", size: int | None = None) -> str:
    """The MIME type of a file.

    head  its first bytes: HEAD_BYTES, or all of a smaller file
    name  its name or key; only told apart by it: CSV, Markdown and other kinds of plain text
    size  all its bytes; None where `head` is the whole file
    """
    size = len(head) if size is None else size
    if not head:
        return EMPTY
    suffix = PurePosixPath(name).suffix.lower()
    return (_by_magic(head, suffix) or _image(head) or _drawing(head) or _solid(head, size)
            or text_type(head, suffix=suffix, whole=size <= len(head)) or UNKNOWN)


def _by_magic(head: bytes, suffix: str) -> str | None:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK\x03\x04"):
        found = _zip_type(head)
        return _OFFICE_NAMES.get(suffix, ZIP) if found == ZIP else found
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_type(head, suffix)
    return None


def _zip_type(head: bytes) -> str:
    """Office files by the names of their first entries; a file of its own kind may say so in 'mimetype'."""
    found = ZIP
    for match in re.finditer(rb"PK\x03\x04", head):
        start = match.start() + 30
        name_length, extra_length = struct.unpack_from("<HH", head.ljust(start, b"\0"), match.start() + 26)
        name = head[start:start + name_length].decode("utf-8", "replace")
        if name == "mimetype":
            declared = head[start + name_length + extra_length:][:100].split(b"PK")[0]
            return declared.decode("ascii") if re.fullmatch(rb"[a-z]+/[a-z0-9.+-]+", declared) else ZIP
        for prefix, kind in _ZIP_ENTRIES:
            if name.startswith(prefix):
                return kind
    return found


def _ole_type(head: bytes, suffix: str) -> str:
    for entry, kind in _OLE_ENTRIES:
        if ("\0" + entry + "\0").encode("utf-16-le")[1:] in head:
            return kind
    return ENCRYPTED_OFFICE if suffix in _NEW_OFFICE else OLE


def _image(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return None


def _drawing(head: bytes) -> str | None:
    # Readers accept a PDF header anywhere in the first 1,024 bytes, behind whatever a mail gateway put there.
    if _PDF_HEADER.search(head[:1024]) or _PDF_OBJECT.search(head[:1024]):
        return PDF
    if _DWG_VERSION.match(head):
        return DWG
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _DXF_START.match(text) or _DXF_SECTION.search(text[:8192]):
        return DXF
    return None


def _solid(head: bytes, size: int) -> str | None:
    if _is_binary_stl(head, size):
        return STL
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"ISO-10303-21") or re.match(rb"/\*.{0,2000}?\*/\s*ISO-10303-21", text, re.DOTALL):
        return STEP
    if text[:6].lower().startswith(b"solid") and re.search(rb"\bfacet\s+normal\b|\bendsolid\b", text, re.IGNORECASE):
        return STL
    if b"DBRep_DrawableShape" in text[:200] or b"CASCADE Topology V" in text[:400]:
        return BREP
    if creo := _CREO_HEADER.match(text):
        return _CREO_KINDS.get(creo[1], CREO_PART)
    return IGES if _IGES_START.match(head) else None


def _is_binary_stl(head: bytes, size: int) -> bool:
    """80 bytes of anything, the number of facets, 50 bytes a facet: nothing else marks the format."""
    if size < 84 or len(head) < 84:
        return False
    facets = int.from_bytes(head[80:84], "little")
    if size == 84 + 50 * facets:
        return True
    # Cut off in mid-file: then the first facet must look like one, with a normal of length 1.
    if len(head) < 134 or not 0 < facets < 100_000_000 or size > 84 + 50 * facets:
        return False
    numbers = _FACET.unpack_from(head, 84)
    return (all(math.isfinite(number) and abs(number) < 1e7 for number in numbers)
            and abs(math.hypot(*numbers[:3]) - 1) < 1e-3 and head[132:134] == b"\0\0")

