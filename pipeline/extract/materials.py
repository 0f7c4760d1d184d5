"""What a material text says: designation, family, thickness, treatment.

A text names a material if it holds one of the names of the table (material_table.py); where it names several that differ,
only what they share is kept. Nothing is guessed: 'Multiple' and 'see notes' name none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from pipeline.extract.labels import match_label
from pipeline.extract.material_table import Entry, MaterialTable, key_of, load_materials, tokens_of
from pipeline.extract.model import BomItem, Material, MetadataField, Place
from pipeline.extract.normalise import clean_line
from pipeline.extract.sheet import TextLine

_LONGEST_NAME = 7  # words
_LONGEST_TEXT = 200
_SHORT_NUMBER = 3  # characters: such a number says a material only where nothing else stands
_NOTE, _UNKNOWN = 0.75, 0.8
_MM_PER_INCH = 25.4
_MAX_THICKNESS_MM = 300.0
_NUMBER = r"(\d{1,3}(?:[.,]\d{1,3})?)"
_NOT_IN_PRODUCT = r"(?![\d.,]*\s*[x×*])"
_THICK = r"t|s|th(?:k|ickness)?\.?|δ|dicke|stärke|épaisseur|ép\.?|dikte|spessore|espesor|sp\.?|толщина|板厚|厚度?"
_THICKNESS = (
    re.compile(rf"(?<![^\W\d_])(?:{_THICK})\s*[=:]\s*{_NUMBER}(?:\s*(?:mm|мм))?\b", re.IGNORECASE),
    re.compile(rf"(?<![^\W_])t{_NUMBER}\s*(?:mm)?(?![\w.])"),
    re.compile(rf"(?<![^\W_])T{_NUMBER}\s*mm\b"),
    re.compile(rf"(?:板厚|厚度|厚|δ)\s*{_NUMBER}"),
    re.compile(rf"(?<![\w.,x×*/ø⌀-]){_NUMBER}{_NOT_IN_PRODUCT}\s?(?:mm|мм)(?!\s*[²³^x×*])\b", re.IGNORECASE),
    re.compile(rf"(?<![\w.,x×*/ø⌀-]){_NUMBER}\s?(?:thk|thick|dick|stark|厚)", re.IGNORECASE),
)
_INCHES = re.compile(r"(?<![\w.,x×*/ø⌀-])(?:(\d*[.,]\d{2,4})|(\d{1,2})/(\d{1,2}))\s?(?:\"|''|”|in\b|inch\b)", re.IGNORECASE)
_TEMPER = re.compile(r"T\d{1,4}|H1\d{1,2}|H[23]\d{1,2}")
_DIAMETER = re.compile(r"[øØ⌀]|\bdia\b|\bd\s?=", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"[/;|]|,(?!\d)|\b(?:or|oder|ou|of|oppure|или)\b|或", re.IGNORECASE)
_NOTE_NUMBER = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?!\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says. All None where it names no material that the table knows."""

    designation: str | None = None
    standard: str | None = None
    family: str | None = None
    thickness_mm: float | None = None
    treatment: str | None = None


def is_none(text: str, own: str = "") -> bool:
    """Whether a text in the place of a material says that there is none, or where else to look."""
    key = key_of(text)
    return not key or key in load_materials(own).none


def read_material(text: str, own: str = "") -> Reading:
    """What a material text says; `own` is the path of a user's table, '' for none."""
    if is_none(text, own):
        return Reading()
    table = load_materials(own)
    thickness, rest = _thickness(text[:_LONGEST_TEXT])
    words, treatments = _without_treatments(tokens_of(rest), table)
    entries = _most_special([*_named(words, table), *_numbered_alternatives(rest, table)])
    same = [entry for entry in entries if entry.designation == entries[0].designation]
    families = {entry.family for entry in entries}
    family = _generic(words, table) if not entries else families.pop() if len(families) == 1 else None
    if family == "aluminium":
        treatments += [token for token in words if _TEMPER.fullmatch(token)]
    if not entries or len(same) < len(entries):
        return Reading(None, None, family, thickness, _listed(treatments))
    first = entries[0]
    if not treatments and first.treatment:
        treatments = [first.treatment]
    return Reading(first.designation, first.standard, family, thickness, _listed(treatments))


def is_material_name(text: str, own: str = "") -> bool:
    """Whether a text is nothing but a material, with its thickness or treatment: 'Stainless steel', 'Aluminium 7075 T6, black anodized'."""
    table = load_materials(own)
    words, _ = _without_treatments(tokens_of(_thickness(text[:_LONGEST_TEXT])[1]), table)
    if not words or read_material(text, own).family is None:
        return False
    known = table.names.keys() | table.numbers.keys() | table.generic.keys() | table.colours.keys()
    at = 0
    while at < len(words):
        longest = next((n for n in range(min(_LONGEST_NAME, len(words) - at), 0, -1) if "".join(words[at : at + n]) in known), 0)
        if not longest and not _TEMPER.fullmatch(words[at]):
            return False
        at += longest or 1
    return True


def _listed(treatments: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(treatments)) or None


def _thickness(text: str) -> tuple[float | None, str]:
    """The thickness of sheet or plate that a text states, in mm, and the text without it: 'T=3', 't2', '0.5mm', '1/8"'."""
    if _DIAMETER.search(text):
        return None, text
    for pattern in _THICKNESS:
        match = pattern.search(text)
        if match is not None:
            return _plausible(float(match[1].replace(",", "."))), _without(text, match)
    match = _INCHES.search(text)
    if match is None or match[3] == "0":
        return None, text
    inches = float(match[1].replace(",", ".")) if match[1] else int(match[2]) / int(match[3])
    return _plausible(inches * _MM_PER_INCH), _without(text, match)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _plausible(value: float) -> float | None:
    return round(value, 4) if 0 < value <= _MAX_THICKNESS_MM else None


def _named(tokens: Sequence[str], table: MaterialTable) -> list[Entry]:
    """The materials named, in order; at each word the longest name counts, and names do not overlap."""
    found: list[Entry] = []
    at = 0
    while at < len(tokens):
        for count in range(min(_LONGEST_NAME, len(tokens) - at), 0, -1):
            entry = table.names.get("".join(tokens[at : at + count]))
            if entry is not None:
                found.append(entry)
                at += count
                break
        else:
            at += 1
    if found or not tokens:
        return found
    number = table.numbers.get(tokens[0])
    is_telling = len(tokens) == 1 or len(tokens[0]) > _SHORT_NUMBER or _is_companion(tokens[1], table)
    return [number] if number is not None and is_telling else []


def _numbered_alternatives(text: str, table: MaterialTable) -> list[Entry]:
    """The materials of a text such as '316L / 304' or 'AISI 304 or 316' that are given as nothing but their numbers."""
    found: list[Entry] = []
    parts = _ALTERNATIVE.split(text)
    for part in parts if len(parts) > 1 else ():
        words, _ = _without_treatments(tokens_of(part), table)
        if words and words[0] in table.numbers and all(_TEMPER.fullmatch(word) or _is_companion(word, table) for word in words[1:]):
            found.append(table.numbers[words[0]])
    return found


def _most_special(entries: Sequence[Entry]) -> list[Entry]:
    """Without those that another of them tells more exactly: 'POM (M90-44)' is POM-C."""
    return [one for one in entries if not any(other.designation.startswith(f"{one.designation}-") for other in entries)]


def _is_companion(token: str, table: MaterialTable) -> bool:
    """Whether a word makes the short number before it a material: '304 stainless', '316 不锈钢'."""
    return token in table.generic or any(sign in token for sign, _ in table.generic_by_sign)


def _generic(tokens: Sequence[str], table: MaterialTable) -> str | None:
    """The family that the longest name says; None where names of the same length differ."""
    found = dict(_windows(tokens, table.generic))
    text = "".join(tokens)
    for sign, family in table.generic_by_sign:
        if sign in text and not any(sign in longer for longer in found):
            found[sign] = family
    if not found:
        return None
    longest = max(map(len, found))
    families = {family for name, family in found.items() if len(name) == longest}
    return families.pop() if len(families) == 1 else None


def _windows(tokens: Sequence[str], words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The longest word at each place, and what it means."""
    at = 0
    while at < len(tokens):
        for count in range(min(4, len(tokens) - at), 0, -1):
            name = "".join(tokens[at : at + count])
            if name in words:
                yield name, words[name]
                at += count
                break
        else:
            at += 1


def _without_treatments(tokens: Sequence[str], table: MaterialTable) -> tuple[list[str], list[str]]:
    """The words that name no treatment, and the treatments named: 'black anodized' with the colour beside it."""
    words: list[str] = []
    found: list[str] = []
    at = 0
    while at < len(tokens):
        count = next((n for n in range(min(4, len(tokens) - at), 0, -1) if "".join(tokens[at : at + n]) in table.treatments), 0)
        if not count:
            words.append(tokens[at])
            at += 1
            continue
        treatment = table.treatments["".join(tokens[at : at + count])]
        beside = (*tokens[max(at - 1, 0) : at], *tokens[at + count : at + count + 1])
        colour = next((table.colours[token] for token in beside if token in table.colours), None)
        found.append(f"{colour} {treatment}" if colour else treatment)
        at += count
    found += _treatments_by_sign("".join(words), table)
    return words, found


def _treatments_by_sign(text: str, table: MaterialTable) -> list[str]:
    """Treatments whose Chinese or Japanese names stand within longer words."""
    found: list[str] = []
    for sign, treatment in table.treatments_by_sign:
        if sign in text:
            found.append(treatment)
            text = text.replace(sign, "")
    return found


def find_materials(fields: Iterable[MetadataField], lines: Sequence[TextLine], own: str = "") -> tuple[Material, ...]:
    """The materials that one sheet's title block and notes name.

    A material of the title block is kept as written even where no table knows it; one of a note only where the table does.
    """
    shown = [field for field in fields if field.field == "material"]
    found = [material for field in shown if (material := _kept(field.value, field.place, field.method, field.confidence, own))]
    known = {key_of(field.value) for field in shown}
    for line in lines:
        text = _noted(line.text)
        if text is None or key_of(text) in known or any(material.place == line.place for material in found):
            continue
        material = _kept(text, line.place, "note", _NOTE, own)
        if material is not None and material.family is not None:
            known.add(key_of(text))
            found.append(material)
    return tuple(found)


def materials_of_items(items: Iterable[BomItem], own: str = "") -> tuple[Material, ...]:
    """The materials of a parts list's rows, each text once a sheet, at the first row that names it."""
    found: dict[tuple[int | None, str], Material] = {}
    for item in items:
        key = item.place.page_number, key_of(item.material or "")
        if item.material is None or key in found:
            continue
        material = _kept(item.material, item.place, "bom", item.confidence, own)
        if material is not None:
            found[key] = material
    return tuple(found.values())


def _kept(text: str, place: Place, method: str, confidence: float, own: str) -> Material | None:
    """A text in the place of a material; None where it says that there is none."""
    if is_none(text, own):
        return None
    text = clean_line(text)
    reading = read_material(text, own)
    trust = confidence if reading.family else round(_UNKNOWN * confidence, 3)
    return Material(text, place, method, trust, **asdict(reading))


def _noted(line: str) -> str | None:
    """What follows the label of a material in a note: '3. MATERIAL: AISI 304'."""
    if ":" not in line.replace("：", ":") or len(line) > _LONGEST_TEXT:
        return None
    label = match_label(_NOTE_NUMBER.sub("", line))
    return label.rest if label is not None and label.field == "material" and label.rest else None
