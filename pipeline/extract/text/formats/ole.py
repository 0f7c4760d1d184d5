"""OLE containers, in which old Office files and password-protected new ones lie: whether a password is needed."""

from __future__ import annotations

import io
import struct
from typing import Any, Final, NoReturn

from pipeline.extract.errors import EncryptedFile, UnsupportedFormat
from pipeline.extract.text.formats.raw import Raw

_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FILE_PASS: Final = 0x2F  # record of a workbook that is encrypted
_HEAD: Final = 8192  # bytes of a stream that are looked at
_MESSAGE: Final = "a password is needed to open the file: save a copy without one"


def is_ole(data: bytes) -> bool:
    """Whether the bytes are an OLE container."""
    return data.startswith(_MAGIC)


def refuse_encrypted(data: bytes) -> None:
    """Raise EncryptedFile where an OLE container holds a document under a password; what cannot be told passes."""
    import olefile  # lazy: for old files alone

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            is_encrypted = _is_encrypted(container)
    except Exception:  # a damaged container is for the reader that comes next to judge
        return
    if is_encrypted:
        raise EncryptedFile(_MESSAGE)


def refuse_container(raw: Raw) -> NoReturn:
    """What an OLE container is that is no document: under a password, or of a kind that nobody here reads."""
    refuse_encrypted(raw.data)
    raise UnsupportedFormat("an OLE container that holds no document of a known kind")


def _is_encrypted(container: Any) -> bool:
    if container.exists("EncryptedPackage") or container.exists("EncryptedSummary"):
        return True
    if container.exists("WordDocument"):
        head = container.openstream("WordDocument").read(12)
        return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & 0x0100)
    for name in ("Workbook", "Book"):
        if container.exists(name):
            return _has_file_pass(container.openstream(name).read(_HEAD))
    return False


def _has_file_pass(head: bytes) -> bool:
    """Whether the record that names the encryption stands among a workbook's first ones."""
    position = 0
    while position + 4 <= len(head):
        record, length = struct.unpack_from("<HH", head, position)
        if record == _FILE_PASS:
            return True
        position += 4 + length
    return False
