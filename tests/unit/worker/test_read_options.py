"""What the settings say to the readers, and what is refused before work starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.errors import ConfigError
from pipeline.worker.reading import read_options


def settings(folder: Path, *lines: str) -> Settings:
    config = folder / "config.txt"
    config.write_text("\n".join(lines), encoding="utf-8")
    return Settings.load(config, {})


@pytest.mark.parametrize("ocr", ["auto", "tesseract", "both"])
def test_a_tesseract_that_is_not_there_is_named_before_work_starts(tmp_path: Path, ocr: str) -> None:
    with pytest.raises(ConfigError, match="TESSERACT_CMD: there is no program no-such-program"):
        read_options(settings(tmp_path, f"OCR={ocr}", "TESSERACT_CMD=no-such-program"))


def test_ocr_by_tesseract_alone_needs_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="there is no program tesseract"):
        read_options(settings(tmp_path, "OCR=tesseract"))


@pytest.mark.parametrize("ocr", ["off", "rapidocr"])
def test_a_tesseract_that_nobody_asks_for_may_be_missing(tmp_path: Path, ocr: str) -> None:
    assert read_options(settings(tmp_path, f"OCR={ocr}", "TESSERACT_CMD=no-such-program")).ocr == ocr


def test_a_program_by_its_path_is_taken(tmp_path: Path) -> None:
    assert read_options(settings(tmp_path, f"TESSERACT_CMD={sys.executable}")).tesseract_cmd == sys.executable
