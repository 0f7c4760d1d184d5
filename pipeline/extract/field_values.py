"""What a title-block value must look like to be believed, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.extract.dates import find_date
from pipeline.extract.normalise import clean_line

_PLACEHOLDER = re.compile(
    r"^[\W_xX]*$|^[\[{$&%].*[\]}]$|^\*{2,}|_{3,}|\.{3,}$|^n\.?/?a\.?$|^t\.?b\.?[adc]\.?$|<[^<>]*>|\$\{|%\w+%"
    r"|^(?:material )?\W?(?:not (?:specified|applicable|assigned|set)|unspecified|undefined|unknown"
    r"|nicht (?:festgelegt|angegeben|definiert)"
    r"|niet (?:van toepassing|opgegeven)|non (?:spécifié|défini|specificato)|sin especificar|no especificado|n\.? ?v\.? ?t\.?|нет|без)\W?$",
    re.IGNORECASE,
)
_SCALE = re.compile(r"(?<![\d.,:])(\d+(?:[.,]\d+)?)\s*[:：]\s*(\d+(?:[.,]\d+)?)(?![\d:])")
_RATIO = re.compile(r"(\d{1,3})\s*/\s*(\d{1,4})")
_IMPERIAL_SCALE = re.compile(r"(\d+(?:[/-]\d+)*)\s*[\"”]\s*=\s*(\d+(?:'|’)(?:\s*-?\s*\d+[\"”])?|\d+\s*[\"”])")
_NO_SCALE = re.compile(r"N\.?\s?T\.?\s?S\.?|not to scale|none|full(?: scale| size)?|as (?:noted|shown)|ohne|без масштаба", re.IGNORECASE)
_SHEET = re.compile(r"(\d{1,3})\s*(?:/|of|0f|von|de|sur|van|di|из|\bon\b)\s*(\d{1,3})(?!\d)", re.IGNORECASE)
_SHEETS = re.compile(r"(?:of|von|de|sur|van|di|из|v\.)?\s*(\d{1,3})\s*(?:bl\.?|blatt|blätter|sheets|листов)?", re.IGNORECASE)
_SHEET_CJK = re.compile(r"第\s*(\d{1,3})\s*[张張页頁]")
_SHEETS_CJK = re.compile(r"共\s*(\d{1,3})\s*[张張页頁]")
_REVISION = re.compile(
    r"^(?:rev(?:ision)?\.?[\s:-]*)?([A-Z]{1,2}|\d{1,3}|[A-Z]{1,2}[.-]?\d{1,2}|\d{1,2}[.-]?[A-Z]|(?:19|20)\d\d[.-][A-Z]|\d{1,2}(?:\.\d{1,2}){1,2}|v\.?\d{1,2}(?:\.\d{1,2})*)$",
    re.IGNORECASE,
)
_NO_REVISION = frozenset({"NA", "NO", "BY", "OF", "MM", "CM", "IN", "KG", "ID", "PC", "QA"})
_PAPER_SIZE = re.compile(
    r"^\(?(?:DIN |ISO |ANSI |ARCH )?(?:[AА]\s?[0-5](?:[x×]\d)?|[A-E](?= size)|(?<=ANSI )[A-E]|(?<=ARCH )[A-E]1?)(?: size)?\)?\W*$",
    re.IGNORECASE,
)
_LONE_PAPER_SIZE = re.compile(r"^\(?(?:DIN )?A[0-5]\)?$")
_PAPER_AHEAD = re.compile(r"^(?:DIN |ISO )?[AА][0-5]\b")
_LETTER_SIZE = re.compile(r"^(?:[A-E]|letter|legal|tabloid|ledger)$", re.IGNORECASE)
_WEIGHT = re.compile(
    r"(?:≈|~|ca\.?|approx\.?)?\s*(\d+(?:[.,]\d+)*)\s*(kilograms?|kilogramm?|grams?|gramm?|grammes?|kgs?|кг|г|mg|g|t|lbs?|lbm|pounds?|oz)\b\.?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[≈~]?\s*\d+(?:[.,]\d+)?$")
_UNIT = re.compile(
    r"\b(mm|millim\w+|миллиметр\w*|мм|cm|centimet\w+|zentimet\w+|metres?|meters?|inch(?:es)?|in|zoll|pouces?|pulgadas?|pollici)\b\.?|[\"”]|毫米|英寸",
    re.IGNORECASE,
)
_TOLERANCE_STANDARD = re.compile(
    r"(?<![A-Za-zÀ-ÿ])(?:(?:DIN|EN|ISO|GB\s?/\s?T|JIS\s?B|NF|UNI|BS|GOST|ГОСТ|ASME|ANSI)[\s-]*)+"
    r"(?:2768|1804|0?405|0?419|7168|20457|22081|16742|16901|13920(?:[\s-]*[A-D][E-H]?\b)?|8062|30893)(?:[\s.:-]*\d+)?(?:[\s-]*\(?[fmcvgstFMCVKHL]{1,3}\b\)?)?(?:[\s-]*[HKLE]\b)?",
    re.IGNORECASE,
)
_DEVIATION = re.compile(r"±\s*\d|\+\s?/\s?-|[+-]\s?\d*[.,]?\d+\s*/\s*[+-]?\s?\d|\bIT\s?\d{1,2}\b")
_ROUGHNESS = re.compile(r"\bR\s?(?:a|z|max|t|q)\s*\d|[√▽∇]|\bN\s?\d{1,2}\b|\b\d+(?:[.,]\d+)?\s*[µμ]m\b", re.IGNORECASE)
_NUMBER_LABEL = re.compile(r"\b(?:nr|no|number|nummer|num|№|n[°º])\.?:?$", re.IGNORECASE)  # a label that the dictionary does not know
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u9fff]")
_SEPARATORS_AT_EDGE = " ,;:/|-–"
_MAX_LENGTH = {"drawing_number": 60, "part_number": 60, "title": 160, "material": 120, "author": 40, "checked_by": 40, "approved_by": 40,
               "company": 100, "project": 100, "product": 100, "part_of_assembly": 80, "surface_treatment": 120}
PEOPLE = frozenset({"author", "checked_by", "approved_by"})


def accept(field: str, text: str) -> str | None:
    """The value that `text` holds for a field, or None for a placeholder or something else."""
    line = clean_line(text)
    if not line:
        return None
    by_form = _BY_FORM.get(field)
    if by_form is not None:
        return by_form(line)
    if is_placeholder(line):
        return None
    if field in PEOPLE:
        line = _without_date(line)
    return line if _is_plausible_name(field, line) else None


def is_placeholder(line: str) -> bool:
    """Whether a text only says that nothing has been filled in."""
    return _PLACEHOLDER.search(line) is not None


def paper_size(line: str) -> str | None:
    """'A3' of a text that is nothing but a paper size of ISO 216."""
    return accept("size", line) if _LONE_PAPER_SIZE.match(line) else None


def has_tolerance_standard(line: str) -> bool:
    return _TOLERANCE_STANDARD.search(line) is not None


def _is_plausible_name(field: str, line: str) -> bool:
    if len(line) > _MAX_LENGTH[field] or find_date(line) == line or _LONE_PAPER_SIZE.match(line):
        return False
    if field in ("drawing_number", "part_number", "part_of_assembly"):
        return len(line) >= 2 and re.search(r"\w", line) is not None and _SCALE.fullmatch(line) is None and not _NUMBER_LABEL.search(line)
    if field in PEOPLE:
        return _LETTER.search(line) is not None and len(line) >= 2
    if field == "material":
        return len(line) >= 2 and _SCALE.fullmatch(line) is None
    return _WORD.search(line) is not None or (field in ("project", "product") and len(line) >= 3)


def _without_date(line: str) -> str:
    """A name without the date that stands with it in 'J. Smith 12/04/2020'."""
    date = find_date(line)
    return line if date is None else line.replace(date, "").strip(_SEPARATORS_AT_EDGE)


def _scale(line: str) -> str | None:
    match = _SCALE.search(line)
    if match is not None:
        return None if 0 in (_number(match[1]), _number(match[2])) else f"{match[1]}:{match[2]}"
    plain = _RATIO.fullmatch(line)
    if plain is not None:
        return f"{plain[1]}:{plain[2]}"
    imperial = _IMPERIAL_SCALE.search(line)
    if imperial is not None:
        return imperial[0]
    return line if _NO_SCALE.fullmatch(line) is not None else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _sheet(line: str) -> str | None:
    """'1/3' for '1 of 3' and for '共 3 张 第 1 张'; a lone number as it stands."""
    number, total = _SHEET_CJK.search(line), _SHEETS_CJK.search(line)
    if number is not None:
        return f"{number[1]}/{total[1]}" if total is not None else number[1]
    match = _SHEET.search(line)
    if match is not None:
        return f"{int(match[1])}/{int(match[2])}" if 1 <= int(match[1]) <= int(match[2]) else None
    return line if re.fullmatch(r"\d{1,3}", line) else None


def _sheets(line: str) -> str | None:
    match = _SHEETS.fullmatch(line)
    return match[1] if match is not None and int(match[1]) > 0 else None


def _revision(line: str) -> str | None:
    if is_placeholder(line) and line.upper() not in ("X", "XX"):
        return None
    match = _REVISION.match(line)
    return match[1] if match is not None and match[1].upper() not in _NO_REVISION else None


def _size(line: str) -> str | None:
    match = _PAPER_SIZE.match(line) or _LETTER_SIZE.match(line) or _PAPER_AHEAD.match(line)
    return match[0].strip("() .").replace("А", "A") if match is not None else None  # the first is Cyrillic


def _weight(line: str) -> str | None:
    match = _WEIGHT.search(line)
    return line if match is not None or _NUMBER.match(line) else None


def _units(line: str) -> str | None:
    match = _UNIT.search(line)
    return match[0].rstrip(".") if match is not None else None


def _general_tolerance(line: str) -> str | None:
    if is_placeholder(line):
        return None
    standard = _TOLERANCE_STANDARD.search(line)
    if standard is not None:
        return standard[0].strip()
    return line if _DEVIATION.search(line) and len(line) <= 120 else None


def _surface_finish(line: str) -> str | None:
    if is_placeholder(line) or len(line) > 120:
        return None
    return line if _ROUGHNESS.search(line) or _WORD.search(line) else None


_BY_FORM: dict[str, Callable[[str], str | None]] = {
    "scale": _scale,
    "sheet": _sheet,
    "sheets": _sheets,
    "revision": _revision,
    "date": find_date,
    "size": _size,
    "weight": _weight,
    "units": _units,
    "general_tolerance": _general_tolerance,
    "surface_finish": _surface_finish,
}
