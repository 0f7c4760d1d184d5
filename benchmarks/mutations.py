"""Damaged copies of files, the way files really are damaged, and the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

pymupdf.TOOLS.mupdf_display_errors(False)  # damaged files are the point

Damage = Callable[[random.Random, bytes], bytes]

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_REFERENCE = re.compile(rb"\d+ 0 R")
_ODD_NUMBERS = (b"0", b"-1", b"65536", b"2147483648", b"-2147483649", b"99999999999999999999", b"1e308", b"nan", b"0.0000000001")
_WORDS = (b"endobj", b"endstream", b"stream", b"xref", b"trailer", b"/Length", b"/Kids", b"/Type", b"/Contents", b"/Font", b"BT", b"ET",
          b"Tj", b"SECTION", b"ENDSEC", b"ENTITIES", b"BLOCKS", b"TABLES", b"DIMENSION", b"INSERT", b"LAYER", b"AcDbEntity",
          b"ENDBLK", b"EOF")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged file. name: its number, its damage and what it was made of; damage: a name of DAMAGES."""

    name: str
    damage: str
    origin: Path
    data: bytes


def mutants(files: Sequence[Path], count: int, seed: int) -> Iterator[Mutant]:
    """`count` damaged copies; files and kinds of damage take turns, so that each meets each. PDFs take turns unpacked, too."""
    names = sorted(DAMAGES)
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        origin = files[number % len(files)]
        damage = names[(number // len(files) + number) % len(names)]
        data = origin.read_bytes()
        if origin.suffix.lower() == ".pdf" and number % 2:
            data = unpacked(data)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            data = DAMAGES[damage](rng, data)
        yield Mutant(f"{number:05}-{damage}-{origin.stem[:60]}{origin.suffix.lower()}", damage, origin, data)


def unpacked(data: bytes) -> bytes:
    """The same PDF with its streams uncompressed, or damage would hardly ever reach what they say."""
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            return bytes(document.tobytes(expand=255, no_new_id=True)) if document.page_count else data
    except Exception:  # a file that is broken already stays as it is
        return data


def cut_off(rng: random.Random, data: bytes) -> bytes:
    """A copy that broke off."""
    return data[: rng.randint(len(data) // 10, max(len(data) - 1, 1))]


def _flip_bits(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 5, 50, 500))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _blank_block(rng: random.Random, data: bytes) -> bytes:
    """A sector that was never written."""
    size = min(rng.choice((64, 512, 4096)), len(data))
    start = rng.randint(0, len(data) - size)
    return data[:start] + bytes(size) + data[start + size:]


def _lose_slice(rng: random.Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + data[end:]


def _repeat_slice(rng: random.Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:end] + data[start:end] * rng.choice((1, 3)) + data[end:]


def _insert_noise(rng: random.Random, data: bytes) -> bytes:
    start = rng.randint(0, len(data))
    return data[:start] + rng.randbytes(rng.choice((1, 20, 2000))) + data[start:]


def _change_numbers(rng: random.Random, data: bytes) -> bytes:
    """Lengths, offsets, counts, coordinates and group codes that lie."""
    found = list(_NUMBER.finditer(data))
    for match in sorted(rng.sample(found, min(len(found), rng.choice((1, 5, 30)))), key=lambda match: -match.start()):
        data = data[: match.start()] + rng.choice(_ODD_NUMBERS) + data[match.end():]
    return data


def _damage_words(rng: random.Random, data: bytes) -> bytes:
    word = rng.choice([word for word in _WORDS if word in data] or [data[:4]])
    return data.replace(word, bytes(rng.sample(word, len(word))), rng.choice((1, 1, 3, -1)))


def _lose_lines(rng: random.Random, data: bytes) -> bytes:
    """Group codes and values change places; objects lose their ends."""
    lines = data.split(b"\n")
    lost = set(rng.sample(range(len(lines)), min(len(lines) - 1, rng.choice((1, 3, 20)))))
    return b"\n".join(line for number, line in enumerate(lines) if number not in lost)


def _cross_references(rng: random.Random, data: bytes) -> bytes:
    """Objects that point to others than they should, at times to themselves or their parents; handles and names in a DXF."""
    found = [match[0] for match in _REFERENCE.finditer(data)] or [line for line in data.split(b"\n") if 2 < len(line) < 40]
    if not found:
        return data[::-1]
    target = rng.choice(found)
    return data.replace(target, rng.choice(found), rng.choice((1, 5, -1)))


def _change_line_ends(rng: random.Random, data: bytes) -> bytes:
    """What a transfer in text mode does."""
    return data.replace(b"\r\n", b"\n") if b"\r\n" in data and rng.random() < 0.5 else data.replace(b"\n", rng.choice((b"\r\n", b"\r")))


def _slice(rng: random.Random, data: bytes) -> tuple[int, int]:
    size = min(rng.choice((16, 256, 4096, len(data) // 4)), len(data) - 1)
    start = rng.randint(0, len(data) - size)
    return start, start + size


DAMAGES: dict[str, Damage] = {
    "bits": _flip_bits, "blank": _blank_block, "cut": cut_off, "line-ends": _change_line_ends, "lines": _lose_lines,
    "lost-slice": _lose_slice, "noise": _insert_noise, "numbers": _change_numbers, "references": _cross_references,
    "repeated-slice": _repeat_slice, "words": _damage_words,
}
