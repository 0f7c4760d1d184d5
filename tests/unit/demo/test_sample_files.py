"""The demo's files are the same everywhere, good where they claim to be good, and bad in the way they claim."""

from __future__ import annotations

import csv
import email
import email.policy
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import ezdxf
import ezdxf.recover
import pymupdf
import pytest

from pipeline.demo import sample_files, write_sample_files
from pipeline.demo.drawings import DRAWINGS, drawing
from pipeline.demo.odd import PASSWORD
from pipeline.demo.render import hatch_lines
from pipeline.demo.shapes import GERMAN, INCH, METRIC, LinearDim, NumberStyle, RoundDim, Tolerance, limits, main_text

REPOSITORY = Path(__file__).parents[3]
NUMBER = re.compile(r"(DM|FB|US)[-_](\d{4})", re.IGNORECASE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    write_sample_files(target)
    return target


def of_kind(*kinds: str) -> list[str]:
    return [file.path for file in sample_files() if file.kind in kinds]


def number_in(path: str) -> str:
    found = NUMBER.search(path.rsplit("/", 1)[-1])
    assert found is not None, path
    return f"{found[1]}-{found[2]}".upper()


def hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def only_path(kind: str) -> str:
    (path,) = of_kind(kind)
    return path


def test_the_list_names_exactly_the_files_that_are_written(folder: Path) -> None:
    assert sorted(hashes(folder)) == sorted(file.path for file in sample_files())


def test_there_are_about_forty_files_of_many_kinds() -> None:
    files = sample_files()
    assert 36 <= len(files) <= 45
    assert len(of_kind("pdf")) >= 14
    assert len(of_kind("dxf")) >= 10
    assert {"corrupt", "encrypted", "empty", "misnamed", "broken", "duplicate"} <= {file.kind for file in files}


def test_each_file_says_in_one_short_line_what_it_is_for() -> None:
    for file in sample_files():
        assert 0 < len(file.purpose) <= 60
        assert "\n" not in file.purpose


def test_no_two_paths_differ_by_case_alone() -> None:
    paths = [file.path.casefold() for file in sample_files()]
    assert len(set(paths)) == len(paths)  # Windows and macOS would keep one of them


def test_paths_are_ones_that_windows_takes() -> None:
    for file in sample_files():
        assert not re.search(r'[<>:"\\|?*]', file.path)
        assert not any(part.endswith((" ", ".")) for part in file.path.split("/"))


def test_most_files_lie_below_a_project_code() -> None:
    coded = [file for file in sample_files() if re.match(r"P-\d{4}\b", file.path)]
    assert len(coded) == len(sample_files()) - 1  # all but the readme


@pytest.mark.parametrize("seed", ["1", "4"])  # sets of names walk differently under these two
def test_another_process_with_another_hash_seed_writes_the_same_bytes(folder: Path, tmp_path: Path, seed: str) -> None:
    code = "import sys, pathlib; from pipeline.demo import write_sample_files; write_sample_files(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=REPOSITORY, env=environment)
    assert hashes(tmp_path) == hashes(folder)


def test_a_second_call_touches_only_what_is_wrong(tmp_path: Path) -> None:
    first = write_sample_files(tmp_path)
    long_ago = 1_000_000_000
    for file in first:
        os.utime(tmp_path / file.path, (long_ago, long_ago))
    spoilt = tmp_path / "README.txt"
    spoilt.write_bytes(b"spoilt")

    assert write_sample_files(tmp_path) == first

    assert spoilt.read_bytes().startswith(b"Sample files")
    touched = [file.path for file in first if (tmp_path / file.path).stat().st_mtime != long_ago]
    assert touched == ["README.txt"]


@pytest.mark.parametrize("path", [p for p in of_kind("pdf", "duplicate") if "scan" not in p])
def test_a_good_pdf_shows_its_number_title_and_material_on_every_sheet(folder: Path, path: str) -> None:
    spec = drawing(number_in(path))
    with pymupdf.open(folder / path) as document:
        assert not document.is_repaired
        assert document.page_count == len(spec.sheets)
        for page in document:
            text = page.get_text()
            assert spec.number in text
            assert spec.title in text
            assert spec.material in text


@pytest.mark.parametrize("spec", [s for s in DRAWINGS if not s.scanned], ids=lambda spec: spec.number)
def test_a_pdf_shows_every_dimension_of_the_table(folder: Path, spec) -> None:
    path = next(p for p in of_kind("pdf") if number_in(p) == spec.number)
    with pymupdf.open(folder / path) as document:
        for page, sheet in zip(document, spec.sheets, strict=True):
            lines = page.get_text().splitlines()
            for placed in sheet:
                for item in placed.view:
                    if hasattr(item, "value"):
                        assert main_text(item, spec.numbers) in lines


@pytest.mark.parametrize("spec", [s for s in DRAWINGS if not s.scanned], ids=lambda spec: spec.number)
def test_all_text_lies_inside_the_frame_of_its_page(folder: Path, spec) -> None:
    path = next(p for p in of_kind("pdf") if number_in(p) == spec.number)
    with pymupdf.open(folder / path) as document:
        for page in document:
            sheet = page.rect
            for word in page.get_text("words"):
                assert sheet.contains(pymupdf.Rect(word[:4]) * page.rotation_matrix), word[4]


def test_one_page_is_turned_by_the_viewer_and_reads_upright(folder: Path) -> None:
    path = next(p for p in of_kind("pdf") if number_in(p) == "FB-2104")
    with pymupdf.open(folder / path) as document:
        page = document[0]
        assert page.rotation == 90
        assert page.rect.width > page.rect.height
        (box,) = page.search_for("Motorplatte")
        shown = box * page.rotation_matrix
        assert shown.width > shown.height


def test_the_scan_is_a_picture_without_text(folder: Path) -> None:
    (path,) = [p for p in of_kind("pdf") if "scan" in p]
    with pymupdf.open(folder / path) as document:
        assert document[0].get_text().strip() == ""
        assert len(document[0].get_images()) == 1


def test_the_copy_with_a_marker_kept_the_older_revision(folder: Path) -> None:
    drawings = folder / "P-2041 Gearbox" / "drawings"
    with pymupdf.open(drawings / "dm-1001 (2).pdf") as copy, pymupdf.open(drawings / "DM-1001.pdf") as current:
        assert "Bore 40 H7 was 38 H7" not in copy[0].get_text()
        assert "Bore 40 H7 was 38 H7" in current[0].get_text()


@pytest.mark.parametrize("path", of_kind("dxf"))
def test_a_dxf_passes_the_audit_and_carries_its_title_block(folder: Path, path: str) -> None:
    document = ezdxf.readfile(folder / path)
    auditor = document.audit()
    assert (auditor.errors, auditor.fixes) == ([], [])
    spec = drawing(number_in(path)) if path.rsplit("/", 1)[-1] != "dm-1003.dxf" else drawing("DM-1003").as_revision("B")
    (insert,) = document.modelspace().query('INSERT[name=="TITLE_BLOCK"]')
    fields = {attribute.dxf.tag: attribute.dxf.text for attribute in insert.attribs}
    assert fields["DRAWING_NUMBER"] == spec.number
    assert fields["REVISION"] == spec.revision
    assert document.header["$INSUNITS"] == (1 if spec.unit == "in" else 4)


@pytest.mark.parametrize("path", of_kind("dxf"))
def test_a_dxf_measures_what_its_pdf_shows(folder: Path, path: str) -> None:
    spec = drawing(number_in(path))
    sheet = spec.sheets[1 if "sheet2" in path else 0]
    table = [round(item.value, 4) for placed in sheet for item in placed.view if hasattr(item, "value")]
    entities = ezdxf.readfile(folder / path).modelspace().query("DIMENSION")
    assert sorted(round(float(_measured(entity)), 4) for entity in entities) == sorted(table)


def _measured(entity) -> float:
    """The measured value; an ordinate gives the distance along its axis."""
    value = entity.get_measurement()
    return abs(value.x if entity.dxf.dimtype & 64 else value.y) if hasattr(value, "x") else value


def test_the_dxfs_hold_dimensions_of_five_kinds(folder: Path) -> None:
    kinds = set()
    for path in of_kind("dxf"):
        kinds |= {dim.dimtype for dim in ezdxf.readfile(folder / path).modelspace().query("DIMENSION")}
    assert {0, 3, 4, 5, 6} <= kinds  # linear, diameter, radius, angular, ordinate


def test_the_corrupt_pdf_cannot_be_opened(folder: Path) -> None:
    path = folder / only_path("corrupt")
    assert path.read_bytes().startswith(b"%PDF-")
    with pytest.raises(pymupdf.FileDataError):
        pymupdf.open(path)


def test_the_encrypted_pdf_opens_with_its_password_alone(folder: Path) -> None:
    with pymupdf.open(folder / only_path("encrypted")) as document:
        assert document.needs_pass
        assert not document.authenticate("wrong")
        assert document.authenticate(PASSWORD)
        assert "DM-1004" in document[0].get_text()


def test_the_duplicate_has_a_twin_in_another_folder(folder: Path) -> None:
    path = only_path("duplicate")
    found = hashes(folder)
    twins = [other for other, digest in found.items() if digest == found[path] and other != path]
    assert len(twins) == 1
    assert Path(twins[0]).parent != Path(path).parent


def test_the_empty_file_has_no_bytes(folder: Path) -> None:
    assert (folder / only_path("empty")).stat().st_size == 0


def test_the_misnamed_file_is_a_pdf_called_dxf(folder: Path) -> None:
    path = folder / only_path("misnamed")
    assert path.suffix == ".dxf"
    assert path.read_bytes().startswith(b"%PDF-")


def test_the_broken_dxf_is_refused_by_a_strict_reader_and_recovered_whole(folder: Path) -> None:
    path = folder / only_path("broken")
    with pytest.raises(ezdxf.DXFStructureError):
        ezdxf.readfile(path)
    document, auditor = ezdxf.recover.readfile(path)
    assert not auditor.has_errors
    whole = ezdxf.readfile(folder / "P-2077 Conveyor" / "cad" / "FB-2102 Rev 1.dxf")
    assert len(document.modelspace()) == len(whole.modelspace())


def test_the_stl_box_has_twelve_triangles(folder: Path) -> None:
    lines = (folder / only_path("stl")).read_text(encoding="ascii").splitlines()
    assert lines[0] == "solid DM-1005"
    assert sum(line.strip().startswith("facet normal") for line in lines) == 12


@pytest.mark.parametrize("path", of_kind("step"))
def test_each_reference_in_a_step_file_is_defined_once(folder: Path, path: str) -> None:
    text = (folder / path).read_text(encoding="ascii")
    defined = re.findall(r"^(#\d+)=", text, re.MULTILINE)
    used = set(re.findall(r"[(,](#\d+)", text))
    assert len(defined) == len(set(defined))
    assert used <= set(defined)
    assert text.count("EDGE_CURVE(") == 12
    assert text.count("ORIENTED_EDGE(") == 24


def test_the_parts_lists_agree_with_the_drawing(folder: Path) -> None:
    text = (folder / only_path("csv")).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[2] for row in rows[1:]] == [item.number for item in drawing("DM-1010").bom]
    with zipfile.ZipFile(folder / only_path("xlsx")) as archive:
        assert archive.testzip() is None
        assert "Fördergurt 500 breit" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_mail_can_be_parsed(folder: Path) -> None:
    message = email.message_from_bytes((folder / only_path("mail")).read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "DM-1001 rev B"
    assert "Bore 40 H7" in message.get_content()


@pytest.mark.parametrize(
    ("style", "value", "shown"),
    [
        pytest.param(METRIC, 25.0, "25", id="whole"),
        pytest.param(METRIC, 100.0, "100", id="zeros before the point stay"),
        pytest.param(GERMAN, 8.4, "8,4", id="comma"),
        pytest.param(INCH, 0.5, ".500", id="inch"),
    ],
)
def test_numbers_are_written_as_the_country_does(style: NumberStyle, value: float, shown: str) -> None:
    assert style.show(value) == shown


def test_equal_deviations_become_plus_minus_and_others_are_stacked() -> None:
    equal = LinearDim((0, 0), (25, 9), 10, tolerance=Tolerance(0.1, -0.1))
    assert (main_text(equal, METRIC), limits(equal, METRIC)) == ("25 ±0.1", None)
    unequal = RoundDim((0, 0), 36, (9, 9), tolerance=Tolerance(0.0, -0.046))
    assert (main_text(unequal, GERMAN), limits(unequal, GERMAN)) == ("Ø72", ("0", "-0,046"))


def test_hatch_lines_stay_inside_their_polygon() -> None:
    notched = [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (10.0, 30.0), (10.0, 10.0), (0.0, 10.0)]
    lines = hatch_lines(notched, 45)
    assert lines
    for (x1, y1), (x2, y2) in lines:
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        assert 0 <= x <= 30
        assert 0 <= y <= 30
        assert not (x < 10 and y > 10)
