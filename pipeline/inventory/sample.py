"""A trial run's files: a few of every folder and format, the same ones each time."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterable
from pathlib import PurePosixPath

from pipeline.storage.base import Entry

Stratum = tuple[str, str]
Ranked = tuple[bytes, str, Entry]  # hash of the key, the key (hashes may meet), the file


def sample(entries: Iterable[Entry], limit: int) -> list[Entry]:
    """`limit` of the files, by key: round robin over (folder, extension), in hash order inside each.

    The listing is streamed: memory grows with `limit`, not with the number of files.
    """
    strata: dict[Stratum, list[Ranked]] = {}
    kept = 0
    for entry in entries:
        insort(strata.setdefault(stratum(entry.key), []), (_hash(entry.key), entry.key, entry))
        kept += 1
        if kept >= 4 * limit + 1000:
            strata = _best(strata, limit)
            kept = limit
    chosen = [entry for files in _best(strata, limit).values() for _, _, entry in files]
    return sorted(chosen, key=lambda entry: entry.key)


def stratum(key: str) -> Stratum:
    path = PurePosixPath(key)
    return str(path.parent), path.suffix.lower()


def _best(strata: dict[Stratum, list[Ranked]], limit: int) -> dict[Stratum, list[Ranked]]:
    """The first `limit` of a round robin. A file beyond it never comes back: more files only push it further down."""
    order = sorted((rank, _hash("\0".join(name)), name) for name, files in strata.items() for rank in range(len(files)))
    best: dict[Stratum, list[Ranked]] = {}
    for rank, _, name in order[:limit]:
        best.setdefault(name, []).append(strata[name][rank])
    return best


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
