"""How a sheet states the number of parts in its list, in the languages of data/bom_headers.toml."""

from __future__ import annotations

import re

import pytest

from pipeline.index.record_inputs import _stated_total


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Total quantity parts: 16", "16"), ("TOTAL  QTY = 4", "4"), ("Total number of items:7", "7"), ("GESAMTSTÜCKZAHL: 16", "16"),
        ("Nombre total de pièces : 8", "8"), ("Totaal aantal: 9", "9"), ("Totale pezzi: 3", "3"), ("Cantidad total: 5", "5"),
        ("ВСЕГО ДЕТАЛЕЙ: 12", "12"), ("零件总数：16", "16"), ("部品総数: 21", "21"),
        ("Subtotal quantity: 5", None), ("Total weight: 16", None), ("Gesamtgewicht: 16", None), ("Total quantity: 1.5", None),
        ("Total sheets: 2", None),
    ],
)  # fmt: skip
def test_a_stated_total_is_known_in_each_language(text: str, total: str | None) -> None:
    found = re.search(_stated_total(), text)
    assert (found[1] if found else None) == total
