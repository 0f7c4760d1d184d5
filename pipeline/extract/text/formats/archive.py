"""Office files as what they are, ZIP archives of XML: opened only where they unpack to something a document can be.

    with opened(data, "a Word document") as archive:
        for kind, name, attributes in archive.events("word/document.xml"): …

Nothing is unpacked into memory as a whole; XML is read as it comes out, and entities are never expanded.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final
from urllib.parse import unquote

from pipeline.extract.errors import BombFile, CorruptFile, EmptyFile, EncryptedFile
from pipeline.extract.sniff import describe
from pipeline.extract.text.formats.markup import START, Event, MarkupError, batches
from pipeline.extract.text.formats.ole import is_ole, refuse_encrypted

MAX_ENTRIES: Final = 50_000
MAX_UNPACKED: Final = 4_000_000_000  # bytes of all entries as the archive declares them, pictures and films included
MAX_READ: Final = 600_000_000  # bytes of XML that one document may unpack to
MAX_EVENTS: Final = 40_000_000  # elements begun and ended, and texts, of one document: about half a minute
MAX_RATIO: Final = 250  # unpacked to packed; the most repetitive sheets stay under 100, deflate itself ends at 1,032
RATIO_FROM: Final = 20_000_000  # bytes from which the ratio counts
_PIECE: Final = 65_536  # bytes unpacked at a time
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError)
_MEND = "open it in the program that made it and save it again, or replace the file"


class PartDamaged(Exception):
    """A part ended too early, in XML that is none, or in far too much of it: what was read before counts."""


class Archive:
    """The parts of one Office file by name. Names are looked up without regard to case, as Office does."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self._entries = {entry.filename.lstrip("/").replace("\\", "/").lower(): entry for entry in archive.infolist()}
        self._read = 0  # bytes unpacked so far
        self._events = 0  # elements begun and ended, and texts

    def __contains__(self, name: str) -> bool:
        return name.lstrip("/").lower() in self._entries

    def names(self, prefix: str) -> list[str]:
        """The parts whose names begin so, sorted."""
        return sorted(name for name in self._entries if name.startswith(prefix.lower()))

    def events(self, name: str, *, allow_doctype: bool = False) -> Iterator[Event]:
        """The markup of a part as it comes out; nothing for a part that is not there.

        allow_doctype  for formats whose parts may have one

        Raises PartDamaged where the part breaks off, BombFile where it declares entities or unpacks to too much.
        """
        entry = self._entries.get(name.lstrip("/").lower())
        if entry is None:
            return
        try:
            with self._zip.open(entry) as raw:
                for batch in batches(self._counted(raw, entry), allow_doctype=allow_doctype):
                    self._events += len(batch)
                    if self._events > MAX_EVENTS:
                        raise PartDamaged(name)
                    yield from batch
        except (MarkupError, *_BROKEN) as error:
            raise PartDamaged(name) from error

    def _counted(self, raw: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """An entry's bytes as they come out, counted: what the archive declares of itself may be a lie."""
        unpacked = 0
        while data := raw.read(_PIECE):
            unpacked += len(data)
            self._read += len(data)
            if self._read > MAX_READ or _is_bomb(unpacked, entry):
                raise BombFile(f"the file unpacks to more than {MAX_READ // 1_000_000} MB, or to {MAX_RATIO} times its size")
            yield data

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id → (last word of its type, the part it leads to); outside targets are left out."""
        folder, name = posixpath.split(part.lstrip("/"))
        found: dict[str, tuple[str, str]] = {}
        try:
            for kind, tag, attributes in self.events(posixpath.join(folder, "_rels", f"{name}.rels")):
                target = unquote(attributes.get("Target", "")) if kind == START and tag == "Relationship" else ""
                if target and attributes.get("TargetMode") != "External" and len(found) < MAX_ENTRIES:
                    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                    found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)
        except PartDamaged:  # what was read of it serves
            pass
        return found

    def is_other(self, part: str, root: str) -> bool:
        """Whether a part is missing, or is XML that begins with another element than `root`: that of another kind of document."""
        try:
            first = next((name for kind, name, _ in self.events(part) if kind == START), None)
        except PartDamaged:
            return False
        return first != root

    def main_part(self, usual: str) -> str:
        """The part that holds the document: as the archive's relationships say, else where it usually is."""
        for kind, path in self.relations("").values():
            if kind == "officeDocument" and path in self:
                return path
        return usual


@contextmanager
def opened(data: bytes, what: str) -> Iterator[Archive]:
    """The parts of an Office file.

    what  it should be, for messages: 'a Word document'

    Raises EmptyFile, EncryptedFile, BombFile, or CorruptFile where the bytes are no such archive.
    """
    if not data:
        raise EmptyFile("the file has no bytes: copy it again from its source")
    if is_ole(data):
        refuse_encrypted(data)
        raise CorruptFile(f"the file is named like {what} but is an Office file of the old kind: give it its right extension")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        kind = describe(data)
        seems = f" and looks like {kind}" if kind else ""
        raise CorruptFile(f"the file cannot be opened as {what}{seems} ({type(error).__name__}): {_MEND}") from error
    with archive:
        _check(archive)
        yield Archive(archive)


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse what declares itself too large, before anything is unpacked."""
    entries = archive.infolist()
    if not entries:
        raise CorruptFile(f"the archive is empty: {_MEND}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedFile("a password is needed to open the file: save a copy without one")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise BombFile(f"the file declares {len(entries)} parts of {unpacked // 1_000_000} MB: no document is as large")
    if any(_is_bomb(entry.file_size, entry) for entry in entries):
        raise BombFile(f"a part of the file declares that it unpacks to more than {MAX_RATIO} times its size")


def _is_bomb(unpacked: int, entry: zipfile.ZipInfo) -> bool:
    return unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(1, entry.compress_size)
