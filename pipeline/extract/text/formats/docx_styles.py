"""What a Word document's styles and numberings say: which paragraphs are headings, and the numbers before them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pipeline.extract.text.formats.archive import Archive
from pipeline.extract.text.formats.markup import START, whole

MAX_LEVEL: Final = 9
_HEADING_NAME = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|nagłówek|заголовок)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES: Final = frozenset({"title", "titel"})
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(slots=True)
class Style:
    """A paragraph style. outline: level of a heading, 1 the highest; 0: said to be none; None where it does not say."""

    name: str = ""
    based_on: str | None = None
    outline: int | None = None
    numbering: str | None = None
    numbering_level: int = 0


@dataclass
class Styles:
    """The styles of a document by their ids; what one does not say, the one it is based on does."""

    by_id: dict[str, Style] = field(default_factory=dict)
    default: str | None = None
    _levels: dict[str, int] = field(default_factory=dict)

    def level(self, style_id: str | None) -> int:
        """The level of headings of a style; 0 for what is no heading."""
        key = style_id or self.default or ""
        if key not in self._levels:
            self._levels[key] = next((level for style in self._chain(key) if (level := _own_level(style)) is not None), 0)
        return self._levels[key]

    def numbering(self, style_id: str | None) -> tuple[str, int] | None:
        """(id of its numbering, its level) where a style numbers its paragraphs."""
        for style in self._chain(style_id or self.default or ""):
            if style.numbering is not None:
                return style.numbering, style.numbering_level
        return None

    def is_title(self, style_id: str | None) -> bool:
        """Whether the style is the one for the document's title."""
        style = self.by_id.get(style_id or "")
        return style is not None and style.name.lower() in _TITLE_NAMES

    def _chain(self, key: str) -> list[Style]:
        chain: list[Style] = []
        style = self.by_id.get(key)
        while style is not None and len(chain) < 20:  # styles may be based on each other in a circle
            chain.append(style)
            style = self.by_id.get(style.based_on or "")
        return chain


def _own_level(style: Style) -> int | None:
    match = _HEADING_NAME.fullmatch(style.name.strip())
    if match is not None:
        return int(match[1])
    if style.name.lower() in _TITLE_NAMES:
        return 1
    return style.outline


def outline_level(value: str | None) -> int:
    """A heading's level from Word's outline level, which counts from 0; 0 for body text."""
    level = whole(value, MAX_LEVEL)
    return level + 1 if level < MAX_LEVEL else 0


def read_styles(archive: Archive, part: str) -> Styles:
    """The styles of a document. Raises PartDamaged, BombFile."""
    styles = Styles()
    style = Style()
    for kind, name, attributes in archive.events(part):
        if kind != START:
            continue
        value = attributes.get("val")
        if name == "style":
            style = Style()
            key = attributes.get("styleId", "")
            styles.by_id[key] = style
            if attributes.get("type") == "paragraph" and attributes.get("default") in ("1", "true", "on"):
                styles.default = key
        elif name == "name" and value:
            style.name = value
        elif name == "basedOn":
            style.based_on = value
        elif name == "outlineLvl":
            style.outline = outline_level(value)
        elif name == "numId":
            style.numbering = value
        elif name == "ilvl":
            style.numbering_level = whole(value)
    return styles


@dataclass(slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass
class _Num:
    """A numbering: the list whose counts it shares, and what is its own; starts begin anew where it is first used."""

    abstract: str = ""
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


@dataclass
class Numbering:
    """Counts a document's numbered paragraphs as Word does."""

    lists: dict[str, dict[int, _Level]] = field(default_factory=dict)
    nums: dict[str, _Num] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, numbering: str, level: int) -> str:
        """The number, letter or bullet before the next paragraph of a numbering; '' where there is none."""
        num = self.nums.get(numbering)
        if num is None:
            return ""
        levels = self.lists.get(num.abstract, {}) | num.levels
        if level not in levels:
            return ""
        counts = self._counts.setdefault(num.abstract, {})
        if level in num.starts:
            counts[level] = num.starts.pop(level) - 1
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        if levels[level].format in ("bullet", "none"):
            return "•" if levels[level].format == "bullet" else ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            of = levels.get(at, _Level())
            return _number(counts.get(at, of.start), of.format)

        return _PLACEHOLDER.sub(shown, levels[level].text)


def read_numbering(archive: Archive, part: str) -> Numbering:
    """The numberings of a document. Raises PartDamaged, BombFile."""
    found = Numbering()
    levels: dict[int, _Level] = {}
    level, num, overridden = _Level(), _Num(), 0
    for kind, name, attributes in archive.events(part):
        value = attributes.get("val", "")
        if kind != START:
            continue
        if name == "abstractNum":
            levels = found.lists.setdefault(attributes.get("abstractNumId", ""), {})
        elif name == "num":
            num = found.nums.setdefault(attributes.get("numId", ""), _Num())
            levels = num.levels
        elif name == "abstractNumId":
            num.abstract = value
        elif name == "lvlOverride":
            overridden = whole(attributes.get("ilvl", ""))
        elif name == "startOverride":
            num.starts[overridden] = whole(value)
        elif name == "lvl":
            level = levels[whole(attributes.get("ilvl", ""))] = _Level()
        else:
            _set_level(level, name, value)
    return found


def _set_level(level: _Level, name: str, value: str) -> None:
    if name == "numFmt":
        level.format = value
    elif name == "lvlText":
        level.text = value[:40]
    elif name == "start":
        level.start = whole(value)


def _number(count: int, form: str) -> str:
    return _FORMS.get(form, str)(count)


def _letters(count: int) -> str:
    """a … z, aa, bb, …: as Word counts."""
    return chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 10) if count > 0 else ""


_ROMAN: Final = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
                 (5, "v"), (4, "iv"), (1, "i"))


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    result = ""
    for value, sign in _ROMAN:
        result += sign * (count // value)
        count %= value
    return result


_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "lowerLetter": _letters, "upperLetter": lambda count: _letters(count).upper(), "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(), "decimalZero": lambda count: f"{count:02d}",
}
