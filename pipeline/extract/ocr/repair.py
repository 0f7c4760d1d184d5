"""What OCR habitually gets wrong on drawings, mended where the surroundings leave no doubt; and what is no text at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.ocr.lines import OcrLine

_LEAST_CONFIDENCE = 0.5
_LONE_CONFIDENCE = 0.8  # of a single character
_CJK_CONFIDENCE = 0.85
_UPRIGHT = 0.9
_ROUND = frozenset("OoQ")  # alone: a hole
_RISING_NUMBERS = 2  # that say that vertical dimensions of this sheet read upwards

_POINTED_NUMBERS = 3  # that say that this sheet writes .5 for 0.5

_HALF_NUMBER = re.compile(r"^[.,]\d+$")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af]")
# Chinese characters that are boxes and strokes: hatching, tables and symbols are read as these.
_BOXLIKE = re.compile(r"^[一二三十口日目田国國图圖困回中申由甲亚王工土士丨〇囗园圆固因团塞■□▪▫盲直言品\W\d]+$")
_REPAIRS: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), text) for pattern, text in (
    (r"^[—–_=~|]+\s*(?=[ØR(]?\d)", ""),  # ends of dimension lines
    (r"^-\s+(?=[ØR(]?\d[\d.,]*\s*(?:mm)?$)", ""),
    (r"(?<=[\dm°)])\s*[—–_=~|]+$", ""),
    (r"(?<=[\dm°)])\s+-$", ""),
    (r"(?<=[\d.,])o(?=[\d.,]|\s*mm\b|\s*MM\b)", "0"),
    (r"(?<=[\d.,])[OQD](?=[\d.,]|\s*mm\b|\s*MM\b|$)", "0"),
    (r"(?<=\d[.,])[OoQD](?=\d|\s*[mM][mM]\b)", "0"),
    (r"(?<![A-Za-z\d])[OoQ](?=[.,]\d)", "0"),
    (r"(?<=\d)(?!OF)O(?=[A-Z\d])", "0"),  # '4OW', but not '2OFF'
    (r"(?<=[\d.,])[lI|!](?=[\d.,])", "1"),
    (r"(?<=\d[.,])[lI|](?=\s*mm\b|$)", "1"),
    (r"(?<=[\d.,])[S$](?=\d|\s*mm\b)", "5"),
    (r"(?<=\d)\s*\.\s+(?=\d)", "."),
    (r"(?<=\d)\s+[.,](?=\d)", "."),
    (r"\s+(?=[.,;:](?:\D|$))", ""),
    (r"\b(\d+)\s*0F\s*(\d+)\b", r"\1 OF \2"),
    (r"\b(SHEET|Sheet)\s+[Il|]\s+(OF|of)\b", r"\1 1 \2"),
    (r"(?<=[A-Z] )0F(?= [A-Z\d])", "OF"),
    (r"^[øφΦ∅⌀]\s*(?=\d)", "Ø"),
    (r"(?<=[x× \d])[øφΦ∅⌀]\s*(?=\d)", "Ø"),
    (r"^[@](?=\d+(?:[.,]\d+)?(?:\D|$))", "Ø"),
    (r"^0(?=\d+[.,]\d)", "Ø"),  # '03.95': no number begins so
    (r"^Ø\s+(?=\d)", "Ø"),
    (r"(?<=\d)\s*[士土](?=\s*\d)", "±"),
    (r"^(\d{1,3}(?:[.,]\d+)?)[oº˚]$", r"\1°"),
    (r"(?<=[xX×] )(\d{2})[oº˚]$", r"\1°"),
    (r"(?<=[xX×])(\d{2})[oº˚]$", r"\1°"),
    (r"(?<=\d)\s*㎜", "mm"),
    (r"^\(([+\-]\d+[.,]\d+)\)$", r"\1"),
    (r"(?<=\d)\s*\(([+\-]\d+[.,]\d+)\)$", r" \1"),  # one of two tolerances in a pair of high brackets
))


def only_text(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """The lines that are text and not lines, hatching or symbols read as such."""
    has_cjk = any(_is_sure_cjk(line) for line in lines)
    has_rising = sum(_is_rising_number(line) for line in lines) >= _RISING_NUMBERS
    halves = [line for line in lines if _HALF_NUMBER.match(line.text.strip())]
    lost = halves if len(halves) < _POINTED_NUMBERS else []  # the first half of a number was not found
    return [line for line in lines if line not in lost and _is_text(line, has_cjk=has_cjk, has_rising=has_rising)]


def mended(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """The lines with habitual mistakes mended; their characters no longer have centres."""
    return [replace(line, text=text, centres=()) for line in lines if (text := mend_text(line.text))]


def mend_text(text: str) -> str:
    """One line's text mended; words are left alone, numbers are not."""
    text = _cleaned(text)
    for pattern, replacement in _REPAIRS:
        text = pattern.sub(replacement, text)
    return text.strip()


def _cleaned(text: str) -> str:
    """Full-width letters, digits and signs as ordinary ones; the rest as it is (NFKC would turn Ø's likes and ² around)."""
    plain = "".join(unicodedata.normalize("NFKC", one) if "\uff01" <= one <= "\uff5e" else one for one in text)
    return " ".join(plain.split())


def _is_sure_cjk(line: OcrLine) -> bool:
    found = _CJK.findall(line.text)
    return len(set(found)) >= 3 and line.confidence >= _CJK_CONFIDENCE and _BOXLIKE.match(line.text) is None


def _is_text(line: OcrLine, *, has_cjk: bool, has_rising: bool) -> bool:
    text = line.text.strip()
    if line.confidence < _LEAST_CONFIDENCE or not any(one.isalnum() for one in text):
        return False
    if len(text) == 1 and not _is_lone_character(line, has_rising=has_rising):
        return False
    if _CJK.search(text) is None:
        return True
    return has_cjk and line.confidence >= _CJK_CONFIDENCE and _BOXLIKE.match(text) is None


def _is_rising_number(line: OcrLine) -> bool:
    return line.direction[1] < -_UPRIGHT and len(line.text.strip()) > 1 and sum(one.isdigit() for one in line.text) > 0.5 * len(line.text)


def _is_lone_character(line: OcrLine, *, has_rising: bool) -> bool:
    """Whether a single character may stand: upright, or a digit that reads upwards where other dimensions do."""
    along_x, along_y = line.direction
    text = line.text.strip()
    if text in _ROUND:
        return False
    is_plain = text.isascii() or "①" <= text <= "⑳"
    runs_well = along_x > _UPRIGHT or (has_rising and along_y < -_UPRIGHT and text.isdigit())
    return line.confidence >= _LONE_CONFIDENCE and is_plain and runs_well
