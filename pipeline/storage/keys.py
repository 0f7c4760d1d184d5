"""File names as keys, and keys as file names.

A key is the path relative to its source with '/'. Bytes that are no UTF-8 (and lone surrogates on Windows)
are written as %XX; a '%' that already stands before two hex digits becomes %25, so that decoding is
unambiguous. Everything else stays as it is: newlines, blanks, both Unicode forms of 'é'.
"""

from __future__ import annotations

import os
import re

from pipeline.errors import PermanentError

_TO_ENCODE = re.compile(r"%(?=[0-9A-Fa-f]{2})|[\ud800-\udfff]")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
# On Windows a backslash separates folders, and a colon names a drive or a stream.
_FORBIDDEN = re.compile(r"[\x00/\\:]" if os.name == "nt" else r"[\x00/]")


def encode_name(name: str) -> str:
    """The key's part for one file or folder name, as os.scandir gives it."""
    if name.isascii() and "%" not in name:
        return name
    # A lone surrogate stands for bytes that are no UTF-8; os.fsencode knows which on each system.
    return _TO_ENCODE.sub(lambda found: "".join(f"%{byte:02X}" for byte in os.fsencode(found[0])), name)


def decode_name(part: str) -> str:
    """The file or folder name behind one part of a key; the reverse of encode_name."""
    if "%" not in part:
        return part
    raw = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), part.encode("utf-8"))
    return os.fsdecode(raw)


def key_parts(key: str) -> list[str]:
    """The folder names and the file name behind a key.

    Raises PermanentError for a key that would lead out of its source: '..', absolute paths, drives, NUL.
    """
    parts = [decode_name(part) for part in key.split("/")]
    if any(part in {"", ".", ".."} or _FORBIDDEN.search(part) for part in parts):
        raise PermanentError("the key leads out of its source, or names no file", reason="bad_key")
    return parts
