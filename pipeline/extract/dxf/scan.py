"""The last resort for a damaged DXF: whatever still looks like an entity, one by one, in a new and sound file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from ezdxf.entities import factory
from ezdxf.lldxf.extendedtags import ExtendedTags
from ezdxf.lldxf.tagger import tag_compiler
from ezdxf.lldxf.types import POINT_CODES, DXFTag

from pipeline.extract.dxf.slim import GEOMETRY, TEXTUAL, entities_of
from pipeline.extract.dxf.tags import FLOATS, pairs_of

_VERSION = re.compile(rb"\bAC10\d\d\b")
_WANTED: Final = TEXTUAL | GEOMETRY | frozenset(b"VERTEX SEQEND SOLID POINT".split()) - frozenset((b"VIEWPORT", b"ACAD_TABLE"))
_FIRST_XDATA, _GROUPS, _OWNERS = 1000, 102, (330, 360)
_HANDLES: Final = (5, 105)
_MAX_ENTITIES = 300_000
_HEAD_BYTES = 200_000

Pairs = list[tuple[int, bytes]]


def scan(data: bytes) -> bytes:
    """An ASCII DXF of the blocks and entities in the bytes that make sense by themselves, under a minimal header.

    Left out are references to other objects and extended data: what they point to is not there.
    """
    version = _VERSION.search(data[:_HEAD_BYTES])
    name = version[0] if version is not None else b"AC1015" if b"\nAcDbEntity" in data else b"AC1009"
    sorter = _Sorter()
    for count, (start, stop, kind) in enumerate(entities_of(data)):
        if count >= _MAX_ENTITIES:
            break
        sorter.take(kind, data[start:stop], is_new=name > b"AC1012")
    return b"".join((b"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n", name, b"\n0\nENDSEC\n", *sorter.sections(), b"0\nEOF\n"))


class _Sorter:
    """Puts what was found into the blocks that it stood in, or into the model space."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._entities: list[bytes] = []
        self._block: list[bytes] | None = None
        self._seen: set[bytes] = set()

    def take(self, kind: bytes, run: bytes, *, is_new: bool) -> None:
        if kind in (b"SECTION", b"ENDSEC"):
            self._block = None
        if kind not in _WANTED:
            return
        pairs = self._without_repeated_handle(_sound(run))
        if not _loads(pairs, is_new=is_new):
            return
        text = b"".join(b"%d\n%b\n" % pair for pair in pairs)
        if kind == b"BLOCK":
            is_layout = any(code == 2 and value[:1] in b"*$" and b"SPACE" in value.upper() for code, value in pairs)
            self._block = None if is_layout else [text]
        elif kind == b"ENDBLK":
            self._close(text)
        elif self._block is not None:
            self._block.append(text)
        else:
            self._entities.append(text)

    def _close(self, end: bytes) -> None:
        """A block without its end is lost with what follows up to the next section, so that nothing is drawn twice."""
        if self._block is not None:
            self._blocks.extend((*self._block, end))
        self._block = None

    def _without_repeated_handle(self, pairs: Pairs) -> Pairs:
        handle = next((value for code, value in pairs if code in _HANDLES), None)
        if handle is None:
            return pairs
        if handle in self._seen:
            return [pair for pair in pairs if pair[0] not in _HANDLES]
        self._seen.add(handle)
        return pairs

    def sections(self) -> Iterable[bytes]:
        yield b"0\nSECTION\n2\nBLOCKS\n"
        yield from self._blocks
        yield b"0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
        yield from self._entities
        yield b"0\nENDSEC\n"


def _sound(run: bytes) -> Pairs:
    """The tags of an entity without groups of references, extended data, and coordinates that lack their y."""
    pairs: Pairs = []
    depth = 0
    for code, value in pairs_of(run):
        if code >= _FIRST_XDATA:
            break
        if code == _GROUPS:
            depth = 1 if value.startswith(b"{") else 0
        elif not depth and code not in _OWNERS and not (code in _HANDLES and not _is_handle(value)):
            pairs.append((code, value.strip() if code in FLOATS else value))
    following = [code for code, _ in pairs[1:]] + [-1]
    return [pair for pair, after in zip(pairs, following, strict=True) if pair[0] not in POINT_CODES or after == pair[0] + 10]


def _is_handle(value: bytes) -> bool:
    try:
        return int(value, 16) > 0
    except ValueError:
        return False


def _loads(pairs: Pairs, *, is_new: bool) -> bool:
    if is_new and not any(code == 100 for code, _ in pairs):
        return False  # the markers say which values belong where: without them nothing can be assigned
    try:
        tags: Any = tag_compiler(iter([DXFTag(code, value.decode("utf-8", errors="replace")) for code, value in pairs]))
        factory.load(ExtendedTags(tags))
    except MemoryError:
        raise
    except Exception:  # ezdxf's own errors and more: this entity is beyond repair
        return False
    return True
