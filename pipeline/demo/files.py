"""Which sample file lies where, and the one function that writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pipeline.demo.cutting import Component, flat_plate, flat_side, layout, roller, screw_m8
from pipeline.demo.drawings import BUSHING, MOTOR_PLATE, MOUNTING_PLATE, SIDE, drawing
from pipeline.demo.dxf import dxf_bytes
from pipeline.demo.odd import broken_dxf, corrupt_pdf, encrypted_pdf
from pipeline.demo.papers import bom_csv, bom_xlsx, mail, readme, web_page
from pipeline.demo.pdf import pdf_bytes
from pipeline.demo.solids import step_box, stl_box

GEARBOX = "P-2041 Gearbox"
CONVEYOR = "P-2077 Conveyor"
RETROFIT = "P-2090 Retrofit"


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file of the demo.

    path     relative to the folder, with `/`
    kind     'pdf', 'dxf', 'flat', 'layout', 'step', 'stl', 'text', 'csv', 'html', 'mail', 'xlsx', or what is wrong with it:
             'corrupt', 'encrypted', 'empty', 'misnamed', 'broken', 'duplicate'
    purpose  one short line for a person
    """

    path: str
    kind: str
    purpose: str


@dataclass(frozen=True, slots=True)
class _Recipe:
    file: SampleFile
    make: Callable[[], bytes]


def write_sample_files(folder: Path) -> list[SampleFile]:
    """Write the sample files below `folder` (made if missing); files whose bytes are right stay untouched.

    The bytes depend on nothing but the versions of PyMuPDF and ezdxf. Raises OSError where a file cannot be
    written.
    """
    for recipe in _recipes():
        _write_if_different(folder / recipe.file.path, recipe.make())
    return sample_files()


def sample_files() -> list[SampleFile]:
    """What `write_sample_files` writes, in its order."""
    return [recipe.file for recipe in _recipes()]


def _write_if_different(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _recipes() -> list[_Recipe]:
    return [*_pdfs(), *_dxfs(), *_plain_dxfs(), *_solids(), *_papers(), *_bad_ones()]


def _recipe(path: str, kind: str, purpose: str, make: Callable[[], bytes]) -> _Recipe:
    return _Recipe(SampleFile(path, kind, purpose), make)


def _pdf(path: str, number: str, purpose: str) -> _Recipe:
    return _recipe(path, "pdf", purpose, partial(pdf_bytes, drawing(number)))


def _dxf(path: str, number: str, purpose: str, *, sheet: int = 1, version: str = "R2010") -> _Recipe:
    return _recipe(path, "dxf", purpose, partial(dxf_bytes, drawing(number), sheet=sheet, version=version))


def _pdfs() -> list[_Recipe]:
    drawings, sheets = f"{GEARBOX}/drawings", f"{CONVEYOR}/drawings"
    old = drawing("DM-1001").as_revision("A")
    return [
        _pdf(f"{drawings}/DM-1001.pdf", "DM-1001", "flange with section, revision B"),
        _recipe(f"{drawings}/dm-1001 (2).pdf", "pdf", "a copy that kept revision A", partial(pdf_bytes, old)),
        _pdf(f"{drawings}/DM-1002.pdf", "DM-1002", "shaft with fits, key seat and thread"),
        _pdf(f"{drawings}/DM-1003_revC.pdf", "DM-1003", "plate with holes, revision in the name"),
        _pdf(f"{drawings}/DM-1004.pdf", "DM-1004", "German bracket, comma decimals"),
        _pdf(f"{drawings}/DM-1005.pdf", "DM-1005", "German bushing at 2:1"),
        _pdf(f"{drawings}/DM-1006.pdf", "DM-1006", "two sheets in one file"),
        _pdf(f"{drawings}/DM-1010 Gearbox complete.pdf", "DM-1010", "assembly with parts list"),
        _pdf(f"{GEARBOX}/archive/DM-0998 scan.pdf", "DM-0998", "old scan, a picture without text"),
        _pdf(f"{sheets}/FB-2101.pdf", "FB-2101", "German roller, half section"),
        _pdf(f"{sheets}/FB-2102 Seitenblech für Förderband.pdf", "FB-2102", "spaces and umlauts in the name"),
        _pdf(f"{sheets}/FB-2103.pdf", "FB-2103", "French bracket"),
        _pdf(f"{sheets}/FB-2104.pdf", "FB-2104", "a page that the viewer turns by 90°"),
        _pdf(f"{sheets}/FB-2110_Antriebsstation.pdf", "FB-2110", "German assembly with Stückliste"),
        _pdf(f"{RETROFIT}/US-7001.pdf", "US-7001", "inch drawing"),
    ]


def _dxfs() -> list[_Recipe]:
    cad, flat = f"{GEARBOX}/cad", f"{CONVEYOR}/cad"
    stale = replace(drawing("DM-1003").as_revision("B"), material="S235JR")
    return [
        _dxf(f"{cad}/DM-1001_revB.dxf", "DM-1001", "revision suffix"),
        _dxf(f"{cad}/DM-1002.dxf", "DM-1002", "same name as its PDF", version="R2000"),
        _recipe(f"{cad}/dm-1003.dxf", "dxf", "left behind: revision B, older material", partial(dxf_bytes, stale)),
        _dxf(f"{cad}/DM-1004-A.dxf", "DM-1004", "revision letter after a hyphen"),
        _dxf(f"{cad}/DM-1006_sheet1.dxf", "DM-1006", "first of two sheets"),
        _dxf(f"{cad}/DM-1006_sheet2.dxf", "DM-1006", "second of two sheets", sheet=2),
        _dxf(f"{flat}/FB-2101.DXF", "FB-2101", "extension in capitals", version="R2013"),
        _dxf(f"{flat}/FB-2102 Rev 1.dxf", "FB-2102", "angle and ordinate dimensions"),
        _dxf(f"{flat}/FB_2104.dxf", "FB-2104", "underscore instead of hyphen"),
        _dxf(f"{RETROFIT}/us-7001.dxf", "US-7001", "inch units in the header", version="R2018"),
    ]


def _plain_dxfs() -> list[_Recipe]:
    laser, cad = f"{CONVEYOR}/cad", f"{GEARBOX}/cad"
    rollers = Component("TRAGROLLE", roller, [(400.0 * k, 0.0) for k in range(5)], {"SACHNUMMER": "FB-2101"})
    feet = Component("ISO4762-M8", screw_m8, [(x, y) for x in (0.0, 1600.0) for y in (-120.0, 120.0)], {"NORM": "ISO 4762 - M8x25"})
    cover = [(x, y) for x in (22.0, 218.0) for y in (22.0, 75.0, 128.0)]
    screws = Component("SHCS_M8", screw_m8, [*cover, (120.0, 22.0), (120.0, 128.0)], {"NORM": "ISO 4762 - M8x25"})
    return [
        _recipe(f"{laser}/FB-2102 flat.dxf", "flat", "for the laser: loose lines and arcs", partial(flat_side, SIDE)),
        _recipe(f"{laser}/FB-2104 flat.dxf", "flat", "for the laser, 1 mm lower than drawn", partial(flat_plate, MOTOR_PLATE, short=1.0)),
        _recipe(f"{laser}/FB-2110 layout.dxf", "layout", "blocks with attributes", partial(layout, (rollers, feet))),
        _recipe(f"{cad}/DM-1010 layout.dxf", "layout", "the same screw under another name", partial(layout, (screws,))),
    ]


def _solids() -> list[_Recipe]:
    plate = (MOUNTING_PLATE.width, MOUNTING_PLATE.height, MOUNTING_PLATE.thickness)
    motor = (MOTOR_PLATE.width, MOTOR_PLATE.height, MOTOR_PLATE.thickness)
    bushing = (BUSHING.outer, BUSHING.outer, BUSHING.length)
    return [
        _recipe(f"{GEARBOX}/cad/DM-1003.step", "step", "blank of the plate", partial(step_box, "DM-1003", plate)),
        _recipe(
            f"{CONVEYOR}/cad/FB-2104.stp",
            "step",
            "blank of the motor plate",
            partial(step_box, "FB-2104", motor),
        ),
        _recipe(f"{GEARBOX}/cad/DM-1005.stl", "stl", "blank of the bushing", partial(stl_box, "DM-1005", bushing)),
    ]


def _papers() -> list[_Recipe]:
    gearbox, conveyor = drawing("DM-1010"), drawing("FB-2110")
    change = partial(mail, drawing("DM-1001"))
    return [
        _recipe("README.txt", "text", "what this folder is", readme),
        _recipe(f"{GEARBOX}/DM-1010 parts list.csv", "csv", "parts list, semicolons", partial(bom_csv, gearbox)),
        _recipe(f"{GEARBOX}/DM-1010 assembly.html", "html", "assembly instruction", partial(web_page, gearbox)),
        _recipe(f"{GEARBOX}/mail/DM-1001 rev B.eml", "mail", "note about a change", change),
        _recipe(f"{CONVEYOR}/FB-2110 Stückliste.xlsx", "xlsx", "parts list, workbook", partial(bom_xlsx, conveyor)),
    ]


def _bad_ones() -> list[_Recipe]:
    incoming = f"{CONVEYOR}/incoming"
    locked, copy = partial(encrypted_pdf, drawing("DM-1004")), partial(pdf_bytes, drawing("DM-1005"))
    wrong = partial(pdf_bytes, drawing("FB-2103"))
    return [
        _recipe(f"{GEARBOX}/incoming/DM-1007 damaged.pdf", "corrupt", "a header and noise", corrupt_pdf),
        _recipe(f"{GEARBOX}/incoming/DM-1004 locked.pdf", "encrypted", "needs a password", locked),
        _recipe(f"{CONVEYOR}/supplier/DM-1005.pdf", "duplicate", "the same bytes as the gearbox's", copy),
        _recipe(f"{incoming}/FB-2107.pdf", "empty", "zero bytes", bytes),
        _recipe(f"{incoming}/FB-2103.dxf", "misnamed", "a PDF named .dxf", wrong),
        _recipe(
            f"{incoming}/FB-2102 repair.dxf",
            "broken",
            "readable after recovery",
            partial(broken_dxf, drawing("FB-2102")),
        ),
    ]
