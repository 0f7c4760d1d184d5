"""Where a text may be cut: ends of sentences, lines, words, and at last between two characters that show as one each."""

from __future__ import annotations

import re
import unicodedata

# One class in front, which the engine searches for fast. A run of marks is tried once, at its beginning: rows of leaders are
# thousands of dots long.
_END = re.compile(
    r"""[.!?…。！？．｡](?:(?<=[.!?…])(?<![.!?…]{2})[.!?…]{0,8}["'”’»)\]]{0,4}(?=\s)|(?<=[。！？．｡])["”’」』）〉》]{0,4}(?![。！？．｡]))"""
)
_TOKEN_BEFORE = re.compile(r"[^\s(\[\"'„“«]+$")
_NEAR = 200  # characters looked through at a time, from the end
_LONGEST_END = 14  # characters of marks and brackets that one sentence may end with
_LOOK_BACK = 24  # characters: no abbreviation is longer
# Without their final stop, in lower case. Single letters ('z. B.', 'J. Smith') and 1-2 digits ('3. Mai') need no entry.
_SHORTENED = """abb abs abt allg anm approx art assy aufl bd bzgl bzw ca cf cfr cl co corp dept dia dim dims dr dwg ed eds eq eqs etc
    evtl exp fa fig figs fr ggf ges geb gem hr hrsg hz inc incl inkl insb int jr kap lfd ltd mat max med min mio mr
    mrs ms mrd nr no nos nom num op par pos pp prof qty rd ref rev resp sec sect sog sp spec spez st std str tab tel
    temp tol typ usw u.a u.s v.a vgl vol vs z.b z.t zzgl d.h e.g i.e i.d i.d.r u.u o.ä o.g s.o s.u p.ex núm pág págs
    sig tav n.b q.tà rif réf env éd év cca např tzn tj obr np tzw rys ok zob"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())


def last_sentence_end(text: str, start: int, stop: int) -> int | None:
    """The last offset in (start, stop] after which a new sentence begins; None where there is none."""
    high = stop
    while high > start:
        low = max(start, high - _NEAR)
        ends = [found.end() for found in _END.finditer(text, max(0, low - _LONGEST_END), min(len(text), high + 1))]
        for end in reversed(ends):
            if low < end <= high and is_sentence_end(text, end):
                return end
        high = low
    return None


def first_sentence_end(text: str, start: int, stop: int) -> int | None:
    """The first offset in (start, stop] after which a new sentence begins; None where there is none."""
    for found in _END.finditer(text, start, min(len(text), stop + 1)):
        if start < found.end() <= stop and is_sentence_end(text, found.end()):
            return found.end()
    return None


def is_sentence_end(text: str, end: int) -> bool:
    """Whether a sentence ends where a stop, mark or bracket stands just before `end`."""
    head = text[max(0, end - _LOOK_BACK) : end].rstrip("\"'”’»)]」』）〉》")
    if not head or head[-1] != ".":
        return True
    following = text[end : end + 3].lstrip()[:1]
    if following.islower():
        return False
    token = _TOKEN_BEFORE.search(head[:-1])
    if token is None:
        return True
    word = token.group().lower()
    return not ((len(word) == 1 and word.isalpha()) or (len(word) < 3 and word.isdigit()) or word in _ABBREVIATIONS)


def last_blank(text: str, start: int, stop: int) -> int | None:
    """The last offset in (start, stop] at which a blank stands; None where there is none."""
    found = max(text.rfind(" ", start + 1, stop + 1), text.rfind("\n", start + 1, stop + 1))
    return found if found > start else None


def first_blank(text: str, start: int, stop: int) -> int | None:
    """The first offset in [start, stop) at which a blank stands; None where there is none."""
    found = [place for blank in " \n" if (place := text.find(blank, start, stop)) >= 0]
    return min(found, default=None)


def safe_cut(text: str, start: int, cut: int) -> int:
    """The last offset in (start, cut] that parts no character from its marks, joiners or second half."""
    for place in range(cut, max(start, cut - 32), -1):
        if not _binds(text, place):
            return place
    return cut


def _binds(text: str, place: int) -> bool:
    if place <= 0 or place >= len(text):
        return False
    before, after = text[place - 1], text[place]
    if after.isascii():
        return before == "\r" and after == "\n"
    if before == "\u200d" or after in "\u200c\u200d\ufe0e\ufe0f" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if unicodedata.category(after)[0] == "M":
        return True
    if "\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff":
        return _flags_before(text, place) % 2 == 1
    return "\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff"


def _flags_before(text: str, place: int) -> int:
    """How many regional indicators stand in a row before a place: two of them show as one flag."""
    count = 0
    while count < 64 and place > count and "\U0001f1e6" <= text[place - 1 - count] <= "\U0001f1ff":
        count += 1
    return count
