"""Word documents: headings, paragraphs, lists, tables, headers and footers, footnotes, text boxes, in one pass over the XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.extract.errors import CorruptFile
from pipeline.extract.text.formats.archive import Archive, PartDamaged, opened
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.docx_body import Body, Item
from pipeline.extract.text.formats.docx_styles import Numbering, Styles, read_numbering, read_styles
from pipeline.extract.text.formats.facts import read_facts
from pipeline.extract.text.formats.markup import TEXT, Event
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.tables import header_rows, table_text
from pipeline.extract.text.model import TextDocument

_SPARE: Final = 3  # characters read for one that is kept: deletions and blanks between elements are among them
_NOTES: Final = (("footnotes", "footnote"), ("endnotes", "endnote"))


def read_docx(raw: Raw) -> TextDocument:
    """The text of a Word document, one page of it; raises an ExtractionError where it cannot be read at all."""
    builder = TextBuilder("docx", raw.options)
    with opened(raw.data, "a Word document") as archive:
        main = archive.main_part("word/document.xml")
        if archive.is_other(main, "document"):
            raise CorruptFile("the archive holds no Word document: give it its right extension, or replace the file")
        read_facts(archive, builder)
        _Document(archive, main, builder).read()
    return builder.document()


@dataclass
class _Document:
    """One document on its way into the builder."""

    archive: Archive
    main: str
    builder: TextBuilder
    styles: Styles = field(default_factory=Styles)
    numbering: Numbering = field(default_factory=Numbering)
    _notes: dict[str, int] = field(default_factory=dict)
    _list: list[str] = field(default_factory=list)  # items of the list that is being read

    def read(self) -> None:
        parts = list(self.archive.relations(self.main).values())
        self._read_looks(parts)
        self._repeated(parts, "header")
        damaged = self._flow(self.main, self._body_item)
        for kind, tag in _NOTES:
            for path in (path for of, path in parts if of == kind):
                self._flow(path, self._body_item, note=tag)
        self._repeated(parts, "footer")
        if damaged and self.builder.room == self.builder.options.text_max_chars:
            raise CorruptFile("the document's text cannot be read: open it in Word and save it again, or replace the file")

    def _read_looks(self, parts: list[tuple[str, str]]) -> None:
        for kind, path in parts:
            try:
                if kind == "styles":
                    self.styles = read_styles(self.archive, path)
                elif kind == "numbering":
                    self.numbering = read_numbering(self.archive, path)
            except PartDamaged:
                self.builder.warn(f"{kind}_damaged", partial=True)

    def _repeated(self, parts: list[tuple[str, str]], kind: str) -> None:
        """Headers or footers, each text once: a document has up to three a section, mostly the same."""
        seen: set[str] = set()

        def take(item: Item) -> None:
            text = "\n".join(table_text([row]) for row in item.rows) if item.rows else item.text
            if text.strip() not in seen:
                seen.add(text.strip())
                self.builder.add(text, kind)

        for path in sorted({path for of, path in parts if of == kind}):
            self._flow(path, take)

    def _flow(self, path: str, take: Callable[[Item], None], *, note: str | None = None) -> bool:
        """Hand over a part's paragraphs and tables one by one; returns whether it broke off."""
        body = Body(note=note, numbers=self._notes)
        try:
            for item in body.items(self._until_full(path)):
                take(item)
            is_whole = True
        except PartDamaged:
            self.builder.warn("damaged", partial=True)
            is_whole = False
        for item in body.rest():
            take(item)
        self._end_list()
        return not is_whole

    def _until_full(self, path: str) -> Iterator[Event]:
        """The events of a part, as long as there may be room for what they say: one table can be longer than any document may."""
        room = _SPARE * self.builder.room + 1000
        for event in self.archive.events(path):
            room -= len(event[1]) if event[0] == TEXT else 0
            if self.builder.is_full or room < 0:
                self.builder.warn("truncated", partial=True)
                return
            yield event

    def _body_item(self, item: Item) -> None:
        if item.rows:
            self._end_list()
            rows = item.rows
            self.builder.add(table_text(rows), "table", header_rows=min(item.header_rows, len(rows) - 1) or header_rows(rows))
            return
        text = item.text.strip()
        level = item.level if item.level is not None else self.styles.level(item.style)
        label = self._label(item) if text else ""
        if level and text:
            self._end_list()
            if self.builder.title is None and self.styles.is_title(item.style):
                self.builder.title = text
            self.builder.add(f"{label} {text}".strip().replace("\n", " "), "heading", level=level)
        elif label:
            self._list.append(f"{label} {text}")
        elif text:
            self._end_list()
            self.builder.add(text)

    def _label(self, item: Item) -> str:
        """The number or bullet before a paragraph; numbering 0 takes away what the style gives."""
        own = (item.numbering, item.numbering_level or 0) if item.numbering is not None else self.styles.numbering(item.style)
        if own is None or own[0] == "0":
            return ""
        return self.numbering.label(*own)

    def _end_list(self) -> None:
        if self._list:
            self.builder.add("\n".join(self._list), "list")
            self._list = []
