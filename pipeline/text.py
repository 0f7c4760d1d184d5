"""Text as PostgreSQL can store it."""

from __future__ import annotations


def clean_text(text: str) -> str:
    """Text without NUL; lone surrogates become question marks."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
