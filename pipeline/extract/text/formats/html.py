"""HTML: headings, paragraphs, lists, tables and code of what a page shows; scripts, styles and what is hidden are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.decoding import decode
from pipeline.extract.text.formats.html_flow import Flow
from pipeline.extract.text.formats.html_tags import declared_encoding, flattened
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

_MARKUP_PER_TEXT: Final = 5  # characters of HTML that are read for one of text that may be kept
_DROPPED: Final = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video", "map", "head",
    "select", "datalist", "button", "input", "textarea", "dialog", "nav"})
_META: Final = {"author": "author", "description": "description", "keywords": "keywords", "generator": "generator",
                "date": "created", "dcterms.created": "created",
                "article:published_time": "created"}


def read_html(raw: Raw) -> TextDocument:
    """The text of an HTML page."""
    decoded = decode(raw.data, _MARKUP_PER_TEXT * raw.options.text_max_chars, declared_encoding(raw.data))
    builder = TextBuilder("html", raw.options, confidence=decoded.confidence)
    for word in decoded.warnings:
        builder.warn(word)
    if not decoded.is_whole:
        builder.warn("truncated", partial=True)
    add_html(decoded.text, builder)
    return builder.document()


def add_html(text: str, builder: TextBuilder) -> None:
    """The blocks of some HTML, its title and language into the builder."""
    flat = flattened(text)
    if flat.was_deep:
        builder.warn("nesting_flattened")
    if not flat.is_whole:
        builder.warn("truncated", partial=True)
    parser = LexborHTMLParser(flat.text)
    _facts(parser, builder)
    root = parser.body or parser.root
    if root is None:
        return
    flow = Flow(builder)
    for node, entering in _walk(root):
        if entering:
            flow.enter(node.tag, node)
        else:
            flow.leave(node.tag)
        if builder.is_full:
            break
    flow.finish()


def _facts(parser: Any, builder: TextBuilder) -> None:
    title = parser.css_first("head > title")
    if title is not None:
        builder.title = title.text() or builder.title
    html = parser.css_first("html")
    if html is not None:
        builder.set("language", html.attributes.get("lang") or html.attributes.get("xml:lang"))
    for meta in parser.css("head > meta")[:200]:
        name = (meta.attributes.get("name") or meta.attributes.get("property") or "").lower()
        if name in _META:
            builder.set(_META[name], meta.attributes.get("content"))


def _walk(root: Any) -> Iterator[tuple[Any, bool]]:
    """The nodes that show, each as it begins and as it ends; text and comments begin only."""
    node, depth = root, 0
    while node is not None:
        is_shown = not _is_hidden(node)
        if is_shown:
            yield node, True
            child = node.child
            if child is not None:
                node, depth = child, depth + 1
                continue
            yield node, False
        while node.next is None:
            if depth == 0:
                return
            node, depth = node.parent, depth - 1
            yield node, False
        node = node.next if depth else None


def _is_hidden(node: Any) -> bool:
    tag = node.tag
    if tag in ("-text", "-comment") or tag not in _DROPPED:
        if tag[:1] == "-":
            return bool(tag == "-comment")
        attributes = node.attributes
        if not attributes:
            return False
        style = (attributes.get("style") or "")[:1000].replace(" ", "").lower()
        return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style
    return True
