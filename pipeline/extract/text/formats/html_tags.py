"""HTML before it is parsed: which encoding it names, and tags nested beyond all sense taken out.

For each tag that opens, a parser looks through those that are open: a million `<div>` within each other would take it hours.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

MAX_DEPTH: Final = 400  # browsers stop at 512
MAX_TAGS: Final = 800_000  # kept of one page, long ones counting more: an element costs some 300 bytes, each attribute as much
_LONG: Final = 12  # characters of a tag that has an attribute
_HEAD: Final = 4096  # bytes in which the encoding is named
_CHARSET = re.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})",
    re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>\0]{0,60})(?:[^<>\"']|\"[^\"<>]{0,5000}\"|'[^'<>]{0,5000}')*+>|<!--|<(?=[A-Za-z/])")
# Elements without an end, and those whose end another one brings about: they nest in lists and tables only, which count.
_NOT_COUNTED: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p", "li", "dt", "dd",
    "td", "th", "tr", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "html", "head", "body", "rp", "rt"})
_RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp", "noembed", "noframes"})


def declared_encoding(data: bytes) -> str | None:
    """The encoding that an HTML or XML file names in its head."""
    match = _CHARSET.search(data[:_HEAD])
    return None if match is None else (match[1] or match[2]).decode("ascii")


class Flattened(NamedTuple):
    """HTML without tags more than MAX_DEPTH deep, whose text stays. is_whole: False where it was cut after MAX_TAGS."""

    text: str
    was_deep: bool = False
    is_whole: bool = True


def flattened(text: str) -> Flattened:
    """HTML that a parser gets through."""
    kept: list[str] = []
    done = position = depth = tags = 0
    dropped: Counter[str] = Counter()
    while (match := _TAG.search(text, position)) is not None:
        position = match.end()
        if match[2] is None:
            position = _after_comment(text, match)
            continue
        if tags >= MAX_TAGS:
            return Flattened("".join([*kept, text[done : match.start()]]), bool(kept), is_whole=False)
        name = match[2].lower()
        if name in _RAW and not match[1]:
            position = _after_raw(text, name, position)
        elif name not in _NOT_COUNTED and not match[0].endswith("/>"):
            if match[1]:
                is_dropped = dropped[name] > 0
                dropped[name] -= is_dropped
                depth = max(0, depth - (not is_dropped))
            else:
                is_dropped = depth >= MAX_DEPTH
                dropped[name] += is_dropped
                depth += not is_dropped
            if is_dropped:
                kept.append(text[done : match.start()])
                done = position
                continue
        tags += 0 if match[1] else 1 + (match.end() - match.start()) // _LONG
    return Flattened("".join([*kept, text[done:]]), was_deep=True) if kept else Flattened(text)


def _after_comment(text: str, match: re.Match[str]) -> int:
    if match[0] != "<!--":
        return match.end()
    end = text.find("-->", match.end())
    return len(text) if end < 0 else end + 3


def _after_raw(text: str, name: str, position: int) -> int:
    """Where an element ends whose contents are no markup."""
    match = re.compile(f"</{name}", re.IGNORECASE).search(text, position)
    return len(text) if match is None else match.start()
