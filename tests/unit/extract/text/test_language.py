"""Languages are named where words tell them, and 'und' where numbers, codes and labels do not."""

from __future__ import annotations

import pytest

from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.language import Languages, language_of
from tests.unit.extract.text.documents import chunked, document, page, with_options

SAMPLES = {
    "en": "Remove all burrs and sharp edges before the part is painted and inspected by the quality department.",
    "de": "Alle Kanten sind zu brechen, bevor das Teil lackiert und von der Qualitätssicherung geprüft wird.",
    "fr": "Ébavurer toutes les arêtes vives avant que la pièce soit peinte et contrôlée par le service qualité.",
    "es": "Eliminar todas las rebabas y los cantos vivos antes de pintar la pieza y de que sea inspeccionada.",
    "it": "Rimuovere tutte le bave e gli spigoli vivi prima che il pezzo venga verniciato e controllato.",
    "nl": "Verwijder alle bramen en scherpe randen voordat het onderdeel wordt geverfd en gekeurd.",
    "pl": "Usunąć wszystkie zadziory i ostre krawędzie, zanim część zostanie pomalowana i sprawdzona.",
    "cs": "Odstraňte všechny otřepy a ostré hrany, než bude díl natřen a zkontrolován oddělením kvality.",
    "ru": "Удалить все заусенцы и острые кромки до того, как деталь будет окрашена и проверена.",
    "zh": "技术要求：全部尺寸均按图纸标注执行，去除所有毛刺和锐边，并检验合格后方可入库。",
    "ja": "部品を塗装して検査する前に、すべてのバリと鋭いエッジを取り除いてください。",
}


@pytest.mark.parametrize(("language", "text"), SAMPLES.items(), ids=SAMPLES)
def test_sentences_are_told(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("12.5 ±0.1 | 2x45° | R0.5 | 4xØ5.8 | 298.98 | 1/3", id="dimensions"),
        pytest.param("DM-1001 M8x1.25 1.4301 EN 10088-3 ISO 2768-mK A2-70 DIN 912", id="codes"),
        pytest.param("A B C D 1 2 3 4 REV DRW CHK APP", id="frame"),
        pytest.param("Shaft", id="one-word"),
        pytest.param("Xyzzy plugh qwrt bcdfg hjklm npqrs tvwxz brrr szmyn hhhqx vvk zzkqj wkdxz", id="no-words"),
    ],
)
def test_numbers_codes_and_few_words_are_undetermined(text: str) -> None:
    assert language_of(text) == "und"


def test_a_foreign_company_name_does_not_make_a_sheet_foreign() -> None:
    text = "General tolerance reference, surface treatment: black powder, remove all sharp edges 深圳市创想三维科技有限公司"
    assert language_of(text) in {"en", "und"}


def test_a_few_words_among_german_text_are_german_and_codes_stay_undetermined() -> None:
    languages = Languages([SAMPLES["de"]] * 6 + ["Maße prüfen", "DM-1001"])
    assert languages.document == "de"
    assert [languages.of(index) for index in range(8)] == ["de"] * 7 + ["und"]


def test_the_parts_of_a_document_in_two_languages_are_told_apart() -> None:
    pages = [page(1, " ".join([SAMPLES["en"]] * 9)), page(2, " ".join([SAMPLES["de"]] * 9))]
    result = chunk_document(document(*pages, kind="pdf"), with_options(chunk_overlap=0))
    assert {chunk.page_start: chunk.language for chunk in result.chunks} == {1: "en", 2: "de"}
    assert result.language == "und"


def test_a_foreign_chapter_of_a_long_document_is_found() -> None:
    texts = [SAMPLES["en"]] * 300
    texts[151:170] = [SAMPLES["fr"]] * 19
    languages = Languages(texts)
    found = [languages.of(index) for index in range(300)]
    assert languages.document == "en"
    assert found == ["en"] * 151 + ["fr"] * 19 + ["en"] * 130


def test_a_chunked_document_bears_its_language() -> None:
    assert chunked(SAMPLES["de"] * 4).language == "de"
