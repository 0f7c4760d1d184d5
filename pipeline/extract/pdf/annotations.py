"""What a drawing says beside its dimensions: feature control frames, datums, roughness, balloons, notes, general tolerances."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.model import Annotation
from pipeline.extract.pdf.rows import Row
from pipeline.extract.pdf.surroundings import Surroundings
from pipeline.extract.sheet import Sheet


def find_annotations(sheet: Sheet, rows: Sequence[Row], surroundings: Surroundings) -> tuple[tuple[Annotation, ...], set[int]]:
    """The annotations among a page's rows, and the indices of the rows that they are made of."""
    return (), set()
