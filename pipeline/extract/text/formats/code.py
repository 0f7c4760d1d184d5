"""JSON, lines of JSON, and XML: as they stand. Nothing is parsed, so nothing in them can grow."""

from __future__ import annotations

from pipeline.extract.text.formats.html_tags import declared_encoding
from pipeline.extract.text.formats.plain import builder_for
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

_BLOCK_CHARS = 20_000  # of one block, cut at a line's end where there is one


def read_code(raw: Raw) -> TextDocument:
    """The text of a file that is code or data, in blocks of some length."""
    declared = declared_encoding(raw.data) if raw.mime_type == "application/xml" else None
    builder, decoded = builder_for(raw, "text", declared)
    text, position = decoded.text, 0
    while position < len(text) and not builder.is_full:
        end = min(len(text), position + _BLOCK_CHARS)
        if end < len(text):
            end = text.rfind("\n", position + _BLOCK_CHARS // 2, end) + 1 or end
        builder.add(text[position:end], "code")
        position = end
    return builder.document()
