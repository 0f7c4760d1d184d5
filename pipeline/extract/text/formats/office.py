"""Old Office files, OpenDocument and RTF: LibreOffice makes of them what we read.

It runs apart from everything: its own profile in a temporary folder, without macros and without the network, in an environment that says
nothing of ours, and ended with all its children when its time is up.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from pipeline.extract.errors import CorruptFile, EncryptedFile, UnsupportedFormat
from pipeline.extract.foreign import environment
from pipeline.extract.options import ReadOptions
from pipeline.extract.text.formats.archive import PartDamaged, opened
from pipeline.extract.text.formats.docx import read_docx
from pipeline.extract.text.formats.markup import START
from pipeline.extract.text.formats.ole import is_ole, refuse_encrypted
from pipeline.extract.text.formats.pptx import read_pptx
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.xlsx import read_xlsx
from pipeline.extract.text.model import TextDocument

NOT_CONFIGURED: Final = "no LibreOffice is configured (LIBREOFFICE in config.txt)"
_OPEN: Final = "application/vnd.oasis.opendocument"


class _Kind(NamedTuple):
    """A format by the suffix and by LibreOffice's name of its filter: without that, it reads any bytes as plain text."""

    suffix: str
    filter: str


_KINDS: Final = {
    "application/msword": _Kind(".doc", "MS Word 97"),
    "application/vnd.ms-excel": _Kind(".xls", "MS Excel 97"),
    "application/vnd.ms-powerpoint": _Kind(".ppt", "MS PowerPoint 97"),
    "application/rtf": _Kind(".rtf", "Rich Text Format"),
    f"{_OPEN}.text": _Kind(".odt", "writer8"),
    f"{_OPEN}.spreadsheet": _Kind(".ods", "calc8"),
    f"{_OPEN}.presentation": _Kind(".odp", "impress8"),
}
# Documents may name pictures, links and macros elsewhere: none of them is fetched or run.
_ITEM: Final = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS: Final = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Office.Common/Misc", "FirstRun", "false"),
)
_PROFILE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(_ITEM.format(*setting) for setting in _SETTINGS) + "</oor:items>"
)
_NO_PROXY: Final = "http://127.0.0.1:9"  # nobody answers there: what honours a proxy reaches nothing


def read_document(raw: Raw) -> TextDocument:
    """The text of a DOC, an ODT or an RTF file."""
    return _converted(read_docx(_convert(raw, "docx")))


def read_workbook(raw: Raw) -> TextDocument:
    """The text of an XLS or ODS file."""
    return _converted(read_xlsx(_convert(raw, "xlsx")))


def read_slides(raw: Raw) -> TextDocument:
    """The text of a PPT or ODP file."""
    return _converted(read_pptx(_convert(raw, "pptx")))


def _converted(document: TextDocument) -> TextDocument:
    return replace(document, warnings=("converted:libreoffice", *document.warnings))


def _convert(raw: Raw, target: str) -> Raw:
    """The file in the format that we read.

    Raises EncryptedFile, BombFile, UnsupportedFormat where there is no LibreOffice, CorruptFile where it makes nothing of the bytes.
    """
    kind = _KINDS[raw.mime_type]
    _refuse_others(raw)
    return replace(raw, data=convert(raw.data, kind.suffix, target, raw.options, reads=kind.filter))


def _refuse_others(raw: Raw) -> None:
    """What is another format, under a password, or unpacks to too much is not handed on."""
    if raw.mime_type.startswith(_OPEN):
        _refuse_closed_archive(raw.data)
    elif raw.mime_type == "application/rtf":
        if not raw.data.lstrip().startswith(b"{\\rt"):
            raise CorruptFile("the file is no RTF: give it its right extension, or replace it")
    elif not is_ole(raw.data):
        raise CorruptFile("the file is no Office file of the old kind: give it its right extension, or replace it")
    else:
        refuse_encrypted(raw.data)


def _refuse_closed_archive(data: bytes) -> None:
    with opened(data, "an OpenDocument file") as archive:
        try:
            for kind, name, _ in archive.events("META-INF/manifest.xml", allow_doctype=True):
                if kind == START and name == "encryption-data":
                    raise EncryptedFile("a password is needed to open the file: save a copy without one")
            for part in ("content.xml", "styles.xml"):
                for _event in archive.events(part, allow_doctype=True):  # counted as they come out
                    pass
        except PartDamaged:  # LibreOffice mends what it can
            return


def convert(data: bytes, suffix: str, target: str, options: ReadOptions, *, reads: str | None = None) -> bytes:
    """A document as LibreOffice saves it in another format ('docx', 'xlsx', 'pptx').

    reads  its name of the filter for the document; None: it judges by the bytes

    Raises UnsupportedFormat where there is no LibreOffice, CorruptFile where it makes nothing of the bytes or not in time.
    """
    if not options.libreoffice:
        raise UnsupportedFormat(NOT_CONFIGURED)
    program = shutil.which(options.libreoffice) or (options.libreoffice if Path(options.libreoffice).is_file() else None)
    if program is None:
        raise UnsupportedFormat("the program that LIBREOFFICE in config.txt names is not on this machine")
    # A process that was just ended may hold its files for a moment on Windows.
    with tempfile.TemporaryDirectory(prefix="draftmill-office-", ignore_cleanup_errors=True) as folder:
        source, profile, out = Path(folder, f"document{suffix}"), Path(folder, "profile"), Path(folder, "out")
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        source.write_bytes(data)
        command = [
            program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck", "--nodefault",
            "--nofirststartwizard", *([f"--infilter={reads}"] if reads else []), "--convert-to", target, "--outdir", str(out), str(source)]
        _run(command, folder, options.libreoffice_seconds)
        made = out / f"document.{target}"
        if not made.is_file() or not made.stat().st_size:
            raise CorruptFile("LibreOffice made nothing of the file: open it in the program that made it and save it again")
        return made.read_bytes()


def _run(command: list[str], folder: str, seconds: float) -> None:
    """Run LibreOffice; its exit status says little, so what it made is looked at instead."""
    outside = environment(HOME=folder, http_proxy=_NO_PROXY, https_proxy=_NO_PROXY, SAL_USE_VCLPLUGIN="svp")
    try:
        process = subprocess.Popen(
            command, env=outside, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
    except OSError as error:
        raise UnsupportedFormat(f"the program that LIBREOFFICE in config.txt names cannot be started ({error.strerror})") from error
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise CorruptFile(f"LibreOffice did not finish the file within {seconds:.0f} s") from None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still running with all that it started: LibreOffice's own work is done by a child."""
    if process.poll() is not None:
        return
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        psutil.wait_procs(family[:-1], timeout=5)
    process.kill()
    process.wait()
