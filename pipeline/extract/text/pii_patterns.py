"""Built-in patterns of personal data. Drawings are full of numbers, so each number must prove itself by form and checksum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_EMAIL = re.compile(r"(?<![\w.+-])[\w][\w.+-]{0,63}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}(?![\w-])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\d.,/-])[3-6]\d{3}(?:[ -]?\d{4}){3}(?![\d.,/-]\d)(?!\d)|(?<![\d.,/-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)")
_INTERNATIONAL = re.compile(
    r"(?<![\w+.,/±-])\+[1-9]\d{0,2}[ .-]?(?:\(0?\d{0,4}\)[ .-]?)?\d{1,5}(?:[ ./-]?\d{2,5}){1,4}(?:-\d)?(?!\d|[.,]\d)"
)
# A national number is told by the word before it: 0711 123456 may as well be an order number.
_NATIONAL = re.compile(
    r"(?i:(?<!\w)(?:tel(?:efon|ephone|éfono)?|phone|fon|fax|mob(?:il|ile)?|handy|cell|call|tél)\b\.?:?[ \t]*(?:no\.?|nr\.?)?[ \t]*)"
    r"(\(?\d{2,5}\)?[ ./-]{0,3}\d{2,4}(?:[ ./-]?\d{2,5}){0,3})(?!\d)"
)
_DIGITS_ONLY = re.compile(r"\D")
_IBAN_COUNTRIES = """AD:24 AE:23 AT:20 BE:16 BG:22 CH:21 CY:28 CZ:24 DE:22 DK:18 EE:20 ES:24 FI:18 FR:27 GB:22 GR:27 HR:21 HU:28 IE:22 IL:23
    IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28 PT:25 RO:24 RS:22 SA:24 SE:24 SI:19 SK:24 SM:27 TR:26 UA:29"""
_IBAN_LENGTHS = {country: int(length) for country, length in (pair.split(":") for pair in _IBAN_COUNTRIES.split())}


def emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        yield from (found.span() for found in _EMAIL.finditer(text))


def phones(text: str) -> Iterator[tuple[int, int]]:
    """International numbers that begin with '+', national ones after a word that announces them."""
    for found in _INTERNATIONAL.finditer(text):
        if 9 <= len(_DIGITS_ONLY.sub("", found.group())) <= 15:
            yield found.span()
    for found in _NATIONAL.finditer(text):
        if 7 <= len(_DIGITS_ONLY.sub("", found.group(1))) <= 14:
            yield found.span(1)


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Bank account numbers of a known country and length whose check digits are right (ISO 13616, mod 97)."""
    for found in _IBAN.finditer(text):
        stop = _iban_stop(found)
        if stop is not None:
            yield found.start(), stop


def _iban_stop(found: re.Match[str]) -> int | None:
    """Where the account number ends: what follows it may look like a part of it."""
    length = _IBAN_LENGTHS.get(found.group()[:2], 0)
    characters = [(character, found.start() + index + 1) for index, character in enumerate(found.group()) if character != " "][:length]
    if not length or len(characters) < length:
        return None
    value = "".join(character for character, _ in characters)
    return characters[-1][1] if int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1 else None


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Payment cards of 15 or 16 digits whose check digit is right (Luhn)."""
    for found in _CARD.finditer(text):
        if _is_luhn(_DIGITS_ONLY.sub("", found.group())):
            yield found.span()


def _is_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _numbers(pattern: str, is_right: Callable[[str], bool]) -> Callable[[str], Iterator[tuple[int, int]]]:
    """A finder of numbers in one form that pass a check, given their letters and digits alone."""
    compiled = re.compile(rf"(?<![\w.,/-])(?:{pattern})(?![\w]|[.,/-]\w)")

    def finder(text: str) -> Iterator[tuple[int, int]]:
        return (found.span() for found in compiled.finditer(text) if is_right(re.sub(r"\W", "", found.group())))

    return finder


def is_de_steuer_id(digits: str) -> bool:
    """German tax identification number: one digit of the first ten stands twice or thrice; check digit by ISO 7064 mod 11,10."""
    counts = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    if digits[0] == "0" or counts[-1] not in {2, 3} or sum(count > 1 for count in counts) != 1:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == int(digits[10])


def is_us_ssn(digits: str) -> bool:
    """US social security number: no check digit, but areas, groups and serials that are never given out."""
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def is_uk_nino(value: str) -> bool:
    """UK national insurance number: prefixes that are never given out are none."""
    return value[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def is_nl_bsn(digits: str) -> bool:
    """Dutch citizen service number: the eleven test."""
    total = sum(weight * int(digit) for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    return total % 11 == 0 and len(set(digits)) > 1


def is_fr_nir(value: str) -> bool:
    """French social security number: key = 97 - number mod 97, Corsica's letters counted as 19 and 18."""
    number = value[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(value[13:])


PATTERNS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "email": emails,
    "phone": phones,
    "iban": ibans,
    "card": cards,
    "de_steuer_id": _numbers(r"\d{2} \d{3} \d{3} \d{3}|\d{11}", is_de_steuer_id),
    "us_ssn": _numbers(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", is_us_ssn),
    "uk_nino": _numbers(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", is_uk_nino),
    "nl_bsn": _numbers(r"\d{9}|\d{4}\.\d{2}\.\d{3}|\d{3} \d{3} \d{3}", is_nl_bsn),
    "fr_nir": _numbers(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", is_fr_nir),
}
