"""Which texts are labels of title-block cells, by the dictionary in data/title_block_labels.toml."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.extract.normalise import clean_line

OTHER = "other"  # a label of a cell that is no field of ours
_DICTIONARY = Path(__file__).parent / "data" / "title_block_labels.toml"
_NOT_WORD = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"[/|(\n]")
_BETWEEN_CJK = re.compile(r"(?<=[\u3040-\u9fff]) (?=[\u3040-\u9fff])")
_MAX_LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Labels:
    """The dictionary, by normal form of the label (see `normal_form`)."""

    field_of: dict[str, str]
    field_of_tag: dict[str, str]
    weak: frozenset[str]
    first_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A text that begins with a label; `rest` is what follows it on the same line, '' where nothing does."""

    field: str
    rest: str
    is_weak: bool = False


def normal_form(text: str) -> str:
    """Case, accents, punctuation and spacing levelled: 'ZEICHNUNGS-NR.:' and 'Zeichnungs Nr' are one."""
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.replace("º", "°")).casefold()  # 'Nº' and 'N°' are one
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _BETWEEN_CJK.sub("", _NOT_WORD.sub(" ", bare).strip())


@cache
def load_labels() -> Labels:
    """The shipped dictionary. Raises ValueError where a label stands under two fields."""
    with _DICTIONARY.open("rb") as file:
        sections = tomllib.load(file)
    weak = frozenset(normal_form(label) for label in sections.pop("weak")["labels"])
    tags = sections.pop("tags")
    field_of: dict[str, str] = {}
    for field, languages in sections.items():
        for label in (label for labels in languages.values() for label in labels):
            key = normal_form(label)
            if field_of.setdefault(key, field) != field:
                raise ValueError(f"{_DICTIONARY.name}: '{label}' stands under {field_of[key]} and {field}")
    field_of_tag = {normal_form(tag): field for field, names in tags.items() for tag in names}
    return Labels(field_of, field_of_tag, weak, frozenset(label.partition(" ")[0] for label in field_of))


def field_of_tag(tag: str) -> str | None:
    """The field that a block attribute's tag stands for, or None."""
    labels = load_labels()
    key = normal_form(tag)
    field = labels.field_of_tag.get(key) or labels.field_of.get(key)
    return None if field == OTHER else field


def match_label(text: str) -> LabelMatch | None:
    """The label at the start of a line, with what follows a colon behind it; None where there is no label."""
    line = clean_line(text)
    whole = _lookup(line)
    if whole is not None:
        return LabelMatch(whole[0], "", whole[1])
    head, colon, rest = line.replace("：", ":").partition(":")
    if not colon:
        return None
    found = _lookup(head)
    return LabelMatch(found[0], rest.strip(), found[1]) if found is not None else None


def match_leading_label(text: str, fields: frozenset[str]) -> LabelMatch | None:
    """The label of one of `fields` before a space ('SCALE 1:2', 'DWG NO 12'), the longest that fits."""
    words = clean_line(text).split(" ")
    if len(words) < 2 or normal_form(words[0]).partition(" ")[0] not in load_labels().first_words:
        return None
    for count in range(min(3, len(words) - 1), 0, -1):
        found = _lookup(" ".join(words[:count]))
        if found is not None and found[0] in fields:
            return LabelMatch(found[0], " ".join(words[count:]), found[1])
    return None


def _lookup(text: str) -> tuple[str, bool] | None:
    """(field, is weak) of a text that is a label, also of one in two languages ('Maßstab / Scale')."""
    if not text or len(text) > _MAX_LABEL_LENGTH:
        return None
    labels = load_labels()
    key = normal_form(text)
    field = labels.field_of.get(key)
    if field is not None:
        return field, key in labels.weak
    if not _SEPARATOR.search(text):
        return None
    parts = [normal_form(part) for part in _SEPARATOR.split(text)]
    fields = {labels.field_of.get(part) for part in parts if part}
    if len(parts) > 1 and len(fields) == 1 and None not in fields:
        return str(fields.pop()), all(part in labels.weak for part in parts if part)
    return None
