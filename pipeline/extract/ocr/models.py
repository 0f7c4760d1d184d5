"""The two PP-OCR models in the wheel of RapidOCR, run by ONNX Runtime: where text is, and what it says.

Only the model files of the wheel are used: what surrounds them is ours, for drawings need the scores themselves, one
thread a process (workers are processes) and a bound on memory.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

from pipeline.extract.ocr.decode import Alphabet, Reading, decode
from pipeline.extract.ocr.lines import Image

_PACKAGE = "rapidocr"
_DETECTION, _RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_TEXT_SCORE, _BOX_SCORE = 0.3, 0.5  # of a pixel; mean of a box
_GROW = 1.6  # the model marks the core of a text: its box is grown by this times area / perimeter
_LEAST = 3.0  # pixels
_HEIGHT = 48  # of the recognition model's input
_MAX_ASPECT = 40  # width / height of a crop: longer ones would be squeezed
_BATCH_WIDTH = 4800  # pixels of input at once: bounds the memory of the scores (75 kB a column of 8 pixels)


@dataclass(frozen=True, slots=True)
class TextBox:
    """A box of text: centre, width and height before turning by `angle` degrees clockwise; pixels."""

    x: float
    y: float
    width: float
    height: float
    angle: float
    score: float


class EngineMissing(Exception):
    """The wheel with the models is not installed, or lacks them."""


@functools.cache
def _model_folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)  # its own code is not needed, and takes a second to import
    if spec is None or spec.origin is None:
        raise EngineMissing(f"the package {_PACKAGE} is not installed: pip install -r requirements.txt")
    return Path(spec.origin).parent / "models"


def _session(name: str) -> Any:
    path = _model_folder() / name
    if not path.is_file():
        raise EngineMissing(f"the package {_PACKAGE} holds no {name}: install the version of requirements.txt")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena would keep the largest page's memory for good
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Models:
    """Both models, loaded once a process (0.2 s, about 120 MB)."""

    def __init__(self) -> None:
        self._detection = _session(_DETECTION)
        self._recognition = _session(_RECOGNITION)
        characters = self._recognition.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._alphabet = Alphabet(characters)

    def find(self, image: Image) -> list[TextBox]:
        """Where text stands in an image of up to about 1,300 pixels a side, whatever its direction."""
        scores = self._text_scores(image)
        marked = cv2.dilate((scores > _TEXT_SCORE).astype(np.uint8), np.ones((2, 2), np.uint8))
        outlines, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        boxes = (_box(outline, scores) for outline in outlines)
        return [box for box in boxes if box is not None]

    def _text_scores(self, image: Image) -> Any:
        height, width = image.shape
        full = np.full((-(-height // 32) * 32, -(-width // 32) * 32), 255, np.uint8)
        full[:height, :width] = image
        plane = full.astype(np.float32) / 127.5 - 1.0
        given = np.repeat(plane[None, None], 3, axis=1)
        return self._detection.run(None, {"x": given})[0][0, 0, :height, :width]

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """What each crop of one upright line says, in the order of the crops."""
        widths = [_input_width(crop) for crop in crops]
        order = sorted(range(len(crops)), key=lambda index: widths[index])
        readings: dict[int, Reading] = {}
        for batch in _batches(order, widths):
            width = widths[batch[-1]]
            given = np.zeros((len(batch), 3, _HEIGHT, width), np.float32)
            for row, index in enumerate(batch):
                given[row, :, :, : widths[index]] = _scaled(crops[index], widths[index])
            scores = self._recognition.run(None, {"x": given})[0]
            for row, index in enumerate(batch):
                readings[index] = decode(scores[row], self._alphabet, widths[index] / width)
        return [readings[index] for index in range(len(crops))]


def _box(outline: Any, scores: Any) -> TextBox | None:
    (x, y), (width, height), angle = cv2.minAreaRect(outline)
    if min(width, height) < _LEAST:
        return None
    left, top, wide, high = cv2.boundingRect(outline)
    mask = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(mask, [outline - [left, top]], 1)
    score = float(cv2.mean(scores[top : top + high, left : left + wide], mask)[0])
    if score < _BOX_SCORE:
        return None
    grown = _GROW * width * height / (width + height)  # both sides of area × ratio / perimeter
    return TextBox(x, y, width + grown, height + grown, angle, score)


def _input_width(crop: Image) -> int:
    height, width = crop.shape
    return int(max(16, min(round(_HEIGHT * width / height), _HEIGHT * _MAX_ASPECT)))


def _scaled(crop: Image, width: int) -> Any:
    method = cv2.INTER_AREA if crop.shape[0] > _HEIGHT else cv2.INTER_CUBIC
    return cv2.resize(crop, (width, _HEIGHT), interpolation=method).astype(np.float32) / 127.5 - 1.0


def _batches(order: Sequence[int], widths: Sequence[int]) -> list[list[int]]:
    """Crops of like widths together, up to a total width."""
    batches: list[list[int]] = []
    for index in order:
        if batches and (len(batches[-1]) + 1) * widths[index] <= _BATCH_WIDTH and widths[index] <= 1.5 * widths[batches[-1][0]]:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
