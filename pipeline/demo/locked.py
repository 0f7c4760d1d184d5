"""A password on a PDF, the same bytes every time.

PyMuPDF draws a fresh file id or fresh padding whenever it encrypts, so this module does the oldest of the
standard methods by hand: RC4 with 40 bits (PDF 32000-1:2008, 7.6.2 and 7.6.3, revision 2). It protects nothing
today; it only makes a file that asks for a password.
"""

from __future__ import annotations

import hashlib
import re
import struct

PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
PERMISSIONS = -4
STREAM = re.compile(rb"(\d+) 0 obj\n<<[^>]*?/Length (\d+)[^>]*>>\nstream\n")
FILE_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>")


def lock(pdf: bytes, password: str) -> bytes:
    """The PDF with its streams encrypted, in place: RC4 keeps lengths, so no offset moves.

    pdf  uncompressed object structure, a file id, and no strings beside the id (no document information)
    """
    user = (password.encode("latin-1") + PADDING)[:32]
    owner_entry = rc4(_md5(user)[:5], user)
    identity = FILE_ID.search(pdf)
    if identity is None:
        raise ValueError("the PDF has no file id; save it with one")
    key = _md5(user + owner_entry + struct.pack("<i", PERMISSIONS) + bytes.fromhex(identity[1].decode()))[:5]
    locked = bytearray(pdf)
    for found in STREAM.finditer(pdf):
        start, end = found.end(), found.end() + int(found[2])
        locked[start:end] = rc4(_object_key(key, int(found[1])), pdf[start:end])
    entry = f"/Encrypt<</Filter/Standard/V 1/R 2/P {PERMISSIONS}/O<{owner_entry.hex()}>/U<{rc4(key, PADDING).hex()}>>>"
    head, _, tail = bytes(locked).rpartition(b">>\nstartxref")
    return head + entry.encode() + b">>\nstartxref" + tail


def _object_key(key: bytes, number: int) -> bytes:
    return _md5(key + struct.pack("<I", number)[:3] + b"\0\0")[:10]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def rc4(key: bytes, data: bytes) -> bytes:
    """RC4, which undoes itself."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
