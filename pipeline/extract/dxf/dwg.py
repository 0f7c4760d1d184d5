"""DWG: converted to DXF by a program of the operator's, for there is no free reader of all its versions in Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.extract.errors import CorruptFile, UnsupportedFormat
from pipeline.extract.foreign import environment

NOT_CONFIGURED: Final = "no DWG converter is configured (DWG_CONVERTER)"
_INPUT, _OUTPUT = "drawing.dwg", "drawing.dxf"

Command = Callable[[str, Path, Path], list[str]]


def convert_dwg(data: bytes, converter: str, *, seconds: float) -> tuple[bytes, str]:
    """(the drawing as a DXF, the name of the program that made it).

    converter  path or name of ODAFileConverter, of LibreDWG's dwg2dxf or dwgread, or of any program or Python script that is
               called with the DWG's path and the path to write the DXF to
    seconds    after which the program is ended

    Raises UnsupportedFormat where there is no such program, CorruptFile where it makes no DXF of the bytes.
    """
    if not converter:
        raise UnsupportedFormat(NOT_CONFIGURED)
    program = shutil.which(converter) or (converter if Path(converter).is_file() else None)
    if program is None:
        raise UnsupportedFormat("the program that DWG_CONVERTER names is not on this machine")
    tool = Path(converter).stem
    with tempfile.TemporaryDirectory(prefix="draftmill-dwg-") as folder:
        source, target = Path(folder, "in", _INPUT), Path(folder, "out", _OUTPUT)
        for path in (source, target):
            path.parent.mkdir()
        source.write_bytes(data)
        _run(_command(tool)(program, source, target), tool, seconds)
        if not target.is_file() or not target.stat().st_size:
            raise CorruptFile(f"{tool} made no DXF of the DWG: open it in the program that made it, or save it as DXF there")
        return target.read_bytes(), tool


def _run(command: list[str], tool: str, seconds: float) -> None:
    """Run a converter; its exit status says little, LibreDWG's is not 0 for drawings with one unknown object."""
    try:
        subprocess.run(
            command, check=False, timeout=seconds, env=environment(QT_QPA_PLATFORM="offscreen"),  # ODA's opens a window otherwise
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
    except subprocess.TimeoutExpired:
        raise CorruptFile(f"{tool} did not finish the DWG within {seconds:.0f} s") from None
    except OSError as error:
        raise UnsupportedFormat(f"the program that DWG_CONVERTER names cannot be started ({error.strerror})") from error


def _command(tool: str) -> Command:
    name = tool.lower()
    if name.startswith("odafileconverter"):
        return _oda
    if name == "dwg2dxf":
        return lambda program, source, target: [program, "-y", "-o", str(target), str(source)]
    if name == "dwgread":
        return lambda program, source, target: [program, "-O", "DXF", "-o", str(target), str(source)]
    return _any_program


def _oda(program: str, source: Path, target: Path) -> list[str]:
    """Folder to folder: version, type, not recursive, with an audit."""
    return [program, str(source.parent), str(target.parent), "ACAD2018", "DXF", "0", "1"]


def _any_program(program: str, source: Path, target: Path) -> list[str]:
    start = [sys.executable] if program.lower().endswith(".py") else []
    return [*start, program, str(source), str(target)]
