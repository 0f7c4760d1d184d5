"""E-mail: who wrote to whom and when, the message, and the texts of its attachments.

Headers are decoded by hand, for the standard library's parser of addresses takes minutes for a hostile one.
"""

from __future__ import annotations

import email
import email.message
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.header import decode_header
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from pipeline.extract.errors import CorruptFile, ExtractionError
from pipeline.extract.normalise import clean_line
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.decoding import GUESS_CONFIDENCE, decode
from pipeline.extract.text.formats.plain import paragraphs
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

_MAX_BYTES: Final = 50_000_000  # of a mail that are read: its parser needs ten times as much memory, and few servers take more
_MAX_HEADER: Final = 4000  # characters of one that are looked at
_MAX_PARTS: Final = 2000  # of one mail
_MAX_ATTACHMENTS: Final = 100  # that are read
_MAX_DEPTH: Final = 3  # mails within mails
_SHOWN: Final = ("From", "To", "Cc", "Date")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_BY_SUFFIX: Final = {
    ".docx": f"{_OFFICE}.wordprocessingml.document", ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet", ".htm": "text/html", ".html": "text/html", ".md": "text/markdown", ".txt": "text/plain",
    ".log": "text/plain", ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".eml": "message/rfc822", ".json": "application/json",
    ".xml": "application/xml", ".svg": "image/svg+xml",
}

Part = email.message.Message


@dataclass
class _Parts:
    """A mail's parts by what they are for."""

    bodies: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)


def read_mail(raw: Raw) -> TextDocument:
    """The text of a mail and of those of its attachments that are of a format with a reader."""
    try:
        message = email.message_from_bytes(raw.data[:_MAX_BYTES], policy=email.policy.compat32)
        parts = _parts(message)
    except RecursionError:
        raise CorruptFile("the mail's parts are nested too deep to be a mail's") from None
    builder = TextBuilder("eml", raw.options)
    if len(raw.data) > _MAX_BYTES:
        builder.warn("truncated", partial=True)
    _add_head(message, builder)
    for body in parts.bodies:
        _add_body(body, builder)
    _add_attachments(parts.attachments, raw, builder)
    return builder.document()


def _parts(message: Part) -> _Parts:
    parts = _Parts()
    for part, is_chosen in islice(_walk(message), _MAX_PARTS):
        is_text = part.get_content_maintype() == "text"
        if part.get_content_disposition() == "attachment" or part.get_filename() or not is_text:
            parts.attachments.append(part)
        elif is_chosen:
            parts.bodies.append(part)
    return parts


def _walk(part: Part) -> Iterator[tuple[Part, bool]]:
    """The parts that hold something; of alternatives one is chosen. Mails within are one part each."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        yield part, True
        return
    inner = [one for one in part.get_payload() if isinstance(one, email.message.Message)]
    chosen = _richest(inner) if part.get_content_subtype() == "alternative" else None
    for one in inner:
        for found, is_chosen in _walk(one):
            yield found, is_chosen and (chosen is None or one is chosen)


def _richest(alternatives: list[Part]) -> Part | None:
    """The alternative with the most structure that has a reader; senders put the plainest first."""
    for alternative in reversed(alternatives):
        if alternative.get_content_type() in ("text/html", "text/plain") or alternative.is_multipart():
            return alternative
    return None


def header(message: Part, name: str) -> str:
    """A header as text, '' where there is none."""
    values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return _decoded(str(values[0])) if values else ""


def _decoded(value: str) -> str:
    """A header's value with its encoded words decoded; bytes that stand there unencoded are taken as body text is."""
    text = decode(value[:_MAX_HEADER].encode("utf-8", "surrogateescape"), _MAX_HEADER).text
    try:
        words = decode_header(text)
    except (ValueError, UnicodeError):  # wrongly encoded words stay as they are written
        return clean_line(text)
    return clean_line("".join(_word(word, charset) for word, charset in words))


def _word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    # What stands between encoded words comes in this encoding, whatever it is.
    return word.decode("raw-unicode-escape", "replace") if charset is None else decode(word, _MAX_HEADER, charset).text


def _add_head(message: Part, builder: TextBuilder) -> None:
    builder.title = header(message, "Subject")
    builder.add(builder.title, "heading", level=1)
    lines = [f"{name}: {value}" for name in _SHOWN if (value := header(message, name))]
    builder.add("\n".join(lines))
    builder.set("author", header(message, "From"))
    builder.set("to", header(message, "To"))
    builder.set("message_id", header(message, "Message-ID"))
    date = header(message, "Date")
    try:
        builder.set("created", parsedate_to_datetime(date).isoformat())
    except (ValueError, TypeError, OverflowError):
        builder.set("created", date)


def _content(part: Part) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _add_body(part: Part, builder: TextBuilder) -> None:
    decoded = decode(_content(part), 5 * builder.room + 1000, part.get_content_charset())
    for word in decoded.warnings:
        builder.warn(word)
        builder.confidence = min(builder.confidence, decoded.confidence)
    if part.get_content_subtype() == "html":
        from pipeline.extract.text.formats.html import add_html  # lazy: not every mail is HTML

        subject = builder.title
        add_html(decoded.text, builder)
        builder.title = subject or builder.title
        return
    for kind, text, level in paragraphs(decoded.text):
        builder.add(text, kind, level=None if level is None else level + 1)


def _add_attachments(attachments: list[Part], raw: Raw, builder: TextBuilder) -> None:
    names = [_name(part, at) for at, part in enumerate(attachments, 1)]
    builder.set_names("attachments", names)
    readable = [(part, name, mime) for part, name in zip(attachments, names, strict=True) if (mime := _mime(part, name))]
    if len(readable) > _MAX_ATTACHMENTS or (raw.depth >= _MAX_DEPTH and readable):
        builder.warn("attachments_left_out", partial=True)
    for part, name, mime in readable[: _MAX_ATTACHMENTS if raw.depth < _MAX_DEPTH else 0]:
        if not builder.is_full:
            _add_attachment(_bytes(part), name, mime, raw, builder)


def _name(part: Part, number: int) -> str:
    name = part.get_filename()
    if not name and part.get_content_type() == "message/rfc822":
        name = next((header(inner, "Subject") for inner in part.get_payload() if isinstance(inner, email.message.Message)), "")
    return _decoded(str(name or "")) or f"attachment {number}"


def _mime(part: Part, name: str) -> str | None:
    """The format of an attachment by its name, else as the mail says; None where it is none that is read here."""
    by_name = _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if by_name is not None:
        return by_name
    said = part.get_content_type()
    return said if said in _BY_SUFFIX.values() else None


def _bytes(part: Part) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return next((inner.as_bytes() for inner in part.get_payload() if isinstance(inner, email.message.Message)), b"")
    return _content(part)


def _add_attachment(data: bytes, name: str, mime: str, raw: Raw, builder: TextBuilder) -> None:
    """An attachment's blocks under a heading with its name; one that cannot be read costs only itself."""
    from pipeline.extract.text import READERS, reader_of

    inner = Raw(data, replace(raw.options, text_max_chars=builder.room), mime, name, raw.depth + 1)
    try:
        document = reader_of(READERS[mime])(inner)
    except ExtractionError as error:
        builder.warn(f"attachment_unreadable:{error.reason}", partial=True)
        return
    builder.add(name, "heading", level=1)
    for block in (block for page in document.pages for block in page.blocks):
        builder.add(block.text, block.kind, level=None if block.level is None else block.level + 1, header_rows=block.header_rows)
    for word in document.warnings:
        builder.warn(word, partial=document.partial)
        if word.startswith("encoding_guessed"):
            builder.confidence = min(builder.confidence, GUESS_CONFIDENCE)
