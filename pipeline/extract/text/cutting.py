"""Where a run of units is cut into chunks: pure arithmetic over one text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.extract.text import sentences
from pipeline.extract.text.compose import Unit

LIMIT = 1.2  # of the length aimed at: no chunk is longer, unless it holds no blank
_PAGE_END_FROM = 0.5  # of the length aimed at: a page's end after that is taken
_UNIT_END_FROM = 0.7
_INNER_FROM = 0.5
_POOR_UNIT_END_FROM = 0.25  # better than a sentence in two
_WHOLE = frozenset({"table"})  # kinds that are never cut inside, where they fit into a chunk


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts runs of units of one text.

    aim      length of a chunk aimed at, in characters
    overlap  characters that a chunk repeats of the one before
    """

    text: str
    units: Sequence[Unit]
    starts: Sequence[int]
    aim: int
    overlap: int

    def spans(self, first: int, after: int) -> Iterator[tuple[int, int]]:
        """(start, stop) of each chunk of the units [first, after), in order."""
        start, stop = self.units[first].start, self.units[after - 1].stop
        least = start
        while stop - start > int(self.aim * LIMIT):
            cut = self._cut(start, least)
            yield self._trimmed(start, cut)
            least = self._skip_blanks(cut, stop)
            if least >= stop:
                return
            start = self._next_start(start, least)
        yield self._trimmed(start, stop)

    def _cut(self, start: int, least: int) -> int:
        """Where the chunk that begins at `start` ends: after `least`, at most LIMIT × aim away."""
        limit = start + int(self.aim * LIMIT)
        boundaries = self._boundaries(start, least, limit)
        for share, is_page_end in ((_PAGE_END_FROM, True), (_UNIT_END_FROM, False)):
            for index in boundaries:
                unit = self.units[index]
                if unit.start >= start + self.aim * share and (not is_page_end or unit.page != self.units[index - 1].page):
                    return unit.start
        inside = bisect_right(self.starts, max(least, start + self.aim)) - 1
        unit = self.units[inside]
        if unit.kind in _WHOLE:
            if unit.start > least and boundaries:
                return self.units[boundaries[0]].start
            if least < unit.stop <= limit:
                return unit.stop
        return self._inner_cut(unit, start, least, boundaries)

    def _boundaries(self, start: int, least: int, limit: int) -> list[int]:
        """Units at whose start a chunk may end, the last first: not those that a heading leads to."""
        low = bisect_right(self.starts, max(start, least))
        high = bisect_right(self.starts, limit + 1)  # a blank at least stands between
        return [index for index in range(high - 1, low - 1, -1)
                if self.units[index - 1].kind != "heading" and self.units[index - 1].stop <= limit and self._is_break(index)]  # fmt: skip

    def _is_break(self, index: int) -> bool:
        """Whether a line ends before a unit: else a sentence goes on from one page or column to the next."""
        return self.text[self.units[index].start - 1] == "\n"

    def _inner_cut(self, unit: Unit, start: int, least: int, boundaries: Sequence[int]) -> int:
        """A cut within a unit: at a line's or a sentence's end where that can be helped."""
        aim, limit = start + self.aim, start + int(self.aim * LIMIT)
        low = max(least, start + int(self.aim * _INNER_FROM))
        before, after = (_last_line, _first_line) if unit.kind != "prose" else (sentences.last_sentence_end, sentences.first_sentence_end)
        cut = before(self.text, low, aim)
        if cut is None:
            cut = after(self.text, max(aim, least), limit)
        if cut is None and boundaries and self.units[boundaries[0]].start >= start + self.aim * _POOR_UNIT_END_FROM:
            cut = self.units[boundaries[0]].start
        if cut is None:
            cut = before(self.text, least, low)
        return self._word_cut(start, least) if cut is None else cut

    def _word_cut(self, start: int, least: int) -> int:
        """A cut between two words; in a text without blanks between two characters."""
        aim, limit = start + self.aim, start + int(self.aim * LIMIT)
        cut = sentences.last_blank(self.text, least, aim)
        if cut is None:
            cut = sentences.first_blank(self.text, max(aim, least + 1), limit + 1)
        return sentences.safe_cut(self.text, least, max(aim, least + 1)) if cut is None else cut

    def _next_start(self, start: int, cut: int) -> int:
        """Where the chunk after a cut begins: at a sentence, line or word within the overlap, else at the cut."""
        low = max(start + 1, cut - self.overlap, self._overlap_floor(cut))
        if low >= cut:
            return cut
        return self._skip_blanks(self._overlap_start(start, low, cut), cut)

    def _overlap_start(self, start: int, low: int, cut: int) -> int:
        unit = self.units[bisect_right(self.starts, low) - 1]
        if unit.start == low or self.text[low - 1] == "\n":
            return low
        begin = sentences.first_sentence_end(self.text, low - 1, cut - 1) if unit.kind == "prose" else None
        if begin is None:
            line = self.text.find("\n", low, cut - 1)
            begin = line if line >= 0 else sentences.first_blank(self.text, low - 1, cut - 1)
        if begin is None:  # no blank in reach: a script without them, or the middle of a long code
            return sentences.safe_cut(self.text, start, low) if not self.text[cut - 1].isascii() else cut
        return begin

    def _overlap_floor(self, cut: int) -> int:
        """No overlap reaches over a table, a heading or into another section."""
        index = bisect_right(self.starts, cut) - 1
        unit = self.units[index]
        if unit.kind in {"table", "heading"}:
            return cut
        section = unit.section
        while unit.start > cut - self.overlap and index > 0:
            before = self.units[index - 1]
            if before.kind in {"table", "heading"} or before.section != section:
                break
            index, unit = index - 1, before
        return unit.start

    def _skip_blanks(self, place: int, stop: int) -> int:
        while place < stop and self.text[place].isspace():
            place += 1
        return place

    def _trimmed(self, start: int, stop: int) -> tuple[int, int]:
        while stop > start and self.text[stop - 1].isspace():
            stop -= 1
        return start, stop


def _last_line(text: str, start: int, stop: int) -> int | None:
    place = text.rfind("\n", start + 1, stop + 1)
    return place if place > start else None


def _first_line(text: str, start: int, stop: int) -> int | None:
    place = text.find("\n", start + 1, stop + 1)
    return place if place > start else None


def cutter(text: str, units: Sequence[Unit], aim: int, overlap: int) -> Cutter:
    """A cutter whose overlap leaves each chunk at least half of its length for what is new."""
    return Cutter(text, units, [unit.start for unit in units], aim, max(0, min(overlap, aim // 2)))
