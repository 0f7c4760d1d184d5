"""No pattern takes exponential time: one line of a stranger's drawing must not keep a worker busy for good."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from itertools import product

import pytest

import pipeline.extract
import pipeline.index
import pipeline.linking

_PIECES = (
    "1", "0", "a", "X", "x", " ", "-", ".", "±", "Ø", "1.", "1,", "1-", "1/", "1 ", "a ", "A-", "a1", "1x", "DIN ", "ISO ", "R1", "(1",
    "é", "М", "\t",
)
_AROUND = (("", ""), ("1", "~"), ("A", "\n!"))
_TIMES = (12, 18, 24)  # what doubles with each piece takes seconds at the last of them, and is told from a slow machine
_MOST_SECONDS = 0.2


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (pipeline.extract, pipeline.index, pipeline.linking):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=name) for name, pattern in _patterns()])
def test_a_pattern_ends_soon_whatever_it_is_given(pattern: re.Pattern[str]) -> None:
    for times, piece, (before, after) in product(_TIMES, _PIECES, _AROUND):
        start = time.process_time()
        pattern.search(before + times * piece + after)
        assert time.process_time() - start < _MOST_SECONDS, (times, piece, before, after)
