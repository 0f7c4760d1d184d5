"""A hook such as users write: marks the words of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator


def names(text: str) -> Iterator[tuple[int, int, str]]:
    return ((found.start(), found.end(), "name") for found in re.finditer("Jane Roe|John Doe", text))


def outside(text: str) -> list[tuple[int, int, str]]:
    return [(0, len(text) + 1, "name")]
