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


@pytest.mark.parametrize(("line", "told"), [
    pytest.param("PII_PATTERNS=email shoe_size", "shoe_size is no kind of personal data; the kinds are email, phone", id="kind"),
    pytest.param("PII_MODULE=no_such_module:find", "PII_MODULE: no_such_module:find cannot be loaded", id="module"),
    pytest.param("PII_MODULE=json:no_such_function", "PII_MODULE: json:no_such_function cannot be loaded", id="function"),
    pytest.param("LIBREOFFICE=no-such-program", "LIBREOFFICE: there is no program no-such-program", id="libreoffice"),
])
def test_what_cannot_be_used_is_named_before_work_starts(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_options(settings(tmp_path, line))


def test_a_hook_of_ones_own_and_chosen_kinds_reach_the_readers(tmp_path: Path) -> None:
    options = read_options(settings(tmp_path, "PII=tag", "PII_PATTERNS=iban", "PII_MODULE=tests.unit.extract.text.pii_hook:names"))
    assert (options.pii, options.pii_patterns, options.pii_module) == ("tag", ("iban",), "tests.unit.extract.text.pii_hook:names")
