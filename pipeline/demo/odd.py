"""The files that every real folder holds: broken, locked, misnamed."""

from __future__ import annotations

import hashlib

from pipeline.demo.dxf import dxf_bytes
from pipeline.demo.locked import lock
from pipeline.demo.pdf import finish, vector
from pipeline.demo.spec import DrawingSpec

PASSWORD = "draftmill"


def corrupt_pdf() -> bytes:
    """A PDF header, then noise: what a broken upload leaves. There is nothing in it to repair."""
    noise = b"".join(hashlib.sha256(f"noise {k}".encode()).digest() for k in range(160))
    return b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n" + noise


def encrypted_pdf(spec: DrawingSpec) -> bytes:
    """The drawing behind a password."""
    return lock(finish(vector(spec), spec, information=False), PASSWORD)


def broken_dxf(spec: DrawingSpec) -> bytes:
    """A DXF that a strict reader refuses and a recovering one reads whole: a group code with a word behind it."""
    return dxf_bytes(spec).replace(b"  8\nTEXT\n", b"  8 layer\nTEXT\n", 1)
