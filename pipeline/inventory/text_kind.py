"""Which kind of text some bytes are, or that they are none."""

from __future__ import annotations

import codecs
import json
import re

_BY_SUFFIX = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".md": "text/markdown", ".markdown": "text/markdown",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html",
}
_HTML_SUFFIXES = frozenset(suffix for suffix, kind in _BY_SUFFIX.items() if kind == "text/html")
# Suffixes that say 'just text': no guess at what its lines look like.
_PLAIN = frozenset({".txt", ".text", ".log", ".py", ".ini", ".cfg", ".toml", ".yaml", ".yml", ".sql", ".asc"})

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1c-\x1f\x7f]")
# What may stand before the first element: declarations, comments, blanks. Atomic groups and possessive quantifiers
# throughout: hostile heads must not make these go back and forth.
_COMMENT = r"(?><!--.*?-->)"
_PROLOGUE = r"(?>\s++|<\?[^>]*+>|" + _COMMENT + r"|<!DOCTYPE(?!\s+html)[^>\[]*+(?:\[[^\]]*+\])?[^>]*+>)*+"
_HTML = re.compile(_PROLOGUE + r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SVG = re.compile(_PROLOGUE + r"<(?:\w+:)?svg\b", re.DOTALL)
_XML = re.compile(r"\s*<\?xml\b|" + _PROLOGUE + r"<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?/?>.*</\1>\s*\Z", re.DOTALL)
_MAIL_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*+):[ \t][^\r\n]*+(?>\r?\n[ \t][^\r\n]*+)*+\r?\n")
_MAIL_FIELDS = frozenset({"from", "to", "subject", "date", "received", "return-path", "message-id", "mime-version",
                          "delivered-to", "content-type", "reply-to", "cc"})
_MAIL_SURE = frozenset({"received", "return-path", "message-id", "mime-version", "delivered-to"})
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"|\}|\Z)|\[\s*(?:["{\[\]\d-]|true\b|false\b|null\b|\Z))')
_LONGEST_WORD = 8  # characters: of JSON's own words and escapes, which may be cut in two
_MARKDOWN_HEADING = re.compile(r"#{1,6} \S")
_MARKDOWN_OTHER = re.compile(r"#{1,6} \S|[-*] \S|```|\|.*\||> \S")


def text_type(head: bytes, *, suffix: str, whole: bool) -> str | None:
    """The MIME type of text, or None for bytes that are no text.

    suffix  of the file's name, lower case with its dot
    whole   `head` is the whole file
    """
    text = decode(head)
    if text is None:
        return None
    return _markup(text, suffix) or _structured(text, whole=whole) or _BY_SUFFIX.get(suffix) or _loose(text, suffix)


def decode(head: bytes) -> str | None:
    """The bytes as text: UTF-8, UTF-16 and UTF-32 with or without a mark, else one byte a letter; None for no text."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _checked(_decoded(head[len(bom):], encoding))
    if b"\0" in head:
        return _checked(_decoded(head, _unmarked_utf16(head)))
    return _checked(_decoded(head, "utf-8") or head.decode("latin-1"))


def _decoded(data: bytes, encoding: str | None) -> str | None:
    """The text; a letter cut in two by the end of the bytes is no fault."""
    if encoding is None:
        return None
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 of mostly Western text has a zero in every second byte."""
    pairs = max(1, len(head) // 2)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * pairs and odd < 0.05 * pairs else None


def _checked(text: str | None) -> str | None:
    if text is None:
        return None
    return text if len(_CONTROLS.findall(text)) * 100 <= len(text) else None


def _markup(text: str, suffix: str) -> str | None:
    start = text[:8192]
    if "<" not in start:
        return None
    if _HTML.match(start):
        return "text/html"
    if suffix in _HTML_SUFFIXES:  # a part of a page, without <html> around it, looks like any XML
        return None
    if _SVG.match(start):
        return "image/svg+xml"
    return "application/xml" if _XML.match(start) else None


def _structured(text: str, *, whole: bool) -> str | None:
    if _is_mail(text):
        return "message/rfc822"
    if not _JSON_START.match(text):
        return None
    if whole and _parses(text):
        return "application/json"
    first, newline, rest = text.strip().partition("\n")
    if newline and rest and _parses(first):
        return "application/x-ndjson"
    return "application/json" if not whole and _begins_as_json(text) else None


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _begins_as_json(text: str) -> bool:
    """Whether text that is cut off is sound JSON up to there: '[2026-01-31] started' and '[1] see below' are not."""
    try:
        json.loads(text)
    except json.JSONDecodeError as exc:
        return exc.pos >= len(text) - _LONGEST_WORD or exc.msg.startswith("Unterminated string")
    except (ValueError, RecursionError):
        return False
    return True


def _is_mail(text: str) -> bool:
    fields: set[str] = set()
    position = 0
    while (match := _MAIL_HEADER.match(text, position)) is not None and len(fields) < 20:
        fields.add(match[1].lower())
        position = match.end()
    known = fields & _MAIL_FIELDS
    return len(known) >= 2 and bool(known & _MAIL_SURE or len(known) >= 3)


def _loose(text: str, suffix: str) -> str:
    """Kinds that only their habits give away; a name that says plain text is believed."""
    if suffix in _PLAIN:
        return "text/plain"
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    for delimiter, kind in ((",", "text/csv"), (";", "text/csv"), ("\t", "text/tab-separated-values")):
        counts = {line.count(delimiter) for line in lines[:-1] or lines}
        if len(lines) >= 3 and len(counts) == 1 and counts.pop() >= 2:
            return kind
    headed = bool(lines) and _MARKDOWN_HEADING.match(lines[0]) is not None
    return "text/markdown" if headed and any(map(_MARKDOWN_OTHER.match, lines[1:])) else "text/plain"
