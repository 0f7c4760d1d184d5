"""What a title-block value must look like to be believed, field by field."""

from __future__ import annotations

import re

from pipeline.extract.normalise import clean_line

_PLACEHOLDER = re.compile(r"^[\W_xX]*$|^[<\[{$&%].*[>\]}]$|^\*{2,}|_{3,}|^n/?a$|^tb[ad]$", re.IGNORECASE)
_SCALE = re.compile(r"(?<![\d.,:])(\d+(?:[.,]\d+)?)\s*[:：]\s*(\d+(?:[.,]\d+)?)(?![\d:])")
_NO_SCALE = re.compile(r"\b(N\.?\s?T\.?\s?S\.?|not to scale|none|full)(?!\w)", re.IGNORECASE)
_SHEET = re.compile(r"(\d{1,3})\s*(?:/|of|0f|von|de|sur|van|di|из|\bon\b)\s*(\d{1,3})(?!\d)", re.IGNORECASE)
_SHEET_CJK = re.compile(r"第\s*(\d{1,3})\s*[张張页頁]")
_SHEETS_CJK = re.compile(r"共\s*(\d{1,3})\s*[张張页頁]")
_REVISION = re.compile(
    r"^(?:rev\.?\s*)?([A-Z]{1,2}|\d{1,3}|[A-Z]{1,2}[.-]?\d{1,2}|\d{1,2}[.-]?[A-Z]|\d{1,2}(?:\.\d{1,2}){1,2})$",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-zä]*"
_DATE = re.compile(
    r"\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b|\b\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2})\b"
    rf"|\b\d{{1,2}}[-. ]{{1,2}}{_MONTH}[-. ,]{{1,2}}\d{{2,4}}\b|\b{_MONTH}\.? \d{{1,2}},? \d{{4}}\b"
    r"|\d{4}年\s?\d{1,2}月(?:\s?\d{1,2}日)?",
    re.IGNORECASE,
)
_PAPER_SIZE = re.compile(r"^\(?(?:DIN )?A[0-5]\)?$")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u9fff]")
_MAX_LENGTH = {"drawing_number": 60, "title": 160, "material": 120, "author": 40, "company": 100}


def accept(field: str, text: str) -> str | None:
    """The value that `text` holds for a field, or None for a placeholder or something else."""
    line = clean_line(text)
    if not line:
        return None
    if field == "scale":
        return _scale(line)
    if field == "sheet":
        return _sheet(line)
    if _PLACEHOLDER.search(line) and not (field == "revision" and line.upper() in ("X", "XX")):
        return None
    if field == "revision":
        match = _REVISION.match(line)
        return match[1] if match is not None else None
    if field == "date":
        match = _DATE.search(line)
        return match[0] if match is not None else None
    return line if _is_plausible_name(field, line) else None


def _is_plausible_name(field: str, line: str) -> bool:
    if len(line) > _MAX_LENGTH[field] or _DATE.fullmatch(line) or _PAPER_SIZE.match(line):
        return False
    if field == "drawing_number":
        return len(line) >= 2 and re.search(r"\w", line) is not None and _SCALE.fullmatch(line) is None
    if field == "author":
        return _LETTER.search(line) is not None and len(line) >= 2 and _DATE.search(line) is None
    if field == "material":
        return len(line) >= 2 and _SCALE.fullmatch(line) is None
    return _WORD.search(line) is not None


def _scale(line: str) -> str | None:
    match = _SCALE.search(line)
    if match is not None:
        return f"{match[1]}:{match[2]}"
    plain = re.fullmatch(r"(\d{1,3})\s*/\s*(\d{1,4})", line)
    if plain is not None:
        return f"{plain[1]}:{plain[2]}"
    none = _NO_SCALE.fullmatch(line)
    return line if none is not None else None


def _sheet(line: str) -> str | None:
    """'1/3' for '1 of 3' and for '共 3 张 第 1 张'; a lone number as it stands."""
    number, total = _SHEET_CJK.search(line), _SHEETS_CJK.search(line)
    if number is not None:
        return f"{number[1]}/{total[1]}" if total is not None else number[1]
    match = _SHEET.search(line)
    if match is not None:
        return f"{int(match[1])}/{int(match[2])}" if int(match[1]) <= int(match[2]) else None
    return line if re.fullmatch(r"\d{1,3}", line) else None
