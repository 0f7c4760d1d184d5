"""What may follow a dimension's value: THRU, a depth, MAX, TYP, REF, '3 PLCS', a second unit in brackets, …"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.extract.model import Json

_NUMBER = r"(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_DEPTH_WORD = r"DEEP|DEPTH|DP\.?|TIEF|TIEFE|DIEP|PROF\.?|PROFOND\w*|PROFUND\w*|ГЛУБ\w*\.?"
_SUFFIX = re.compile(
    r"(?:^|[\s,;/-]*)(?:"
    r"(?P<through>\(?\b(?:THRU(?:\s?ALL)?|THROUGH(?:\s?ALL)?|DURCH(?:GEHEND(?:E[SN]?)?|GANGS\w*)?|DOORLOPEND|PASSANTE|D[ÉE]BOUCHANT"
    r"|TRAVERSANT|PASANTE|СКВОЗН\w*)\)?|贯穿|通孔|通)"
    rf"|(?:↧\s?|(?:\b(?:{_DEPTH_WORD})|深度?)\s?:?=?\s?)(?P<depth>{_NUMBER})\s?(?:mm|\")?(?:\s?[±+].*)?"
    rf"|[x×X*]?\s?(?<![\d.,])(?P<depth_before>{_NUMBER})\s?(?:mm)?\s?(?:{_DEPTH_WORD}|深度?)"
    r"|(?P<qualifier>\(?(?:\bMAX(?:IMUM)?|\bMIN(?:IMUM)?|\bTYP(?:ICAL)?)\b\.?\)?)"
    r"|(?P<reference>\(?\bREF\b\.?\)?)"
    r"|(?P<placed>\(?(?:\bTYP\.?\s?)?(?P<places>\d{1,3})\s?(?:PLCS?|PLACES?|POS\.?|STELLEN|PLAATSEN|POSTI|处)\b\.?\)?)"
    rf"|\b(?:ON|AUF|SUR|SU|EN)\s(?:A\s)?(?:(?:PCD|TK|LK)\s?Ø?\s?|Ø\s?|(?=\S+\s?(?:P\.?C\.?D|B\.?C)))(?P<on_circle>{_NUMBER})"
    r"(?:\s?(?:P\.?C\.?D|B\.?C|T\.?K|L\.?K)\b\.?)?"
    r"|(?P<circle>\b(?:P\.?C\.?D|B\.?C\.?D?|T\.?K|L\.?K|TEILKREIS|LOCHKREIS)\b\.?)"
    r"|(?P<envelope>Ⓔ)"
    r"|\((?P<times>\d{1,3})\s?[x×X]\)"
    rf"|\[(?P<dual>{_NUMBER})\s?(?:mm|in\b\.?|\")?\]"
    rf"|[x×X]\s?(?P<angle>{_NUMBER})\s?°(?:\s?±.*)?"
    r"|(?P<spaced>\b(?:EQ(?:UALLY|\.|\b)\s?SP(?:ACED|\.|\b)|EQUISPACED|EQS|GLEICHM\w*))"
    r"|(?P<word>\b(?:THREADS?|TAP(?:PED)?|GEWINDE|GEW\.?|DRAAD|FILET(?:AGE|TATURA|É)?|TARAUD\w*|ROSCA|HOLES?|BOHRUNG(?:EN)?|GATEN"
    r"|TROUS?|FORI|DRILL(?:ED)?|REAM(?:ED)?)|牙|内?螺[纹紋]孔?)"
    r")$",
    re.IGNORECASE,
)
_OF_DIAMETER = re.compile(r"Ø|\bDIA", re.IGNORECASE)
_QUALIFIERS = {"MAX": "max", "MIN": "min", "TYP": "typ"}
_MAX_SUFFIXES = 5


@dataclass(frozen=True, slots=True)
class Suffixes:
    """What stood after a value.

    dual        the same size in the other unit
    places      how many features the dimension is for, 1 where nothing says more
    is_marking  whether one of them shows that the text is a dimension
    details     'through', 'depth', 'angle', 'qualifier', 'equally_spaced', 'dual', 'envelope', 'bolt_circle' (it is one), 'on_circle' (of
                what diameter the features stand on one)
    """

    details: dict[str, Json] = field(default_factory=dict)
    is_reference: bool = False
    places: int = 1
    dual: float | None = None
    is_marking: bool = False

    def joined(self, inner: Suffixes) -> Suffixes:
        """These and those within the brackets."""
        return Suffixes(
            {**inner.details, **self.details},
            self.is_reference or inner.is_reference,
            max(self.places, inner.places),
            self.dual if self.dual is not None else inner.dual,
            self.is_marking or inner.is_marking,
        )


def take_suffixes(body: str) -> tuple[Suffixes, str]:
    """The suffixes of a text, and what stands before them."""
    found = Suffixes()
    for _ in range(_MAX_SUFFIXES):
        match = _SUFFIX.search(body)
        if match is None or match.start() == 0 or (match["angle"] and not _OF_DIAMETER.search(body)):
            break  # '2x45°' is a chamfer, 'Ø5.6x90°' a countersink
        found = found.joined(_suffix(match))
        body = body[: match.start()].rstrip(" ,;-/")
    return found, body


def _suffix(match: re.Match[str]) -> Suffixes:
    if match["through"]:
        return Suffixes({"through": True}, is_marking=True)
    depth = match["depth"] or match["depth_before"]
    if depth:
        return Suffixes({"depth": _decimal(depth)}, is_marking=True)
    if match["qualifier"]:
        return Suffixes({"qualifier": _QUALIFIERS[match["qualifier"].strip("()")[:3].upper()]}, is_marking=True)
    if match["reference"]:
        return Suffixes(is_reference=True, is_marking=True)
    if match["places"] or match["times"]:
        return Suffixes(places=max(1, int(match["places"] or match["times"])))
    if match["dual"]:
        return Suffixes({"dual": _decimal(match["dual"])}, dual=_decimal(match["dual"]))
    if match["angle"]:
        return Suffixes({"angle": _decimal(match["angle"])})
    return _arrangement(match)


def _arrangement(match: re.Match[str]) -> Suffixes:
    if match["on_circle"]:
        return Suffixes({"on_circle": _decimal(match["on_circle"])})
    if match["circle"]:
        return Suffixes({"bolt_circle": True})
    if match["envelope"]:
        return Suffixes({"envelope": True}, is_marking=True)  # ISO 14405
    return Suffixes({"equally_spaced": True}) if match["spaced"] else Suffixes()


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
