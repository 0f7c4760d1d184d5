"""The table of materials in data/materials.toml, and a user's own file that goes before it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_DICTIONARY = Path(__file__).parent / "data" / "materials.toml"
_SIGNS = r"\u3040-\u30ff\u3400-\u9fff"  # Chinese and Japanese, which put no spaces between words
_CJK = re.compile(f"[{_SIGNS}]")
_WORD = rf"[^\W_{_SIGNS}]+"
_TOKEN = re.compile(rf"[{_SIGNS}]+|{_WORD}(?:\.(?=\d){_WORD})*#?")
_SPECIAL = frozenset({"generic", "treatments", "colours", "none"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One material: its designation, the standard that gives it, its family, and a treatment that the name implies."""

    designation: str
    standard: str | None
    family: str
    treatment: str | None = None


@dataclass(slots=True)
class MaterialTable:
    """Names by their key (see `key_of`).

    names     name → material, met anywhere in a material text
    numbers   bare number → material, met at the beginning of a material text or alone
    generic   name → family
    none      texts that, standing alone in the place of a material, name none, whatever a name within them means
    by_sign   the same for names in Chinese or Japanese, which are met within words, the longest first
    """

    names: dict[str, Entry] = field(default_factory=dict)
    numbers: dict[str, Entry] = field(default_factory=dict)
    generic: dict[str, str] = field(default_factory=dict)
    treatments: dict[str, str] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)
    none: set[str] = field(default_factory=set)
    generic_by_sign: list[tuple[str, str]] = field(default_factory=list)
    treatments_by_sign: list[tuple[str, str]] = field(default_factory=list)


def tokens_of(text: str) -> list[str]:
    """The words and numbers of a text, in capitals; '1.4301', 'AlMg4.5Mn' and '45#' are one each."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).upper().replace(",", "."))


def key_of(text: str) -> str:
    """A name without what writers vary: 'EN AW-6082', 'en aw 6082' and 'ENAW6082' are one."""
    return "".join(tokens_of(text))


@cache
def load_materials(own: str = "") -> MaterialTable:
    """The shipped table, and before it that of a user's file.

    own  path of a TOML file of the same form; '' for none. Raises ValueError where it cannot be used, saying why.
    """
    table = MaterialTable()
    if own:
        _add(table, _read(Path(own)))
    with _DICTIONARY.open("rb") as file:
        _add(table, tomllib.load(file))
    table.generic_by_sign.sort(key=lambda pair: -len(pair[0]))
    table.treatments_by_sign.sort(key=lambda pair: -len(pair[0]))
    return table


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({type(error).__name__})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not TOML ({error})") from error


def _add(table: MaterialTable, sections: Mapping[str, Any]) -> None:
    """What is in the table already stays: the user's own file is added first."""
    named = table.names.keys() | table.numbers.keys() | table.generic.keys()  # by the file before this one
    table.none.update(key for text in sections.get("none", {}).get("texts", ()) if (key := key_of(text)) not in named)
    for name, section in sections.items():
        if name not in _SPECIAL:
            _add_section(table, name, section)
    _add_words(sections.get("generic", {}), table.generic, table.generic_by_sign)
    _add_words(sections.get("treatments", {}), table.treatments, table.treatments_by_sign)
    _add_words(sections.get("colours", {}), table.colours, [])


def _add_section(table: MaterialTable, name: str, section: Any) -> None:
    try:
        family, prefixes = section["family"], [key_of(prefix) for prefix in section.get("prefixes", ())]
        for designation, about in section["materials"].items():
            entry = Entry(designation, about.get("standard", section.get("standard")), about.get("family", family), about.get("treatment"))
            for key in map(key_of, (designation, *about.get("names", ()))):
                table.names.setdefault(key, entry)
            for number in map(key_of, about.get("numbers", ())):
                table.numbers.setdefault(number, entry)
                for prefix in prefixes:
                    table.names.setdefault(prefix + number, entry)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"section [{name}] is not of the form of a section of materials ({type(error).__name__} {error})") from error


def _add_words(words: Mapping[str, Iterable[str]], by_key: dict[str, str], by_sign: list[tuple[str, str]]) -> None:
    for meaning, word in _pairs(words):
        key = key_of(word)
        if _CJK.search(key):
            by_sign.append((key, meaning))
        by_key.setdefault(key, meaning)


def _pairs(words: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    return ((meaning, word) for meaning, texts in words.items() for word in texts)
