"""How much a page's content stream holds, found without unpacking more of it than can be of use: some are bombs."""

from __future__ import annotations

import zlib
from typing import Any

_PLAIN = ("", "null", "[]")
_FLATE = ("/FlateDecode", "[/FlateDecode]", "/Fl", "[/Fl]")
_IMAGES = ("JBIG2", "DCT", "JPX", "CCITT")  # no content is packed like this but to do harm
_MOST_RAW_BYTES = 1_000_000  # of a stream packed in another way, which is unpacked to know


def is_longer(page: Any, most: int) -> bool:
    """Whether a PyMuPDF page's content streams have more than `most` bytes together, unpacked."""
    total = 0
    for xref in page.get_contents():
        total += _size(page.parent, xref, most + 1 - total)
        if total > most:
            return True
    return False


def _size(document: Any, xref: int, enough: int) -> int:
    """Unpacked bytes of a stream, counted up to `enough`."""
    raw = document.xref_stream_raw(xref) or b""
    kind = document.xref_get_key(xref, "Filter")[1].replace(" ", "")
    if kind in _PLAIN or len(raw) >= enough:
        return min(len(raw), enough)
    if kind in _FLATE:
        try:
            return len(zlib.decompressobj().decompress(raw, enough))
        except zlib.error:  # damaged: MuPDF reads what comes before the damage, which is no more than this
            return min(len(raw), enough)
    if len(raw) > _MOST_RAW_BYTES or any(codec in kind for codec in _IMAGES):
        return enough
    return min(len(document.xref_stream(xref) or b""), enough)
