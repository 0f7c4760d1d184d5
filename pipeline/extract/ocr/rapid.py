"""The built-in engine: every line of text is found whatever its direction, then read the way that makes sense of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.extract.grid import union
from pipeline.extract.ocr.boxes import Candidate, cut_out, find_candidates, has_ink_before, place_line
from pipeline.extract.ocr.decode import Reading
from pipeline.extract.ocr.glyphs import loose_glyphs
from pipeline.extract.ocr.lines import Image, OcrLine
from pipeline.extract.ocr.models import Models
from pipeline.extract.ocr.raster import SheetImage, one_row

_MAX_CANDIDATES = 600  # of one sheet; a drawing has 50 to 300
_SAMPLE = 10  # of the lines that tell which way a sheet's text reads
_SURE, _DOUBTFUL = 0.8, 0.9  # confidence below which the other way, or a finer image, is tried
_SMALL = 26.0  # pixels: thinner lines are read from the finer image at once
_TINY = 18.0  # pixels: where most lines are thinner, they are also looked for in the finer image
_FINER = 2.0
_CHARACTER = 2.6  # height by width up to which a box may hold a single upright character
_OTHER_WAY = {0: 90, 90: 180}  # further turns: what is as high as wide may read upwards, what stands may read downwards
_PREFERRED_BY = 1.15  # how much better the unusual direction must read
_AS_GOOD = 0.93  # of the confidence: small print is believed from the finer image even where it is less sure
_GLYPH_SURE = 0.9
_WIDER = 1.15  # … than high, and no digit stands upright
_SQUARE = 1.5  # ratio of sides up to which a number of two digits may run either way
_CERTAIN = 0.995
_REACH = 1.3  # heights of a box before a number in which its sign is looked for


_ENDS_IN_DIGIT = re.compile(r"^[ØRM]?\d+[.,]?$")
_DIGITS = re.compile(r"^[.,]?\d+(?:mm)?$")
_DECIMAL = re.compile(r"^[ØRM]?\d+[.,]\d+(?:mm)?$")
_DIGITS_ONLY = re.compile(r"^\d{1,2}$|^\d\.\d$")
_BARE_NUMBER = re.compile(r"^\s*\d[\d.,]*(?:\s*±\s*\d[\d.,]*)?(?:mm)?\s*$")
_SIGN = re.compile(r"^(?:\d{1,2}\s*[xX×*]?\s*)?[ØRM]\s*$")
_POINT_GAP = 0.9  # heights of blank, margins of the boxes taken off, that a decimal point may leave


@dataclass(frozen=True, slots=True)
class _Read:
    turn: int  # degrees clockwise that make the crop upright
    reading: Reading


class RapidEngine:
    """PP-OCR by ONNX Runtime, from the wheel of RapidOCR."""

    name = "rapidocr"

    def __init__(self) -> None:
        self._models = Models()

    def read(self, sheet: SheetImage) -> tuple[list[OcrLine], int]:
        """The lines of a sheet, in no order, and by how many degrees clockwise it is turned to be read."""
        candidates = self._find(sheet)
        turn = self._sheet_turn(sheet.clean, candidates)
        if turn == 0:
            return self._read_upright(sheet, candidates), 0
        upright = sheet.turned(turn)  # what is found in a sheet that lies on its side is less than what there is
        height, width = sheet.image.shape
        lines = self._read_upright(upright, self._find(upright))
        return [line.turned_back(turn, width, height) for line in lines], turn

    def _find(self, sheet: SheetImage) -> list[Candidate]:
        candidates = find_candidates(sheet, self._models)
        if candidates and median(one.thickness for one in candidates) < _TINY:
            finer = sheet.finer(_FINER)
            if finer is not None:
                candidates = [one.scaled(1 / _FINER) for one in find_candidates(finer, self._models)]
        return sorted(candidates, key=lambda one: -one.width * one.height)[:_MAX_CANDIDATES]

    def _read_upright(self, sheet: SheetImage, candidates: Sequence[Candidate]) -> list[OcrLine]:
        found = self._read_all(sheet.clean, candidates)
        candidates, found = self._join_numbers(sheet.clean, candidates, found)
        candidates = self._reach_for_signs(sheet.clean, candidates, found)
        self._look_again(sheet, candidates, found)
        self._raise_by_shape(sheet.clean, candidates, found)
        lines = _placed(sheet.clean, candidates, found)
        glyphs = loose_glyphs(sheet.clean, lines, [candidate.bbox for candidate in candidates])
        lone = self._read_turned(sheet.clean, glyphs, [0] * len(glyphs))
        sure = [(glyph, read) for glyph, read in zip(glyphs, lone, strict=True) if _is_lone_glyph(read.reading)]
        return lines + _placed(sheet.clean, [glyph for glyph, _ in sure], [read for _, read in sure])

    # ---- which way ----------------------------------------------------------------------------------------------

    def _sheet_turn(self, image: Image, candidates: Sequence[Candidate]) -> int:
        """Degrees clockwise that make most of the sheet's text upright."""
        lying = [one for one in candidates if one.lies]
        standing = [one for one in candidates if one.stands]
        if sum(one.width for one in lying) >= sum(one.height for one in standing):
            return self._better_turn(image, lying, (0, 180))
        return self._better_turn(image, standing, (90, 270))

    def _better_turn(self, image: Image, candidates: Sequence[Candidate], turns: tuple[int, int]) -> int:
        """Of two opposite ways of turning, the one in which the longest lines read better; the first in doubt."""
        sample = sorted(candidates, key=lambda one: -max(one.width, one.height))[:_SAMPLE]
        if not sample:
            return turns[0]
        first, second = (
            sum(_weight(read.reading) for read in self._read_turned(image, sample, [turn] * len(sample))) for turn in turns)
        return turns[1] if second > _PREFERRED_BY * first else turns[0]

    def _read_all(self, image: Image, candidates: Sequence[Candidate]) -> list[_Read]:
        """Each candidate as text that is upright or reads upwards, doubtful ones in other directions, too."""
        turns = [90 if one.stands else 0 for one in candidates]
        found = self._read_turned(image, candidates, turns)
        self._read_single_characters(image, candidates, found)
        doubtful = [index for index, read in enumerate(found) if read.reading.confidence < _SURE]
        again = [index for index in doubtful if not candidates[index].lies]  # nothing stands on its head on an upright sheet
        other_turns = [turns[index] + _OTHER_WAY[turns[index]] for index in again]
        others = self._read_turned(image, [candidates[index] for index in again], other_turns)
        for index, other in zip(again, others, strict=True):
            if other.reading.confidence > _PREFERRED_BY * found[index].reading.confidence:
                found[index] = other
        return found

    def _read_single_characters(self, image: Image, candidates: Sequence[Candidate], found: list[_Read]) -> None:
        """A box hardly higher than wide may be one upright character, not text that reads upwards; in place."""
        narrow = [index for index, one in enumerate(candidates) if one.stands and one.height < _CHARACTER * one.width]
        upright = self._read_turned(image, [candidates[index] for index in narrow], [0] * len(narrow))
        for index, other in zip(narrow, upright, strict=True):
            is_one = len(other.reading.text.strip()) == 1 and other.reading.confidence >= _SURE
            is_more = len(found[index].reading.text.strip()) > 1 and found[index].reading.confidence >= _DOUBTFUL
            if is_one and not is_more:
                found[index] = other

    def _raise_by_shape(self, image: Image, candidates: Sequence[Candidate], found: list[_Read]) -> None:
        """Short numbers that were taken for upright ones though they rise; in place.

        The model reads them either way: the shape of a digit tells, and of what is as high as wide the surer reading.
        """
        doubtful = [index for index, read in enumerate(found) if _may_rise(image, candidates[index], read)]
        raised = self._read_turned(image, [candidates[index] for index in doubtful], [90] * len(doubtful))
        for index, other in zip(doubtful, raised, strict=True):
            is_single = len(found[index].reading.text.strip()) == 1
            least = _DOUBTFUL if is_single else max(_GLYPH_SURE, found[index].reading.confidence)
            if _DIGITS_ONLY.match(other.reading.text.strip()) and other.reading.confidence > least:
                found[index] = other

    def _read_turned(self, image: Image, candidates: Sequence[Candidate], turns: Sequence[int]) -> list[_Read]:
        crops = [cut_out(image, candidate, turn) for candidate, turn in zip(candidates, turns, strict=True)]
        readings = self._models.read([one_row(crop) for crop in crops])
        return [_Read(turn, reading) for turn, reading in zip(turns, readings, strict=True)]

    def _join_numbers(
        self, image: Image, candidates: Sequence[Candidate], found: Sequence[_Read]
    ) -> tuple[list[Candidate], list[_Read]]:
        """Widely spaced numbers come apart at the point: two halves that read as one decimal together are one."""
        pairs = [
            (left, right)
            for left, before in enumerate(found)
            if before.turn == 0 and _ENDS_IN_DIGIT.search(before.reading.text)
            for right, after in enumerate(found)
            if right != left and after.turn == 0 and _DIGITS.match(after.reading.text) and _continues(candidates[left], candidates[right])
        ]
        wholes = [Candidate(union([candidates[left].bbox, candidates[right].bbox])) for left, right in pairs]
        read = self._read_turned(image, wholes, [0] * len(wholes))
        replaced: dict[int, tuple[Candidate, _Read] | None] = {}
        for (left, right), whole, one in zip(pairs, wholes, read, strict=True):
            if _DECIMAL.match(one.reading.text.strip()) and one.reading.confidence >= _SURE and not {left, right} & replaced.keys():
                replaced[left], replaced[right] = (whole, one), None
        both = [replaced.get(index, (candidates[index], found[index])) for index in range(len(found))]
        kept = [one for one in both if one is not None]
        return [candidate for candidate, _ in kept], [one for _, one in kept]

    def _reach_for_signs(self, image: Image, candidates: Sequence[Candidate], found: list[_Read]) -> list[Candidate]:
        """Boxes of numbers begun where their Ø, R, M or count begins, if one stands before them; `found` in place.

        The model that finds text overlooks signs that stand apart; what is before a number is read with it once more.
        """
        result = list(candidates)
        numbers = [index for index, read in enumerate(found) if _BARE_NUMBER.match(read.reading.text) and not candidates[index].quad]
        reached = [_reaching_back(candidates[index], found[index].turn) for index in numbers]
        with_ink = [
            (index, longer)
            for index, longer in zip(numbers, reached, strict=True)
            if has_ink_before(image, longer, found[index].turn, min(candidates[index].width, candidates[index].height))
        ]
        turns = [found[index].turn for index, _ in with_ink]
        for (index, longer), read in zip(with_ink, self._read_turned(image, [one for _, one in with_ink], turns), strict=True):
            old, new = found[index].reading.text.strip(), read.reading.text.strip()
            if new.endswith(old) and _SIGN.match(new[: -len(old)]) and read.reading.confidence >= _SURE:
                result[index], found[index] = longer, read
        return result

    # ---- a second look ------------------------------------------------------------------------------------------

    def _look_again(self, sheet: SheetImage, candidates: Sequence[Candidate], found: list[_Read]) -> None:
        """Read small and doubtful lines from a finer image; what reads better there is kept, in place."""
        again = [
            index
            for index, (candidate, read) in enumerate(zip(candidates, found, strict=True))
            if read.reading.text.strip() and (read.reading.confidence < _DOUBTFUL or candidate.thickness < _SMALL)
        ]
        finer = sheet.finer(_FINER) if again else None
        if finer is None:
            return
        crops = [cut_out(finer.clean, candidates[index], found[index].turn, _FINER) for index in again]
        for index, reading in zip(again, self._models.read([one_row(crop) for crop in crops]), strict=True):
            needed = _AS_GOOD if candidates[index].thickness < _SMALL else 1.0
            if reading.confidence > needed * found[index].reading.confidence:
                found[index] = _Read(found[index].turn, reading)


def _may_rise(image: Image, candidate: Candidate, read: _Read) -> bool:
    """Whether a short upright number is about as high as wide and not quite sure, or a single digit wider than high."""
    text = read.reading.text.strip()
    if read.turn != 0 or candidate.quad or not _DIGITS_ONLY.match(text):
        return False
    line = place_line(image, candidate, 0, text, read.reading.confidence, read.reading.centres)
    if line is None:
        return False
    wide, high = line.bbox[2] - line.bbox[0], line.bbox[3] - line.bbox[1]
    if len(text) == 1:
        return wide > _WIDER * high
    return read.reading.confidence < _CERTAIN and high < _SQUARE * wide and wide < _SQUARE * high


def _reaching_back(candidate: Candidate, turn: int) -> Candidate:
    """The box with room for a sign before its text."""
    x0, y0, x1, y1 = candidate.bbox
    reach = _REACH * min(candidate.width, candidate.height)
    if turn == 90:  # reads upwards: it begins below
        return Candidate((x0, y0, x1, y1 + reach))
    if turn == 270:
        return Candidate((x0, y0 - reach, x1, y1))
    return Candidate((x0 - reach, y0, x1, y1))


def _continues(left: Candidate, right: Candidate) -> bool:
    """Whether a box stands close to the right of another on the same row."""
    gap = right.bbox[0] - left.bbox[2]
    height = min(left.height, right.height)
    shared = min(left.bbox[3], right.bbox[3]) - max(left.bbox[1], right.bbox[1])
    return -0.6 * height < gap < _POINT_GAP * height and right.bbox[0] > left.bbox[0] and shared > 0.7 * height


def _weight(reading: Reading) -> float:
    """How much a reading says for its direction: nonsense scores low in many characters, too."""
    return max(0.0, reading.confidence - 0.3) * len(reading.text)


def _is_lone_glyph(reading: Reading) -> bool:
    """Whether a reading of something unasked for can be trusted; a bare stroke reads as 1, l or a dash."""
    text = reading.text.strip()
    return reading.confidence >= _GLYPH_SURE and text.isascii() and text.isalnum() and any(one not in "1lIiJLTVvXxoO" for one in text)


def _placed(image: Image, candidates: Sequence[Candidate], found: Sequence[_Read]) -> list[OcrLine]:
    lines = (
        place_line(image, candidate, read.turn, read.reading.text, read.reading.confidence, read.reading.centres)
        for candidate, read in zip(candidates, found, strict=True)
        if read.reading.text.strip()
    )
    return [line for line in lines if line is not None]
