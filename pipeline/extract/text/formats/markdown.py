"""Markdown: headings of both kinds, fenced code, tables, lists, and the title of a front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.plain import builder_for
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.tables import table_text
from pipeline.extract.text.model import TextDocument

_ATX = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_DELIMITER_ROW = re.compile(r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
_QUOTE = re.compile(r" {0,3}> ?")
_FACT = re.compile(r"(title|author|date|language|lang|description)\s*[:=]\s*(.{1,500})", re.IGNORECASE)
_FRONT_LINES: Final = 200
_MOST_INLINE: Final = 20_000  # characters of a line in which signs of emphasis are looked for
# Signs within a line; bounded, so that hostile lines cannot make them go back and forth.
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,1000}(?:[ \t]+\"[^\"]{0,300}\")?\)|\[[^\[\]]{0,200}\])")
_EMPHASIS = re.compile(
    r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*\\])\1(?![\w*])"
    r"|(?<![\w\\])(_{1,3})(?=[^\s_])([^_\n]{1,200}?)(?<=[^\s_\\])\3(?!\w)"
)
_CODE = re.compile(r"(?<!`)`([^`\n]{1,500})`(?!`)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_OPEN_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}$")  # a tag that goes on in the next line
_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|br|p|div|span|img|sub|sup|kbd|center|details|summary|small|h[1-6])\b[^<>]{0,1000}>", re.IGNORECASE)


def read_markdown(raw: Raw) -> TextDocument:
    """The text of a Markdown file."""
    builder, decoded = builder_for(raw, "markdown")
    lines = _without_comments(decoded.text).splitlines()
    reader = _Reader(builder)
    for line in lines[_front_matter(lines, builder) :]:
        reader.take(line)
        if builder.is_full:
            break
    reader.finish()
    return builder.document()


def _without_comments(text: str) -> str:
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


def _front_matter(lines: Sequence[str], builder: TextBuilder) -> int:
    """Take a front matter's facts; returns where the text begins."""
    if not lines or lines[0].rstrip() not in ("---", "+++"):
        return 0
    end = next((at for at, line in enumerate(lines[1:_FRONT_LINES], 1) if line.rstrip() in (lines[0].rstrip(), "...")), None)
    if end is None:
        return 0
    for line in lines[1:end]:
        match = _FACT.match(line)
        if match is not None:
            name, value = match[1].lower(), match[2].strip().strip("\"'")
            builder.set({"lang": "language", "date": "created"}.get(name, name), value)
            builder.title = value if name == "title" else builder.title
    return end + 1


class _Reader:
    """Takes line after line and adds blocks."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lines: list[str] = []  # of the block that is being read
        self._kind = "text"
        self._fence = ""

    def take(self, line: str) -> None:
        if self._fence:
            self._take_code(line)
            return
        if self._kind != "code" and self._lines and _OPEN_TAG.search(self._lines[-1]):
            self._lines[-1] += f" {line.strip()}"
            return
        line = _QUOTE.sub("", line, count=1)
        if not line.strip():
            self._end_paragraph()
        elif (fence := _FENCE.fullmatch(line)) is not None:
            self.finish()
            self._fence, self._kind = fence[1], "code"
        elif (heading := _ATX.match(line)) is not None:
            self.finish()
            self._heading(_without_closing(line[heading.end() :].strip()), len(heading[1]))
        elif self._kind == "text" and len(self._lines) == 1 and (below := _SETEXT.fullmatch(line)) is not None:
            title = self._lines.pop()
            self._heading(title, 1 if below[1].startswith("=") else 2)
        elif _RULE.fullmatch(line):
            self.finish()
        else:
            self._take_text(line)

    def finish(self) -> None:
        """End the block that is being read."""
        lines, kind = self._lines, self._kind
        self._lines, self._kind, self._fence = [], "text", ""
        if kind == "table":
            self._builder.add(table_text([_cells(line) for at, line in enumerate(lines) if at != 1]), "table", header_rows=1)
        elif kind == "code":
            self._builder.add("\n".join(lines), "code")
        elif lines:
            self._builder.add("\n".join(map(inline, lines)), kind)

    def _heading(self, text: str, level: int) -> None:
        self._builder.add(inline(text), "heading", level=level)

    def _take_code(self, line: str) -> None:
        stripped = line.strip()
        if stripped.startswith(self._fence) and not stripped.strip(self._fence[0]):
            self.finish()
        else:
            self._lines.append(line)

    def _take_text(self, line: str) -> None:
        if (self._kind == "table" and "|" not in line) or self._is_past_list(line):
            self.finish()
        if self._kind == "list":
            self._lines.append(line)
            return
        if self._kind == "text" and len(self._lines) == 1 and "|" in self._lines[0] and _DELIMITER_ROW.fullmatch(line):
            self._kind = "table"
        elif self._kind == "text" and _ITEM.match(line):
            self.finish()
            self._kind = "list"
        self._lines.append(line)

    def _is_past_list(self, line: str) -> bool:
        return self._kind == "list" and self._lines[-1:] == [""] and line[0] not in " \t" and not _ITEM.match(line)

    def _end_paragraph(self) -> None:
        """An empty line: a list may go on after it."""
        if self._kind == "list" and self._lines and self._lines[-1]:
            self._lines.append("")
        elif self._kind != "list":
            self.finish()


def _without_closing(text: str) -> str:
    """A heading without the signs that may close it: '## Scope ##'."""
    bare = text.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else text


def inline(text: str) -> str:
    """A line as it is displayed: links by their texts, without signs of emphasis."""
    if len(text) > _MOST_INLINE:
        return text
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _EMPHASIS.sub(lambda match: match[2] or match[4], text)
    text = _CODE.sub(r"\1", text)
    return _ESCAPE.sub(r"\1", _TAG.sub("", text))


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    line = line.removesuffix("|") if not line.endswith("\\|") else line
    return [inline(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", line)]
