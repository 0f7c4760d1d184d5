"""Which reader and which store belong to a job type: the one table that joins queue, readers and tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.database import Connection
from pipeline.errors import ConfigError
from pipeline.extract.labels import load_labels
from pipeline.extract.material_table import load_materials
from pipeline.extract.options import ReadOptions
from pipeline.store.drawings import store_drawings
from pipeline.store.item import StoreItem

Store = Callable[[Connection, Sequence[StoreItem]], None]


@dataclass(frozen=True)
class Handler:
    """How jobs of one type are done.

    reader      'module:function', bytes and ReadOptions to dataclasses; runs in a child process
    rows        'module:function', dataclasses to what `store` takes, as plain as possible; runs in the child, too
    imports     modules that the reader needs; imported before the memory of the job is limited
    version     extraction version: raise it when the reader's results change, then `requeue --stale`
    mime_types  the formats that jobs of this type are queued for
    converted   formats that are read where a setting names a program that converts them: format → (setting, why it waits)
    store       writes the results of a batch; called inside the transaction that completes the jobs
    """

    job_type: str
    reader: str
    rows: str
    version: str
    mime_types: tuple[str, ...]
    store: Store
    imports: tuple[str, ...] = ()
    converted: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def formats(self, settings: Settings) -> tuple[str, ...]:
        """The formats that these settings let it read."""
        return (*self.mime_types, *(mime for mime, (name, _) in self.converted.items() if getattr(settings, name)))


DWG_WAITS = "no DWG converter is configured (DWG_CONVERTER)"
DRAWING_ROWS = "pipeline.store.drawings:drawing_rows"

HANDLERS: dict[str, Handler] = {handler.job_type: handler for handler in (
    Handler("pdf", "pipeline.extract.pdf:read_pdf", DRAWING_ROWS, "pdf-2", ("application/pdf",), store_drawings,
            ("pymupdf", "pipeline.extract.pdf.reader")),
    Handler("dxf", "pipeline.extract.dxf:read_dxf", DRAWING_ROWS, "dxf-2", ("image/vnd.dxf",), store_drawings,
            ("ezdxf", "pipeline.extract.dxf.reader"), {"image/vnd.dwg": ("dwg_converter", DWG_WAITS)}),
)}


def read_options(settings: Settings) -> ReadOptions:
    """What the settings say to the readers."""
    return ReadOptions(
        ocr=settings.ocr,
        ocr_dpi=settings.ocr_dpi,
        ocr_max_pages=settings.ocr_max_pages,
        ocr_seconds=settings.job_timeout_seconds.total_seconds() / 2,
        tesseract_cmd=own_tesseract(settings),
        tesseract_lang=settings.tesseract_lang,
        dwg_converter=settings.dwg_converter,
        dwg_seconds=settings.job_timeout_seconds.total_seconds() / 2,
        material_aliases=own_materials(settings),
        title_block_labels=own_labels(settings),
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


def readable_mime_types(settings: Settings) -> frozenset[str]:
    """Every format that some step of this release reads with these settings."""
    return frozenset(mime for handler in HANDLERS.values() for mime in handler.formats(settings))


def waiting_reasons(settings: Settings) -> dict[str, str]:
    """Formats that would be read if a program that converts them were named → what to tell the operator."""
    return {mime: reason for handler in HANDLERS.values() for mime, (name, reason) in handler.converted.items()
            if not getattr(settings, name)}
