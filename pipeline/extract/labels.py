"""Which texts are labels of title-block cells, by the dictionary in data/title_block_labels.toml and one of the user's own."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from pipeline.extract.normalise import clean_line

OTHER = "other"  # a label of a cell that is no field of ours
_DICTIONARY = Path(__file__).parent / "data" / "title_block_labels.toml"
_NOT_FIELDS = ("weak", "tags")
_NOT_WORD = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"[/|(\n]|(?:^|\s)-(?=\s)")
_BETWEEN_CJK = re.compile(r"(?<=[\u3040-\u9fff]) (?=[\u3040-\u9fff])")
_UNIT_OF_MASS = re.compile(r" (?:kgs?|g|lbs?|кг|г)$")  # in the normal form of a label: 'peso kg' of 'Peso (kg)'
_MAX_LABEL_LENGTH = 60
_MIN_TOLERANT_LENGTH = 6  # letters of a label that may be misread by one


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A text that begins with a label; `rest` is what follows it on the same line, '' where nothing does.

    languages  ISO 639 codes of the languages in which it is that field's label
    """

    field: str
    rest: str
    is_weak: bool = False
    languages: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def normal_form(text: str) -> str:
    """Case, accents, punctuation and spacing levelled: 'ZEICHNUNGS-NR.:' and 'Zeichnungs Nr' are one."""
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.replace("º", "°")).casefold()  # 'Nº' and 'N°' are one
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _BETWEEN_CJK.sub("", _NOT_WORD.sub(" ", bare).strip())


class Labels:
    """A dictionary of labels, by their normal form (see `normal_form`)."""

    def __init__(self) -> None:
        self.field_of: dict[str, str] = {}
        self.languages_of: dict[str, frozenset[str]] = {}
        self.field_of_tag: dict[str, str] = {}
        self.weak: frozenset[str] = frozenset()

    def add(self, sections: dict[str, Any], source: str, *, wins: bool = False) -> None:
        """Takes in the sections of one file.

        wins  whether a label that stands under another field already moves; else that is an error
        Raises ValueError where a section has another form, or a label stands under two fields.
        """
        own: dict[str, str] = {}
        try:
            for field, language, label in _labels_of(sections):
                key = normal_form(label)
                if own.setdefault(key, field) != field or (not wins and self.field_of.get(key, field) != field):
                    raise ValueError(f"{source}: '{label}' stands under {own[key]} and {field}: leave it under one of them")
                self.field_of[key] = field
                self.languages_of[key] = self.languages_of.get(key, frozenset()) | {language}
            self.weak |= {normal_form(label) for label in sections.get("weak", {}).get("labels", ())}
            self.field_of_tag |= {normal_form(tag): field for field, names in sections.get("tags", {}).items() for tag in names}
        except (AttributeError, TypeError) as error:
            raise ValueError(f'{source}: write each label list as  en = ["one", "other"]  under its [field]') from error

    @cached_property
    def first_words(self) -> frozenset[str]:
        return frozenset(label.partition(" ")[0] for label in self.field_of)

    @cached_property
    def _misreadings(self) -> dict[str, str]:
        """Longer labels without their blanks, and with any one letter left out, → label."""
        found: dict[str, str] = {}
        for label in self.field_of:
            compact = label.replace(" ", "")
            if len(compact) >= _MIN_TOLERANT_LENGTH and compact.isalpha():
                found[compact] = label
                for index in range(len(compact)):
                    found.setdefault(compact[:index] + compact[index + 1 :], label)
        return found

    def match(self, text: str, *, tolerant: bool = False) -> LabelMatch | None:
        """The label at the start of a line, with what follows a colon behind it; None where there is no label.

        tolerant  whether one letter of a longer label may be misread, as OCR does
        """
        line = clean_line(text)
        whole = self._lookup(line, tolerant=tolerant)
        if whole is not None:
            return self._made(whole, "")
        head, colon, rest = line.replace("：", ":").partition(":")
        if not colon:
            return None
        found = self._lookup(head, tolerant=tolerant)
        return self._made(found, rest.strip()) if found is not None else None

    def match_leading(self, text: str, fields: frozenset[str], *, tolerant: bool = False) -> LabelMatch | None:
        """The label of one of `fields` before a space ('SCALE 1:2', 'DWG NO 12'), the longest that fits."""
        words = clean_line(text).split(" ")
        if len(words) < 2 or not (tolerant or normal_form(words[0]).partition(" ")[0] in self.first_words):
            return None
        for count in range(min(4, len(words) - 1), 0, -1):
            found = self._lookup(" ".join(words[:count]), tolerant=tolerant)
            if found is not None and self.field_of[found] in fields:
                return self._made(found, " ".join(words[count:]).lstrip(" :-="))
        return None

    def field_of_attribute(self, tag: str) -> str | None:
        """The field that a block attribute's tag stands for, or None."""
        key = normal_form(tag)
        field = self.field_of_tag.get(key) or self.field_of.get(key)
        return None if field == OTHER else field

    def _made(self, label: str, rest: str) -> LabelMatch:
        return LabelMatch(self.field_of[label], rest, label in self.weak, self.languages_of[label])

    def _lookup(self, text: str, *, tolerant: bool) -> str | None:
        """The label that a text is, also one in two languages ('Maßstab / Scale': the first of them)."""
        if not text or len(text) > _MAX_LABEL_LENGTH:
            return None
        key = normal_form(text)
        if key in self.field_of:
            return key
        if self.field_of.get(measured := _UNIT_OF_MASS.sub("", key)) == "weight":
            return measured
        if tolerant and (misread := self._misread(key)) is not None:
            return misread
        if not _SEPARATOR.search(text):
            return None
        parts = [part for part in map(normal_form, _SEPARATOR.split(text)) if part]
        if len(parts) < 2 or not all(part in self.field_of for part in parts):
            return None
        if len({self.field_of[part] for part in parts}) > 1:
            return None
        return next((part for part in parts if part not in self.weak), parts[0])

    def _misread(self, key: str) -> str | None:
        """The longer label that differs from a text in its blanks and at most one letter."""
        compact = key.replace(" ", "")
        if len(compact) < _MIN_TOLERANT_LENGTH - 1 or any(word.isdigit() for word in key.split()):
            return None  # 'SHEET 1 OF' is no misread 'sheet of'
        exact = self._misreadings.get(compact)
        if exact is not None:
            return exact
        if len(compact) < _MIN_TOLERANT_LENGTH:
            return None
        without_one = (compact[:index] + compact[index + 1 :] for index in range(len(compact)))
        return next((self._misreadings[form] for form in without_one if form in self._misreadings), None)


def _labels_of(sections: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, language, label) of every label in a file's sections."""
    for field, languages in sections.items():
        if field not in _NOT_FIELDS:
            for language, labels in languages.items():
                for label in labels:
                    if normal_form(label):
                        yield field, language, label


@cache
def load_labels(extra: str = "") -> Labels:
    """The shipped dictionary, with the labels of the file at path `extra` added where one is named.

    Raises ValueError where that file cannot be read or has another form.
    """
    labels = Labels()
    with _DICTIONARY.open("rb") as file:
        labels.add(tomllib.load(file), _DICTIONARY.name)
    if extra:
        path = Path(extra)
        try:
            sections = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path.name} cannot be read ({error}): write it as TOML, in UTF-8") from error
        unknown = sections.keys() - labels.field_of.values() - {*_NOT_FIELDS}
        if unknown:
            raise ValueError(f"{path.name}: [{min(unknown)}] is no field of a title block: see data/title_block_labels.toml")
        labels.add(sections, path.name, wins=True)
    return labels


def match_label(text: str) -> LabelMatch | None:
    """The label of the shipped dictionary at the start of a line; see `Labels.match`."""
    return load_labels().match(text)


def field_of_tag(tag: str) -> str | None:
    """The field that a block attribute's tag stands for in the shipped dictionary, or None."""
    return load_labels().field_of_attribute(tag)
