"""Tesseract as an engine: an external program, used where the settings name it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import cv2

from pipeline.extract.foreign import environment
from pipeline.extract.ocr.lines import OcrLine
from pipeline.extract.ocr.raster import SheetImage

_SPARSE_TEXT = "11"
_TIMEOUT_SECONDS = 90
_COLUMNS = 12  # of a row of its table
_LEAST_CONFIDENCE = 0.3
_TURNS = (0, 90, 270, 180)
_READS_WELL = 0.75  # mean confidence from which no other direction is tried


class TesseractFailed(Exception):
    """Tesseract is not there, or did not read this image."""


class TesseractEngine:
    """Tesseract, called once a sheet.

    command    path or name of the program
    languages  such as 'eng' or 'deu+fra': their data must be installed
    """

    name = "tesseract"

    def __init__(self, command: str, languages: str) -> None:
        self._command = command
        self._languages = languages

    def read(self, sheet: SheetImage) -> tuple[list[OcrLine], int]:
        """The lines of a sheet, in no order, and by how many degrees clockwise it is turned to be read.

        Raises TesseractFailed.
        """
        found: list[tuple[list[OcrLine], int]] = []
        for turn in _TURNS:
            lines = self.read_upright(sheet.turned(turn) if turn else sheet)
            found.append((lines, turn))
            if _mean(lines) >= _READS_WELL:
                break
        lines, turn = max(found, key=lambda one: sum(line.confidence * len(line.text) for line in one[0]))
        height, width = sheet.image.shape
        return [line.turned_back(turn, width, height) for line in lines], turn

    def read_upright(self, sheet: SheetImage) -> list[OcrLine]:
        """The lines of a sheet as it stands: upright text only."""
        with tempfile.TemporaryDirectory(prefix="draftmill-ocr-") as folder:
            path = Path(folder) / "sheet.png"
            path.write_bytes(cv2.imencode(".png", sheet.clean)[1].tobytes())  # imwrite knows no letters but ASCII on Windows
            return list(_lines(self._run(path, sheet.dpi)))

    def _run(self, path: Path, dpi: float) -> str:
        command = [self._command, str(path), "stdout", "-l", self._languages, "--psm", _SPARSE_TEXT, "--dpi", str(round(dpi)), "tsv"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False, env=environment())
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TesseractFailed(f"Tesseract did not run ({type(error).__name__}): check TESSERACT_CMD") from error
        if done.returncode != 0:
            raise TesseractFailed(f"Tesseract ended with status {done.returncode}: check TESSERACT_CMD and TESSERACT_LANG")
        return done.stdout.decode("utf-8", "replace")


def _mean(lines: list[OcrLine]) -> float:
    count = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / count if count else 0.0


def _lines(table: str) -> Iterator[OcrLine]:
    """The lines of its table of words: level, page, block, paragraph, line, word, left, top, width, height, conf, text."""
    rows = [row.split("\t", _COLUMNS - 1) for row in table.splitlines()[1:]]
    words = [row for row in rows if len(row) == _COLUMNS and row[0] == "5" and row[11].strip() and float(row[10]) >= 0]
    for _, group in groupby(words, key=lambda row: tuple(row[1:5])):
        line: OcrLine | None = None
        for row in group:
            word = _word(row)
            if word.confidence < _LEAST_CONFIDENCE:
                continue
            if line is not None and word.bbox[0] - line.bbox[2] < 1.2 * line.height:
                line = _with(line, word)
            else:
                if line is not None:
                    yield line
                line = word
        if line is not None:
            yield line


def _word(row: list[str]) -> OcrLine:
    x, y, width, height = (float(cell) for cell in row[6:10])
    text = row[11].strip()
    return OcrLine(text, float(row[10]) / 100, (x, y, x + width, y + height), (x, y + height), (1.0, 0.0), height)


def _with(line: OcrLine, word: OcrLine) -> OcrLine:
    count = len(line.text) + len(word.text)
    x0, y0, x1, y1 = line.bbox
    a, b, c, d = word.bbox
    return replace(
        line,
        text=f"{line.text} {word.text}",
        confidence=(line.confidence * len(line.text) + word.confidence * len(word.text)) / count,
        bbox=(min(x0, a), min(y0, b), max(x1, c), max(y1, d)),
        height=max(line.height, word.height),
    )
