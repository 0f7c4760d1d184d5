"""What is believed of a title-block value, its normal form, and labels of the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.errors import ConfigError
from pipeline.extract.dates import DateEvidence
from pipeline.extract.field_normal import normal_scale, with_normal
from pipeline.extract.field_values import accept
from pipeline.extract.labels import load_labels
from pipeline.extract.model import MetadataField, Place
from pipeline.extract.options import ReadOptions
from pipeline.worker.reading import own_labels
from tests.unit.extract.title_blocks import drawn, fields_of, normals_of, read_drawn


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("size", "A4", "A4"),
        ("size", "(A3)", "A3"),
        ("size", "А2", "A2"),
        ("size", "DIN A3", "DIN A3"),
        ("size", "B", "B"),
        ("size", "12", None),
        ("size", "А4 ГОСТ 2.301", "A4"),
        ("weight", "136.39 gram", "136.39 gram"),
        ("weight", "gram", None),
        ("weight", "2,4", "2,4"),
        ("general_tolerance", "GB/T 1804-m", "GB/T 1804-m"),
        ("general_tolerance", "Din 2768-m", "Din 2768-m"),
        ("general_tolerance", "ALLGEMEINTOLERANZEN ISO 2768-mK", "ISO 2768-mK"),
        ("general_tolerance", "按GB/T 1804-m", "GB/T 1804-m"),
        ("general_tolerance", "ISO 13920-BF", "ISO 13920-BF"),
        ("general_tolerance", "ISO 2768 - mK", "ISO 2768 - mK"),
        ("general_tolerance", "DIN ISO 2768-1 m", "DIN ISO 2768-1 m"),
        ("general_tolerance", "±0.1", "±0.1"),
        ("general_tolerance", "6771-1", None),
        ("units", "mm.", "mm"),
        ("units", "INCHES", "INCHES"),
        ("units", "third angle", None),
        ("revision", "2015-H", "2015-H"),
        ("revision", "Rev. 2015-H", "2015-H"),
        ("revision", "2015-H2", None),
        ("revision", "4711-H", None),
        ("revision", "2015-01-02", None),
        ("sheets", "3 Bl.", "3"),
        ("sheets", "von 12", "12"),
        ("sheets", "0", None),
        ("sheet", "0/1", None),
        ("author", "J. Smith 12/04/2020", "J. Smith"),
        ("checked_by", "****", None),
        ("drawing_number", "Teilplan Nr", None),
        ("scale", "full size", "full size"),
        ("scale", "0:1", None),
        ("surface_treatment", "None", "None"),
        ("material", "unspecified", None),
    ],
)
def test_values_are_believed_only_where_they_fit_their_field(field: str, text: str, value: str | None) -> None:
    assert accept(field, text) == value


@pytest.mark.parametrize(
    ("field", "value", "normal"),
    [
        ("scale", "1:1.5", "2:3"),
        ("scale", "2,5:1", "5:2"),
        ("scale", "FULL", "1:1"),
        ("scale", "N.T.S.", None),
        ("sheet", "01", "1"),
        ("sheet", "1/3", "1/3"),
        ("weight", "797.1497 gram", "797.1497 g"),
        ("weight", "2,4 kg", "2400 g"),
        ("weight", "1.234,5 g", "1234.5 g"),
        ("weight", "2,4", None),
        ("weight", "3 lbs", "1360.77711 g"),
        ("weight", "12 грамм", "12 g"),
        ("weight", "0.5 t", "500000 g"),
        ("weight", "5 Teile", None),
        ("units", "MILLIMETERS", "mm"),
        ("units", "Zoll", "in"),
        ("size", "DIN A3", "A3"),
        ("size", "b", "B"),
        ("title", "Plate", None),
    ],
)
def test_values_have_one_form_for_all_sheets(field: str, value: str, normal: str | None) -> None:
    assert with_normal(MetadataField(field, value, value, Place(), "test", 0.9), DateEvidence()).normalised == normal


@given(st.integers(1, 500), st.integers(1, 500), st.integers(2, 9))
def test_a_scale_is_normalised_to_its_lowest_terms(a: int, b: int, factor: int) -> None:
    assert normal_scale(f"{a}:{b}") == normal_scale(f"{a * factor}:{b * factor}")


def test_a_date_in_doubt_loses_confidence_and_a_proved_one_does_not() -> None:
    field = MetadataField("date", "3-7-2013", "3-7-2013", Place(), "test", 0.9)
    doubted, proved = with_normal(field, DateEvidence(likely=True)), with_normal(field, DateEvidence(day_first=False))
    assert (doubted.normalised, doubted.confidence) == ("2013-07-03", 0.8)
    assert (proved.normalised, proved.confidence) == ("2013-03-07", 0.9)


@pytest.mark.parametrize("text", ["DRAWINGNO.", "DRAWlNG NO.", "MATERIA1", "Matenial", "Zeichnungsnunmer"])
def test_longer_labels_may_be_misread_by_a_letter_where_ocr_read_them(text: str) -> None:
    assert load_labels().match(text, tolerant=True) is not None
    assert load_labels().match(text) is None


@pytest.mark.parametrize("text", ["Sca1e", "Rey", "Dato:", "SHEET 1 OF 1", "Bolt"])
def test_short_labels_and_values_are_never_guessed(text: str) -> None:
    assert load_labels().match(text, tolerant=True) is None


def own_file(folder: Path, text: str) -> str:
    path = folder / "labels.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_labels_of_ones_own_are_added_and_win(tmp_path: Path) -> None:
    path = own_file(tmp_path, '[drawing_number]\nde = ["Ident-Code", "Sachkennzeichen", "Titel"]\n[tags]\nrevision = ["MY_REV"]\n')
    labels = load_labels(path)
    found = [labels.match(text) for text in ("IDENT CODE:", "Titel", "Benennung")]
    assert [match.field for match in found if match is not None] == ["drawing_number", "drawing_number", "title"]
    assert labels.field_of_attribute("MY_REV") == "revision"
    assert load_labels().match("Ident-Code") is None


def test_labels_of_ones_own_reach_the_reader(tmp_path: Path) -> None:
    block = drawn(
        [(300, 700, 440, 730), (440, 700, 560, 730), (440, 730, 560, 760)],
        [
            (303, 708, "Sachkennzeichen", 6),
            (310, 722, "K-77", 10),
            (443, 708, "Maßstab", 6),
            (450, 722, "1:5", 10),
            (443, 738, "Werkstoff", 6),
            (450, 752, "C45E", 10),
        ],
    )
    options = ReadOptions(ocr="off", title_block_labels=own_file(tmp_path, '[drawing_number]\nde = ["Sachkennzeichen"]\n'))
    assert fields_of(read_drawn(block, options=options))["drawing_number"] == "K-77"
    assert "drawing_number" not in fields_of(read_drawn(block))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[drawing_number\n", "cannot be read"),
        ('[colour]\nen = ["colour"]\n', "is no field"),
        ("[title]\nen = 3\n", "write each label list"),
        ('[title]\nen = ["code"]\n[revision]\nen = ["Code"]\n', "stands under"),
    ],
)
def test_a_file_of_labels_that_cannot_be_used_is_named_before_work_starts(tmp_path: Path, text: str, fault: str) -> None:
    config = tmp_path / "config.txt"
    config.write_text(f"TITLE_BLOCK_LABELS={own_file(tmp_path, text)}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=f"TITLE_BLOCK_LABELS: .*{fault}"):
        own_labels(Settings.load(config, {}))


def test_a_file_of_labels_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        load_labels(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("text", ["Revision:2015-H", "Revision: 2015-H", "REV.:B"])
def test_a_revision_is_read_right_behind_the_colon_of_its_label(text: str) -> None:
    cells = ((300.0, 700.0, 440.0, 720.0), (440.0, 700.0, 580.0, 720.0), (300.0, 720.0, 440.0, 740.0), (440.0, 720.0, 580.0, 740.0))
    texts = ((305.0, 713.0, "Scale: 1:2", 8.0), (445.0, 713.0, "Title: Bracket", 8.0), (305.0, 733.0, "Material: Steel", 8.0))
    read = fields_of(read_drawn(drawn(cells, (*texts, (445.0, 733.0, text, 8.0)))))
    assert read["revision"] == text.partition(":")[2].strip()


@pytest.mark.parametrize(
    ("label", "value", "normal"),
    [
        ("Peso (kg)", "1,24", "1240 g"),
        ("Gewicht [kg]", "0,5", "500 g"),
        ("Масса, кг", "2,4", "2400 g"),
        ("Weight (lbs)", "2", "907.18474 g"),
        ("Weight (kg)", "250 g", "250 g"),
        ("Peso", "1,24", None),
    ],
)
def test_a_bare_mass_is_in_the_unit_of_its_label(label: str, value: str, normal: str | None) -> None:
    texts = [(300.0, 700.0 + 12 * row, text, 7.0) for row, text in enumerate((f"{label}: {value}", "SCALE: 1:2", "DRAWING NO: AB-1234"))]
    drawing = read_drawn(drawn([], texts, fontname="china-s"))
    assert (fields_of(drawing).get("weight"), normals_of(drawing).get("weight")) == (value, normal)


def test_a_word_in_ideographs_at_the_edge_of_the_sheet_is_no_zone_mark() -> None:
    cells = [(x, 800.0 + 14 * row, x + 100, 814.0 + 14 * row) for row in range(3) for x in (380.0, 480.0)]
    rows = (("图号", "KX-2210-07"), ("比例", "1:2"), ("表面处理", "镀锌"))
    texts = [(x + 4, 810.0 + 14 * row, text, 8.0) for row, pair in enumerate(rows) for x, text in zip((380.0, 480.0), pair, strict=True)]
    assert fields_of(read_drawn(drawn(cells, texts, fontname="china-s")))["surface_treatment"] == "镀锌"
