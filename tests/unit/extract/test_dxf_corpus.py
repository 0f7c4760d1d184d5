"""Real DXFs with figures that are known (skipped where there is no corpus)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.model import Drawing

SAME_DRAWING = ("r12", "r14", "2000", "2010", "2018")
DIMENSIONS = [108.0, 277.87, 317.88, 449.6, 514.34, 1504.68, 4177.65, 4630.52, 4701.85]  # one of the newest releases is new in kind


def read(corpus: Path, name: str) -> Drawing:
    path = corpus / "dxf" / name
    if not path.is_file():
        pytest.skip(f"no {name} in the corpus")
    return read_dxf(path.read_bytes())


@pytest.mark.parametrize("release", SAME_DRAWING)
def test_the_same_drawing_has_the_same_dimensions_in_every_release(corpus: Path, release: str) -> None:
    drawing = read(corpus, f"libredwg__example_{release}.dxf")
    shown = sorted(round(found.nominal or 0.0, 2) for found in drawing.dimensions if found.kind != "arc_length")
    assert shown == DIMENSIONS
    assert drawing.outlines == ()


@pytest.mark.parametrize(
    ("name", "size", "holes"),
    [
        ("voron0__Bottom_Panel.dxf", (213, 213), ({"diameter": 3.4, "count": 4},)),
        ("voron0__Rear_Panel_Bottom.dxf", (212, 185), ()),
        ("voron0__Mid_Panel.dxf", (230, 170), ({"diameter": 3.4, "count": 2},)),
        ("vtrident__300_deck.dxf", (419, 419), ()),
        (
            "umop__1501-D_fan_cap.dxf", (200.15, 84.93),
            ({"diameter": 2.2, "count": 2}, {"diameter": 3.5, "count": 2}, {"diameter": 3.7, "count": 2}, {"diameter": 7.0, "count": 2},
             {"diameter": 15.0, "count": 2}, {"diameter": 45.0, "count": 1}),
        ),
    ],
)
def test_flat_patterns_have_the_size_and_the_holes_of_their_drawings(
    corpus: Path, name: str, size: tuple[float, float], holes: tuple[dict[str, float], ...]
) -> None:
    (found,) = read(corpus, name).outlines
    assert (found.width_mm, found.height_mm) == pytest.approx(size, abs=0.02)
    assert found.holes == holes


@pytest.mark.parametrize(
    "name",
    ["qcad__DIN-A3-Querformat-Rahmen-PK_archi_01.dxf", "qcad__nur_Plankopf.dxf", "qcad__din_a3_m_landscape.dxf", "librecad__A4_1_draw.dxf",
     "librecad__t-part.dxf", "ezdxf__acad_table_simple.dxf", "dxfparser__api-cw750-details.dxf"],
)
def test_frames_forms_views_and_tables_are_no_parts(corpus: Path, name: str) -> None:
    assert read(corpus, name).outlines == ()


@pytest.mark.parametrize(
    ("name", "word"),
    [("corrupt__truncated_mid_entities.dxf", "recovered"), ("corrupt__groupcode_shift.dxf", "resynchronised"),
     ("corrupt__binary_overwritten.dxf", "binary_damaged")],
)
def test_damaged_files_are_read_in_part_and_say_how(corpus: Path, name: str, word: str) -> None:
    drawing = read(corpus, name)
    assert (drawing.partial, drawing.warnings[0]) == (True, word)
    assert drawing.properties["entity_counts"]


def test_a_file_of_blocks_alone_gives_its_blocks(corpus: Path) -> None:
    drawing = read(corpus, "dxfparser__blocks.dxf")
    assert len(drawing.blocks) > 10
    assert all(block.insert_count == 0 or block.content_hash for block in drawing.blocks)
