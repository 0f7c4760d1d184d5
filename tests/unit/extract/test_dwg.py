"""DWG files, by way of a converter: a script that stands in for one, run as a real process."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.errors import CorruptFile, UnsupportedFormat
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from tests.unit.extract.drawings import dxf_bytes, new_dxf

DWG = b"AC1032\x00\x00\x00\x00\x00" + bytes(200)


def converter(folder: Path, body: str) -> ReadOptions:
    """Options that name a script; `source` and `target` are its two arguments."""
    script = folder / "fakedwg.py"
    head = "import pathlib, sys, time\nsource, target = map(pathlib.Path, sys.argv[1:])\n"
    script.write_text(head + body, encoding="utf-8")
    return replace(DEFAULT_OPTIONS, dwg_converter=str(script))


def made_dxf(folder: Path) -> Path:
    document = new_dxf()
    document.modelspace().add_text("from a DWG", height=2.5)
    path = folder / "made.dxf"
    path.write_bytes(dxf_bytes(document))
    return path


def test_a_dwg_is_read_as_the_dxf_that_the_converter_makes(tmp_path: Path) -> None:
    body = f"assert source.read_bytes().startswith(b'AC1032')\ntarget.write_bytes(pathlib.Path({str(made_dxf(tmp_path))!r}).read_bytes())\n"
    drawing = read_dxf(DWG, converter(tmp_path, body))
    assert drawing.pages[0].text == "from a DWG"
    assert drawing.warnings == ("converted:fakedwg",)
    assert drawing.properties["converted_from"] == "dwg"


def test_the_converter_is_told_nothing_of_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_URL", "postgresql://somebody:secret@db/draftmill")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("LC_NUMERIC", "C")
    seen = tmp_path / "seen.txt"
    copy = f"target.write_bytes(pathlib.Path({str(made_dxf(tmp_path))!r}).read_bytes())\n"
    lines = r"'\n'.join(f'{name}={value}' for name, value in os.environ.items())"
    body = f"import os\npathlib.Path({str(seen)!r}).write_text({lines}, encoding='utf-8')\n"
    read_dxf(DWG, converter(tmp_path, body + copy))
    told = dict(line.partition("=")[::2] for line in seen.read_text(encoding="utf-8").splitlines())
    assert told.keys() >= {"PATH", "LC_NUMERIC", "QT_QPA_PLATFORM"}
    assert not told.keys() & {"DB_URL", "PGPASSWORD"}
    assert "secret" not in " ".join(told.values())


def test_without_a_converter_the_reason_names_the_setting() -> None:
    with pytest.raises(UnsupportedFormat, match=r"no DWG converter is configured \(DWG_CONVERTER\)"):
        read_dxf(DWG)


def test_a_converter_that_is_not_there_is_named_as_such() -> None:
    with pytest.raises(UnsupportedFormat, match="not on this machine"):
        read_dxf(DWG, replace(DEFAULT_OPTIONS, dwg_converter="/no/such/program"))


@pytest.mark.parametrize("body", ["sys.exit(1)\n", "target.touch()\n"], ids=["fails", "writes nothing"])
def test_a_dwg_that_the_converter_cannot_read_is_corrupt(tmp_path: Path, body: str) -> None:
    with pytest.raises(CorruptFile, match="fakedwg made no DXF"):
        read_dxf(DWG, converter(tmp_path, body))


def test_a_converter_that_complains_but_writes_a_dxf_is_believed(tmp_path: Path) -> None:
    body = f"target.write_bytes(pathlib.Path({str(made_dxf(tmp_path))!r}).read_bytes())\nsys.exit(1)\n"
    assert read_dxf(DWG, converter(tmp_path, body)).pages[0].text == "from a DWG"


def test_a_converter_that_hangs_is_ended(tmp_path: Path) -> None:
    options = replace(converter(tmp_path, "time.sleep(60)\n"), dwg_seconds=0.5)
    with pytest.raises(CorruptFile, match="did not finish"):
        read_dxf(DWG, options)


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("dwg2dxf", '[ "$1" = -y ] && [ "$2" = -o ] && cp made.dxf "$3" && [ -f "$4" ]'),
        ("dwgread", '[ "$1 $2 $3" = "-O DXF -o" ] && cp made.dxf "$4" && [ -f "$5" ]'),
        ("ODAFileConverter", '[ "$3 $4 $5 $6" = "ACAD2018 DXF 0 1" ] && [ -f "$1/drawing.dwg" ] && cp made.dxf "$2/drawing.dxf"'),
    ],
)
def test_known_converters_are_called_in_their_own_way(tmp_path: Path, name: str, arguments: str) -> None:
    script = tmp_path / name
    script.write_text("#!/bin/sh\n" + arguments.replace("made.dxf", str(made_dxf(tmp_path))) + "\n", encoding="utf-8")
    script.chmod(0o755)
    drawing = read_dxf(DWG, replace(DEFAULT_OPTIONS, dwg_converter=str(script)))
    assert drawing.warnings == (f"converted:{name}",)
