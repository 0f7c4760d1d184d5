"""Personal data in a document's text: found by built-in patterns or a hook of the user's own, tagged or redacted, never logged."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from pipeline.extract.options import ReadOptions
from pipeline.extract.text.compose import Composed
from pipeline.extract.text.pii_patterns import PATTERNS

Span = tuple[int, int, str]  # start, stop, kind


class Redaction(NamedTuple):
    """A text after redaction, and where in it personal data stands or stood.

    spans        (start, stop, kind) in the text as it is now, in order, none overlapping
    is_redacted  whether the text says the kind in place of the data
    """

    composed: Composed
    spans: tuple[Span, ...] = ()
    is_redacted: bool = False

    def warnings(self, start: int = 0, stop: int | None = None) -> tuple[str, ...]:
        """What was found in [start, stop), counted: 'pii_redacted:2', or by kind 'pii_email:1' where it is only tagged."""
        if not self.spans:
            return ()
        stop = len(self.composed.text) if stop is None else stop
        first = bisect_right(self.spans, start, key=lambda span: span[1])
        after = bisect_left(self.spans, stop, key=lambda span: span[0])
        found = self.spans[first:after]
        if self.is_redacted:
            return (f"pii_redacted:{len(found)}",) if found else ()
        counts = Counter(kind for _, _, kind in found)
        return tuple(f"pii_{kind}:{counts[kind]}" for kind in sorted(counts))


def redacted(composed: Composed, options: ReadOptions) -> Redaction:
    """The text as options.pii asks for it. Nothing is looked for where that is 'off'."""
    if options.pii == "off":
        return Redaction(composed)
    spans = find(composed.text, options)
    if options.pii == "tag" or not spans:
        return Redaction(composed, spans)
    return _replaced(composed, spans)


def redact_title(title: str | None, options: ReadOptions) -> str | None:
    """A title without personal data, where options.pii asks for that."""
    if not title or options.pii != "redact":
        return title
    return _replaced(Composed(title, ()), find(title, options)).composed.text


def find(text: str, options: ReadOptions) -> tuple[Span, ...]:
    """Personal data in a text, in order; where two finds overlap the one that begins first stays, of those the longer."""
    if unknown := sorted({*options.pii_patterns} - {*PATTERNS}):
        raise ValueError(f"no pattern of personal data is called {', '.join(unknown)}; there are: {', '.join(PATTERNS)}")
    spans: list[Span] = [(start, stop, name) for name in options.pii_patterns for start, stop in PATTERNS[name](text)]
    if options.pii_module:
        spans.extend(_checked(hook(options.pii_module)(text), len(text)))
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not result or span[0] >= result[-1][1]:
            result.append(span)
    return tuple(result)


@cache
def hook(name: str) -> Callable[[str], Iterable[Span]]:
    """The user's own finder, by 'module:function'."""
    module, _, function = name.partition(":")
    found: Callable[[str], Iterable[Span]] = getattr(import_module(module), function)
    return found


def _checked(spans: Iterable[Span], length: int) -> Iterable[Span]:
    for start, stop, kind in spans:
        if not 0 <= start < stop <= length:
            raise ValueError(f"the PII hook gave a span outside the text: {start} to {stop} of {length} characters")
        yield start, stop, str(kind)


def _replaced(composed: Composed, spans: Sequence[Span]) -> Redaction:
    """The text with each span replaced by its kind in brackets; units move along."""
    parts: list[str] = []
    now: list[Span] = []
    done = length = 0
    for start, stop, kind in spans:
        word = f"[{kind}]"
        parts += (composed.text[done:start], word)
        length += start - done
        now.append((length, length + len(word), kind))
        length, done = length + len(word), stop
    parts.append(composed.text[done:])
    text = "".join(parts)
    mover = _Mover(spans, now)
    units = tuple(moved for unit in composed.units
                  if (moved := unit._replace(start=mover.start(unit.start), stop=mover.stop(unit.stop))).stop > moved.start)  # fmt: skip
    return Redaction(Composed(text, units), tuple(now), is_redacted=True)


class _Mover:
    """Offsets before a replacement → offsets after it. Within a span, a unit ends behind it and the next begins behind it."""

    def __init__(self, before: Sequence[Span], after: Sequence[Span]) -> None:
        self._starts = [span[0] for span in before]
        self._before, self._after = before, after

    def start(self, place: int) -> int:
        index = bisect_right(self._starts, place) - 1
        if index < 0:
            return place
        start, stop, _ = self._before[index]
        if place == start:
            return self._after[index][0]
        return self._after[index][1] + max(0, place - stop)

    def stop(self, place: int) -> int:
        index = bisect_left(self._starts, place) - 1
        return place if index < 0 else self._after[index][1] + max(0, place - self._before[index][1])

