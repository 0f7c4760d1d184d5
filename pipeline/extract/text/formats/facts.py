"""What an Office file says of itself: title, author, dates."""

from __future__ import annotations

from typing import Final

from pipeline.extract.text.formats.archive import Archive, PartDamaged
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.markup import END, START, TEXT

_CORE: Final = {
    "title": "title", "creator": "author", "subject": "subject", "keywords": "keywords", "created": "created", "modified": "modified",
    "lastModifiedBy": "last_modified_by", "language": "language", "revision": "revision", "category": "category",
}
_MOST: Final = 2000  # characters of one fact


def read_facts(archive: Archive, builder: TextBuilder) -> None:
    """The core properties of an Office file into those of the document; its title is the document's."""
    paths = [path for kind, path in archive.relations("").values() if kind == "core-properties"]
    text: list[str] = []
    try:
        for kind, name, _attributes in archive.events(paths[0] if paths else "docProps/core.xml"):
            if kind == TEXT:
                text.append(name)
            elif kind == START:
                text.clear()
            elif kind == END and name in _CORE:
                _set(builder, _CORE[name], "".join(text)[:_MOST].strip())
                text.clear()
    except PartDamaged:
        builder.warn("properties_damaged")


def _set(builder: TextBuilder, name: str, value: str) -> None:
    if name == "title":
        builder.title = value or builder.title
    builder.set(name, value)
