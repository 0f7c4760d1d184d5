"""Plain text: paragraphs parted by empty lines; headings only where a line is sure to be one, numbered or underlined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.decoding import Decoded, decode
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

_UNDERLINE = re.compile(r"[ \t]*(=+|-+|~+|\*+|\^+)[ \t]*")
_LEVELS: Final = {"=": 1, "*": 1, "-": 2, "~": 3, "^": 3}
_NUMBERED = re.compile(r"[ \t]*(\d{1,3}(?:\.\d{1,3}){0,5})\.?[ \t]+(\S.*)")
_LONGEST: Final = 100  # characters of a heading
_SENTENCE_END: Final = (".", ",", ";", ":", "?", "!")
_BULLET = re.compile(r"[ \t]*(?:[-*•–·o][ \t]+\S|\(?(?:\d{1,3}|[a-zA-Z])[.)][ \t]+\S)")

Found = tuple[str, str, int | None]  # kind, text, level


def read_plain(raw: Raw) -> TextDocument:
    """The text of a plain text file."""
    builder, decoded = builder_for(raw, "text")
    for kind, text, level in paragraphs(decoded.text):
        builder.add(text, kind, level=level)
        if builder.is_full:
            break
    return builder.document()


def builder_for(raw: Raw, kind: str, declared: str | None = None) -> tuple[TextBuilder, Decoded]:
    """A builder for a format that is text itself, and its text; what decoding has to say is noted."""
    decoded = decode(raw.data, raw.options.text_max_chars, declared)
    builder = TextBuilder(kind, raw.options, confidence=decoded.confidence)
    for word in decoded.warnings:
        builder.warn(word)
    if not decoded.is_whole:
        builder.warn("truncated", partial=True)
    return builder, decoded


def paragraphs(text: str) -> Iterator[Found]:
    """The paragraphs of a text with their kinds."""
    groups = list(_groups(text))
    numbers = [_number(group) for group in groups]
    for at, group in enumerate(groups):
        if _is_underlined(group):
            yield "heading", group[0].strip(), _LEVELS[group[1].strip()[0]]
            if group[2:]:
                yield _kind(group[2:]), "\n".join(group[2:]), None
        elif numbers[at] is not None and not _is_one_of_a_list(numbers, at):
            yield "heading", group[0].strip(), str(numbers[at]).count(".") + 1
        else:
            yield _kind(group), "\n".join(group), None


def _groups(text: str) -> Iterator[list[str]]:
    group: list[str] = []
    for line in text.splitlines():
        if line.strip():
            group.append(line)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _is_underlined(group: Sequence[str]) -> bool:
    if len(group) < 2 or not 1 < len(group[0].strip()) <= _LONGEST or _UNDERLINE.fullmatch(group[0]):
        return False
    below = group[1].strip()
    return len(below) >= 3 and _UNDERLINE.fullmatch(below) is not None and 0.7 <= len(below) / len(group[0].strip()) <= 1.5


def _number(group: Sequence[str]) -> str | None:
    """The number of a line that stands alone and may be a numbered heading: short, beginning like a name, no sentence."""
    if len(group) != 1 or len(group[0]) > _LONGEST:
        return None
    match = _NUMBERED.fullmatch(group[0].rstrip())
    if match is None or match[2].endswith(_SENTENCE_END) or not match[2][0].isupper():
        return None
    return match[1]


def _is_one_of_a_list(numbers: Sequence[str | None], at: int) -> bool:
    """Whether the paragraph before or after bears the neighbouring number, too: items of a list set apart by empty lines."""
    own = str(numbers[at]).split(".")
    for neighbour in (numbers[at - 1] if at else None, numbers[at + 1] if at + 1 < len(numbers) else None):
        if neighbour is not None and neighbour.count(".") == len(own) - 1 and neighbour.split(".")[:-1] == own[:-1]:
            return True
    return False


def _kind(lines: Sequence[str]) -> str:
    return "list" if len(lines) > 1 and all(map(_BULLET.match, lines)) else "text"
