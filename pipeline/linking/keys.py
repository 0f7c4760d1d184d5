"""Normalised drawing keys: what is left of a file name when revision, sheet, copy marks, case and separators go.

    drawing_key("B1036-A2P_revC (2).PDF")
    # DrawingKey(key='b1036a2p', revision='c', sheet=None, is_copy=True, strength=Strength.STRONG)

A key is `core` or `core~variant`. The variant is a title behind a number, or a copy's count behind plain words: such
a file belongs to `core` where that exists nearby, and stands alone where it does not (see `base_key`).
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import NamedTuple

# Raised with every change of rule: files linked under an older one are looked at again.
KEY_VERSION = 2


class Strength(IntEnum):
    """How much the same key in two names says.

    WEAK    plain words or a count: the same part only in the same place
    MEDIUM  a short number, or a standard's: the same part in the same place, suspicious elsewhere
    STRONG  a drawing number: the same part anywhere in the store
    """

    WEAK = 0
    MEDIUM = 1
    STRONG = 2


class DrawingKey(NamedTuple):
    key: str
    revision: str | None
    sheet: str | None
    is_copy: bool
    strength: Strength


_EXTENSION = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,8}$")
# Creo counts how often a file was saved behind its extension: shaft.prt.12. That is no revision of the drawing.
_CREO_VERSION = re.compile(r"(\.(?:prt|asm|drw|frm|sec|lay))\.\d{1,4}$")

_COPY_BEFORE = re.compile(r"^(?:copy[\s_]+(?:\(\d{1,3}\)[\s_]+)?of|kopie[\s_]+von|copie[\s_]+de|copia[\s_]+de)[\s_]+")
# Each run of blanks is looked at from its start only, and read in one way: a name may be a thousand of them.
_COPY_WORD = re.compile(
    r"(?<![\s_])(?:[\s_]+(?:[-(][\s_]*)?|[-(][\s_]*)(?:copy|kopie|copie|copia)(?:[\s_]*\(?\d{1,3}\)?)?\)?$")
_COPY_COUNT = re.compile(r"(?<![\s_])[\s_]*\((\d{1,3})\)$")
_QUANTITY = re.compile(r"(?<![\s_])[\s_]*\((?:x\d{1,4}|\d{1,4}x)\)$")  # "shaft (x2)": two are needed

_SHEET = re.compile(
    r"(?:^|[\s_\-.,(\[]+)(?:sheet|sht|sh|blatt|page|pg|seite|feuille|hoja|blad)[\s_\-.]*(\d{1,3})"
    r"(?:[\s_\-]*(?:of|von|de|van|sur)[\s_\-]*\d{1,3})?[)\]]?$")
_SHEET_OF = re.compile(r"[\s_\-(\[]+(\d{1,3})[\s_]*(?:of|von)[\s_]*\d{1,3}[)\]]?$")
# One letter may be part of a name; behind a number it is a sheet.
_SHEET_LETTER = re.compile(r"(?<=\d\d)(?:[-_.][a-z])?([-_.\s]+s[-_]?(\d{1,2}))$")

_REVISION_WORD = re.compile(
    r"[\s_\-.,(\[]+(?:revision|rev|version|ver|issue|ausgabe|index|änd)(?:[\s_\-.:]+|(?=\d)|(?=[a-z]{1,2}[)\]]?$))"
    r"([a-z]{1,2}\d{0,2}|\d{1,3}(?:\.\d{1,3}){0,2})[)\]]?$")
_REVISION_GLUED = re.compile(r"(?<=\d)rev([a-z]|\d{1,2})$")
_REVISION_SHORT = re.compile(r"[\s_\-.,(\[]+[rv](\d{1,3}(?:\.\d{1,3}){0,2})[)\]]?$")
# "1036-A2P-A" and "1320-D", never "clamp A", which is another part than "clamp B". I, O, Q, S, X, Z are no revisions
# (ASME Y14.35), and behind a number L and R are hands, X, Y and Z axes.
_REVISION_LETTER = re.compile(r"(?<=\d)([a-z]{0,2})[-_.]([a-hjkmnptuvw])$")

# Parts lists set the revision apart: "1002 A".
_REVISION_APART = re.compile(r"^([^\s]*\d[^\s]*)\s+([a-hjkmnptuvw])$")

# "1301-Z2P-D integrated nozzle": one word with digits enough, and a title behind it.
_TITLED = re.compile(r"^([a-z0-9.\-]+)[\s_]+(?:-[\s_]+)?(?=[^\W\d_]{2})(.+)$")
_MEASURE = re.compile(r"^\d+(?:[.x]\d+)*(?:mm|cm|in|inch|kg|v|w|a)$")

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(
    r"^(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?$")
_LONG_WORD = re.compile(r"[^\W\d_]{6}")
# Cameras, scanners and mail programs count; their numbers name no part.
_COUNTED = re.compile(
    r"^(?:img|image|dscn?|dscf|pxl|vid|mov|scan|scn|doc|photo|pic|bild|foto|new|page|fig|att|file|print|plot|test|temp|tmp"
    r"|sample|part|teil|asm|body|model|sheet)-?\d")
_STANDARD = re.compile(r"^(?:iso|din|en|ansi|asme|asa|nist|jis|bs|gost|astm)-?\d")


def drawing_key(file_name: str) -> DrawingKey:
    """The key by which a file is linked, and what was taken off its name. Never fails: any text has a key."""
    text = file_name.lower() if file_name.isascii() else unicodedata.normalize("NFKC", file_name).casefold()
    text = _without_extension(text)
    text, is_copy, count = _without_copy_marks(text.strip())
    text, sheet, revision = _without_sheet_and_revision(text)
    core, variant, title_revision = _number_and_title(text)
    core = normalised(core)
    if not core:
        return DrawingKey("?" + text, None, None, is_copy, Strength.WEAK)
    strength = _strength(core)
    if variant and strength is not Strength.WEAK:
        core = f"{core}~{normalised(variant)}"
    elif variant:
        core = normalised(text)
    if count and strength is Strength.WEAK:
        core = f"{core}~{count}"
    return DrawingKey(core, revision or title_revision, sheet, is_copy, strength)


def number_key(text: str) -> DrawingKey:
    """The key of a number that a title block or a parts list states: it has no extension, and its title is no part of it."""
    text = (text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()).strip()
    text, sheet, revision = _without_sheet_and_revision(_REVISION_APART.sub(r"\1-\2", text))
    core, _, title_revision = _number_and_title(text)
    core = normalised(core)
    if not core:
        return DrawingKey("?" + text, None, None, False, Strength.WEAK)
    return DrawingKey(core, revision or title_revision, sheet, False, _strength(core))


def base_key(key: str) -> str | None:
    """The key under which the same part may stand nearby; None for a plain key.

    `1301z2p~nozzle` may be `1301z2p`; `b1036a2p` may be `1036a2p`: one letter A to E before a number is often the
    sheet's format.
    """
    core, tilde, _ = key.partition("~")
    if tilde:
        return core
    return core[1:] if core[0] in "abcde" and len(core) > 3 and core[1:4].isdigit() else None


def normalised(text: str) -> str:
    """Words and numbers of `text`, one "-" only where two words or two numbers meet, numbers without leading zeros."""
    parts: list[str] = []
    was_digit: bool | None = None
    for token in _TOKEN.findall(text):
        is_digit = token[0].isdigit()
        if is_digit == was_digit:
            parts.append("-")
        parts.append((token.lstrip("0") or "0") if is_digit else token)
        was_digit = is_digit
    return "".join(parts)


def _without_extension(text: str) -> str:
    if text[-1:].isdigit() and (creo := _CREO_VERSION.search(text)):
        text = text[:creo.end(1)]
    found = _EXTENSION.search(text)
    return text[:found.start()] if found and found.start() else text


def _without_copy_marks(text: str) -> tuple[str, bool, str | None]:
    """The text, whether it was a copy, and the count in "name (2)" where one stood."""
    is_copy, count = False, None
    if text[:3] in ("cop", "kop") and (before := _COPY_BEFORE.match(text)):
        text, is_copy = text[before.end():], True
    for _ in range(3):
        if text.endswith(")") and (found := _COPY_COUNT.search(text)) and found.start():
            text, is_copy, count = text[:found.start()], True, found[1]
        elif text.endswith(")") and (found := _QUANTITY.search(text)) and found.start():
            text = text[:found.start()]
        elif ("cop" in text or "kop" in text) and (found := _COPY_WORD.search(text)) and found.start():
            text, is_copy = text[:found.start()], True
        else:
            break
    return text, is_copy, count


def _without_sheet_and_revision(text: str) -> tuple[str, str | None, str | None]:
    sheet = revision = None
    for _ in range(3):
        if sheet is None:
            shorter, sheet = _without_sheet(text)
            if sheet is not None:
                text = shorter
                continue
        if revision is None:
            shorter, revision = without_revision(text)
            if revision is not None:
                text = shorter
                continue
        break
    return text, sheet, revision


def _without_sheet(text: str) -> tuple[str, str | None]:
    if text[-1:] not in "0123456789)]":
        return text, None
    if (found := _SHEET.search(text)) or (found := _SHEET_OF.search(text)):
        return (text[:found.start()], _plain(found[1])) if found.start() else (text, None)
    if found := _SHEET_LETTER.search(text):
        return text[:found.start(1)], _plain(found[2])
    return text, None


def without_revision(text: str) -> tuple[str, str | None]:
    """`text` without the revision at its end, and that revision."""
    if (found := _REVISION_WORD.search(text)) or (found := _REVISION_SHORT.search(text)) \
            or (found := _REVISION_GLUED.search(text)):
        return (text[:found.start()], _plain(found[1])) if found.start() else (text, None)
    found = _REVISION_LETTER.search(text)
    if found and sum(map(len, _DIGITS.findall(text))) >= 3:
        return text[:found.start(2) - 1], found[2]
    return text, None


def _plain(text: str) -> str:
    return (text.lstrip("0") or "0") if text.isdigit() else text


def _number_and_title(text: str) -> tuple[str, str, str | None]:
    """(number, title, revision) of "1301-Z2P-D integrated nozzle"; (text, "", None) where nothing is like that.

    A number that carries its revision is complete, so the title behind it says nothing more and is left out.
    """
    if not any(blank in text for blank in " _\t"):
        return text, "", None
    found = _TITLED.match(text)
    if not found or sum(map(len, _DIGITS.findall(found[1]))) < 3 or _no_number(found[1]):
        return text, "", None
    number, revision = without_revision(found[1])
    return (number, "", revision) if revision is not None else (number, found[2], None)


def _no_number(word: str) -> bool:
    return bool(_DATE.match(word) or _MEASURE.match(word) or _LONG_WORD.search(word))


def _strength(core: str) -> Strength:
    runs = _DIGITS.findall(core)
    if not runs or _LONG_WORD.search(core) or _COUNTED.match(core):
        return Strength.WEAK
    digits, longest = sum(map(len, runs)), max(map(len, runs))
    if longest < 3:
        return Strength.WEAK
    if _STANDARD.match(core) or _DATE.match(core):
        return Strength.MEDIUM
    has_letter = not core.replace("-", "").isdigit()
    return Strength.STRONG if digits >= (5 if has_letter else 6) else Strength.MEDIUM
