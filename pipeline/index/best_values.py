"""The best value of each field of a group: what most files say, weighted by how surely and by which kind of file.

A file has one vote a field, shared among what its pages say. File names speak only where no sheet does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.index.evidence import FILE_NAME, Json, Source, Statement

# A drawing is the document; its DXF is made from it, often with a stale title block; a model's properties are rarely kept up.
KIND_WEIGHT = {"pdf": 1.0, "dxf": 0.9, "cad": 0.8}
OTHER_WEIGHT = 0.6
MOST_CONFIDENCE = 0.99
MOST_SOURCES = 10  # kept of each reading, and readings kept of each field


@dataclass(frozen=True, slots=True)
class Reading:
    """All statements that say the same, the weightiest first."""

    statements: tuple[Statement, ...]
    support: float
    confidence: float

    @property
    def best(self) -> Statement:
        return self.statements[0]


def readings(statements: Iterable[Statement]) -> list[Reading]:
    """The readings of one field, the best first; the same order whatever the order of the statements."""
    by_key: dict[str, list[Statement]] = defaultdict(list)
    for one in statements:
        if one.key:
            by_key[one.key].append(one)
    if any(one.source.method != FILE_NAME for several in by_key.values() for one in several):
        by_key = {key: kept for key, several in by_key.items() if (kept := [one for one in several if one.source.method != FILE_NAME])}
    found = [_reading(several) for several in by_key.values()]
    return sorted(found, key=lambda one: (-one.support, _order(one.best)))


def weight(source: Source) -> float:
    return source.confidence * source.share * KIND_WEIGHT.get(source.kind, OTHER_WEIGHT)


def _reading(statements: Sequence[Statement]) -> Reading:
    ordered = sorted(statements, key=_order)
    of_file: dict[str, Statement] = {}
    for one in ordered:
        of_file.setdefault(one.source.blob_id, one)
    votes = [weight(one.source) for one in of_file.values()]
    return Reading(tuple(ordered), round(sum(votes), 9), 1 - math.prod(1 - min(vote, 1.0) for vote in votes))


def _order(one: Statement) -> tuple[float, int, str, int, str]:
    source = one.source
    return (-weight(source), source.page_number or 0, source.file, len(one.value), one.value)


def field_json(found: Sequence[Reading]) -> Json:
    """The best reading with its source, who agrees, and the alternatives."""
    first, others = found[0], found[1:]
    share = first.support / (sum(one.support for one in found) or 1.0)
    best = first.best
    agreeing = [one.source.as_json() for one in first.statements[1:MOST_SOURCES + 1]]
    alternatives = [{"value": one.best.value, **_normal(one.best),
                     "sources": [each.source.as_json() for each in one.statements[:MOST_SOURCES]]} for one in others[:MOST_SOURCES]]
    return {"value": best.value, **_normal(best), "confidence": round(min(first.confidence * share, MOST_CONFIDENCE), 3),
            "source": best.source.as_json(), "agreeing": agreeing, "alternatives": alternatives}


def _normal(one: Statement) -> Json:
    normal = {"normalised": one.normalised} if one.normalised is not None else {}
    return normal | one.details
