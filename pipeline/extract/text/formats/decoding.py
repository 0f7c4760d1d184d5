"""Bytes into text: by mark, as UTF-8, by what the file says of itself, else by a guess that is named as one."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WESTERN = "cp1252"
# Encodings that text files of the last decades are in, those of old consoles included. More of them would only make guesses worse.
_CANDIDATES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "shift_jis",
               "euc_jp", "gb18030", "big5", "euc_kr", "cp437", "cp850", "mac_roman"]
_SAMPLE = 32_768  # bytes that a guess is made from
_FEW = 0.001  # share of characters that may be damaged in what is UTF-8 otherwise
_SOUND_LETTERS = 4  # to each damaged place: with so many a text is UTF-8 however short it is
# Where letters with marks stand in Western words as cp1252 writes them, and the signs that technical text has: ° ± ² ³ µ × Ø – “ ” „ € ‘ ’
_FITS_WESTERN = re.compile(
    rb"(?<=[A-Za-z])[\xc0-\xd6\xd8-\xdd\xdf-\xf6\xf8-\xff](?=[A-Za-z])"
    rb"|(?<=[\s(\"-])[\xc0-\xd6\xd8-\xdc\xe0-\xf6\xf8-\xfc](?=[a-z])"
    rb"|(?<=[a-z])[\xdf-\xf6\xf8-\xfd](?=[\s.,;:)!?-])"
    rb"|[\xb0\xb1\xb2\xb3\xb5\xd7\xd8\x96\x93\x94\x84\x80\x91\x92\xa7\xa9\xae]")

GUESS_CONFIDENCE, REPAIR_CONFIDENCE = 0.8, 0.9


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with how sure its encoding is.

    warnings  'encoding_guessed:<name>', 'encoding_repaired' (damaged bytes became U+FFFD)
    is_whole  False where bytes were left out
    """

    text: str
    confidence: float = 1.0
    warnings: tuple[str, ...] = ()
    is_whole: bool = True


def decode(data: bytes, max_chars: int, declared: str | None = None) -> Decoded:
    """The text of some bytes, at most about `max_chars` of it: no more than that is decoded.

    declared  the encoding that the file or its envelope names; believed where the bytes agree
    """
    encoding, start = _marked(data)
    kept = data[start : start + max_chars * (4 if encoding is None or encoding.startswith("utf-32") else 3) + 4]
    is_whole = start + len(kept) >= len(data)
    result = _known(kept, encoding) if encoding is not None else _unmarked(kept, _python_name(declared))
    text = result.text
    if len(text) > max_chars:
        text, is_whole = text[:max_chars], False
    return Decoded(text, result.confidence, result.warnings, is_whole)


def _marked(data: bytes) -> tuple[str | None, int]:
    """(encoding, length of its mark); UTF-16 of mostly Western text is known by its zeros, too."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, len(bom)
    head = data[:4096]
    if b"\0" not in head:
        return None, 0
    pairs = max(1, len(head) // 2)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le", 0
    return ("utf-16-be", 0) if even > 0.4 * pairs and odd < 0.05 * pairs else (None, 0)


def _python_name(declared: str | None) -> str | None:
    """Python's name of an encoding; what is called Latin-1 is cp1252 on the web and in mail."""
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip(" \"'")[:40]).name
    except (LookupError, ValueError):
        return None
    return {"iso8859-1": _WESTERN, "ascii": None}.get(name, name)


def _strict(data: bytes, encoding: str) -> str | None:
    """The text; a letter cut in two by the end of the bytes is no fault."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data)
    except (UnicodeError, ValueError, LookupError, AttributeError, TypeError):  # the last ones: codecs that are not for text
        return None


def _known(data: bytes, encoding: str) -> Decoded:
    text = _strict(data, encoding)
    if text is not None:
        return Decoded(text)
    return Decoded(data.decode(encoding, "replace"), REPAIR_CONFIDENCE, ("encoding_repaired",))


def _unmarked(data: bytes, declared: str | None) -> Decoded:
    text = _strict(data, "utf-8")
    if text is not None and (declared in (None, "utf-8") or not _seven_bit_switches(data)):
        return Decoded(text)
    if declared not in (None, "utf-8"):
        text = _strict(data, str(declared))
        if isinstance(text, str):
            return Decoded(text)
    repaired = data.decode("utf-8", "replace")
    if _is_mostly_sound(repaired):
        return Decoded(repaired, REPAIR_CONFIDENCE, ("encoding_repaired",))
    encoding = guess(data)
    return Decoded(data.decode(encoding, "replace"), GUESS_CONFIDENCE, (f"encoding_guessed:{encoding}",))


def _seven_bit_switches(data: bytes) -> bool:
    """Whether escapes of ISO-2022 encodings stand in the bytes: those look like ASCII."""
    return b"\x1b$" in data or b"\x1b(" in data


def _is_mostly_sound(repaired: str) -> bool:
    """Whether text is UTF-8 with some damage: letters of several bytes hardly come about by chance in other encodings."""
    damaged = repaired.count("\ufffd")
    sound = sum(1 for character in repaired if character > "\x7f") - damaged
    return sound > 0 and (damaged <= _FEW * len(repaired) or sound >= _SOUND_LETTERS * damaged)


def guess(data: bytes) -> str:
    """The likeliest encoding of text that is not UTF-8."""
    sample = _telling(data)
    high = sum(1 for byte in sample if byte > 0x7F)
    fitting = len(_FITS_WESTERN.findall(sample))
    if high and fitting >= 0.7 * high:
        return _WESTERN
    from charset_normalizer import from_bytes  # lazy: most files are UTF-8

    best = from_bytes(sample, cp_isolation=_CANDIDATES, preemptive_behaviour=False).best()
    if best is None or best.encoding in ("ascii", "utf_8") or _strict(data, best.encoding) is None:
        return _WESTERN
    return str(best.encoding)


def _telling(data: bytes) -> bytes:
    """The part of the bytes that says most of their encoding: from shortly before the first that is not ASCII."""
    match = re.search(rb"[\x80-\xff]", data)
    start = max(0, match.start() - 1000) if match else 0
    start = data.rfind(b"\n", 0, start) + 1
    lines = [line for line in data[start : start + 8 * _SAMPLE].splitlines(keepends=True) if not line.isascii()]
    return b"".join(lines)[:_SAMPLE]
