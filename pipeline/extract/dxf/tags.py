"""From a DXF's bytes to ezdxf's tags: fast for sound files, and for damaged ones as far as anything makes sense."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ezdxf.lldxf.types import BINARY_DATA, POINT_CODES, TYPE_TABLE, DXFBinaryTag, DXFTag, DXFVertex

BINARY_MARK: Final = b"AutoCAD Binary DXF\r\n\x1a\x00"
_RUN_BYTES = 65_536  # decoded at a time, so that a large file's lines are never all in memory
_COMMENT = 999
_LONGEST_TEXT = 2_050  # of a binary DXF, beyond which the place is taken for damaged

FLOATS: Final = frozenset((*range(10, 60), *range(110, 150), *range(210, 240), *range(460, 470), *range(1010, 1060)))
INTEGERS: Final = frozenset((
    *range(60, 80), *range(90, 100), *range(160, 180), *range(270, 300), *range(370, 390), *range(400, 410), *range(420, 430),
    *range(440, 460), *range(1060, 1072)))
CHUNKS: Final = frozenset((*range(310, 320), 1004))
KNOWN: Final = FLOATS | INTEGERS | CHUNKS | frozenset((
    *range(10), 100, 101, 102, 105, *range(300, 310), *range(320, 370), *range(390, 400), *range(410, 420), *range(430, 440),
    *range(470, 482), *range(1000, 1010)))


def tags_of(runs: Iterable[bytes], encoding: str) -> Iterator[DXFTag]:
    """The tags of an ASCII DXF in runs of whole entities, their values converted; comments are left out.

    The same as ezdxf's own loader and compiler in half the time, most of which that pair spends on passing tags on.
    Raises ValueError where a value is none for its group code, or a coordinate lacks its y.
    """
    for text in _texts(runs, encoding):
        lines = text.replace("\r\n", "\n").split("\n")
        codes = [int(code) for code in lines[:-1:2]]
        yield from _compiled(codes, lines[1::2])


def _compiled(codes: Sequence[int], values: Sequence[str]) -> Iterator[DXFTag]:
    convert, points, chunks = TYPE_TABLE.get, POINT_CODES, BINARY_DATA
    skip = 0
    for at, (code, value) in enumerate(zip(codes, values, strict=False)):
        if skip:
            skip -= 1
        elif code in points:
            ahead = codes[at + 1:at + 3]
            if ahead[:1] != [code + 10]:
                raise ValueError("a coordinate without its y")
            skip = 2 if ahead[1:] == [code + 20] else 1
            yield DXFVertex(code, [float(number) for number in values[at:at + skip + 1]])
        elif code in chunks:
            yield DXFBinaryTag.from_string(code, value)
        elif code == 0:
            yield DXFTag(0, value.strip())
        elif code != _COMMENT:
            yield DXFTag(code, _converted(value, convert(code, str)))


def _converted(value: str, kind: type) -> Any:
    if kind is int:
        try:
            return int(value)
        except ValueError:
            return int(float(value))  # some programs write whole numbers as 1.0
    return kind(value)


def _texts(runs: Iterable[bytes], encoding: str) -> Iterator[str]:
    gathered: list[bytes] = []
    size = 0
    for run in runs:
        gathered.append(run)
        size += len(run)
        if size >= _RUN_BYTES:
            yield b"".join(gathered).decode(encoding, errors="surrogateescape")
            gathered, size = [], 0
    yield b"".join(gathered).decode(encoding, errors="surrogateescape")


def pairs_of(run: bytes) -> Iterator[tuple[int, bytes]]:
    """(group code, value) of whatever in a damaged run looks like a tag; lines in between are skipped."""
    lines = run.split(b"\n")
    at = 0
    while at + 1 < len(lines):
        code, value = _code(lines[at]), lines[at + 1].rstrip(b"\r")
        if code is None or not _suits(code, value):
            at += 1
            continue
        yield code, value
        at += 2


def _code(line: bytes) -> int | None:
    text = line.strip()
    if not text.isdigit() or len(text) > 4:
        return None
    code = int(text)
    return code if code in KNOWN else None


def _suits(code: int, value: bytes) -> bool:
    try:
        if code in FLOATS:
            return abs(float(value)) < 1e300
        if code in INTEGERS:
            return abs(int(value)) < 2**63
    except ValueError:
        return False
    return True


def ascii_of_binary(data: bytes) -> tuple[bytes, bool]:
    """A binary DXF as an ASCII one, and whether all of it could be read.

    Where the bytes make no sense, reading goes on at the next thing that looks like the start of an entity.
    """
    wide = _has_wide_codes(data)
    out: list[bytes] = []
    at, is_whole = len(BINARY_MARK), True
    while at < len(data):
        tag = _binary_tag(data, at, wide=wide)
        if tag is None:
            is_whole = False
            at = _next_entity(data, at + 1, wide=wide)
            continue
        code, value, at = tag
        out.append(b"%d\n%b\n" % (code, value))
        if code == 0 and value == b"EOF":
            break
    return b"".join(out), is_whole


def _has_wide_codes(data: bytes) -> bool:
    """Group codes take one byte up to release 12, two from release 13 on."""
    start = len(BINARY_MARK)
    return data[start:start + 2] == b"\0\0"


def _binary_tag(data: bytes, at: int, *, wide: bool) -> tuple[int, bytes, int] | None:
    """(group code, value as text, where the next tag starts); None where no tag can stand."""
    try:
        if wide:
            (code,), at = struct.unpack_from("<H", data, at), at + 2
        elif data[at] == 255:
            (code,), at = struct.unpack_from("<H", data, at + 1), at + 3
        else:
            code, at = data[at], at + 1
        if code not in KNOWN and code != _COMMENT:
            return None
        return _binary_value(data, at, code)
    except (struct.error, IndexError):
        return None


def _binary_value(data: bytes, at: int, code: int) -> tuple[int, bytes, int] | None:
    if code in FLOATS:
        number = struct.unpack_from("<d", data, at)[0]
        return (code, repr(number).encode("ascii"), at + 8) if abs(number) < 1e300 else None
    if code in INTEGERS:
        form = _integer_form(code)
        return code, b"%d" % struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if code in CHUNKS:
        size = data[at]
        return code, data[at + 1:at + 1 + size].hex().upper().encode("ascii"), at + 1 + size
    end = data.find(b"\0", at, at + _LONGEST_TEXT)
    if end < 0:
        return None
    value = data[at:end].replace(b"\r", b"").replace(b"\n", b"^J")
    is_damaged = code == 0 and (not value or not value.replace(b"_", b"").replace(b"*", b"").isalnum())
    return None if is_damaged else (code, value, end + 1)


def _integer_form(code: int) -> str:
    if 290 <= code < 300:
        return "<B"
    if 160 <= code < 170:
        return "<q"
    return "<i" if 90 <= code < 100 or 420 <= code < 430 or 440 <= code < 460 or code == 1071 else "<h"


def _next_entity(data: bytes, at: int, *, wide: bool) -> int:
    """Where the next group 0 with a name in capitals stands; the end of the data where there is none."""
    mark = b"\0\0" if wide else b"\0"
    while (found := data.find(mark, at)) >= 0:
        start = found + len(mark)
        end = data.find(b"\0", start, start + 32)
        name = data[start:end] if end > start else b""
        if len(name) >= 3 and name.replace(b"_", b"").isalnum() and name.isupper():
            return found
        at = found + 1
    return len(data)
