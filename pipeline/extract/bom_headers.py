"""What the columns of a parts list are called, by the dictionary in data/bom_headers.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from pipeline.extract.labels import normal_form

ITEM, PART_NUMBER, DESCRIPTION, QUANTITY, MATERIAL, REVISION = "item", "part_number", "description", "quantity", "material", "revision"
PART, OTHER, FOREIGN = "part", "other", "foreign"
_DICTIONARY = Path(__file__).parent / "data" / "bom_headers.toml"
_MAX_HEADER_LENGTH = 45
_MONEY = re.compile(r"[$€£¥]|\b(?:EUR|USD|GBP|RMB)\b")
_TWO_LANGUAGES = re.compile(r"[/|(\n]")


@dataclass(frozen=True, slots=True)
class Headers:
    """The dictionary, by normal form of the words; `stated_totals` as they are written, in small letters."""

    kind_of: dict[str, str]
    kind_of_tag: dict[str, str]
    titles: tuple[str, ...]
    totals: frozenset[str]
    stated_totals: tuple[str, ...]


@cache
def load_headers() -> Headers:
    """The shipped dictionary. Raises ValueError where a header stands under two columns."""
    with _DICTIONARY.open("rb") as file:
        sections = tomllib.load(file)
    titles, totals, stated, tags = (sections.pop(name) for name in ("titles", "totals", "stated_totals", "tags"))
    kind_of: dict[str, str] = {}
    for kind, languages in sections.items():
        for key in map(_key, _words(languages)):
            if kind_of.setdefault(key, kind) != kind:
                raise ValueError(f"{_DICTIONARY.name}: '{key}' stands under {kind_of[key]} and {kind}")
    kind_of_tag = {normal_form(tag): kind for kind, names in tags.items() for tag in names}
    return Headers(kind_of, kind_of_tag, tuple(map(_key, _words(titles))), frozenset(map(_key, _words(totals))), tuple(_words(stated)))


def _words(languages: dict[str, list[str]]) -> Iterable[str]:
    return (word for words in languages.values() for word in words)


def _key(text: str) -> str:
    return normal_form(text.replace("#", " no "))


@lru_cache(maxsize=4096)
def column_kind(text: str) -> str | None:
    """What a header names: 'item', 'quantity', … or None; also of one in two languages ('Pos. / Item')."""
    if not text or len(text) > _MAX_HEADER_LENGTH or text.rstrip().endswith((":", "：")):
        return None  # a colon follows the label of a field, not the header of a column
    if _MONEY.search(text):
        return OTHER
    kind_of = load_headers().kind_of
    kind = kind_of.get(_key(text))
    if kind is not None or not _TWO_LANGUAGES.search(text):
        return kind
    kinds = {kind_of.get(_key(part)) for part in _TWO_LANGUAGES.split(text) if _key(part)}
    return kinds.pop() if len(kinds) == 1 else None


def tag_kind(tag: str) -> str | None:
    """The column that a block attribute's tag stands for, or None."""
    headers = load_headers()
    key = normal_form(tag)
    return headers.kind_of_tag.get(key) or headers.kind_of.get(_key(tag))


def is_list_title(text: str) -> bool:
    """Whether a text names a parts list: 'BILL OF MATERIALS', 'Stückliste 4711'."""
    if len(text) > 2 * _MAX_HEADER_LENGTH:
        return False
    padded = f" {_key(text)} "
    return any(f" {title} " in padded or (not title.isascii() and title in padded) for title in load_headers().titles)


def is_total(text: str) -> bool:
    """Whether a cell opens a row that sums up."""
    words = normal_form(text).split(" ")
    totals = load_headers().totals
    return any(" ".join(words[:count]) in totals for count in range(1, min(4, len(words)) + 1))
