"""What an operator decides about reading: handed to a child process when it starts, and by it to every reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Settings of the readers; plain values, for they travel between processes.

    ocr            'auto' (the built-in engine, with Tesseract as a second opinion where `tesseract_cmd` names it), 'rapidocr',
                   'tesseract', 'both', or 'off'
    ocr_dpi        resolution at which pages are rendered for OCR; None: chosen from the height of the text found
    ocr_max_pages  pages of one file that are read by OCR; the others stay without text and are named in a warning
    ocr_seconds    CPU time that OCR may take in one file, after which its other pages stay without text
    pdf_seconds    time that one PDF may take, OCR included, after which its other pages are left out
    tesseract_cmd  path or name of the Tesseract program; '' where there is none
    tesseract_lang languages of Tesseract, such as 'eng' or 'deu+fra'
    dwg_converter  path or name of the program that makes a DXF of a DWG; '' where there is none
    dwg_seconds    after which that program is ended
    title_block_labels  path of a TOML file that adds labels of title-block cells to ours; '' where there is none
    material_aliases  path of a TOML file of materials that goes before the shipped table; '' where there is none
    libreoffice    path or name of LibreOffice, which makes DOCX of DOC and the like; '' where there is none
    libreoffice_seconds  after which that program is ended
    text_max_chars text kept of one document, in characters; the rest is left out and named in a warning
    chunk_chars    length of a chunk aimed at, in characters
    chunk_overlap  characters of the chunk before that a chunk repeats
    pii            'off', 'tag' (counted in the chunk's warnings) or 'redact' (replaced by its kind)
    pii_patterns   kinds of personal data looked for: names of built-in patterns
    pii_module     'module:function' of a hook of the user's own; '' where there is none
    """

    ocr: str = "auto"
    ocr_dpi: int | None = None
    ocr_max_pages: int = 50
    ocr_seconds: float = 150.0
    pdf_seconds: float = 240.0
    tesseract_cmd: str = ""
    tesseract_lang: str = "eng"
    dwg_converter: str = ""
    dwg_seconds: float = 150.0
    title_block_labels: str = ""
    material_aliases: str = ""
    libreoffice: str = ""
    libreoffice_seconds: float = 120.0
    text_max_chars: int = 5_000_000
    chunk_chars: int = 1000
    chunk_overlap: int = 100
    pii: str = "off"
    pii_patterns: tuple[str, ...] = ("email", "phone", "iban", "card")
    pii_module: str = ""


DEFAULT_OPTIONS = ReadOptions()
