"""Leave out of a DXF what no reader here looks at, before ezdxf makes objects of it.

An entity is the run of bytes from one group 0 to the next, so that whole ones are dropped without reading their tags.
That is most of a usual file (hatches, materials, arrows of dimensions), and in a large one it decides about memory: ezdxf
takes about twelve times the bytes it loads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

TEXTUAL: Final = frozenset(
    b"DIMENSION ARC_DIMENSION LARGE_RADIAL_DIMENSION TEXT MTEXT ATTRIB ATTDEF INSERT TOLERANCE LEADER MULTILEADER MLEADER "
    b"ACAD_TABLE VIEWPORT BLOCK ENDBLK".split()
)
GEOMETRY: Final = frozenset(b"LINE ARC CIRCLE ELLIPSE LWPOLYLINE POLYLINE SPLINE".split())
_NOT_DRAWN: Final = frozenset((b"BLOCK", b"ENDBLK", b"ATTRIB", b"VIEWPORT"))
_OF_BLOCKS: Final = frozenset(b"SOLID TRACE 3DFACE POINT".split())  # tell one symbol from another
_FOLLOWERS: Final = frozenset((b"ATTRIB", b"VERTEX", b"SEQEND"))  # go with the entity before them
_OBJECTS: Final = frozenset(b"DICTIONARY ACDBDICTIONARYWDFLT LAYOUT MLEADERSTYLE".split())
_FRAME: Final = frozenset((b"SECTION", b"ENDSEC", b"EOF"))
_UNREAD_SECTIONS: Final = frozenset((b"CLASSES", b"ACDSDATA", b"THUMBNAILIMAGE"))
_IN_DIMENSION: Final = frozenset((b"BLOCK", b"ENDBLK", b"TEXT", b"MTEXT"))

# The name of an entity is never a number, so that a value of 0 before a group code is not taken for a start.
_ENTITY = rb"[ \t]*0[ \t]*\r?\n[ \t]*([A-Za-z_*][\w*.$-]*|3D?[A-Z]\w*)[ \t]*(?=\r?\n)"
_FIRST, _START = re.compile(_ENTITY), re.compile(rb"\n" + _ENTITY)  # a literal in front makes the search three times as fast
_NAME = re.compile(rb"\n[ \t]*2[ \t]*\r?\n[ \t]*([^\r\n]*)")
_LAYER = re.compile(rb"\n[ \t]*8[ \t]*\r?\n([^\r\n]*)")
_PAPER = re.compile(rb"\n[ \t]*67[ \t]*\r?\n[ \t]*1[ \t]*\r?\n")
_PREVIEW = re.compile(rb"\n[ \t]*310[ \t]*\r?\n[^\n]*")
_LAYOUT_BLOCK = re.compile(rb"[*$](?:MODEL|PAPER)_SPACE", re.IGNORECASE)

LARGE = 16_000_000  # bytes of a file beyond which only so much is loaded that 150 MB hold a file of 32 MB
_ROOM, _ROOM_OF_LARGE = 12_000_000, 3_000_000
_WORTH_OF_GEOMETRY, _WORTH_OF_INSERT, _WORTH_OF_TEXT, _WORTH_OF_DIMENSION = range(4)
_ALWAYS = 9


@dataclass
class LeftOut:
    """What was left out of the layouts.

    kinds, layers  how many entities, by type and by folded name of the layer
    cut            entities that would have been read had the file been smaller, by type
    drawn          how many drawn entities were not left out: what a sound file has in its layouts and blocks
    """

    kinds: Counter[str] = field(default_factory=Counter)
    layers: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    drawn: int = 0


@dataclass(slots=True)
class _Span:
    """One entity: data[start:stop]."""

    start: int
    stop: int
    kind: bytes
    worth: int
    in_layout: bool


def slim(data: bytes) -> tuple[list[bytes], LeftOut]:
    """(runs of whole entities of an ASCII DXF, what they lack); one run with everything where no entity is found."""
    left_out = LeftOut()
    room = _ROOM if len(data) <= LARGE else _ROOM_OF_LARGE
    least, left = (-1, 0) if len(data) <= room else _least_worth(_kept(data, LeftOut()), room)
    kept = _Cut(data, left, least, left_out)
    runs = (kept.run(span) for span in _kept(data, left_out))
    return [run for run in runs if run], left_out


def _kept(data: bytes, left_out: LeftOut) -> Iterator[_Span]:
    """The entities that a reader looks at, and everything that holds the file together. The others are counted in `left_out`.

    Gone through twice where room is short: a list of the entities of a large file would need more room than they.
    """
    section, block, worth, in_layout = b"", b"", _ALWAYS, False
    for start, stop, kind in entities_of(data):
        if kind == b"SECTION":
            section = _name(data, start, stop)
            in_layout = section == b"ENTITIES"
        elif kind == b"BLOCK" and section == b"BLOCKS":
            block = _name(data, start, stop)
            in_layout = _LAYOUT_BLOCK.match(block) is not None
        if kind not in _FOLLOWERS or (kind == b"ATTRIB" and worth < 0):
            worth = _worth(section, block, kind, in_layout=in_layout)
        if kind == b"ENDSEC":
            section = b""
        if worth >= 0:
            yield _Span(start, stop, kind, worth, in_layout)
        elif in_layout and kind not in _FOLLOWERS:
            _count(left_out, data, start, stop, kind)


def entities_of(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(start, stop, type) of each run from one group 0 to the next; what stands before the first belongs to it."""
    first = _FIRST.match(data)
    start, kind = 0, first[1] if first is not None else b""
    for match in _START.finditer(data):
        if kind:
            yield start, match.start() + 1, kind
            start = match.start() + 1
        kind = match[1]
        if kind == b"EOF":  # some writers leave rubbish behind it
            yield start, match.end(), kind
            return
    yield start, len(data), kind or b"SECTION"


def _is_drawn(kind: bytes) -> bool:
    return kind in GEOMETRY or (kind in TEXTUAL and kind not in _NOT_DRAWN)


def _worth(section: bytes, block: bytes, kind: bytes, *, in_layout: bool) -> int:
    """How much an entity is worth when room is short; less than 0: nobody looks at it."""
    if section in _UNREAD_SECTIONS:
        return -1
    if kind in _FRAME or section in (b"HEADER", b"TABLES", b""):
        return _ALWAYS
    if section == b"OBJECTS":
        return _ALWAYS if kind in _OBJECTS else -1
    if section not in (b"BLOCKS", b"ENTITIES"):
        return -1
    return _worth_of_entity(block if section == b"BLOCKS" else b"", kind, in_layout=in_layout)


def _worth_of_entity(block: bytes, kind: bytes, *, in_layout: bool) -> int:
    is_frame = kind in (b"BLOCK", b"ENDBLK")
    if is_frame:
        return _ALWAYS
    if block[:2] in (b"*X", b"*x"):  # the lines of a hatch
        return -1
    if block[:2] in (b"*D", b"*d"):  # what a dimension shows: its text is enough
        return _WORTH_OF_DIMENSION if kind in _IN_DIMENSION else -1
    if kind in GEOMETRY:
        return _WORTH_OF_GEOMETRY
    if kind in _OF_BLOCKS:
        return -1 if in_layout else _WORTH_OF_GEOMETRY
    if kind not in TEXTUAL:
        return -1
    if kind.endswith(b"DIMENSION"):
        return _WORTH_OF_DIMENSION
    return _WORTH_OF_INSERT if kind == b"INSERT" else _WORTH_OF_TEXT


def _least_worth(spans: Iterable[_Span], room: int) -> tuple[int, int]:
    """(worth, room left for entities of just that worth): those of less worth are cut; (-1, 0) where there is room for all."""
    sizes = Counter[int]()
    for span in spans:
        sizes[span.worth] += span.stop - span.start
    for worth in sorted(sizes, reverse=True):
        if sizes[worth] > room:
            return worth, room
        room -= sizes[worth]
    return -1, 0


class _Cut:
    """Takes entities as long as there is room for them, geometry all or none: half an outline is a wrong one."""

    def __init__(self, data: bytes, room: int, least: int, left_out: LeftOut) -> None:
        self._data, self._room, self._least, self._left_out = data, room, least, left_out
        self._takes_parent = True

    def run(self, span: _Span) -> bytes:
        """The bytes of an entity, empty where it is cut."""
        if span.kind not in _FOLLOWERS:
            self._takes_parent = self._takes(span)
        if self._takes_parent:
            self._left_out.drawn += _is_drawn(span.kind)
            run = self._data[span.start:span.stop]
            return _PREVIEW.sub(b"", run) if span.kind == b"BLOCK_RECORD" else run
        if span.kind not in _FOLLOWERS:
            self._left_out.cut[span.kind.decode("ascii")] += 1
            if span.in_layout:
                _count(self._left_out, self._data, span.start, span.stop, span.kind)
        return b""

    def _takes(self, span: _Span) -> bool:
        if span.worth > self._least or self._least < 0 or span.worth == _ALWAYS:
            return True
        if span.worth < self._least:
            return False
        size = span.stop - span.start
        is_sheet = span.worth != _WORTH_OF_GEOMETRY or self._is_of_paper(span)
        if not is_sheet or size > self._room:
            return False
        self._room -= size
        return True

    def _is_of_paper(self, span: _Span) -> bool:
        """Paper space holds frames and title blocks, whose lines are few."""
        return _PAPER.search(self._data, span.start, span.stop) is not None


def _name(data: bytes, start: int, stop: int) -> bytes:
    match = _NAME.search(data, start, stop)
    return match[1].strip() if match is not None else b""


def _count(left_out: LeftOut, data: bytes, start: int, stop: int, kind: bytes) -> None:
    left_out.kinds[kind.decode("ascii")] += 1
    layer = _LAYER.search(data, start, stop)
    if layer is not None:
        left_out.layers[layer[1].decode("utf-8", errors="replace").casefold()] += 1
