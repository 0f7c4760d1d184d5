"""Hostile archives: bombs, passwords, damage."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from pipeline.extract.errors import BombFile, CorruptFile, EmptyFile, EncryptedFile, ExtractionError, UnsupportedFormat
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text import CONVERTED_MIME_TYPES, READERS, TEXT_MIME_TYPES, read_text
from pipeline.extract.text.formats.archive import RATIO_FROM
from tests.unit.extract.text.formats.reading import DOCX, PPTX, XLSX, read, with_parts

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

BODY = "word/document.xml"
OFFICE_TYPES = [pytest.param(DOCX, id="docx"), pytest.param(PPTX, id="pptx"), pytest.param(XLSX, id="xlsx")]


def document() -> bytes:
    out = io.BytesIO()
    made = docx.Document()
    made.add_paragraph("text")
    made.save(out)
    return out.getvalue()


def lie_about_size(data: bytes, name: str, size: int) -> bytes:
    """The archive with another unpacked size of a part in its directory and in front of the part."""
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    for start, offset in ((entry.header_offset, 22), (data.index(name.encode(), entry.header_offset + 60 + entry.compress_size) - 46, 24)):
        struct.pack_into("<I", changed, start + offset, size)
    return bytes(changed)


def test_a_part_that_unpacks_to_far_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = with_parts(document(), {BODY: b"<w:document>" + b" " * (RATIO_FROM + 1_000_000)})
    with pytest.raises(BombFile):
        read(bomb, DOCX)


def test_a_bomb_in_a_part_that_is_not_read_is_refused_too() -> None:
    with pytest.raises(BombFile):
        read(with_parts(document(), {"word/media/image1.png": bytes(RATIO_FROM + 1_000_000)}), DOCX)


def test_an_archive_that_lies_about_its_sizes_unpacks_no_further_than_it_says() -> None:
    bomb = with_parts(document(), {BODY: b"<w:document>" + b" " * (RATIO_FROM + 1_000_000)})
    with pytest.raises(ExtractionError):
        read(lie_about_size(bomb, BODY, 1000), DOCX)


def test_entities_that_grow_are_refused() -> None:
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    laughs = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><w:document xmlns:w="w"><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:document>'
    with pytest.raises(BombFile):
        read(with_parts(document(), {BODY: laughs}), DOCX)


def test_entities_that_read_files_are_refused() -> None:
    outside = f'<!DOCTYPE x [<!ENTITY f SYSTEM "{Path(__file__).as_uri()}">]><w:document xmlns:w="w"><w:t>&f;</w:t></w:document>'
    with pytest.raises(BombFile):
        read(with_parts(document(), {BODY: outside}), DOCX)


def test_entities_of_a_drawing_are_left_out() -> None:
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    result = read(f'<!DOCTYPE svg [<!ENTITY a0 "ha">{entities}]><svg><text>before &a9; after</text></svg>', "image/svg+xml")
    assert result.pages[0].text == "before after"


def test_elements_nested_without_end_are_no_trouble() -> None:
    with pytest.raises(CorruptFile):
        read(with_parts(document(), {BODY: "<a>" * 100_000}), DOCX)


def test_a_tag_without_an_end_is_given_up() -> None:
    import random

    noise = random.Random(4).randbytes(6_000_000).hex()
    with pytest.raises(CorruptFile):
        read(with_parts(document(), {BODY: f'<w:document a="{noise}'}), DOCX)


@pytest.mark.parametrize("mime", OFFICE_TYPES)
def test_a_file_under_a_password_is_encrypted(mime: str) -> None:
    with pytest.raises(EncryptedFile):
        read(container("EncryptedPackage"), mime)


@pytest.mark.parametrize(("streams", "is_closed"), [
    pytest.param({"WordDocument": bytes(10) + b"\x00\x01"}, True, id="doc under a password"),
    pytest.param({"WordDocument": bytes(10) + b"\x00\x10"}, False, id="open doc"),
    pytest.param({"Workbook": b"\x09\x08\x04\x00wxyz\x2f\x00\x02\x00ab"}, True, id="xls under a password"),
    pytest.param({"Workbook": b"\x09\x08\x04\x00wxyz\x42\x00\x02\x00ab"}, False, id="open xls"),
])
def test_old_files_say_whether_they_are_under_a_password(streams: dict[str, bytes], is_closed: bool) -> None:
    data = container(**streams)
    with pytest.raises(EncryptedFile if is_closed else UnsupportedFormat):
        read(data, "application/x-ole-storage")


@pytest.mark.parametrize("mime", OFFICE_TYPES)
@pytest.mark.parametrize("data", [
    pytest.param(b"no archive at all", id="text"),
    pytest.param(document()[:2000], id="cut off"),
    pytest.param(b"PK\x05\x06" + bytes(18), id="empty archive"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="a container without a directory"),
])
def test_what_is_no_office_file_is_corrupt(data: bytes, mime: str) -> None:
    with pytest.raises(CorruptFile):
        read(data, mime)


def test_an_office_file_of_another_kind_is_corrupt() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    for mime in (DOCX, PPTX):
        with pytest.raises(CorruptFile):
            read(out.getvalue(), mime)


@pytest.mark.parametrize("mime", READERS)
def test_no_bytes_are_an_empty_file_whatever_the_format(mime: str) -> None:
    with pytest.raises(EmptyFile):
        read_text(b"", DEFAULT_OPTIONS, mime, "file")


@pytest.mark.parametrize("mime", [*TEXT_MIME_TYPES, *CONVERTED_MIME_TYPES])
def test_noise_ends_in_text_or_in_a_named_error(mime: str) -> None:
    noise = bytes(range(256)) * 20
    with contextlib.suppress(CorruptFile, EncryptedFile, UnsupportedFormat):
        read(noise, mime).pages[0].text.encode("utf-8")


def container(*names: str, **streams: bytes) -> bytes:
    """A small OLE container with empty streams of these names, or with streams that begin so."""
    contents = {**dict.fromkeys(names, b""), **streams}
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    places = {name: 2 + 8 * at for at, (name, content) in enumerate(contents.items()) if content}  # sectors of 512 bytes, 8 a stream
    fat = [0xFFFFFFFD, end]
    for start in places.values():
        fat += [free] * (start - len(fat)) + [*range(start + 1, start + 8), end]
    directory = b""
    for at, name in enumerate(["Root Entry", *contents]):
        text = name.encode("utf-16-le")
        right, child = (at + 1 if 0 < at < len(contents) else free), (1 if at == 0 else free)
        directory += text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, 2 if at else 5, 1, free, right, child) + bytes(36)
        directory += struct.pack("<III", places.get(name, end), 4096 if name in places else 0, 0)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6xI", 62, 3, 0xFFFE, 9, 6, 0)
    head += struct.pack("<IIIIIIII", 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0).ljust(436, b"\xff")
    sectors = {places[name]: content.ljust(4096, b"\0") for name, content in contents.items() if name in places}
    body = b"".join(sectors.get(2 + 8 * at, bytes(4096)) for at in range(len(contents)))
    return head + struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff") + directory.ljust(512, b"\0") + body
