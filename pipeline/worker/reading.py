"""What the settings say to the readers; what is wrong with it is said before any work starts."""

from __future__ import annotations

import shutil

from pipeline.config import Settings
from pipeline.errors import ConfigError
from pipeline.extract.labels import load_labels
from pipeline.extract.material_table import load_materials
from pipeline.extract.options import ReadOptions
from pipeline.extract.text.pii import hook
from pipeline.extract.text.pii_patterns import PATTERNS


def read_options(settings: Settings) -> ReadOptions:
    """What the settings say to the readers."""
    return ReadOptions(
        ocr=settings.ocr,
        ocr_dpi=settings.ocr_dpi,
        ocr_max_pages=settings.ocr_max_pages,
        ocr_seconds=settings.job_timeout_seconds.total_seconds() / 2,
        pdf_seconds=settings.job_timeout_seconds.total_seconds() * 0.8,
        tesseract_cmd=own_tesseract(settings),
        tesseract_lang=settings.tesseract_lang,
        dwg_converter=settings.dwg_converter,
        dwg_seconds=settings.job_timeout_seconds.total_seconds() / 2,
        material_aliases=own_materials(settings),
        title_block_labels=own_labels(settings),
        libreoffice=own_libreoffice(settings),
        libreoffice_seconds=settings.job_timeout_seconds.total_seconds() / 2,
        text_max_chars=settings.text_max_chars,
        chunk_chars=settings.chunk_chars,
        chunk_overlap=settings.chunk_overlap,
        pii=settings.pii,
        pii_patterns=own_pii(settings),
        pii_module=settings.pii_module,
    )


def own_tesseract(settings: Settings) -> str:
    """TESSERACT_CMD. Raises ConfigError where Tesseract is asked for and not there: every scan would end unread, and stay so."""
    command = settings.tesseract_cmd or ("tesseract" if settings.ocr in ("tesseract", "both") else "")
    if command and settings.ocr in ("auto", "tesseract", "both") and shutil.which(command) is None:
        raise ConfigError(f"TESSERACT_CMD: there is no program {command} on this machine; install it, write its path, or set OCR=rapidocr")
    return settings.tesseract_cmd


def own_materials(settings: Settings) -> str:
    """The path of the user's table of materials, '' for none. Raises ConfigError where it cannot be used."""
    try:
        load_materials(settings.material_aliases)
    except ValueError as error:
        raise ConfigError(f"MATERIAL_ALIASES: {error}; mend the file, or leave the key empty") from error
    return settings.material_aliases


def own_labels(settings: Settings) -> str:
    """The path of the user's labels of title-block cells, '' for none. Raises ConfigError where they cannot be used."""
    try:
        load_labels(settings.title_block_labels)
    except ValueError as error:
        raise ConfigError(f"TITLE_BLOCK_LABELS: {error}; mend the file, or leave the key empty") from error
    return settings.title_block_labels


def own_libreoffice(settings: Settings) -> str:
    """LibreOffice, '' for none. Raises ConfigError where one is named that is not there: every old Office file would fail."""
    if settings.libreoffice and shutil.which(settings.libreoffice) is None:
        raise ConfigError(f"LIBREOFFICE: there is no program {settings.libreoffice} on this machine; install it, write its path, "
                          "or leave the key empty")
    return settings.libreoffice_path


def own_pii(settings: Settings) -> tuple[str, ...]:
    """The kinds of personal data that are looked for. Raises ConfigError for an unknown one, or a hook that cannot be loaded."""
    if unknown := [name for name in settings.pii_patterns if name not in PATTERNS]:
        raise ConfigError(f"PII_PATTERNS: {unknown[0]} is no kind of personal data; the kinds are {', '.join(PATTERNS)}")
    try:
        if settings.pii_module:
            hook(settings.pii_module)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"PII_MODULE: {settings.pii_module} cannot be loaded ({error}); write module:function, of a module that Python "
                          "finds (PYTHONPATH)") from error
    return settings.pii_patterns
