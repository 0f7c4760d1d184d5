"""Which reader and which store belong to a job type: the one table that joins queue, readers and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from pipeline.config import Settings
from pipeline.embed import version_of
from pipeline.extract.text import CONVERTED_MIME_TYPES, TEXT_MIME_TYPES
from pipeline.inventory.stale import Need
from pipeline.store.chunks import CHUNK_LINES, store_chunks
from pipeline.store.drawings import store_drawings
from pipeline.store.vectors import store_vectors
from pipeline.worker.handler import Handler
from pipeline.worker.inputs import load_chunks, load_pages, source_of, spec_of

DWG_WAITS = "no DWG converter is configured (DWG_CONVERTER)"
LIBREOFFICE_WAITS = "LibreOffice, which reads it, is not installed (LIBREOFFICE)"
LEFT_OUT = "left out by TEXT_FORMATS"
DRAWING_ROWS = "pipeline.store.drawings:drawing_rows"

_PDF = Handler("pdf", "pipeline.extract.pdf:read_pdf", DRAWING_ROWS, "pdf-3", ("application/pdf",), store_drawings,
               ("pymupdf", "pipeline.extract.pdf.reader"), followers=("text",))
_DXF = Handler("dxf", "pipeline.extract.dxf:read_dxf", DRAWING_ROWS, "dxf-3", ("image/vnd.dxf",), store_drawings,
               ("ezdxf", "pipeline.extract.dxf.reader"), {"image/vnd.dwg": ("dwg_converter", DWG_WAITS)}, followers=("text",))
# What those two read: their pages are what a text job of such a file works on.
_DRAWINGS = {mime: handler.version for handler in (_PDF, _DXF) for mime in (*handler.mime_types, *handler.converted)}

HANDLERS: dict[str, Handler] = {handler.job_type: handler for handler in (
    _PDF,
    _DXF,
    Handler("text", "pipeline.extract.text.indexing:index_file", "pipeline.store.chunks:chunk_rows", "text-1", TEXT_MIME_TYPES,
            store_chunks, ("pipeline.extract.text.indexing",),
            dict.fromkeys(CONVERTED_MIME_TYPES, ("libreoffice_path", LIBREOFFICE_WAITS)),
            load=partial(load_pages, read_by_others=frozenset(_DRAWINGS)), loaded="pipeline.extract.text.indexing:index_pages",
            arguments=source_of, followers=("embed",), upstream=_DRAWINGS),
    Handler("embed", "pipeline.embed.reader:embed_chunks", "pipeline.store.vectors:vector_rows", "embed-1", (), store_vectors,
            ("pipeline.embed.reader",), load=load_chunks, loaded="pipeline.embed.reader:embed_chunks", arguments=spec_of),
)}


def configured(settings: Settings, handlers: Mapping[str, Handler] | None = None) -> dict[str, Handler]:
    """The handlers as these settings make them: with the versions that follow from settings, and the formats that are allowed."""
    found = _allowed(settings, HANDLERS if handlers is None else handlers)
    if "embed" in found and settings.embeddings != "off":
        model = version_of(settings.embedding_model, settings.embedding_api_key)
        found["embed"] = replace(found["embed"], model_version=model)
    return found


def _allowed(settings: Settings, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    found = dict(handlers)
    if "text" in found:
        text = found["text"]
        found["text"] = replace(
            text, version=text.version + settings.text_variant, max_mb=settings.text_max_mb,
            followers=("embed",) if settings.embeddings == "at_once" else (),
            mime_types=tuple(mime for mime in text.mime_types if settings.reads_text(mime)),
            converted={mime: waits for mime, waits in text.converted.items() if settings.reads_text(mime)})
    return found


def needs(settings: Settings) -> list[Need]:
    """What files need of every job type, in the order in which the types follow each other."""
    handlers = configured(settings)
    text, embed = handlers["text"], handlers["embed"]
    found = [Need(handler.job_type, handler.formats(settings), handler.version) for handler in (handlers["pdf"], handlers["dxf"])]
    found.append(Need("text", text.formats(settings), text.version, output=CHUNK_LINES))
    for handler in (handlers["pdf"], handlers["dxf"]):
        for mime in handler.formats(settings):
            found.append(Need("text", (mime,), text.version_for(mime), after=(handler.job_type, handler.version), output=CHUNK_LINES))
    if settings.embeddings != "off":
        for need in [one for one in found if one.job_type == "text"]:
            found.append(Need("embed", need.mime_types, embed.version, model=embed.model_version, after=("text", need.version)))
    return found


def readable_mime_types(settings: Settings) -> frozenset[str]:
    """Every format that some step of this release reads with these settings."""
    return frozenset(mime for handler in _allowed(settings, HANDLERS).values() for mime in handler.formats(settings))


def waiting_reasons(settings: Settings) -> dict[str, str]:
    """Formats that would be read if something were set up, such as a program that converts them → what to tell the operator."""
    waiting = {mime: reason for handler in HANDLERS.values() for mime, (name, reason) in handler.converted.items()
               if not getattr(settings, name)}
    return waiting | {mime: LEFT_OUT for mime in (*TEXT_MIME_TYPES, *CONVERTED_MIME_TYPES) if not settings.reads_text(mime)}
