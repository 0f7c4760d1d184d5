"""The pages that an operator reads at night name only what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))
QUERIES = sorted((ROOT / "sql" / "monitoring").glob("*.sql"))


@pytest.mark.parametrize("page", [*PAGES, *QUERIES], ids=lambda path: path.name)
def test_every_query_and_page_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [name for name in re.findall(r"\b\d\d_\w+\.sql\b", text) if not (ROOT / "sql" / "monitoring" / name).is_file()]
    missing += [name for name in re.findall(r"docs/howto/[\w-]+\.md", text) if not (ROOT / name).is_file()]
    missing += [name for name in re.findall(r"\]\(([\w-]+\.md)\)", text) if not (page.parent / name).is_file()]
    assert missing == []


def test_every_page_is_in_the_list_of_troubles() -> None:
    listed = (ROOT / "docs" / "howto" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name})" not in listed] == []
